// SPDX-License-Identifier: Apache-2.0
//
// Small operations on text, for all parts of the agent, the programs and the laboratory. Letters
// are ASCII: the same on every machine, whatever its locale.
#pragma once

#include <string>
#include <string_view>

namespace dialtone {

constexpr char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

constexpr bool is_digit(char letter) {
    return letter >= '0' && letter <= '9';
}

constexpr bool is_letter(char letter) {
    return lower(letter) >= 'a' && lower(letter) <= 'z';
}

// C0 controls and DEL. Tab and line ends are among them.
constexpr bool is_control(char letter) {
    return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
}

// `text` with its letters in lower case.
std::string lowered(std::string_view text);

// Compare without case.
bool equals_without_case(std::string_view one, std::string_view other);
bool begins_without_case(std::string_view text, std::string_view beginning);
bool contains_without_case(std::string_view text, std::string_view piece);

// `text` without the letters of `blanks` at both ends.
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t");

// The piece of `text` before the first `separator`; both are taken off `text`. Without one the
// piece is the rest, and `text` is empty afterwards.
std::string_view take_piece(std::string_view& text, char separator);

// `text` between single quotes, as it is.
std::string quoted(std::string_view text);

// Printable ASCII alone.
bool is_printable(std::string_view text);

// Whether `text` can be the name of a file that anybody may be given: letters, digits, and . _ + -
// with a letter or a digit first.
bool is_bare_name(std::string_view text);

}  // namespace dialtone
