// SPDX-License-Identifier: Apache-2.0
//
// A script of the laboratory's ACS: what it says to a device, how, and what the device is expected
// to say. A line a step; docs/acs-script.md has the words.
//
// Who calls it: the acs and conform subcommands read one, the session walks along its steps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"
#include "sim/lab/acs/envelope.h"

namespace dialtone::sim::acs {

inline constexpr uint32_t script_bytes = 256 * 1024;
inline constexpr uint32_t script_steps = 4096;

enum class Proof : uint8_t { none, basic, digest };

enum class StepKind : uint8_t {
    begin_case,  // what follows, up to the next one, is judged under this name
    needs,       // a method without which the case is not applicable
    call,
    end,
    hold,
    release,
    answer,    // an HTTP status instead of a message
    reset,     // the connection is cut instead
    truncate,  // the message is cut after so many bytes
    fault,     // a fault instead of the answer
    redirect,
    expect_inform,
    expect_request,  // of the device
    expect_answer,   // what follows is about the answer to the last call
    expect_method,
    expect_name,
    expect_value,
    expect_attribute,
    expect_status,
    expect_instance,
    expect_fault,
};

// What an Inform has to have, or must not.
struct Condition {
    enum class Kind : uint8_t { event, no_event, parameter, retry_count };
    Kind kind = Kind::event;
    std::string name;
    std::optional<std::string> pattern;  // of an event's CommandKey, of a parameter's value
};

struct Step {
    StepKind kind = StepKind::end;
    uint32_t line = 0;
    std::string text;  // the line as it stands in the script
    std::string name;  // of a method, parameter or case; $root is the device's root object
    std::optional<std::string> pattern;
    bool is_denied = false;  // "expect no ..."
    uint32_t number = 0;     // a status, a count of bytes
    std::optional<uint32_t> retry_after_s;
    std::vector<Condition> conditions;
    std::vector<Argument> arguments;
};

struct Script {
    Style style;
    bool has_cookie = true;
    bool has_second_cookie = false;
    bool has_empty_200 = false;
    bool is_closing = false;
    bool is_chunked = false;
    uint32_t slow_ms = 0;  // before each answer
    Proof proof = Proof::none;
    std::string user;
    std::string password;
    std::vector<Step> steps;
};

// Errors: bad_usage and too_big, with the line and what may stand there.
Result<Script> read_script(std::string_view text);

// `*` stands for any text, `?` for any one byte, `|` between alternatives, `\` before one of these
// for itself.
bool fits(std::string_view pattern, std::string_view text);

}  // namespace dialtone::sim::acs
