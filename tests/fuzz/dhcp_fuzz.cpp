// SPDX-License-Identifier: Apache-2.0
//
// Any answers and any leases, at any time, to the DHCP engine: it ends in time, within its bounds,
// with its socket closed, and what it hands on is text that can be shown and asked for. The input
// is a list of events: one byte says which and how long it takes, one how many bytes follow.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/discovery/dhcp.h"
#include "agent/limits.h"
#include "agent/vendor/profiles.h"

using namespace dialtone;

namespace {

constexpr Address phone = {{10, 0, 0, 2}, 4};
constexpr Address server = {{10, 0, 0, 1}, 4};
constexpr uint64_t longest_ms =
    limits::dhcp_inform_tries * limits::dhcp_inform_wait_ms + limits::dhcp_collect_ms;

void demand(bool holds) {
    if (!holds) std::abort();
}

bool is_shown_safely(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7f; });
}

struct World {
    RequestIds ids = {};
    Dhcp dhcp{ids};
    Rng rng{1};
    Instant now = {};
    Instant started = {};
    std::optional<RequestId> open = {};
    std::vector<uint8_t> question = {};

    void drain() {
        uint32_t effects = 0;
        while (auto effect = dhcp.next()) {
            demand(++effects <= 4);
            if (const auto* wanted = std::get_if<OpenSocket>(&*effect)) {
                demand(!open);
                open = wanted->socket;
            }
            if (const auto* wanted = std::get_if<CloseSocket>(&*effect)) {
                demand(open == wanted->socket);
                open.reset();
            }
            if (const auto* out = std::get_if<DatagramOut>(&*effect)) {
                demand(open == out->socket && out->bytes.size() >= 300);
                demand(out->bytes.size() <= 576);
                question = out->bytes;
            }
        }
        demand(open.has_value() <= dhcp.deadline().has_value());
        demand(!dhcp.deadline() || dhcp.deadline()->ms <= started.ms + longest_ms);
    }
    void give(const Event& event) {
        dhcp.handle(now, event);
        drain();
    }
    void pass(uint64_t ms) {
        const Instant end = now + ms;
        for (auto due = dhcp.deadline(); due && *due <= end; due = dhcp.deadline()) {
            now = *due;
            give(Wake{});
        }
        now = end;
    }
    void start(uint8_t flags) {
        DhcpRequest request;
        request.profile = (flags & 1) != 0 ? &fanvil_profile : &grandstream_profile;
        request.own_address = phone;
        request.options = {66, 43, 150, 160, 67};
        if ((flags & 2) != 0) request.options = {254};
        request.inform = (flags & 4) == 0;
        request.sip_server = (flags & 8) == 0;
        started = now;
        dhcp.start(now, std::move(request), rng);
        drain();
    }
    // A message with a head that belongs to the question: the options alone, or all of it.
    void answer(std::span<const uint8_t> bytes, bool whole) {
        std::vector<uint8_t> message(whole ? 0 : 240);
        message.insert(message.end(), bytes.begin(), bytes.end());
        if (message.size() >= 44 && question.size() >= 240) {
            message[0] = 2;
            std::copy_n(question.begin() + 4, 4, message.begin() + 4);
            std::copy_n(question.begin() + 28, 16, message.begin() + 28);
            if (!whole) std::copy_n(question.begin() + 236, 4, message.begin() + 236);
        }
        if (open) give(DatagramIn{*open, server, 67, message});
    }
    // Options of one byte for the code, one for the length.
    void lease(std::span<const uint8_t> rest, uint8_t flags) {
        std::vector<LeaseOption> options;
        while (rest.size() >= 2) {
            const auto count = std::min<size_t>(rest[1], rest.size() - 2);
            options.push_back({(flags & 4) != 0, rest[0], rest.subspan(2, count)});
            rest = rest.subspan(2 + count);
        }
        const auto news = (flags & 8) != 0 ? LeaseNews::renewed : LeaseNews::bound;
        give(Lease{rest.empty() ? news : LeaseNews::lost, options});
    }
};

void check(const DhcpOutcome& outcome) {
    demand(outcome.servers.size() <= limits::dhcp_urls);
    demand(outcome.remarks.size() <= limits::dhcp_remarks);
    demand(outcome.servers.empty() == outcome.from.empty());
    demand(outcome.servers.empty() != outcome.reason.empty());
    for (const DhcpServer& one : outcome.servers) {
        demand(!one.url.empty() && one.url.size() <= limits::url_bytes + 8);
        demand(is_shown_safely(one.url));
    }
    for (const std::string& remark : outcome.remarks)
        demand(remark.size() < 200 && is_shown_safely(remark));
    demand(is_shown_safely(outcome.sip_server) && outcome.sip_server.size() < 300);
    demand(outcome.sip_server.find_first_of(" @/<>;\"") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::span<const uint8_t> rest(data, size);
    World world;
    world.start(0);
    while (rest.size() >= 2) {
        const uint8_t what = rest[0];
        const auto count =
            std::min<size_t>(size_t{rest[1]} * (what & 0x80 ? 8U : 1U), rest.size() - 2);
        const auto bytes = rest.subspan(2, count);
        rest = rest.subspan(2 + count);
        world.pass(uint64_t{150} * (what >> 4 & 7U));
        if ((what & 3) <= 1) world.answer(bytes, (what & 1) != 0);
        if ((what & 3) == 2) world.lease(bytes, what);
        if ((what & 7) == 3) world.start(bytes.empty() ? 0 : bytes[0]);
        if ((what & 7) == 7 && world.open)
            world.give(SocketFailed{*std::exchange(world.open, std::nullopt), "broken"});
        if (auto outcome = world.dhcp.take_outcome()) check(*outcome);
    }
    world.pass(longest_ms);
    demand(!world.dhcp.deadline());
    if (auto outcome = world.dhcp.take_outcome()) check(*outcome);
    demand(!world.open);
    return 0;
}
