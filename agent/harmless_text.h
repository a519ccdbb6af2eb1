// SPDX-License-Identifier: Apache-2.0
//
// Text that servers, files and operators wrote, on its way to a terminal: characters that control
// it or turn the line around never get there as they are. Those are C0, DEL and C1 (ISO 6429), the
// line separators U+2028 and U+2029, and the bidirectional overrides and isolates U+202A to U+202E
// and U+2066 to U+2069, by which a line can be made to say something else.
//
// Called by the journal, and by whatever prints for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone {

// How many bytes the whole UTF-8 character at the start of `text` has (RFC 3629 section 4), 0 when
// there is none. `text` is not empty.
uint32_t character_bytes(std::string_view text);
// The same of a character that may be shown as it is, 0 of any other.
uint32_t harmless_bytes(std::string_view text);
// One byte as \t, \n, \r or \xHH.
std::string escaped_byte(char byte);
// `text` with every byte escaped that is not part of a harmless character.
std::string harmless(std::string_view text);

}  // namespace dialtone
