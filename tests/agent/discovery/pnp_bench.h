// SPDX-License-Identifier: Apache-2.0
//
// Drives one Pnp in virtual time: the test is the network, with the simulator's PBXs in it if it
// adds some.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/discovery/pnp.h"
#include "agent/limits.h"
#include "agent/vendor/profiles.h"
#include "sim/servers/pbx.h"

namespace dialtone::test {

inline constexpr Address phone = {{172, 18, 32, 197}, 4};
inline constexpr Address group = {{224, 0, 1, 75}, 4};
inline constexpr Address pbx_address = {{10, 0, 0, 5}, 4};
inline constexpr Address other_address = {{10, 0, 0, 9}, 4};
inline constexpr Address attacker = {{10, 0, 0, 66}, 4};

inline Identity a_phone() {
    Identity identity = identity_from_mac("000B82273B89").value();
    identity.model = "GXP1628";
    identity.version = "1.0.2.7";
    return identity;
}

inline std::string text_of(const std::vector<uint8_t>& bytes) {
    return {bytes.begin(), bytes.end()};
}

inline std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

struct PnpBench {
    struct Sent {
        uint64_t at_ms = 0;
        RequestId socket = 0;
        Address to = {};
        uint16_t to_port = 0;
        std::string text = {};
        bool stream = false;
    };

    RequestIds ids = {};
    Pnp pnp{ids};
    Rng rng{1};
    Instant now = {};
    PnpRequest request = {};
    sim::Pbx pbx;
    std::multimap<uint64_t, sim::Pbx::Outgoing> coming = {};
    std::vector<Sent> sent = {};
    std::vector<OpenSocket> opened = {};
    std::vector<RequestId> closed = {};
    std::vector<Resolve> resolves = {};

    PnpBench() {
        request.profile = &grandstream_profile;
        request.identity = a_phone();
        request.own_address = phone;
        request.server = "224.0.1.75";
        request.is_new = true;
    }

    void add(std::string_view kind, Address address = pbx_address) {
        const sim::PbxKind* known = sim::find_pbx_kind(kind);
        REQUIRE(known != nullptr);
        pbx.add(address, *known);
    }
    void start() {
        pnp.start(now, request, rng);
        drain();
    }
    void drain() {
        while (auto effect = pnp.next()) {
            if (auto* out = std::get_if<DatagramOut>(&*effect))
                hear({now.ms, out->socket, out->to, out->to_port, text_of(out->bytes)});
            if (auto* out = std::get_if<BytesOut>(&*effect))
                hear({now.ms, out->socket, request_to(), request.server_port, text_of(out->bytes),
                      true});
            if (auto* open = std::get_if<OpenSocket>(&*effect)) opened.push_back(*open);
            if (auto* close = std::get_if<CloseSocket>(&*effect)) closed.push_back(close->socket);
            if (auto* resolve = std::get_if<Resolve>(&*effect)) resolves.push_back(*resolve);
        }
        while (auto out = pbx.next())
            coming.emplace(out->at_ms, *out);
    }
    Address request_to() const { return parse_address(request.server).value_or(Address{}); }
    void hear(Sent message) {
        pbx.receive(now.ms, {message.socket, message.stream, phone, port(), message.to,
                             message.to_port, message.text});
        sent.push_back(std::move(message));
    }
    void give(const Event& event) {
        pnp.handle(now, event);
        drain();
    }
    // The port that is listened on, and its socket.
    const OpenSocket& port_socket() const {
        for (auto place = opened.rbegin(); place != opened.rend(); ++place) {
            if (place->kind != SocketKind::connection) return *place;
        }
        FAIL("no port was opened");
        return opened.front();
    }
    uint16_t port() const { return port_socket().port; }
    void datagram(std::string_view text, Address from = pbx_address, uint16_t from_port = 5060) {
        give(DatagramIn{port_socket().socket,
                        from,
                        from_port,
                        {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
    }
    void bytes(RequestId socket, std::string_view text) {
        give(BytesIn{socket, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
    }
    // Whatever happens until `ms`, in its order.
    void run_to(uint64_t ms) {
        for (;;) {
            const auto due = pnp.deadline();
            const uint64_t wake_ms = due ? due->ms : UINT64_MAX;
            const uint64_t next_ms = coming.empty() ? UINT64_MAX : coming.begin()->first;
            if (std::min(wake_ms, next_ms) > ms) break;
            now.ms = std::max(now.ms, std::min(wake_ms, next_ms));
            if (next_ms > wake_ms) {
                give(Wake{});
                continue;
            }
            const sim::Pbx::Outgoing out = coming.begin()->second;
            coming.erase(coming.begin());
            if (out.stream) {
                give(BytesIn{out.socket, out.bytes});
            } else if (out.to_port == port()) {
                give(DatagramIn{out.socket, out.from, out.from_port, out.bytes});
            }
        }
        now.ms = std::max(now.ms, ms);
    }
    // Only what begins so.
    std::vector<Sent> sent_that_begin(std::string_view text) const {
        std::vector<Sent> some;
        for (const Sent& one : sent) {
            if (one.text.starts_with(text)) some.push_back(one);
        }
        return some;
    }
    std::vector<uint64_t> asked_at() const {
        std::vector<uint64_t> times;
        for (const Sent& one : sent_that_begin("SUBSCRIBE "))
            times.push_back(one.at_ms);
        return times;
    }
    // "200", "489": the last answer's status; empty when nothing was answered.
    std::string answered() const {
        const auto answers = sent_that_begin("SIP/2.0 ");
        return answers.empty() ? "" : answers.back().text.substr(8, 3);
    }
    PnpOutcome outcome() {
        auto taken = pnp.take_outcome();
        REQUIRE(taken);
        return std::move(*taken);
    }
    // `notify` as it would be within the dialog of what was asked first.
    std::string of_dialog(std::string notify) const {
        const std::string asked = sent_that_begin("SUBSCRIBE ").at(0).text;
        const auto call_at = asked.find("Call-ID: ");
        const auto tag_at = asked.find(";tag=") + 5;
        const std::string call = asked.substr(call_at, asked.find("\r\n", call_at) - call_at);
        const std::string tag = asked.substr(tag_at, asked.find("\r\n", tag_at) - tag_at);
        const auto put = [&notify](std::string_view old, std::string_view text) {
            notify.replace(notify.find(old), old.size(), text);
        };
        put("Call-ID: a@b", call);
        put("To: <sip:172.18.32.197>", "To: <sip:172.18.32.197>;tag=" + tag);
        return notify;
    }
    // A response to what was asked first.
    std::string response(std::string_view status) const {
        const auto asked = sent_that_begin("SUBSCRIBE ");
        REQUIRE(!asked.empty());
        const std::string& text = asked[0].text;
        std::string out = "SIP/2.0 " + std::string(status) + "\r\n";
        for (const std::string_view name : {"Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: "}) {
            const auto at = text.find(name);
            out += text.substr(at, text.find("\r\n", at) + 2 - at);
        }
        return out + "Content-Length: 0\r\n\r\n";
    }
};

// A NOTIFY in good order. `event` may bring more lines with it.
inline std::string notify_text(std::string_view event, std::string_view body = {},
                               std::string_view type = "application/url", uint32_t cseq = 1) {
    std::string text =
        "NOTIFY sip:172.18.32.197:5060 SIP/2.0\n"
        "Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK77;rport\n"
        "From: <sip:10.0.0.5>;tag=1\n"
        "To: <sip:172.18.32.197>\n"
        "Call-ID: a@b\n"
        "CSeq: " +
        std::to_string(cseq) + " NOTIFY\n";
    if (!event.empty()) (text += "Event: ") += event;
    if (!event.empty()) text += '\n';
    if (!type.empty()) ((text += "Content-Type: ") += type) += '\n';
    text += "Content-Length: " + std::to_string(body.size()) + "\n\n";
    return with_crlf(text) + std::string(body);
}

}  // namespace dialtone::test
