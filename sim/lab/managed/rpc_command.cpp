// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab rpc: sequences of 50 calls, each with a phone of its own.
#include <string>

#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/managed/rpc_sequences.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t calls_of_a_sequence = 50;
constexpr uint32_t default_sequences = 1'000;
constexpr uint32_t words_told = 20;

void add(RpcFigures& sum, const RpcFigures& one) {
    sum.calls += one.calls;
    sum.refused += one.refused;
    sum.values_set += one.values_set;
    sum.attributes_set += one.attributes_set;
    sum.objects_made += one.objects_made;
    sum.objects_deleted += one.objects_deleted;
}

}  // namespace

int rpc_command(Words words) {
    uint32_t sequences = default_sequences;
    uint32_t first = 0;
    const LabOption options[] = {
        {.name = "--sequences", .number = &sequences, .highest = 1'000'000},
        {.name = "--first", .number = &first},
    };
    if (!take_options(words, options)) return lab_usage;
    RpcFigures sum;
    uint32_t violations = 0;
    for (uint32_t i = 0; i < sequences; ++i) {
        const RpcResult result = run_rpc_sequence(uint64_t{first} + i, calls_of_a_sequence);
        add(sum, result.figures);
        for (const std::string& found : result.violations) {
            if (++violations <= words_told)
                console::remark("sequence " + std::to_string(uint64_t{first} + i) + ": " + found);
        }
        console::progress("rpc: " + std::to_string(i + 1) + " of " + std::to_string(sequences) +
                          " sequences, " + std::to_string(violations) + " violations");
        if (console::interrupted()) return lab_interrupted;
    }
    console::print(
        "rpc: sequences=" + std::to_string(sequences) + " calls=" + std::to_string(sum.calls) +
        " refused=" + std::to_string(sum.refused) + " values=" + std::to_string(sum.values_set) +
        " attributes=" + std::to_string(sum.attributes_set) + " made=" +
        std::to_string(sum.objects_made) + " deleted=" + std::to_string(sum.objects_deleted) +
        " violations=" + std::to_string(violations));
    return violations > 0 ? lab_found : lab_fine;
}

}  // namespace dialtone::sim
