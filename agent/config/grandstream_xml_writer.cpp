// SPDX-License-Identifier: Apache-2.0
#include "agent/config/grandstream_xml.h"
#include "agent/config/xml_text.h"

namespace dialtone {
namespace {

bool can_be_said(const WrittenEntry& entry) {
    const bool is_blank =
        !entry.value.empty() && entry.value.find_first_not_of(" \t\r\n") == std::string_view::npos;
    return key_has_shape(entry.key, KeyShape::p_number) && !is_blank && is_xml_text(entry.value);
}

}  // namespace

std::string write_grandstream_xml(std::span<const WrittenEntry> entries) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<gs_provision version=\"1\">\n"
        "  <config version=\"1\">\n";
    for (const WrittenEntry& entry : entries) {
        if (!can_be_said(entry)) continue;
        const std::string key(entry.key);
        if (entry.is_withheld) {
            out += "    <!-- " + key + " is a secret and left out -->\n";
        } else {
            out += "    <" + key + ">" + xml_escaped(entry.value) + "</" + key + ">\n";
        }
    }
    return out + "  </config>\n</gs_provision>\n";
}

}  // namespace dialtone
