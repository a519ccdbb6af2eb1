// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/lease.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/platform/linux/event_log.h"

namespace dialtone {
namespace {

LeaseRecord ipv4(LeaseNews news, std::string_view server = {}) {
    LeaseRecord record = {false, news, "eth0", {}};
    if (!server.empty()) record.options = {{66, {server.begin(), server.end()}}};
    return record;
}

LeaseRecord ipv6(LeaseNews news, std::string_view url = {}) {
    LeaseRecord record = {true, news, "eth0", {}};
    if (!url.empty()) record.options = {{59, {url.begin(), url.end()}}};
    return record;
}

// All that the book tells now.
std::string told(LeaseBook& book) {
    EventLog log;
    while (book.deliver({}, log)) {
    }
    return log.all();
}

TEST_CASE("a lease that was there at the start is told once") {
    const LeaseRecord found[] = {ipv4(LeaseNews::renewed, "pbx"),
                                 ipv6(LeaseNews::bound, "http://p")};
    LeaseBook book("eth0", found);
    CHECK(told(book) == "lease bound 66=pbx v6:59=http://p; ");
    CHECK(told(book).empty());
}

TEST_CASE("a lease that was lost before the start is no news") {
    const LeaseRecord found[] = {ipv4(LeaseNews::lost)};
    LeaseBook book("eth0", found);
    CHECK(told(book).empty());
}

TEST_CASE("each word of the DHCP client is told with the options it has now") {
    LeaseBook book("eth0", {});
    CHECK(told(book).empty());
    REQUIRE(book.take(ipv4(LeaseNews::bound, "one")));
    CHECK(told(book) == "lease bound 66=one; ");
    REQUIRE(book.take(ipv4(LeaseNews::renewed, "two")));
    CHECK(told(book) == "lease renewed 66=two; ");
    REQUIRE(book.take(ipv4(LeaseNews::lost)));
    CHECK(told(book) == "lease lost; ");
}

TEST_CASE("the vendor class is told that the client for IPv4 has sent") {
    LeaseBook book("eth0", {});
    LeaseRecord record = ipv4(LeaseNews::bound, "bad");
    record.vendor_class = "Fanvil X4";
    REQUIRE(book.take(std::move(record)));
    CHECK(told(book) == "lease bound 66=bad class=Fanvil X4; ");
    REQUIRE(book.take(ipv6(LeaseNews::bound, "http://p")));
    CHECK(told(book) == "lease bound 66=bad v6:59=http://p class=Fanvil X4; ");
    REQUIRE(book.take(ipv4(LeaseNews::lost)));
    CHECK(told(book) == "lease bound v6:59=http://p; ");
}

TEST_CASE("a lease of one family that is lost leaves the other's") {
    LeaseBook book("eth0", {});
    REQUIRE(book.take(ipv4(LeaseNews::bound, "pbx")));
    REQUIRE(book.take(ipv6(LeaseNews::bound, "http://p")));
    CHECK(told(book) == "lease bound 66=pbx v6:59=http://p; ");
    REQUIRE(book.take(ipv4(LeaseNews::lost)));
    CHECK(told(book) == "lease bound v6:59=http://p; ");
    REQUIRE(book.take(ipv6(LeaseNews::lost)));
    CHECK(told(book) == "lease lost; ");
}

TEST_CASE("a lease of another interface is refused, unless the agent has none") {
    LeaseBook book("eth1", {});
    const Status taken = book.take(ipv4(LeaseNews::bound, "pbx"));
    REQUIRE(!taken);
    CHECK(taken.error().detail == "the lease is of eth0, and the phone uses eth1");
    CHECK(told(book).empty());
    LeaseBook any("", {});
    CHECK(any.take(ipv4(LeaseNews::bound, "pbx")));
}

TEST_CASE("two leases have no more options together than may be told") {
    LeaseRecord four = ipv4(LeaseNews::bound), six = ipv6(LeaseNews::bound);
    for (uint16_t code = 1; code <= limits::lease_options; ++code) {
        four.options.push_back({code, {'x'}});
        six.options.push_back({code, {'x'}});
    }
    LeaseBook book("eth0", {});
    REQUIRE(book.take(std::move(four)));
    REQUIRE(book.take(std::move(six)));
    const std::string line = told(book);
    CHECK(std::ranges::count(line, '=') == limits::lease_options);
}

}  // namespace
}  // namespace dialtone
