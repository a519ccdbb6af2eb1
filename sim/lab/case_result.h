// SPDX-License-Identifier: Apache-2.0
//
// What came of one case of a conformance list, and how the list is told.
//
// Who calls it: the conform subcommand, for the list of TR-069 and for that of plug and play.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace dialtone::sim {

struct CaseResult {
    std::string name;
    std::string sentence;
    bool is_applicable = true;
    std::vector<std::string> words = {};  // why it failed, or why it is not applicable
};

// A table in Markdown and a last line with the counts, on standard output. The exit status: whether
// none failed.
int tell_cases(std::span<const CaseResult> cases);

}  // namespace dialtone::sim
