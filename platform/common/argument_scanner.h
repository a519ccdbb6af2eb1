// SPDX-License-Identifier: Apache-2.0
//
// The part of a command line that both programs share: which arguments are options, which are
// values of options and which stand alone. Options are long ones, `--name VALUE` or
// `--name=VALUE`; `--` ends them. What an option means is for options.cpp and tool_options.cpp.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"

namespace dialtone {

struct OptionForm {
    std::string_view name;  // with its dashes
    bool takes_value;
};

struct Argument {
    const OptionForm* option = nullptr;  // nullptr: the argument stands alone
    std::string_view value = {};         // a view into the argument
};

// `arguments` without the program's name; they must outlive the result.
// Errors: bad_usage for an unknown option (the nearest one is named), a value that is missing and
// a value that is too much.
Result<std::vector<Argument>> scan_arguments(std::span<const std::string> arguments,
                                             std::span<const OptionForm> forms);

}  // namespace dialtone
