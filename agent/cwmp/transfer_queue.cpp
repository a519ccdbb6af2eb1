// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/transfer_queue.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "agent/config/utf8.h"
#include "agent/cwmp/rpc.h"
#include "agent/limits.h"
#include "agent/store/record.h"

namespace dialtone {
namespace {

// As much of `text` as fits, in whole letters.
std::string_view beginning(std::string_view text, uint32_t bytes) {
    const std::string_view most = text.substr(0, bytes);
    return most.substr(0, valid_utf8_bytes(most));
}

uint32_t tries_of(const TransferWindow& window) {
    return 1 + (window.retries < 0 ? limits::cwmp_window_retries
                                   : static_cast<uint32_t>(window.retries));
}

uint64_t retry_wait_ms(uint32_t tries) {
    const uint32_t doublings = std::min(tries - 1, 16U);
    const uint64_t wait_s = uint64_t{limits::cwmp_window_retry_s} << doublings;
    return std::min<uint64_t>(wait_s, limits::cwmp_window_retry_most_s) * 1000;
}

// What the ACS needs no more stays nowhere.
void drop_order(AcsTransfer& transfer) {
    if (is_ordered(transfer)) transfer.url.clear();
    for (std::string* text : {&transfer.user, &transfer.password, &transfer.target_name})
        text->clear();
    transfer.windows.clear();
    transfer.due_s = 0;
    transfer.left_s = 0;
}

}  // namespace

bool has_room(std::span<const AcsTransfer> transfers, const AcsTransfer& one) {
    return transfers.size() < limits::cwmp_transfers &&
           bytes_in_record(transfers) + bytes_in_record({&one, 1}) <= limits::cwmp_transfers_bytes;
}

bool is_ordered(const AcsTransfer& transfer) {
    return transfer.kind != TransferKind::autonomous;
}

// --- what waits ----------------------------------------------------------------------------------

void TransferQueue::load(Instant now) {
    aims_.clear();
    for (uint32_t i = 0; i < transfers_.size(); ++i) {
        add_aim(now);
        aims_.back().is_durable = transfers_[i].done;
    }
    aim(now);
}

void TransferQueue::add_aim(Instant now) {
    const uint32_t left_s = transfers_[aims_.size()].left_s;
    aims_.push_back({.number = ++last_number_, .at = now + uint64_t{left_s} * 1000});
}

// Whatever the clock says, nothing is put off by more than what was left.
void TransferQueue::aim(Instant now) {
    if (!clock_.believed()) return;
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        const AcsTransfer& one = transfers_[i];
        if (one.done || one.due_s == 0) continue;
        const auto left_s = std::clamp<WallSeconds>(one.due_s - clock_.at(now), 0, one.left_s);
        aims_[i].at = std::min(aims_[i].at, now + static_cast<uint64_t>(left_s) * 1000);
    }
}

void TransferQueue::forget() {
    transfers_.clear();
    aims_.clear();
}

void TransferQueue::drop_orders() {
    for (auto i = static_cast<uint32_t>(transfers_.size()); i-- > 0;) {
        if (is_ordered(transfers_[i])) erase(i);
    }
}

void TransferQueue::add(Instant now, AcsTransfer transfer) {
    keep_time_left(now);
    transfer.due_s = clock_.proven() ? clock_.at(now) + transfer.left_s : 0;
    transfers_.push_back(std::move(transfer));
    add_aim(now);
}

void TransferQueue::withdraw_last() {
    erase(static_cast<uint32_t>(transfers_.size()) - 1);
}

void TransferQueue::add_autonomous(Instant now, std::string url, std::string file_type) {
    const auto place = std::ranges::find(transfers_, TransferKind::autonomous, &AcsTransfer::kind);
    if (place != transfers_.end()) erase(static_cast<uint32_t>(place - transfers_.begin()));
    AcsTransfer one{.kind = TransferKind::autonomous,
                    .file_type = std::move(file_type),
                    .url = std::move(url),
                    .done = true,
                    .completed_s = clock_.believed() ? clock_.at(now) : 0};
    if (!has_room(transfers_, one)) one.url.clear();
    if (!has_room(transfers_, one)) return;
    transfers_.push_back(std::move(one));
    add_aim(now);
}

void TransferQueue::erase(uint32_t index) {
    transfers_.erase(transfers_.begin() + static_cast<std::ptrdiff_t>(index));
    aims_.erase(aims_.begin() + static_cast<std::ptrdiff_t>(index));
}

// Only when the record is written anyway: no flash is worn out by waiting.
void TransferQueue::keep_time_left(Instant now) {
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        AcsTransfer& one = transfers_[i];
        const uint64_t left_s = (aims_[i].at.since(now) + 999) / 1000;
        one.left_s = static_cast<uint32_t>(std::min<uint64_t>(one.left_s, left_s));
    }
}

bool TransferQueue::may_cancel(std::string_view command_key) const {
    return std::ranges::none_of(transfers_, [&](const AcsTransfer& one) {
        return is_ordered(one) && one.done && one.command_key == command_key;
    });
}

std::vector<AcsTransfer> TransferQueue::cancel(Instant now, std::string_view command_key) {
    keep_time_left(now);
    std::vector<AcsTransfer> out;
    for (auto i = static_cast<uint32_t>(transfers_.size()); i-- > 0;) {
        if (!is_ordered(transfers_[i]) || transfers_[i].command_key != command_key) continue;
        out.insert(out.begin(), std::move(transfers_[i]));
        erase(i);
    }
    return out;
}

void TransferQueue::restore(Instant now, std::vector<AcsTransfer> cancelled) {
    for (AcsTransfer& one : cancelled) {
        transfers_.push_back(std::move(one));
        add_aim(now);
    }
    aim(now);
}

// --- windows -------------------------------------------------------------------------------------

// Until that window ends, where the last one ends with the aim.
uint64_t TransferQueue::left_ms_in(uint32_t index, uint32_t window, Instant now) const {
    const std::vector<TransferWindow>& windows = transfers_[index].windows;
    const uint64_t after_ms = uint64_t{windows.back().end_s - windows[window].end_s} * 1000;
    const uint64_t left_ms = aims_[index].at.since(now);
    return left_ms > after_ms ? left_ms - after_ms : 0;
}

std::optional<uint32_t> TransferQueue::open_window(uint32_t index, Instant now) const {
    const std::vector<TransferWindow>& windows = transfers_[index].windows;
    for (uint32_t i = 0; i < windows.size(); ++i) {
        const uint64_t left_ms = left_ms_in(index, i, now);
        if (left_ms > 0 && left_ms <= uint64_t{windows[i].end_s - windows[i].start_s} * 1000)
            return i;
    }
    return {};
}

std::optional<Instant> TransferQueue::next_window(uint32_t index, Instant now) const {
    const std::vector<TransferWindow>& windows = transfers_[index].windows;
    for (uint32_t i = 0; i < windows.size(); ++i) {
        const uint64_t length_ms = uint64_t{windows[i].end_s - windows[i].start_s} * 1000;
        const uint64_t left_ms = left_ms_in(index, i, now);
        if (left_ms > length_ms) return now + (left_ms - length_ms);
    }
    return {};
}

bool TransferQueue::has_tries(uint32_t index, uint32_t window) const {
    const Aim& aim = aims_[index];
    const uint32_t tries = aim.window == window ? aim.tries : 0;
    return tries < tries_of(transfers_[index].windows[window]);
}

bool TransferQueue::may_try(uint32_t index, uint32_t window, Instant now) const {
    const bool suits = transfers_[index].windows[window].at_any_time || idle_;
    return suits && has_tries(index, window) && aims_[index].retry_at <= now;
}

// --- carrying out --------------------------------------------------------------------------------

std::optional<uint32_t> TransferQueue::due(Instant now) const {
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        const AcsTransfer& one = transfers_[i];
        if (one.done) continue;
        if (one.windows.empty() && aims_[i].at <= now) return i;
        const auto window = open_window(i, now);
        if (window && may_try(i, *window, now)) return i;
    }
    return {};
}

bool TransferQueue::is_due(Instant now) const {
    return !running() && due(now);
}

std::optional<Instant> TransferQueue::look_of(uint32_t index, Instant now) const {
    const Aim& aim = aims_[index];
    const AcsTransfer& one = transfers_[index];
    if (one.done) return {};
    if (one.windows.empty()) return aim.runs ? std::nullopt : std::optional(aim.at);
    if (aim.runs && aim.may_overrun) return {};
    if (aim.runs) return now + left_ms_in(index, aim.window, now);
    std::optional<Instant> next = aim.at;
    const auto add = [&](std::optional<Instant> at) {
        if (at && *at < *next) next = at;
    };
    add(next_window(index, now));
    const auto window = open_window(index, now);
    if (window && may_try(index, *window, now)) return now;
    if (window && has_tries(index, *window) && aim.retry_at > now) add(aim.retry_at);
    return next;
}

std::optional<Instant> TransferQueue::next_look(Instant now) const {
    const auto under_way = running();
    std::optional<Instant> next;
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        if (under_way && under_way != i) continue;
        const auto at = look_of(i, now);
        if (at && (!next || *at < *next)) next = at;
    }
    return next;
}

const AcsTransfer& TransferQueue::start(Instant now) {
    const uint32_t index = *due(now);
    Aim& aim = aims_[index];
    aim.runs = true;
    aim.may_overrun = false;
    aim.started_s = clock_.believed() ? clock_.at(now) : 0;
    if (const auto window = open_window(index, now)) {
        aim.tries = aim.window == *window ? aim.tries + 1 : 1;
        aim.window = *window;
    }
    return transfers_[index];
}

std::optional<uint32_t> TransferQueue::running() const {
    const auto place = std::ranges::find(aims_, true, &Aim::runs);
    if (place == aims_.end()) return {};
    return static_cast<uint32_t>(place - aims_.begin());
}

bool TransferQueue::overruns(Instant now) const {
    const auto index = running();
    return index && !transfers_[*index].windows.empty() && !aims_[*index].may_overrun &&
           left_ms_in(*index, aims_[*index].window, now) == 0;
}

void TransferQueue::stop() {
    Aim& aim = aims_[*running()];
    aim.runs = false;
    aim.failure = "it was under way when its window ended";
}

void TransferQueue::let_go_on() {
    aims_[*running()].may_overrun = true;
}

std::optional<uint64_t> TransferQueue::finish(Instant now, uint32_t fault, std::string reason) {
    const uint32_t index = *running();
    Aim& aim = aims_[index];
    aim.runs = false;
    const std::vector<TransferWindow>& windows = transfers_[index].windows;
    const bool is_last = windows.empty() || aim.window + 1 == windows.size();
    const bool was_last_try = windows.empty() || aim.tries >= tries_of(windows[aim.window]);
    if (fault == 0 || (is_last && was_last_try)) {
        conclude(now, index, fault, reason);
        return {};
    }
    aim.failure = std::move(reason);
    aim.retry_at = now + retry_wait_ms(aim.tries);
    const auto next = look_of(index, now);
    return (std::max(*next, now).since(now) + 999) / 1000;
}

const AcsTransfer* TransferQueue::outlived(Instant now) {
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        const bool is_over = !transfers_[i].windows.empty() && aims_[i].at <= now;
        if (transfers_[i].done || aims_[i].runs || !is_over) continue;
        std::string reason = "its time windows are over";
        if (!aims_[i].failure.empty()) reason += ": " + aims_[i].failure;
        conclude(now, i, cpe_fault::not_within_windows, reason);
        return &transfers_[i];
    }
    return nullptr;
}

void TransferQueue::conclude(Instant now, uint32_t index, uint32_t fault, std::string_view reason) {
    keep_time_left(now);
    AcsTransfer& one = transfers_[index];
    one.done = true;
    one.fault = fault;
    one.started_s = aims_[index].started_s;
    one.completed_s = clock_.believed() ? clock_.at(now) : 0;
    drop_order(one);
    const uint32_t room = limits::cwmp_transfers_bytes - bytes_in_record(transfers_);
    one.reason = beginning(reason, std::min(room, limits::cwmp_fault_text_bytes));
}

// --- telling -------------------------------------------------------------------------------------

void TransferQueue::rolled_back() {
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        AcsTransfer& one = transfers_[i];
        const bool is_configuration =
            one.kind != TransferKind::upload && is_ordered(one) && one.file_type.starts_with("3 ");
        if (!one.done || one.fault != 0 || !is_configuration) continue;
        one.fault = cpe_fault::transfer_failure;
        one.reason = "no session reached the ACS with it, and the phone has gone back";
        aims_[i].is_durable = false;
    }
}

// A disk that refuses it keeps nobody from telling it.
bool TransferQueue::take_record(std::span<const AcsTransfer> record, bool kept) {
    bool some = false;
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        if (!transfers_[i].done || aims_[i].is_durable) continue;
        const bool is_there = std::ranges::find(record, transfers_[i]) != record.end();
        if (!is_there && kept) continue;
        aims_[i].is_durable = some = true;
    }
    return some;
}

std::vector<TransferQueue::Ready> TransferQueue::ready() const {
    std::vector<Ready> out;
    for (uint32_t i = 0; i < aims_.size(); ++i) {
        if (aims_[i].is_durable) out.push_back({&transfers_[i], aims_[i].number});
    }
    return out;
}

void TransferQueue::heard(Instant now, uint32_t number) {
    const auto place = std::ranges::find(aims_, number, &Aim::number);
    if (place == aims_.end()) return;
    erase(static_cast<uint32_t>(place - aims_.begin()));
    keep_time_left(now);
}

}  // namespace dialtone
