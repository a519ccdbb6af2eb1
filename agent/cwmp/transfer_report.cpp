// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/transfer_report.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/cwmp/date_time.h"

namespace dialtone {
namespace {

std::string_view method_event(TransferKind kind) {
    switch (kind) {
        case TransferKind::download:
            return "M Download";
        case TransferKind::scheduled_download:
            return "M ScheduleDownload";
        case TransferKind::upload:
            return "M Upload";
        case TransferKind::autonomous:
            return {};
    }
    __builtin_unreachable();
}

std::string moment(WallSeconds wall_s) {
    return wall_s == 0 ? std::string(unknown_time) : date_time_text(wall_s);
}

OwnArgument fault_of(const AcsTransfer& transfer) {
    return {.name = "FaultStruct",
            .inside = {{.name = "FaultCode", .text = std::to_string(transfer.fault)},
                       {.name = "FaultString", .text = transfer.reason}}};
}

OwnRequest transfer_complete(const TransferQueue::Ready& ready) {
    const AcsTransfer& one = *ready.transfer;
    return {.method = "TransferComplete",
            .arguments = {{.name = "CommandKey", .text = one.command_key},
                          fault_of(one),
                          {.name = "StartTime", .text = moment(one.started_s)},
                          {.name = "CompleteTime", .text = moment(one.completed_s)}},
            .number = ready.number};
}

OwnRequest autonomous_transfer_complete(const TransferQueue::Ready& ready) {
    const AcsTransfer& one = *ready.transfer;
    return {.method = "AutonomousTransferComplete",
            .arguments = {{.name = "AnnounceURL"},
                          {.name = "TransferURL", .text = one.url},
                          {.name = "IsDownload", .text = "1"},
                          {.name = "FileType", .text = one.file_type},
                          {.name = "FileSize", .text = std::to_string(one.file_bytes)},
                          {.name = "TargetFileName"},
                          fault_of(one),
                          {.name = "StartTime", .text = moment(one.started_s)},
                          {.name = "CompleteTime", .text = moment(one.completed_s)}},
            .number = ready.number,
            .if_listed = true};
}

}  // namespace

void add_transfer_events(std::vector<InformEvent>& events, ReadyTransfers ready,
                         bool requests_download) {
    const auto is_told = [ready](bool ordered) {
        return std::ranges::any_of(ready, [ordered](const TransferQueue::Ready& one) {
            return is_ordered(*one.transfer) == ordered;
        });
    };
    std::vector<InformEvent> singles;
    if (is_told(true)) singles.push_back({.code = "7 TRANSFER COMPLETE"});
    if (requests_download) singles.push_back({.code = "9 REQUEST DOWNLOAD"});
    if (is_told(false)) singles.push_back({.code = "10 AUTONOMOUS TRANSFER COMPLETE"});
    const auto methods = std::ranges::find_if(
        events, [](const InformEvent& one) { return one.code.starts_with("M "); });
    events.insert(methods, singles.begin(), singles.end());
    for (const TransferQueue::Ready& one : ready) {
        if (is_ordered(*one.transfer))
            events.push_back({.code = std::string(method_event(one.transfer->kind)),
                              .command_key = one.transfer->command_key});
    }
}

std::deque<OwnRequest> transfer_requests(ReadyTransfers ready, bool requests_download) {
    std::deque<OwnRequest> out;
    for (const TransferQueue::Ready& one : ready) {
        if (is_ordered(*one.transfer)) out.push_back(transfer_complete(one));
    }
    if (requests_download)
        out.push_back({.method = "RequestDownload",
                       .arguments = {{.name = "FileType", .text = "3 Vendor Configuration File"},
                                     {.name = "FileTypeArg", .array_of = "cwmp:ArgStruct"}},
                       .number = request_download_number});
    for (const TransferQueue::Ready& one : ready) {
        if (is_ordered(*one.transfer)) continue;
        out.push_back({.method = "GetRPCMethods"});
        out.push_back(autonomous_transfer_complete(one));
    }
    return out;
}

}  // namespace dialtone
