// SPDX-License-Identifier: Apache-2.0
//
// A whole phone whose server speaks TFTP.
#include <doctest/doctest.h>

#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

std::string config_file(std::string_view values) {
    return "<?xml version=\"1.0\"?>\n<gs_provision version=\"1\"><mac>000b82273b89</mac>"
           "<config version=\"1\">" +
           std::string(values) + "</config></gs_provision>\n";
}

// One site with a TFTP server by name, and the phone that asks it.
struct Lab {
    Site site = {};
    Phone phone;

    explicit Lab(std::string url = "tftp://pbx/gs")
        : phone(site, {.settings = {{Setting::static_url, std::move(url)},
                                    {Setting::trial_timeout, "20"}}}) {
        site.names["pbx"] = {{{10, 0, 0, 1}, 4}};
    }
    std::string value_of(std::string_view key) const {
        const Generation active = phone.active();
        const Item* item = active.find(key);
        return item ? item->value : "";
    }
};

}  // namespace

TEST_CASE("a phone is provisioned over TFTP: applied, rebooted, the same found, at rest") {
    Lab lab;
    lab.site.tftp.put("gs/cfg000b82273b89.xml", config_file("<P47>sip.example</P47>"));
    CHECK(lab.phone.power_on().status == 0);
    CHECK(lab.phone.reboots() == 1);
    CHECK(lab.value_of("P47") == "sip.example");
    CHECK(journal_has(lab.site, JournalKind::plan_unchanged));
    CHECK(last_entry(lab.site, JournalKind::request).field("method") == "TFTP read");
    REQUIRE(lab.site.tftp.names().size() == 4);
    CHECK(lab.site.tftp.names()[0] == "gs/cfg000b82273b89");
    CHECK(lab.site.tftp.names()[1] == "gs/cfg000b82273b89.xml");
    CHECK(lab.site.web.requests().empty());
}

TEST_CASE("a file may send the phone from TFTP to HTTP for its next configuration") {
    Lab lab;
    lab.site.tftp.put("gs/cfg000b82273b89",
                      config_file("<P212>1</P212><P237>10.0.0.1/next</P237>"));
    lab.site.web.put_body("http://10.0.0.1/next/cfg000b82273b89.xml",
                          config_file("<P47>sip.example</P47>"));
    lab.phone.power_on();
    CHECK(lab.value_of("P237") == "10.0.0.1/next");
}

TEST_CASE("a second configuration over TFTP is on trial, and any answer confirms it") {
    Lab lab;
    lab.site.tftp.put("gs/cfg.xml", config_file("<P47>one</P47>"));
    lab.phone.power_on();
    lab.site.tftp.put("gs/cfg.xml", config_file("<P47>two</P47>"));
    CHECK(lab.phone.power_on().status == 0);
    CHECK(lab.value_of("P47") == "two");
    CHECK(journal_has(lab.site, JournalKind::trial_confirmed));
}

TEST_CASE("a phone is provisioned over a TFTP wire that loses every tenth datagram") {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        Lab lab;
        lab.site.tftp.set_behaviour({.drops_one_in = 10, .doubles_one_in = 10, .seed = seed});
        lab.site.tftp.put("gs/cfg000b82273b89.xml",
                          config_file("<P47>" + std::string(8000, 's') + "</P47>"));
        CHECK(lab.phone.power_on().status == 0);
        CHECK(lab.value_of("P47").size() == 8000);
    }
}

TEST_CASE("bad input: TFTP servers that misbehave leave the old configuration as it is") {
    const TftpServerBehaviour all[] = {
        {.oack_tsize = 1'000'000},
        {.oack_tsize = 3},
        {.silent_after_blocks = 0},
        {.silent_after_blocks = 1},
        {.echoes_tsize = true, .endless = true},
        {.oversize_bytes = 100},
    };
    for (const TftpServerBehaviour& behaviour : all) {
        Lab lab;
        lab.site.tftp.put("gs/cfg.xml", config_file("<P47>good</P47>"));
        lab.phone.power_on();
        const uint32_t steps = lab.site.disk.mutating_steps();
        lab.site.tftp.put("gs/cfg.xml", config_file("<P47>" + std::string(4000, 'b') + "</P47>"));
        lab.site.tftp.set_behaviour(behaviour);
        CHECK(lab.phone.power_on().status == 4);
        CHECK(lab.phone.reboots() == 0);
        CHECK(lab.value_of("P47") == "good");
        CHECK(lab.site.disk.mutating_steps() == steps);
        CHECK(last_entry(lab.site, JournalKind::request_failed).field("reason") != "");
    }
}

TEST_CASE("bad input: a TFTP server without any of the files leaves the phone without a source") {
    Lab lab;
    CHECK(lab.phone.power_on().status == 3);
    // Four files of the profile, then the folder as a file.
    CHECK(lab.site.tftp.names().back() == "gs");
}

TEST_CASE("bad input: a TFTP server that forbids its files ends as not applied") {
    Lab lab("tftp://pbx/f.xml");
    lab.site.tftp.put_error("f.xml", 2, "Forbidden directory");
    CHECK(lab.phone.power_on().status == 4);
    CHECK(last_entry(lab.site, JournalKind::file_absent).field("reason") ==
          "the server forbids it (error 2: Forbidden directory)");
}
