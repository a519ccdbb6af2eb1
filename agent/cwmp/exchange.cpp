// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/exchange.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = ExchangeState;
using C = ExchangeCue;
using A = ExchangeAction;

constexpr uint32_t busy = in(S::asking, S::reading);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states              cue               action              next
    {in(S::idle),          C::send,          A::post,            S::asking},
    {in(S::asking),        C::head_answer,   A::grant,           S::reading},
    {in(S::asking),        C::head_redirect, A::follow,          S::idle},
    {in(S::asking),        C::head_refusal,  A::report_refusal,  S::idle},
    {in(S::reading),       C::chunk,         A::collect,         S::reading},
    {in(S::reading),       C::flood,         A::report_flood,    S::idle},
    {in(S::reading),       C::end,           A::deliver,         S::idle},
    {in(S::asking),        C::end,           A::report_fault,    S::idle},
    {busy,                 C::fault,         A::report_fault,    S::idle},
    {busy,                 C::time_up,       A::report_silence,  S::idle},
    {busy,                 C::stop,          A::cancel,          S::idle},
};
// clang-format on
constexpr auto table = completed(rows, C::send, C::head_answer, C::head_redirect, C::head_refusal,
                                 C::chunk, C::flood, C::end, C::fault, C::time_up, C::stop);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "asking", "reading"};
constexpr std::string_view cue_names[] = {
    "send",  "head: answer", "head: redirect", "head: refusal", "chunk",
    "flood", "end",          "fault",          "time up",       "stop"};
constexpr std::string_view action_names[] = {
    "nothing",      "post",    "grant",        "follow",         "report refusal", "collect",
    "report flood", "deliver", "report fault", "report silence", "cancel"};
constexpr TableView view =
    table_view({.name = "acs exchange",
                .title = "TR-069: a message and its answer",
                .about = "`agent/cwmp/exchange.cpp`. Redirects send it again."},
               table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

bool is_redirect(uint16_t status) {
    return status == 301 || status == 302 || status == 307 || status == 308;
}

// 500 brings a fault (SOAP 1.1 section 6.2).
bool may_bring_message(uint16_t status) {
    return status == 200 || status == 204 || status == 500;
}

// Retry-After as seconds; as a date it is left to the phone's own waits.
uint32_t seconds_of(std::string_view retry_after) {
    uint32_t seconds = 0;
    const char* const end = retry_after.data() + retry_after.size();
    const auto [rest, code] = std::from_chars(retry_after.data(), end, seconds);
    if (code != std::errc() || rest != end) return 0;
    return std::min(seconds, limits::retry_after_cap_s);
}

}  // namespace

void Exchange::begin(AcsServer server) {
    server_ = std::move(server);
    url_ = server_.url;
    redirects_ = 0;
    has_credentials_ = all_verified_ = true;
    heads_ = 0;
    session_ = new_id();
    if (const auto url = parse_url(url_, Scheme::http); url && server_.user.empty()) {
        server_.user = percent_decoded(url->user);
        server_.password = percent_decoded(url->password);
    }
}

void Exchange::send(Instant now, std::string body) {
    request_ = std::move(body);
    step(now, C::send);
}

void Exchange::end(Instant now) {
    step(now, C::stop);
    if (session_ != 0) emit(ReleaseSession{std::exchange(session_, 0)});
    server_ = {};
    request_ = {};
}

void Exchange::handle(Instant now, const Event& event) {
    if (const auto* head = std::get_if<TransferHead>(&event); head && head->id == id_) {
        take_head(now, *head);
    } else if (const auto* chunk = std::get_if<TransferChunk>(&event); chunk && chunk->id == id_) {
        take_chunk(now, chunk->bytes);
    } else if (const auto* end = std::get_if<TransferEnd>(&event); end && end->id == id_) {
        id_ = 0;
        fault_reason_ = "the answer ended before it began";
        step(now, C::end);
    } else if (const auto* failed = std::get_if<TransferFailed>(&event);
               failed && failed->id == id_) {
        id_ = 0;
        fault_reason_ = failed->reason;
        step(now, C::fault);
    } else if (const auto due = deadline(); due && *due <= now) {
        step(now, C::time_up);
    }
}

std::optional<Instant> Exchange::deadline() const {
    if (state_ == S::idle) return std::nullopt;
    return heard_at_ + limits::cwmp_patience_ms;
}

void Exchange::step(Instant now, ExchangeCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void Exchange::act(Instant now, ExchangeAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::post:
            return post(now);
        case A::grant:
            return emit(CreditTransfer{id_, limits::transfer_window_bytes});
        case A::follow:
            return follow(now);
        case A::report_refusal:
            stop_transfer();
            return report(refusal_words());
        case A::collect:
            found_.body.append(reinterpret_cast<const char*>(chunk_.data()), chunk_.size());
            return emit(CreditTransfer{id_, static_cast<uint32_t>(chunk_.size())});
        case A::report_flood:
            stop_transfer();
            return report("its message has more than " +
                          std::to_string(limits::cwmp_envelope_bytes) + " bytes");
        case A::deliver:
            found_.answered = true;
            return finish(std::move(found_));
        case A::report_fault:
            return report(fault_reason_);
        case A::report_silence:
            stop_transfer();
            return report("it said nothing for " + std::to_string(limits::cwmp_patience_ms / 1000) +
                          " s");
        case A::cancel:
            return stop_transfer();
    }
}

void Exchange::take_head(Instant now, const TransferHead& head) {
    heard_at_ = now;
    status_ = found_.status = head.status;
    location_ = head.location;
    wants_ = head.wants;
    tls_verified_ = head.tls_verified;
    all_verified_ = all_verified_ && tls_verified_;
    ++heads_;
    found_.retry_after_s = seconds_of(head.retry_after);
    step(now, is_redirect(head.status)         ? C::head_redirect
              : may_bring_message(head.status) ? C::head_answer
                                               : C::head_refusal);
}

void Exchange::take_chunk(Instant now, std::span<const uint8_t> bytes) {
    heard_at_ = now;
    chunk_ = bytes;
    const bool fits = found_.body.size() + bytes.size() <= limits::cwmp_envelope_bytes;
    step(now, fits ? C::chunk : C::flood);
    chunk_ = {};
}

void Exchange::post(Instant now) {
    heard_at_ = now;
    found_ = {};
    const auto url = parse_url(url_, Scheme::http);
    const bool by_http = url && (url->scheme == Scheme::http || url->scheme == Scheme::https);
    if (!by_http) {
        state_ = S::idle;
        return report(url ? "an ACS is spoken to by HTTP and HTTPS alone" : url.error().detail);
    }
    StartTransfer transfer;
    transfer.id = id_ = new_id();
    transfer.url = request_url(*url);
    transfer.method = HttpMethod::post;
    transfer.user_agent = server_.user_agent;
    if (!request_.empty()) {
        transfer.headers = {{"Content-Type", "text/xml; charset=\"utf-8\""},
                            {"SOAPAction", "\"\""}};
        transfer.body.bytes.assign(request_.begin(), request_.end());
    }
    transfer.session = session_;
    transfer.tls = server_.tls;
    if (has_credentials_ && !(server_.user.empty() && server_.password.empty())) {
        transfer.auth = server_.auth;
        transfer.user = server_.user;
        transfer.password = server_.password;
    }
    emit(std::move(transfer));
}

// TR-069 3.4.1: the same message to the new place.
void Exchange::follow(Instant now) {
    stop_transfer();
    const auto here = parse_url(url_, Scheme::http);
    std::string target = here ? resolved_reference(*here, location_) : std::string();
    const auto there = parse_url(target, Scheme::http);
    if (location_.empty() || !here || !there)
        return report("it sent the phone on to a place that is no URL");
    if (std::string refusal = redirect_refusal(*here, *there); !refusal.empty())
        return report(std::move(refusal));
    ++redirects_;
    journal(line(JournalKind::redirect)
                .with("from", masked_url(*here))
                .with("to", masked_url(*there))
                .with("status", status_));
    const bool lends = has_credentials_ && tls_verified_ && there->scheme == Scheme::https;
    const ServerName configured = server_name(server_.url, Scheme::http);
    has_credentials_ = lends || configured.covers(server_name(*there));
    url_ = std::move(target);
    step(now, C::send);
}

std::string Exchange::redirect_refusal(const Url& here, const Url& there) const {
    if (here.scheme == Scheme::https && there.scheme != Scheme::https)
        return "it sent the phone on to a server without TLS";
    if (redirects_ == limits::redirects)
        return "it sent the phone on more than " + std::to_string(limits::redirects) + " times";
    return {};
}

void Exchange::report(std::string reason) {
    found_.answered = false;
    found_.body = {};
    found_.reason = std::move(reason);
    finish(std::move(found_));
}

void Exchange::stop_transfer() {
    if (id_ != 0) emit(StopTransfer{std::exchange(id_, 0)});
}

std::string Exchange::refusal_words() const {
    if (status_ != 401) return "it answered with status " + std::to_string(status_);
    if (!wants_.empty())
        return "it wants " + wants_ + ", which this phone does not know (status 401)";
    if (server_.auth == AuthPolicy::digest_only && !server_.user.empty())
        return "it wants a user and password, and not by Digest: one that DHCP names gets no more; "
               "tr069.acs_url makes it the phone's own (status 401)";
    if (server_.user.empty()) return "it wants a user and password, and none is set (status 401)";
    return has_credentials_ ? "it does not accept the user and password (status 401)"
                            : "it wants a user and password, which are another's (status 401)";
}

}  // namespace dialtone
