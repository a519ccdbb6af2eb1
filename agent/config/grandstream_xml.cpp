// SPDX-License-Identifier: Apache-2.0
#include "agent/config/grandstream_xml.h"

#include "agent/config/provision_xml.h"

namespace dialtone {
namespace {

constexpr ProvisionXml form = {
    .root = "gs_provision", .format = &grandstream_xml_format, .has_items = true};

}  // namespace

constinit const ConfigFormat grandstream_xml_format = {
    .name = "Grandstream XML",
    .recognises = [](std::string_view,
                     const Sniffed& sniffed) { return may_have_root(sniffed, form.root); },
    .parse = parse_grandstream_xml,
    .write = write_grandstream_xml,
};

Result<Document> parse_grandstream_xml(std::string_view text, const Identity& identity) {
    return parse_provision_xml(text, identity, form);
}

}  // namespace dialtone
