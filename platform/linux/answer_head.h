// SPDX-License-Identifier: Apache-2.0
//
// The head of an HTTP answer (RFC 9112 2.1 to 5), read line by line as curl hands it over: curl
// has checked its grammar, this keeps what the agent wants to know. Called by transfers.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace dialtone {

struct AnswerHead {
    bool began = false;     // a status line was read
    bool complete = false;  // and the empty line after the fields
    uint16_t status = 0;
    int64_t content_length = -1;      // -1: not said, or not true because the body is chunked
    bool is_coded = false;            // Transfer-Encoding: the length is the coding's matter
    bool contradicts_itself = false;  // two lengths (RFC 9112 6.3: not to be trusted)
    // At most limits::header_field_bytes each. A longer one counts as absent: cut, it would be a
    // wrong one; as does one that is folded (RFC 9112 5.2), which no server does any more.
    std::string location = {};
    std::string etag = {};
    std::string retry_after = {};
    std::string content_type = {};
    std::string last_modified = {};
    std::string content_range = {};
    std::string date = {};
    std::string content_encoding = {};              // of all such fields, with commas
    std::string challenges = {};                    // WWW-Authenticate, the same
    std::string AnswerHead::*last_field = nullptr;  // that the next line may fold

    // 1xx answers are followed by the real one.
    bool is_interim() const { return status < 200; }
    // But this one is followed by another protocol, which nobody asked for (RFC 9110 15.2.2).
    bool switches_protocol() const { return complete && status == 101; }
};

// Takes in one line with its line end. A status line after a complete head begins a new one.
void read_head_line(AnswerHead& head, std::string_view line);

}  // namespace dialtone
