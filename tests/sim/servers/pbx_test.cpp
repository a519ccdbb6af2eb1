// SPDX-License-Identifier: Apache-2.0
#include "sim/servers/pbx.h"

#include <doctest/doctest.h>

#include <string>

using namespace dialtone;
using namespace dialtone::sim;

namespace {

constexpr Address server = {{10, 0, 0, 30}, 4};
constexpr Address phone = {{10, 0, 0, 2}, 4};

constexpr std::string_view subscribe =
    "SUBSCRIBE sip:MAC%3a000b82273b89@10.0.0.30 SIP/2.0\r\n"
    "Via: SIP/2.0/TCP 10.0.0.2:5060;branch=z9hG4bK1\r\n"
    "From: <sip:MAC%3a000b82273b89@10.0.0.30>;tag=1\r\n"
    "To: <sip:MAC%3a000b82273b89@10.0.0.30>\r\n"
    "Call-ID: 1@10.0.0.2\r\n"
    "CSeq: 1 SUBSCRIBE\r\n"
    "Event: ua-profile\r\n"
    "Content-Length: 0\r\n\r\n";

// A server that a phone has asked, and whose answers have gone out.
Pbx asked_pbx(bool stream) {
    Pbx pbx;
    pbx.add(server, pbx_kinds().front());
    pbx.receive(0, {7, stream, phone, 5060, server, 5060, subscribe});
    while (pbx.next())
        continue;
    return pbx;
}

}  // namespace

TEST_CASE("a server reaches a phone that has started anew by datagrams, but over no connection") {
    for (const bool stream : {false, true}) {
        CAPTURE(stream);
        Pbx pbx = asked_pbx(stream);
        pbx.send_notify(10, server, "check-sync", "");
        CHECK(pbx.next().has_value());
        pbx.end_connections();
        pbx.send_notify(20, server, "check-sync", "");
        CHECK(pbx.next().has_value() == !stream);
    }
}
