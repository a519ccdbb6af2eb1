// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.h"

#include <algorithm>
#include <utility>

#include "agent/reply_lines.h"
#include "agent/store/durable_files.h"
#include "agent/store/record.h"
#include "agent/transfer/request_check.h"
#include "sim/world/soap_words.h"

namespace dialtone::sim {
namespace {

constexpr uint64_t longest_life_ms = uint64_t{7} * 86'400'000;
constexpr uint16_t ntp_port = 123;
constexpr uint16_t dhcp_server_port = 67;
constexpr WallSeconds ntp_epoch_s = 2'208'988'800;
constexpr uint16_t first_v6_option = 1000;
constexpr Address stranger = {{10, 6, 6, 6}, 4};

std::string_view text_of(std::span<const uint8_t> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// What a request to an ACS brings, for a ladder diagram.
std::string body_words(const StartTransfer& request) {
    const bool is_empty = request.body.bytes.empty() && request.body.stored_name.empty();
    if (request.method == HttpMethod::post && is_empty) return ", empty";
    return soap_words(text_of(request.body.bytes));
}

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

Boot World::boot(ResetCause cause, uint32_t provisioning_reboots) {
    Boot boot;
    boot.reset_cause = cause;
    boot.provisioning_reboots = provisioning_reboots;
    copies_.assign(limits::record_copies, {});
    for (uint8_t i = 0; i < limits::record_copies; ++i) {
        if (const auto* bytes = site_.disk.find(record_copy_name(i))) copies_[i] = *bytes;
        boot.record_copies[i] = copies_[i];
    }
    if (!site_.state_lasts) boot.state_lost = "the state directory is in memory";
    boot.state_in_memory = site_.state_in_memory;
    site_.web.forget_session(0);
    boot.entropy = site_.entropy++;
    boot.secret = {boot.entropy, 1, 2, 3};
    boot.wall_s = hardware_wall();
    for (uint32_t i = 0; i < limits::jobs_at_once; ++i) {
        if (site_.disk.find(std::string(durable_name(DurableKind::staged, i))))
            boot.staged_files |= 1U << i;
    }
    return boot;
}

WallSeconds World::hardware_wall() const {
    return site_.hardware_wall_s + static_cast<WallSeconds>(site_.clock_ms / 1000);
}

void World::schedule(uint64_t in_ms, PendingEvent event) {
    event.at_ms = site_.clock_ms + in_ms;
    event.sequence = ++sequence_;
    // Times stay far below 2^40 ms, so both fit one key.
    pending_[event.at_ms << 24 | event.sequence] = std::move(event);
}

// `at_ms` since power-on; at once when that is past.
void World::schedule_at(uint64_t at_ms, PendingEvent event) {
    const uint64_t then_ms = site_.power_on_ms + at_ms;
    schedule(then_ms - std::min(then_ms, site_.clock_ms), std::move(event));
}

void World::plan_command(uint64_t at_ms, CommandKind kind, std::string argument) {
    schedule_at(at_ms, {.kind = PendingEvent::Kind::command,
                        .id = static_cast<RequestId>(0x70000000 + sequence_),
                        .command = kind,
                        .text = std::move(argument)});
}

void World::plan_link(uint64_t at_ms, bool up) {
    schedule_at(at_ms, {.kind = PendingEvent::Kind::link, .up = up});
}

void World::plan_address(uint64_t at_ms, Address address) {
    schedule_at(at_ms, {.kind = PendingEvent::Kind::link, .up = true, .addresses = {address}});
}

void World::plan_lease(uint64_t at_ms, LeaseNews news, LeaseOptions options) {
    schedule_at(at_ms,
                {.kind = PendingEvent::Kind::lease, .news = news, .options = std::move(options)});
}

void World::plan_wall(uint64_t at_ms, WallSeconds wall_s) {
    schedule_at(at_ms, {.kind = PendingEvent::Kind::wall, .wall_s = wall_s});
}

void World::plan_datagram(uint64_t at_ms, uint16_t to_port, Address from, uint16_t from_port,
                          std::vector<uint8_t> bytes) {
    schedule_at(at_ms, {.kind = PendingEvent::Kind::datagram,
                        .bytes = std::move(bytes),
                        .from = from,
                        .from_port = from_port,
                        .to_port = to_port});
}

void World::push_notify(const Address& server, std::string_view event, std::string url) {
    site_.pbx.send_notify(site_.clock_ms, server, event, std::move(url));
    deliver_from_pbx();
}

void World::schedule_event(uint64_t at_ms, uint32_t number) {
    schedule_at(at_ms, {.kind = PendingEvent::Kind::scheduled, .id = number});
}

void World::plan_power_cut_after_steps(uint32_t steps) {
    power_cut_steps_ = site_.disk.mutating_steps() + steps;
}

void World::carry_out(Effect&& effect) {
    std::visit([this](auto&& one) { perform(std::forward<decltype(one)>(one)); },
               std::move(effect));
}

void World::perform(CreditTransfer&& credit) {
    const auto place = transfers_.find(credit.id);
    if (place == transfers_.end()) return;
    place->second.credit += credit.bytes;
    schedule_piece(credit.id, place->second, 1);
}

void World::perform(StopTransfer&& stop) {
    transfers_.erase(stop.id);
}

void World::perform(RunHooks&& hooks) {
    const uint32_t duration_ms =
        site_.fault_injector ? site_.fault_injector->hooks_duration_ms(hooks) : 1;
    const bool hands_over = !hooks.file.stored_name.empty();
    PendingEvent done{.kind = PendingEvent::Kind::hooks, .id = hooks.id, .hands_over = hands_over};
    if (!hands_over) {
        site_.hook_lines.push_back(std::move(hooks.key_lines));
    } else if (const auto* bytes = site_.disk.find(hooks.file.stored_name)) {
        site_.handed_over.push_back({hooks.file.type, hooks.file.name, *bytes});
        done.text = site_.file_hook_failure;
    } else {
        done.text = hooks.file.stored_name + " is not there";
    }
    schedule(duration_ms, std::move(done));
}

void World::perform(Resolve&& resolve) {
    PendingEvent event{.kind = PendingEvent::Kind::resolved, .id = resolve.id};
    const auto place = site_.names.find(resolve.name);
    if (place != site_.names.end()) event.addresses = place->second;
    if (const auto literal = parse_address(resolve.name)) event.addresses = {*literal};
    uint32_t delay_ms = 2;
    if (site_.fault_injector)
        site_.fault_injector->alter_resolution(resolve, event.addresses, delay_ms);
    schedule(delay_ms, std::move(event));
}

void World::perform(CloseSocket&& closed) {
    sockets_.erase(closed.socket);
}

void World::perform(Reply&& reply) {
    reply.lines = bounded_lines(std::move(reply.lines));
    replies_.push_back(std::move(reply));
}

void World::perform(SetWallClock&& wall) {
    wall_set_ = wall.wall_s;
    wall_ahead_s_ = wall.wall_s - hardware_wall();
}

void World::perform(JournalLine&& line) {
    site_.journal.push_back(encode_journal_line(line));
}

void World::perform(Exit&& exit) {
    departure_ = Departure{Departure::Kind::exit, exit.status, std::move(exit.why)};
}

void World::perform(Reboot&& reboot) {
    departure_ = Departure{.kind = Departure::Kind::reboot, .afresh = reboot.afresh};
}

// What the answer to a request that is not sent says, in place of a head.
void World::fail_transfer(RequestId id, TransferFault fault, std::string reason) {
    transfers_[id] = {
        .answer = {.latency_ms = 0},
        .model = {.has_head = false, .fails = true, .fault = fault, .reason = std::move(reason)}};
    schedule(1, {.kind = PendingEvent::Kind::head, .id = id});
}

// What the phone does before it asks anybody. False: it fails.
bool World::admit(StartTransfer& request) {
    const auto refuse = [&](TransferFault fault, std::string reason) {
        fail_transfer(request.id, fault, std::move(reason));
        return false;
    };
    if (std::string flaw = request_flaw(request); !flaw.empty())
        return refuse(TransferFault::unsupported, std::move(flaw));
    const RequestId session = request.session;
    if (session != 0 && session_is_busy(session))
        return refuse(TransferFault::broken, "a transfer of the session is under way");
    if (session != 0 && !sessions_.contains(session) &&
        sessions_.size() >= limits::transfer_sessions)
        return refuse(TransferFault::broken, "too many sessions at the same time");
    if (!request.body.stored_name.empty()) {
        const auto* bytes = site_.disk.find(request.body.stored_name);
        if (bytes == nullptr)
            return refuse(TransferFault::stored_file, "the file to be sent is not there");
        if (bytes->size() > limits::stored_body_bytes)
            return refuse(TransferFault::stored_file, "the file to be sent is too large");
        request.body = {.bytes = *bytes};
    }
    if (session != 0) sessions_.insert(session);
    return true;
}

bool World::session_is_busy(RequestId session) const {
    return std::ranges::any_of(
        transfers_, [session](const auto& entry) { return entry.second.session == session; });
}

void World::perform(ReleaseSession&& release) {
    std::erase_if(transfers_, [&release](const auto& entry) {
        return entry.second.session == release.session && release.session != 0;
    });
    if (sessions_.erase(release.session) != 0) site_.web.forget_session(release.session);
}

void World::perform(OpenHttp&& wanted) {
    std::string failure;
    if (site_.taken_ports.contains(wanted.port))
        failure = "port " + std::to_string(wanted.port) + " is taken";
    if (failure.empty() && site_.fault_injector)
        failure = site_.fault_injector->socket_failure(
            {.socket = wanted.listener, .kind = SocketKind::listener, .port = wanted.port});
    if (failure.empty() && !http_.open(wanted)) failure = "too many ports listen for HTTP";
    if (failure.empty())
        return schedule(0, {.kind = PendingEvent::Kind::http_opened, .id = wanted.listener});
    schedule(1, {.kind = PendingEvent::Kind::socket_failed,
                 .id = wanted.listener,
                 .text = std::move(failure)});
}

void World::perform(CloseHttp&& closed) {
    http_.close(closed.listener);
}

void World::perform(HttpReply&& reply) {
    http_.reply(site_.clock_ms, reply);
    schedule_http();
}

uint32_t World::connect_http(uint16_t port, Address from, uint16_t from_port) {
    const uint32_t number =
        site_.link_up ? http_.connect(site_.clock_ms, port, from, from_port) : 0;
    schedule_http();
    return number;
}

void World::send_http(uint32_t connection, ClientRequest request) {
    if (site_.observer)
        site_.observer->observe(site_.clock_ms, WireProtocol::http, true,
                                request.method + " " + request.target);
    http_.send(site_.clock_ms, connection, std::move(request));
    schedule_http();
}

// Once for what is to be told, and once for what the phone waits for.
void World::schedule_http() {
    schedule(1, {.kind = PendingEvent::Kind::http});
    const auto due_ms = http_.deadline_ms();
    if (due_ms && *due_ms > site_.clock_ms)
        schedule(*due_ms - site_.clock_ms, {.kind = PendingEvent::Kind::http});
}

void World::deliver_http(EventSink& sink) {
    http_.tick(site_.clock_ms);
    const auto asked = http_.next();
    if (!asked) return sink.take(now(), Wake{});
    schedule(1, {.kind = PendingEvent::Kind::http});
    sink.take(now(), HttpRequest{.listener = asked->listener,
                                 .request = asked->request,
                                 .method = asked->method,
                                 .target = asked->target,
                                 .authorization = asked->authorization,
                                 .content_type = asked->content_type,
                                 .host = asked->host,
                                 .body = bytes_of(asked->body),
                                 .from = asked->from,
                                 .from_port = asked->from_port});
}

void World::perform(StartTransfer&& request) {
    if (!admit(request)) return;
    Web::Outcome outcome = site_.link_up
                               ? site_.web.respond(request, hardware_wall() + wall_ahead_s_)
                               : Web::Outcome{.refused = true};
    if (site_.fault_injector && site_.link_up)
        site_.fault_injector->alter_transfer(request, outcome);
    if (site_.observer)
        site_.observer->observe(
            site_.clock_ms, WireProtocol::http, false,
            std::string(method_name(request.method)) + " " + request.url + body_words(request));
    Transfer transfer{.session = request.session, .answer = std::move(outcome.answer)};
    if (outcome.refused) {
        transfer.model = {.has_head = false,
                          .fails = true,
                          .fault = outcome.fault,
                          .reason = std::move(outcome.reason),
                          .fails_after_ms = outcome.refused_after_ms};
        transfer.answer.latency_ms = 0;
    } else {
        transfer.model = model_transfer(request, transfer.answer);
    }
    const bool connected = !outcome.refused || outcome.fault == TransferFault::tls ||
                           outcome.fault == TransferFault::expired;
    if (connected) site_.web.note_connection(request, transfer.model.keeps_connection);
    uint32_t in_ms = transfer.answer.latency_ms + transfer.model.login_ms;
    if (!transfer.model.has_head) in_ms += transfer.model.fails_after_ms;
    if (!transfer.model.stalls_before_head)
        schedule(in_ms, {.kind = PendingEvent::Kind::head, .id = request.id});
    transfers_[request.id] = std::move(transfer);
}

void World::resume_stalled_transfers() {
    for (auto& [id, transfer] : transfers_) {
        const bool was_stalled = std::exchange(transfer.model.stalls_before_head, false);
        transfer.model.stalls_after = -1;
        if (was_stalled) schedule(1, {.kind = PendingEvent::Kind::head, .id = id});
        if (transfer.head_delivered) schedule_piece(id, transfer, 1);
    }
}

void World::perform(Storage&& step) {
    const bool mutating = is_mutating(step.step);
    if (mutating && power_cut_steps_ && site_.disk.mutating_steps() >= *power_cut_steps_) {
        power_cut_ms_ = site_.clock_ms;
        return;
    }
    const StorageFault fault =
        site_.fault_injector ? site_.fault_injector->storage_fault(step) : StorageFault{};
    StorageResult result;
    if (fault.carried_out) result = site_.disk.carry_out(step);
    if (!fault.failure.empty()) result.failure = fault.failure;
    schedule(fault.delay_ms,
             {.kind = PendingEvent::Kind::storage, .id = step.id, .result = std::move(result)});
}

void World::perform(OpenSocket&& wanted) {
    std::string failure;
    if (wanted.port != 0 && site_.taken_ports.contains(wanted.port))
        failure = "port " + std::to_string(wanted.port) + " is taken";
    if (failure.empty() && site_.fault_injector)
        failure = site_.fault_injector->socket_failure(wanted);
    if (!failure.empty()) {
        return schedule(1, {.kind = PendingEvent::Kind::socket_failed,
                            .id = wanted.socket,
                            .text = std::move(failure)});
    }
    const uint16_t port = wanted.port != 0 ? wanted.port : next_port_++;
    if (next_port_ == first_own_port + own_ports) next_port_ = first_own_port;
    sockets_[wanted.socket] = {wanted.kind, port, wanted.to, wanted.to_port};
    if (wanted.kind != SocketKind::connection) return;
    ConnectionFault fault =
        site_.fault_injector ? site_.fault_injector->connection_fault(wanted) : ConnectionFault{};
    const bool made = fault.failure.empty();
    schedule(fault.delay_ms,
             {.kind = made ? PendingEvent::Kind::connected : PendingEvent::Kind::socket_failed,
              .id = wanted.socket,
              .text = std::move(fault.failure)});
}

void World::perform(DatagramOut&& datagram) {
    if (!site_.link_up) return;
    const auto socket = sockets_.find(datagram.socket);
    if (socket == sockets_.end()) return;
    if (socket->second.kind == SocketKind::dhcp) return send_to_dhcp_servers(datagram);
    if (datagram.to_port == ntp_port) return answer_ntp(datagram);
    if (site_.tftp.owns(datagram.to_port)) return send_to_tftp_server(datagram);
    send_to_pbx({.socket = datagram.socket,
                 .phone = site_.phone_address,
                 .phone_port = socket->second.port,
                 .to = datagram.to,
                 .to_port = datagram.to_port,
                 .text = text_of(datagram.bytes)});
}

void World::perform(BytesOut&& bytes) {
    const auto socket = sockets_.find(bytes.socket);
    if (socket == sockets_.end() || !site_.link_up) return;
    send_to_pbx({.socket = bytes.socket,
                 .stream = true,
                 .phone = site_.phone_address,
                 .phone_port = socket->second.port,
                 .to = socket->second.to,
                 .to_port = socket->second.to_port,
                 .text = text_of(bytes.bytes)});
}

// --- the network
// -----------------------------------------------------------------------------------

bool World::reaches_server(WireProtocol protocol, RequestId socket, const Address& to,
                           uint16_t port, std::span<const uint8_t> bytes, uint32_t& copies) {
    const PacketFault fault = site_.fault_injector
                                  ? site_.fault_injector->datagram_fault(protocol, false)
                                  : PacketFault{};
    copies = fault.duplicated ? 2 : 1;
    if (site_.observer)
        site_.observer->observe(site_.clock_ms, protocol, false, to, port, bytes,
                                fault.dropped         ? "lost"
                                : fault.duplicated    ? "doubled"
                                : fault.breaks_socket ? "the network is unreachable"
                                                      : "");
    if (fault.breaks_socket)
        schedule(0, {.kind = PendingEvent::Kind::socket_failed,
                     .id = socket,
                     .breaks_socket = true,
                     .text = "Network is unreachable"});
    return !fault.dropped && !fault.breaks_socket;
}

void World::send_to_phone(WireProtocol protocol, uint64_t in_ms, PendingEvent event,
                          uint16_t peer_port) {
    const PacketFault fault =
        site_.fault_injector ? site_.fault_injector->datagram_fault(protocol, true) : PacketFault{};
    in_ms += fault.delay_ms;
    if (site_.observer)
        site_.observer->observe(site_.clock_ms + in_ms, protocol, true, event.from, peer_port,
                                event.bytes,
                                fault.dropped         ? "lost"
                                : fault.duplicated    ? "doubled"
                                : fault.spoofed       ? "after a stranger's"
                                : fault.breaks_socket ? "the socket breaks"
                                : fault.delay_ms > 0  ? "late"
                                                      : "");
    if (fault.dropped) return;
    if (fault.spoofed) {
        PendingEvent forged = event;
        forged.from = stranger;
        schedule(in_ms, std::move(forged));
    }
    if (fault.breaks_socket) event.breaks_socket = true;
    if (fault.duplicated) schedule(in_ms + 1, event);
    schedule(in_ms, std::move(event));
}

void World::send_to_pbx(const Pbx::Message& message) {
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(message.text.data()),
                                         message.text.size());
    uint32_t copies = 1;
    if (!message.stream && !reaches_server(WireProtocol::sip, message.socket, message.to,
                                           message.to_port, bytes, copies))
        return;
    for (uint32_t i = 0; i < copies; ++i)
        site_.pbx.receive(site_.clock_ms, message);
    deliver_from_pbx();
}

void World::deliver_from_pbx() {
    while (auto out = site_.pbx.next()) {
        const uint64_t in_ms = out->at_ms - site_.clock_ms;
        PendingEvent event{
            .kind = out->stream ? PendingEvent::Kind::bytes : PendingEvent::Kind::datagram,
            .id = out->socket,
            .bytes = std::move(out->bytes),
            .from = out->from,
            .from_port = out->from_port,
            .to_port = out->to_port};
        if (out->stream) {
            const bool breaks = site_.fault_injector && site_.fault_injector->stream_breaks();
            event.breaks_socket = breaks;
            if (breaks) {
                event.kind = PendingEvent::Kind::socket_failed;
                event.text = "Connection reset by peer";
            }
            schedule(in_ms, std::move(event));
        } else {
            send_to_phone(WireProtocol::sip, in_ms, std::move(event), out->from_port);
        }
    }
}

// Every DHCP server of the link hears a broadcast.
void World::send_to_dhcp_servers(const DatagramOut& datagram) {
    for (DhcpServer& server : site_.dhcp) {
        uint32_t copies = 1;
        if (!reaches_server(WireProtocol::dhcp, datagram.socket, datagram.to, dhcp_server_port,
                            datagram.bytes, copies))
            continue;
        for (uint32_t i = 0; i < copies; ++i)
            server.receive(site_.clock_ms, datagram.socket, datagram.bytes);
        while (auto out = server.next())
            send_to_phone(WireProtocol::dhcp, out->at_ms - site_.clock_ms,
                          {.kind = PendingEvent::Kind::datagram,
                           .id = out->socket,
                           .bytes = std::move(out->bytes),
                           .from = out->from,
                           .from_port = dhcp_server_port},
                          dhcp_server_port);
    }
}

void World::send_to_tftp_server(const DatagramOut& datagram) {
    uint32_t copies = 1;
    if (!reaches_server(WireProtocol::tftp, datagram.socket, datagram.to, datagram.to_port,
                        datagram.bytes, copies))
        return;
    for (uint32_t i = 0; i < copies; ++i)
        site_.tftp.receive(site_.clock_ms, datagram.socket, datagram.to_port, datagram.bytes);
    deliver_from_tftp_server(datagram.to);
}

// A time server at every address: RFC 4330, server mode, stratum 2.
void World::answer_ntp(const DatagramOut& datagram) {
    uint32_t copies = 1;
    if (!reaches_server(WireProtocol::ntp, datagram.socket, datagram.to, ntp_port, datagram.bytes,
                        copies))
        return;
    if (site_.ntp_wall_s == 0 || datagram.bytes.size() < 48) return;
    std::vector<uint8_t> bytes(48);
    bytes[0] = 0x24;
    bytes[1] = 2;
    std::copy_n(datagram.bytes.begin() + 40, 8, bytes.begin() + 24);
    const auto seconds = static_cast<uint32_t>(site_.ntp_wall_s + ntp_epoch_s);
    for (uint32_t i = 0; i < 4; ++i)
        bytes[40 + i] = static_cast<uint8_t>(seconds >> (24 - 8 * i));
    if (site_.fault_injector) site_.fault_injector->alter_ntp_response(bytes);
    send_to_phone(WireProtocol::ntp, 10,
                  {.kind = PendingEvent::Kind::datagram,
                   .id = datagram.socket,
                   .bytes = std::move(bytes),
                   .from = datagram.to,
                   .from_port = ntp_port},
                  ntp_port);
}

// Sends the phone what the TFTP server has sent, and schedules the server's next retransmission.
void World::deliver_from_tftp_server(const Address& server) {
    const bool is_other = site_.tftp.answers_from_other_address();
    while (auto out = site_.tftp.next())
        send_to_phone(WireProtocol::tftp, out->at_ms - site_.clock_ms,
                      {.kind = PendingEvent::Kind::datagram,
                       .id = out->socket,
                       .bytes = std::move(out->bytes),
                       .from = is_other ? tftp_other_address : server,
                       .from_port = out->from_port},
                      out->from_port);
    if (const auto due_ms = site_.tftp.deadline_ms())
        schedule(*due_ms - std::min(*due_ms, site_.clock_ms),
                 {.kind = PendingEvent::Kind::tftp_tick, .from = server});
}

void World::wait(std::optional<Instant> deadline, EventSink& sink) {
    if (!link_reported_) {
        link_reported_ = true;
        return sink.take(now(), LinkChanged{site_.link_up, site_.phone_address});
    }
    const bool anything = !pending_.empty();
    const uint64_t next_ms = anything ? pending_.begin()->second.at_ms : UINT64_MAX;
    const uint64_t wake_ms = deadline ? site_.power_on_ms + deadline->ms : UINT64_MAX;
    const uint64_t then_ms = std::min(next_ms, wake_ms);
    if (power_cut_ms_ && *power_cut_ms_ <= then_ms) {
        site_.clock_ms = std::max(site_.clock_ms, *power_cut_ms_);
        if (site_.fault_injector) {
            site_.fault_injector->cut_power(site_.disk);
        } else {
            site_.disk.power_cut();
        }
        power_is_off_ = true;
        departure_ = Departure{.why = "the power is gone"};
        return;
    }
    if (then_ms == UINT64_MAX) {
        departure_ = Departure{.why = "nothing will ever happen again"};
        return;
    }
    if (then_ms - site_.power_on_ms > longest_life_ms) {
        departure_ = Departure{.why = "the life goes on for longer than anybody watches"};
        return;
    }
    site_.clock_ms = std::max(site_.clock_ms, then_ms);
    if (next_ms > wake_ms) return sink.take(now(), Wake{});
    const PendingEvent event = std::move(pending_.begin()->second);
    pending_.erase(pending_.begin());
    deliver(event, sink);
}

void World::deliver(const PendingEvent& event, EventSink& sink) {
    using Kind = PendingEvent::Kind;
    switch (event.kind) {
        case Kind::link:
            site_.link_up = event.up;
            if (!event.addresses.empty()) site_.phone_address = event.addresses.front();
            return sink.take(now(), LinkChanged{event.up, site_.phone_address});
        case Kind::lease:
            return deliver_lease(event, sink);
        case Kind::socket_failed:
            sockets_.erase(event.id);
            return sink.take(now(), SocketFailed{event.id, event.text, event.breaks_socket});
        case Kind::http_opened:
            return sink.take(now(), HttpOpened{event.id});
        case Kind::connected:
            return sink.take(now(), Connected{event.id});
        case Kind::bytes:
            return sink.take(now(), BytesIn{event.id, event.bytes});
        case Kind::head:
            return deliver_head(event, sink);
        case Kind::body:
            return deliver_body(event.id, sink);
        case Kind::storage:
            return sink.take(now(),
                             StorageDone{event.id, event.result.failure, event.result.not_found,
                                         event.result.bytes, event.result.room_bytes});
        case Kind::hooks:
            if (site_.fault_injector && !site_.fault_injector->hooks_can_run())
                return sink.take(now(), HooksDone{event.id, 0, 1, "there is no room for them"});
            return sink.take(now(), HooksDone{.id = event.id,
                                              .ran = event.hands_over ? 1U : 0U,
                                              .failed = event.text.empty() ? 0U : 1U,
                                              .first_failure = event.text});
        case Kind::command:
            return sink.take(now(), Command{event.id, event.command, event.text});
        case Kind::resolved:
            return sink.take(now(), Resolved{event.id, event.addresses, "no such name"});
        case Kind::datagram:
            return deliver_datagram(event, sink);
        case Kind::tftp_tick:
            site_.tftp.tick(site_.clock_ms);
            deliver_from_tftp_server(event.from);
            return sink.take(now(), Wake{});
        case Kind::http:
            return deliver_http(sink);
        case Kind::wall:
            wall_ahead_s_ = event.wall_s - hardware_wall();
            return sink.take(now(), WallClockSet{event.wall_s});
        case Kind::scheduled:
            if (site_.fault_injector) site_.fault_injector->on_scheduled_event(*this, event.id);
            return;
    }
}

// What is sent to a port that the phone does not have open gets lost.
void World::deliver_datagram(const PendingEvent& event, EventSink& sink) {
    RequestId id = event.id;
    if (event.to_port != 0) {
        const auto place = std::find_if(sockets_.begin(), sockets_.end(), [&](const auto& entry) {
            return entry.second.port == event.to_port;
        });
        if (place == sockets_.end()) return sink.take(now(), Wake{});
        id = place->first;
    }
    if (event.breaks_socket) {
        sockets_.erase(id);
        return sink.take(now(), SocketFailed{id, "Network is down", true});
    }
    sink.take(now(), DatagramIn{id, event.from, event.from_port, event.bytes});
}

void World::deliver_lease(const PendingEvent& event, EventSink& sink) {
    std::vector<LeaseOption> options;
    for (const auto& [code, value] : event.options) {
        const bool ipv6 = code >= first_v6_option;
        const auto* bytes = reinterpret_cast<const uint8_t*>(value.data());
        options.push_back({ipv6, static_cast<uint16_t>(ipv6 ? code - first_v6_option : code),
                           std::span(bytes, value.size())});
    }
    sink.take(now(), Lease{event.news, options, site_.dhcp_client_class});
}

void World::deliver_head(const PendingEvent& event, EventSink& sink) {
    const auto place = transfers_.find(event.id);
    if (place == transfers_.end()) return sink.take(now(), Wake{});
    Transfer& transfer = place->second;
    const TransferModel& model = transfer.model;
    if (!model.has_head) return end(place, sink);
    // What the head points to must outlive a sink that stops the transfer.
    const Answer& answer = transfer.answer;
    const std::string location = answer.location;
    const std::string retry_after = answer.retry_after;
    const std::string etag = model.is_decoded ? "" : answer.etag;
    const std::string content_type = answer.content_type;
    const std::string last_modified = model.is_decoded ? "" : answer.last_modified;
    const std::string wants = answer.wants;
    const std::string date = answer.date;
    TransferHead head;
    head.id = event.id;
    head.status = model.status;
    head.content_length = model.content_length;
    head.tls_verified = model.tls_verified;
    head.location = location;
    head.retry_after = retry_after;
    head.etag = etag;
    head.content_type = content_type;
    head.last_modified = last_modified;
    head.date = date;
    head.valid_from_s = model.tls_verified ? answer.valid_from_s : 0;
    head.valid_to_s = model.tls_verified ? answer.valid_to_s : 0;
    head.range = model.range;
    head.wants = wants;
    head.lacks_certificate = answer.lacks_certificate;
    if (site_.observer)
        site_.observer->observe(site_.clock_ms, WireProtocol::http, true,
                                std::to_string(model.status) + ", " +
                                    std::to_string(answer.body.size()) + " bytes" +
                                    soap_words(answer.body));
    transfer.head_delivered = true;
    schedule_piece(event.id, transfer, 1);
    sink.take(now(), head);
}

// One piece at a time is on its way, and none before the head, while there is no credit or when
// nothing is left.
void World::schedule_piece(RequestId id, Transfer& transfer, uint64_t in_ms) {
    if (transfer.piece_scheduled || !transfer.head_delivered) return;
    transfer.piece_scheduled = true;
    schedule(in_ms, {.kind = PendingEvent::Kind::body, .id = id});
}

void World::end(Transfers::iterator place, EventSink& sink) {
    const RequestId id = place->first;
    const TransferModel model = std::move(place->second.model);
    transfers_.erase(place);
    if (!model.fails) return sink.take(now(), TransferEnd{id});
    if (site_.observer)
        site_.observer->observe(site_.clock_ms, WireProtocol::http, true, model.reason);
    sink.take(now(), TransferFailed{id, model.fault, model.reason});
}

// Sends what credit allows, a piece at a time.
void World::deliver_body(RequestId id, EventSink& sink) {
    const auto place = transfers_.find(id);
    if (place == transfers_.end()) return sink.take(now(), Wake{});
    Transfer& transfer = place->second;
    transfer.piece_scheduled = false;
    const Answer& answer = transfer.answer;
    const bool stalls = transfer.model.stalls_after >= 0;
    const uint64_t stall_at =
        stalls ? static_cast<uint64_t>(transfer.model.stalls_after) : uint64_t{UINT64_MAX};
    const uint64_t stop = std::min(transfer.model.body_bytes, stall_at);
    if (transfer.sent == stop) {
        if (stop == stall_at) return sink.take(now(), Wake{});
        return end(place, sink);
    }
    if (transfer.credit == 0) return sink.take(now(), Wake{});
    const uint64_t begins = transfer.sent % answer.body.size();
    const uint64_t count = std::min<uint64_t>(
        {stop - transfer.sent, transfer.credit, answer.piece_bytes, answer.body.size() - begins});
    transfer.sent += count;
    transfer.credit -= static_cast<uint32_t>(count);
    const std::string piece =
        answer.body.substr(static_cast<uint32_t>(begins), static_cast<uint32_t>(count));
    schedule_piece(id, transfer, answer.piece_interval_ms);
    sink.take(now(), TransferChunk{id, std::span(reinterpret_cast<const uint8_t*>(piece.data()),
                                                 piece.size())});
}

}  // namespace dialtone::sim
