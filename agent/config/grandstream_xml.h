// SPDX-License-Identifier: Apache-2.0
//
// Grandstream's XML configuration, version 1 with P values and version 2 with named items, as its
// provisioning guides and templates have it (provision_xml.h). The phones apply what they can of a
// broken file, or nothing without a word; here it is all or nothing, and the error names the line.
// Called by the reader.
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

// As parse_provision_xml().
Result<Document> parse_grandstream_xml(std::string_view text, const Identity& identity);

// Left out: values of nothing but blanks, and those with what XML has no place for.
std::string write_grandstream_xml(std::span<const WrittenEntry> entries);

}  // namespace dialtone
