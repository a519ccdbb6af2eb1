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
// Of a report in the outage, five minutes behind its begin.
constexpr std::string_view one_moment = "2027-01-15T09:10:00Z";

FleetServerOptions server_options(const FleetOptions& options) {
    FleetServerOptions server;
    server.requests_per_s = options.requests_per_s;
    server.waiting = 2 * options.requests_per_s;
    const bool is_outage =
        options.event == FleetEvent::server_outage || options.event == FleetEvent::acs_outage;
    if (is_outage) {
        server.down_from_us = fleet_down_from_s * second_us;
        server.down_until_us = (fleet_down_from_s + options.outage_s) * second_us;
    }
    return server;
}

FleetSettings settings_of(const FleetOptions& options) {
    return {
        .splay_s = options.splay_s,
        .interval_min = options.event == FleetEvent::server_outage ? fleet_interval_min : 0,
        .has_acs = options.event == FleetEvent::acs_outage,
        .periodic_time = options.has_one_moment ? one_moment : std::string_view(),
    };
}

}  // namespace

FleetWorld::FleetWorld(const FleetOptions& options)
    : options_(options),
      template_(options.rule, settings_of(options)),
      server_(server_options(options)),
      rng_(options.seed) {
    if (options.retry_after_s != 0) retry_after_ = std::to_string(options.retry_after_s);
    if (is_outage()) {
        result_.begin_s = fleet_down_from_s - before_outage_s;
        result_.zero_s = fleet_down_from_s + options.outage_s;
    } else {
        affected_ = options.phones;
    }
    begin_us_ = result_.begin_s * second_us;
    zero_us_ = result_.zero_s * second_us;
    phones_.resize(options.phones);
    for (uint32_t i = 0; i < options.phones; ++i)
        power_on(i);
}

// --- the queue -----------------------------------------------------------------------------------

void FleetWorld::schedule(uint64_t at_us, PendingEvent event) {
    event.at_us = at_us;
    event.sequence = sequence_++;
    queue_.push_back(event);
    std::push_heap(queue_.begin(), queue_.end(),
                   [](const PendingEvent& a, const PendingEvent& b) { return a.later_than(b); });
}

FleetWorld::PendingEvent FleetWorld::take_next() {
    std::pop_heap(queue_.begin(), queue_.end(),
                  [](const PendingEvent& a, const PendingEvent& b) { return a.later_than(b); });
    const PendingEvent event = queue_.back();
    queue_.pop_back();
    return event;
}

bool FleetWorld::run(uint32_t events) {
    const uint64_t end_us = zero_us_ + options_.longest_s * second_us;
    const uint64_t most = uint64_t{options_.requests_per_phone} * options_.phones;
    for (uint32_t i = 0; i < events && !over_; ++i) {
        if (queue_.empty() || queue_.front().at_us > end_us || requests_ > most) {
            over_ = true;
            break;
        }
        const PendingEvent event = take_next();
        now_us_ = event.at_us;
        ++result_.events;
        handle(event);
        over_ = over_ || (counts() && done_ == affected_);
    }
    return !over_;
}

void FleetWorld::handle(const PendingEvent& event) {
    if (event.kind == Kind::served) return serve();
    if (event.kind == Kind::arrive) return arrive(event);
    Phone& phone = phones_[event.phone];
    if (event.life != phone.life) return;
    switch (event.kind) {
        case Kind::power:
            return boot(event.phone);
        case Kind::link:
            return deliver(event.phone, LinkChanged{true, {{10, 0, 0, 2}, 4}});
        case Kind::wake:
            if (phone.wake_us != event.at_us) return;
            phone.wake_us = 0;
            if (phone.agent->deadline().value_or(Instant{UINT64_MAX}).ms > now_of(phone).ms)
                return plan_wake(event.phone);
            return deliver(event.phone, Wake{});
        case Kind::head:
            return deliver_head(event);
        case Kind::body:
            return deliver_body(event);
        case Kind::failed:
            return deliver(event.phone,
                           TransferFailed{event.id, TransferFault::connect, "nobody answers"});
        case Kind::storage:
            return deliver_stored(event);
        case Kind::hooks:
            return deliver(event.phone, HooksDone{.id = event.id});
        case Kind::http_opened:
            return deliver(event.phone, HttpOpened{event.id});
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
    const uint32_t within_ms = is_outage() ? fleet_interval_min * 60'000 : fleet_power_ms;
    Phone& phone = phones_[index];
    phone.power_us = rng_.below(within_ms) * uint64_t{1000};
    phone.affected = !is_outage();
    const uint64_t start_ms = rng_.between(fleet_start_least_ms, fleet_start_most_ms);
    schedule(phone.power_us + start_ms * 1000, {.phone = index, .kind = Kind::power});
}

void FleetWorld::boot(uint32_t index) {
    Phone& phone = phones_[index];
    phone.agent = std::make_unique<Agent>(template_.options(index));
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
    boot.secret = {boot.entropy, 1, 2, 3};
    boot.wall_s = wall_s + static_cast<WallSeconds>(now_us_ / second_us);
    schedule(now_us_ + link_us, {.phone = index, .life = phone.life, .kind = Kind::link});
    deliver(index, boot);
}

void FleetWorld::deliver(uint32_t index, const Event& event) {
    Phone& phone = phones_[index];
    phone.agent->handle(now_of(phone), event);
    drain(index);
}

void FleetWorld::drain(uint32_t index) {
    Phone& phone = phones_[index];
    while (auto effect = phone.agent->next())
        carry_out(index, std::move(*effect));
    if (phone.leaving || phone.done) return stop_agent(index);
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
    schedule(at_us, {.phone = index, .life = phone.life, .kind = Kind::wake});
}

// What a phone asks of its world, one function for each kind of effect: a new kind does not compile
// before it has one.
struct FleetWorld::Performer {
    FleetWorld& world;
    uint32_t index;

    Phone& phone() const { return world.phones_[index]; }
    void schedule(RequestId id, uint64_t in_us, Kind kind) const {
        world.schedule(world.now_us_ + in_us,
                       {.phone = index, .id = id, .life = phone().life, .kind = kind});
    }

    void operator()(JournalLine&& line) const { world.note_journal_line(index, line); }
    void operator()(StartTransfer&& request) const { world.start(index, request); }
    void operator()(CreditTransfer&& credit) const {
        if (credit.id == phone().transfer) schedule(credit.id, 1, Kind::body);
    }
    void operator()(StopTransfer&& stop) const {
        if (stop.id == phone().transfer) phone().transfer = 0;
        phone().connected_until_us = 0;
    }
    void operator()(Storage&& step) const { world.store(index, std::move(step)); }
    void operator()(RunHooks&& hooks) const { schedule(hooks.id, step_us, Kind::hooks); }
    void operator()(Reboot&&) const { phone().leaving = true; }
    // These phones use no sockets and no name service, are given no commands and run until the
    // world ends them.
    void operator()(OpenSocket&&) const {}
    void operator()(CloseSocket&&) const {}
    void operator()(DatagramOut&&) const {}
    void operator()(BytesOut&&) const {}
    void operator()(Resolve&&) const {}
    void operator()(ReleaseSession&&) const {}
    void operator()(OpenHttp&& wanted) const { schedule(wanted.listener, 0, Kind::http_opened); }
    void operator()(CloseHttp&&) const {}
    void operator()(HttpReply&&) const {}
    void operator()(Reply&&) const {}
    void operator()(Exit&&) const {}
    void operator()(SetWallClock&&) const {}
};

void FleetWorld::carry_out(uint32_t index, Effect&& effect) {
    std::visit(Performer{*this, index}, std::move(effect));
}

// The agent's journal tells how far the phone has come.
void FleetWorld::note_journal_line(uint32_t index, const JournalLine& line) {
    Phone& phone = phones_[index];
    if (is_of_acs()) {
        if (line.kind == JournalKind::acs_session && counts() && phone.affected) mark_done(index);
        return;
    }
    if (line.kind == JournalKind::plan_unreachable) phone.failed = true;
    if (line.kind == JournalKind::plan_unchanged) {
        phone.failed = false;
        if (provisioned() && counts() && phone.affected) mark_done(index);
    }
    if (line.kind != JournalKind::rest || provisioned() || phone.reboots == 0) return;
    result_.unconfirmed += phone.failed ? 1 : 0;
    mark_done(index);
}

void FleetWorld::mark_done(uint32_t index) {
    Phone& phone = phones_[index];
    if (phone.done) return;
    phone.done = true;
    ++done_;
    result_.done_ms.push_back(static_cast<uint32_t>((now_us_ - zero_us_) / 1000));
    if (FleetSecond* now = second()) ++now->done;
}

// Ends the agent: for a reboot, or because the phone is done.
void FleetWorld::stop_agent(uint32_t index) {
    Phone& phone = phones_[index];
    phone.agent.reset();
    --agents_;
    ++phone.life;
    phone.wake_us = 0;
    phone.transfer = 0;
    phone.connected_until_us = 0;
    if (phone.done) {
        phone.files.reset();
        return;
    }
    phone.leaving = false;
    ++phone.reboots;
    const uint64_t start_ms = rng_.between(fleet_start_least_ms, fleet_start_most_ms);
    schedule(now_us_ + start_ms * 1000, {.phone = index, .life = phone.life, .kind = Kind::power});
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
    const std::string* file = template_.body(request.url);
    phone.reply = file != nullptr ? *file : std::string();
    phone.reply_status = file != nullptr ? 200 : 404;
    if (request.url == lab_acs_url) {
        Answer answer = acs_.answer(request);
        phone.reply = std::move(answer.body);
        phone.reply_status = answer.status;
    }
    const bool kept = phone.connected_until_us >= now_us_;
    // A new connection costs a round trip more.
    schedule(now_us_ + (kept ? 1 : 3) * way_us, {.phone = index,
                                                 .id = request.id,
                                                 .life = phone.life,
                                                 .status = kept,
                                                 .kind = Kind::arrive});
}

void FleetWorld::arrive(const PendingEvent& event) {
    Phone& phone = phones_[event.phone];
    FleetSecond none;
    FleetSecond* const known = second();
    FleetSecond& now = known != nullptr ? *known : none;
    ++requests_;
    ++now.asked;
    if (counts() && phone.affected) ++phone.requests;
    const FleetServer::QueuedRequest request{event.phone, event.id, event.life};
    const bool idle = !server_.deadline_us();
    PendingEvent answer = event;
    switch (server_.arrive(now_us_, request, event.status != 0)) {
        case FleetServer::Admission::queued:
            if (idle) schedule(*server_.deadline_us(), {.kind = Kind::served});
            return;
        case FleetServer::Admission::refused:
            ++now.refused;
            answer.kind = Kind::head;
            answer.status = 503;
            return schedule(now_us_ + way_us, answer);
        case FleetServer::Admission::unanswered:
            ++now.unanswered;
            // A phone that asked during the outage is one of those whose recovery is measured.
            if (server_.is_down(now_us_) && !phone.affected) {
                phone.affected = true;
                ++affected_;
            }
            answer.kind = Kind::failed;
            return schedule(now_us_ + limits::transfer_connect_ms * uint64_t{1000}, answer);
    }
}

void FleetWorld::serve() {
    const FleetServer::QueuedRequest request = server_.serve(now_us_);
    if (const auto next_us = server_.deadline_us()) schedule(*next_us, {.kind = Kind::served});
    if (FleetSecond* now = second()) ++now->served;
    const Phone& phone = phones_[request.phone];
    if (request.life != phone.life || request.id != phone.transfer) return;  // it has gone
    schedule(now_us_ + way_us, {.phone = request.phone,
                                .id = request.id,
                                .life = request.life,
                                .status = phone.reply_status,
                                .kind = Kind::head});
}

void FleetWorld::deliver_head(const PendingEvent& event) {
    Phone& phone = phones_[event.phone];
    if (event.id != phone.transfer) return;
    TransferHead head;
    head.id = event.id;
    head.status = event.status;
    if (event.status == 503) {
        head.retry_after = retry_after_;
        phone.reply.clear();
        phone.connected_until_us = 0;
    } else {
        phone.connected_until_us = now_us_ + kept_us;
    }
    head.content_length = static_cast<int64_t>(phone.reply.size());
    deliver(event.phone, head);
}

// A body is short enough for the first credit.
void FleetWorld::deliver_body(const PendingEvent& event) {
    Phone& phone = phones_[event.phone];
    if (event.id != phone.transfer) return;
    if (!phone.reply.empty()) {
        const std::string body = std::exchange(phone.reply, {});
        return deliver(
            event.phone,
            TransferChunk{event.id,
                          std::span(reinterpret_cast<const uint8_t*>(body.data()), body.size())});
    }
    phone.transfer = 0;
    deliver(event.phone, TransferEnd{event.id});
}

// --- the disk ------------------------------------------------------------------------------------

std::vector<uint8_t> FleetWorld::file(uint32_t index, uint32_t file_index) const {
    const Phone& phone = phones_[index];
    if (phone.files) return (*phone.files)[file_index];
    return provisioned() ? template_.provisioned_file(index, file_index) : std::vector<uint8_t>();
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
    schedule(now_us_ + step_us,
             {.phone = index,
              .id = step.id,
              .life = phone.life,
              .status = static_cast<uint16_t>(is_read ? *file_index : fleet_file_count),
              .kind = Kind::storage});
}

void FleetWorld::deliver_stored(const PendingEvent& event) {
    StorageDone done;
    done.id = event.id;
    std::vector<uint8_t> bytes;
    if (event.status < fleet_file_count) {
        bytes = file(event.phone, event.status);
        done.not_found = bytes.empty();
        done.bytes = bytes;
    }
    deliver(event.phone, done);
}

// --- the figures ---------------------------------------------------------------------------------

FleetResult FleetWorld::result() const {
    FleetResult result = result_;
    std::sort(result.done_ms.begin(), result.done_ms.end());
    result.affected = affected_;
    result.end_s = static_cast<uint32_t>(now_us_ / second_us);
    result.complete = done_ == affected_ && counts();
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
