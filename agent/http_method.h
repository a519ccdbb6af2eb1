// SPDX-License-Identifier: Apache-2.0
//
// The methods of HTTP (RFC 9110 9) that the phone speaks, as a client and as a server, and their
// names. A method that is not here is neither sent nor heard.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace dialtone {

enum class HttpMethod : uint8_t { get, head, put, post };

// As it stands in a request line.
std::string_view method_name(HttpMethod method);

// Names of methods are compared with case.
std::optional<HttpMethod> method_called(std::string_view name);

}  // namespace dialtone
