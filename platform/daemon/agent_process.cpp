// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/agent_process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "agent/agent.h"
#include "dialtone_build.h"
#include "dialtone_features.h"
#include "platform/common/lease_store.h"
#include "platform/common/output.h"
#include "platform/common/state_reader.h"
#include "platform/linux/call_filter.h"
#include "platform/linux/hooks.h"
#include "platform/linux/http_port.h"
#include "platform/linux/world.h"

namespace dialtone {
namespace {

constexpr std::string_view program = "dialtoned";
constexpr int cannot_live = 70;  // no Verdict: the supervisor takes it for a crash

// Waits on a phone that has just got its power, until its random source has collected enough.
template <typename Value>
Value draw() {
    Value value = {};
    while (::getrandom(&value, sizeof value, 0) != sizeof value && errno == EINTR) {
    }
    return value;
}

int status_of(const Departure& departure) {
    if (departure.kind == Departure::Kind::reboot)
        return departure.afresh ? agent_wants_restart : agent_wants_reboot;
    if (!departure.why.empty()) complain(program, departure.why);
    return departure.status;
}

MakeAcsClient* acs_client_maker() {
    if constexpr (with_tr069) return &make_acs_client;
    return nullptr;
}

void warn_of_read_only(const StateDirectory& state) {
    if (!state.unusable.empty() || ::access(state.real_path.c_str(), W_OK) == 0) return;
    complain(program, "state directory " + state.path + ": " + ::strerror(errno) +
                          "; the journal goes to standard error and nothing can be installed");
}

}  // namespace

Status AgentLife::drop_privileges() const {
    TRY(give_up_new_privileges());
    if (setup_.account) TRY(become(*setup_.account));
    TRY(keep_memory_private());
    TRY(forbid_core_files());
    return restrict_calls();
}

void AgentLife::forget() {
    setup_.state->lock.reset();
    setup_.state->directory.reset();
    *setup_.listener = {};
}

// The leases that the phone's DHCP client had before this life of the agent began.
std::vector<LeaseRecord> AgentLife::find_leases() const {
    FoundLeases found =
        read_leases(setup_.runtime_directory, setup_.state->real_path, setup_.options->interface);
    if (!found.remark.empty()) complain(program, found.remark);
    return std::move(found.records);
}

// Why what is stored is lost with a restart of the machine; empty: it is not.
std::string_view AgentLife::lost_words() const {
    if (!setup_.state->unusable.empty()) return setup_.state->unusable;
    const auto said = setup_.options->board->state_lasts;
    if (!said) return setup_.state->in_memory;
    return *said ? "" : "the board says that it keeps nothing";
}

int AgentLife::live_in_world(const AgentStart& start, std::vector<LeaseRecord>&& leases) {
    const DaemonOptions& options = *setup_.options;
    HookClient hooks(start.hook_socket);
    LinuxWorld::Options places;
    places.state_directory = setup_.state->directory.get();
    places.in_memory = !setup_.state->unusable.empty();
    places.interface = options.interface;
    places.leases = std::move(leases);
    places.control_listener = setup_.listener->descriptor();
    places.hooks = &hooks;
    places.power_on_ms = setup_.power_on_ms;
    if constexpr (with_tr069) places.http = &make_http_server;
    auto world = LinuxWorld::open(places);
    if (!world) {
        complain(program, world.error().detail);
        return cannot_live;
    }
    LinuxWorld& linux_world = **world;

    const auto copies = read_record_copies(setup_.state->directory.get());
    Boot boot;
    boot.reset_cause = start.phone.reset_cause;
    boot.provisioning_reboots = start.phone.provisioning_reboots;
    for (uint32_t i = 0; i < limits::record_copies; ++i) {
        boot.record_copies[i] = {reinterpret_cast<const uint8_t*>(copies[i].data()),
                                 copies[i].size()};
    }
    boot.entropy = draw<decltype(boot.entropy)>();
    boot.secret = draw<decltype(boot.secret)>();
    boot.wall_s = linux_world.wall_s();
    boot.settings_error = setup_.settings_error;
    boot.staged_files = find_staged_files(setup_.state->directory.get());
    boot.state_lost = lost_words();
    boot.state_in_memory = !setup_.state->unusable.empty();

    Agent agent({.profile = options.profile,
                 .identity = options.identity,
                 .interface = options.interface,
                 .settings = options.settings,
                 .once = options.once,
                 .floor_s = build_time_s,
                 .make_acs_client = acs_client_maker()});
    warn_of_read_only(*setup_.state);
    return status_of(dialtone::live(linux_world, agent, boot));
}

int AgentLife::live(const AgentStart& start) {
    auto leases = find_leases();  // others than root may not read them
    if (const auto dropped = drop_privileges(); !dropped) {
        complain(program, dropped.error().detail);
        return cannot_live;
    }
    // exit() and not the supervisor's _exit(): a sanitizer looks for leaks there.
    ::exit(live_in_world(start, std::move(leases)));
}

}  // namespace dialtone
