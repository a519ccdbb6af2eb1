// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an Htek file: an error with words, or a document within its bounds.
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "agent/config/htek_xml.h"
#include "agent/config/utf8.h"
#include "agent/limits.h"
#include "agent/profile.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

bool is_utf8(std::string_view text) {
    return valid_utf8_bytes(text) == text.size();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const Identity phone = {{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56}, "UC926", "1.0.2.7"};
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto document = parse_htek_xml(text, phone);
    if (!document) {
        const Error& error = document.error();
        demand(!error.detail.empty());
        demand(is_utf8(error.detail));
        demand(error.where.number <= size + 1);
        return 0;
    }
    demand(document->entries.size() <= limits::config_entries);
    demand(document->warnings.size() <= limits::config_warnings);
    std::set<std::string_view> keys;
    for (const Entry& entry : document->entries) {
        demand(key_has_shape(entry.key, KeyShape::name));
        demand(keys.insert(entry.key).second);
        demand(entry.value.size() <= limits::config_value_bytes);
        demand(is_utf8(entry.value));
        demand(entry.value.find('\0') == std::string::npos);
        demand(entry.line > 0 && entry.line <= size + 1);
    }
    for (const Warning& warning : document->warnings)
        demand(is_utf8(warning.detail));
    return 0;
}
