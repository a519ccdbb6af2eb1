// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/way_in.h"

#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

namespace dialtone {
namespace {

// Linux gives the packet information of an accepted connection by these: that of its first packet.
constexpr int v4_options = 9;  // IP_PKTOPTIONS
constexpr int v6_options = 6;  // IPV6_2292PKTOPTIONS
constexpr int v6_wanted = 2;   // IPV6_2292PKTINFO

constexpr int levels[] = {IPPROTO_IP, IPPROTO_IPV6};

int level_of(uint8_t octet_count) {
    return levels[octet_count == 4 ? 0 : 1];
}

}  // namespace

void ask_for_way_in(int descriptor, uint8_t octet_count) {
    const int on = 1;
    const int level = level_of(octet_count);
    const bool v4 = octet_count == 4;
    ::setsockopt(descriptor, level, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, &on, sizeof on);
}

uint32_t way_in(msghdr& message) {
    for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
        if (one->cmsg_level == IPPROTO_IP && one->cmsg_type == IP_PKTINFO) {
            in_pktinfo way = {};
            ::memcpy(&way, CMSG_DATA(one), sizeof way);
            return static_cast<uint32_t>(way.ipi_ifindex);
        }
        const bool v6 = one->cmsg_type == IPV6_PKTINFO || one->cmsg_type == v6_wanted;
        if (one->cmsg_level == IPPROTO_IPV6 && v6) {
            in6_pktinfo way = {};
            ::memcpy(&way, CMSG_DATA(one), sizeof way);
            return way.ipi6_ifindex;
        }
    }
    return 0;
}

uint32_t way_in(int connection, uint8_t octet_count) {
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(in6_pktinfo)) + CMSG_SPACE(sizeof(in_pktinfo)) +
                                  4 * CMSG_SPACE(sizeof(int))] = {};
    socklen_t length_bytes = sizeof control;
    const int option = octet_count == 4 ? v4_options : v6_options;
    if (::getsockopt(connection, level_of(octet_count), option, control, &length_bytes) < 0)
        return 0;
    msghdr message = {};
    message.msg_control = control;
    message.msg_controllen = length_bytes;
    return way_in(message);
}

bool is_welcome(uint32_t way, uint32_t interface_index) {
    return way == 0 || interface_index == 0 || way == interface_index ||
           way == ::if_nametoindex("lo");
}

}  // namespace dialtone
