// SPDX-License-Identifier: Apache-2.0
//
// Fanvil's elder XML configuration, as its auto provision guide (figure 6) and the files of public
// configuration servers have it. Its names are those of the text format (fanvil_text.h), blanks
// written as _, and so are its keys:
//
//     <VOIP_CONFIG_FILE>
//       <version>2.0002</version>                       or <Version>, or <Digests>
//       <SIP_CONFIG_MODULE>
//         <SIP__Port>5060</SIP__Port>                   SIP CONFIG MODULE/SIP  Port
//         <SIP_Line_List> <SIP_Line_List_Entry>
//           <ID>SIP1</ID> <Phone_Number>201</Phone_Number>
//         </SIP_Line_List_Entry> </SIP_Line_List>       SIP CONFIG MODULE/SIP Line List/
//       </SIP_CONFIG_MODULE>                                SIP1 Phone Number
//     </VOIP_CONFIG_FILE>
//
// Real files are rarely well-formed: names have blanks and slashes, the root is not closed and
// <<END OF FILE>> follows, an element is ended by its own start. The phones take these; each is a
// warning. Called by the reader.
#pragma once

#include <string_view>

#include "agent/config/config_format.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

extern const ConfigFormat fanvil_xml_format;

// Beside the above as parse_provision_xml(). <mac> and <serial> are read in the root, ours as those
// of the text format.
// Errors, with the line: those of check_xml_kind() and XmlReader; not_a_config; foreign_device;
// malformed (a list's entry without <ID>, elements deeper than those of a list); too_big.
Result<Document> parse_fanvil_xml(std::string_view text, const Identity& identity);

}  // namespace dialtone
