// SPDX-License-Identifier: Apache-2.0
//
// Values that a parameter takes, and values that it does not, drawn for an ACS that knows the data
// model of the phone.
//
// Who calls it: rpc_sequences.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/cwmp/data_model.h"
#include "agent/rng.h"

namespace dialtone::sim {

// The row of the table that a path of Device:1 names; nullptr: there is none, or the laboratory
// leaves it alone because another value of it would end the sessions.
const ModelRow* settable_row(std::string_view path);
std::string draw_value(Rng& rng, const ModelRow& row);
// Of one that the parameter does not take; nothing: it takes all that are drawn here.
std::optional<std::string> draw_wrong_value(Rng& rng, const ModelRow& row);

}  // namespace dialtone::sim
