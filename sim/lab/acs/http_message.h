// SPDX-License-Identifier: Apache-2.0
//
// HTTP/1.1 requests and answers as bytes (RFC 9112), as far as an ACS needs them.
//
// Who calls it: the server's connections, with what their sockets gave.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/result.h"

namespace dialtone::sim::acs {

inline constexpr uint32_t http_head_bytes = 32 * 1024;
inline constexpr uint32_t http_body_bytes = 4 * 1024 * 1024;
inline constexpr uint32_t http_fields = 100;

struct HttpRequest {
    std::string method;
    std::string target;
    std::string version;                                      // "HTTP/1.1"
    std::vector<std::pair<std::string, std::string>> fields;  // names in lower case
    std::string body;
    uint32_t connection = 0;  // which of the server's, from 1

    // Of the first field of that name, which is in lower case.
    std::optional<std::string_view> field(std::string_view name) const;
};

struct HttpAnswer {
    uint32_t status = 200;
    std::vector<std::string> fields = {};  // whole lines but for their ends
    std::string body = {};
    bool is_chunked = false;
    bool closes = false;
    bool resets = false;                     // no answer at all, the connection is cut
    std::optional<uint32_t> cut_bytes = {};  // of the body that are sent before the cut
};

struct RequestHead {
    HttpRequest request;
    uint32_t bytes = 0;  // of the head in the stream
    uint32_t body_bytes = 0;
    bool is_chunked = false;
    bool wants_continue = false;
};

// The head at the beginning of `stream`; nothing while its end has not come. Errors: malformed,
// too_big.
Result<std::optional<RequestHead>> read_head(std::string_view stream);

// A whole request, taken off the beginning of `stream`; nothing while more has to come. Errors:
// malformed, too_big.
Result<std::optional<HttpRequest>> take_request(std::string& stream);

std::string write_answer(const HttpAnswer& answer);

}  // namespace dialtone::sim::acs
