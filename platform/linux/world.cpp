// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/world.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "platform/common/journal_text.h"
#include "platform/common/output.h"
#include "platform/linux/call_filter.h"

namespace dialtone {
namespace {

// Writes a journal line to standard error, which is a phone's console, when there is no disk or it
// cannot be written to.
void say(const JournalLine& line) {
    JournalEntry entry{.kind = line.kind, .at_ms = line.at_ms, .wall_s = line.wall_s};
    for (const auto& [name, value] : line.fields)
        entry.fields.emplace_back(name, value);
    (void)write_all(STDERR_FILENO, entry_line(entry));
}

// So many events may be handed out before the loop is asked what else has come: a flood must not
// keep the others waiting.
constexpr uint32_t events_between_looks = 16;

TransferPlaces places_of(const LinuxWorld::Options& options) {
    TransferPlaces places = options.places;
    places.state_directory = options.state_directory;
    return places;
}

}  // namespace

// What each effect is turned into.
struct LinuxWorld::Carrier {
    LinuxWorld& world;

    void operator()(OpenSocket&& effect) { world.sockets_.open(effect); }
    void operator()(CloseSocket&& effect) { world.sockets_.close(effect.socket); }
    void operator()(DatagramOut&& effect) { world.sockets_.send(effect); }
    void operator()(BytesOut&& effect) { world.sockets_.send(effect); }
    void operator()(Resolve&& effect) { world.resolver_.resolve(effect); }
    void operator()(StartTransfer&& effect) { world.transfers_.start(std::move(effect)); }
    void operator()(CreditTransfer&& effect) { world.transfers_.credit(effect); }
    void operator()(StopTransfer&& effect) { world.transfers_.stop(effect.id); }
    void operator()(ReleaseSession&& effect) { world.transfers_.release(effect); }
    void operator()(OpenHttp&& effect) {
        if (world.http_) return world.http_->open(effect);
        world.sockets_.refuse(effect.listener, "this program does not listen for HTTP");
    }
    void operator()(CloseHttp&& effect) {
        if (world.http_) world.http_->close(effect.listener);
    }
    void operator()(HttpReply&& effect) {
        if (world.http_) world.http_->reply(std::move(effect));
    }
    void operator()(Storage&& effect) { world.storage_.submit(std::move(effect)); }
    void operator()(RunHooks&& effect) { world.hooks_.submit(std::move(effect)); }
    void operator()(Reply&& effect) { world.control_.reply(std::move(effect)); }
    void operator()(Reboot&& effect) {
        world.leave({.kind = Departure::Kind::reboot, .afresh = effect.afresh});
    }
    void operator()(Exit&& effect) {
        world.leave({Departure::Kind::exit, effect.status, std::move(effect.why)});
    }
    void operator()(SetWallClock&& effect) { world.clock_.set_wall(effect.wall_s); }
    void operator()(JournalLine&& effect) {
        if (world.options_.in_memory || !world.journal_.append(effect)) say(effect);
    }
};

Result<std::unique_ptr<LinuxWorld>> LinuxWorld::open(const Options& options) {
    std::unique_ptr<LinuxWorld> world(new LinuxWorld(options));
    if (!world->loop_.is_open())
        return fail(ErrorCode::io, "the system has no room for an epoll instance");
    return world;
}

LinuxWorld::LinuxWorld(const Options& options)
    : options_(options),
      clock_(options.power_on_ms, options.wall_offset_s),
      storage_(loop_, options.state_directory, options.in_memory),
      journal_(options.state_directory),
      leases_(options.interface, options.leases),
      control_(loop_, options.control_listener, &leases_),
      hooks_(loop_, options.hooks),
      sockets_(loop_, options.interface),
      resolver_(loop_, options.places.dns_servers),
      transfers_(loop_, clock_, places_of(options)),
      wall_watch_(loop_, clock_) {
    if (!options.interface.empty()) link_.emplace(loop_, options.interface);
    if (options.http != nullptr) http_ = options.http(loop_, clock_, options.http_patience);
    parts_ = {&storage_,   &control_,    &leases_,
              &hooks_,     &sockets_,    &resolver_,
              &transfers_, &wall_watch_, link_ ? &*link_ : nullptr,
              http_.get()};
    timed_parts_ = {&control_, &resolver_, &transfers_, link_ ? &*link_ : nullptr, http_.get()};
}

LinuxWorld::~LinuxWorld() = default;

void LinuxWorld::carry_out(Effect&& effect) {
    std::visit(Carrier{*this}, std::move(effect));
}

bool LinuxWorld::deliver(Instant now, EventSink& sink) {
    if (since_look_ >= events_between_looks) return false;
    for (size_t i = 0; i < parts_.size(); ++i) {
        const size_t turn = first_part_;
        first_part_ = turn + 1 < parts_.size() ? turn + 1 : 0;
        if (parts_[turn] == nullptr || !parts_[turn]->deliver(now, sink)) continue;
        last_part_ = turn;
        ++since_look_;
        return true;
    }
    // No part has an event. The next one is likely to come to the part that had the last one, as
    // with a server that sends block by block, so that part is asked first.
    first_part_ = last_part_;
    return false;
}

void LinuxWorld::tick(Instant now) {
    for (Part* part : timed_parts_) {
        if (part != nullptr) part->tick(now);
    }
}

std::optional<uint64_t> LinuxWorld::sleep_ms(Instant now, std::optional<Instant> deadline) const {
    std::optional<Instant> first = deadline;
    for (const Part* part : timed_parts_) {
        const auto due = part != nullptr ? part->deadline() : std::nullopt;
        if (due && (!first || *due < *first)) first = due;
    }
    if (!first) return {};
    return first->since(now);
}

void LinuxWorld::wait(std::optional<Instant> deadline, EventSink& sink) {
    for (bool has_looked = false; !leaving_; has_looked = true) {
        const Instant now = clock_.now();
        const bool is_due = deadline && *deadline <= now;
        // When the deadline is due and an event waits, the event goes first, but only once: in a
        // flood of events the Wake has to come as well.
        const bool is_late = is_due && std::exchange(wake_was_passed_over_, false);
        tick(now);
        if (!is_late && deliver(now, sink)) {
            wake_was_passed_over_ = is_due;
            return;
        }
        if (is_late || (is_due && has_looked)) return sink.take(now, Wake{});
        const bool is_flood = std::exchange(since_look_, 0) >= events_between_looks;
        loop_.poll(is_flood ? 0 : sleep_ms(now, deadline));
        note_refused_calls();
    }
    finish();
}

// The agent knows nothing of system calls, so this line is the world's own.
void LinuxWorld::note_refused_calls() {
    while (const auto number = take_refused_call()) {
        JournalLine line = {
            .kind = JournalKind::call_refused, .at_ms = now().ms, .wall_s = clock_.wall_s()};
        Carrier{*this}(std::move(line.with("number", *number)));
    }
}

void LinuxWorld::leave(Departure departure) {
    if (!leaving_) leaving_ = std::move(departure);
}

void LinuxWorld::finish() {
    storage_.finish();
    control_.finish();
    note_refused_calls();
    has_left_ = true;
}

std::optional<Departure> LinuxWorld::departure() const {
    return has_left_ ? leaving_ : std::nullopt;
}

}  // namespace dialtone
