// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/command.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "agent/harmless_text.h"
#include "sim/lab/console.h"

namespace dialtone::sim {
namespace {

bool take_number(std::string_view word, const LabOption& option) {
    uint32_t number = 0;
    const auto [end, fault] = std::from_chars(word.begin(), word.end(), number);
    if (fault != std::errc() || end != word.end() || number > option.highest) return false;
    *option.number = number;
    return true;
}

bool refuse(std::string_view name, std::string_view why) {
    console::remark("dialtone-lab: " + harmless(name) + ": " + std::string(why));
    return false;
}

}  // namespace

bool take_options(Words words, std::span<const LabOption> options) {
    for (uint32_t at = 0; at < words.size(); ++at) {
        const std::string_view word = words[at];
        const auto option = std::ranges::find(options, word, &LabOption::name);
        if (option == options.end()) return refuse(word, "no such option");
        if (option->flag != nullptr) {
            *option->flag = true;
            continue;
        }
        if (++at == words.size()) return refuse(word, "needs a value");
        if (option->text != nullptr) *option->text = words[at];
        if (option->number != nullptr && !take_number(words[at], *option))
            return refuse(word, "takes a number up to " + std::to_string(option->highest));
    }
    return true;
}

}  // namespace dialtone::sim
