// SPDX-License-Identifier: Apache-2.0
//
// Htek's XML configuration, as the templates of public configuration servers have it
// (provision_xml.h): P values, whose `para` is a name for people, or elements that are named
// instead, <Profile1_Sipserver>. Phones of other makers that Htek builds take it, too. Called by
// the reader.
#pragma once

#include <string_view>

#include "agent/config/config_format.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

extern const ConfigFormat htek_xml_format;

// As parse_provision_xml().
Result<Document> parse_htek_xml(std::string_view text, const Identity& identity);

}  // namespace dialtone
