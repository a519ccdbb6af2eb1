// SPDX-License-Identifier: Apache-2.0
//
// Every server the simulator knows against the engine: what real ones get wrong must cost nobody
// a phone.
#include <doctest/doctest.h>

#include <algorithm>

#include "agent/discovery/pnp.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;

namespace {

struct Row {
    std::string_view kind;
    std::string_view grandstream;  // the URL a Grandstream phone ends with, empty: none
    std::string_view fanvil;
    uint64_t fanvil_ms = 2;  // when; 3,500: with the other spelling of the MAC
    uint64_t grandstream_ms = 2;
};

constexpr std::string_view folder = "http://10.0.0.5/provisioning/x7kq2/";
constexpr std::string_view file = "http://10.0.0.5:5481/provisioning/cfg000b82273b89";
constexpr std::string_view miko =
    "http://10.0.0.5:80/pbxcore/api/autoprovision?mac=000b82273b89&token=0f8a5c";
constexpr std::string_view snom = "http://10.0.0.5/snom/000b82273b89.htm";
constexpr std::string_view query = "http://10.0.0.5/p?mac=000b82273b89&hw=1&fw=2";

// The first four know one spelling of the MAC only.
constexpr Row rows[] = {
    {"snom pnpserv", snom, snom, 3502, 7502},
    {"snompnpd", snom, snom, 3502, 7502},
    {"python netifaces", folder, folder, 2, 3502},
    {"Grandstream responder", folder, folder, 7502},
    {"MikoPBX", miko, miko},
    {"ZeroTouchSIP", file, file},
    {"pmps", query, query},
    {"FreeSWITCH snom", "http://10.0.0.5/cfg?mac={mac}", "http://10.0.0.5/cfg?mac={mac}"},
    {"Lua", file, file},
    {"PnpProfile", folder, folder},
    {"TypeScript pbx", "https://10.0.0.5:8443/p/000b82273b89.xml",
     "https://10.0.0.5:8443/p/000b82273b89.xml"},
    {"Akuvox test", "tftp://10.0.0.5", "tftp://10.0.0.5"},
    {"Connect", folder, folder},
    {"UCM", "http://10.0.0.5/zccgi/", "http://10.0.0.5/zccgi/"},
    {"PLANET", "http://10.0.0.5/$mac.cfg", "http://10.0.0.5/$mac.cfg"},
    {"3CX", folder, folder},
    {"Grandstream text", file, file},
    {"Fanvil text", "ftp://1:1@10.0.0.5/$input.xml", "ftp://1:1@10.0.0.5/$input.xml"},
    {"Htek text", "http://admin:123456@10.0.0.5:88", "http://admin:123456@10.0.0.5:88"},
    {"SARK", folder, folder},
    {"Rust", folder, folder},
    {"beroNet", folder, folder},
    {"NOTIFY first", folder, folder},
    {"NOTIFY only", folder, folder},
    {"snompnpd denies", "", ""},
    {"assigned by hand", "", ""},
    {"accepts only", "", ""},
    {"other content", "", ""},
    {"registrar", "", ""},
    {"error", "", ""},
    {"redirects", "", ""},
    {"silent", "", ""},
};

void check(const Row& row, const Profile& profile, std::string_view url, uint64_t at_ms) {
    CAPTURE(row.kind);
    CAPTURE(profile.name);
    PnpBench bench;
    bench.request.profile = &profile;
    bench.add(row.kind);
    bench.start();
    while (!bench.pnp.ready())
        bench.run_to(bench.now.ms + 1);
    const PnpOutcome outcome = bench.outcome();
    if (url.empty()) {
        CHECK(outcome.urls.empty());
        CHECK(!outcome.reason.empty());
        return;
    }
    CHECK(bench.now.ms == at_ms);
    REQUIRE(outcome.urls.size() == 1);
    CHECK(outcome.urls[0] == url);
    CHECK(outcome.from == "10.0.0.5");
    CHECK(bench.answered() == "200");
}

}  // namespace

TEST_CASE("every server of the simulator is understood by a phone of every vendor") {
    for (const Row& row : rows) {
        check(row, grandstream_profile, row.grandstream, row.grandstream_ms);
        check(row, fanvil_profile, row.fanvil, row.fanvil_ms);
    }
}

TEST_CASE("every server of the simulator is in this table") {
    CHECK(std::size(rows) == sim::pbx_kinds().size());
    for (const sim::PbxKind& kind : sim::pbx_kinds()) {
        CAPTURE(kind.name);
        CHECK(std::any_of(std::begin(rows), std::end(rows),
                          [&](const Row& row) { return row.kind == kind.name; }));
    }
}

TEST_CASE("a server that refuses does not keep the phone from the one that knows it") {
    for (const std::string_view kind : {"registrar", "snompnpd denies", "redirects", "error"}) {
        CAPTURE(kind);
        PnpBench bench;
        bench.add(kind, other_address);
        bench.add("Htek text");
        bench.start();
        bench.run_to(10);
        const PnpOutcome outcome = bench.outcome();
        CHECK(outcome.from == "10.0.0.5");
        CHECK(outcome.urls == std::vector<std::string>{"http://admin:123456@10.0.0.5:88"});
    }
}

TEST_CASE("of two servers the first one that names a URL counts, the other one is answered") {
    PnpBench bench;
    bench.add("Lua");
    bench.add("UCM", other_address);
    bench.start();
    bench.run_to(1000);
    CHECK(bench.outcome().from == "10.0.0.5");
    CHECK(bench.sent_that_begin("SIP/2.0 200").size() == 2);
    CHECK(!bench.pnp.take_notice());
}
