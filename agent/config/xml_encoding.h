// SPDX-License-Identifier: Apache-2.0
//
// The character encoding of an XML text (XML 1.0 4.3.3), which its declaration names. Called before
// xml_reader by the formats of config/, and by cwmp/soap.
#pragma once

#include <string>
#include <string_view>

#include "agent/result.h"

namespace dialtone {

// The text in UTF-8: itself, or converted into `converted` when it declares ISO 8859-1 or
// windows-1252. A text of ASCII alone may declare what it likes.
// Errors: malformed with the line of the first byte that is not UTF-8; unsupported (another
// encoding is declared), with the line of the declaration.
Result<std::string_view> xml_as_utf8(std::string_view text, std::string& converted);

// Errors: malformed with the line of the first byte that is not UTF-8.
Status check_utf8(std::string_view text);

}  // namespace dialtone
