// SPDX-License-Identifier: Apache-2.0
//
// Fanvil's text configuration, served as .cfg and as .txt, as its auto provision guide and the
// files of public configuration servers have it:
//
//     <<VOIP CONFIG FILE>>Version:2.0002        padded with blanks to 64 bytes, or not
//     mac :0c383e07e16c                         ours, not Fanvil's: the only phone it is for,
//     serial :7                                 and its serial (addressee.h); not needed
//     <SIP CONFIG MODULE>                       a key counts only under a module
//     SIP  Port          :5060                  blanks inside a name belong to it
//     --SIP Line List--  :                      what follows belongs to this list
//     SIP1 Phone Number  :201                   the first colon ends the name
//     <<END OF FILE>>
//
// Lines end with LF or CR LF and may be indented. The phones say nothing about a line they cannot
// use. Here it is all or nothing, and the error names the line. Called by reader.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/config/config_format.h"
#include "agent/document.h"
#include "agent/result.h"

namespace dialtone {

extern const ConfigFormat fanvil_text_format;

// `text` is the plain file, `identity` the phone it has to be for. Keys become `MODULE/Key` and
// `MODULE/Sub List/Key`; blanks around names and values do not count. The version is kept and
// decides nothing (docs/decisions.md).
//
// Passed over with a warning: keys before the first module, keys marked with ### (the phones'
// exports mark passwords they leave out like that), text after the end. A missing end is a warning
// too, and so are bytes that are not UTF-8: they are taken for ISO 8859-1. Lines that begin with
// another # are comments. Of a key that stands twice the last value counts, with a warning.
//
// Errors, with the line: empty and not_a_config (another kind of file); too_big
// (limits::config_*); truncated (it ends inside a line that cannot be read); malformed;
// foreign_device.
Result<Document> parse_fanvil_text(std::string_view text, const Identity& identity);

// Left out: values with line ends, control characters or blanks around them, or that are no UTF-8,
// and keys that no line can name. A secret that is withheld is marked with ###.
std::string write_fanvil_text(std::span<const WrittenEntry> entries);

}  // namespace dialtone
