// SPDX-License-Identifier: Apache-2.0
//
// An operator looks at what the ACS sees: Agent::show_model().
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/agent/acs_phone.h"

using namespace dialtone;

namespace {

// The answers to `arguments`, each asked at `at_ms` of a life.
std::vector<Reply> replies_to(Managed& it, const std::vector<std::string>& arguments,
                              uint64_t at_ms) {
    Phone phone(it.site, it.options);
    phone.power_on([&](sim::World& world, uint32_t) {
        for (const std::string& argument : arguments)
            world.plan_command(at_ms, CommandKind::model, argument);
        world.plan_command(30'000, CommandKind::stop);
    });
    std::vector<Reply> out = phone.replies();
    REQUIRE(out.size() == arguments.size() + 1);
    out.pop_back();
    return out;
}

}  // namespace

TEST_CASE("an operator is told what the ACS sees, at once and without a trace") {
    Managed it;
    const auto replies = replies_to(
        it, {"0 Device.DeviceInfo.", "1 Device.DeviceInfo.", "0", "0 Device.Nothing"}, 10'000);
    CHECK(replies[0].ok);
    CHECK(replies[0].lines[0] == "RO - Device.DeviceInfo.");
    CHECK(replies[1].text == replies[0].text);
    CHECK(replies[1].lines.size() == replies[0].lines.size() - 1);
    CHECK(replies[2].text == std::to_string(replies[2].lines.size()));
    CHECK(!replies[3].ok);
    CHECK(count_entries(it.site, JournalKind::operator_command) == 1);  // that ends the life
}

TEST_CASE("the tree is told in the middle of a pass that finds nobody") {
    Managed it;
    it.set(Setting::static_url, "http://10.0.0.9/silent");
    const auto replies = replies_to(it, {"0 Device.LAN.IPAddress"}, 1'000);
    CHECK(replies[0].ok);
    CHECK(replies[0].lines.size() == 1);
}

TEST_CASE("bad input: what is no request for the tree is refused in a line") {
    Managed it;
    for (const Reply& reply :
         replies_to(it, {"", "Device.", "-1 Device.", "99999999999", "0x1 Device."}, 10'000)) {
        CHECK(!reply.ok);
        CHECK(reply.text == "model takes a number and a path");
    }
}
