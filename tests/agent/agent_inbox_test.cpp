// SPDX-License-Identifier: Apache-2.0
//
// What makes a phone that is up ask again: agent/agent_inbox.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "agent/limits.h"
#include "sim/lab/swarm/openssl_enc.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";
const std::string own_file = server + "/cfg000b82273b89.xml";

std::string sip_server(std::string_view name) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(name) +
           "</P47></config></gs_provision>\n";
}

// A phone with a configuration, some seconds after a start that found nothing new.
struct Resting {
    Site site = {};
    PhoneOptions options = {};
    std::unique_ptr<Phone> phone = {};

    explicit Resting(std::vector<std::pair<Setting, std::string>> settings = {}) {
        site.web.put_body(own_file, sip_server("one"));
        options.settings = {{Setting::static_url, server}, {Setting::order, "static"}};
        phone = std::make_unique<Phone>(site, options);
        phone->power_on();
        site.journal.clear();
        options.once = false;
        options.settings.emplace_back(Setting::splay, "0");
        for (auto& setting : settings)
            options.settings.push_back(std::move(setting));
        phone = std::make_unique<Phone>(site, options);
    }

    uint32_t passes() const { return count_entries(site, JournalKind::plan_unchanged); }
};

constexpr uint64_t hour_ms = 3'600'000;

}  // namespace

TEST_CASE("a link that comes back makes a resting phone ask again") {
    Resting resting;
    resting.phone->power_on([](sim::World& world, uint32_t) {
        world.plan_link(100'000, false);
        world.plan_link(110'000, true);
        world.plan_command(200'000, CommandKind::stop);
    });
    CHECK(resting.passes() == 2);
    CHECK(last_entry(resting.site, JournalKind::check_begins).field("from") ==
          "the network, which is back");
}

TEST_CASE("another address makes a resting phone ask again") {
    Resting resting;
    resting.phone->power_on([](sim::World& world, uint32_t) {
        world.plan_address(100'000, {{10, 0, 0, 3}, 4});
        world.plan_command(200'000, CommandKind::stop);
    });
    CHECK(resting.passes() == 2);
    CHECK(last_entry(resting.site, JournalKind::link_up).field("address") == "10.0.0.3");
}

TEST_CASE("a switch that restarts does not bring all its phones at once") {
    uint64_t first_ms = hour_ms;
    uint64_t last_ms = 0;
    for (uint32_t number = 0; number < 20; ++number) {
        Resting resting({{Setting::splay, "300"}});
        resting.site.entropy = 1000 + number;
        resting.phone->power_on([](sim::World& world, uint32_t) {
            world.plan_link(hour_ms, false);
            world.plan_link(hour_ms + 1'000, true);
            world.plan_command(2 * hour_ms, CommandKind::stop);
        });
        REQUIRE(resting.passes() == 2);
        const uint64_t at_ms =
            last_entry(resting.site, JournalKind::check_begins).at_ms - hour_ms - 1'000;
        first_ms = std::min(first_ms, at_ms);
        last_ms = std::max(last_ms, at_ms);
    }
    CHECK(first_ms < 60'000);
    CHECK(last_ms > 240'000);
    CHECK(last_ms < 300'000);
}

TEST_CASE("bad input: a link that flaps costs one check a minute") {
    Resting resting;
    resting.phone->power_on([](sim::World& world, uint32_t) {
        for (uint64_t i = 0; i < 100; ++i) {
            world.plan_link(600'000 + i * 1'000, false);
            world.plan_link(600'500 + i * 1'000, true);
        }
        world.plan_command(hour_ms, CommandKind::stop);
    });
    CHECK(resting.passes() <= 4);
    CHECK(resting.passes() >= 3);
}

TEST_CASE("the address a link comes up with before the first pass starts no second one") {
    Resting resting;
    resting.site.link_up = false;
    resting.phone->power_on([](sim::World& world, uint32_t) {
        world.plan_link(5'000, true);
        world.plan_command(200'000, CommandKind::stop);
    });
    CHECK(resting.passes() == 1);
    CHECK(!journal_has(resting.site, JournalKind::check_begins));
}

// --- NOTIFY, handed in by the phone's SIP stack
// --------------------------------------------------------

namespace {

std::string notify(std::string_view event, std::string_view body = "",
                   std::string_view type = "application/url") {
    std::string text =
        "NOTIFY sip:1001@10.0.0.2:5060 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 10.0.0.1:5060;branch=z9hG4bK1\r\n"
        "From: <sip:1001@10.0.0.1>;tag=1\r\n"
        "To: <sip:1001@10.0.0.2>\r\n"
        "Call-ID: 1@10.0.0.1\r\n"
        "CSeq: 1 NOTIFY\r\n";
    text += "Event: " + std::string(event) + "\r\n";
    if (!body.empty()) text += "Content-Type: " + std::string(type) + "\r\n";
    text += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    return text + std::string(body);
}

}  // namespace

TEST_CASE("a NOTIFY check-sync or resync makes the phone ask its sources, without a reboot") {
    for (const char* event : {"check-sync", "check-sync;reboot=false", "resync"}) {
        Resting resting;
        resting.phone->power_on([event](sim::World& world, uint32_t) {
            world.plan_command(400'000, CommandKind::notify, notify(event));
            world.plan_command(500'000, CommandKind::stop);
        });
        CHECK(resting.passes() == 2);
        CHECK(resting.phone->replies()[0].ok);
        CHECK(!journal_has(resting.site, JournalKind::reboot));
    }
}

TEST_CASE("a NOTIFY check-sync;reboot=true starts the phone afresh") {
    Resting resting;
    uint32_t lives = 0;
    resting.phone->power_on([&lives](sim::World& world, uint32_t reboots) {
        CHECK(reboots == 0);  // it counts as power-on
        if (lives++ == 0)
            world.plan_command(400'000, CommandKind::notify, notify("check-sync;reboot=true"));
        else
            world.plan_command(100'000, CommandKind::stop);
    });
    CHECK(lives == 2);
    CHECK(last_entry(resting.site, JournalKind::boot).field("cause") == "power-on");
}

TEST_CASE("bad input: a server that asks for a reboot at each start keeps no phone from working") {
    Resting resting;
    uint32_t lives = 0;
    resting.phone->power_on([&lives](sim::World& world, uint32_t) {
        ++lives;
        for (uint64_t at_s = 2; at_s < 290; at_s += 10)
            world.plan_command(at_s * 1'000, CommandKind::notify, notify("check-sync;reboot=true"));
        world.plan_command(295'000, CommandKind::stop);
    });
    CHECK(lives == 1);
    CHECK(resting.passes() <= 6);
}

TEST_CASE("bad input: a server gets six reboots from a power-on on, and one more for four hours") {
    Resting resting;
    uint32_t lives = 0;
    resting.phone->power_on([&lives](sim::World& world, uint32_t) {
        if (++lives <= 7) {
            for (uint64_t at_s = 310; at_s < 18'000; at_s += 90)
                world.plan_command(at_s * 1'000, CommandKind::notify,
                                   notify("check-sync;reboot=true"));
        }
        world.plan_command(18'000'000, CommandKind::stop);
    });
    CHECK(lives == 8);
    CHECK(last_entry(resting.site, JournalKind::reboot).at_ms >= 4 * 3'600'000);
    CHECK(resting.phone->record().notify_reboots == NotifyReboots{.left = 0});
    // A person who takes the power away gives them back.
    lives = 0;
    resting.phone->power_on([&lives](sim::World& world, uint32_t) {
        if (++lives == 1)
            world.plan_command(400'000, CommandKind::notify, notify("check-sync;reboot=true"));
        world.plan_command(500'000, CommandKind::stop);
    });
    CHECK(lives == 2);
    CHECK(resting.phone->record().notify_reboots.left == limits::notify_reboots - 1);
}

TEST_CASE("bad input: a reboot that the disk does not note does not happen") {
    Resting resting;
    uint32_t lives = 0;
    resting.phone->power_on([&](sim::World& world, uint32_t) {
        ++lives;
        resting.site.disk.fail_from(1, "no space left on device");
        world.plan_command(400'000, CommandKind::notify, notify("check-sync;reboot=true"));
        world.plan_command(5'000'000, CommandKind::stop);
    });
    CHECK(lives == 1);
    CHECK(resting.passes() == 2);
}

TEST_CASE("a NOTIFY with a URL makes the phone take its configuration from there") {
    Resting resting;
    resting.site.web.put_body("http://10.0.0.5/new/cfg000b82273b89.xml", sip_server("two"));
    resting.phone->power_on([](sim::World& world, uint32_t reboots) {
        if (reboots == 0)
            world.plan_command(400'000, CommandKind::notify,
                               notify("ua-profile", "http://10.0.0.5/new/"));
        else
            world.plan_command(100'000, CommandKind::stop);
    });
    const Generation active = resting.phone->active();
    REQUIRE(active.find("P47") != nullptr);
    CHECK(active.find("P47")->value == "two");
    CHECK(active.source.url == "http://10.0.0.5/new/");
}

TEST_CASE("a NOTIFY that comes while the phone asks waits until it rests") {
    Resting resting;
    resting.site.web.put(own_file, {.body = sip_server("one"), .latency_ms = 4'000});
    resting.phone->power_on([](sim::World& world, uint32_t) {
        world.plan_command(100, CommandKind::notify, notify("check-sync"));
        world.plan_command(300'000, CommandKind::stop);
    });
    CHECK(resting.passes() == 2);
}

TEST_CASE("bad input: a storm of NOTIFYs costs one check a minute") {
    Resting resting;
    resting.phone->power_on([](sim::World& world, uint32_t) {
        for (uint64_t i = 0; i < 3'000; ++i)
            world.plan_command(600'000 + i * 100, CommandKind::notify, notify("check-sync"));
        world.plan_command(hour_ms, CommandKind::stop);
    });
    CHECK(resting.passes() >= 5);
    CHECK(resting.passes() <= 8);
}

TEST_CASE("bad input: NOTIFYs get twelve checks from a start on, and one more each ten minutes") {
    for (const char* event : {"check-sync", "resync", "ua-profile"}) {
        CAPTURE(event);
        const bool names = std::string_view(event) == "ua-profile";
        Resting resting;
        const uint64_t back_ms = uint64_t{limits::notify_check_back_s} * 1'000;
        const uint64_t long_ms = 10 * hour_ms;
        resting.phone->power_on([=](sim::World& world, uint32_t) {
            for (uint64_t at_ms = 10'000; at_ms < long_ms; at_ms += 10'000)
                world.plan_command(at_ms, CommandKind::notify, notify(event, names ? server : ""));
            world.plan_command(long_ms, CommandKind::stop);
        });
        // One of its own, at the start.
        CHECK(resting.passes() >= 1 + limits::notify_checks + long_ms / back_ms - 1);
        CHECK(resting.passes() <= 1 + limits::notify_checks + long_ms / back_ms);
        const auto left_out = std::ranges::find_if(resting.phone->replies(), [](const auto& one) {
            return !one.ok && one.text.find("12 checks already") != std::string::npos;
        });
        REQUIRE(left_out != resting.phone->replies().end());
        CHECK(left_out->text.starts_with("it is left out, as NOTIFYs have asked for 12 checks"));
        CHECK(count_entries(resting.site, JournalKind::notified) <=
              limits::outsider_lines * (long_ms / hour_ms + 1));
    }
}

TEST_CASE("a NOTIFY that asks for one check too many is told so, and an operator gets his") {
    Resting resting;
    resting.phone->power_on([](sim::World& world, uint32_t) {
        for (uint64_t number = 0; number <= 30; ++number)
            world.plan_command(hour_ms + number * 61'000, CommandKind::notify, notify("resync"));
        world.plan_command(2 * hour_ms, CommandKind::resync);
        world.plan_command(2 * hour_ms + 60'000, CommandKind::stop);
    });
    // Half an hour has given three back.
    CHECK(resting.passes() == 1 + limits::notify_checks + 3 + 1);
    const auto& replies = resting.phone->replies();
    REQUIRE(replies.size() == 33);
    CHECK(replies[11].ok);
    CHECK(!replies[14].ok);
    CHECK(replies[14].text ==
          "it is left out, as NOTIFYs have asked for 12 checks already; the next one may come in "
          "346 s");
    CHECK(replies[31].text == "asking now");
}

TEST_CASE("somebody waits for a phone without a configuration: its checks are not counted") {
    Site site;
    PhoneOptions options;
    options.once = false;
    options.settings = {{Setting::static_url, server}, {Setting::order, "static"}};
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t) {
        for (uint64_t number = 0; number < 100; ++number)
            world.plan_command(10'000 + number * 10'000, CommandKind::notify, notify("check-sync"));
        world.plan_command(hour_ms, CommandKind::stop);
    });
    for (const auto& reply : phone.replies())
        CHECK(reply.ok);
}

TEST_CASE("bad input: a NOTIFY that asks for nothing the agent does is refused with words") {
    for (const std::string& message :
         {notify("presence"), notify("ua-profile"), std::string("NOTIFY"), std::string(),
          notify("ua-profile", "<html>", "text/html")}) {
        Resting resting;
        resting.phone->power_on([&message](sim::World& world, uint32_t) {
            world.plan_command(400'000, CommandKind::notify, message);
            world.plan_command(500'000, CommandKind::stop);
        });
        CHECK(resting.passes() == 1);
        CHECK(!resting.phone->replies()[0].ok);
        CHECK(!resting.phone->replies()[0].text.empty());
    }
}

// --- files that no key opens
// ------------------------------------------------------------------------

namespace {

// A resting phone whose file is encrypted, and altered on its way at times; NOTIFYs come every half
// minute.
class OnTheWay : public FaultInjector {
  public:
    explicit OnTheWay(std::function<bool(uint64_t at_s)> alters) : alters_(std::move(alters)) {
        resting_.site.fault_injector = this;
    }

    void alter_transfer(const StartTransfer& request, Web::Outcome& outcome) override {
        if (request.url != own_file) return;
        const uint64_t at_s = (resting_.site.clock_ms - resting_.site.power_on_ms) / 1'000;
        outcome.answer.body = openssl_enc(alters_(at_s) ? "other" : "hush", sip_server("one"));
    }
    void live(uint64_t until_s, uint64_t resync_at_s = 0) {
        resting_.phone->power_on([=](sim::World& world, uint32_t) {
            for (uint64_t at_s = 30; at_s < until_s; at_s += 30)
                world.plan_command(at_s * 1'000, CommandKind::notify, notify("check-sync"));
            if (resync_at_s != 0) world.plan_command(resync_at_s * 1'000, CommandKind::resync);
            world.plan_command(until_s * 1'000, CommandKind::stop);
        });
        for (const std::string& line : resting_.site.journal) {
            const auto entry =
                decode_journal_line(std::string_view(line).substr(0, line.size() - 1));
            REQUIRE(entry);
            if (entry->kind == JournalKind::file_unopened) unopened.push_back(*entry);
            if (entry->kind == JournalKind::pass_begins) passes_s.push_back(entry->at_ms / 1'000);
        }
    }

    std::vector<JournalEntry> unopened = {};
    std::vector<uint64_t> passes_s = {};

  private:
    std::function<bool(uint64_t at_s)> alters_;
    Resting resting_{{{Setting::config_password, "hush"}}};
};

}  // namespace

TEST_CASE(
    "bad input: each file in a row that no key opens doubles the gap between unasked checks") {
    OnTheWay way([](uint64_t) { return true; });
    way.live(86'400);
    REQUIRE(way.unopened.size() == way.passes_s.size());
    // At power-on, after 2, 4, 8, 16 and 32 minutes, and once an hour.
    CHECK(way.unopened.size() >= 26);
    CHECK(way.unopened.size() <= 29);
    for (uint32_t number = 0; number < way.unopened.size(); ++number) {
        const uint64_t gap_s = std::min<uint64_t>(60U << std::min(number + 1, 6U), 3'600);
        CHECK(way.unopened[number].field("times") == std::to_string(number + 1));
        CHECK(way.unopened[number].field("next") ==
              "checks that no operator asks for are " + std::to_string(gap_s) + " s apart now");
        if (number + 1 == way.passes_s.size()) break;
        const uint64_t waited_s = way.passes_s[number + 1] - way.passes_s[number];
        CHECK(waited_s >= gap_s);
        CHECK(waited_s <= gap_s + 31);
    }
    CHECK(journal_sentence(way.unopened[3]) ==
          "An encrypted file could not be opened, 4 in a row: it has another password, or somebody "
          "may be altering the file on its way; checks that no operator asks for are 960 s apart "
          "now.");
}

TEST_CASE("a file that opens takes the gap between unasked checks back to a minute") {
    OnTheWay way([](uint64_t at_s) { return at_s < 1'000 || at_s >= 2'200; });
    way.live(3'000);
    REQUIRE(way.unopened.size() == 7);
    CHECK(way.unopened[3].field("times") == "4");
    CHECK(way.unopened[4].field("times") == "1");
    const auto opened =
        std::ranges::find_if(way.passes_s, [](uint64_t at_s) { return at_s > 1'000; });
    REQUIRE(way.passes_s.end() - opened > 3);
    CHECK(*opened >= 1'800);
    CHECK(*(opened + 1) - *opened <= 91);
    CHECK(*(opened + 2) - *(opened + 1) <= 91);
}

TEST_CASE("an operator's resync is served at once, and takes the gap back with it") {
    OnTheWay way([](uint64_t) { return true; });
    way.live(2'000, 1'200);
    REQUIRE(way.unopened.size() >= 6);
    CHECK(way.unopened[3].field("times") == "4");
    CHECK(way.passes_s[4] == 1'200);
    CHECK(way.unopened[4].field("times") == "1");
    CHECK(way.passes_s[5] - way.passes_s[4] <= 151);
}

TEST_CASE("a phone without a configuration takes an assignment after a file that no key opens") {
    Site site;
    site.web.put_body(own_file, openssl_enc("other", sip_server("one")));
    site.web.put_body("http://10.0.0.5/new/cfg000b82273b89.xml",
                      openssl_enc("hush", sip_server("two")));
    PhoneOptions options;
    options.once = false;
    options.settings = {{Setting::static_url, server},
                        {Setting::order, "static"},
                        {Setting::config_password, "hush"}};
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t reboots) {
        if (reboots == 0)
            world.plan_command(900'000, CommandKind::notify,
                               notify("ua-profile", "http://10.0.0.5/new/"));
        else
            world.plan_command(100'000, CommandKind::stop);
    });
    CHECK(!journal_has(site, JournalKind::file_unopened));
    REQUIRE(phone.active().find("P47") != nullptr);
    CHECK(phone.active().find("P47")->value == "two");
    CHECK(last_entry(site, JournalKind::applied).at_ms < 1'230'000);
}
