// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/pnp_request.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;

namespace {

PnpParties parties() {
    return {.own_address = phone,
            .own_port = 5060,
            .server = "224.0.1.75",
            .server_address = group,
            .server_port = 5060};
}

const PnpCall captured = {"z9hG4bK458721093", "1692014507", "1278367207"};

// The names of the fields, in order.
std::vector<std::string> names_in(std::string_view text) {
    std::vector<std::string> names;
    text.remove_prefix(text.find("\r\n") + 2);
    while (!text.starts_with("\r\n")) {
        names.emplace_back(text.substr(0, text.find(':')));
        text.remove_prefix(text.find("\r\n") + 2);
    }
    return names;
}

}  // namespace

TEST_CASE("a Grandstream phone asks to the letter as in the vendor's capture") {
    CHECK(subscribe_text(grandstream_profile.pnp.subscribe, grandstream_profile.pnp.users[0],
                         a_phone(), parties(), captured) ==
          "SUBSCRIBE sip:MAC%3A000B82273B89@224.0.1.75 SIP/2.0\r\n"
          "Via: SIP/2.0/UDP 172.18.32.197:5060;branch=z9hG4bK458721093;rport\r\n"
          "From: <sip:MAC%3A000B82273B89@224.0.1.75>;tag=1692014507\r\n"
          "To: <sip:MAC%3A000B82273B89@224.0.1.75>\r\n"
          "Call-ID: 1278367207-5060-1@BHC.BI.DC.BJH\r\n"
          "CSeq: 20000 SUBSCRIBE\r\n"
          "Contact: <sip:172.18.32.197:5060>\r\n"
          "X-Grandstream-PBX: true\r\n"
          "Max-Forwards: 70\r\n"
          "User-Agent: Grandstream GXP1628 1.0.2.7\r\n"
          "Expires: 0\r\n"
          "Supported: replaces, path, timer\r\n"
          "Event: ua-profile;profile-type=\"device\";vendor=\"Grandstream\";model=\"GXP1628\";"
          "version=\"1.0.2.7\"\r\n"
          "Accept: application/url\r\n"
          "Allow: INVITE, ACK, OPTIONS, CANCEL, BYE, SUBSCRIBE, NOTIFY, INFO, REFER, UPDATE, "
          "MESSAGE\r\n"
          "Content-Length: 0\r\n"
          "\r\n");
}

TEST_CASE("the other forms have the fields in the order that servers count on") {
    for (const Profile* profile : all_profiles()) {
        CAPTURE(profile->name);
        const std::string text = subscribe_text(profile->pnp.subscribe_other, profile->pnp.users[1],
                                                a_phone(), parties(), captured);
        const auto names = names_in(text);
        CHECK(std::vector<std::string>(names.begin(), names.begin() + 6) ==
              std::vector<std::string>{"Via", "From", "To", "Call-ID", "CSeq", "Event"});
        CHECK(text.find("CSeq: 1 SUBSCRIBE\r\n") != std::string::npos);
    }
}

TEST_CASE("each vendor spells the MAC address as it does, and then as servers of others know it") {
    const auto users = [](const Profile& profile) {
        std::vector<std::string> all;
        for (const std::string_view user : profile.pnp.users) {
            const std::string text =
                subscribe_text(profile.pnp.subscribe, user, a_phone(), parties(), captured);
            all.push_back(text.substr(14, text.find('@') - 14));
        }
        return all;
    };
    CHECK(users(grandstream_profile) ==
          std::vector<std::string>{"MAC%3A000B82273B89", "MAC000b82273b89", "MAC%3a000b82273b89"});
    CHECK(users(fanvil_profile) ==
          std::vector<std::string>{"MAC000b82273b89", "MAC%3a000b82273b89", "MAC%3A000B82273B89"});
}

TEST_CASE("every form of every vendor fits a responder that reads 1,024 bytes, for any phone") {
    Identity longest = a_phone();
    longest.model = std::string(200, 'M');
    longest.version = std::string(200, '9');
    PnpParties far = {.own_address = *parse_address("2001:db8:1111:2222:3333:4444:5555:6666"),
                      .own_port = 65535,
                      .server = std::string(limits::pnp_host_bytes, 's'),
                      .server_address = *parse_address("2001:db8:1111:2222:3333:4444:5555:7777"),
                      .server_port = 65535,
                      .transport = PnpTransport::tcp};
    const PnpCall longest_call = {"z9hG4bK999999999", "2147483647", "2147483647"};
    for (const Profile* profile : all_profiles()) {
        for (const std::string_view form : {profile->pnp.subscribe, profile->pnp.subscribe_other}) {
            CAPTURE(form);
            CHECK(!form.empty());
            for (const PnpTransport transport : {PnpTransport::udp, PnpTransport::tcp}) {
                far.transport = transport;
                const std::string text =
                    subscribe_text(form, profile->pnp.users[0], longest, far, longest_call);
                CHECK(text.size() <= limits::pnp_request_bytes);
                CHECK(text.find('{') == std::string::npos);
            }
        }
    }
}

TEST_CASE("a server's name too long for the request is replaced by its address") {
    PnpParties far = parties();
    far.server = std::string(limits::pnp_host_bytes + 1, 's');
    far.server_address = pbx_address;
    CHECK(subscribe_text(fanvil_profile.pnp.subscribe, fanvil_profile.pnp.users[0], a_phone(), far,
                         captured)
              .starts_with("SUBSCRIBE sip:MAC000b82273b89@10.0.0.5 SIP/2.0\r\n"));
}

TEST_CASE("drawn calls differ and look like the captured one") {
    Rng rng(7);
    const PnpCall one = draw_call(rng);
    const PnpCall other = draw_call(rng);
    CHECK(one.branch != other.branch);
    CHECK(one.number != other.number);
    CHECK(one.tag != one.number);
    for (const PnpCall& call : {one, other}) {
        CHECK(call.branch.starts_with("z9hG4bK"));
        CHECK(call.branch.size() == captured.branch.size());
        CHECK(call.tag.size() == captured.tag.size());
        CHECK(call.number.size() == captured.number.size());
    }
}

TEST_CASE("bad input: a server or model with line ends cannot add fields to the request") {
    Identity identity = a_phone();
    identity.model = "X\"\r\nEvil: 1";
    PnpParties far = parties();
    far.server = "a\r\nEvil: 2\r\n";
    for (const Profile* profile : all_profiles()) {
        for (const std::string_view form : {profile->pnp.subscribe, profile->pnp.subscribe_other}) {
            const auto names =
                names_in(subscribe_text(form, profile->pnp.users[0], identity, far, captured));
            CHECK(std::find(names.begin(), names.end(), "Evil") == names.end());
            CHECK(names.back() == "Content-Length");
        }
    }
}
