// SPDX-License-Identifier: Apache-2.0
//
// The kinds of faults and events of the laboratory: each has a name for people, and those that
// World asks for have a point at which they may occur. Which kinds a run has, and how often they
// occur, is its scenario's (scenario.h); whether one occurs is drawn by chosen_faults.h.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dialtone::sim {

enum class FaultKind : uint8_t {
    // on the network
    sip_lost,
    sip_late,
    sip_doubled,
    sip_breaks,
    dhcp_lost,
    dhcp_late,
    dhcp_doubled,
    dhcp_breaks,
    tftp_lost,
    tftp_late,
    tftp_doubled,
    tftp_spoofed,
    tftp_breaks,
    ntp_lost,
    ntp_wrong,
    name_unknown,
    name_late,
    socket_refused,
    connection_refused,
    connection_late,
    connection_breaks,
    // servers of files
    refused,
    no_answer,
    bad_certificate,
    status_401,
    status_403,
    status_404,
    status_429,
    status_500,
    redirect_away,
    redirect_loop,
    truncated,
    reset_inside,
    wrong_length,
    no_length,
    hangs_up,
    head_broken,
    ftp_odd,
    stalls_at_once,
    stalls_inside,
    slow_body,
    html_page,
    broken_file,
    endless_file,
    // the disk
    write_fails,
    sync_fails,
    remove_fails,
    read_fails,
    disk_slow,
    cut_at_step,
    // hooks
    hooks_slow,
    // events at a scheduled time
    disk_full,
    server_down,
    pbx_down,
    partition,
    file_changes,
    file_goes_bad,
    breaks_network,
    names_lost_server,
    dhcp_defective,
    dhcp_names_other,
    tftp_defective,
    attacker,
    sip_spoofed,
    pbx_notifies,
    link_down_at_start,
    notify_check,
    notify_reboot,
    notify_url,
    lease_renewed,
    lease_lost,
    link_flaps,
    address_changes,
    clock_jumps,
    port_taken,
    resync,
    set_value,
    set_url,
    set_nonsense,
    confirm,
    factory_reset,
    stop,
    power_cut,
    agent_killed,
    count_
};

// From here on kinds are not asked for by World but scheduled by the scenario.
inline constexpr FaultKind first_event = FaultKind::disk_full;
inline constexpr uint32_t fault_kind_count = static_cast<uint32_t>(FaultKind::count_);
std::string_view name_of(FaultKind kind);

// How often each kind has occurred.
using FaultCounts = std::array<uint64_t, fault_kind_count>;

// The points at which World asks its FaultInjector.
enum class FaultPoint : uint8_t {
    sip,
    dhcp,
    tftp,
    ntp,
    names,
    socket,
    connection,
    transfer,
    step,
    hooks,
    count_
};
inline constexpr uint32_t fault_point_count = static_cast<uint32_t>(FaultPoint::count_);
// Every kind that may occur at the point.
std::vector<FaultKind> fault_kinds_at(FaultPoint point);

// One kind in so many, of those that a run has at a point.
struct FaultRate {
    std::vector<FaultKind> kinds = {};
    uint32_t one_in = 0;  // 0: never
};

}  // namespace dialtone::sim
