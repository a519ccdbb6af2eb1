// SPDX-License-Identifier: Apache-2.0
//
// Grandstream's XML configuration, version 1, as its provisioning guides and templates have it:
//
//     <gs_provision version="1">
//       <mac>000b82123456</mac>                    optional: the only phone the file is for
//       <config version="1"> <P271>1</P271> ... </config>
//     </gs_provision>
//
// A <serial> beside the P values is ours, for signed files (docs/signing.md); the phones pass over
// it as over all they do not know.
//
// The phones apply what they can of a broken file, or nothing without a word. Here it is all or
// nothing, and the error names the line. Called by reader.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/config/config_format.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

extern const ConfigFormat grandstream_xml_format;

// `text` is the plain file. An identity whose MAC is all zeros is no phone: then a <mac> element
// is not compared (`dialtone inspect` without --mac).
//
// A value is taken as it stands, line ends as LF; one of nothing but blanks is empty. What is not
// known is passed over with a warning; of a key that stands twice the last value counts, with a
// warning.
//
// Errors, with the line: those of check_xml(); not_a_config (another root, a page, no XML at all);
// foreign_device; unsupported (a version other than 1); too_big (limits::config_*); malformed.
Result<Document> parse_grandstream_xml(std::string_view text, const Identity& identity);

// Left out: values of nothing but blanks, and those with what XML has no place for.
std::string write_grandstream_xml(std::span<const WrittenEntry> entries);

}  // namespace dialtone
