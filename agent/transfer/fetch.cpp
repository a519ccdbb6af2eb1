// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/fetch.h"

#include <algorithm>
#include <charconv>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/table_registry.h"
#include "agent/text.h"
#include "agent/transfer/ftp_address.h"
#include "agent/transfer/http_date.h"

namespace dialtone {
namespace {

using S = FetchState;
using C = FetchCue;
using A = FetchAction;

// The body of an answer that is no file is read to its end when it is short: that keeps the
// connection for the next file of the plan, a round trip less than a new one.
constexpr uint32_t discard_bytes = 16 * 1024;

constexpr uint32_t busy = in(S::head, S::body, S::discard);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                cue               action             next
    {all_states<S>(),        C::start,         A::ask,            S::head},

    {in(S::head),            C::head_file,     A::accept,         S::body},
    {in(S::head),            C::head_redirect, A::note_redirect,  S::discard},
    {in(S::head),            C::head_no_file,  A::note_answer,    S::discard},

    {in(S::body),            C::chunk,         A::collect,        S::body},
    {in(S::body),            C::kept,          A::grant,          S::body},
    {in(S::discard),         C::chunk,         A::discard,        S::discard},

    {in(S::head, S::body),   C::flood,         A::report_flood,   S::idle},
    {in(S::discard),         C::flood,         A::use_status,         S::idle},

    {in(S::body),            C::end,           A::deliver,        S::idle},
    {in(S::discard),         C::end,           A::use_status,         S::idle},
    {in(S::head),            C::end,           A::report_fault,   S::idle},

    {in(S::head, S::body),   C::fault,         A::report_fault,   S::idle},
    {in(S::discard),         C::fault,         A::use_status,         S::idle},

    {in(S::head, S::body),   C::time_up,       A::report_silence, S::idle},
    {in(S::discard),         C::time_up,       A::use_status,         S::idle},
    {in(S::body),            C::held_too_long, A::report_hold,    S::idle},

    {busy,                   C::stop,          A::cancel,         S::idle},
};
// clang-format on
constexpr auto table =
    completed(rows, C::head_file, C::head_redirect, C::head_no_file, C::chunk, C::flood, C::kept,
              C::end, C::fault, C::time_up, C::held_too_long, C::stop);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "head", "body", "discard"};
constexpr std::string_view cue_names[] = {"start", "head: file", "head: redirect", "head: no file",
                                          "chunk", "flood",      "kept",           "end",
                                          "fault", "time up",    "held too long",  "stop"};
constexpr std::string_view action_names[] = {
    "nothing",      "ask",          "accept",         "note redirect", "note answer",
    "collect",      "grant",        "discard",        "deliver",       "use status",
    "report fault", "report flood", "report silence", "report hold",   "cancel"};
constexpr TableView view =
    table_view({.name = "fetch",
                .title = "Fetch: one file",
                .about = "`agent/transfer/fetch.cpp`. Redirects start it again."},
               table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

bool is_redirect(uint16_t status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool carries_body(HttpMethod method) {
    return method == HttpMethod::post || method == HttpMethod::put;
}

// Of fields that speak of the body (RFC 9110 8); a GET that a 303 asks for has none.
bool describes_body(std::string_view name) {
    return begins_without_case(name, "content-");
}

// Statuses after which the same request may well succeed later (RFC 9110 15.5.9, 15.6; RFC 6585).
bool is_worth_retrying(uint16_t status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

FetchOutcome::Kind kind_of(uint16_t status) {
    using Kind = FetchOutcome::Kind;
    if (status == 404 || status == 410) return Kind::absent;
    if (status == 403) return Kind::withheld;
    return is_worth_retrying(status) ? Kind::unreachable : Kind::refused;
}

// What a server says, in the page of a refusal, of the client certificate that it wants: behind the
// handshake it has no alert for it. In the order of what says most.
struct PageWords {
    std::string_view in_page;
    const char* words;
};
constexpr PageWords page_words[] = {
    // Apache, for a folder that alone demands one, under TLS 1.3 (RFC 8446 4.6.2).
    {"Post-Handshake Authentication",
     "it demands a client certificate for this folder alone, by post-handshake authentication, "
     "which this phone does not do; where the whole site demands it, it can be shown"},
    // nginx, which completes the handshake first.
    {"No required SSL certificate was sent",
     "it demands a client certificate, and the phone has "
     "none (tls.cert)"},
    {"SSL certificate error", "it does not accept the phone's client certificate (tls.cert)"},
    // IIS: 403.7 and its kin.
    {"client certificate", "it demands a client certificate, or another one (tls.cert)"},
};

// nginx has 495 to 497 of its own, and shows them as 400.
bool may_want_certificate(uint16_t status) {
    return status == 400 || status == 403 || status == 495 || status == 496;
}

// Retry-After as seconds; the form with a date is left alone, the agent's own wait covers it.
uint32_t seconds_of(std::string_view retry_after) {
    uint32_t seconds = 0;
    const char* const end = retry_after.data() + retry_after.size();
    const auto [rest, code] = std::from_chars(retry_after.data(), end, seconds);
    if (code != std::errc() || rest != end) return 0;
    return std::min(seconds, limits::retry_after_cap_s);
}

std::string seconds_text(uint32_t ms) {
    return std::to_string(ms / 1000) + " s";
}

}  // namespace

void Fetch::start(Instant now, FetchRequest request, Sink& sink) {
    stop_transfer();
    request_ = std::move(request);
    sink_ = &sink;
    url_ = request_.url;
    visited_.clear();
    all_hops_verified_ = true;
    found_ = {};
    forget_outcome();
    began_at_ = now;
    step(now, C::start);
}

void Fetch::stop(Instant now) {
    step(now, C::stop);
}

void Fetch::sink_kept(Instant now) {
    step(now, C::kept);
}

void Fetch::handle(Instant now, const Event& event) {
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
        fault_ = failed->fault;
        fault_reason_ = failed->reason;
        step(now, C::fault);
    } else if (const auto due = deadline(); due && *due <= now) {
        step(now, sink_holds() ? C::held_too_long : C::time_up);
    }
}

std::optional<Instant> Fetch::deadline() const {
    if (state_ == S::idle) return std::nullopt;
    // Without credit no server can send anything; then it is the sink that is waited for.
    return std::min(heard_at_ + patience_ms(), began_at_ + request_.total_ms);
}

uint32_t Fetch::patience_ms() const {
    if (sink_holds()) return limits::sink_hold_ms;
    return state_ == S::head ? head_patience_ms_ : limits::transfer_stall_ms;
}

void Fetch::step(Instant now, FetchCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void Fetch::act(Instant now, FetchAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::ask:
            return send_request(now);
        case A::accept:
            return grant(now);
        case A::note_redirect:
        case A::note_answer:
            discarded_bytes_ = 0;
            page_.clear();
            emit(CreditTransfer{id_, discard_bytes});
            return;
        case A::collect:
            sink_->take(chunk_);
            return grant(now);
        case A::grant:
            return grant(now);
        case A::discard:
            discarded_bytes_ += static_cast<uint32_t>(chunk_.size());
            if (may_want_certificate(status_))
                page_.append(reinterpret_cast<const char*>(chunk_.data()),
                             std::min(chunk_.size(), limits::page_bytes - page_.size()));
            return;
        case A::deliver:
            sink_->end();
            return conclude(now, FetchOutcome::Kind::body, {});
        case A::use_status:
            stop_transfer();
            if (is_redirect(status_)) return follow_redirect(now);
            found_.unwelcome = status_ == 401;
            return conclude(now, kind_of(status_), answer_words());
        case A::report_fault:
            return report_fault(now);
        case A::report_flood:
            stop_transfer();
            return conclude(now, FetchOutcome::Kind::refused, sink_->too_long());
        case A::report_silence:
            return report_silence(now);
        case A::report_hold:
            stop_transfer();
            return conclude(
                now, FetchOutcome::Kind::unreachable,
                "what had arrived was not kept in " + seconds_text(limits::sink_hold_ms));
        case A::cancel:
            sink_->drop();
            return stop_transfer();
    }
}

void Fetch::take_head(Instant now, const TransferHead& head) {
    heard_at_ = now;
    status_ = head.status;
    location_ = head.location;
    wants_ = head.wants;
    lacks_certificate_ = head.lacks_certificate;
    all_hops_verified_ = all_hops_verified_ && head.tls_verified;
    note_time(head);
    if (visited_.size() == 1) found_.answered = true;
    found_.retry_after_s = seconds_of(head.retry_after);
    if (!brings_file(head)) {
        return step(now, is_redirect(head.status) ? C::head_redirect : C::head_no_file);
    }
    note_file(head);
    credit_ = 0;
    step(now, sink_->begin(head.content_length) ? C::head_file : C::flood);
}

// What a verified server says of the time. Its own date counts for the last hop only.
void Fetch::note_time(const TransferHead& head) {
    found_.date_s = 0;
    if (!head.tls_verified) return;
    if (head.valid_from_s != 0) {
        found_.valid_from_s = std::max(found_.valid_from_s, head.valid_from_s);
        found_.valid_to_s = head.valid_to_s;
    }
    found_.date_s = http_date_s(head.date);
}

// Whether what follows is what was asked for. A part that begins elsewhere, or does not say where,
// would be put in a wrong place.
bool Fetch::brings_file(const TransferHead& head) const {
    if (request_.method != HttpMethod::get) return head.status / 100 == 2;
    if (head.status != 206) return head.status == 200;
    return request_.range && head.range.first >= 0 &&
           static_cast<uint64_t>(head.range.first) == request_.range->first;
}

void Fetch::note_file(const TransferHead& head) {
    const bool is_part = head.status == 206;
    found_.begun = true;
    found_.first_byte = is_part ? static_cast<uint64_t>(head.range.first) : 0;
    found_.total_bytes = is_part ? head.range.total : head.content_length;
    // A weak tag does not promise the same bytes (RFC 9110 8.8.1).
    if (!head.etag.starts_with("W/"))
        found_.validator = head.etag.empty() ? head.last_modified : head.etag;
}

void Fetch::take_chunk(Instant now, std::span<const uint8_t> bytes) {
    heard_at_ = now;
    chunk_ = bytes;
    const bool fits = state_ == S::discard ? discarded_bytes_ + bytes.size() < discard_bytes
                                           : sink_->fits(bytes.size());
    if (state_ == S::body) credit_ -= std::min(credit_, static_cast<uint32_t>(bytes.size()));
    step(now, fits ? C::chunk : C::flood);
    chunk_ = {};
}

// The server may send what the sink takes.
void Fetch::grant(Instant now) {
    const uint32_t room = sink_->room();
    if (room <= credit_) return;
    if (credit_ == 0) heard_at_ = now;
    emit(CreditTransfer{id_, room - credit_});
    credit_ = room;
}

void Fetch::send_request(Instant now) {
    asked_at_ = heard_at_ = now;
    fault_ = TransferFault::broken;
    const auto give_up = [&](const Error& error) {
        const bool nothing_asked = error.code == ErrorCode::empty;
        state_ = S::idle;
        conclude(now, nothing_asked ? FetchOutcome::Kind::absent : FetchOutcome::Kind::refused,
                 error.detail);
    };
    const auto url = parse_url(url_, request_.default_scheme);
    if (!url) return give_up(url.error());
    visited_.push_back(request_url(*url));
    const Result<std::string> address = is_ftp(*url) ? ftp_address(*url) : visited_.back();
    if (!address) return give_up(address.error());
    head_patience_ms_ = is_ftp(*url) ? limits::ftp_silence_ms : limits::transfer_stall_ms;
    send_transfer(*url, *address);
}

// A person or a stronger source meant the user and password for certain servers. What a URL carries
// itself went through there.
CredentialUse Fetch::credential_use_for(const Url& url) const {
    if (request_.user.empty() && request_.password.empty()) return CredentialUse::none;
    const ServerName server = server_name(url);
    const auto use = credential_use(request_.credentials_meant_for, server, request_.named_by);
    if (use != CredentialUse::digest_only) return use;
    const auto first = server_name(visited_.front(), request_.default_scheme);
    const bool led_away = first.host != server.host;
    return led_away || is_ftp(url) ? CredentialUse::none : use;
}

void Fetch::send_transfer(const Url& url, std::string address) {
    id_ = new_id();
    StartTransfer transfer;
    transfer.id = id_;
    transfer.url = std::move(address);
    transfer.method = request_.method;
    transfer.user_agent = request_.user_agent;
    transfer.headers = request_.headers;
    transfer.body = request_.body;
    transfer.range = request_.range;
    transfer.session = request_.session;
    transfer.tls = request_.tls;
    const auto in_whole =
        request_.basic_always ? AuthPolicy::basic_always : AuthPolicy::on_challenge;
    if (url.has_userinfo) {
        transfer.user = percent_decoded(url.user);
        transfer.password = percent_decoded(url.password);
        if (!transfer.user.empty() || !transfer.password.empty()) transfer.auth = in_whole;
    } else if (const auto use = credential_use_for(url); use != CredentialUse::none) {
        transfer.user = request_.user;
        transfer.password = request_.password;
        transfer.auth = use == CredentialUse::whole ? in_whole : AuthPolicy::digest_only;
    }
    JournalLine entry = line(JournalKind::request);
    entry.with("method", is_ftp(url) ? "FTP read" : method_name(request_.method))
        .with("url", shown());
    if (const std::string remark = is_ftp(url) ? ftp_remark(url) : ""; !remark.empty())
        entry.with("remark", remark);
    emit(std::move(entry));
    emit(std::move(transfer));
}

void Fetch::follow_redirect(Instant now) {
    using Kind = FetchOutcome::Kind;
    const auto here = parse_url(url_, request_.default_scheme);
    const std::string target = resolved_reference(*here, location_);
    const auto there = parse_url(target, here->scheme);
    const std::string status = "status " + std::to_string(status_);
    if (location_.empty())
        return conclude(now, Kind::refused, "a redirect (" + status + ") names no place to go to");
    if (!there)
        return conclude(now, Kind::refused,
                        "a redirect (" + status + ") cannot be followed: " + there.error().detail);
    emit(line(JournalKind::redirect)
             .with("status", status_)
             .with("from", shown())
             .with("to", masked_url(*there)));
    const bool is_altered = alter_request();
    if (std::string refusal = redirect_refusal(*here, *there, is_altered); !refusal.empty())
        return conclude(now, Kind::refused, std::move(refusal));
    std::string carried = target;
    const bool may_carry = server_name(*here).covers(server_name(*there));
    if (here->has_userinfo && !there->has_userinfo && may_carry) {
        std::string userinfo(here->user);
        ((userinfo += ':') += here->password) += '@';
        carried = request_url(*there);
        carried.insert(carried.find("://") + 3, userinfo);
    }
    url_ = std::move(carried);
    step(now, C::start);
}

// See Other: what was sent has arrived, and its answer is to be read elsewhere. Gives whether the
// request is another one now, which may go to the same place.
bool Fetch::alter_request() {
    if (status_ != 303 || !carries_body(request_.method)) return false;
    request_.method = HttpMethod::get;
    request_.body = {};
    std::erase_if(request_.headers, [](const auto& field) { return describes_body(field.first); });
    return true;
}

std::string Fetch::redirect_refusal(const Url& here, const Url& there, bool is_altered) const {
    const std::string target = request_url(there);
    if (carries_body(request_.method) && here.scheme == Scheme::https &&
        there.scheme != Scheme::https)
        return "the redirect leads what is sent to a server without TLS";
    const bool was_there = std::find(visited_.begin(), visited_.end(), target) != visited_.end();
    if (was_there && !is_altered) {
        std::string words = "the redirects go round in a circle: ";
        for (const std::string& url : visited_)
            words += masked_url(url, Scheme::http) + " -> ";
        return words + masked_url(target, Scheme::http);
    }
    if (visited_.size() > limits::redirects)
        return "more than " + std::to_string(limits::redirects) +
               " redirects in a row, the last one to " + masked_url(target, Scheme::http);
    return {};
}

void Fetch::report_silence(Instant now) {
    stop_transfer();
    const uint64_t silence_ms = now.since(heard_at_);
    const bool stalled = silence_ms >= limits::transfer_stall_ms;
    conclude(now, FetchOutcome::Kind::unreachable,
             stalled ? "nothing arrived for " + seconds_text(static_cast<uint32_t>(silence_ms)) +
                           ", so the connection was given up"
                     : "the answer was not complete after " + seconds_text(request_.total_ms));
}

void Fetch::report_fault(Instant now) {
    // Who refuses a user or a password has answered, as with a status 401.
    found_.unwelcome = fault_ == TransferFault::credentials;
    found_.expired = fault_ == TransferFault::expired;
    if (found_.unwelcome && visited_.size() == 1) found_.answered = true;
    const bool hopeless = found_.unwelcome || fault_ == TransferFault::unsupported ||
                          fault_ == TransferFault::stored_file;
    const bool withheld = found_.unwelcome && !withheld_words().empty();
    conclude(
        now, hopeless ? FetchOutcome::Kind::refused : FetchOutcome::Kind::unreachable,
        withheld ? "the FTP server wants a user and password" + withheld_words() : fault_reason_);
}

void Fetch::conclude(Instant now, FetchOutcome::Kind kind, std::string reason) {
    found_.kind = kind;
    found_.reason = std::move(reason);
    found_.shown_url = shown();
    found_.tls_verified = all_hops_verified_;
    found_.server = server_name(url_, request_.default_scheme);
    const uint64_t body_bytes = sink_->size();
    if (kind != FetchOutcome::Kind::body) sink_->drop();
    finish(std::move(found_));
    if (kind != FetchOutcome::Kind::body) return;
    JournalLine entry = line(JournalKind::answer);
    if (!by_ftp()) entry.with("status", status_);
    emit(std::move(
        entry.with("url", shown()).with("bytes", body_bytes).with("ms", now.since(asked_at_))));
}

void Fetch::stop_transfer() {
    if (id_ == 0) return;
    emit(StopTransfer{id_});
    id_ = 0;
}

std::string Fetch::shown() const {
    return masked_url(url_, request_.default_scheme);
}

bool Fetch::by_ftp() const {
    const auto url = parse_url(url_, request_.default_scheme);
    return url && is_ftp(*url);
}

std::string Fetch::absent_words() const {
    if (by_ftp()) return "there is no such file (reply 550)";
    return "there is no such file (status " + std::to_string(status_) + ")";
}

// Why the user and password that are set were kept from the server, in whole or in part; empty when
// they were not.
std::string Fetch::withheld_words() const {
    const auto url = parse_url(url_, request_.default_scheme);
    if (!url || url->has_userinfo || (request_.user.empty() && request_.password.empty()))
        return {};
    switch (credential_use_for(*url)) {
        case CredentialUse::whole:
            return {};
        case CredentialUse::digest_only:
            return "; those that are set are meant for others, and it gets no more than a digest "
                   "answer (provision.servers)";
        case CredentialUse::none:
            return "; those that are set are meant for others (provision.servers)";
    }
    __builtin_unreachable();
}

std::string Fetch::unauthorized_words() const {
    const std::string withheld = withheld_words();
    if (!withheld.empty()) return "the server wants a user and password (status 401)" + withheld;
    if (!wants_.empty())
        return "the server wants " + wants_ + ", which this phone does not know (status 401)";
    const bool given = !request_.user.empty() || url_.find('@') != std::string::npos;
    return given ? "the server does not accept the user and password (status 401)"
                 : "the server wants a user and password and none is set (status 401)";
}

// Empty where nothing is known of one.
std::string Fetch::certificate_words() const {
    if (!may_want_certificate(status_)) return {};
    const auto* const found = std::ranges::find_if(page_words, [this](const PageWords& row) {
        return contains_without_case(page_, row.in_page);
    });
    if (found != std::end(page_words)) return std::string(": ") + found->words;
    return lacks_certificate_
               ? "; it has asked for a client certificate, and the phone has none (tls.cert)"
               : "";
}

std::string Fetch::answer_words() const {
    const std::string status = std::to_string(status_);
    if (status_ == 401) return unauthorized_words();
    if (status_ == 403) return "the server forbids it (status 403)" + certificate_words();
    if (status_ == 404 || status_ == 410) return absent_words();
    if (status_ == 204) return "the server has nothing to say (status 204)";
    if (status_ == 206) return "the server sent another part than was asked for (status 206)";
    if (status_ == 416) return "the file has no such part (status 416)";
    return "the server answered with status " + status + certificate_words();
}

}  // namespace dialtone
