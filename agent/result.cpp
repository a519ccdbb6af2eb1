// SPDX-License-Identifier: Apache-2.0
#include "agent/result.h"

namespace dialtone {

std::string_view error_code_name(ErrorCode code) {
    switch (code) {
        case ErrorCode::bad_usage:
            return "bad_usage";
        case ErrorCode::too_big:
            return "too_big";
        case ErrorCode::truncated:
            return "truncated";
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::unsupported:
            return "unsupported";
        case ErrorCode::empty:
            return "empty";
        case ErrorCode::not_a_config:
            return "not_a_config";
        case ErrorCode::wrong_key:
            return "wrong_key";
        case ErrorCode::key_missing:
            return "key_missing";
        case ErrorCode::not_encrypted:
            return "not_encrypted";
        case ErrorCode::foreign_device:
            return "foreign_device";
        case ErrorCode::not_trusted:
            return "not_trusted";
        case ErrorCode::corrupt:
            return "corrupt";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::io:
            return "io";
    }
    __builtin_unreachable();
}

std::string describe(const Error& error) {
    std::string text;
    switch (error.where.kind) {
        case Position::Kind::nowhere:
            return error.detail;
        case Position::Kind::line:
            text = "line ";
            break;
        case Position::Kind::offset:
            text = "offset ";
            break;
    }
    text += std::to_string(error.where.number);
    text += ": ";
    text += error.detail;
    return text;
}

}  // namespace dialtone
