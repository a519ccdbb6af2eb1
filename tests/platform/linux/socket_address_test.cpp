// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/socket_address.h"

#include <doctest/doctest.h>
#include <netinet/in.h>

namespace dialtone {
namespace {

uint32_t zone_of(const char* text) {
    const SocketAddress made = socket_address(*parse_address(text), 1, 7);
    return reinterpret_cast<const sockaddr_in6&>(made.storage).sin6_scope_id;
}

TEST_CASE("an address and port become the system's and come back") {
    for (const char* text : {"192.0.2.1", "2001:db8::1", "fe80::1", "224.0.1.75"}) {
        const SocketAddress made = socket_address(*parse_address(text), 5060, 7);
        CHECK(address_text(address_in(made)) == text);
        CHECK(port_in(made) == 5060);
    }
    CHECK(address_text(address_in(any_address(4, 1))) == "0.0.0.0");
    CHECK(address_text(address_in(any_address(16, 1))) == "::");
    CHECK(address_in(SocketAddress{}).octet_count == 0);
}

TEST_CASE("only addresses of one link are given a zone") {
    CHECK(zone_of("fe80::1") == 7);
    CHECK(zone_of("febf::1") == 7);
    CHECK(zone_of("ff02::1") == 7);
    CHECK(zone_of("ff05::1") == 0);
    CHECK(zone_of("fec0::1") == 0);
    CHECK(zone_of("2001:db8::1") == 0);
}

}  // namespace
}  // namespace dialtone
