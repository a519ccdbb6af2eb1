// SPDX-License-Identifier: Apache-2.0
#include "agent/agent.h"

#include <doctest/doctest.h>

#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";

std::string config_file(std::string_view values, std::string_view mac = "000b82273b89") {
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<gs_provision version=\"1\"><mac>" +
           std::string(mac) + "</mac><config version=\"1\">" + std::string(values) +
           "</config></gs_provision>\n";
}

std::string sip_server(std::string_view name) {
    return config_file("<P47>" + std::string(name) + "</P47>");
}

PhoneOptions with_server(std::string url = server) {
    PhoneOptions options;
    options.settings = {{Setting::static_url, std::move(url)}, {Setting::trial_timeout, "20"}};
    return options;
}

std::string value_of(const Phone& phone, std::string_view key) {
    const Generation active = phone.active();
    const Item* item = active.find(key);
    return item ? item->value : "";
}

uint32_t mutating_steps_of(Site& site, Phone& phone) {
    const uint32_t before = site.disk.mutating_steps();
    phone.power_on();
    return site.disk.mutating_steps() - before;
}

const std::string own_file = server + "/cfg000b82273b89.xml";

}  // namespace

TEST_CASE("a new phone downloads its configuration, reboots, finds the same and rests") {
    Site site;
    site.web.put_body(own_file, sip_server("sip.example"));
    Phone phone(site, with_server());
    const Departure departure = phone.power_on();
    CHECK(departure.status == 0);
    CHECK(phone.reboots() == 1);
    CHECK(value_of(phone, "P47") == "sip.example");
    CHECK(phone.record().trial == TrialState::none);
    CHECK(count_entries(site, JournalKind::applied) == 1);
    CHECK(journal_has(site, JournalKind::plan_unchanged));
}

TEST_CASE("the files of the profile are asked for in its order, with its user agent") {
    Site site;
    site.web.put_body(server + "/cfg.xml", sip_server("sip.example"));
    Phone phone(site, with_server());
    phone.power_on();
    REQUIRE(site.web.requests().size() == 8);
    CHECK(site.web.requests()[0].url == server + "/cfg000b82273b89");
    CHECK(site.web.requests()[1].url == server + "/cfg000b82273b89.xml");
    CHECK(site.web.requests()[2].url == server + "/cfggxp1628.xml");
    CHECK(site.web.requests()[3].url == server + "/cfg.xml");
    CHECK(site.web.requests()[0].user_agent ==
          "Grandstream Model HW GXP1628 SW 1.0.2.7 DevId 000b82273b89");
}

TEST_CASE("the second power-on writes nothing but the journal and reboots no more") {
    Site site;
    site.web.put_body(own_file, sip_server("sip.example"));
    Phone phone(site, with_server());
    phone.power_on();
    CHECK(mutating_steps_of(site, phone) == 0);
    CHECK(phone.reboots() == 0);
}

TEST_CASE("other bytes with the same meaning write nothing") {
    Site site;
    site.web.put_body(own_file, sip_server("sip.example"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, config_file("\n\n<!-- moved --><P47>sip.example</P47>"));
    CHECK(mutating_steps_of(site, phone) == 0);
    CHECK(phone.reboots() == 0);
}

TEST_CASE("a second configuration is on trial until its server answers") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, sip_server("two"));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "two");
    CHECK(journal_has(site, JournalKind::trial_begins));
    CHECK(journal_has(site, JournalKind::trial_confirmed));
    CHECK(phone.record().trial == TrialState::none);
}

TEST_CASE("any answer of its server confirms a trial, a 404 too") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, sip_server("two"));
    const Departure departure = phone.power_on([&](sim::World&, uint32_t reboots) {
        if (reboots == 1) site.web.put(own_file, {.status = 404});
    });
    CHECK(departure.status == 0);
    CHECK(value_of(phone, "P47") == "two");
    CHECK(phone.record().trial == TrialState::none);
}

TEST_CASE("a configuration whose server stays silent makes way for its predecessor") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, sip_server("two"));
    const Departure departure =
        phone.power_on([&](sim::World&, uint32_t reboots) { site.web.set_down(reboots == 1); });
    CHECK(departure.status == 5);
    CHECK(value_of(phone, "P47") == "one");
    CHECK(phone.reboots() == 2);
    CHECK(phone.record().trial == TrialState::none);
    REQUIRE(phone.record().refused.size() == 1);
    CHECK(phone.record().refused[0].tries == 1);
}

TEST_CASE("when the predecessor reaches nothing either, the new configuration stays") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, sip_server("two"));
    const Departure departure =
        phone.power_on([&](sim::World&, uint32_t reboots) { site.web.set_down(reboots >= 1); });
    CHECK(departure.status == 4);
    CHECK(value_of(phone, "P47") == "two");
    CHECK(phone.record().trial == TrialState::none);
    CHECK(phone.reboots() == 2);
}

TEST_CASE("a plan that was rolled back is not applied again before its time") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, sip_server("two"));
    phone.power_on([&](sim::World&, uint32_t reboots) { site.web.set_down(reboots == 1); });
    site.web.set_down(false);
    CHECK(phone.power_on().status == 4);
    CHECK(journal_has(site, JournalKind::plan_was_rolled_back));
    CHECK(value_of(phone, "P47") == "one");
    site.clock_ms += 3'700'000;
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "two");
}

TEST_CASE("a server that offers something else each time costs two reboots and no more") {
    Site site;
    uint32_t version = 0;
    Phone phone(site, with_server());
    const Departure departure = phone.power_on([&](sim::World&, uint32_t) {
        site.web.put_body(own_file, sip_server("v" + std::to_string(++version)));
    });
    CHECK(departure.status == 0);
    CHECK(phone.reboots() == 2);
    CHECK(journal_has(site, JournalKind::plan_held_back));
}

TEST_CASE("keys that a document does not name keep their value") {
    Site site;
    site.web.put_body(own_file, config_file("<P47>one</P47><P35>201</P35>"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, config_file("<P47>two</P47>"));
    phone.power_on();
    CHECK(value_of(phone, "P47") == "two");
    CHECK(value_of(phone, "P35") == "201");
}

TEST_CASE("what an earlier file sets steers the later ones of the same plan") {
    Site site;
    // cfg<mac> carries user and password that cfg<mac>.xml needs.
    site.web.put_body(server + "/cfg000b82273b89",
                      config_file("<P1360>phone</P1360><P1361>secret</P1361>"));
    site.web.put(own_file, {.body = sip_server("inner"), .user = "phone", .password = "secret"});
    Phone phone(site, with_server());
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "inner");
    CHECK(count_entries(site, JournalKind::applied) == 1);
}

TEST_CASE("a server path that a file carries moves the files after it") {
    Site site;
    PhoneOptions options;
    options.file_settings = {{Setting::static_url, server}};
    site.web.put_body(server + "/cfg000b82273b89", config_file("<P237>10.0.0.9/other</P237>"));
    site.web.put_body("http://10.0.0.9/other/cfg000b82273b89.xml", sip_server("moved"));
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "moved");
}

TEST_CASE("a carried setting with a value it cannot take is remarked upon and left out") {
    Site site;
    site.web.put_body(own_file, config_file("<P47>one</P47><P212>9</P212>"));
    Phone phone(site, with_server());
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P212") == "9");
    CHECK(last_entry(site, JournalKind::file_warning).field("reason") ==
          "P212 has a value that static.protocol cannot take; it stays as it was");
}

TEST_CASE("hooks are told the keys that changed and no others") {
    Site site;
    site.web.put_body(own_file, config_file("<P47>one</P47><P35>201</P35>"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, config_file("<P47>two</P47><P35>201</P35>"));
    phone.power_on();
    REQUIRE(site.hook_lines.size() == 2);
    CHECK(site.hook_lines[0] == "P35=201\nP47=one\n");
    CHECK(site.hook_lines[1] == "P47=two\n");
}

TEST_CASE("a URL that names a file is asked for as that file only") {
    Site site;
    site.web.put_body("http://10.0.0.1/any.xml?token=1", sip_server("sip.example"));
    Phone phone(site, with_server("http://10.0.0.1/any.xml?token=1"));
    CHECK(phone.power_on().status == 0);
    CHECK(site.web.requests().size() == 2);
    for (const std::string& entry : site.journal)
        CHECK(entry.find("token") == std::string::npos);
}

TEST_CASE("a folder in which no file exists is asked for once as a file") {
    Site site;
    site.web.put_body(server, sip_server("sip.example"));
    Phone phone(site, with_server());
    CHECK(phone.power_on().status == 0);
    CHECK(site.web.requests()[4].url == server);
    CHECK(value_of(phone, "P47") == "sip.example");
}

TEST_CASE("without any URL the life ends with 3") {
    Site site;
    Phone phone(site, {});
    CHECK(phone.power_on().status == 3);
}

TEST_CASE("bad input: no file of the plan exists, and the life ends with 3") {
    Site site;
    site.web.put_body("http://10.0.0.1/other", "x");
    Phone phone(site, with_server());
    CHECK(phone.power_on().status == 3);
    CHECK(journal_has(site, JournalKind::plan_absent));
}

TEST_CASE("bad input: a server that refuses the connection is tried three times, then 4") {
    Site site;
    Phone phone(site, with_server());
    CHECK(phone.power_on().status == 4);
    CHECK(count_entries(site, JournalKind::request) == 3);
    CHECK(site.clock_ms < 45'000);
}

namespace {

// A bad answer meets a phone that has a configuration: nothing of it may change.
void check_refused(Answer answer, uint8_t status = 4) {
    Site site;
    site.web.put_body(own_file, sip_server("good"));
    Phone phone(site, with_server());
    phone.power_on();
    const uint32_t steps = site.disk.mutating_steps();
    const uint64_t begin_ms = site.clock_ms;
    site.web.put(own_file, std::move(answer));
    CHECK(phone.power_on().status == status);
    CHECK(site.clock_ms - begin_ms < 45'000);
    CHECK(site.disk.mutating_steps() == steps);
    CHECK(phone.reboots() == 0);
    CHECK(value_of(phone, "P47") == "good");
    CHECK(!last_entry(site, JournalKind::finished).field("reason").empty());
}

}  // namespace

TEST_CASE("bad input: a body that ends early changes nothing") {
    check_refused({.body = sip_server("bad"), .ends_after = 40});
}
TEST_CASE("bad input: a body that never ends changes nothing") {
    check_refused({.body = std::string(4096, ' '), .endless = true});
}
TEST_CASE("bad input: a body that stalls changes nothing") {
    check_refused({.body = sip_server("bad"), .stalls_after = 40});
}
TEST_CASE("bad input: a drip that outlives the life ends with 4 and names the URL") {
    Site site;
    site.web.put(server + "/cfg000b82273b89",
                 {.body = std::string(100'000, ' '), .piece_interval_ms = 900, .latency_ms = 1});
    Phone phone(site, with_server());
    CHECK(phone.power_on().status == 4);
    CHECK(site.clock_ms < 45'000);
    CHECK(last_entry(site, JournalKind::finished).field("reason").find(server) !=
          std::string_view::npos);
}
TEST_CASE("bad input: a server that stalls before its answer changes nothing") {
    check_refused({.stalls_before_head = true});
}
TEST_CASE("bad input: an HTML login page with status 200 changes nothing") {
    check_refused({.body = "<!DOCTYPE html><html><body>Please log in</body></html>"});
}
TEST_CASE("bad input: an empty body changes nothing") {
    check_refused({.body = ""});
}
TEST_CASE("bad input: a file bigger than the limit changes nothing") {
    check_refused({.body = config_file("<P47>" + std::string(300'000, 'x') + "</P47>")});
}
TEST_CASE("bad input: redirects for ever change nothing") {
    check_refused({.status = 302, .location = own_file});
}
TEST_CASE("bad input: a wrong password changes nothing") {
    check_refused({.body = sip_server("bad"), .user = "u", .password = "p"});
}
TEST_CASE("bad input: a file the server forbids changes nothing") {
    check_refused({.status = 403});
}
TEST_CASE("bad input: a server in trouble changes nothing") {
    check_refused({.status = 503});
}
TEST_CASE("bad input: a file for another phone changes nothing") {
    check_refused({.body = config_file("<P47>bad</P47>", "000b82000001")});
}
TEST_CASE("bad input: broken XML changes nothing") {
    check_refused({.body = "<gs_provision version=\"1\"><config version=\"1\"><P47>bad</config>"});
}
TEST_CASE("bad input: a file that is gone ends with 3 and changes nothing") {
    check_refused({.status = 404}, 3);
}

TEST_CASE("bad input: a settings file with a typo ends with 4 and asks nobody") {
    Site site;
    PhoneOptions options = with_server();
    options.settings_error = "settings:3: unknown setting 'static.ulr'";
    Phone phone(site, options);
    CHECK(phone.power_on().status == 4);
    CHECK(site.web.requests().empty());
    CHECK(journal_has(site, JournalKind::settings_refused));
}

TEST_CASE("bad input: a disk that is full keeps the old configuration") {
    Site site;
    site.web.put_body(own_file, sip_server("good"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, sip_server("next"));
    for (uint32_t step = 1; step <= 6; ++step) {
        site.disk.fail_from(step, "no space left on device");
        const Departure departure = phone.power_on();
        site.disk.fail_from(0, {});
        if (step <= 5) CHECK(departure.status == 4);
        // A sync of the record that fails leaves open which record counts; both are whole.
        if (step <= 4) CHECK(value_of(phone, "P47") == "good");
        if (step == 5) CHECK(!value_of(phone, "P47").empty());
    }
}

TEST_CASE("after a power cut at any durable step the old or the new configuration is whole") {
    for (uint32_t step = 0; step < 24; ++step) {
        Site site;
        site.web.put_body(own_file, sip_server("one"));
        Phone phone(site, with_server());
        phone.power_on();
        site.web.put_body(own_file, sip_server("two"));
        phone.power_on([&](sim::World& world, uint32_t reboots) {
            if (reboots == 0) world.plan_power_cut_after_steps(step);
        });
        const std::string left = value_of(phone, "P47");
        CHECK((left == "one" || left == "two"));
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "two");
    }
}

TEST_CASE("a record copy that is broken is recovered from the other") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, with_server());
    phone.power_on();
    for (uint8_t copy = 0; copy < 2; ++copy) {
        site.disk.edit(record_copy_name(copy))[10] ^= 0x40;
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "one");
    }
    CHECK(journal_has(site, JournalKind::state_recovered));
}

TEST_CASE("a generation that is broken makes way for its predecessor") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, with_server());
    phone.power_on();
    site.web.put_body(own_file, sip_server("two"));
    phone.power_on();
    site.disk.edit(generation_name(phone.record().active))[20] ^= 1;
    site.web.set_down(true);
    phone.power_on();
    CHECK(value_of(phone, "P47") == "one");
}

TEST_CASE("documents with weaker proof than what is installed change nothing") {
    Site site;
    const std::string secure = "https://10.0.0.1/gs";
    site.web.put(secure + "/cfg000b82273b89.xml",
                 {.body = sip_server("good"), .tls_verified = true});
    Phone phone(site, with_server(secure));
    REQUIRE(phone.power_on().status == 0);
    REQUIRE(phone.active().proof == Proof::tls);
    site.web.put_body(own_file, sip_server("bad"));
    Phone lured(site, with_server());
    CHECK(lured.power_on().status == 4);
    CHECK(value_of(lured, "P47") == "good");
    site.web.put_body(own_file, sip_server("good"));
    CHECK(lured.power_on().status == 0);
}

TEST_CASE("a clock in 1970 starts at the floor and is set by SNTP") {
    Site site;
    site.hardware_wall_s = 0;
    site.ntp_wall_s = 1'800'000'000;
    site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
    site.web.put_body(own_file, sip_server("one"));
    PhoneOptions options = with_server();
    options.settings.emplace_back(Setting::clock_sntp, "pool.example");
    Phone phone(site, options);
    std::optional<WallSeconds> set;
    CHECK(phone.power_on().status == 0);
    CHECK(journal_has(site, JournalKind::clock_floor));
    CHECK(journal_has(site, JournalKind::clock_set));
    CHECK(last_entry(site, JournalKind::finished).wall_s >= 1'800'000'000);
}

TEST_CASE("a time server that is before the floor is not believed") {
    Site site;
    site.hardware_wall_s = 0;
    site.ntp_wall_s = 1'600'000'000;
    site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
    site.web.put_body(own_file, sip_server("one"));
    PhoneOptions options = with_server();
    options.settings.emplace_back(Setting::clock_sntp, "pool.example");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(journal_has(site, JournalKind::clock_unset));
    CHECK(last_entry(site, JournalKind::finished).wall_s >= 1'700'000'000);
}

namespace {

PhoneOptions daemon(std::string url = server) {
    PhoneOptions options = with_server(std::move(url));
    options.once = false;
    options.settings.emplace_back(Setting::splay, "0");
    return options;
}

}  // namespace

TEST_CASE("an operator's setting survives what configurations say about the same key") {
    Site site;
    site.web.put_body(own_file, sip_server("file"));
    Phone phone(site, daemon());
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 0) return;
        world.plan_command(5'000, CommandKind::set, "P47=operator");
        world.plan_command(10'000, CommandKind::resync);
        world.plan_command(20'000, CommandKind::stop);
    });
    CHECK(value_of(phone, "P47") == "operator");
    const Generation active = phone.active();
    REQUIRE(active.find("P47", Origin::file) != nullptr);
    CHECK(active.find("P47", Origin::file)->value == "file");
    REQUIRE(phone.replies().size() == 3);
    CHECK(phone.replies()[0].ok);
}

TEST_CASE("an operator's wrong setting is refused with the nearest name") {
    Site site;
    Phone phone(site, daemon());
    phone.power_on([&](sim::World& world, uint32_t) {
        world.plan_command(5'000, CommandKind::set, "static.ulr=http://x/");
        world.plan_command(6'000, CommandKind::stop);
    });
    REQUIRE(phone.replies().size() == 2);
    CHECK(!phone.replies()[0].ok);
    CHECK(phone.replies()[0].text.find("static.url") != std::string::npos);
}

TEST_CASE("confirm ends a trial") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, daemon());
    phone.power_on([](sim::World& world, uint32_t reboots) {
        if (reboots == 1) world.plan_command(10'000, CommandKind::stop);
    });
    site.web.put_body(own_file, sip_server("two"));
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots != 1) return;
        site.web.set_down(true);
        world.plan_command(5'000, CommandKind::confirm);
        world.plan_command(9'000, CommandKind::stop);
    });
    CHECK(value_of(phone, "P47") == "two");
    CHECK(phone.record().trial == TrialState::none);
    CHECK(last_entry(site, JournalKind::trial_confirmed).field("by") == "an operator");
}

TEST_CASE("a factory reset leaves nothing but the journal's memory") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    Phone phone(site, daemon());
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 1) {
            site.web.remove(own_file);
            world.plan_command(5'000, CommandKind::factory_reset);
        }
        if (reboots == 2) world.plan_command(20'000, CommandKind::stop);
    });
    CHECK(phone.record().active == 0);
    for (const std::string& name : site.disk.names())
        CHECK(name.find("generation") == std::string::npos);
    CHECK(site.hook_lines.back() == "P47=\n");
}

TEST_CASE("a configured phone spreads its first request over the splay") {
    Site site;
    site.web.put_body(own_file, sip_server("one"));
    PhoneOptions options = daemon();
    options.settings.emplace_back(Setting::splay, "300");
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t reboots) {
        if (reboots == 1) world.plan_command(10'000, CommandKind::stop);
    });
    CHECK(!journal_has(site, JournalKind::splay));
    site.web.forget_requests();
    phone.power_on(
        [&](sim::World& world, uint32_t) { world.plan_command(400'000, CommandKind::stop); });
    CHECK(journal_has(site, JournalKind::splay));
    CHECK(site.web.requests().size() == 2);
}

TEST_CASE("an unprovisioned phone never gives up") {
    Site site;
    Phone phone(site, daemon());
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots > 0) {
            world.plan_command(5'000, CommandKind::stop);
            return;
        }
        world.plan_link(1'000, true);
        site.web.set_down(true);
        world.plan_command(3'600'000, CommandKind::stop);
    });
    CHECK(count_entries(site, JournalKind::request) > 10);
    CHECK(count_entries(site, JournalKind::request) < 200);
}
