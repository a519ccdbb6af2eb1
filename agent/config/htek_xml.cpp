// SPDX-License-Identifier: Apache-2.0
#include "agent/config/htek_xml.h"

#include "agent/config/provision_xml.h"

namespace dialtone {
namespace {

constexpr ProvisionXml form = {
    .root = "hl_provision", .format = &htek_xml_format, .has_named_values = true};

}  // namespace

constinit const ConfigFormat htek_xml_format = {
    .name = "Htek XML",
    .recognises = [](std::string_view,
                     const Sniffed& sniffed) { return may_have_root(sniffed, form.root); },
    .parse = parse_htek_xml,
};

Result<Document> parse_htek_xml(std::string_view text, const Identity& identity) {
    return parse_provision_xml(text, identity, form);
}

}  // namespace dialtone
