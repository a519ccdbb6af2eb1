// SPDX-License-Identifier: Apache-2.0
//
// What the methods of rpc.cpp and rpc_write.cpp are given, and how they refuse. Nobody else needs
// it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/cwmp/rpc.h"

namespace dialtone {

struct Refusal {
    uint32_t fault = 0;
    std::string reason = {};
    std::vector<WriteFault> faults = {};  // of SetParameterValues
};
// Nothing: the call is answered, or `pending` says what it waits for.
using Answered = std::optional<Refusal>;

struct Call {
    const SoapView& arguments;
    const ModelFacts& facts;
    const AcsMemory& memory;
    Deferred& deferred;
    std::optional<PendingCall>& pending;
    SoapWriter& out;
};

// rpc_write.cpp
Answered answer_set_values(Call& call);
Answered answer_set_attributes(Call& call);
Answered answer_add_object(Call& call);
Answered answer_delete_object(Call& call);
Answered answer_schedule_inform(Call& call);

}  // namespace dialtone
