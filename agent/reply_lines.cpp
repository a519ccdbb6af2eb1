// SPDX-License-Identifier: Apache-2.0
#include "agent/reply_lines.h"

#include <cstdint>
#include <string_view>

#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view cut_mark = "...";

bool continues_a_letter(char octet) {  // of UTF-8
    return (static_cast<uint8_t>(octet) & 0xC0) == 0x80;
}

void bound(std::string& line) {
    for (char& letter : line) {
        if (is_control(letter)) letter = ' ';
    }
    if (line.size() <= limits::reply_line_bytes) return;
    auto end = limits::reply_line_bytes - static_cast<uint32_t>(cut_mark.size());
    while (end > 0 && continues_a_letter(line[end]))
        --end;
    line.resize(end);
    line += cut_mark;
}

}  // namespace

std::vector<std::string> bounded_lines(std::vector<std::string> lines) {
    if (lines.size() > limits::reply_lines) {
        const auto missing = lines.size() - limits::reply_lines + 1;
        lines.resize(limits::reply_lines);
        lines.back() = "... and " + std::to_string(missing) + " more lines";
    }
    for (std::string& line : lines)
        bound(line);
    return lines;
}

}  // namespace dialtone
