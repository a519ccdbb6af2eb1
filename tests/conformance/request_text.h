// SPDX-License-Identifier: Apache-2.0
//
// What the real servers of the suite read out of a request's head, which curl has written.
#pragma once

#include <string>
#include <string_view>

namespace dialtone::conformance {

// The value of the field, empty when there is none. `name` as curl writes it.
inline std::string_view field_of(std::string_view head, std::string_view name) {
    const std::string begins = "\r\n" + std::string(name) + ": ";
    const auto begin = head.find(begins);
    if (begin == std::string_view::npos) return {};
    const std::string_view rest = head.substr(begin + begins.size());
    return rest.substr(0, rest.find("\r\n"));
}

// The method.
inline std::string_view method_of(std::string_view head) {
    return head.substr(0, head.find(' '));
}

}  // namespace dialtone::conformance
