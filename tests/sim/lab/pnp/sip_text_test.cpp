// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/pnp/sip_text.h"

#include <doctest/doctest.h>

using namespace dialtone::sim::pnp;

TEST_CASE("lab pnp: a request has its method, URI, fields under their long names, and its body") {
    const auto message = read_sip_text(
        "NOTIFY sip:a@10.0.0.1:5062;ob SIP/2.0\r\nf: <sip:b@h>;tag=1\r\nO: ua-profile\r\n"
        "Subject: one\r\n  two\r\n\r\nhttp://h/");
    REQUIRE(message);
    CHECK(message->method() == "NOTIFY");
    CHECK(message->status() == 0);
    CHECK(message->field("from") == "<sip:b@h>;tag=1");
    CHECK(message->field("event") == "ua-profile");
    CHECK(message->field("subject") == "one two");
    CHECK(message->field("via").empty());
    CHECK(message->body == "http://h/");
    CHECK(user_of(message->uri()) == "a");
    CHECK(place_of(message->uri()) == "10.0.0.1:5062");
}

TEST_CASE("lab pnp: an answer has its status") {
    const auto message = read_sip_text("SIP/2.0 489 Bad Event\r\nCall-ID: x\r\n\r\n");
    REQUIRE(message);
    CHECK(message->status() == 489);
    CHECK(message->method().empty());
}

TEST_CASE("lab pnp: parameters stand behind the address, quoted or not") {
    constexpr std::string_view event = "ua-profile; vendor=\"A; B=1\" ;model=C;ready";
    CHECK(value_of(event) == "ua-profile");
    CHECK(parameter_of(event, "vendor") == "A; B=1");
    CHECK(parameter_of(event, "MODEL") == "C");
    CHECK(parameter_of(event, "ready") == "");
    CHECK_FALSE(parameter_of(event, "B"));
    CHECK_FALSE(parameter_of("<sip:a@h;tag=uri>", "tag"));
    CHECK(parameter_of("\"x;y\" <sip:a@h;tag=uri>;tag=own", "tag") == "own");
    CHECK(address_of("\"x\" <sip:a@h;tag=uri>;tag=own") == "sip:a@h;tag=uri");
    CHECK(address_of("sip:a@h;tag=own") == "sip:a@h");
}

TEST_CASE("bad input: what is no SIP message is none to the laboratory's server of plug and play") {
    for (const std::string_view text :
         {"", "\r\n", "GET / HTTP/1.1\r\n\r\n", "SIP/2.0 many\r\n\r\n",
          "SUBSCRIBE  SIP/2.0\r\n\r\n", "SUBSCRIBE sip:h SIP/2.0\r\n folded\r\n\r\n",
          "SUBSCRIBE sip:h SIP/2.0\r\nno colon\r\n\r\n"})
        CHECK_FALSE(read_sip_text(text));
    std::string many = "SUBSCRIBE sip:h SIP/2.0\r\n";
    for (uint32_t at = 0; at <= sip_fields; ++at)
        many += "A: b\r\n";
    CHECK_FALSE(read_sip_text(many));
}
