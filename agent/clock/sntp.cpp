// SPDX-License-Identifier: Apache-2.0
#include "agent/clock/sntp.h"

#include <array>
#include <string>
#include <utility>

#include "agent/clock/wall_clock.h"
#include "agent/limits.h"
#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = SntpState;
using C = SntpCue;
using A = SntpAction;

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                    cue             action           next
    {all_states<S>(),            C::start,       A::resolve,      S::resolving},

    {in(S::resolving),           C::address,     A::ask,          S::asking},
    {in(S::resolving),           C::no_address,  A::next_server,  S::resolving},

    {in(S::asking),              C::reply,       A::accept,       S::idle},

    {in(S::asking),              C::time_up,     A::ask_again,    S::asking},
    {in(S::resolving),           C::time_up,     A::next_server,  S::resolving},
};
// clang-format on
constexpr auto table =
    completed(rows, C::address, C::no_address, C::reply, C::wrong_reply, C::time_up);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "resolving", "asking"};
constexpr std::string_view cue_names[] = {"start", "address",     "no address",
                                          "reply", "wrong reply", "time up"};
constexpr std::string_view action_names[] = {"nothing", "resolve",     "ask",
                                             "accept",  "next server", "ask again"};
constexpr TableView view = table_view(
    {.name = "sntp", .title = "SNTP: the wall clock", .about = "`agent/clock/sntp.cpp`."}, table,
    state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

constexpr uint16_t ntp_port = 123;
constexpr uint32_t packet_bytes = 48;
constexpr uint8_t client_head = 0x23;  // leap 0, version 4, mode 3
constexpr uint32_t originate_at = 24;
constexpr uint32_t transmit_at = 40;
constexpr WallSeconds ntp_epoch_s = -2'208'988'800;  // 1900-01-01
constexpr WallSeconds era_s = WallSeconds{1} << 32;

uint64_t big_endian(std::span<const uint8_t> bytes, uint32_t at, uint32_t count) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < count; ++i)
        value = value << 8 | bytes[at + i];
    return value;
}

}  // namespace

void Sntp::start(Instant now, std::string_view servers, WallSeconds floor_s, Rng& rng) {
    servers_.clear();
    while (!servers.empty() && servers_.size() < limits::sntp_servers) {
        const auto comma = servers.find(',');
        if (const auto name = servers.substr(0, comma); !name.empty()) servers_.emplace_back(name);
        servers = comma == std::string_view::npos ? "" : servers.substr(comma + 1);
    }
    server_ = 0;
    if (socket_ != 0) emit(CloseSocket{std::exchange(socket_, 0)});
    floor_s_ = floor_s;
    cookie_ = rng.next();
    step(now, C::start);
}

void Sntp::handle(Instant now, const Event& event) {
    if (const auto* resolved = std::get_if<Resolved>(&event); resolved && resolved->id == id_) {
        if (resolved->addresses.empty()) {
            reason_ = resolved->reason;
            return step(now, C::no_address);
        }
        address_ = resolved->addresses.front();
        return step(now, C::address);
    }
    if (const auto* datagram = std::get_if<DatagramIn>(&event);
        datagram && datagram->socket == socket_ && socket_ != 0) {
        return step(now, judge(*datagram));
    }
    if (const auto* failed = std::get_if<SocketFailed>(&event);
        failed && failed->socket == socket_ && socket_ != 0) {
        tries_ = limits::sntp_tries;  // another try would fail alike
        return step(now, C::time_up);
    }
    if (const auto due = deadline(); due && *due <= now) step(now, C::time_up);
}

std::optional<Instant> Sntp::deadline() const {
    if (state_ == S::idle) return std::nullopt;
    return due_;
}

void Sntp::step(Instant now, SntpCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void Sntp::act(Instant now, SntpAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::resolve:
            if (server_ >= servers_.size()) return end(false);
            tries_ = 0;
            id_ = new_id();
            due_ = now + limits::sntp_wait_ms;
            reason_ = "the name could not be resolved in time";
            emit(Resolve{id_, servers_[server_]});
            return;
        case A::ask:
            socket_ = new_id();
            emit(OpenSocket{socket_, address_.octet_count});
            reason_ = "no answer from " + servers_[server_];
            return ask(now);
        case A::ask_again:
            return tries_ < limits::sntp_tries ? ask(now) : next_server(now);
        case A::next_server:
            return next_server(now);
        case A::accept:
            return end(true);
    }
}

void Sntp::ask(Instant now) {
    ++tries_;
    due_ = now + limits::sntp_wait_ms;
    DatagramOut out;
    out.socket = socket_;
    out.to = address_;
    out.to_port = ntp_port;
    out.bytes.resize(packet_bytes);
    out.bytes[0] = client_head;
    for (uint32_t i = 0; i < 8; ++i)
        out.bytes[transmit_at + i] = static_cast<uint8_t>(cookie_ >> (56 - 8 * i));
    emit(std::move(out));
}

void Sntp::next_server(Instant now) {
    if (socket_ != 0) emit(CloseSocket{socket_});
    socket_ = 0;
    ++server_;
    state_ = S::resolving;
    act(now, A::resolve);
}

void Sntp::end(bool known) {
    if (socket_ != 0) emit(CloseSocket{socket_});
    socket_ = 0;
    state_ = S::idle;
    finish({.known = known,
            .wall_s = answer_s_,
            .server = known ? servers_[server_] : "",
            .reason = known ? "" : reason_});
}

SntpCue Sntp::judge(const DatagramIn& datagram) {
    const auto bytes = datagram.bytes;
    if (bytes.size() < packet_bytes || datagram.from != address_) return C::wrong_reply;
    const bool server_mode = (bytes[0] & 7) == 4;
    const bool synchronised = bytes[0] >> 6 != 3 && bytes[1] >= 1 && bytes[1] <= 15;
    if (!server_mode || big_endian(bytes, originate_at, 8) != cookie_) return C::wrong_reply;
    if (!synchronised) {
        reason_ = servers_[server_] + " is not synchronised itself";
        return C::wrong_reply;
    }
    const auto seconds = static_cast<WallSeconds>(big_endian(bytes, transmit_at, 4));
    answer_s_ = ntp_epoch_s + seconds;
    while (answer_s_ + era_s / 2 < floor_s_)
        answer_s_ += era_s;  // the era wraps in 2036
    if (answer_s_ >= floor_s_) return C::reply;
    reason_ = servers_[server_] + " says that it is " + std::to_string(answer_s_) +
              " (seconds since 1970), and " +
              std::string(clock_proposal_words(ClockProposal::before_floor));
    return C::wrong_reply;
}

}  // namespace dialtone
