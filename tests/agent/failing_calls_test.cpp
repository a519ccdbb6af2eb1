// SPDX-License-Identifier: Apache-2.0
//
// What the K-th failing call of the real process (tests/faults) found wrong in the agent, each as
// the shortest story that shows it.
#include <doctest/doctest.h>

#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";
const std::string own_file = server + "/cfg000b82273b89.xml";

std::string config_file(std::string_view values) {
    return "<gs_provision version=\"1\"><config version=\"1\">" + std::string(values) +
           "</config></gs_provision>\n";
}

PhoneOptions with_server() {
    PhoneOptions options;
    options.settings = {{Setting::order, "static"}, {Setting::static_url, server}};
    return options;
}

// The first few runs of hooks find no room.
class NoRoomForHooks : public FaultInjector {
  public:
    explicit NoRoomForHooks(uint32_t runs) : runs_(runs) {}
    bool hooks_can_run() override {
        if (runs_ == 0) return true;
        --runs_;
        return false;
    }

  private:
    uint32_t runs_;
};

}  // namespace

TEST_CASE("hooks that could not be run are due until the next start, and run then") {
    Site site;
    NoRoomForHooks faults(1);
    site.fault_injector = &faults;
    site.web.put_body(own_file, config_file("<P47>one</P47>"));
    Phone phone(site, with_server());
    CHECK(phone.power_on().status == 0);
    CHECK(phone.reboots() == 1);
    CHECK(site.hook_lines == std::vector<std::string>{"P47=one\n", "P47=one\n"});
    CHECK(!phone.record().hooks_due);
    CHECK(last_entry(site, JournalKind::hooks_ran).field("reason") == "there is no room for them");
}

TEST_CASE("what hooks could not be told is told with the next change") {
    Site site;
    NoRoomForHooks faults(2);
    site.fault_injector = &faults;
    site.web.put_body(own_file, config_file("<P47>one</P47>"));
    PhoneOptions options = with_server();
    options.once = false;
    options.settings.emplace_back(Setting::splay, "0");
    Phone phone(site, options);
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 0) return;
        world.plan_command(10'000, CommandKind::set, "P330=1");
        world.plan_command(20'000, CommandKind::stop);
    });
    REQUIRE(site.hook_lines.size() == 3);
    CHECK(site.hook_lines.back() == "P330=1\nP47=one\n");
    CHECK(!phone.record().hooks_due);
}
