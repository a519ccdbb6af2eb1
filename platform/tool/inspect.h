// SPDX-License-Identifier: Apache-2.0
//
// `dialtone inspect FILE`: reads a configuration file exactly as the agent would and shows what it
// says, or where and why it cannot be read. Pure: bytes in, text out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/profile.h"
#include "platform/tool/follow.h"

namespace dialtone {

struct InspectRequest {
    std::string file = {};  // as it is called in sentences
    std::vector<uint8_t> bytes = {};
    const Profile* profile = nullptr;  // nullptr: any profile that takes the file
    Identity identity = {};            // all zeros: a file for any phone
    std::string password = {};         // empty: none
    std::string key = {};              // in hex, for formats that have one; empty: none
    OutputForm form = OutputForm::text;
};

struct Inspection {
    bool good = false;
    std::string output = {};   // for standard output: sorted KEY=VALUE lines, or one JSON object
    std::string remarks = {};  // for standard error: "FILE: FORMAT, CIPHER" and warnings, or the
                               // error as "FILE:LINE: REASON", "FILE:OFFSET: REASON" for binaries
};

Inspection inspect(const InspectRequest& request);

}  // namespace dialtone
