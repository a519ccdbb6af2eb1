// SPDX-License-Identifier: Apache-2.0
//
// Names in braces that a vendor's templates carry, as in cfg{mac}.xml, and what takes their place.
// Called by profile.cpp (file names, user agents) and discovery/pnp_request.cpp (SUBSCRIBEs), each
// with a table of its own.
#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>

namespace dialtone {

template <typename From>
struct Placeholder {
    std::string_view name;  // with its braces
    std::string (*fill)(const From& from);
};

// `text` with every name of the table filled; braces around anything else stay as they are.
template <typename From>
std::string fill_placeholders(std::string_view text, std::span<const Placeholder<From>> table,
                              const From& from) {
    std::string out;
    while (!text.empty()) {
        const auto known = std::find_if(table.begin(), table.end(), [&](const auto& one) {
            return text.starts_with(one.name);
        });
        if (known == table.end()) {
            out += text.front();
            text.remove_prefix(1);
        } else {
            out += known->fill(from);
            text.remove_prefix(known->name.size());
        }
    }
    return out;
}

}  // namespace dialtone
