// SPDX-License-Identifier: Apache-2.0
//
// Fanvil's newer XML configuration, as the files of public configuration servers have it: sections,
// in them values and numbered groups.
//
//     <sysConf>
//       <Version>2.0000000000</Version>
//       <sip>
//         <SIPPort>5060</SIPPort>                       sip/SIPPort
//         <line index="1">
//           <PhoneNumber>201</PhoneNumber>              sip/line.1/PhoneNumber
//         </line>
//       </sip>
//     </sysConf>
//
// A section or group that stands twice is one; of a key that stands twice the last value counts,
// with a warning. Called by the reader.
#pragma once

#include <string_view>

#include "agent/config/config_format.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

extern const ConfigFormat fanvil_sysconf_format;

// <mac> and <serial> are read in the root, ours as those of the text format.
// Errors, with the line: those of check_xml_kind() and XmlReader; not_a_config; foreign_device;
// malformed (an index that is no number); too_big.
Result<Document> parse_fanvil_sysconf(std::string_view text, const Identity& identity);

}  // namespace dialtone
