// SPDX-License-Identifier: Apache-2.0
//
// What an ACS may do on a phone that something was proven to (docs/trust.md), by what its session
// proves.
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/limits.h"
#include "tests/agent/acs_phone.h"
#include "tests/agent/trust_phone.h"

using namespace dialtone;
using namespace dialtone::sim;
using namespace dialtone::test;

namespace {

const std::string own_folder = "https://pbx.example/gs";
const std::string interval = "Device.ManagementServer.PeriodicInformInterval";
const std::string acs_by_tls = "https://acs.example/cwmp";

// A phone with a configuration by verified TLS, and an ACS of its settings file.
struct Pinned : Managed {
    explicit Pinned(bool by_tls) {
        const std::string url = by_tls ? acs_by_tls : acs_url;
        site.web.serve(own_file_at(own_folder),
                       [](const StartTransfer&) { return test::by_tls(p47("own")); });
        site.web.serve(url, [this, url, by_tls](const StartTransfer& post) {
            Answer answered = answer(url, post);
            answered.tls_verified = by_tls;
            return answered;
        });
        std::erase_if(options.settings, [](const auto& one) {
            return one.first == Setting::tr069_acs_url ||
                   one.first == Setting::tr069_periodic_enable;
        });
        options.file_settings = {{Setting::tr069_acs_url, url},
                                 {Setting::tr069_periodic_enable, "0"}};
        set(Setting::splay, "0");
        set(Setting::static_url, own_folder);
        live(60);
        REQUIRE(record().trust.pin.proof == Proof::tls);
        said.clear();
        reports.clear();
        site.journal.clear();
    }
    // Of the first call; 0: none.
    uint32_t fault_of(const std::string& call) {
        said.clear();
        calls = {call};
        live(40);
        REQUIRE(!said.empty());
        return said.front().fault ? said.front().fault->code : 0;
    }
};

}  // namespace

TEST_CASE("an ACS changes, resets and restarts a pinned phone by verified TLS, and not without") {
    const std::pair<std::string, std::string_view> calls[] = {
        {set_values({{interval, "1800"}}), "a value"},
        {set_values({{"Device.ManagementServer.URL", "http://other.example/"}}), "another ACS"},
        {acs_call("Reboot", "<CommandKey>k</CommandKey>"), "a restart"},
        {acs_call("FactoryReset"), "a reset"},
    };
    for (const auto& [call, what] : calls) {
        CAPTURE(what);
        Pinned plain(false);
        CHECK(plain.fault_of(call) == 9001);
        CHECK(plain.said.front().fault->text.find("trust.pin") != std::string::npos);
        CHECK(plain.set_by_acs("tr069.periodic_interval") == "-");
        CHECK(plain.active().number == 1);
        CHECK(!journal_has(plain.site, JournalKind::reboot));
        plain.set(Setting::trust_pin, "0");
        CHECK(plain.fault_of(call) == 0);
        Pinned proven(true);
        CHECK(proven.fault_of(call) == 0);
    }
}

TEST_CASE("what an ACS sets lifts no proof and moves no pin") {
    Pinned it(true);
    const Pin before = it.record().trust.pin;
    CHECK(it.fault_of(set_values({{interval, "1800"}})) == 0);
    CHECK(it.set_by_acs("tr069.periodic_interval") == "1800");
    CHECK(it.record().trust.pin == before);
}

TEST_CASE("no ACS reads a secret as a parameter, and orders firmware without the phone's proof") {
    for (const bool by_tls : {false, true}) {
        Pinned it(by_tls);
        it.set(Setting::tr069_password, "hush");
        it.calls = {acs_call("GetParameterValues", "<ParameterNames><string/></ParameterNames>")};
        it.live(20);
        REQUIRE(!it.said.empty());
        REQUIRE(!it.said.front().fault);
        for (const SoapElement& element : it.said.front().elements)
            CHECK(element.text.find("hush") == std::string::npos);
        CHECK(it.fault_of(acs_call("Download",
                                   "<CommandKey/><FileType>1 Firmware Upgrade Image"
                                   "</FileType><URL>http://a.example/f</URL>")) ==
              (by_tls ? 9003 : 9001));
    }
}
