// SPDX-License-Identifier: Apache-2.0
//
// The XML of P values, in which several vendors write their configuration under roots of their own:
//
//     <ROOT version="1">
//       <mac>000b82123456</mac>                    optional: the only phone the file is for
//       <config version="1"> <P271>1</P271> ... </config>
//     </ROOT>
//
// A <serial> beside the values is ours, for signed files (docs/signing.md); the phones pass over it
// as over all they do not know. Called by the formats of these vendors.
#pragma once

#include <string_view>

#include "agent/config/config_format.h"
#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

struct ProvisionXml {
    std::string_view root;
    const ConfigFormat* format;  // of the document that comes of it
    // Under <config version="2"> stand <item name="a.b">value</item>, or in it
    // <part name="c">value</part>: the keys are a.b and a.b/c.
    bool has_items = false;
    bool has_named_values = false;  // elements that are no P values are values, too
};

// `text` is the plain file. An identity whose MAC is all zeros is no phone: then a <mac> element is
// not compared.
//
// A value is taken as it stands, line ends as LF; one of nothing but blanks is empty. With a
// warning that names the line are passed over: what is not known, text and instructions between
// elements, comments in which another one begins; a '&' that begins no reference is one. Of a key
// that stands twice the last value counts, with a warning.
//
// Errors, with the line: those of check_xml_kind() and XmlReader; not_a_config (another root, a
// page, no XML at all); foreign_device; unsupported (a version of <config> that is not known);
// too_big (limits::config_*); malformed.
Result<Document> parse_provision_xml(std::string_view text, const Identity& identity,
                                     const ProvisionXml& form);

// Whether `sniffed` is XML with that root; one that ends or breaks before its root may be, and is
// for the parser to explain.
bool may_have_root(const Sniffed& sniffed, std::string_view root);

}  // namespace dialtone
