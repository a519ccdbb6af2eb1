// SPDX-License-Identifier: Apache-2.0
//
// Whom the phone asks, in which order, and what it does with what they name: agent/pass/pass.cpp.
#include <doctest/doctest.h>

#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string by_dhcp = "http://10.0.0.7/dhcp";
const std::string by_settings = "http://10.0.0.1/gs";

std::string sip_server(std::string_view name) {
    return "<gs_provision version=\"1\"><config version=\"1\"><P47>" + std::string(name) +
           "</P47></config></gs_provision>\n";
}

std::string file_at(std::string_view folder) {
    return std::string(folder) + "/cfg000b82273b89.xml";
}

PhoneOptions asking(std::string order) {
    PhoneOptions options;
    options.settings = {{Setting::order, std::move(order)}, {Setting::splay, "0"}};
    return options;
}

std::string value_of(const Phone& phone, std::string_view key) {
    const Generation active = phone.active();
    const Item* item = active.find(key);
    return item ? item->value : "";
}

// A site whose DHCP server names a web server in option 66.
Site site_with_dhcp(std::string option_66 = by_dhcp) {
    Site site;
    site.dhcp.emplace_back();
    site.dhcp.back().put(66, std::move(option_66));
    site.web.put_body(file_at(by_dhcp), sip_server("by dhcp"));
    site.web.put_body(file_at(by_settings), sip_server("by settings"));
    return site;
}

}  // namespace

TEST_CASE("a phone that knows nothing takes its server from DHCP option 66") {
    Site site = site_with_dhcp();
    Phone phone(site, asking("dhcp,static"));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by dhcp");
    CHECK(phone.active().source.kind == SourceKind::dhcp);
    CHECK(last_entry(site, JournalKind::source_url).field("url") == by_dhcp);
}

TEST_CASE("the order of the settings decides between sources") {
    for (const char* order : {"dhcp,static", "static,dhcp"}) {
        Site site = site_with_dhcp();
        PhoneOptions options = asking(order);
        options.settings.emplace_back(Setting::static_url, by_settings);
        Phone phone(site, options);
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == (order[0] == 'd' ? "by dhcp" : "by settings"));
    }
}

TEST_CASE("a server that DHCP names and that has nothing does not end the chain") {
    Site site = site_with_dhcp("http://10.0.0.8/empty");
    PhoneOptions options = asking("dhcp,static");
    options.settings.emplace_back(Setting::static_url, by_settings);
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by settings");
}

TEST_CASE("bad input: a URL that cannot be asked for is told at once, and the chain goes on") {
    for (const char* url : {"ftp://10.0.0.8/gs%0d%0aDELE%20x/f.xml", "tftp://10.0.0.8/a%0ab.xml"}) {
        CAPTURE(url);
        Site site = site_with_dhcp(url);
        PhoneOptions options = asking("dhcp,static");
        options.settings.emplace_back(Setting::static_url, by_settings);
        Phone phone(site, options);
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "by settings");
        CHECK(last_entry(site, JournalKind::request_failed).field("reason").find("control") !=
              std::string_view::npos);
        CHECK(last_entry(site, JournalKind::applied).at_ms < 1'000);
    }
}

TEST_CASE("DHCP without a server says why, and the chain goes on") {
    Site site = site_with_dhcp();
    site.dhcp.clear();
    PhoneOptions options = asking("dhcp,static");
    options.settings.emplace_back(Setting::static_url, by_settings);
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by settings");
    const JournalEntry silent = last_entry(site, JournalKind::source_silent);
    CHECK(silent.field("source") == "dhcp");
    CHECK(!silent.field("reason").empty());
    CHECK(silent.field("next") == "the chain goes on");
}

TEST_CASE("with network.mode static nobody waits for DHCP, and nobody asks it") {
    Site site = site_with_dhcp();
    PhoneOptions options = asking("dhcp,static");
    options.settings.emplace_back(Setting::static_url, by_settings);
    options.settings.emplace_back(Setting::network_mode, "static");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by settings");
    CHECK(site.dhcp.front().requests().empty());
    CHECK(last_entry(site, JournalKind::source_silent).field("reason") == "network.mode is static");
}

TEST_CASE("what a lease says counts before what the agent would ask") {
    Site site = site_with_dhcp("http://10.0.0.9/inform");
    Phone phone(site, asking("dhcp"));
    const Departure end = phone.power_on([](sim::World& world, uint32_t) {
        world.plan_lease(1, LeaseNews::bound, {{66, by_dhcp}});
    });
    CHECK(end.status == 0);
    CHECK(value_of(phone, "P47") == "by dhcp");
}

TEST_CASE("a lease that names another server makes a resting phone ask again") {
    Site site = site_with_dhcp();
    site.dhcp.clear();
    PhoneOptions options = asking("dhcp");
    options.once = false;
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t reboots) {
        world.plan_lease(1, LeaseNews::bound, {{66, reboots < 2 ? by_dhcp : by_settings}});
        if (reboots != 1) return;
        world.plan_lease(100'000, LeaseNews::renewed, {{66, by_settings}});
        world.plan_command(300'000, CommandKind::stop);
    });
    CHECK(value_of(phone, "P47") == "by settings");
}

TEST_CASE("a renewed lease makes a resting phone ask again, unless dhcp.renew_check is off") {
    for (const char* wanted : {"1", "0"}) {
        Site site = site_with_dhcp();
        PhoneOptions options = asking("dhcp");
        options.once = false;
        options.settings.emplace_back(Setting::dhcp_renew_check, wanted);
        Phone phone(site, options);
        phone.power_on([](sim::World& world, uint32_t reboots) {
            world.plan_lease(1, LeaseNews::bound, {{66, by_dhcp}});
            if (reboots == 0) return;
            world.plan_lease(200'000, LeaseNews::renewed, {{66, by_dhcp}});
            world.plan_command(300'000, CommandKind::stop);
        });
        CHECK(journal_has(site, JournalKind::check_begins) == (wanted[0] == '1'));
    }
}

TEST_CASE("a phone that nobody answers asks for ever, ever more slowly") {
    Site site;
    PhoneOptions options = asking("dhcp,static");
    options.once = false;
    Phone phone(site, options);
    phone.power_on(
        [](sim::World& world, uint32_t) { world.plan_command(3'600'000, CommandKind::stop); });
    CHECK(count_entries(site, JournalKind::pass_begins) >= 12);
    CHECK(count_entries(site, JournalKind::pass_begins) <= 60);
}

TEST_CASE("a server that comes up later is found") {
    Site site;
    PhoneOptions options = asking("dhcp");
    options.once = false;
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t reboots) {
        if (reboots == 0) world.plan_lease(400'000, LeaseNews::bound, {{66, by_dhcp}});
        if (reboots == 1) world.plan_lease(1, LeaseNews::bound, {{66, by_dhcp}});
        world.plan_command(3'000'000, CommandKind::stop);
    });
    CHECK(value_of(phone, "P47").empty());
    site.web.put_body(file_at(by_dhcp), sip_server("by dhcp"));
    phone.power_on([](sim::World& world, uint32_t reboots) {
        world.plan_lease(reboots == 0 ? 400'000 : 1, LeaseNews::bound, {{66, by_dhcp}});
        world.plan_command(3'000'000, CommandKind::stop);
    });
    CHECK(value_of(phone, "P47") == "by dhcp");
}

// --- DHCP option 120
// ---------------------------------------------------------------------------------

namespace {

const std::string option_120 = std::string("\x01\x0a\x00\x00\x63", 5);  // 10.0.0.99

PhoneOptions with_sip_server() {
    PhoneOptions options = asking("dhcp");
    options.settings.emplace_back(Setting::dhcp_sip_server, "1");
    return options;
}

}  // namespace

TEST_CASE("DHCP option 120 replaces the SIP server of the file, when it is wanted") {
    for (const bool wanted : {true, false}) {
        Site site = site_with_dhcp();
        site.dhcp.front().put(120, option_120);
        Phone phone(site, wanted ? with_sip_server() : asking("dhcp"));
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == (wanted ? "10.0.0.99" : "by dhcp"));
    }
}

TEST_CASE("a SIP server by option 120 is applied once, not at every start") {
    Site site = site_with_dhcp();
    site.dhcp.front().put(120, option_120);
    Phone phone(site, with_sip_server());
    CHECK(phone.power_on().status == 0);
    CHECK(phone.reboots() == 1);
    site.journal.clear();
    CHECK(phone.power_on().status == 0);
    CHECK(phone.reboots() == 0);
    CHECK(!journal_has(site, JournalKind::applied));
    CHECK(value_of(phone, "P47") == "10.0.0.99");
}

TEST_CASE("when option 120 is gone the file's SIP server is back") {
    Site site = site_with_dhcp();
    site.dhcp.front().put(120, option_120);
    Phone phone(site, with_sip_server());
    CHECK(phone.power_on().status == 0);
    site.dhcp.front().remove(120);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by dhcp");
}

// --- trust
// -------------------------------------------------------------------------------------------

namespace {

Answer verified(std::string body) {
    Answer answer;
    answer.body = std::move(body);
    answer.tls_verified = true;
    return answer;
}

const std::string own_server = "https://pbx.example/gs";
const std::string forger = "https://forger.example/gs";

// A phone that holds a configuration from a verified server which DHCP named.
Site site_with_proof() {
    Site site;
    site.dhcp.emplace_back();
    site.dhcp.back().put(66, own_server);
    site.web.put(file_at(own_server), verified(sip_server("good")));
    return site;
}

}  // namespace

TEST_CASE(
    "a forged DHCP answer neither changes nor reboots a phone with a verified configuration") {
    for (const char* named : {"http://10.6.6.6/gs", "https://forger.example/gs"}) {
        Site site = site_with_proof();
        Phone phone(site, asking("dhcp"));
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "good");
        CHECK(phone.active().proof == Proof::tls);
        site.dhcp.front().put(66, named);
        site.web.put_body(file_at("http://10.6.6.6/gs"), sip_server("forged"));
        site.web.put(file_at(forger), verified(sip_server("forged")));
        CHECK(phone.power_on().status == 4);
        CHECK(phone.reboots() == 0);
        CHECK(value_of(phone, "P47") == "good");
        CHECK(last_entry(site, JournalKind::file_refused).field("reason").find("trust.pin") !=
              std::string_view::npos);
    }
}

TEST_CASE("the server of a verified configuration may change it, whoever names it") {
    Site site = site_with_proof();
    Phone phone(site, asking("dhcp"));
    CHECK(phone.power_on().status == 0);
    site.web.put(file_at(own_server), verified(sip_server("better")));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "better");
}

TEST_CASE("a forged option 120 does not change the SIP server of a verified configuration") {
    Site site = site_with_proof();
    Phone phone(site, with_sip_server());
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "good");
    site.dhcp.front().put(120, option_120);
    CHECK(phone.power_on().status == 0);
    CHECK(phone.reboots() == 0);
    CHECK(value_of(phone, "P47") == "good");
    CHECK(last_entry(site, JournalKind::source_remark).field("reason").find("option 120") !=
          std::string_view::npos);
}

// --- SIP plug and play
// -------------------------------------------------------------------------------

namespace {

constexpr Address pbx_address = {{10, 0, 0, 7}, 4};

Site site_with_pbx(std::string_view kind, std::string url = by_dhcp) {
    Site site;
    site.pbx.add(pbx_address, *find_pbx_kind(kind), url);
    site.web.put_body(file_at(by_dhcp), sip_server("by pnp"));
    return site;
}

}  // namespace

TEST_CASE("a phone that knows nothing takes its server from any SIP responder there is") {
    for (const PbxKind& kind : pbx_kinds()) {
        if (kind.notify.empty() || kind.notify_after_ms > 10'000) continue;
        if (kind.accepts == PbxKind::Accepts::nothing || kind.name == "other content") continue;
        Site site = site_with_pbx(kind.name, by_dhcp + "/");
        Phone phone(site, asking("pnp"));
        INFO(kind.name);
        const Departure end = phone.power_on();
        CHECK(end.status == 0);
        CHECK(value_of(phone, "P47") == "by pnp");
        CHECK(phone.active().source.kind == SourceKind::pnp);
    }
}

TEST_CASE("silence on SIP plug and play costs eleven and a half seconds, in which DHCP is asked") {
    Site site = site_with_dhcp();
    Phone phone(site, asking("pnp,dhcp"));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by dhcp");
    CHECK(site.pbx.subscribes().size() == 5);
    bool is_first = true;
    for (const std::string& line : site.journal) {
        const auto entry = decode_journal_line(std::string_view(line).substr(0, line.size() - 1));
        REQUIRE(entry);
        if (entry->kind != JournalKind::source_url || !std::exchange(is_first, false)) continue;
        CHECK(entry->at_ms >= 11'500);
        CHECK(entry->at_ms < 11'520);
    }
    CHECK(!is_first);
}

TEST_CASE("a provisioned phone leaves the SIP port to its SIP stack") {
    Site site = site_with_pbx("Connect");
    Phone phone(site, asking("pnp"));
    CHECK(phone.power_on().status == 0);
    CHECK(site.pbx.subscribes().front().find(":5060;branch=") != std::string::npos);
    site.taken_ports = {5060};
    CHECK(phone.power_on().status == 0);
    CHECK(site.pbx.subscribes().back().find("10.0.0.2:5060") == std::string::npos);
    CHECK(count_entries(site, JournalKind::applied) == 1);
}

TEST_CASE("a phone that an administrator assigns an hour later is provisioned then") {
    Site site;
    PbxKind by_hand = *find_pbx_kind("Connect");
    by_hand.notify_after_ms = 3'600'000;
    site.pbx.add(pbx_address, by_hand, by_dhcp + "/");
    site.web.put_body(file_at(by_dhcp), sip_server("by pnp"));
    PhoneOptions options = asking("pnp,dhcp,static");
    options.once = false;
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t reboots) {
        if (reboots > 0) world.plan_command(60'000, CommandKind::stop);
    });
    CHECK(phone.reboots() == 1);
    CHECK(value_of(phone, "P47") == "by pnp");
}

TEST_CASE("bad input: a server that names itself in vain ends no search and no listening") {
    Site site;
    PbxKind by_hand = *find_pbx_kind("Connect");
    by_hand.notify_after_ms = 600'000;
    site.pbx.add(pbx_address, by_hand, by_dhcp + "/");
    site.web.put_body(file_at(by_dhcp), sip_server("by pnp"));
    PhoneOptions options = asking("pnp");
    options.once = false;
    Phone phone(site, options);
    uint64_t asked = 0;
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        asked = site.pbx.subscribes().size();
        world.plan_command(reboots == 0 ? 60'000 : 120'000,
                           reboots == 0 ? CommandKind::notify : CommandKind::stop,
                           "NOTIFY sip:1@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9\r\n"
                           "Event: ua-profile\r\nContent-Type: application/url\r\n"
                           "Content-Length: 21\r\n\r\nhttp://10.0.0.7/none/");
    });
    CHECK(value_of(phone, "P47") == "by pnp");
    CHECK(asked > 1);
}

TEST_CASE("the SIP port that another program has is left to it") {
    Site site = site_with_pbx("Connect");
    site.taken_ports = {5060};
    Phone phone(site, asking("pnp"));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by pnp");
}

TEST_CASE("SIP plug and play over TCP, to a server by name") {
    Site site = site_with_pbx("Connect");
    site.names["pbx.example"] = {pbx_address};
    PhoneOptions options = asking("pnp");
    options.settings.emplace_back(Setting::pnp_transport, "tcp");
    options.settings.emplace_back(Setting::pnp_server, "pbx.example");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "by pnp");
    CHECK(site.pbx.subscribes().front().find("SIP/2.0/TCP") != std::string::npos);
}

TEST_CASE("pnp.interval asks SIP plug and play again, and nobody else") {
    Site site = site_with_pbx("Connect");
    PhoneOptions options = asking("pnp,static");
    options.once = false;
    options.settings.emplace_back(Setting::pnp_interval, "2");
    options.settings.emplace_back(Setting::static_url, by_settings);
    Phone phone(site, options);
    uint64_t asked_before = 0;
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 0) return;
        asked_before = site.pbx.subscribes().size();
        world.plan_command(5 * 3'600'000, CommandKind::stop);
    });
    CHECK(site.pbx.subscribes().size() == asked_before + 2);
    for (const StartTransfer& request : site.web.requests())
        CHECK(request.url.find("10.0.0.1") == std::string::npos);
}

TEST_CASE("a forged NOTIFY neither changes nor reboots a phone with a verified configuration") {
    for (const char* named : {"http://10.6.6.6/gs/", "https://forger.example/gs/"}) {
        Site site;
        site.web.put(file_at(own_server), verified(sip_server("good")));
        PhoneOptions options = asking("static");
        options.settings.emplace_back(Setting::static_url, own_server);
        Phone first(site, options);
        CHECK(first.power_on().status == 0);
        CHECK(first.active().proof == Proof::tls);
        site.pbx.add({{10, 6, 6, 6}, 4}, *find_pbx_kind("Connect"), named);
        site.web.put_body(file_at("http://10.6.6.6/gs"), sip_server("forged"));
        site.web.put(file_at(forger), verified(sip_server("forged")));
        Phone second(site, asking("pnp,static"));
        CHECK(second.power_on().status == 4);
        CHECK(second.reboots() == 0);
        CHECK(value_of(second, "P47") == "good");
        CHECK(last_entry(site, JournalKind::file_refused).field("reason").find("trust.pin") !=
              std::string_view::npos);
    }
}

TEST_CASE("a server that is named while a trial runs does not decide it") {
    Site site;
    site.web.put_body(file_at(by_settings), sip_server("one"));
    PhoneOptions options = asking("static");
    options.settings.emplace_back(Setting::static_url, by_settings);
    options.settings.emplace_back(Setting::trial_timeout, "600");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    site.web.put_body(file_at(by_settings), sip_server("two"));
    options.once = false;
    Phone daemon(site, options);
    daemon.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots != 1) return;  // the trial, whose server is gone
        site.web.remove(file_at(by_settings));
        site.web.put_body(file_at(by_dhcp), sip_server("three"));
        world.plan_command(400'000, CommandKind::notify,
                           "NOTIFY sip:1@10.0.0.2 SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9\r\n"
                           "Event: ua-profile\r\nContent-Type: application/url\r\n"
                           "Content-Length: 21\r\n\r\nhttp://10.0.0.7/dhcp/");
        world.plan_command(450'000, CommandKind::stop);
    });
    CHECK(daemon.record().trial == TrialState::trying);
}
