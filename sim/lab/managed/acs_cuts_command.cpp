// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab acs-cuts: an ACS that closes, stalls or truncates at every byte, or at every n-th.
#include <string>

#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/managed/acs_cuts.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t look_every = 64;
constexpr uint32_t words_told = 20;

}  // namespace

int acs_cuts_command(Words words) {
    uint32_t every = 1;
    const LabOption options[] = {{.name = "--every", .number = &every, .highest = 100'000}};
    if (!take_options(words, options) || every == 0) return lab_usage;
    const AcsCuts all;
    const std::vector<Cut> cuts = all.cuts(every);
    uint32_t done = 0;
    uint32_t violations = 0;
    for (const Cut& cut : cuts) {
        for (const std::string& found : all.find(cut)) {
            if (++violations <= words_told) console::remark(found);
        }
        if (++done % look_every != 0) continue;
        console::progress("acs-cuts: " + std::to_string(done) + " of " +
                          std::to_string(cuts.size()) + ", " + std::to_string(violations) +
                          " violations");
        if (console::interrupted()) return lab_interrupted;
    }
    console::print("acs-cuts: messages=" + std::to_string(all.lengths().size()) + " cuts=" +
                   std::to_string(cuts.size()) + " violations=" + std::to_string(violations));
    return violations > 0 ? lab_found : lab_fine;
}

}  // namespace dialtone::sim
