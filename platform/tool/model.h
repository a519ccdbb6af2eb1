// SPDX-License-Identifier: Apache-2.0
//
// `dialtone model [PATH]`: what an ACS sees of the running phone. The daemon lists it part by part
// (agent/cwmp/model_listing.h has the lines); here the parts are put together and written for
// people or programs. Pure but for the function that asks.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"
#include "platform/tool/control_client.h"
#include "platform/tool/follow.h"

namespace dialtone {

// Asks the daemon for `argument` of the word `model`.
using AskForModel = std::function<Result<ControlAnswer>(std::string_view argument)>;

// All lines below `path`, or, not ok, why there are none.
Result<ControlAnswer> read_model(std::string_view path, const AskForModel& ask);

std::string model_text(const std::vector<std::string>& lines);
// {"names":[{"path":..,"writable":..,"notification":..,"value":..}]}; an object has no value.
std::string model_json(const std::vector<std::string>& lines);

}  // namespace dialtone
