// SPDX-License-Identifier: Apache-2.0
#include "agent/address.h"

#include <doctest/doctest.h>

#include <string>

using namespace dialtone;

TEST_CASE("an address is written as RFC 5952 says, whatever way it was written before") {
    struct Row {
        const char* text;
        const char* canonical;
    };
    constexpr Row rows[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"0.0.0.0", "0.0.0.0"},
        {"255.255.255.255", "255.255.255.255"},
        {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
        {"2001:0DB8::0001", "2001:db8::1"},
        {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
        {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::", "::"},
        {"::1", "::1"},
        {"fe80::", "fe80::"},
        {"::ffff:192.0.2.33", "192.0.2.33"},
        {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
    };
    for (const Row& row : rows) {
        const auto address = parse_address(row.text);
        REQUIRE_MESSAGE(address, row.text);
        if (address) CHECK(address_text(*address) == row.canonical);
    }
}

TEST_CASE("bad input: what is no address is not taken for one") {
    for (const char* text : {"",
                             "1",
                             "1.2.3",
                             "1.2.3.4.5",
                             "256.1.1.1",
                             "01.2.3.4",
                             "1.2.3.4 ",
                             "1..3.4",
                             "a.b.c.d",
                             ":",
                             ":::",
                             "1::2::3",
                             "1:2:3:4:5:6:7",
                             "1:2:3:4:5:6:7:8:9",
                             "::12345",
                             "1:2:3:4:5:6:7:",
                             ":1:2:3:4:5:6:7",
                             "fe80::1%eth0",
                             "[::1]",
                             "1:2:3:4:5:6:7::8",
                             "::1.2.3",
                             "g::1"})
        CHECK_MESSAGE(!parse_address(text), text);
}

TEST_CASE("in a URL an IPv6 address stands in brackets") {
    CHECK(address_in_url(*parse_address("192.0.2.1")) == "192.0.2.1");
    CHECK(address_in_url(*parse_address("2001:db8::1")) == "[2001:db8::1]");
    CHECK(address_text(Address{}).empty());
}

TEST_CASE("multicast addresses are known by their first bits") {
    CHECK(is_multicast(*parse_address("224.0.1.75")));
    CHECK(is_multicast(*parse_address("239.255.255.255")));
    CHECK(is_multicast(*parse_address("ff02::1")));
    CHECK(!is_multicast(*parse_address("223.255.255.255")));
    CHECK(!is_multicast(*parse_address("240.0.0.1")));
    CHECK(!is_multicast(*parse_address("fe80::1")));
}
