// SPDX-License-Identifier: Apache-2.0
//
// Phones whose ACS DHCP names: when they speak to it, and what such a one may have.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/cwmp/soap.h"
#include "agent/limits.h"
#include "sim/world/phone.h"
#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/trust_phone.h"

using namespace dialtone;
using namespace dialtone::sim;
using namespace dialtone::test;

namespace {

const std::string named_acs = "http://acs.example/cwmp";
const std::string other_acs = "http://other.example/cwmp";
const std::string own_folder = "https://pbx.example/gs";

std::string sub_option(uint8_t code, std::string_view value) {
    std::string text = {static_cast<char>(code), static_cast<char>(value.size())};
    return text.append(value);
}

// What ACSs have been sent, each message by its method; an empty one is "-".
struct Acss {
    Site& site;
    std::vector<std::string> heard = {};
    std::string call = {};       // that an ACS makes once, when it has its turn
    std::string last_auth = {};  // how the phone would answer a challenge

    void serve(const std::string& url, bool by_tls = false) {
        site.web.serve(url, [this, url, by_tls](const StartTransfer& post) {
            Answer answer = answer_of(url, post);
            answer.tls_verified = by_tls;
            return answer;
        });
    }
    Answer answer_of(const std::string& url, const StartTransfer& post) {
        const auto& bytes = post.body.bytes;
        const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        const bool informs = message && message->method() == "Inform";
        heard.push_back(url + " " + (message ? std::string(message->method()) : "-"));
        last_auth = post.auth == AuthPolicy::digest_only ? "digest" : "whole";
        if (informs) return {.body = inform_response(*message->id)};
        if (call.empty()) return {.status = 204};
        return {.body = std::exchange(call, {})};
    }
};

using Heard = std::vector<std::string>;

PhoneOptions managed(std::vector<std::pair<Setting, std::string>> more = {}) {
    PhoneOptions options = options_with({{Setting::order, "dhcp"},
                                         {Setting::tr069_periodic_enable, "0"},
                                         {Setting::dhcp_inform, "0"}});
    options.once = false;
    for (auto& one : more) {
        std::erase_if(options.settings, [&](const auto& old) { return old.first == one.first; });
        options.settings.push_back(std::move(one));
    }
    return options;
}

// For `for_s`, with this option 43 in its lease from its first second on.
void live(Site& site, PhoneOptions options, std::string option_43, uint64_t for_s = 60) {
    Phone phone(site, std::move(options));
    phone.power_on([&](sim::World& world, uint32_t) {
        if (!option_43.empty()) world.plan_lease(500, LeaseNews::bound, {{43, option_43}});
        world.plan_command(for_s * 1000, CommandKind::stop);
    });
}

}  // namespace

TEST_CASE("a lease names an ACS, and the phone reports there") {
    Site site;
    Acss acss{site};
    acss.serve(named_acs);
    live(site, managed(), sub_option(1, named_acs));
    CHECK(acss.heard == Heard{named_acs + " Inform", named_acs + " -"});
    const JournalEntry inform = last_entry(site, JournalKind::acs_inform);
    CHECK(inform.field("events") == "0 BOOTSTRAP, 1 BOOT");
    CHECK(inform.field("server") == "option 43 of the lease");
}

TEST_CASE("an answer to the agent's own question names an ACS, also behind SIP plug and play") {
    Site site;
    site.pbx.add({{10, 0, 0, 30}, 4}, *find_pbx_kind("Connect"), "http://10.0.0.30/gs");
    site.web.put_body(own_file_at("http://10.0.0.30/gs"), p47("by PnP"));
    site.dhcp.emplace_back();
    site.dhcp.back().put(43, sub_option(1, named_acs));
    Acss acss{site};
    acss.serve(named_acs);
    live(site, managed({{Setting::order, "pnp,dhcp"}, {Setting::dhcp_inform, "1"}}), {});
    CHECK(last_entry(site, JournalKind::acs_inform)
              .field("server")
              .ends_with("'s answer to DHCPINFORM"));
    CHECK(acss.heard.size() >= 2);
}

TEST_CASE("an ACS of the configuration is spoken to whatever DHCP names") {
    Site site;
    Acss acss{site};
    acss.serve(named_acs);
    acss.serve(other_acs);
    live(site, managed({{Setting::tr069_acs_url, other_acs}}), sub_option(1, named_acs));
    CHECK(acss.heard == Heard{other_acs + " Inform", other_acs + " -"});
}

TEST_CASE("with tr069.dhcp off sub-option 1 names a server of files") {
    Site site;
    Acss acss{site};
    acss.serve(named_acs);
    live(site, managed({{Setting::tr069_dhcp, "0"}}), sub_option(1, named_acs));
    CHECK(!journal_has(site, JournalKind::acs_inform));
    CHECK(last_entry(site, JournalKind::source_url).field("url") == named_acs);
}

TEST_CASE("sub-option 1 names no server of files, and a text in option 43 names no ACS") {
    Site site;
    Acss acss{site};
    acss.serve(named_acs);
    live(site, managed(), sub_option(1, named_acs));
    CHECK(!journal_has(site, JournalKind::source_url));
    Site raw;
    live(raw, managed(), "http://10.0.0.7/gs");
    CHECK(!journal_has(raw, JournalKind::acs_inform));
    CHECK(last_entry(raw, JournalKind::source_url).field("url") == "http://10.0.0.7/gs");
}

TEST_CASE("a lease that names another ACS has the phone report there as a new one") {
    Site site;
    Acss acss{site};
    acss.serve(named_acs);
    acss.serve(other_acs);
    Phone phone(site, managed());
    phone.power_on([&](sim::World& world, uint32_t) {
        world.plan_lease(500, LeaseNews::bound, {{43, sub_option(1, named_acs)}});
        world.plan_lease(30'000, LeaseNews::renewed, {{43, sub_option(1, other_acs)}});
        world.plan_command(60'000, CommandKind::stop);
    });
    CHECK(acss.heard ==
          Heard{named_acs + " Inform", named_acs + " -", other_acs + " Inform", other_acs + " -"});
    CHECK(last_entry(site, JournalKind::acs_inform).field("events") == "0 BOOTSTRAP");
}

TEST_CASE("the waits that DHCP names beside an ACS count for it") {
    Site site;
    live(site, managed(), sub_option(1, named_acs) + sub_option(3, "100") + sub_option(4, "1000"),
         130);
    const JournalEntry failed = last_entry(site, JournalKind::acs_failed);
    CHECK(failed.field("wait_s") == "100");
    CHECK(count_entries(site, JournalKind::acs_failed) == 2);
}

TEST_CASE("where the ACS that DHCP named fails again and again, DHCP is asked for another one") {
    Site site;
    site.dhcp.emplace_back();
    site.dhcp.back().put(43, sub_option(1, named_acs));
    Acss acss{site};
    acss.serve(other_acs);
    uint32_t asked = 0;
    site.web.serve(named_acs, [&](const StartTransfer&) {
        if (++asked == limits::cwmp_rediscovery_failures)
            site.dhcp.back().put(43, sub_option(1, other_acs));
        return Answer{.status = 404};
    });
    live(site, managed({{Setting::dhcp_inform, "1"}}), {}, 600);
    CHECK(asked == limits::cwmp_rediscovery_failures);
    CHECK(acss.heard == Heard{other_acs + " Inform", other_acs + " -"});
}

TEST_CASE("bad input: what is no ACS is told once, and nobody is spoken to") {
    Site site;
    live(site, managed(), sub_option(1, "tftp://10.0.0.7/acs"));
    CHECK(!journal_has(site, JournalKind::acs_inform));
    CHECK(journal_says(site, "names no web server, as an ACS is one"));
}

TEST_CASE("an ACS that DHCP names gets the phone's user by digest at most") {
    for (const bool from_dhcp : {true, false}) {
        Site site;
        Acss acss{site};
        acss.serve(named_acs);
        PhoneOptions options =
            managed({{Setting::tr069_user, "phone"}, {Setting::tr069_password, "hush"}});
        if (!from_dhcp) options.settings.emplace_back(Setting::tr069_acs_url, named_acs);
        live(site, options, from_dhcp ? sub_option(1, named_acs) : std::string());
        CHECK(acss.last_auth == (from_dhcp ? "digest" : "whole"));
    }
}

TEST_CASE("on a pinned phone an ACS that DHCP names hears an Inform and has no say") {
    struct Case {
        std::string acs;
        bool has_say;
    };
    const Case cases[] = {
        {named_acs, false},                      // without TLS
        {"https://acs.example/cwmp", false},     // its own name, and another host
        {"http://pbx.example/cwmp", false},      // the pinned host, without TLS
        {"https://pbx.example:7547/acs", true},  // the pinned host
    };
    for (const Case& one : cases) {
        Site site;
        site.web.serve(own_file_at(own_folder),
                       [](const StartTransfer&) { return by_tls(p47("own")); });
        PhoneOptions first = asks_static(own_folder);
        Phone(site, first).power_on();
        Acss acss{site};
        acss.serve(one.acs, true);
        acss.call = acs_call("Reboot", "<CommandKey>k</CommandKey>");
        live(site, managed(), sub_option(1, one.acs));
        REQUIRE(!acss.heard.empty());
        CHECK((acss.heard.size() > 1) == one.has_say);
        CHECK(journal_says(site, "it has no say") == !one.has_say);
        CHECK(acss.call.empty() == one.has_say);
    }
}

TEST_CASE("what an ACS without a say has heard, the phone's own ACS hears all the same") {
    Site site;
    site.web.serve(own_file_at(own_folder),
                   [](const StartTransfer&) { return by_tls(p47("own")); });
    Phone(site, asks_static(own_folder)).power_on();
    Acss acss{site};
    acss.serve(named_acs);
    acss.serve(other_acs);
    live(site, managed(), sub_option(1, named_acs));
    CHECK(acss.heard == Heard{named_acs + " Inform"});
    live(site, managed({{Setting::tr069_acs_url, other_acs}}), {});
    CHECK(last_entry(site, JournalKind::acs_inform).field("events") == "0 BOOTSTRAP, 1 BOOT");
}

TEST_CASE("where no source leads to a server, a session with the ACS that ends well is the end") {
    Site site;
    Acss acss{site};
    acss.serve(named_acs);
    PhoneOptions options =
        managed({{Setting::tr069_acs_url, named_acs}, {Setting::order, "pnp,dhcp,static,tr069"}});
    live(site, options, {});
    CHECK(last_entry(site, JournalKind::source_manages).field("url") == named_acs);
    CHECK(count_entries(site, JournalKind::pass_begins) == 1);
    CHECK(!journal_has(site, JournalKind::nothing_found));
    CHECK(acss.heard == Heard{named_acs + " Inform", named_acs + " -"});
}

TEST_CASE("one life with --once speaks to the ACS where the chain comes to it, and ends well") {
    Site site;
    Acss acss{site};
    acss.serve(named_acs);
    PhoneOptions options =
        managed({{Setting::tr069_acs_url, named_acs}, {Setting::order, "static,tr069"}});
    options.once = true;
    CHECK(Phone(site, options).power_on().status == 0);
    CHECK(acss.heard == Heard{named_acs + " Inform", named_acs + " -"});

    Site served;
    Acss unheard{served};
    unheard.serve(named_acs);
    served.web.put_body(own_file_at("http://10.0.0.1/gs"), p47("by static"));
    options.settings.emplace_back(Setting::static_url, "http://10.0.0.1/gs");
    CHECK(Phone(served, options).power_on().status == 0);
    CHECK(unheard.heard.empty());
}

TEST_CASE("an ACS that fails is a source that led nowhere, and the phone goes on asking") {
    Site site;
    PhoneOptions options =
        managed({{Setting::tr069_acs_url, named_acs}, {Setting::order, "static,tr069"}});
    live(site, options, {}, 300);
    CHECK(last_entry(site, JournalKind::source_silent).field("source") == "tr069");
    CHECK(count_entries(site, JournalKind::pass_begins) > 1);
    options.once = true;
    Site other;
    CHECK(Phone(other, options).power_on().status == 3);
}

TEST_CASE("an ACS whose session does not end holds the chain no longer than a minute") {
    Site site;
    site.web.serve(named_acs, [](const StartTransfer& post) {
        Answer answer = {.body = acs_call("GetRPCMethods"), .latency_ms = 4'000};
        const auto& bytes = post.body.bytes;
        const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if (message && message->method() == "Inform") answer.body = inform_response(*message->id);
        return answer;
    });
    PhoneOptions options =
        managed({{Setting::tr069_acs_url, named_acs}, {Setting::order, "static,tr069"}});
    live(site, options, {}, 100);
    CHECK(journal_says(site, "its session is not over after 60 s"));
    CHECK(count_entries(site, JournalKind::pass_begins) > 1);
}
