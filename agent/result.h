// SPDX-License-Identifier: Apache-2.0
//
// Errors as values. Every function of the project that can fail returns Result<T>; the caller
// handles the Error or passes it on with context. Nothing throws.
//
// An Error is made for a person to read in the end: `detail` is a sentence fragment an
// administrator understands ("the <mac> element names another phone"), `where` points into the
// file that was being read, `code` is what programs branch on.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace dialtone {

enum class ErrorCode : uint8_t {
    bad_usage,       // a setting, option or argument that cannot be
    too_big,         // over a limit of limits.h
    truncated,       // ends before its own length says
    malformed,       // breaks the grammar of its format
    unsupported,     // well formed, but of a kind this agent does not read
    empty,           // no bytes where a file was expected
    not_a_config,    // a document of another kind, an HTML page for instance
    wrong_key,       // decrypts to nothing sensible with the keys at hand
    key_missing,     // encrypted, and no key is set
    not_encrypted,   // plain although a key is set and the profile demands it
    foreign_device,  // made for another phone's MAC address
    not_trusted,     // weaker proof than what is installed
    corrupt,         // a durable record whose checksum does not hold
    not_found,       // a name that does not exist
    io,              // the platform failed; detail carries its words
};

// The word for `code` used in JSON output and by scripts, stable across releases.
std::string_view error_code_name(ErrorCode code);

struct Position {
    enum class Kind : uint8_t { nowhere, line, offset };
    Kind kind = Kind::nowhere;
    uint32_t number = 0;  // line counted from 1, offset in bytes counted from 0

    static Position at_line(uint32_t line) { return {Kind::line, line}; }
    static Position at_offset(uint32_t offset) { return {Kind::offset, offset}; }
    bool operator==(const Position&) const = default;
};

struct [[nodiscard]] Error {
    ErrorCode code = ErrorCode::malformed;
    Position where = {};
    std::string detail = {};
};

template <typename T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

inline std::unexpected<Error> fail(ErrorCode code, std::string detail, Position where = {}) {
    return std::unexpected<Error>(Error{code, where, std::move(detail)});
}

// "line 12: the <mac> element names another phone"; without a position just the detail.
std::string describe(const Error& error);

}  // namespace dialtone

// Unwraps a Result or returns its error from the enclosing function. Statement expressions are
// a GNU extension that both compilers of this project have; std::expected of their libraries
// has no and_then yet.
#define TRY(expression)                                                           \
    __extension__({                                                               \
        auto try_result_ = (expression);                                          \
        if (!try_result_) return std::unexpected(std::move(try_result_).error()); \
        std::move(try_result_).value();                                           \
    })
