// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/tftp.h"

#include "agent/table_registry.h"

#include <algorithm>
#include <utility>

namespace dialtone {
namespace {

using S = TftpState;
using C = TftpCue;
using A = TftpAction;

constexpr uint32_t talking = in(S::asking, S::receiving);
constexpr uint32_t heard = in(S::asking, S::receiving, S::holding);
constexpr uint32_t busy_states = in(S::resolving, S::asking, S::receiving, S::holding);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                      cue               action                      next
    {all_states<S>(),              C::start,         A::resolve,                 S::resolving},

    {in(S::resolving),             C::address,       A::ask,                     S::asking},
    {in(S::resolving),             C::no_address,    A::report_no_address,       S::idle},

    {in(S::asking),                C::options,       A::take_options,            S::receiving},
    {in(S::asking),                C::bad_options,   A::decline_and_ask_plainly, S::asking},
    {in(S::asking),                C::no_options,    A::ask_plainly,             S::asking},

    {talking,                      C::block,         A::collect,                 S::receiving},
    {talking,                      C::last_block,    A::deliver,                 S::idle},
    {in(S::receiving),             C::gap,           A::acknowledge_again,       S::receiving},

    {talking,                      C::unusable,      A::refuse,                  S::idle},
    {heard,                        C::error,         A::report_error,            S::idle},
    {heard,                        C::stranger,      A::turn_away,               S::idle, true},

    {in(S::asking),                C::socket_failed, A::ask_elsewhere,           S::asking},
    {in(S::receiving, S::holding), C::socket_failed, A::report_no_socket,        S::idle},

    {in(S::asking),                C::wait_over,     A::ask_again,               S::asking},
    {in(S::receiving),             C::wait_over,     A::acknowledge_again,       S::receiving},
    {in(S::receiving),             C::sink_full,     A::hold,                    S::holding},
    {in(S::holding),               C::sink_room,     A::go_on,                   S::receiving},
    {in(S::holding),               C::held_too_long, A::report_hold,             S::idle},
    {in(S::resolving) | talking,   C::time_up,       A::report_silence,          S::idle},

    {busy_states,                  C::stop,          A::cancel,                  S::idle},
};
// clang-format on
constexpr auto table =
    completed(rows, C::address, C::no_address, C::options, C::bad_options, C::no_options, C::block,
              C::last_block, C::gap, C::repeat, C::unusable, C::error, C::stranger, C::noise,
              C::socket_failed, C::wait_over, C::sink_full, C::sink_room, C::held_too_long,
              C::time_up, C::stop);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle", "resolving", "asking", "receiving", "holding"};
constexpr std::string_view cue_names[] = {
    "start",         "address",   "no address", "options",   "bad options",   "no options", "block",
    "last block",    "gap",       "repeat",     "unusable",  "error",         "stranger",   "noise",
    "socket failed", "wait over", "sink full",  "sink room", "held too long", "time up",    "stop"};
constexpr std::string_view action_names[] = {"nothing",
                                             "resolve",
                                             "ask",
                                             "ask again",
                                             "ask elsewhere",
                                             "ask plainly",
                                             "decline and ask plainly",
                                             "take options",
                                             "collect",
                                             "deliver",
                                             "acknowledge again",
                                             "refuse",
                                             "turn away",
                                             "report error",
                                             "report no address",
                                             "report no socket",
                                             "report silence",
                                             "hold",
                                             "go on",
                                             "report hold",
                                             "cancel"};
constexpr TableView view =
    table_view({.name = "tftp", .title = "TFTP: one file", .about = "`agent/transfer/tftp.cpp`."},
               table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

// Codes that an old server may use for a request whose options it does not understand.
bool may_be_about_options(uint16_t code) {
    const auto error = static_cast<TftpError>(code);
    return error == TftpError::option_refused || error == TftpError::illegal_operation ||
           error == TftpError::undefined;
}

FetchOutcome::Kind kind_of(uint16_t code, std::string_view said) {
    using Kind = FetchOutcome::Kind;
    // dnsmasq opens a folder like a file and fails at its first byte.
    if (said.ends_with("Is a directory")) return Kind::absent;
    switch (static_cast<TftpError>(code)) {
        case TftpError::file_not_found:
            return Kind::absent;
        case TftpError::access_violation:
            return Kind::withheld;
        case TftpError::undefined:
        case TftpError::allocation_exceeded:
        case TftpError::unknown_transfer_id:
            return Kind::unreachable;
        default:
            return Kind::refused;
    }
}

std::string words_of(uint16_t code, std::string_view said) {
    const auto error = static_cast<TftpError>(code);
    std::string words = error == TftpError::file_not_found     ? "there is no such file"
                        : error == TftpError::access_violation ? "the server forbids it"
                                                               : "the server gave up";
    words += " (error " + std::to_string(code);
    if (!said.empty()) (words += ": ") += said;
    return words + ")";
}

std::string remark_about(const Url& url) {
    if (url.has_userinfo) return "TFTP knows no user and password; those of the address stay here";
    return url.query.empty() ? "" : "TFTP knows no query; that of the address stays here";
}

}  // namespace

void Tftp::start(Instant now, FetchRequest request, Sink& sink) {
    step(now, C::stop);
    request_ = std::move(request);
    sink_ = &sink;
    found_ = {};
    forget_outcome();
    options_asked_ = true;
    strangers_answered_ = 0;
    wrong_address_ = {};
    reason_.clear();
    asked_at_ = began_at_ = heard_at_ = now;
    step(now, C::start);
}

void Tftp::stop(Instant now) {
    step(now, C::stop);
    end_farewell();
}

void Tftp::sink_kept(Instant now) {
    if (state_ == S::holding && sink_has_room()) step(now, C::sink_room);
}

void Tftp::handle(Instant now, const Event& event) {
    if (const auto* datagram = std::get_if<DatagramIn>(&event)) {
        if (datagram->socket == farewell_.socket) hear_farewell(*datagram);
        if (socket_ != 0 && datagram->socket == socket_) step(now, judge(*datagram));
        payload_ = {};
    } else if (const auto* resolved = std::get_if<Resolved>(&event);
               resolved && id_ != 0 && resolved->id == id_) {
        id_ = 0;
        const auto found = resolved->addresses;
        addresses_.assign(found.begin(),
                          found.begin() + static_cast<int32_t>(std::min<uint64_t>(
                                              found.size(), limits::addresses_per_name)));
        reason_ = resolved->reason;
        step(now, addresses_.empty() ? C::no_address : C::address);
    } else if (const auto* failed = std::get_if<SocketFailed>(&event);
               failed && failed->socket != 0) {
        if (failed->socket == farewell_.socket) farewell_ = {};
        if (failed->socket == socket_) {
            socket_ = 0;
            reason_ = failed->reason;
            step(now, C::socket_failed);
        }
    }
    check_times(now);
}

// After every event: a flood of packets must not hold the time up.
void Tftp::check_times(Instant now) {
    if (farewell_.socket != 0 && farewell_.ends <= now) end_farewell();
    if (state_ == S::idle) return;
    const uint64_t silent_ms = now.since(heard_at_);
    if (state_ == S::holding) {
        if (silent_ms >= limits::sink_hold_ms) step(now, C::held_too_long);
        return;
    }
    const bool over =
        silent_ms >= limits::transfer_stall_ms || now.since(began_at_) >= request_.total_ms;
    if (over) return step(now, C::time_up);
    if ((in(state_)&talking) != 0 && due_ <= now) step(now, C::wait_over);
}

std::optional<Instant> Tftp::deadline() const {
    std::optional<Instant> earliest;
    if (farewell_.socket != 0) earliest = farewell_.ends;
    if (state_ == S::idle) return earliest;
    Instant due = std::min(heard_at_ + limits::transfer_stall_ms, began_at_ + request_.total_ms);
    if (state_ == S::holding) due = heard_at_ + limits::sink_hold_ms;
    if ((in(state_)&talking) != 0) due = std::min(due, due_);
    return earliest ? std::min(*earliest, due) : due;
}

void Tftp::step(Instant now, TftpCue cue) {
    const auto& row = row_for(table, state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void Tftp::act(Instant now, TftpAction action) {
    using Kind = FetchOutcome::Kind;
    switch (action) {
        case A::nothing:
            return;
        case A::resolve:
            return resolve(now);
        case A::ask:
            address_ = 0;
            heard_at_ = now;
            return open_and_ask(now);
        case A::ask_again:
            return ask_again(now);
        case A::ask_elsewhere:
            return ask_elsewhere(now);
        case A::report_no_address:
        case A::report_no_socket:
            return conclude(now, Kind::unreachable, reason_);
        case A::report_silence:
            return report_silence(now);
        case A::hold:
            heard_at_ = now;
            return;
        case A::go_on:
            heard_at_ = now;
            return acknowledge(now);
        case A::report_hold:
            send(tftp_error(TftpError::undefined, "no room"));
            return conclude(now, Kind::unreachable,
                            "what had arrived was not kept in " +
                                std::to_string(limits::sink_hold_ms / 1000) + " s");
        case A::cancel:
            sink_->drop();
            if (server_port_ != 0) send(tftp_error(TftpError::undefined, "stopped"));
            id_ = 0;
            return close_socket();
        case A::decline_and_ask_plainly:
            send(tftp_error(TftpError::option_refused, reason_));
            [[fallthrough]];
        case A::ask_plainly:
            options_asked_ = false;
            heard_at_ = now;
            remark_ = "once more without options: " + reason_;
            journal_request();
            close_socket();
            return open_and_ask(now);
        case A::take_options:
            heard_at_ = now;
            found_.begun = true;
            sink_->begin(static_cast<int64_t>(agreed_.file_bytes));
            return acknowledge(now);
        case A::collect:
            return collect(now);
        case A::deliver:
            return deliver(now);
        case A::acknowledge_again:
            return acknowledge_again(now);
        case A::refuse:
            send(tftp_error(refusal_, reason_));
            found_.begun = found_.begun || refusal_ == TftpError::allocation_exceeded;
            return conclude(now, Kind::refused, reason_);
        case A::turn_away:
            if (strangers_answered_ >= limits::tftp_strangers_answered) return;
            ++strangers_answered_;
            return send_to(stranger_, stranger_port_,
                           tftp_error(TftpError::unknown_transfer_id, "unknown transfer"));
        case A::report_error:
            return conclude(now, kind_of(number_, said_), reason_);
    }
}

// --- what a packet is ----------------------------------------------------------------------------

TftpCue Tftp::judge(const DatagramIn& datagram) {
    using Kind = TftpPacket::Kind;
    const TftpPacket packet = read_tftp_packet(datagram.bytes);
    const bool from_server = datagram.from == addresses_[address_] &&
                             (server_port_ == 0 || datagram.from_port == server_port_);
    if (packet.kind == Kind::other || datagram.from_port == 0) return C::noise;
    if (!from_server) {
        const bool is_elsewhere = datagram.from != addresses_[address_];
        if (is_elsewhere && wrong_address_.octet_count == 0) wrong_address_ = datagram.from;
        // An error is never answered by an error.
        if (packet.kind == Kind::error) return C::noise;
        stranger_ = datagram.from;
        stranger_port_ = datagram.from_port;
        return C::stranger;
    }
    const TftpCue cue = packet.kind == Kind::option_ack ? judge_options(packet)
                        : packet.kind == Kind::error    ? judge_error(packet)
                                                        : judge_block(packet);
    if (cue == C::repeat) return cue;
    server_port_ = datagram.from_port;
    found_.answered = true;
    return cue;
}

TftpCue Tftp::judge_options(const TftpPacket& packet) {
    if (state_ != S::asking) return C::repeat;
    const auto agreed = read_tftp_options(packet.rest, asked_);
    if (!options_asked_)
        return unusable(TftpError::option_refused,
                        "the server answers options although none were asked for");
    if (!agreed) {
        reason_ = "the server answers the options with " + agreed.error().detail;
        return C::bad_options;
    }
    if (agreed->file_bytes > sink_->limit())
        return unusable(TftpError::allocation_exceeded, sink_->too_long());
    agreed_ = *agreed;
    return C::options;
}

TftpCue Tftp::judge_error(const TftpPacket& packet) {
    number_ = packet.number;
    said_ = read_tftp_words(packet.rest);
    reason_ = words_of(number_, said_);
    const bool plainer =
        state_ == S::asking && options_asked_ && may_be_about_options(packet.number);
    return plainer ? C::no_options : C::error;
}

TftpCue Tftp::judge_block(const TftpPacket& packet) {
    if (state_ == S::holding) return C::repeat;
    if (state_ == S::asking) agreed_ = {};  // no OACK before it: the options were passed over
    if (!is_next(packet.number)) {
        const auto ahead = static_cast<uint16_t>(packet.number - last_block_);
        const bool gap = state_ == S::receiving && ahead > 0 && ahead <= agreed_.window_blocks;
        return gap && !gap_told_ ? C::gap : C::repeat;
    }
    if (packet.rest.size() > agreed_.block_bytes && state_ == S::asking && options_asked_) {
        reason_ = "the server sent a block of " + std::to_string(packet.rest.size()) +
                  " bytes and no OACK";
        return C::bad_options;
    }
    if (packet.rest.size() > agreed_.block_bytes)
        return unusable(TftpError::illegal_operation,
                        "the server sent a block of " + std::to_string(packet.rest.size()) +
                            " bytes where " + std::to_string(agreed_.block_bytes) + " were agreed");
    if (!sink_->fits(packet.rest.size()))
        return unusable(TftpError::allocation_exceeded, sink_->too_long());
    payload_ = packet.rest;
    number_ = packet.number;
    return packet.rest.size() < agreed_.block_bytes ? C::last_block : C::block;
}

TftpCue Tftp::unusable(TftpError code, std::string words) {
    refusal_ = code;
    reason_ = std::move(words);
    return C::unusable;
}

bool Tftp::is_next(uint16_t block) const {
    if (block == static_cast<uint16_t>(last_block_ + 1)) return true;
    return last_block_ == UINT16_MAX && block == 1 && agreed_.window_blocks == 1;
}

// --- asking --------------------------------------------------------------------------------------

void Tftp::resolve(Instant now) {
    using Kind = FetchOutcome::Kind;
    const auto url = parse_url(request_.url, request_.default_scheme);
    remark_ = url ? remark_about(*url) : "";
    journal_request();
    const auto give_up = [&](Kind kind, std::string reason) {
        state_ = S::idle;
        conclude(now, kind, std::move(reason));
    };
    if (!url) return give_up(Kind::refused, url.error().detail);
    auto name = tftp_file_name(*url);
    if (!name) {
        const bool nothing_asked = name.error().code == ErrorCode::empty;
        return give_up(nothing_asked ? Kind::absent : Kind::refused, name.error().detail);
    }
    name_ = std::move(*name);
    asked_port_ = url->port;
    id_ = new_id();
    emit(Resolve{id_, std::string(url->host)});
}

void Tftp::open_and_ask(Instant now) {
    const uint8_t octet_count = addresses_[address_].octet_count;
    socket_ = new_id();
    server_port_ = 0;
    last_block_ = in_window_ = 0;
    gap_told_ = false;
    sends_ = 0;
    asked_.block_bytes = octet_count == 4 ? limits::tftp_block_bytes : limits::tftp_block_bytes_v6;
    asked_.window_blocks = limits::tftp_window_blocks;
    agreed_ = {};
    sink_->begin(-1);
    emit(OpenSocket{socket_, octet_count});
    send_request();
    wait(now, limits::tftp_wait_ms);
}

void Tftp::send_request() {
    ++sends_;
    send(tftp_read_request(name_, options_asked_ ? &asked_ : nullptr));
}

void Tftp::ask_again(Instant now) {
    const bool others = address_ + 1 < addresses_.size();
    if (others && sends_ >= limits::tftp_sends_per_address) return ask_elsewhere(now);
    send_request();
    wait(now, 2 * wait_ms_);
}

void Tftp::ask_elsewhere(Instant now) {
    close_socket();
    ++address_;
    if (address_ < addresses_.size()) return open_and_ask(now);
    state_ = S::idle;
    conclude(now, FetchOutcome::Kind::unreachable, reason_);
}

// --- receiving -----------------------------------------------------------------------------------

void Tftp::collect(Instant now) {
    sink_->take(payload_);
    found_.begun = true;
    heard_at_ = now;
    last_block_ = number_;
    gap_told_ = false;
    ++in_window_;
    if (in_window_ >= agreed_.window_blocks) return acknowledge(now);
    wait(now, limits::tftp_wait_ms);
}

void Tftp::deliver(Instant now) {
    using Kind = FetchOutcome::Kind;
    sink_->take(payload_);
    last_block_ = number_;
    send(tftp_acknowledgement(last_block_));
    end_farewell();
    farewell_ = {socket_,     addresses_[address_],           server_port_,
                 last_block_, now + limits::tftp_farewell_ms, limits::tftp_farewell_acks};
    socket_ = 0;
    const uint64_t count = sink_->size();
    if (agreed_.file_bytes == 0 || agreed_.file_bytes == count) {
        sink_->end();
        return conclude(now, Kind::body, {});
    }
    conclude(now, Kind::unreachable,
             "the server announced " + std::to_string(agreed_.file_bytes) + " bytes and sent " +
                 std::to_string(count));
}

// For the blocks that an acknowledgement asks for.
bool Tftp::sink_has_room() const {
    return sink_->room() >= uint32_t{agreed_.window_blocks} * agreed_.block_bytes;
}

void Tftp::acknowledge(Instant now) {
    if (!sink_has_room()) return step(now, C::sink_full);
    in_window_ = 0;
    send(tftp_acknowledgement(last_block_));
    wait(now, limits::tftp_wait_ms);
}

// The server goes on behind the last block that arrived in order.
void Tftp::acknowledge_again(Instant now) {
    if (!sink_has_room()) return step(now, C::sink_full);
    const bool waited = due_ <= now;
    gap_told_ = true;
    in_window_ = 0;
    send(tftp_acknowledgement(last_block_));
    wait(now, waited ? 2 * wait_ms_ : limits::tftp_wait_ms);
}

void Tftp::hear_farewell(const DatagramIn& datagram) {
    const TftpPacket packet = read_tftp_packet(datagram.bytes);
    const bool unheard = packet.kind == TftpPacket::Kind::data &&
                         packet.number == farewell_.block && datagram.from == farewell_.server &&
                         datagram.from_port == farewell_.port;
    if (farewell_.socket == 0 || !unheard || farewell_.acks_left == 0) return;
    --farewell_.acks_left;
    emit(DatagramOut{farewell_.socket, farewell_.server, farewell_.port,
                     tftp_acknowledgement(farewell_.block)});
}

void Tftp::end_farewell() {
    if (farewell_.socket != 0) emit(CloseSocket{farewell_.socket});
    farewell_ = {};
}

// --- tools ---------------------------------------------------------------------------------------

void Tftp::send(std::vector<uint8_t> bytes) {
    send_to(addresses_[address_], server_port_ != 0 ? server_port_ : asked_port_, std::move(bytes));
}

void Tftp::send_to(Address to, uint16_t port, std::vector<uint8_t> bytes) {
    emit(DatagramOut{socket_, to, port, std::move(bytes)});
}

void Tftp::wait(Instant now, uint32_t wait_ms) {
    wait_ms_ = wait_ms;
    due_ = now + wait_ms;
}

void Tftp::report_silence(Instant now) {
    const bool stalled = now.since(heard_at_) >= limits::transfer_stall_ms;
    const std::string stall_s = std::to_string(limits::transfer_stall_ms / 1000);
    std::string words;
    if (id_ != 0) {
        words = "the name could not be resolved in " + stall_s + " s";
    } else if (!stalled) {
        words =
            "the file was not complete after " + std::to_string(request_.total_ms / 1000) + " s";
    } else if (!found_.answered) {
        words = "no TFTP server answered for " + stall_s + " s";
    } else {
        words = "nothing new arrived for " + stall_s + " s, so the transfer was given up";
    }
    if (wrong_address_.octet_count != 0)
        words += "; an answer came from " + address_text(wrong_address_) + ", which was not asked";
    if (server_port_ != 0 && id_ == 0) send(tftp_error(TftpError::undefined, "no progress"));
    id_ = 0;
    conclude(now, FetchOutcome::Kind::unreachable, std::move(words));
}

void Tftp::conclude(Instant now, FetchOutcome::Kind kind, std::string reason) {
    close_socket();
    found_.kind = kind;
    found_.reason = std::move(reason);
    found_.shown_url = shown();
    found_.server = server_name(request_.url, request_.default_scheme);
    const uint64_t body_bytes = sink_->size();
    if (kind != FetchOutcome::Kind::body) sink_->drop();
    finish(std::move(found_));
    if (kind != FetchOutcome::Kind::body) return;
    JournalLine entry;
    entry.kind = JournalKind::answer;
    emit(std::move(
        entry.with("url", shown()).with("bytes", body_bytes).with("ms", now.since(asked_at_))));
}

void Tftp::close_socket() {
    if (socket_ != 0) emit(CloseSocket{socket_});
    socket_ = 0;
    server_port_ = 0;
}

void Tftp::journal_request() {
    JournalLine entry;
    entry.kind = JournalKind::request;
    entry.with("method", "TFTP read").with("url", shown());
    if (!remark_.empty()) entry.with("remark", remark_);
    emit(std::move(entry));
}

std::string Tftp::shown() const {
    return masked_url(request_.url, request_.default_scheme);
}

}  // namespace dialtone
