// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_transfers.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/cwmp/transfer_report.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

bool is_idle(const VoiceFacts& voice) {
    return std::ranges::all_of(
        voice.lines, [](const VoiceLine& line) { return line.call_state == CallState::idle; });
}

}  // namespace

AcsTransfers::AcsTransfers(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
                           const Record& record, const Generation& active,
                           std::vector<AcsTransfer>& transfers)
    : EngineBase(ids),
      phone_(phone),
      transfers_(transfers),
      queue_(transfers, clock),
      run_(ids, phone, clock, record, active) {
    drives(run_);
}

// One that cannot be stopped comes to its end, and nobody is told.
void AcsTransfers::drop_orders(Instant now) {
    if (queue_.running()) run_.cancel(now);
    queue_.drop_orders();
}

bool AcsTransfers::stop(Instant now, std::string_view command_key) {
    if (!queue_.may_cancel(command_key)) return false;
    const auto running = queue_.running();
    if (!running || transfers_[*running].command_key != command_key) return true;
    return run_.cancel(now);
}

// What a transfer of the ACS brings is none of the phone's own.
void AcsTransfers::provisioned(Instant now, std::string_view url) {
    if (!phone_.settings.flag(Setting::tr069_autonomous) || run_.busy()) return;
    queue_.add_autonomous(now, masked_url(url, Scheme::http), "3 Vendor Configuration File");
}

// --- carrying out --------------------------------------------------------------------------------

void AcsTransfers::look(Instant now, bool may_begin, const VoiceFacts& voice) {
    queue_.set_idle(is_idle(voice));
    if (auto result = run_.take_outcome()) take_result(now, std::move(*result));
    if (queue_.overruns(now)) end_window(now);
    while (const AcsTransfer* transfer = queue_.outlived(now))
        say_over(*transfer);
    const bool may_start = may_begin && !run_.busy();
    if (may_start && queue_.is_due(now)) run_.start(now, queue_.start(now));
    const bool watches = may_start || queue_.running();
    due_ = watches ? queue_.next_look(now) : std::nullopt;
}

void AcsTransfers::end_window(Instant now) {
    if (run_.cancel(now)) {
        queue_.stop();
    } else {
        queue_.let_go_on();
    }
}

// Of one that is in the queue no more nobody is told.
void AcsTransfers::take_result(Instant now, TransferResult&& result) {
    const auto running = queue_.running();
    if (!running) return;
    const AcsTransfer& transfer = transfers_[*running];
    const auto wait_s = queue_.finish(now, result.fault, result.reason);
    if (!wait_s) return say_over(transfer);
    journal(line(JournalKind::acs_transfer_waits)
                .with("type", transfer.file_type)
                .with("fault", result.fault)
                .with("reason", result.reason)
                .with("wait_s", *wait_s));
}

void AcsTransfers::say_over(const AcsTransfer& transfer) {
    JournalLine entry = line(JournalKind::acs_transfer_over);
    entry.with("type", transfer.file_type);
    if (transfer.fault != 0) entry.with("fault", transfer.fault).with("reason", transfer.reason);
    journal(std::move(entry));
}

// --- telling -------------------------------------------------------------------------------------

std::vector<TransferQueue::Ready> AcsTransfers::ready(bool is_new_acs) const {
    auto out = queue_.ready();
    if (is_new_acs) std::erase_if(out, [](const auto& one) { return is_ordered(*one.transfer); });
    return out;
}

void AcsTransfers::meet_new_acs() {
    if (phone_.settings.flag(Setting::tr069_request_download)) requests_download_ = true;
}

void AcsTransfers::add_events(std::vector<InformEvent>& events, bool is_new_acs) const {
    add_transfer_events(events, ready(is_new_acs), requests_download_);
}

std::deque<OwnRequest> AcsTransfers::requests(bool is_new_acs) const {
    return transfer_requests(ready(is_new_acs), requests_download_);
}

void AcsTransfers::take_answer(Instant now, const OwnAnswer& answer) {
    if (answer.fault != 0)
        journal(line(JournalKind::acs_refused)
                    .with("method", answer.method)
                    .with("reason", answer.reason));
    if (answer.number == request_download_number) {
        requests_download_ = false;
    } else {
        queue_.heard(now, answer.number);
    }
}

}  // namespace dialtone
