// SPDX-License-Identifier: Apache-2.0
#include "agent/text.h"

#include <algorithm>

namespace dialtone {

std::string lowered(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), lower);
    return out;
}

bool equals_without_case(std::string_view one, std::string_view other) {
    return std::ranges::equal(one, other, {}, lower, lower);
}

bool begins_without_case(std::string_view text, std::string_view beginning) {
    return equals_without_case(text.substr(0, beginning.size()), beginning);
}

bool contains_without_case(std::string_view text, std::string_view piece) {
    return !std::ranges::search(text, piece, {}, lower, lower).empty() || piece.empty();
}

std::string_view trimmed(std::string_view text, std::string_view blanks) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string_view take_piece(std::string_view& text, char separator) {
    const auto end = text.find(separator);
    const std::string_view piece = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return piece;
}

std::string quoted(std::string_view text) {
    return "'" + std::string(text) + "'";
}

bool is_printable(std::string_view text) {
    return std::ranges::all_of(text, [](char letter) { return letter >= 0x20 && letter < 0x7F; });
}

bool is_bare_name(std::string_view text) {
    const auto is_plain = [](char letter) { return is_letter(letter) || is_digit(letter); };
    const auto fits = [&](char letter) {
        return is_plain(letter) || std::string_view("._+-").find(letter) != std::string_view::npos;
    };
    return !text.empty() && is_plain(text.front()) && std::ranges::all_of(text, fits);
}

}  // namespace dialtone
