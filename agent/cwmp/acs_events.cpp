// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_events.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "agent/cwmp/watch.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

bool is_report(const AcsEvent& event) {
    return event.code == AcsEventCode::periodic;
}

}  // namespace

void AcsEvents::load(Instant now, const AcsMemory& memory) {
    memory_ = memory;
    report_ = std::ranges::any_of(memory_.events, is_report);
    aims_.assign(memory_.scheduled.size(), {});
    aim(now);
}

// Whatever the clock says, nothing is put off by more than what was left.
void AcsEvents::aim(Instant now) {
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        const ScheduledInform& one = memory_.scheduled[i];
        if (aims_[i].is_due) continue;
        WallSeconds left_s = one.left_s;
        if (one.due_s != 0 && clock_.believed())
            left_s = std::clamp<WallSeconds>(one.due_s - clock_.at(now), 0, left_s);
        const Instant at = now + static_cast<uint64_t>(left_s) * 1000;
        aims_[i].at = aims_[i].at == Instant{} ? at : std::min(aims_[i].at, at);
    }
}

void AcsEvents::forget() {
    memory_ = {};
    aims_.clear();
    report_ = false;
}

// The ACS that orders restarts without end loses the oldest of its keys.
void AcsEvents::add_restart(std::string command_key) {
    std::vector<AcsEvent>& events = memory_.events;
    const auto restarts = static_cast<uint32_t>(
        std::ranges::count(events, AcsEventCode::reboot_method, &AcsEvent::code));
    if (restarts >= limits::cwmp_methods_kept)
        events.erase(std::ranges::find(events, AcsEventCode::reboot_method, &AcsEvent::code));
    events.push_back({AcsEventCode::reboot_method, std::move(command_key)});
}

void AcsEvents::schedule(Instant now, ScheduleCall&& call) {
    const WallSeconds due_s = clock_.proven() ? clock_.at(now) + call.delay_s : 0;
    keep_time_left(now);
    memory_.scheduled.push_back({due_s, call.delay_s, std::move(call.command_key)});
    aims_.push_back({.at = now + uint64_t{call.delay_s} * 1000});
}

void AcsEvents::unschedule_last() {
    memory_.scheduled.pop_back();
    aims_.pop_back();
}

// Only when the record is written anyway: no flash is worn out by waiting.
void AcsEvents::keep_time_left(Instant now) {
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        const uint64_t left_ms = aims_[i].at > now ? aims_[i].at.since(now) : 0;
        ScheduledInform& one = memory_.scheduled[i];
        one.left_s = std::min(one.left_s, static_cast<uint32_t>((left_ms + 999) / 1000));
    }
}

std::optional<Instant> AcsEvents::next_due() const {
    std::optional<Instant> next;
    for (const Aim& one : aims_) {
        if (!one.is_due) next = earlier(next, one.at);
    }
    return next;
}

bool AcsEvents::take_due(Instant now) {
    bool some = false;
    for (Aim& one : aims_) {
        if (one.is_due || one.at > now) continue;
        one.is_due = some = true;
    }
    return some;
}

// --- what an Inform says -------------------------------------------------------------------------

bool AcsEvents::is_new_to(std::string_view url) const {
    return memory_.bootstrapped != sha256_of(url);
}

// An ACS that is new to the phone hears nothing of what another one was to be told.
std::vector<InformEvent> AcsEvents::waiting(std::string_view url,
                                            std::span<const std::string> others) const {
    std::vector<InformEvent> out;
    const bool is_new = is_new_to(url);
    const auto add = [&out](bool waits, std::string_view code) {
        if (waits) out.push_back({.code = std::string(code)});
    };
    const bool some_due = std::ranges::any_of(aims_, &Aim::is_due);
    add(is_new, "0 BOOTSTRAP");
    add(boot_, "1 BOOT");
    add(report_ && !is_new, "2 PERIODIC");
    add(some_due && !is_new, "3 SCHEDULED");
    for (const std::string& code : others)
        add(!is_new, code);
    add(knock_, "6 CONNECTION REQUEST");
    if (is_new) return out;
    for (const AcsEvent& event : memory_.events) {
        if (!is_report(event))
            out.push_back({.code = "M Reboot", .command_key = event.command_key});
    }
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        if (aims_[i].is_due)
            out.push_back(
                {.code = "M ScheduleInform", .command_key = memory_.scheduled[i].command_key});
    }
    return out;
}

void AcsEvents::begin(std::string_view url) {
    told_url_ = sha256_of(url);
    told_events_ = static_cast<uint32_t>(memory_.events.size());
    told_report_ = report_;
    knock_ = false;  // it is told once, whatever comes of it (TR-069 3.7.1.5)
    for (Aim& one : aims_)
        one.told = one.is_due;
}

// Nothing of what the ACS has heard is told again.
void AcsEvents::take_informed(Instant now, std::span<const WatchedValue> told) {
    const AcsMemory before = memory_;
    boot_ = false;
    if (told_report_) report_ = false;
    memory_.bootstrapped = told_url_;
    std::vector<AcsEvent>& events = memory_.events;
    const auto count = std::min<size_t>(told_events_, events.size());
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(count));
    for (uint32_t i = static_cast<uint32_t>(aims_.size()); i-- > 0;) {
        if (!aims_[i].told) continue;
        aims_.erase(aims_.begin() + i);
        memory_.scheduled.erase(memory_.scheduled.begin() + i);
    }
    take_told(memory_, told);
    if (memory_ != before) keep_time_left(now);
}

void AcsEvents::take_failure() {
    if (report_) keep_report();
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        if (aims_[i].is_due) memory_.scheduled[i].left_s = 0;
    }
}

void AcsEvents::keep_report() {
    if (std::ranges::any_of(memory_.events, is_report)) return;
    memory_.events.push_back({.code = AcsEventCode::periodic});
}

}  // namespace dialtone
