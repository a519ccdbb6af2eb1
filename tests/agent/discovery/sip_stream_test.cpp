// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sip_stream.h"

#include <doctest/doctest.h>

#include <string_view>

#include "agent/limits.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;

namespace {

SipStream::Taken take(SipStream& stream, std::string_view text) {
    return stream.take({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

const std::string first = notify_text("ua-profile", "http://a/\r\n\r\n");
const std::string second = notify_text("check-sync", {}, {});

}  // namespace

TEST_CASE("two messages in one piece are two messages") {
    SipStream stream;
    const auto taken = take(stream, first + second);
    CHECK(taken.messages == std::vector<std::string>{first, second});
    CHECK(!taken.broken);
}

TEST_CASE("a message in pieces of any size is one message") {
    const std::string all = first + second;
    for (uint32_t size = 1; size < all.size(); ++size) {
        SipStream stream;
        std::vector<std::string> messages;
        for (uint32_t at = 0; at < all.size(); at += size) {
            auto taken = take(stream, std::string_view(all).substr(at, size));
            REQUIRE(!taken.broken);
            messages.insert(messages.end(), taken.messages.begin(), taken.messages.end());
        }
        CHECK(messages == std::vector<std::string>{first, second});
    }
}

TEST_CASE("line ends between two messages only keep the connection alive") {
    SipStream stream;
    CHECK(take(stream, "\r\n\r\n").messages.empty());
    CHECK(take(stream, "\r\n" + second + "\r\n\r\n").messages.size() == 1);
    CHECK(take(stream, "\n" + first).messages.size() == 1);
}

TEST_CASE("a message without a length has no body, and lines may end in LF alone") {
    SipStream stream;
    const auto taken = take(stream, "SIP/2.0 200 OK\nCall-ID: x\n\nSIP/2.0 202 OK\nl: 2\n\nhi");
    CHECK(taken.messages ==
          std::vector<std::string>{"SIP/2.0 200 OK\nCall-ID: x\n\n", "SIP/2.0 202 OK\nl: 2\n\nhi"});
}

TEST_CASE("more messages than fit the buffer at once are all read") {
    SipStream stream;
    std::string all;
    while (all.size() < size_t{3} * limits::sip_message_bytes)
        all += first;
    CHECK(take(stream, all).messages.size() == all.size() / first.size());
}

TEST_CASE("bad input: a length that is none breaks the stream") {
    for (const std::string_view length : {"-1", "x", "", "99999999999", "8193", "2147483648"}) {
        CAPTURE(length);
        SipStream stream;
        CHECK(take(stream, "SIP/2.0 200 OK\r\nContent-Length: " + std::string(length) + "\r\n\r\n")
                  .broken);
    }
}

TEST_CASE("bad input: what never becomes a message breaks the stream at its bound") {
    SipStream stream;
    uint32_t count = 0;
    while (!take(stream, "x").broken)
        REQUIRE(++count < limits::sip_message_bytes);
    CHECK(count == limits::sip_message_bytes - 1);
    SipStream fields;
    CHECK(take(fields, "SIP/2.0 200 OK\r\n" + std::string(9000, 'a')).broken);
    SipStream many;
    std::string text = "SIP/2.0 200 OK\r\n";
    for (uint32_t i = 0; i <= limits::sip_headers; ++i)
        text += "a: b\r\n";
    CHECK(take(many, text + "\r\n").broken);
}
