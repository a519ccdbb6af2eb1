// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/pnp.h"

#include <algorithm>
#include <array>
#include <deque>
#include <span>
#include <utility>

#include "agent/discovery/notify.h"
#include "agent/discovery/pnp_request.h"
#include "agent/discovery/pnp_table.h"
#include "agent/discovery/sip_answer.h"
#include "agent/discovery/sip_digest.h"
#include "agent/discovery/sip_message.h"
#include "agent/discovery/sip_stream.h"
#include "agent/limits.h"
#include "agent/trust/table.h"

namespace dialtone {
namespace {

using S = PnpState;
using C = PnpCue;
using A = PnpAction;

constexpr uint32_t other_forms_from = 3;  // tries before other spellings are used
constexpr uint16_t drawn_ports_from = 49'152;
constexpr uint16_t drawn_ports_to = 65'535;

// How telling a remark is for an administrator. The outcome's reason is the most telling remark of
// the window, of equal ones the last.
enum class Weight : uint8_t { silence, answer, refusal, acceptance, notify };

// Methods of SIP that a phone which only asks for its server does not take.
constexpr std::string_view known_methods[] = {"INVITE",   "OPTIONS", "BYE",    "CANCEL",
                                              "REGISTER", "MESSAGE", "INFO",   "UPDATE",
                                              "REFER",    "PRACK",   "PUBLISH"};

bool in_window(S state) {
    return state == S::opening || state == S::asking || state == S::waiting;
}

std::string_view text_of(std::span<const uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<uint8_t> bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

}  // namespace

class Pnp::Inside {
  public:
    explicit Inside(Pnp& engine) : engine_(engine) {}

    void start(Instant now, PnpRequest request, Rng& rng);
    void stop(Instant now) { step(now, C::stop); }
    bool listening() const { return port_socket_ != 0 || !connections_.empty(); }
    void handle(Instant now, const Event& event);
    std::optional<Instant> deadline() const;
    std::optional<Notice> take_notice() { return std::exchange(notice_, std::nullopt); }

  private:
    // Who sent a message, and where its answer goes.
    struct Peer {
        RequestId socket = 0;
        bool stream = false;
        Address address = {};
        uint16_t port = 0;
    };
    struct Connection {
        Peer peer = {};
        SipStream stream = {};
        Instant heard = {};
    };
    struct Answered {
        uint64_t key = 0;
        std::string text = {};
    };

    void step(Instant now, PnpCue cue);
    void act(Instant now, PnpAction action);
    void check_times(Instant now);

    void look_up(Instant now);
    void open(Instant now);
    void open_elsewhere(Instant now);
    void open_port();
    void send_try(Instant now);
    void deliver(Instant now);
    void note(Instant now);
    void end_window(Instant now);
    void report(std::string reason);
    void close();

    void fail_socket(Instant now, const SocketFailed& failed);
    void accept(Instant now, const Accepted& accepted);
    void take_bytes(Instant now, const BytesIn& bytes);
    void drop_connection(RequestId socket);
    bool within_budget(Instant now);
    void take_message(Instant now, const Peer& peer, std::string_view bytes);
    void take_response(Instant now, const Peer& peer, const SipMessage& message);
    SipAnswer answer_to(Instant now, const Peer& peer, const SipMessage& request);
    SipAnswer answer_to_notify(Instant now, const Peer& peer, const SipMessage& request);
    bool is_ours(const SipMessage& response) const;
    Party party_of_notify(Instant now, const Peer& peer, const SipMessage& request,
                          bool about_profile);
    bool may_notify(Party party, const Peer& peer, bool about_profile) const;
    bool is_of_our_dialog(const SipMessage& request) const;
    bool is_known(const Address& address) const;
    void keep_server(const Address& address);
    uint64_t key_of(const Peer& peer, std::string_view bytes) const;
    void send(const Peer& peer, std::string_view text);
    void remark(Weight weight, std::string words);
    bool over_tcp() const { return parties_.transport == PnpTransport::tcp; }
    std::string server_name() const;

    PnpState state_ = S::idle;
    Pnp& engine_;  // that it is inside of: whose effects and outcome these are
    PnpRequest request_ = {};
    PnpParties parties_ = {};
    std::vector<uint16_t> ports_ = {};   // to be tried
    uint32_t port_ = 0;                  // which of them
    std::array<PnpCall, 3> calls_ = {};  // of each form
    std::string tag_ = {};
    uint64_t hash_seed_ = 0;
    std::optional<SipDigest> digest_ = {};

    RequestId resolve_ = 0;
    RequestId port_socket_ = 0;  // of datagrams, or the listener
    RequestId connection_ = 0;   // ours to the server
    bool connected_ = false;
    std::vector<Connection> connections_ = {};  // ours and those of the listener
    uint32_t tries_ = 0;
    uint32_t requests_ = 0;  // sent
    Instant due_ = {};

    std::vector<Address> servers_ = {};  // that answered, in this order
    Address sender_ = {};                // of the message that is being read
    std::optional<Notice> heard_ = {};   // what that message asks, if it is a NOTIFY
    Notice said_ = {};                   // the one that ended the window
    Instant said_at_ = {};
    Instant second_ = {};
    uint32_t in_second_ = 0;
    std::deque<Answered> answered_ = {};

    Weight weight_ = Weight::silence;
    std::string remark_ = {};
    std::string trouble_ = {};  // why a name, a port or a connection of ours failed
    std::optional<Notice> notice_ = {};
};

// --- the verbs -----------------------------------------------------------------------------------

void Pnp::Inside::start(Instant now, PnpRequest request, Rng& rng) {
    step(now, C::stop);
    request_ = std::move(request);
    parties_ = {.own_address = request_.own_address,
                .server = request_.server,
                .server_port = request_.server_port,
                .transport = request_.transport};
    ports_.clear();
    if (request_.port != 0) ports_.push_back(request_.port);
    while (ports_.size() < limits::pnp_ports_tried)
        ports_.push_back(static_cast<uint16_t>(rng.between(drawn_ports_from, drawn_ports_to)));
    port_ = 0;
    for (PnpCall& call : calls_)
        call = draw_call(rng);
    tag_ = draw_call(rng).tag;
    hash_seed_ = rng.next();
    SipDigest::Secret secret;
    for (uint64_t& part : secret)
        part = rng.next();
    digest_.emplace(secret, request_.user, request_.password);
    weight_ = Weight::silence;
    remark_.clear();
    trouble_.clear();
    said_ = {};
    engine_.forget_outcome();
    notice_.reset();
    step(now, C::start);
}

void Pnp::Inside::handle(Instant now, const Event& event) {
    if (const auto* datagram = std::get_if<DatagramIn>(&event)) {
        const bool for_us = port_socket_ != 0 && datagram->socket == port_socket_ && !over_tcp();
        if (for_us && datagram->from_port != 0)
            take_message(now, {port_socket_, false, datagram->from, datagram->from_port},
                         text_of(datagram->bytes));
    } else if (const auto* bytes = std::get_if<BytesIn>(&event)) {
        take_bytes(now, *bytes);
    } else if (const auto* accepted = std::get_if<Accepted>(&event)) {
        if (port_socket_ != 0 && accepted->listener == port_socket_) accept(now, *accepted);
    } else if (const auto* connected = std::get_if<Connected>(&event)) {
        if (connection_ != 0 && connected->socket == connection_) {
            connected_ = true;
            step(now, C::connected);
        }
    } else if (const auto* failed = std::get_if<SocketFailed>(&event)) {
        if (failed->socket != 0) fail_socket(now, *failed);
    } else if (const auto* resolved = std::get_if<Resolved>(&event);
               resolved && resolve_ != 0 && resolved->id == resolve_) {
        resolve_ = 0;
        const auto found = resolved->addresses;
        if (found.empty()) trouble_ = resolved->reason;
        // An address the phone has a counterpart for, if there is one.
        const auto fit = std::find_if(found.begin(), found.end(), [&](const Address& one) {
            return one.octet_count == request_.own_address.octet_count;
        });
        if (!found.empty()) parties_.server_address = fit == found.end() ? found[0] : *fit;
        step(now, found.empty() ? C::no_address : C::address);
    }
    check_times(now);
}

std::optional<Instant> Pnp::Inside::deadline() const {
    if (state_ == S::idle) return std::nullopt;
    Instant due = due_;
    for (const Connection& one : connections_) {
        if (one.peer.socket != connection_)
            due = std::min(due, one.heard + limits::pnp_connection_ms);
    }
    return due;
}

// Called after every event, so that a flood of messages cannot delay a deadline.
void Pnp::Inside::check_times(Instant now) {
    std::vector<RequestId> quiet;
    for (const Connection& one : connections_) {
        if (one.peer.socket != connection_ && one.heard + limits::pnp_connection_ms <= now)
            quiet.push_back(one.peer.socket);
    }
    for (const RequestId socket : quiet) {
        drop_connection(socket);
        engine_.emit(CloseSocket{socket});
    }
    if (state_ == S::idle || due_ > now) return;
    const bool more_tries = state_ == S::asking && tries_ < limits::pnp_tries;
    step(now, more_tries ? C::try_due : C::time_up);
}

void Pnp::Inside::step(Instant now, PnpCue cue) {
    const PnpRow& row = pnp_row(state_, cue);
    if (!row.stay) state_ = row.next;
    act(now, row.action);
}

void Pnp::Inside::act(Instant now, PnpAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::look_up:
            return look_up(now);
        case A::open:
            return open(now);
        case A::open_elsewhere:
            return open_elsewhere(now);
        case A::ask:
            tries_ = requests_ = 0;
            return send_try(now);
        case A::ask_again:
            return send_try(now);
        case A::report_no_address:
            return report(trouble_.empty() ? request_.server + " could not be resolved in time"
                                           : trouble_);
        case A::report_no_connection:
            return report(trouble_.empty() ? "no connection to " + server_name() + " in time"
                                           : trouble_);
        case A::report_no_port:
            return report(trouble_);
        case A::end_window:
            return end_window(now);
        case A::close:
            return close();
        case A::wait_for_notify:
            // Only the first 2xx sets the deadline: a server that repeats it must not move it on.
            if (servers_.empty()) due_ = now + limits::pnp_last_wait_ms;
            return keep_server(sender_);
        case A::wait_for_others:
            due_ = now + limits::pnp_first_wait_ms;
            return;
        case A::wait_without_connection:
            due_ = now + limits::pnp_last_wait_ms;
            return;
        case A::keep_server:
            return keep_server(sender_);
        case A::deliver:
            return deliver(now);
        case A::note:
            return note(now);
    }
}

// --- asking --------------------------------------------------------------------------------------

void Pnp::Inside::look_up(Instant now) {
    due_ = now + limits::pnp_resolve_ms;
    if (request_.profile == nullptr || request_.profile->pnp.subscribe.empty()) {
        trouble_ = "the profile has no request for SIP plug and play";
        return step(now, C::no_address);
    }
    if (const auto address = parse_address(request_.server)) {
        parties_.server_address = *address;
        return step(now, C::address);
    }
    resolve_ = engine_.new_id();
    engine_.emit(Resolve{resolve_, request_.server});
}

void Pnp::Inside::open(Instant now) {
    resolve_ = 0;
    // TCP knows no groups, so a group is asked over UDP.
    if (is_multicast(parties_.server_address)) parties_.transport = PnpTransport::udp;
    open_port();
    if (!over_tcp()) return step(now, C::connected);
    due_ = now + limits::pnp_connect_ms;
    connection_ = engine_.new_id();
    const Address& to = parties_.server_address;
    engine_.emit(OpenSocket{connection_, to.octet_count, SocketKind::connection, 0, to,
                            parties_.server_port});
    connections_.push_back(
        {.peer = {connection_, true, to, parties_.server_port}, .stream = {}, .heard = now});
}

void Pnp::Inside::open_port() {
    parties_.own_port = ports_[port_];
    port_socket_ = engine_.new_id();
    engine_.emit(OpenSocket{port_socket_, parties_.server_address.octet_count,
                            over_tcp() ? SocketKind::listener : SocketKind::datagram,
                            parties_.own_port});
}

void Pnp::Inside::open_elsewhere(Instant now) {
    const bool more = ++port_ < ports_.size();
    if (more) open_port();
    if (!more && !over_tcp()) return step(now, C::connection_lost);
    // Over TCP the answers come on our own connection, too.
    if (!over_tcp() || connected_) step(now, C::connected);
}

// Over TCP nothing gets lost, so there a try that only repeats the one before is left out.
void Pnp::Inside::send_try(Instant now) {
    const uint32_t form = tries_ < other_forms_from ? 0 : tries_ - other_forms_from + 1;
    const bool repeats = tries_ != 0 && form == 0;
    due_ = now + (uint64_t{limits::pnp_first_wait_ms} << tries_);
    if (++tries_ == limits::pnp_tries) due_ = now + limits::pnp_last_wait_ms;
    if (repeats && over_tcp()) return;
    // The network failed the try before: the phone may have its address and not yet its routes.
    if (port_socket_ == 0 && !over_tcp()) open_port();
    ++requests_;
    const PnpForm& forms = request_.profile->pnp;
    const std::string text =
        subscribe_text(form == 0 ? forms.subscribe : forms.subscribe_other, forms.users[form],
                       request_.identity, parties_, calls_[form]);
    send({over_tcp() ? connection_ : port_socket_, over_tcp(), parties_.server_address,
          parties_.server_port},
         text);
}

void Pnp::Inside::deliver(Instant now) {
    keep_server(sender_);
    said_ = *heard_;
    said_at_ = now;
    engine_.finish(PnpOutcome{heard_->urls, heard_->from, {}});
    const uint64_t listen_ms = uint64_t{request_.listen_s} * 1000;
    due_ = now + std::max<uint64_t>(listen_ms, limits::pnp_repeats_ms);
}

// A NOTIFY with URLs that comes within limits::pnp_repeats_ms after the one that ended the window
// is passed on only if the same server names other URLs: a server answers each of our requests with
// the same NOTIFY, and another server on the network must not replace the first one.
void Pnp::Inside::note(Instant now) {
    const bool settled = !said_.urls.empty() && now.since(said_at_) < limits::pnp_repeats_ms;
    const bool nothing_new = heard_->from != said_.from || heard_->urls == said_.urls;
    if (settled && nothing_new && heard_->kind == NotifyKind::urls) return;
    notice_ = heard_;
}

void Pnp::Inside::end_window(Instant now) {
    if (weight_ == Weight::silence)
        remark_ = "no answer to " + std::to_string(requests_) + " requests to " + server_name() +
                  (trouble_.empty() ? "" : "; " + trouble_);
    engine_.finish(PnpOutcome{{}, {}, remark_});
    due_ = now + uint64_t{request_.listen_s} * 1000;
    if (servers_.empty() || request_.listen_s == 0) step(now, C::time_up);
}

void Pnp::Inside::report(std::string reason) {
    engine_.finish(PnpOutcome{{}, {}, std::move(reason)});
    close();
}

void Pnp::Inside::close() {
    if (port_socket_ != 0) engine_.emit(CloseSocket{port_socket_});
    for (const Connection& one : connections_)
        engine_.emit(CloseSocket{one.peer.socket});
    port_socket_ = connection_ = resolve_ = 0;
    connected_ = false;
    connections_.clear();
    servers_.clear();
    answered_.clear();
    in_second_ = 0;
}

// --- sockets -------------------------------------------------------------------------------------

void Pnp::Inside::fail_socket(Instant now, const SocketFailed& failed) {
    if (failed.socket == port_socket_) {
        port_socket_ = 0;
        // Without a listener a TCP window still has its own connection.
        if (over_tcp() && state_ != S::opening && state_ != S::asking) return;
        if (!over_tcp())
            trouble_ = "port " + std::to_string(parties_.own_port) +
                       " cannot be used: " + std::string(failed.reason);
        return step(now, failed.opened && !over_tcp() ? C::port_broke : C::port_lost);
    }
    drop_connection(failed.socket);
    if (failed.socket != connection_) return;
    connection_ = 0;
    connected_ = false;
    trouble_ = "the connection to " + server_name() + " failed: " + std::string(failed.reason);
    step(now, C::connection_lost);
}

void Pnp::Inside::accept(Instant now, const Accepted& accepted) {
    if (connections_.size() > limits::accepted) {
        engine_.emit(CloseSocket{accepted.socket});
        return;
    }
    connections_.push_back({.peer = {accepted.socket, true, accepted.from, accepted.from_port},
                            .stream = {},
                            .heard = now});
}

void Pnp::Inside::take_bytes(Instant now, const BytesIn& bytes) {
    const auto place =
        std::find_if(connections_.begin(), connections_.end(),
                     [&](const Connection& one) { return one.peer.socket == bytes.socket; });
    if (place == connections_.end()) return;
    const Peer peer = place->peer;
    const SipStream::Taken taken = place->stream.take(bytes.bytes);
    if (!taken.messages.empty()) place->heard = now;
    for (const std::string& message : taken.messages)
        take_message(now, peer, message);
    if (!taken.broken) return;
    engine_.emit(CloseSocket{peer.socket});
    fail_socket(now, {peer.socket, "what came is not SIP"});
}

void Pnp::Inside::drop_connection(RequestId socket) {
    std::erase_if(connections_, [&](const Connection& one) { return one.peer.socket == socket; });
}

void Pnp::Inside::send(const Peer& peer, std::string_view text) {
    if (peer.stream) {
        engine_.emit(BytesOut{peer.socket, bytes_of(text)});
    } else {
        engine_.emit(DatagramOut{peer.socket, peer.address, peer.port, bytes_of(text)});
    }
}

// --- messages ------------------------------------------------------------------------------------

// Only the first messages of each second are read. Whoever sent one that was dropped repeats it.
bool Pnp::Inside::within_budget(Instant now) {
    if (in_second_ == 0 || now.since(second_) >= 1000) {
        second_ = now;
        in_second_ = 0;
    }
    if (in_second_ >= limits::pnp_notifies_per_s) return false;
    ++in_second_;
    return true;
}

void Pnp::Inside::take_message(Instant now, const Peer& peer, std::string_view bytes) {
    if (!within_budget(now) || bytes.size() > limits::sip_message_bytes) return;
    const uint64_t key = key_of(peer, bytes);
    const auto known = std::find_if(answered_.begin(), answered_.end(),
                                    [&](const Answered& one) { return one.key == key; });
    if (known != answered_.end()) return send(peer, known->text);
    const auto message = read_sip_message(bytes);
    if (!message) return;
    if (!message->request) return take_response(now, peer, *message);
    // Other phones' requests to the group are heard here, too.
    if (message->method == "SUBSCRIBE" || message->method == "ACK") return;

    heard_.reset();
    sender_ = peer.address;
    const SipAnswer answer = answer_to(now, peer, *message);
    std::string text = sip_answer_text(*message, answer, tag_, peer.address, peer.port);
    send(peer, text);
    answered_.push_back({key, std::move(text)});
    if (answered_.size() > limits::pnp_answers_kept) answered_.pop_front();
    if (heard_) step(now, heard_->urls.empty() ? C::notice : C::urls);
}

void Pnp::Inside::take_response(Instant now, const Peer& peer, const SipMessage& message) {
    if (!is_ours(message) || message.status < 200) return;
    sender_ = peer.address;
    const std::string name = address_text(peer.address);
    if (message.status < 300) {
        remark(Weight::acceptance, name + " accepted the request and has named no server yet");
        return step(now, C::accepted);
    }
    const std::string words = name + " refused the request with " + std::to_string(message.status);
    remark(message.status == 500 ? Weight::refusal : Weight::answer, words);
    if (message.status == 500) step(now, C::declined);
}

// A response belongs to a request if its branch or its Call-ID does: real servers send wrong tags
// and CSeqs, and some a wrong Via or Call-ID.
bool Pnp::Inside::is_ours(const SipMessage& response) const {
    const std::string_view branch = response.vias.empty() ? "" : via_branch(response.vias[0]);
    return std::any_of(calls_.begin(), calls_.end(), [&](const PnpCall& call) {
        return branch == call.branch || response.call_id.starts_with(call.number);
    });
}

SipAnswer Pnp::Inside::answer_to(Instant now, const Peer& peer, const SipMessage& request) {
    if (request.method == "NOTIFY") return answer_to_notify(now, peer, request);
    const bool known = std::find(std::begin(known_methods), std::end(known_methods),
                                 request.method) != std::end(known_methods);
    if (!known) return {501, "Not Implemented"};
    return {405, "Method Not Allowed", "Allow: NOTIFY\r\n"};
}

SipAnswer Pnp::Inside::answer_to_notify(Instant now, const Peer& peer, const SipMessage& request) {
    NotifyReading reading = read_notify_request(request);
    const std::string name = address_text(peer.address);
    if (!reading.remark.empty()) remark(Weight::notify, name + " sent " + reading.remark);
    if (reading.status == 489)
        return {489, reading.reason, "Allow-Events: ua-profile, check-sync, resync\r\n"};
    if (reading.status != 200) return {reading.status, reading.reason};
    const Party party = party_of_notify(now, peer, request, reading.about_profile);
    if (!may_notify(party, peer, reading.about_profile)) {
        if (!digest_->enabled()) return {481, "Subscription Does Not Exist"};
        return {401, "Unauthorized", digest_->challenge(now, peer.address)};
    }
    heard_ = Notice{reading.kind, std::move(reading.urls), name};
    return {};
}

// As whom a NOTIFY counts. During the window any sender may name a server, because nothing in a
// request tells a server from an attacker. Afterwards a UDP address, which anybody can claim, is
// not enough: the NOTIFY belongs to a dialog of ours with a server that has answered, or knows the
// password.
Party Pnp::Inside::party_of_notify(Instant now, const Peer& peer, const SipMessage& request,
                                   bool about_profile) {
    if (in_window(state_) && about_profile) return Party::pnp_answer;
    const bool in_dialog = is_known(peer.address) && is_of_our_dialog(request);
    const bool is_proven = in_dialog || digest_->accepts(now, peer.address, request);
    return is_proven ? Party::notify_known : Party::notify_stranger;
}

// Real servers send the late answer with a Call-ID of their own and without our tag: a phone that
// has nothing to lose takes it, if the server has accepted the request.
bool Pnp::Inside::may_notify(Party party, const Peer& peer, bool about_profile) const {
    const Right right = about_profile ? Right::names_server : Right::reboots;
    switch (grant_of(party, right)) {
        case Grant::while_new:
            return request_.is_new && is_known(peer.address);
        case Grant::yes:
        case Grant::counted:  // by the agent
            return true;
        default:
            return false;
    }
}

bool Pnp::Inside::is_of_our_dialog(const SipMessage& request) const {
    return std::any_of(calls_.begin(), calls_.end(), [&](const PnpCall& call) {
        return request.call_id.starts_with(call.number) && address_tag(request.to) == call.tag;
    });
}

bool Pnp::Inside::is_known(const Address& address) const {
    return std::find(servers_.begin(), servers_.end(), address) != servers_.end();
}

void Pnp::Inside::keep_server(const Address& address) {
    if (is_known(address) || servers_.size() >= limits::pnp_servers_kept) return;
    servers_.push_back(address);
}

// The same for a message and its repetition: a hash of its bytes and its source. FNV-1a with a
// random seed, so that nobody can prepare two messages with the same hash.
uint64_t Pnp::Inside::key_of(const Peer& peer, std::string_view bytes) const {
    uint64_t key = hash_seed_;
    const auto add = [&](uint64_t octet) { key = (key ^ octet) * 0x100000001b3U; };
    for (const uint8_t octet : peer.address.octets)
        add(octet);
    add(peer.port & 0xFFU);
    add(peer.port >> 8);
    for (const char octet : bytes)
        add(static_cast<uint8_t>(octet));
    return key;
}

void Pnp::Inside::remark(Weight weight, std::string words) {
    if (weight < weight_) return;
    weight_ = weight;
    remark_ = std::move(words);
}

std::string Pnp::Inside::server_name() const {
    const bool v6 = request_.server.find(':') != std::string::npos;
    return (v6 ? "[" + request_.server + "]" : request_.server) + ':' +
           std::to_string(request_.server_port);
}

// --- the outside ---------------------------------------------------------------------------------

// The engine's state is made by the first start().
Pnp::Pnp(RequestIds& ids) : Engine(ids) {
}
Pnp::~Pnp() = default;

void Pnp::start(Instant now, PnpRequest request, Rng& rng) {
    if (!inside_) inside_ = std::make_unique<Inside>(*this);
    inside_->start(now, std::move(request), rng);
}

void Pnp::stop(Instant now) {
    if (inside_) inside_->stop(now);
}

bool Pnp::listening() const {
    return inside_ && inside_->listening();
}

void Pnp::handle(Instant now, const Event& event) {
    if (inside_) inside_->handle(now, event);
}

std::optional<Instant> Pnp::deadline() const {
    return inside_ ? inside_->deadline() : std::nullopt;
}

std::optional<Notice> Pnp::take_notice() {
    return inside_ ? inside_->take_notice() : std::nullopt;
}

}  // namespace dialtone
