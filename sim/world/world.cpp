// SPDX-License-Identifier: Apache-2.0
#include "sim/world/world.h"

#include <algorithm>
#include <utility>

#include "agent/store/record.h"

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
    boot.entropy = site_.entropy++;
    boot.wall_s = hardware_wall();
    boot.last_seen_s = newest_journal_time(journal_tail());
    return boot;
}

WallSeconds World::hardware_wall() const {
    return site_.hardware_wall_s + static_cast<WallSeconds>(site_.clock_ms / 1000);
}

// As much of the journal's end as a phone would search.
std::string World::journal_tail() const {
    auto from = site_.journal.end();
    uint64_t bytes = 0;
    while (from != site_.journal.begin() && bytes < limits::journal_tail_bytes)
        bytes += (--from)->size();
    std::string text;
    text.reserve(static_cast<uint32_t>(bytes));
    for (; from != site_.journal.end(); ++from)
        text += *from;
    return text;
}

void World::come(uint64_t in_ms, Coming coming) {
    coming.at_ms = site_.clock_ms + in_ms;
    coming.sequence = ++sequence_;
    // Times stay far below 2^40 ms, so both fit one key.
    coming_[coming.at_ms << 24 | coming.sequence] = std::move(coming);
}

// `at_ms` since power-on; at once when that is past.
void World::come_at(uint64_t at_ms, Coming coming) {
    const uint64_t then_ms = site_.power_on_ms + at_ms;
    come(then_ms - std::min(then_ms, site_.clock_ms), std::move(coming));
}

void World::plan_command(uint64_t at_ms, CommandKind kind, std::string argument) {
    come_at(at_ms, {.kind = Coming::Kind::command,
                    .id = static_cast<RequestId>(0x70000000 + sequence_),
                    .command = kind,
                    .text = std::move(argument)});
}

void World::plan_link(uint64_t at_ms, bool up) {
    come_at(at_ms, {.kind = Coming::Kind::link, .up = up});
}

void World::plan_address(uint64_t at_ms, Address address) {
    come_at(at_ms, {.kind = Coming::Kind::link, .up = true, .addresses = {address}});
}

void World::plan_lease(uint64_t at_ms, LeaseNews news, LeaseOptions options) {
    come_at(at_ms, {.kind = Coming::Kind::lease, .news = news, .options = std::move(options)});
}

void World::plan_wall(uint64_t at_ms, WallSeconds wall_s) {
    come_at(at_ms, {.kind = Coming::Kind::wall, .wall_s = wall_s});
}

void World::plan_datagram(uint64_t at_ms, uint16_t to_port, Address from, uint16_t from_port,
                          std::vector<uint8_t> bytes) {
    come_at(at_ms, {.kind = Coming::Kind::datagram,
                    .bytes = std::move(bytes),
                    .from = from,
                    .from_port = from_port,
                    .to_port = to_port});
}

void World::push_notify(const Address& server, std::string_view event, std::string url) {
    site_.pbx.push(site_.clock_ms, server, event, std::move(url));
    carry_pbx();
}

void World::plan_errand(uint64_t at_ms, uint32_t number) {
    come_at(at_ms, {.kind = Coming::Kind::errand, .id = number});
}

void World::plan_power_cut_after_steps(uint32_t steps) {
    power_cut_steps_ = site_.disk.mutating_steps() + steps;
}

void World::carry_out(Effect&& effect) {
    if (const auto* transfer = std::get_if<StartTransfer>(&effect)) {
        start(*transfer);
    } else if (const auto* credit = std::get_if<CreditTransfer>(&effect)) {
        const auto place = transfers_.find(credit->id);
        if (place == transfers_.end()) return;
        place->second.credit += credit->bytes;
        flow(credit->id, place->second, 1);
    } else if (const auto* stop = std::get_if<StopTransfer>(&effect)) {
        transfers_.erase(stop->id);
    } else if (const auto* step = std::get_if<Storage>(&effect)) {
        store(*step);
    } else if (const auto* hooks = std::get_if<RunHooks>(&effect)) {
        site_.hook_lines.push_back(hooks->key_lines);
        come(site_.fate ? site_.fate->of_hooks(*hooks) : 1,
             {.kind = Coming::Kind::hooks, .id = hooks->id});
    } else if (const auto* resolve = std::get_if<Resolve>(&effect)) {
        const auto place = site_.names.find(resolve->name);
        Coming coming{.kind = Coming::Kind::resolved, .id = resolve->id};
        if (place != site_.names.end()) coming.addresses = place->second;
        if (const auto literal = parse_address(resolve->name)) coming.addresses = {*literal};
        uint32_t delay_ms = 2;
        if (site_.fate) site_.fate->of_names(*resolve, coming.addresses, delay_ms);
        come(delay_ms, std::move(coming));
    } else if (const auto* datagram = std::get_if<DatagramOut>(&effect)) {
        if (site_.link_up) send(*datagram);
    } else if (const auto* bytes = std::get_if<BytesOut>(&effect)) {
        send(*bytes);
    } else if (const auto* wanted = std::get_if<OpenSocket>(&effect)) {
        open(*wanted);
    } else if (const auto* closed = std::get_if<CloseSocket>(&effect)) {
        sockets_.erase(closed->socket);
    } else if (auto* reply = std::get_if<Reply>(&effect)) {
        replies_.push_back(std::move(*reply));
    } else if (const auto* wall = std::get_if<SetWallClock>(&effect)) {
        wall_set_ = wall->wall_s;
        wall_ahead_s_ = wall->wall_s - hardware_wall();
    } else if (const auto* line = std::get_if<JournalLine>(&effect)) {
        site_.journal.push_back(encode_journal_line(*line));
    } else if (auto* exit = std::get_if<Exit>(&effect)) {
        departure_ = Departure{Departure::Kind::exit, exit->status, std::move(exit->why)};
    } else if (const auto* reboot = std::get_if<Reboot>(&effect)) {
        departure_ = Departure{.kind = Departure::Kind::reboot, .afresh = reboot->afresh};
    }
}

void World::start(const StartTransfer& request) {
    Web::Outcome outcome = site_.link_up
                               ? site_.web.respond(request, hardware_wall() + wall_ahead_s_)
                               : Web::Outcome{.refused = true};
    if (site_.fate && site_.link_up) site_.fate->of_transfer(request, outcome);
    if (site_.witness) site_.witness->saw(site_.clock_ms, Wire::http, false, "GET " + request.url);
    Transfer transfer{.answer = std::move(outcome.answer)};
    if (outcome.refused) {
        transfer.course = {.has_head = false,
                           .fails = true,
                           .fault = outcome.fault,
                           .words = std::move(outcome.words),
                           .fails_after_ms = outcome.refused_after_ms};
        transfer.answer.latency_ms = 0;
    } else {
        transfer.course = course_of(request, transfer.answer);
    }
    const bool connected = !outcome.refused || outcome.fault == TransferFault::tls;
    if (connected) site_.web.note_connection(request.url, transfer.course.keeps_connection);
    uint32_t in_ms = transfer.answer.latency_ms;
    if (!transfer.course.has_head) in_ms += transfer.course.fails_after_ms;
    if (!transfer.course.stalls_before_head)
        come(in_ms, {.kind = Coming::Kind::head, .id = request.id});
    transfers_[request.id] = std::move(transfer);
}

void World::end_silences() {
    for (auto& [id, transfer] : transfers_) {
        const bool was_silent = std::exchange(transfer.course.stalls_before_head, false);
        transfer.course.stalls_after = -1;
        if (was_silent) come(1, {.kind = Coming::Kind::head, .id = id});
        if (transfer.head_told) flow(id, transfer, 1);
    }
}

void World::store(const Storage& step) {
    const bool mutating = step.step != StorageStep::read;
    if (mutating && power_cut_steps_ && site_.disk.mutating_steps() >= *power_cut_steps_) {
        power_cut_ms_ = site_.clock_ms;
        return;
    }
    const StepFate fate = site_.fate ? site_.fate->of_step(step) : StepFate{};
    StepResult result;
    if (fate.carried_out) result = site_.disk.carry_out(step);
    if (!fate.failure.empty()) result.failure = fate.failure;
    come(fate.delay_ms,
         {.kind = Coming::Kind::storage, .id = step.id, .result = std::move(result)});
}

void World::open(const OpenSocket& wanted) {
    std::string failure;
    if (wanted.port != 0 && site_.taken_ports.contains(wanted.port))
        failure = "port " + std::to_string(wanted.port) + " is taken";
    if (failure.empty() && site_.fate) failure = site_.fate->of_socket(wanted);
    if (!failure.empty()) {
        return come(
            1,
            {.kind = Coming::Kind::socket_failed, .id = wanted.socket, .text = std::move(failure)});
    }
    const uint16_t port = wanted.port != 0 ? wanted.port : next_port_++;
    if (next_port_ == first_own_port + own_ports) next_port_ = first_own_port;
    sockets_[wanted.socket] = {wanted.kind, port, wanted.to, wanted.to_port};
    if (wanted.kind != SocketKind::connection) return;
    ConnectionFate fate = site_.fate ? site_.fate->of_connection(wanted) : ConnectionFate{};
    const bool made = fate.failure.empty();
    come(fate.delay_ms, {.kind = made ? Coming::Kind::connected : Coming::Kind::socket_failed,
                         .id = wanted.socket,
                         .text = std::move(fate.failure)});
}

void World::send(const DatagramOut& datagram) {
    const auto socket = sockets_.find(datagram.socket);
    if (socket == sockets_.end()) return;
    if (socket->second.kind == SocketKind::dhcp) return ask_dhcp(datagram);
    if (datagram.to_port == ntp_port) return answer_ntp(datagram);
    if (site_.tftp.owns(datagram.to_port)) return ask_tftp(datagram);
    ask_pbx({.socket = datagram.socket,
             .phone = site_.phone_address,
             .phone_port = socket->second.port,
             .to = datagram.to,
             .to_port = datagram.to_port,
             .text = text_of(datagram.bytes)});
}

void World::send(const BytesOut& bytes) {
    const auto socket = sockets_.find(bytes.socket);
    if (socket == sockets_.end() || !site_.link_up) return;
    ask_pbx({.socket = bytes.socket,
             .stream = true,
             .phone = site_.phone_address,
             .phone_port = socket->second.port,
             .to = socket->second.to,
             .to_port = socket->second.to_port,
             .text = text_of(bytes.bytes)});
}

// --- the wires -----------------------------------------------------------------------------------

// Whether a datagram of the phone reaches the other end, and how often.
bool World::arrives(Wire wire, const Address& to, uint16_t port, std::span<const uint8_t> bytes,
                    uint32_t& copies) {
    const Passage passage = site_.fate ? site_.fate->of_datagram(wire, false) : Passage{};
    copies = passage.doubled ? 2 : 1;
    if (site_.witness)
        site_.witness->saw(site_.clock_ms, wire, false, to, port, bytes,
                           passage.lost      ? "lost"
                           : passage.doubled ? "doubled"
                                             : "");
    return !passage.lost;
}

// A datagram for the phone sets out.
void World::travel(Wire wire, uint64_t in_ms, Coming coming, uint16_t peer_port) {
    const Passage passage = site_.fate ? site_.fate->of_datagram(wire, true) : Passage{};
    in_ms += passage.delay_ms;
    if (site_.witness)
        site_.witness->saw(site_.clock_ms + in_ms, wire, true, coming.from, peer_port, coming.bytes,
                           passage.lost           ? "lost"
                           : passage.doubled      ? "doubled"
                           : passage.forged       ? "after a stranger's"
                           : passage.breaks       ? "the socket breaks"
                           : passage.delay_ms > 0 ? "late"
                                                  : "");
    if (passage.lost) return;
    if (passage.forged) {
        Coming forged = coming;
        forged.from = stranger;
        come(in_ms, std::move(forged));
    }
    if (passage.breaks) coming.breaks = true;
    if (passage.doubled) come(in_ms + 1, coming);
    come(in_ms, std::move(coming));
}

void World::ask_pbx(const Pbx::Heard& heard) {
    const std::span<const uint8_t> bytes(reinterpret_cast<const uint8_t*>(heard.text.data()),
                                         heard.text.size());
    uint32_t copies = 1;
    if (!heard.stream && !arrives(Wire::sip, heard.to, heard.to_port, bytes, copies)) return;
    for (uint32_t i = 0; i < copies; ++i)
        site_.pbx.take(site_.clock_ms, heard);
    carry_pbx();
}

void World::carry_pbx() {
    while (auto out = site_.pbx.next()) {
        const uint64_t in_ms = out->at_ms - site_.clock_ms;
        Coming coming{.kind = out->stream ? Coming::Kind::bytes : Coming::Kind::datagram,
                      .id = out->socket,
                      .bytes = std::move(out->bytes),
                      .from = out->from,
                      .from_port = out->from_port,
                      .to_port = out->to_port};
        if (out->stream) {
            const bool breaks = site_.fate && site_.fate->of_stream();
            if (breaks) coming.kind = Coming::Kind::socket_failed;
            come(in_ms, std::move(coming));
        } else {
            travel(Wire::sip, in_ms, std::move(coming), out->from_port);
        }
    }
}

// Every DHCP server of the link hears a broadcast.
void World::ask_dhcp(const DatagramOut& datagram) {
    for (DhcpServer& server : site_.dhcp) {
        uint32_t copies = 1;
        if (!arrives(Wire::dhcp, datagram.to, dhcp_server_port, datagram.bytes, copies)) continue;
        for (uint32_t i = 0; i < copies; ++i)
            server.take(site_.clock_ms, datagram.socket, datagram.bytes);
        while (auto out = server.next())
            travel(Wire::dhcp, out->at_ms - site_.clock_ms,
                   {.kind = Coming::Kind::datagram,
                    .id = out->socket,
                    .bytes = std::move(out->bytes),
                    .from = out->from,
                    .from_port = dhcp_server_port},
                   dhcp_server_port);
    }
}

void World::ask_tftp(const DatagramOut& datagram) {
    uint32_t copies = 1;
    if (!arrives(Wire::tftp, datagram.to, datagram.to_port, datagram.bytes, copies)) return;
    for (uint32_t i = 0; i < copies; ++i)
        site_.tftp.take(site_.clock_ms, datagram.socket, datagram.to_port, datagram.bytes);
    carry_tftp(datagram.to);
}

// A time server at every address: RFC 4330, server mode, stratum 2.
void World::answer_ntp(const DatagramOut& datagram) {
    uint32_t copies = 1;
    if (!arrives(Wire::ntp, datagram.to, ntp_port, datagram.bytes, copies)) return;
    if (site_.ntp_wall_s == 0 || datagram.bytes.size() < 48) return;
    std::vector<uint8_t> bytes(48);
    bytes[0] = 0x24;
    bytes[1] = 2;
    std::copy_n(datagram.bytes.begin() + 40, 8, bytes.begin() + 24);
    const auto seconds = static_cast<uint32_t>(site_.ntp_wall_s + ntp_epoch_s);
    for (uint32_t i = 0; i < 4; ++i)
        bytes[40 + i] = static_cast<uint8_t>(seconds >> (24 - 8 * i));
    if (site_.fate) site_.fate->of_ntp(bytes);
    travel(Wire::ntp, 10,
           {.kind = Coming::Kind::datagram,
            .id = datagram.socket,
            .bytes = std::move(bytes),
            .from = datagram.to,
            .from_port = ntp_port},
           ntp_port);
}

// What the TFTP server has to say travels to the phone, and the server is woken when it is due.
void World::carry_tftp(const Address& server) {
    while (auto out = site_.tftp.next())
        travel(Wire::tftp, out->at_ms - site_.clock_ms,
               {.kind = Coming::Kind::datagram,
                .id = out->socket,
                .bytes = std::move(out->bytes),
                .from = server,
                .from_port = out->from_port},
               out->from_port);
    if (const auto due_ms = site_.tftp.deadline_ms())
        come(*due_ms - std::min(*due_ms, site_.clock_ms),
             {.kind = Coming::Kind::tftp_tick, .from = server});
}

void World::wait(std::optional<Instant> deadline, EventSink& sink) {
    if (!said_link_) {
        said_link_ = true;
        return sink.take(now(), LinkChanged{site_.link_up, site_.phone_address});
    }
    const bool anything = !coming_.empty();
    const uint64_t next_ms = anything ? coming_.begin()->second.at_ms : UINT64_MAX;
    const uint64_t wake_ms = deadline ? site_.power_on_ms + deadline->ms : UINT64_MAX;
    const uint64_t then_ms = std::min(next_ms, wake_ms);
    if (power_cut_ms_ && *power_cut_ms_ <= then_ms) {
        site_.clock_ms = std::max(site_.clock_ms, *power_cut_ms_);
        if (site_.fate) {
            site_.fate->of_power_cut(site_.disk);
        } else {
            site_.disk.power_cut();
        }
        power_gone_ = true;
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
    const Coming coming = std::move(coming_.begin()->second);
    coming_.erase(coming_.begin());
    deliver(coming, sink);
}

void World::deliver(const Coming& coming, EventSink& sink) {
    using Kind = Coming::Kind;
    switch (coming.kind) {
        case Kind::link:
            site_.link_up = coming.up;
            if (!coming.addresses.empty()) site_.phone_address = coming.addresses.front();
            return sink.take(now(), LinkChanged{coming.up, site_.phone_address});
        case Kind::lease:
            return deliver_lease(coming, sink);
        case Kind::socket_failed:
            sockets_.erase(coming.id);
            return sink.take(now(), SocketFailed{coming.id, coming.text});
        case Kind::connected:
            return sink.take(now(), Connected{coming.id});
        case Kind::bytes:
            return sink.take(now(), BytesIn{coming.id, coming.bytes});
        case Kind::head:
            return deliver_head(coming, sink);
        case Kind::body:
            return deliver_body(coming.id, sink);
        case Kind::storage:
            return sink.take(now(), StorageDone{coming.id, coming.result.failure,
                                                coming.result.not_found, coming.result.bytes});
        case Kind::hooks:
            if (site_.fate && !site_.fate->hooks_can_run())
                return sink.take(now(), HooksDone{coming.id, 0, 1, "there is no room for them"});
            return sink.take(now(), HooksDone{.id = coming.id});
        case Kind::command:
            return sink.take(now(), Command{coming.id, coming.command, coming.text});
        case Kind::resolved:
            return sink.take(now(), Resolved{coming.id, coming.addresses, "no such name"});
        case Kind::datagram:
            return deliver_datagram(coming, sink);
        case Kind::tftp_tick:
            site_.tftp.tick(site_.clock_ms);
            carry_tftp(coming.from);
            return sink.take(now(), Wake{});
        case Kind::wall:
            wall_ahead_s_ = coming.wall_s - hardware_wall();
            return sink.take(now(), WallClockSet{coming.wall_s});
        case Kind::errand:
            if (site_.fate) site_.fate->errand(*this, coming.id);
            return;
    }
}

// What is sent to a port that the phone does not have open gets lost.
void World::deliver_datagram(const Coming& coming, EventSink& sink) {
    RequestId id = coming.id;
    if (coming.to_port != 0) {
        const auto place = std::find_if(sockets_.begin(), sockets_.end(), [&](const auto& entry) {
            return entry.second.port == coming.to_port;
        });
        if (place == sockets_.end()) return sink.take(now(), Wake{});
        id = place->first;
    }
    if (coming.breaks) {
        sockets_.erase(id);
        return sink.take(now(), SocketFailed{id, "Network is down"});
    }
    sink.take(now(), DatagramIn{id, coming.from, coming.from_port, coming.bytes});
}

void World::deliver_lease(const Coming& coming, EventSink& sink) {
    std::vector<LeaseOption> options;
    for (const auto& [code, value] : coming.options) {
        const bool ipv6 = code >= first_v6_option;
        const auto* bytes = reinterpret_cast<const uint8_t*>(value.data());
        options.push_back({ipv6, static_cast<uint16_t>(ipv6 ? code - first_v6_option : code),
                           std::span(bytes, value.size())});
    }
    sink.take(now(), Lease{coming.news, options});
}

void World::deliver_head(const Coming& coming, EventSink& sink) {
    const auto place = transfers_.find(coming.id);
    if (place == transfers_.end()) return sink.take(now(), Wake{});
    Transfer& transfer = place->second;
    const Course& course = transfer.course;
    if (!course.has_head) return end(place, sink);
    // What the head points to must outlive a sink that stops the transfer.
    const Answer& answer = transfer.answer;
    const std::string location = answer.location;
    const std::string retry_after = answer.retry_after;
    const std::string etag = answer.etag;
    const std::string content_type = answer.content_type;
    TransferHead head;
    head.id = coming.id;
    head.status = course.status;
    head.content_length = course.content_length;
    head.tls_verified = course.tls_verified;
    head.location = location;
    head.retry_after = retry_after;
    head.etag = etag;
    head.content_type = content_type;
    if (site_.witness)
        site_.witness->saw(
            site_.clock_ms, Wire::http, true,
            std::to_string(course.status) + ", " + std::to_string(answer.body.size()) + " bytes");
    transfer.head_told = true;
    flow(coming.id, transfer, 1);
    sink.take(now(), head);
}

// One piece at a time is on its way, and none before the head, while there is no credit or when
// nothing is left.
void World::flow(RequestId id, Transfer& transfer, uint64_t in_ms) {
    if (transfer.flows || !transfer.head_told) return;
    transfer.flows = true;
    come(in_ms, {.kind = Coming::Kind::body, .id = id});
}

void World::end(Transfers::iterator place, EventSink& sink) {
    const RequestId id = place->first;
    const Course course = std::move(place->second.course);
    transfers_.erase(place);
    if (!course.fails) return sink.take(now(), TransferEnd{id});
    if (site_.witness) site_.witness->saw(site_.clock_ms, Wire::http, true, course.words);
    sink.take(now(), TransferFailed{id, course.fault, course.words});
}

// Sends what credit allows, a piece at a time.
void World::deliver_body(RequestId id, EventSink& sink) {
    const auto place = transfers_.find(id);
    if (place == transfers_.end()) return sink.take(now(), Wake{});
    Transfer& transfer = place->second;
    transfer.flows = false;
    const Answer& answer = transfer.answer;
    const bool stalls = transfer.course.stalls_after >= 0;
    const uint64_t silence =
        stalls ? static_cast<uint64_t>(transfer.course.stalls_after) : uint64_t{UINT64_MAX};
    const uint64_t stop = std::min(transfer.course.body_bytes, silence);
    if (transfer.sent == stop) {
        if (stop == silence) return sink.take(now(), Wake{});
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
    flow(id, transfer, answer.piece_interval_ms);
    sink.take(now(), TransferChunk{id, std::span(reinterpret_cast<const uint8_t*>(piece.data()),
                                                 piece.size())});
}

}  // namespace dialtone::sim
