// SPDX-License-Identifier: Apache-2.0
//
// The swarm's attacker, and the oracle of trust with bugs planted: each thing that he may not learn
// or change is shown to it once.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/store/codec.h"
#include "sim/lab/swarm/swarm.h"
#include "sim/lab/swarm/trust_oracle.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

constexpr WallSeconds build_s = 1'700'000'000;

Scenario site_with_tls() {
    Scenario scenario;
    scenario.settings = {{Setting::provision_user, std::string(lab_user)},
                         {Setting::provision_password, std::string(lab_password)}};
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.servers[i].file.mark = "s" + std::to_string(i) + "v0";
    scenario.servers[0].scheme = "https";
    return scenario;
}

StartTransfer request_to(std::string url, AuthPolicy auth, std::string_view password) {
    return {.url = std::move(url),
            .auth = auth,
            .user = std::string(lab_user),
            .password = std::string(password)};
}

// What a phone has on its disk that took the file with this mark from `url`.
struct OnDisk {
    Record record = {};
    Generation generation = {};
    std::vector<uint8_t> bytes = {};
};

OnDisk installed(const Scenario& scenario, uint32_t number, std::string_view mark, std::string url,
                 Pin pin) {
    OnDisk out;
    out.generation.number = number;
    out.generation.source = {SourceKind::static_server, std::move(url)};
    for (const std::string_view key : scenario.vendor().mark_keys)
        out.generation.items.push_back({std::string(key), Origin::file, std::string(mark)});
    std::ranges::sort(out.generation.items, stands_before);
    out.generation.digests = {{"role", "name", sha256_of(mark)}};
    out.bytes = encode_generation(out.generation);
    out.record.active = number;
    out.record.trust.pin = std::move(pin);
    return out;
}

// The oracle of a phone that was installed by the verified server 0.
struct Judged {
    Scenario scenario = site_with_tls();
    ScenarioServers servers = ScenarioServers(scenario);
    TrustOracle oracle = TrustOracle(scenario, servers, build_s);
    Pin pin = {.proof = Proof::tls, .host = "10.0.0.10"};

    Judged() { CHECK(take(1, "s0v0", scenario.url(0), pin) == ""); }
    std::string take(uint32_t number, std::string_view mark, std::string url, const Pin& next) {
        const OnDisk disk = installed(scenario, number, mark, std::move(url), next);
        return oracle.check_disk(disk.record, disk.generation, &disk.bytes, false);
    }
};

bool says(const std::string& found, std::string_view words) {
    return found.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE(
    "planted: a password that goes to the attacker in whole is found, a digest answer is not") {
    const Judged judged;
    const std::string http = "http://10.6.6.6/evil/";
    for (const std::string& url :
         {http, std::string("ftp://10.6.6.6/evil/"), std::string("https://evil.example/evil/")}) {
        for (const AuthPolicy auth : {AuthPolicy::on_challenge, AuthPolicy::basic_always})
            CHECK(says(judged.oracle.check_request(request_to(url, auth, lab_password)),
                       "gets the phone's password"));
        CHECK(judged.oracle.check_request(request_to(url, AuthPolicy::digest_only, lab_password)) ==
              "");
        CHECK(judged.oracle.check_request(
                  request_to(url, AuthPolicy::on_challenge, Attacker::password)) == "");
    }
    CHECK(judged.oracle.check_request(
              request_to(judged.scenario.url(0), AuthPolicy::on_challenge, lab_password)) == "");
}

TEST_CASE("planted: what the attacker changes of a pinned phone is found") {
    Judged judged;
    CHECK(says(judged.take(2, "evil", "http://10.6.6.6/evil/", judged.pin), "too little proof"));
}

TEST_CASE("planted: a pin that falls, moves or loses its host is found") {
    for (const Pin& pin :
         {Pin{.proof = Proof::none, .host = "10.0.0.10"},
          Pin{.proof = Proof::tls, .host = "evil.example"}, Pin{.proof = Proof::tls, .host = ""}}) {
        Judged judged;
        CHECK(says(judged.take(1, "s0v0", judged.scenario.url(0), pin), "by the rules"));
    }
    Judged judged;
    CHECK(judged.take(2, "s0v1", judged.scenario.url(0), judged.pin) == "");
}

TEST_CASE("planted: a floor of the clock that no evidence bears out is found") {
    for (const bool shown : {false, true}) {
        Judged judged;
        OnDisk disk = installed(judged.scenario, 1, "s0v0", judged.scenario.url(0), judged.pin);
        if (shown) {
            Web::Outcome outcome;
            outcome.answer.tls_verified = true;
            outcome.answer.valid_from_s = Attacker::certified_from_s;
            judged.oracle.note_answer(request_to("https://evil.example/evil/", {}, ""), outcome);
        }
        const auto found = [&](WallSeconds floor_s) {
            disk.record.trust.floor_s = floor_s;
            return judged.oracle.check_disk(disk.record, disk.generation, &disk.bytes, false);
        };
        CHECK(found(build_s) == "");
        CHECK((found(Attacker::certified_from_s) == "") == shown);
        CHECK(says(found(Attacker::date_s), "the floor of the clock"));
    }
}

TEST_CASE("planted: a restart that nobody asked for whom the phone may listen to is found") {
    Judged judged;
    judged.oracle.note_reboot_asked();
    CHECK(judged.oracle.check_notify_reboot() == "");
    CHECK(says(judged.oracle.check_notify_reboot(), "started again"));
}

TEST_CASE("the attacker is gone with all that he offered once he leaves") {
    for (uint32_t lure = 0; lure < static_cast<uint32_t>(Lure::count_); ++lure) {
        Scenario scenario = site_with_tls();
        scenario.attack = {.lure = static_cast<Lure>(lure),
                           .time = TimeLie::year_2090,
                           .answers_subscribes = true,
                           .answers_informs = true};
        ScenarioServers servers(scenario);
        Site& site = servers.site();
        const auto answers = [&] {
            const std::string named = servers.attacker().named();
            const std::string first = named.substr(0, named.find('\r'));
            const auto at = first.find('@');
            const std::string folder =
                at == std::string::npos ? first : "http://" + first.substr(at + 1);
            const std::string name(scenario.vendor().device_names[0]);
            return site.web.respond({.url = folder + name}, build_s);
        };
        servers.let_attacker_come();
        servers.let_attacker_come();
        CHECK(site.dhcp.size() == 1);
        const bool is_possible = scenario.attack.lure != Lure::impossible;
        CHECK((answers().answer.status != 404) == is_possible);
        CHECK(servers.attacker().told_time(1) > 3'000'000'000);
        servers.let_attacker_leave();
        CHECK(site.dhcp.empty());
        const bool gone = answers().refused || answers().answer.status == 404;
        CHECK(gone);
        CHECK(servers.attacker().told_time(1) == 1);
    }
}

TEST_CASE("in the swarm's worlds the attacker does everything that he can") {
    bool lures[static_cast<uint32_t>(Lure::count_)] = {};
    bool forgeries[static_cast<uint32_t>(Forgery::count_)] = {};
    bool lies[static_cast<uint32_t>(TimeLie::count_)] = {};
    bool paths[static_cast<uint32_t>(OnPath::count_)] = {};
    uint32_t worlds = 0;
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        const Scenario scenario = scenario_of_seed(seed);
        const auto comes = [](const ScheduledEvent& one) {
            return one.kind == FaultKind::attacker;
        };
        if (std::ranges::none_of(scenario.events, comes)) continue;
        ++worlds;
        lures[static_cast<uint32_t>(scenario.attack.lure)] = true;
        forgeries[static_cast<uint32_t>(scenario.attack.forgery)] = true;
        lies[static_cast<uint32_t>(scenario.attack.time)] = true;
        paths[static_cast<uint32_t>(scenario.attack.on_path)] = true;
    }
    const auto all = [](const auto& drawn) {
        return std::ranges::all_of(drawn, [](bool one) { return one; });
    };
    CHECK(worlds >= 100);
    CHECK(all(lures));
    CHECK(all(forgeries));
    CHECK(all(lies));
    CHECK(all(paths));
}
