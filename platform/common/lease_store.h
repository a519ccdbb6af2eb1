// SPDX-License-Identifier: Apache-2.0
//
// Where the lease files are: in the runtime directory, which a power-off empties, named after the
// state directory (as the control socket is) and the interface:
//
//     /run/dialtone/NAME.eth0.lease4      what udhcpc said last, lease_file.h has the form
//     /run/dialtone/NAME.eth0.lease6      what udhcpc6 said last
//
// Written by `dialtone lease`, before or after a daemon runs; read by the agent's process at its
// start, before it gives up the rights to.
#pragma once

#include <string>
#include <vector>

#include "agent/result.h"
#include "platform/common/lease_file.h"

namespace dialtone {

// Makes the runtime directory if need be and replaces the file in one step (mode 0600).
// `state_directory` need not exist yet. Errors: io; in words that name the file.
Status write_lease(const std::string& runtime_directory, const std::string& state_directory,
                   const LeaseRecord& record);

struct FoundLeases {
    std::vector<LeaseRecord> records = {};
    std::string remark = {};  // why a file was left out, empty: none was
};

// A runtime directory that others may write to has none. `real_path` is the state directory's.
FoundLeases read_leases(const std::string& runtime_directory, const std::string& real_path,
                        const std::string& interface);

}  // namespace dialtone
