// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/stun_lifetime.h"

#include <utility>

#include "agent/limits.h"
#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = StunLifetimeState;
using C = StunLifetimeCue;
using A = StunLifetimeAction;

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states               cue              action        next
    {all_states<S>(),       C::start,        A::open,      S::opening},
    {but(S::idle),          C::stop,         A::close,     S::idle},

    {in(S::opening),        C::mapped,       A::wait,      S::waiting},
    {in(S::opening),        C::unsupported,  A::conclude,  S::idle},
    {in(S::opening),        C::unanswered,   A::conclude,  S::idle},

    {in(S::waiting),        C::time_up,      A::probe,     S::probing},

    {in(S::probing),        C::arrived,      A::lengthen,  S::opening},
    {in(S::probing),        C::unsupported,  A::conclude,  S::idle},
    {in(S::probing),        C::unanswered,   A::shorten,   S::opening},

    {in(S::opening, S::probing), C::time_up, A::repeat,    S::idle, true},
};
// clang-format on
constexpr auto table =
    completed(rows, C::stop, C::mapped, C::arrived, C::unsupported, C::time_up, C::unanswered);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "opening", "waiting", "probing"};
constexpr std::string_view cue_names[] = {"start",       "stop",    "mapped",    "arrived",
                                          "unsupported", "time up", "unanswered"};
constexpr std::string_view action_names[] = {"nothing", "open",     "close",   "wait",    "probe",
                                             "repeat",  "lengthen", "shorten", "conclude"};
constexpr TableView view = table_view({.name = "stun lifetime",
                                       .title = "STUN: how long a NAT keeps a way open",
                                       .about = "`agent/cwmp/stun_lifetime.cpp`."},
                                      table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

}  // namespace

void StunLifetime::start(Instant now, const StunServer& server, uint32_t low_s, uint32_t high_s) {
    close();
    server_ = server;
    low_s_ = low_s;
    high_s_ = high_s;
    wait_s_ = 0;
    step(now, C::start);
}

void StunLifetime::handle(Instant now, const Event& event) {
    if (state_ == S::idle) return;
    if (const auto* datagram = std::get_if<DatagramIn>(&event)) {
        if (const auto cue = cue_of(*datagram)) return step(now, *cue);
    }
    if (const auto* failed = std::get_if<SocketFailed>(&event);
        failed && (failed->socket == silent_ || failed->socket == asking_)) {
        close();
        state_ = S::idle;
        return conclude();
    }
    if (const auto due = deadline(); due && *due <= now) step(now, C::time_up);
}

std::optional<Instant> StunLifetime::deadline() const {
    if (state_ == S::idle) return std::nullopt;
    return state_ == S::waiting ? due_ : request_.due();
}

std::optional<StunLifetimeCue> StunLifetime::cue_of(const DatagramIn& datagram) {
    if (datagram.socket != silent_ && datagram.socket != asking_) return std::nullopt;
    const auto message = response_of(server_, datagram);
    if (!message || message->transaction != request_.transaction()) return std::nullopt;
    if (message->error != 0 || !message->mapped_address || datagram.socket == asking_)
        return C::unsupported;
    if (state_ != S::opening) return C::arrived;
    mapped_ = *message->mapped_address;
    return C::mapped;
}

void StunLifetime::step(Instant now, StunLifetimeCue cue) {
    // In the first round, which waits for nothing, silence means that the server cannot.
    if (cue == C::unanswered && state_ == S::probing && wait_s_ == 0) cue = C::unsupported;
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void StunLifetime::act(Instant now, StunLifetimeAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::open:
            return open(now);
        case A::close:
            return close();
        case A::wait:
            due_ = now + uint64_t{wait_s_} * 1000;
            return;
        case A::probe:
            return probe(now);
        case A::repeat:
            if (auto again = request_.repeat(now)) return emit(std::move(*again));
            return step(now, C::unanswered);
        case A::lengthen:
            if (wait_s_ != 0) low_s_ = wait_s_;
            return next_round(now);
        case A::shorten:
            high_s_ = wait_s_;
            return next_round(now);
        case A::conclude:
            return conclude();
    }
}

// Each round has a way of its own: of the one before nobody knows how it stands.
void StunLifetime::open(Instant now) {
    close();
    silent_ = new_id();
    asking_ = new_id();
    const uint8_t octet_count = server_.endpoint.address.octet_count;
    emit(OpenSocket{.socket = silent_, .octet_count = octet_count});
    emit(OpenSocket{.socket = asking_, .octet_count = octet_count});
    const StunTransaction id = transactions_.next();
    emit(request_.start(now, silent_, server_, id,
                        finished_request(StunWriter(StunType::binding_request, id), server_)));
}

void StunLifetime::probe(Instant now) {
    const StunTransaction id = transactions_.next();
    StunWriter writer(StunType::binding_request, id);
    writer.add(StunAttribute::response_address, mapped_);
    emit(request_.start(now, asking_, server_, id, finished_request(std::move(writer), server_),
                        limits::stun_probe_requests, limits::stun_probe_wait_ms));
}

void StunLifetime::next_round(Instant now) {
    if (high_s_ - low_s_ <= limits::stun_lifetime_precision_s) {
        state_ = S::idle;
        close();
        return finish({.proven_s = low_s_});
    }
    wait_s_ = low_s_ + (high_s_ - low_s_ + 1) / 2;
    open(now);
}

void StunLifetime::close() {
    for (RequestId* const socket : {&silent_, &asking_}) {
        if (*socket != 0) emit(CloseSocket{std::exchange(*socket, 0)});
    }
}

void StunLifetime::conclude() {
    close();
    finish({});
}

}  // namespace dialtone
