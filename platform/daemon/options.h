// SPDX-License-Identifier: Apache-2.0
//
// dialtoned's command line: what can be asked of the daemon, and the words for what cannot.
//
//     dialtoned --profile NAME [--board NAME] [--mac MAC] [--interface IF]
//               [--model MODEL] [--version VERSION] [--state DIR] [--settings FILE]
//               [--set KEY=VALUE ...] [--set KEY=@FILE] [--once] [--user NAME]
//               [--helper SOCKET] [--as-helper] [--vendor-class] [--vendor-identity]
//               [--help] [--build-info]
//
// Called by dialtoned.cpp. Pure but for the reader of @FILE values, which a test replaces.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "agent/profile.h"
#include "agent/result.h"
#include "agent/settings.h"
#include "platform/boards/board.h"
#include "platform/common/read_file.h"

namespace dialtone {

struct DaemonOptions {
    enum class Mode : uint8_t { run, helper, vendor_class, vendor_identity, help, build_info };
    Mode mode = Mode::run;
    const Profile* profile = nullptr;
    const Board* board = &virtual_board;
    Identity identity = {};
    std::string interface = {};
    std::string state_directory = "/var/lib/dialtone";
    std::string settings_file = {};  // empty: none
    Settings settings = {};          // the layer command_line only
    std::string user = {};           // the agent's process becomes this user; empty: stays
    std::string helper = {};         // the socket of who is root for this daemon; empty: nobody
    bool once = false;
};

// `arguments` without the program's name. Model and version default to the profile's, MAC address
// and interface to the board's; --vendor-class does without these two.
// Errors: bad_usage, in one sentence that says what is wrong and what is known.
Result<DaemonOptions> parse_daemon_options(std::span<const std::string> arguments, FileReader read);

// What --help prints, and what a bad command line is pointed to.
std::string daemon_help();

}  // namespace dialtone
