// SPDX-License-Identifier: Apache-2.0
#include "sim/world.h"

#include <algorithm>
#include <utility>

#include "agent/store/record.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t piece_bytes = 1400;  // of a body at a time, as a network would bring it
constexpr uint64_t longest_life_ms = uint64_t{7} * 86'400'000;
constexpr uint16_t ntp_port = 123;
constexpr WallSeconds ntp_epoch_s = 2'208'988'800;

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
    boot.wall_s = site_.hardware_wall_s + static_cast<WallSeconds>(site_.clock_ms / 1000);
    std::string text;
    for (const std::string& line : site_.journal)
        text += line;
    boot.last_seen_s = newest_journal_time(text);
    return boot;
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
        come(1, {.kind = Coming::Kind::body, .id = credit->id});
    } else if (const auto* stop = std::get_if<StopTransfer>(&effect)) {
        transfers_.erase(stop->id);
    } else if (const auto* step = std::get_if<Storage>(&effect)) {
        store(*step);
    } else if (const auto* hooks = std::get_if<RunHooks>(&effect)) {
        site_.hook_lines.push_back(hooks->key_lines);
        come(1, {.kind = Coming::Kind::hooks, .id = hooks->id});
    } else if (const auto* resolve = std::get_if<Resolve>(&effect)) {
        const auto place = site_.names.find(resolve->name);
        Coming coming{.kind = Coming::Kind::resolved, .id = resolve->id};
        if (place != site_.names.end()) coming.addresses = place->second;
        come(2, std::move(coming));
    } else if (const auto* datagram = std::get_if<DatagramOut>(&effect)) {
        if (!site_.link_up) return;
        if (datagram->to_port == ntp_port) return answer_ntp(*datagram);
        site_.tftp.take(site_.clock_ms, datagram->socket, datagram->to_port, datagram->bytes);
        carry_tftp(datagram->to);
    } else if (auto* reply = std::get_if<Reply>(&effect)) {
        replies_.push_back(std::move(*reply));
    } else if (const auto* wall = std::get_if<SetWallClock>(&effect)) {
        wall_set_ = wall->wall_s;
    } else if (const auto* line = std::get_if<JournalLine>(&effect)) {
        site_.journal.push_back(encode_journal_line(*line));
    } else if (auto* exit = std::get_if<Exit>(&effect)) {
        departure_ = Departure{Departure::Kind::exit, exit->status, std::move(exit->why)};
    } else if (std::holds_alternative<Reboot>(effect)) {
        departure_ = Departure{.kind = Departure::Kind::reboot};
    }
}

void World::start(const StartTransfer& request) {
    const Web::Reaction reaction =
        site_.link_up ? site_.web.react(request) : Web::Reaction{.refused = true};
    if (reaction.refused) {
        return come(
            1,
            {.kind = Coming::Kind::failed, .id = request.id, .text = "the connection was refused"});
    }
    transfers_[request.id] = {.answer = reaction.answer};
    if (!reaction.answer.stalls_before_head)
        come(reaction.answer.latency_ms, {.kind = Coming::Kind::head, .id = request.id});
}

void World::store(const Storage& step) {
    const bool mutating = step.step != StorageStep::read;
    if (mutating && power_cut_steps_ && site_.disk.mutating_steps() >= *power_cut_steps_) {
        power_cut_ms_ = site_.clock_ms;
        return;
    }
    come(1, {.kind = Coming::Kind::storage, .id = step.id, .result = site_.disk.carry_out(step)});
}

// A time server at every address: RFC 4330, server mode, stratum 2.
void World::answer_ntp(const DatagramOut& datagram) {
    if (site_.ntp_wall_s == 0 || datagram.bytes.size() < 48) return;
    std::vector<uint8_t> bytes(48);
    bytes[0] = 0x24;
    bytes[1] = 2;
    std::copy_n(datagram.bytes.begin() + 40, 8, bytes.begin() + 24);
    const auto seconds = static_cast<uint32_t>(site_.ntp_wall_s + ntp_epoch_s);
    for (uint32_t i = 0; i < 4; ++i)
        bytes[40 + i] = static_cast<uint8_t>(seconds >> (24 - 8 * i));
    come(10, {.kind = Coming::Kind::datagram,
              .id = datagram.socket,
              .bytes = std::move(bytes),
              .from = datagram.to,
              .from_port = ntp_port});
}

// What the TFTP server has to say travels to the phone, and the server is woken when it is due.
void World::carry_tftp(const Address& server) {
    while (auto out = site_.tftp.next())
        come(out->at_ms - site_.clock_ms, {.kind = Coming::Kind::datagram,
                                           .id = out->socket,
                                           .bytes = std::move(out->bytes),
                                           .from = server,
                                           .from_port = out->from_port});
    if (const auto due_ms = site_.tftp.deadline_ms())
        come(*due_ms - std::min(*due_ms, site_.clock_ms),
             {.kind = Coming::Kind::tftp_tick, .from = server});
}

void World::wait(std::optional<Instant> deadline, EventSink& sink) {
    if (!said_link_) {
        said_link_ = true;
        return sink.take(now(), LinkChanged{site_.link_up, "10.0.0.2"});
    }
    const bool anything = !coming_.empty();
    const uint64_t next_ms = anything ? coming_.begin()->second.at_ms : UINT64_MAX;
    const uint64_t wake_ms = deadline ? site_.power_on_ms + deadline->ms : UINT64_MAX;
    const uint64_t then_ms = std::min(next_ms, wake_ms);
    if (power_cut_ms_ && *power_cut_ms_ <= then_ms) {
        site_.clock_ms = std::max(site_.clock_ms, *power_cut_ms_);
        site_.disk.power_cut();
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
            return sink.take(now(), LinkChanged{coming.up, "10.0.0.2"});
        case Kind::head:
            return deliver_head(coming, sink);
        case Kind::body:
            return deliver_body(coming.id, sink);
        case Kind::failed:
            return sink.take(now(), TransferFailed{coming.id, TransferFault::connect, coming.text});
        case Kind::storage:
            return sink.take(now(), StorageDone{coming.id, coming.result.failure,
                                                coming.result.not_found, coming.result.bytes});
        case Kind::hooks:
            return sink.take(now(), HooksDone{.id = coming.id});
        case Kind::command:
            return sink.take(now(), Command{coming.id, coming.command, coming.text});
        case Kind::resolved:
            return sink.take(now(), Resolved{coming.id, coming.addresses, "no such name"});
        case Kind::datagram:
            return sink.take(now(),
                             DatagramIn{coming.id, coming.from, coming.from_port, coming.bytes});
        case Kind::tftp_tick:
            site_.tftp.tick(site_.clock_ms);
            carry_tftp(coming.from);
            return sink.take(now(), Wake{});
    }
}

void World::deliver_head(const Coming& coming, EventSink& sink) {
    const auto place = transfers_.find(coming.id);
    if (place == transfers_.end()) return sink.take(now(), Wake{});
    const Answer& answer = place->second.answer;
    TransferHead head;
    head.id = coming.id;
    head.status = answer.status;
    head.content_length = answer.endless ? -1 : static_cast<int64_t>(answer.body.size());
    head.tls_verified = answer.tls_verified;
    head.location = answer.location;
    head.retry_after = answer.retry_after;
    sink.take(now(), head);
}

// Sends what credit allows, a piece at a time.
void World::deliver_body(RequestId id, EventSink& sink) {
    const auto place = transfers_.find(id);
    if (place == transfers_.end()) return sink.take(now(), Wake{});
    Transfer& transfer = place->second;
    const Answer& answer = transfer.answer;
    const auto limit = [&](int64_t bound) {
        return bound < 0 ? uint64_t{UINT64_MAX} : static_cast<uint64_t>(bound);
    };
    const uint64_t whole = answer.endless ? UINT64_MAX : answer.body.size();
    const uint64_t end = std::min({whole, limit(answer.ends_after), limit(answer.stalls_after)});
    if (transfer.sent == end) {
        if (answer.stalls_after >= 0) return sink.take(now(), Wake{});
        const bool cut = answer.ends_after >= 0;
        transfers_.erase(place);
        if (!cut) return sink.take(now(), TransferEnd{id});
        return sink.take(now(), TransferFailed{id, TransferFault::truncated,
                                               "the body ended before its length"});
    }
    const uint64_t begins = transfer.sent % answer.body.size();
    const uint64_t count = std::min<uint64_t>(
        {end - transfer.sent, transfer.credit, piece_bytes, answer.body.size() - begins});
    if (count == 0) return sink.take(now(), Wake{});
    transfer.sent += count;
    transfer.credit -= static_cast<uint32_t>(count);
    const std::string piece =
        answer.body.substr(static_cast<uint32_t>(begins), static_cast<uint32_t>(count));
    come(answer.drip_ms, {.kind = Coming::Kind::body, .id = id});
    sink.take(now(), TransferChunk{id, std::span(reinterpret_cast<const uint8_t*>(piece.data()),
                                                 piece.size())});
}

}  // namespace dialtone::sim
