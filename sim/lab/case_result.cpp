// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/case_result.h"

#include <algorithm>
#include <string_view>

#include "sim/lab/command.h"
#include "sim/lab/console.h"

namespace dialtone::sim {
namespace {

std::string_view result_of(const CaseResult& one) {
    if (!one.is_applicable) return "not applicable";
    return one.words.empty() ? "pass" : "fail";
}

// A cell of a table in Markdown.
std::string cell(std::string_view text) {
    std::string out;
    for (const char letter : text) {
        if (letter == '|') out += '\\';
        out += letter == '\n' ? ' ' : letter;
    }
    return out;
}

std::string row_of(const CaseResult& one) {
    std::string words;
    for (const std::string& why : one.words)
        words += (words.empty() ? "" : "; ") + why;
    return "| " + cell(one.name) + " | " + cell(one.sentence) + " | " +
           std::string(result_of(one)) + " | " + cell(words) + " |";
}

}  // namespace

int tell_cases(std::span<const CaseResult> cases) {
    console::print("| case | what is asked | result | why |");
    console::print("|---|---|---|---|");
    for (const CaseResult& one : cases)
        console::print(row_of(one));
    const auto count = [&](std::string_view result) {
        return std::ranges::count(cases, result, result_of);
    };
    const auto failed = count("fail");
    console::print("conform: " + std::to_string(cases.size()) + " cases, " +
                   std::to_string(count("pass")) + " passed, " + std::to_string(failed) +
                   " failed, " + std::to_string(count("not applicable")) + " not applicable");
    return failed == 0 ? lab_fine : lab_found;
}

}  // namespace dialtone::sim
