// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/fault_kinds.h"

#include <algorithm>
#include <iterator>

namespace dialtone::sim {
namespace {

using F = FaultKind;

constexpr std::string_view names[] = {
    "SIP datagram lost",
    "SIP datagram late",
    "SIP datagram doubled",
    "SIP socket breaks",
    "DHCP datagram lost",
    "DHCP datagram late",
    "DHCP datagram doubled",
    "DHCP socket breaks",
    "TFTP datagram lost",
    "TFTP datagram late",
    "TFTP datagram doubled",
    "TFTP datagram of a stranger",
    "TFTP socket breaks",
    "NTP datagram lost",
    "time server lies",
    "name unknown",
    "name late",
    "socket refused",
    "connection for SIP refused",
    "connection for SIP late",
    "connection for SIP breaks",
    "connection refused",
    "connection unanswered",
    "bad certificate",
    "status 401",
    "status 403",
    "status 404",
    "status 429",
    "status 500",
    "redirect elsewhere",
    "redirect in a circle",
    "answer truncated",
    "connection reset in the body",
    "wrong length",
    "no length",
    "hangs up without an answer",
    "head broken",
    "odd FTP reply",
    "stall before the head",
    "stall in the body",
    "body drips",
    "HTML page",
    "broken file",
    "endless file",
    "write fails",
    "sync fails",
    "remove fails",
    "read fails",
    "disk slow",
    "power cut at a disk step",
    "hooks slow",
    "disk full",
    "server dies",
    "PBX dies",
    "partition",
    "file changes",
    "file goes bad",
    "file breaks the network",
    "file names a lost server",
    "DHCP server lies",
    "DHCP server names another",
    "TFTP server misbehaves",
    "attacker on the network",
    "forged SIP",
    "PBX notifies by itself",
    "link down at the start",
    "NOTIFY check-sync",
    "NOTIFY check-sync;reboot",
    "NOTIFY with a URL",
    "lease renewed",
    "lease lost",
    "link flaps",
    "address changes",
    "clock jumps",
    "port taken",
    "resync",
    "set a value",
    "set a URL",
    "set nonsense",
    "confirm",
    "factory reset",
    "stop",
    "power cut",
    "agent killed",
};
static_assert(std::size(names) == fault_kind_count);

struct FaultPointKinds {
    FaultPoint point;
    FaultKind first;
    FaultKind last;
};

constexpr FaultPointKinds fault_point_kinds[] = {
    {FaultPoint::sip, F::sip_lost, F::sip_breaks},
    {FaultPoint::dhcp, F::dhcp_lost, F::dhcp_breaks},
    {FaultPoint::tftp, F::tftp_lost, F::tftp_breaks},
    {FaultPoint::ntp, F::ntp_lost, F::ntp_wrong},
    {FaultPoint::names, F::name_unknown, F::name_late},
    {FaultPoint::socket, F::socket_refused, F::socket_refused},
    {FaultPoint::connection, F::connection_refused, F::connection_breaks},
    {FaultPoint::transfer, F::refused, F::endless_file},
    {FaultPoint::step, F::write_fails, F::cut_at_step},
    {FaultPoint::hooks, F::hooks_slow, F::hooks_slow},
};

}  // namespace

std::string_view name_of(FaultKind kind) {
    return names[static_cast<uint32_t>(kind)];
}

std::vector<FaultKind> fault_kinds_at(FaultPoint point) {
    std::vector<FaultKind> kinds;
    for (const FaultPointKinds& row : fault_point_kinds) {
        if (row.point != point) continue;
        for (auto i = static_cast<uint32_t>(row.first); i <= static_cast<uint32_t>(row.last); ++i)
            kinds.push_back(static_cast<FaultKind>(i));
    }
    return kinds;
}

}  // namespace dialtone::sim
