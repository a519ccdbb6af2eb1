// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "agent/config/grandstream_xml.h"
#include "agent/config/xml_text.h"

namespace dialtone {
namespace {

bool is_p_value(const WrittenEntry& entry) {
    return key_has_shape(entry.key, KeyShape::p_number);
}

bool is_item(const WrittenEntry& entry) {
    return !is_p_value(entry);
}

bool can_be_said(const WrittenEntry& entry) {
    const bool is_blank =
        !entry.value.empty() && entry.value.find_first_not_of(" \t\r\n") == std::string_view::npos;
    return !is_blank && is_xml_text(entry.value);
}

std::string element(std::string_view name, std::string_view attributes, std::string_view value) {
    std::string out = "<" + std::string(name) + std::string(attributes) + ">";
    return out + std::string(value) + "</" + std::string(name) + ">";
}

// A part stands in an item of its own: phones and parse() take the item as often as it stands.
std::string written(const WrittenEntry& entry) {
    if (entry.is_withheld)
        return "<!-- " + std::string(entry.key) + " is a secret and left out -->";
    const std::string value = xml_escaped(entry.value);
    if (is_p_value(entry)) return element(entry.key, "", value);
    const auto named = [](std::string_view name) { return " name=\"" + std::string(name) + "\""; };
    const auto slash = entry.key.find('/');
    if (slash == std::string_view::npos) return element("item", named(entry.key), value);
    return element("item", named(entry.key.substr(0, slash)),
                   element("part", named(entry.key.substr(slash + 1)), value));
}

void write_config(std::string& out, std::span<const WrittenEntry> entries, std::string_view version,
                  bool (*belongs)(const WrittenEntry&)) {
    (out += "  <config version=\"") += version;
    out += "\">\n";
    for (const WrittenEntry& entry : entries) {
        if (belongs(entry) && can_be_said(entry)) out += "    " + written(entry) + "\n";
    }
    out += "  </config>\n";
}

}  // namespace

std::string write_grandstream_xml(std::span<const WrittenEntry> entries) {
    std::string out =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<gs_provision version=\"1\">\n";
    write_config(out, entries, "1", &is_p_value);
    if (std::ranges::any_of(entries, is_item)) write_config(out, entries, "2", &is_item);
    return out + "</gs_provision>\n";
}

}  // namespace dialtone
