// SPDX-License-Identifier: Apache-2.0
//
// A phone whose switch port is moved to another VLAN, where DHCP gives it another address and names
// another server. The same with real programs: tests/integration/vlan_test.py.
#include <doctest/doctest.h>

#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

constexpr Address old_address = {{10, 10, 0, 2}, 4};
constexpr Address new_address = {{10, 20, 0, 2}, 4};
constexpr uint64_t moved_ms = 100'000;
constexpr uint64_t over_ms = 400'000;

std::string file_at(std::string_view folder) {
    return std::string(folder) + "/cfg000b82273b89.xml";
}

Answer answer(std::string_view sip_server, bool tls_verified) {
    Answer made;
    made.body = "<gs_provision version=\"1\"><config version=\"1\"><P47>" +
                std::string(sip_server) + "</P47></config></gs_provision>\n";
    made.tls_verified = tls_verified;
    return made;
}

// What the phone sees of the move, from moved_ms on; `named` is the new VLAN's option 66.
using Move = void (*)(sim::World& world, const std::string& named);

// The port goes down and comes back; the DHCP client starts over.
void flap(sim::World& world, const std::string& named) {
    world.plan_link(moved_ms, false);
    world.plan_lease(moved_ms + 100, LeaseNews::lost, {});
    world.plan_address(moved_ms + 5'000, new_address);
    world.plan_lease(moved_ms + 5'010, LeaseNews::bound, {{66, named}});
}

// Nothing goes down: a NAK answers the renewal, the client gives the address up and gets another.
void refused_renewal(sim::World& world, const std::string& named) {
    world.plan_lease(moved_ms, LeaseNews::lost, {});
    world.plan_link(moved_ms, false);
    world.plan_address(moved_ms + 40, new_address);
    world.plan_lease(moved_ms + 50, LeaseNews::bound, {{66, named}});
}

// One address takes the place of the other, and the lease is told of a little later.
void swap(sim::World& world, const std::string& named) {
    world.plan_address(moved_ms, new_address);
    world.plan_lease(moved_ms + 20, LeaseNews::bound, {{66, named}});
}

struct Moved {
    Site site = {};
    Generation active = {};
    bool asked_old = false;  // after the move

    Moved(Move move, const std::string& old_server, const std::string& new_server, bool verified) {
        site.web.put(file_at(old_server), answer("old", verified));
        site.web.put(file_at(new_server), answer("new", verified));
        PhoneOptions options;
        options.once = false;
        options.settings = {{Setting::order, "dhcp"}, {Setting::splay, "0"}};
        Phone phone(site, options);
        uint64_t requests = 0;
        site.phone_address = old_address;
        phone.power_on([&](sim::World& world, uint32_t reboots) {
            if (reboots < 2) world.plan_lease(1, LeaseNews::bound, {{66, old_server}});
            if (reboots == 1) {
                move(world, new_server);
                world.plan_command(over_ms, CommandKind::stop);
            }
            if (reboots < 2) return;
            site.phone_address = new_address;
            world.plan_lease(1, LeaseNews::bound, {{66, new_server}});
            world.plan_command(over_ms + 10'000, CommandKind::stop);
        });
        active = phone.active();
        for (const StartTransfer& request : site.web.requests()) {
            requests += request.url.starts_with(new_server) ? 1 : 0;
            asked_old = asked_old || (requests > 0 && request.url.starts_with(old_server));
        }
        CHECK(requests > 0);
    }
    std::string value() const { return active.find("P47")->value; }
};

}  // namespace

TEST_CASE("a phone in another VLAN asks the server that is named there, and applies what it has") {
    for (const Move move : {flap, refused_renewal, swap}) {
        const Moved moved(move, "http://10.10.0.1", "http://10.20.0.1", false);
        CHECK(moved.value() == "new");
        CHECK(moved.active.source.url == "http://10.20.0.1");
        CHECK(!moved.asked_old);
        CHECK(last_entry(moved.site, JournalKind::trial_confirmed).at_ms > moved_ms);
    }
}

TEST_CASE("a phone with a verified configuration keeps it in another VLAN") {
    for (const Move move : {flap, refused_renewal, swap}) {
        for (const char* named : {"http://10.20.0.1", "https://10.20.0.1"}) {
            const Moved moved(move, "https://10.10.0.1", named, true);
            CHECK(moved.value() == "old");
            CHECK(last_entry(moved.site, JournalKind::file_refused)
                      .field("reason")
                      .find("trust.pin") != std::string_view::npos);
            CHECK(count_entries(moved.site, JournalKind::reboot) == 1);
        }
    }
}
