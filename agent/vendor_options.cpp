// SPDX-License-Identifier: Apache-2.0
#include "agent/vendor_options.h"

#include <algorithm>
#include <string_view>

#include "agent/limits.h"

namespace dialtone {
namespace {

void append(std::vector<uint8_t>& out, uint8_t code, std::string_view text) {
    text = text.substr(0, limits::cwmp_code_bytes);
    out.push_back(code);
    out.push_back(static_cast<uint8_t>(text.size()));
    out.insert(out.end(), text.begin(), text.end());
}

}  // namespace

// RFC 3925: the enterprise, the length of its part, and its sub-options.
std::vector<uint8_t> own_vendor_option(const Identity& identity) {
    std::vector<uint8_t> part;
    append(part, 1, oui_text(identity));
    append(part, 2, fill_template("{MAC}", identity));
    append(part, 3, identity.model);
    std::vector<uint8_t> out;
    for (uint32_t shift = 32; shift > 0; shift -= 8)
        out.push_back(static_cast<uint8_t>(broadband_forum >> (shift - 8)));
    out.push_back(static_cast<uint8_t>(part.size()));
    out.insert(out.end(), part.begin(), part.end());
    return out;
}

}  // namespace dialtone
