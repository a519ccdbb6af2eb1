// SPDX-License-Identifier: Apache-2.0
//
// What the methods of rpc.cpp, rpc_write.cpp and rpc_transfer.cpp are given, and how they refuse.
// Nobody else needs it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cwmp/rpc.h"

namespace dialtone {

struct Refusal {
    uint32_t fault = 0;
    std::string reason = {};
    std::vector<WriteFault> faults = {};  // of SetParameterValues
};
Refusal refusal(uint32_t fault, std::string reason);
// Nothing: the call is answered, or `pending` says what it waits for.
using Answered = std::optional<Refusal>;

struct Call {
    const SoapView& arguments;
    const ModelFacts& facts;
    const AcsMemory& memory;
    std::optional<uint32_t> running;  // of its transfers
    const Caller& caller;
    Deferred& deferred;
    std::optional<PendingCall>& pending;
    SoapWriter& out;
};

// A decimal number, nothing around it.
std::optional<uint32_t> read_number(std::string_view text);

// rpc_write.cpp
Answered answer_set_values(Call& call);
Answered answer_set_attributes(Call& call);
Answered answer_add_object(Call& call);
Answered answer_delete_object(Call& call);
Answered answer_schedule_inform(Call& call);

// rpc_transfer.cpp
Answered answer_download(Call& call);
Answered answer_schedule_download(Call& call);
Answered answer_upload(Call& call);
Answered answer_cancel_transfer(Call& call);
Answered answer_queued_transfers(Call& call);
Answered answer_all_queued_transfers(Call& call);

}  // namespace dialtone
