// SPDX-License-Identifier: Apache-2.0
//
// The methods of file transfers (TR-069 A.3.2.8, A.4.1.4, A.4.1.5, A.4.1.7 to A.4.1.9). None of
// them transfers anything: an order is checked, and pending until the ACS client has it durable;
// it is carried out after the session (transfer_queue.h, transfer_run.h).
#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/config/utf8.h"
#include "agent/cwmp/rpc_call.h"
#include "agent/cwmp/transfer_queue.h"
#include "agent/cwmp/transfer_run.h"
#include "agent/limits.h"
#include "agent/text.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

// --- arguments -----------------------------------------------------------------------------------

struct TextArgument {
    std::string_view name;
    std::string AcsTransfer::*into;  // nullptr: nobody asks for it
};
// Of a string that may have limits::cwmp_transfer_letters; one that is not there is empty.
constexpr TextArgument text_arguments[] = {
    {"URL", &AcsTransfer::url},
    {"Username", &AcsTransfer::user},
    {"Password", &AcsTransfer::password},
    {"TargetFileName", &AcsTransfer::target_name},
    {"SuccessURL", nullptr},
    {"FailureURL", nullptr},
};

Answered take_texts(AcsTransfer& into, const SoapView& arguments) {
    for (const TextArgument& one : text_arguments) {
        const auto argument = arguments.child(one.name);
        if (!argument) continue;
        if (letters_of(argument->text()) > limits::cwmp_transfer_letters)
            return refusal(cpe_fault::invalid_arguments, std::string(one.name) + " is too long");
        if (one.into != nullptr) into.*one.into = argument->text();
    }
    into.url = trimmed(into.url, " \t\r\n");
    const auto key = arguments.child("CommandKey");
    into.command_key = key ? key->text() : std::string_view();
    if (!is_key(into.command_key))
        return refusal(cpe_fault::invalid_arguments, "the CommandKey is too long");
    into.file_type = arguments.word("FileType").value_or("");
    if (into.file_type.empty() || into.file_type.size() > limits::cwmp_file_type_bytes)
        return refusal(cpe_fault::invalid_arguments, "there is no such FileType");
    return {};
}

// One that is not there is 0.
Answered take_number(uint32_t& into, const SoapView& arguments, std::string_view name) {
    const auto word = arguments.word(name);
    if (!word || word->empty()) return {};
    const auto number = read_number(*word);
    if (!number) return refusal(cpe_fault::invalid_arguments, std::string(name) + " is no number");
    into = *number;
    return {};
}

// A.3.2.8: user and password have arguments of their own.
Answered check_url(const AcsTransfer& transfer) {
    if (transfer.url.empty()) return refusal(cpe_fault::invalid_arguments, "there is no URL");
    const auto url = parse_url(transfer.url, Scheme::http);
    if (url && url->has_userinfo)
        return refusal(cpe_fault::invalid_arguments, "the URL has a user or a password in it");
    return {};
}

// --- what may be ordered -------------------------------------------------------------------------

bool is_upload(const AcsTransfer& transfer) {
    return transfer.kind == TransferKind::upload;
}

// What goes up without a proof has no secrets in it (transfer_run.h).
std::optional<Right> right_for(const AcsTransfer& transfer) {
    if (is_upload(transfer)) return std::nullopt;
    return transfer.file_type.starts_with("1 ") ? Right::installs_firmware : Right::changes_values;
}

// Nothing: it is pending now.
Answered order(Call& call, AcsTransfer&& transfer) {
    if (auto fault = check_url(transfer)) return fault;
    const auto right = right_for(transfer);
    std::string denied = right ? denial(call.caller, *right) : std::string();
    if (!denied.empty()) return refusal(cpe_fault::request_denied, std::move(denied));
    if (auto fault = why_not(transfer, call.facts.phone))
        return refusal(fault->fault, std::move(fault->reason));
    if (!has_room(call.memory.transfers, transfer))
        return refusal(cpe_fault::resources_exceeded,
                       "no more transfers can wait, or none with so much text");
    transfer.proof = call.caller.proof;
    call.pending = TransferCall{.transfer = std::move(transfer)};
    return {};
}

// --- windows -------------------------------------------------------------------------------------

constexpr std::string_view any_time_modes[] = {"1 At Any Time", "2 Immediately"};
constexpr std::string_view idle_mode = "3 When Idle";

std::optional<int32_t> read_retries(std::string_view text) {
    int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < -1) return {};
    return number;
}

std::expected<TransferWindow, Refusal> window_of(const SoapView& one) {
    const auto start_s = read_number(one.word("WindowStart").value_or(""));
    const auto end_s = read_number(one.word("WindowEnd").value_or(""));
    const auto retries = read_retries(one.word("MaxRetries").value_or("-1"));
    const std::string_view mode = one.word("WindowMode").value_or("");
    const bool at_any_time = std::ranges::find(any_time_modes, mode) != std::end(any_time_modes);
    if (!start_s || !end_s || !retries || *start_s >= *end_s)
        return std::unexpected(
            refusal(cpe_fault::invalid_arguments, "a window has no start, end or MaxRetries"));
    if (!at_any_time && mode != idle_mode)
        return std::unexpected(refusal(cpe_fault::invalid_arguments,
                                       "the phone has no window with the mode " + shown(mode)));
    return TransferWindow{*start_s, *end_s, at_any_time, *retries};
}

// A.4.1.8: one or two, one after the other.
Answered take_windows(AcsTransfer& into, const SoapView& arguments) {
    const auto list = arguments.child("TimeWindowList");
    const auto windows = list ? list->children() : std::vector<SoapView>();
    if (windows.empty() || windows.size() > limits::cwmp_windows)
        return refusal(cpe_fault::invalid_arguments, "there are not one or two windows");
    for (const SoapView& one : windows) {
        auto window = window_of(one);
        if (!window) return std::move(window).error();
        if (!into.windows.empty() && window->start_s < into.windows.back().end_s)
            return refusal(cpe_fault::invalid_arguments, "the windows overlap");
        into.windows.push_back(*window);
    }
    into.left_s = into.windows.back().end_s;
    return {};
}

// --- lists ---------------------------------------------------------------------------------------

enum class TransferState : uint8_t { not_started = 1, in_progress, completed };

TransferState state_of(const Call& call, uint32_t index) {
    if (call.memory.transfers[index].done) return TransferState::completed;
    return call.running == index ? TransferState::in_progress : TransferState::not_started;
}

void put_state(Call& call, uint32_t index) {
    call.out.put("CommandKey", call.memory.transfers[index].command_key);
    call.out.put("State", static_cast<uint64_t>(state_of(call, index)));
}

}  // namespace

Answered answer_download(Call& call) {
    AcsTransfer transfer{.kind = TransferKind::download};
    if (auto fault = take_texts(transfer, call.arguments)) return fault;
    if (auto fault = take_number(transfer.file_bytes, call.arguments, "FileSize")) return fault;
    if (auto fault = take_number(transfer.left_s, call.arguments, "DelaySeconds")) return fault;
    return order(call, std::move(transfer));
}

Answered answer_schedule_download(Call& call) {
    AcsTransfer transfer{.kind = TransferKind::scheduled_download};
    if (auto fault = take_texts(transfer, call.arguments)) return fault;
    if (auto fault = take_number(transfer.file_bytes, call.arguments, "FileSize")) return fault;
    if (auto fault = take_windows(transfer, call.arguments)) return fault;
    return order(call, std::move(transfer));
}

Answered answer_upload(Call& call) {
    AcsTransfer transfer{.kind = TransferKind::upload};
    if (auto fault = take_texts(transfer, call.arguments)) return fault;
    if (auto fault = take_number(transfer.left_s, call.arguments, "DelaySeconds")) return fault;
    return order(call, std::move(transfer));
}

// A.4.1.9: a key that no transfer has is no fault, and all that have it are cancelled.
Answered answer_cancel_transfer(Call& call) {
    const auto key = call.arguments.child("CommandKey");
    const std::string_view text = key ? key->text() : std::string_view();
    if (!is_key(text)) return refusal(cpe_fault::invalid_arguments, "the CommandKey is too long");
    call.pending = CancelCall{.command_key = std::string(text)};
    return {};
}

// A.4.1.4: those that an ACS has ordered.
Answered answer_queued_transfers(Call& call) {
    const std::vector<AcsTransfer>& transfers = call.memory.transfers;
    const auto count = static_cast<uint32_t>(std::ranges::count_if(transfers, is_ordered));
    call.out.open_array("TransferList", "cwmp:QueuedTransferStruct", count);
    for (uint32_t i = 0; i < transfers.size(); ++i) {
        if (!is_ordered(transfers[i])) continue;
        call.out.open("QueuedTransferStruct");
        put_state(call, i);
        call.out.close();
    }
    call.out.close();
    return {};
}

// A.4.1.7: all of them.
Answered answer_all_queued_transfers(Call& call) {
    const std::vector<AcsTransfer>& transfers = call.memory.transfers;
    call.out.open_array("TransferList", "cwmp:AllQueuedTransferStruct",
                        static_cast<uint32_t>(transfers.size()));
    for (uint32_t i = 0; i < transfers.size(); ++i) {
        const AcsTransfer& one = transfers[i];
        call.out.open("AllQueuedTransferStruct");
        put_state(call, i);
        call.out.put("IsDownload", is_upload(one) ? "0" : "1").put("FileType", one.file_type);
        call.out.put("FileSize", one.file_bytes).put("TargetFileName", one.target_name);
        call.out.close();
    }
    call.out.close();
    return {};
}

}  // namespace dialtone
