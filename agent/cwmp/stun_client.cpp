// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/stun_client.h"

#include <algorithm>
#include <utility>

#include "agent/limits.h"
#include "agent/table_registry.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

using S = StunState;
using C = StunCue;
using A = StunAction;

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                       cue             action              next
    {all_states<S>(),               C::start,       A::resolve,         S::resolving},
    {but(S::idle),                  C::stop,        A::close,           S::idle},

    {in(S::resolving),              C::resolved,    A::ask,             S::asking},
    {in(S::resolving),              C::unresolved,  A::wait_unresolved, S::silent},

    {in(S::asking),                 C::mapped,      A::take_mapped,     S::bound},
    {in(S::asking),                 C::challenged,  A::ask_protected,   S::asking},
    {in(S::asking),                 C::refused,     A::wait_refused,    S::silent},
    {in(S::asking),                 C::unanswered,  A::wait_silent,     S::silent},

    {but(S::idle),                  C::lost,        A::wait_lost,       S::silent},

    {in(S::resolving),              C::time_up,     A::wait_unresolved, S::silent},
    {in(S::asking),                 C::time_up,     A::repeat,          S::asking},
    {in(S::bound),                  C::time_up,     A::ask,             S::asking},
    {in(S::silent),                 C::time_up,     A::resolve,         S::resolving},
};
// clang-format on
constexpr auto table = completed(rows, C::stop, C::resolved, C::unresolved, C::mapped,
                                 C::challenged, C::refused, C::unanswered, C::time_up, C::lost);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "resolving", "asking", "bound", "silent"};
constexpr std::string_view cue_names[] = {"start",   "stop",       "resolved", "unresolved",
                                          "mapped",  "challenged", "refused",  "unanswered",
                                          "time up", "lost"};
constexpr std::string_view action_names[] = {
    "nothing", "resolve",         "close",       "ask",          "ask protected", "take mapped",
    "repeat",  "wait unresolved", "wait silent", "wait refused", "wait lost"};
constexpr TableView view = table_view({.name = "stun",
                                       .title = "STUN: a way for connection requests",
                                       .about = "`agent/cwmp/stun_client.cpp`."},
                                      table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

constexpr uint16_t usual_local_port = 7547;

// RFC 3489 9.2: what a server answers who wants USERNAME and MESSAGE-INTEGRITY.
constexpr bool is_challenge(uint16_t error) {
    return error == 401 || error == 432;
}

std::string endpoint_text(const StunEndpoint& endpoint) {
    return address_in_url(endpoint.address) + ':' + std::to_string(endpoint.port);
}

}  // namespace

StunClient::StunClient(RequestIds& ids, PhoneFacts& phone, const WallClock& clock)
    : Engine(ids), phone_(phone), clock_(clock), lifetime_(ids, transactions_) {
    drives(lifetime_);
}

// --- from outside --------------------------------------------------------------------------------

StunClient::Setup StunClient::setup() const {
    const Settings& settings = phone_.settings;
    Setup out;
    out.enabled = wanted_ && phone_.link_up && phone_.address.octet_count != 0 &&
                  settings.flag(Setting::tr069_stun_enable);
    if (!out.enabled) return out;
    out.host = settings.get(Setting::tr069_stun_server);
    const auto acs = parse_url(settings.get(Setting::tr069_acs_url), Scheme::http);
    if (out.host.empty() && acs) out.host = acs->host;
    out.port = static_cast<uint16_t>(settings.number(Setting::tr069_stun_port));
    // The port of connection requests over HTTP is as good for those over UDP.
    out.local_port = static_cast<uint16_t>(settings.number(Setting::tr069_connection_request_port));
    if (out.local_port == 0) out.local_port = usual_local_port;
    out.user = settings.get(Setting::tr069_stun_user);
    out.password = settings.get(Setting::tr069_stun_password);
    out.min_s = settings.number(Setting::tr069_stun_min_s);
    const uint32_t max_s = settings.number(Setting::tr069_stun_max_s);
    out.max_s = std::max(out.min_s, max_s == 0 ? limits::stun_no_most_s : max_s);
    out.address = phone_.address;
    return out;
}

void StunClient::take_settings(Instant now, bool wanted) {
    wanted_ = wanted;
    transactions_.set_secret(phone_.secret);
    arrange(now);
}

void StunClient::arrange(Instant now) {
    Setup wanted = setup();
    if (wanted == setup_) return;
    step(now, C::stop);
    setup_ = std::move(wanted);
    failures_ = 0;
    if (setup_.enabled) step(now, C::start);
}

void StunClient::handle(Instant now, const Event& event) {
    arrange(now);
    lifetime_.handle(now, event);
    if (const auto outcome = lifetime_.take_outcome()) take_lifetime(*outcome);
    if (const auto* resolved = std::get_if<Resolved>(&event);
        resolved && resolved->id == resolve_ && resolve_ != 0) {
        resolve_ = 0;
        const auto place = std::ranges::find(resolved->addresses, phone_.address.octet_count,
                                             &Address::octet_count);
        if (place == resolved->addresses.end()) return step(now, C::unresolved);
        server_.endpoint = {*place, setup_.port};
        return step(now, C::resolved);
    }
    if (const auto* datagram = std::get_if<DatagramIn>(&event);
        datagram && datagram->socket == socket_ && socket_ != 0)
        return take_datagram(now, *datagram);
    if (const auto* failed = std::get_if<SocketFailed>(&event);
        failed && failed->socket == socket_ && socket_ != 0)
        return take_failure(now, *failed);
    if (const auto due = deadline(); due && *due <= now && state_ != S::idle) {
        const Instant own_due = state_ == S::asking ? request_.due() : due_;
        if (own_due <= now) step(now, C::time_up);
    }
}

std::optional<Instant> StunClient::deadline() const {
    if (state_ == S::idle) return std::nullopt;
    return earlier(state_ == S::asking ? request_.due() : due_, lifetime_.deadline());
}

// --- the table -----------------------------------------------------------------------------------

void StunClient::step(Instant now, StunCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void StunClient::act(Instant now, StunAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::resolve:
            return resolve(now);
        case A::close:
            return close();
        case A::ask_protected:
            server_.wants_integrity = true;
            return ask(now);
        case A::ask:
            return ask(now);
        case A::take_mapped:
            return take_mapped(now);
        case A::repeat:
            if (auto again = request_.repeat(now)) return emit(std::move(*again));
            return step(now, C::unanswered);
        case A::wait_unresolved:
            return fall_silent(now, "its name could not be resolved");
        case A::wait_silent:
            return fall_silent(now, "it does not answer");
        case A::wait_refused:
            return fall_silent(now, refusal_);
        case A::wait_lost:
            return fall_silent(now, "the socket failed");
    }
}

void StunClient::resolve(Instant now) {
    server_ = {.user = setup_.user, .password = setup_.password};
    resolve_ = new_id();
    due_ = now + limits::stun_resolve_ms;
    emit(Resolve{resolve_, setup_.host});
}

void StunClient::open() {
    socket_ = new_id();
    emit(OpenSocket{
        .socket = socket_, .octet_count = phone_.address.octet_count, .port = local_port_});
}

// TR-069 G.2.1.1: every request from here says that connection requests are heard here.
void StunClient::ask(Instant now) {
    if (socket_ == 0) {
        local_port_ = setup_.local_port;
        open();
    }
    const StunTransaction id = transactions_.next();
    StunWriter writer(StunType::binding_request, id);
    writer.add(StunAttribute::connection_request_binding, connection_request_binding_value);
    if (change_is_due_) writer.add(StunAttribute::binding_change, std::string_view());
    emit(request_.start(now, socket_, server_, id, finished_request(std::move(writer), server_)));
}

void StunClient::take_mapped(Instant now) {
    failures_ = 0;
    AcsReach& reach = phone_.acs_reach;
    const bool told_change = std::exchange(change_is_due_, false);  // this is the answer to it
    if (found_ != mapped_) {
        reach.nat_detected =
            found_.address != phone_.address || (local_port_ != 0 && found_.port != local_port_);
        reach.udp_address = endpoint_text(found_);
        journal(line(JournalKind::stun_binding)
                    .with("server", server_name())
                    .with("address", reach.udp_address)
                    .with("reason", reach.nat_detected ? "which is behind a NAT" : ""));
        mapped_ = found_;
        change_is_due_ = true;
        was_searched_ = false;
        lifetime_.stop();
        period_s_ = reach.nat_detected ? setup_.min_s : setup_.max_s;
    } else if (reach.nat_detected && !was_searched_) {
        begin_search(now);
    }
    // A server that says another address each time is not asked without a pause.
    const bool tells_at_once = change_is_due_ && !told_change;
    due_ = tells_at_once ? now : now + uint64_t{period_s_} * 1000;
}

// Only of a way that stands: one that has just been another one is to be seen again first.
void StunClient::begin_search(Instant now) {
    was_searched_ = true;
    if (setup_.max_s - setup_.min_s > limits::stun_lifetime_precision_s)
        lifetime_.start(now, server_, setup_.min_s, setup_.max_s);
}

void StunClient::take_lifetime(const StunLifetimeOutcome& outcome) {
    period_s_ = std::max(setup_.min_s, outcome.proven_s);
}

// The socket stays open: connection requests may come all the same.
void StunClient::fall_silent(Instant now, std::string_view reason) {
    lifetime_.stop();
    resolve_ = 0;
    const uint64_t doubled_s = uint64_t{limits::stun_silence_s} << std::min(failures_, 16U);
    const uint64_t wait_s = std::min<uint64_t>(doubled_s, limits::stun_most_silence_s);
    due_ = now + wait_s * 1000;
    if (failures_++ > 0) return;
    journal(line(JournalKind::stun_failed)
                .with("server", server_name())
                .with("reason", reason)
                .with("wait_s", wait_s));
}

void StunClient::close() {
    lifetime_.stop();
    if (socket_ != 0) emit(CloseSocket{std::exchange(socket_, 0)});
    resolve_ = 0;
    mapped_.reset();
    change_is_due_ = was_searched_ = false;
    phone_.acs_reach.udp_address.clear();
    phone_.acs_reach.nat_detected = false;
}

// --- what comes ----------------------------------------------------------------------------------

// A port that is another program's makes place for any.
void StunClient::take_failure(Instant now, const SocketFailed& failed) {
    socket_ = 0;
    if (failed.opened || local_port_ == 0 || state_ != S::asking) return step(now, C::lost);
    local_port_ = 0;
    open();
    ask(now);
}

void StunClient::take_datagram(Instant now, const DatagramIn& datagram) {
    // The first two bits of a STUN message are 0, and no type of one begins with a letter.
    if (!datagram.bytes.empty() && datagram.bytes.front() == 'G')
        return take_request(now, datagram);
    if (const auto cue = cue_of(datagram)) step(now, *cue);
}

std::optional<StunCue> StunClient::cue_of(const DatagramIn& datagram) {
    if (state_ != S::asking) return std::nullopt;
    const auto message = response_of(server_, datagram);
    if (!message || message->transaction != request_.transaction()) return std::nullopt;
    if (is_challenge(message->error) && !server_.wants_integrity && !setup_.user.empty() &&
        !setup_.password.empty())
        return C::challenged;
    if (message->error == 0 && message->mapped_address) {
        found_ = *message->mapped_address;
        return C::mapped;
    }
    refusal_ = message->error == 0
                   ? "its answer says no address"
                   : "it answers " + std::to_string(message->error) + ' ' + message->error_words;
    return C::refused;
}

void StunClient::take_request(Instant now, const DatagramIn& datagram) {
    const Settings& settings = phone_.settings;
    const auto proven_s = clock_.proven() ? std::optional(clock_.at(now)) : std::nullopt;
    UdpRequestCheck::Judgement judgement =
        check_.judge(datagram.bytes, settings.get(Setting::tr069_connection_request_user),
                     settings.get(Setting::tr069_connection_request_password), proven_s);
    if (judgement.is_repeated) return;
    if (judgement.accepted && !rate_.admit(now))
        judgement = {.reason = "there were too many of late"};
    JournalLine entry = line(judgement.accepted ? JournalKind::connection_request
                                                : JournalKind::connection_request_refused);
    entry.with("method", "UDP").with("from", address_text(datagram.from));
    if (!judgement.accepted) entry.with("reason", judgement.reason);
    journal(std::move(entry));
    if (judgement.accepted) finish({});
}

std::string StunClient::server_name() const {
    return setup_.host + ':' + std::to_string(setup_.port);
}

}  // namespace dialtone
