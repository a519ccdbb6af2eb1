// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/plan.h"

#include <doctest/doctest.h>

using namespace dialtone;

namespace {

Identity phone() {
    Identity identity = *identity_from_mac("000B82273B89");
    identity.model = "GXP1628";
    identity.version = "1.0.2.7";
    return identity;
}

Plan plan_for(std::string_view url, PlanNames names = {}) {
    const auto plan = make_plan(url, Scheme::http, *find_profile("grandstream"), phone(), names);
    REQUIRE(plan);
    return *plan;
}

bool is_file(std::string_view url) {
    return !plan_for(url).from_folder;
}

}  // namespace

TEST_CASE("a folder is asked for the profile's files, with or without a slash at its end") {
    for (std::string_view url : {"http://h/gs", "http://h/gs/"}) {
        const Plan plan = plan_for(url);
        REQUIRE(plan.files.size() == 4);
        CHECK(plan.files[0].url == "http://h/gs/cfg000b82273b89");
        CHECK(plan.files[1].url == "http://h/gs/cfg000b82273b89.xml");
        CHECK(plan.files[2].url == "http://h/gs/cfggxp1628.xml");
        CHECK(plan.files[3].url == "http://h/gs/cfg.xml");
    }
}

TEST_CASE("a URL without any path is a folder") {
    CHECK(plan_for("http://admin:123456@192.168.0.25:88").files[0].url ==
          "http://admin:123456@192.168.0.25:88/cfg000b82273b89");
}

TEST_CASE("an extension, a query, or one of the profile's own names makes a file") {
    CHECK(is_file("http://h/gs/phone.xml"));
    CHECK(is_file("http://h/gs/phone?token=1"));
    CHECK(is_file("http://h/provisioning/cfg000B82273B89"));
    CHECK(is_file("http://h/CFG.XML"));
    CHECK(!is_file("http://h/gs/phone"));
    CHECK(!is_file("http://h/gs/phone."));
    CHECK(!is_file("http://h.example.com"));
    CHECK(!is_file("http://h/v1.2/"));
}

TEST_CASE("a file named by the URL is asked for in its own spelling") {
    const Plan plan = plan_for("http://172.18.0.10:5481/provisioning/cfg000B82273B89");
    REQUIRE(plan.files.size() == 1);
    CHECK(plan.files[0].url == "http://172.18.0.10:5481/provisioning/cfg000B82273B89");
    CHECK(plan.files[0].name == "cfg000B82273B89");
}

TEST_CASE("prefix and postfix wrap the whole name") {
    const Plan plan = plan_for("http://h/gs", {"gs_", "_001"});
    CHECK(plan.files[1].name == "gs_cfg000b82273b89.xml_001");
}

TEST_CASE("placeholders are filled before the URL is judged") {
    CHECK(plan_for("http://h/$mac.xml").files[0].url == "http://h/000b82273b89.xml");
}

TEST_CASE("bad input: a URL that does not parse makes no plan") {
    const auto plan = make_plan("http://", Scheme::http, *find_profile("grandstream"), phone(), {});
    CHECK(!plan);
}
