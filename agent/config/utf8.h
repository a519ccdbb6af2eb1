// SPDX-License-Identifier: Apache-2.0
//
// The character encodings of configuration files. Documents hold UTF-8 only, so that the
// journal, JSON output and the hooks never meet anything else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone {

// How many bytes at the start of `text` are whole UTF-8 characters (RFC 3629: no overlong forms,
// no surrogates, nothing above U+10FFFF). text.size() when all of it is UTF-8.
uint32_t valid_utf8_bytes(std::string_view text);

// How many characters `text` has, which is UTF-8.
uint32_t letters_of(std::string_view text);

// Whether `text` is UTF-8 and holds no control characters but tabs and line ends: none of C0, DEL
// and C1 (ISO 6429).
bool is_plain_utf8(std::string_view text);

// Every byte of `text` as the ISO 8859-1 character it stands for. At most twice as long.
std::string utf8_from_latin1(std::string_view text);

// The same of windows-1252, which has letters where ISO 8859-1 has control characters. Bytes that
// it leaves out become U+FFFD. At most three times as long.
std::string utf8_from_windows_1252(std::string_view text);

// Appends the character U+`code`, at most U+10FFFF and no surrogate.
void append_utf8(std::string& out, uint32_t code);

// The beginning of foreign text for a message: at most 40 bytes, whole characters of UTF-8 only.
std::string shown(std::string_view text);

}  // namespace dialtone
