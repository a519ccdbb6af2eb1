// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/fleet/fleet_world.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace dialtone::sim {
namespace {

constexpr uint64_t second_us = 1'000'000;
constexpr uint64_t way_us = 1'000;            // one way between phone and server
constexpr uint64_t step_us = 2'000;           // of storage, and the hooks
constexpr uint64_t link_us = 500'000;         // from the agent's start to an address
constexpr uint64_t kept_us = 15 * second_us;  // a connection without a request
constexpr uint32_t before_outage_s = 300;     // that is shown
constexpr WallSeconds wall_s = 1'800'000'000;

FleetServerOptions server_options(const FleetOptions& options) {
    FleetServerOptions server;
    server.requests_per_s = options.requests_per_s;
    server.waiting = 2 * options.requests_per_s;
    if (options.event == FleetEvent::server_outage) {
        server.away_from_us = fleet_away_from_s * second_us;
        server.away_until_us = fleet_away_until_s * second_us;
    }
    return server;
}

uint32_t interval_of(FleetEvent event) {
    return event == FleetEvent::server_outage ? fleet_interval_min : 0;
}

}  // namespace

FleetWorld::FleetWorld(const FleetOptions& options)
    : options_(options),
      site_(options.rule, options.splay_s, interval_of(options.event)),
      server_(server_options(options)),
      rng_(options.seed) {
    if (options.retry_after_s != 0) retry_after_ = std::to_string(options.retry_after_s);
    if (options.event == FleetEvent::server_outage) {
        result_.begin_s = fleet_away_from_s - before_outage_s;
        result_.zero_s = fleet_away_until_s;
    } else {
        concerned_ = options.phones;
    }
    begin_us_ = result_.begin_s * second_us;
    zero_us_ = result_.zero_s * second_us;
    phones_.resize(options.phones);
    for (uint32_t i = 0; i < options.phones; ++i)
        power_on(i);
}

// --- the queue -----------------------------------------------------------------------------------

void FleetWorld::come(uint64_t at_us, Coming coming) {
    coming.at_us = at_us;
    coming.sequence = sequence_++;
    queue_.push_back(coming);
    std::push_heap(queue_.begin(), queue_.end(),
                   [](const Coming& a, const Coming& b) { return a.later_than(b); });
}

FleetWorld::Coming FleetWorld::take() {
    std::pop_heap(queue_.begin(), queue_.end(),
                  [](const Coming& a, const Coming& b) { return a.later_than(b); });
    const Coming coming = queue_.back();
    queue_.pop_back();
    return coming;
}

bool FleetWorld::run(uint32_t events) {
    const uint64_t end_us = zero_us_ + options_.longest_s * second_us;
    const uint64_t most = uint64_t{options_.requests_per_phone} * options_.phones;
    for (uint32_t i = 0; i < events && !over_; ++i) {
        if (queue_.empty() || queue_.front().at_us > end_us || requests_ > most) {
            over_ = true;
            break;
        }
        const Coming coming = take();
        now_us_ = coming.at_us;
        ++result_.events;
        happen(coming);
        over_ = over_ || (counts() && done_ == concerned_);
    }
    return !over_;
}

void FleetWorld::happen(const Coming& coming) {
    if (coming.kind == Kind::served) return serve();
    if (coming.kind == Kind::arrive) return arrive(coming);
    Phone& phone = phones_[coming.phone];
    if (coming.life != phone.life) return;
    switch (coming.kind) {
        case Kind::power:
            return boot(coming.phone);
        case Kind::link:
            return hand(coming.phone, LinkChanged{true, {{10, 0, 0, 2}, 4}});
        case Kind::wake:
            if (phone.wake_us != coming.at_us) return;
            phone.wake_us = 0;
            if (phone.agent->deadline().value_or(Instant{UINT64_MAX}).ms > now_of(phone).ms)
                return plan_wake(coming.phone);
            return hand(coming.phone, Wake{});
        case Kind::head:
            return deliver_head(coming);
        case Kind::body:
            return deliver_body(coming);
        case Kind::failed:
            return hand(coming.phone,
                        TransferFailed{coming.id, TransferFault::connect, "nobody answers"});
        case Kind::storage:
            return deliver_stored(coming);
        case Kind::hooks:
            return hand(coming.phone, HooksDone{.id = coming.id});
        case Kind::arrive:
        case Kind::served:
            return;
    }
}

// --- a phone and its agent -----------------------------------------------------------------------

Instant FleetWorld::now_of(const Phone& phone) const {
    return {(now_us_ - phone.power_us) / 1000};
}

void FleetWorld::power_on(uint32_t index) {
    const bool one_by_one = options_.event == FleetEvent::server_outage;
    const uint32_t within_ms = one_by_one ? fleet_interval_min * 60'000 : fleet_power_ms;
    Phone& phone = phones_[index];
    phone.power_us = rng_.below(within_ms) * uint64_t{1000};
    phone.concerned = !one_by_one;
    const uint64_t start_ms = rng_.between(fleet_start_least_ms, fleet_start_most_ms);
    come(phone.power_us + start_ms * 1000, {.phone = index, .kind = Kind::power});
}

void FleetWorld::boot(uint32_t index) {
    Phone& phone = phones_[index];
    phone.agent = std::make_unique<Agent>(site_.options(index));
    result_.most_agents = std::max(result_.most_agents, ++agents_);
    phone.failed = false;
    Boot boot;
    boot.reset_cause = phone.reboots == 0 ? ResetCause::power_on : ResetCause::provisioning_reboot;
    boot.provisioning_reboots = phone.reboots;
    std::array<std::vector<uint8_t>, limits::record_copies> copies;
    for (uint32_t i = 0; i < limits::record_copies; ++i) {
        copies[i] = file(index, i);
        boot.record_copies[i] = copies[i];
    }
    boot.entropy = rng_.next();
    boot.wall_s = wall_s + static_cast<WallSeconds>(now_us_ / second_us);
    come(now_us_ + link_us, {.phone = index, .life = phone.life, .kind = Kind::link});
    hand(index, boot);
}

void FleetWorld::hand(uint32_t index, const Event& event) {
    Phone& phone = phones_[index];
    phone.agent->handle(now_of(phone), event);
    drain(index);
}

void FleetWorld::drain(uint32_t index) {
    Phone& phone = phones_[index];
    while (auto effect = phone.agent->next())
        carry_out(index, std::move(*effect));
    if (phone.leaving || phone.done) return leave(index);
    plan_wake(index);
}

// One Wake in the queue is enough: when it comes too early, the next one is planned then.
void FleetWorld::plan_wake(uint32_t index) {
    Phone& phone = phones_[index];
    const auto deadline = phone.agent->deadline();
    if (!deadline) return;
    const uint64_t at_us = std::max(phone.power_us + deadline->ms * 1000, now_us_ + 1);
    if (phone.wake_us != 0 && phone.wake_us <= at_us) return;
    phone.wake_us = at_us;
    come(at_us, {.phone = index, .life = phone.life, .kind = Kind::wake});
}

void FleetWorld::carry_out(uint32_t index, Effect&& effect) {
    Phone& phone = phones_[index];
    if (const auto* line = std::get_if<JournalLine>(&effect)) {
        hear(index, *line);
    } else if (const auto* transfer = std::get_if<StartTransfer>(&effect)) {
        start(index, *transfer);
    } else if (const auto* credit = std::get_if<CreditTransfer>(&effect)) {
        if (credit->id == phone.transfer)
            come(now_us_ + 1,
                 {.phone = index, .id = credit->id, .life = phone.life, .kind = Kind::body});
    } else if (const auto* stop = std::get_if<StopTransfer>(&effect)) {
        if (stop->id == phone.transfer) phone.transfer = 0;
        phone.kept_until_us = 0;
    } else if (auto* step = std::get_if<Storage>(&effect)) {
        store(index, std::move(*step));
    } else if (const auto* hooks = std::get_if<RunHooks>(&effect)) {
        come(now_us_ + step_us,
             {.phone = index, .id = hooks->id, .life = phone.life, .kind = Kind::hooks});
    } else if (std::holds_alternative<Reboot>(effect)) {
        phone.leaving = true;
    }
}

// The agent's own words tell how far the phone has come.
void FleetWorld::hear(uint32_t index, const JournalLine& line) {
    Phone& phone = phones_[index];
    switch (line.kind) {
        case JournalKind::plan_unreachable:
            phone.failed = true;
            return;
        case JournalKind::plan_unchanged:
            phone.failed = false;
            if (provisioned() && counts() && phone.concerned) finish(index);
            return;
        case JournalKind::rest:
            if (provisioned() || phone.reboots == 0) return;
            result_.unconfirmed += phone.failed ? 1 : 0;
            return finish(index);
        default:
            return;
    }
}

void FleetWorld::finish(uint32_t index) {
    Phone& phone = phones_[index];
    if (phone.done) return;
    phone.done = true;
    ++done_;
    result_.done_ms.push_back(static_cast<uint32_t>((now_us_ - zero_us_) / 1000));
    if (FleetSecond* now = second()) ++now->done;
}

// The agent is gone: for a reboot, or because nobody needs to watch it any longer.
void FleetWorld::leave(uint32_t index) {
    Phone& phone = phones_[index];
    phone.agent.reset();
    --agents_;
    ++phone.life;
    phone.wake_us = 0;
    phone.transfer = 0;
    phone.kept_until_us = 0;
    if (phone.done) {
        phone.files.reset();
        return;
    }
    phone.leaving = false;
    ++phone.reboots;
    const uint64_t start_ms = rng_.between(fleet_start_least_ms, fleet_start_most_ms);
    come(now_us_ + start_ms * 1000, {.phone = index, .life = phone.life, .kind = Kind::power});
}

// --- the server ----------------------------------------------------------------------------------

FleetSecond* FleetWorld::second() {
    if (now_us_ < begin_us_) return nullptr;
    const auto at = static_cast<uint32_t>((now_us_ - begin_us_) / second_us);
    if (at >= result_.seconds.size()) result_.seconds.resize(at + 1);
    return &result_.seconds[at];
}

void FleetWorld::start(uint32_t index, const StartTransfer& request) {
    Phone& phone = phones_[index];
    phone.transfer = request.id;
    phone.has_file = site_.body(request.url) != nullptr;
    const bool kept = phone.kept_until_us >= now_us_;
    // A new connection costs a round trip more.
    come(now_us_ + (kept ? 1 : 3) * way_us, {.phone = index,
                                             .id = request.id,
                                             .life = phone.life,
                                             .status = kept,
                                             .kind = Kind::arrive});
}

void FleetWorld::arrive(const Coming& coming) {
    Phone& phone = phones_[coming.phone];
    FleetSecond none;
    FleetSecond& now = second() != nullptr ? *second() : none;
    ++requests_;
    ++now.asked;
    if (counts() && phone.concerned) ++phone.requests;
    const FleetServer::Ticket ticket{coming.phone, coming.id, coming.life};
    const bool idle = !server_.deadline_us();
    Coming answer = coming;
    switch (server_.arrive(now_us_, ticket, coming.status != 0)) {
        case FleetServer::Fate::waits:
            if (idle) come(*server_.deadline_us(), {.kind = Kind::served});
            return;
        case FleetServer::Fate::refused:
            ++now.refused;
            answer.kind = Kind::head;
            answer.status = 503;
            return come(now_us_ + way_us, answer);
        case FleetServer::Fate::unanswered:
            ++now.unanswered;
            // A phone that goes through this with nobody there has to get through later.
            if (server_.away(now_us_) && !phone.concerned) {
                phone.concerned = true;
                ++concerned_;
            }
            answer.kind = Kind::failed;
            return come(now_us_ + limits::transfer_connect_ms * uint64_t{1000}, answer);
    }
}

void FleetWorld::serve() {
    const FleetServer::Ticket ticket = server_.serve(now_us_);
    if (const auto next_us = server_.deadline_us()) come(*next_us, {.kind = Kind::served});
    if (FleetSecond* now = second()) ++now->served;
    const Phone& phone = phones_[ticket.phone];
    if (ticket.life != phone.life || ticket.id != phone.transfer) return;  // it has gone
    come(now_us_ + way_us, {.phone = ticket.phone,
                            .id = ticket.id,
                            .life = ticket.life,
                            .status = static_cast<uint16_t>(phone.has_file ? 200 : 404),
                            .kind = Kind::head});
}

void FleetWorld::deliver_head(const Coming& coming) {
    Phone& phone = phones_[coming.phone];
    if (coming.id != phone.transfer) return;
    TransferHead head;
    head.id = coming.id;
    head.status = coming.status;
    if (coming.status == 503) {
        head.retry_after = retry_after_;
        phone.has_file = false;
        phone.kept_until_us = 0;
    } else {
        phone.kept_until_us = now_us_ + kept_us;
    }
    head.content_length = phone.has_file ? static_cast<int64_t>(site_.body(".xml")->size()) : 0;
    hand(coming.phone, head);
}

// A body is short enough for the first credit.
void FleetWorld::deliver_body(const Coming& coming) {
    Phone& phone = phones_[coming.phone];
    if (coming.id != phone.transfer) return;
    if (phone.has_file) {
        phone.has_file = false;
        const std::string& body = *site_.body(".xml");
        return hand(
            coming.phone,
            TransferChunk{coming.id,
                          std::span(reinterpret_cast<const uint8_t*>(body.data()), body.size())});
    }
    phone.transfer = 0;
    hand(coming.phone, TransferEnd{coming.id});
}

// --- the disk ------------------------------------------------------------------------------------

std::vector<uint8_t> FleetWorld::file(uint32_t index, uint32_t file_index) const {
    const Phone& phone = phones_[index];
    if (phone.files) return (*phone.files)[file_index];
    return provisioned() ? site_.provisioned_file(index, file_index) : std::vector<uint8_t>();
}

// No power goes away here, so a write is on the disk at once and syncs have nothing to do.
void FleetWorld::store(uint32_t index, Storage&& step) {
    Phone& phone = phones_[index];
    const auto file_index = fleet_file_index(step.name);
    assert(file_index || step.step == StorageStep::sync_directory);
    if (step.step == StorageStep::write) {
        if (!phone.files) {
            auto files = std::make_unique<FleetFiles>();
            for (uint32_t i = 0; i < fleet_file_count; ++i)
                (*files)[i] = file(index, i);
            phone.files = std::move(files);
        }
        (*phone.files)[*file_index] = std::move(step.bytes);
    }
    const bool is_read = step.step == StorageStep::read;
    come(now_us_ + step_us,
         {.phone = index,
          .id = step.id,
          .life = phone.life,
          .status = static_cast<uint16_t>(is_read ? *file_index : fleet_file_count),
          .kind = Kind::storage});
}

void FleetWorld::deliver_stored(const Coming& coming) {
    StorageDone done;
    done.id = coming.id;
    std::vector<uint8_t> bytes;
    if (coming.status < fleet_file_count) {
        bytes = file(coming.phone, coming.status);
        done.not_found = bytes.empty();
        done.bytes = bytes;
    }
    hand(coming.phone, done);
}

// --- the figures ---------------------------------------------------------------------------------

FleetResult FleetWorld::result() const {
    FleetResult result = result_;
    std::sort(result.done_ms.begin(), result.done_ms.end());
    result.concerned = concerned_;
    result.end_s = static_cast<uint32_t>(now_us_ / second_us);
    result.whole = done_ == concerned_ && counts();
    for (uint32_t i = 0; i < result.seconds.size(); ++i) {
        if (result.begin_s + i < result.zero_s) continue;
        const FleetSecond& second = result.seconds[i];
        result.peak = std::max(result.peak, second.asked);
        result.refused += second.refused;
        result.unanswered += second.unanswered;
    }
    for (const Phone& phone : phones_)
        result.requests += phone.requests;
    return result;
}

}  // namespace dialtone::sim
