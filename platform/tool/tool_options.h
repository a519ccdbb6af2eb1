// SPDX-License-Identifier: Apache-2.0
//
// The command line of `dialtone`:
//
//     dialtone [--state DIR] status [--follow] | explain [--last N] | show config [--mask]
//              | acs [--last N] [--follow] | model [PATH] | set KEY=VALUE ... | resync | confirm |
//              factory-reset | notify [FILE] | voice [FILE] | lease [--ipv6] EVENT
//              (--json everywhere)
//     dialtone inspect FILE [--profile P] [--mac M] [--password W|@FILE] [--key HEX|@FILE]
//
// Called by dialtone.cpp. Options may stand before or after the command.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "agent/profile.h"
#include "agent/result.h"
#include "platform/common/option_value.h"
#include "platform/tool/follow.h"

namespace dialtone {

enum class ToolCommand : uint8_t {
    status,
    explain,
    show_config,
    acs,
    model,
    set,
    resync,
    confirm,
    factory_reset,
    notify,
    voice,
    lease,
    inspect,
    help,
    build_info,
};

// The word an operator writes, "factory-reset" for instance.
std::string_view command_word(ToolCommand command);

struct ToolOptions {
    ToolCommand command = ToolCommand::help;
    std::string state_directory = "/var/lib/dialtone";
    OutputForm form = OutputForm::text;
    bool follow = false;
    bool mask = false;
    bool ipv6 = false;          // of lease
    uint32_t last = 0;          // lives, or sessions
    std::string argument = {};  // KEY=VALUE lines, a file ("-": standard input), an event, a path
    const Profile* profile = nullptr;
    Identity identity = {};
    std::string password = {};
    std::string key = {};  // hex digits, checked
};

// `arguments` without the program's name. Errors: bad_usage, in one sentence.
Result<ToolOptions> parse_tool_options(std::span<const std::string> arguments, FileReader read);

std::string tool_help();

}  // namespace dialtone
