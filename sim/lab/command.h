// SPDX-License-Identifier: Apache-2.0
//
// The subcommands of dialtone-lab, and the options they share the form of.
//
// Who calls it: main.cpp; a new subcommand is a function here and a row in its table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace dialtone::sim {

// How a subcommand ends.
inline constexpr int lab_fine = 0;
inline constexpr int lab_found = 1;  // something is violated, stuck or missed
inline constexpr int lab_usage = 2;  // the command line makes no sense
inline constexpr int lab_interrupted = 130;

using Words = std::span<const std::string_view>;

// One option of a command line: a flag, or a name with the word after it.
struct LabOption {
    std::string_view name;             // "--depth"
    bool* flag = nullptr;              // set when it is there
    uint32_t* number = nullptr;        // takes a decimal number, at most `highest`
    std::string_view* text = nullptr;  // takes any word
    uint32_t highest = UINT32_MAX;
};
// False, with a remark on standard error, for a word that is no option.
bool take_options(Words words, std::span<const LabOption> options);

int crash_command(Words words);
int fleet_command(Words words);
int swarm_command(Words words);
int explore_command(Words words);
int acs_cuts_command(Words words);
int rpc_command(Words words);
int sign_command(Words words);
int acs_command(Words words);
int conform_command(Words words);
int pnp_command(Words words);  // conform, its list of plug and play

}  // namespace dialtone::sim
