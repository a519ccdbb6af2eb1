// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a plain Grandstream file: an error with words, or a document within its bounds.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/config/grandstream_xml.h"
#include "agent/config/utf8.h"
#include "agent/limits.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Identity phone = {{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56}, "GXP1628", "1.0.2.7"};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto document = parse_grandstream_xml(text, phone);
    if (!document) {
        const Error& error = document.error();
        demand(!error.detail.empty());
        demand(valid_utf8_bytes(error.detail) == error.detail.size());
        demand(error.where.number <= size + 1);
        return 0;
    }
    demand(document->entries.size() <= limits::config_entries);
    demand(document->warnings.size() <= limits::config_warnings);
    for (const Entry& entry : document->entries) {
        const auto part = entry.key.find('/');  // of an item
        demand(key_has_shape(entry.key.substr(0, part), KeyShape::name));
        demand(entry.value.size() <= limits::config_value_bytes);
        demand(valid_utf8_bytes(entry.value) == entry.value.size());
        demand(entry.value.find('\0') == std::string::npos);
        demand(entry.line > 0 && entry.line <= size + 1);
    }
    return 0;
}
