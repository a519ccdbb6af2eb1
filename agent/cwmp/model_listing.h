// SPDX-License-Identifier: Apache-2.0
//
// The data model as an operator reads it: each object and parameter that an ACS can see, with its
// access, whether changes are told, and its value; secrets masked. An answer to an operator has
// room for limits::reply_lines lines, so whoever wants all of them asks for one part after the
// other (`dialtone model`). Called by the ACS client.
//
// A line is ACCESS NOTIFICATION PATH [VALUE], one blank between them:
//     RO - Device.DeviceInfo.              an object or a table; RW: an ACS may add and delete in
//     it RW 2 Device.ManagementServer.URL http://acs.example/
// with notifications as SetParameterAttributes numbers them (TR-069 A.3.2.4).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/cwmp/data_model.h"

namespace dialtone {

struct ModelListing {
    bool found = false;
    std::string text = {};  // how many lines there are in all, or why there are none
    std::vector<std::string> lines = {};
};

// From the line `first` on, 0 being the first one. `path`: of a parameter, of an object with or
// without its dot; empty: everything.
ModelListing list_model(const ModelFacts& facts, const AcsMemory& memory, std::string_view path,
                        uint32_t first);

}  // namespace dialtone
