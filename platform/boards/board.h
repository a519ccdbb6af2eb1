// SPDX-License-Identifier: Apache-2.0
//
// What differs from board to board, as one value: where the MAC address is, why the machine runs,
// how it restarts. A phone maker writes one file beside virtual.cpp and reference.cpp and names it
// in boards.cpp (docs/porting.md).
//
// Called by options.cpp (names, MAC address) and supervisor.cpp (start, restart).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/result.h"
#include "platform/boot/phone_start.h"
#include "platform/common/read_file.h"

namespace dialtone {

struct Board {
    std::string_view name;
    std::string_view words;              // for --help, one line
    std::string_view default_interface;  // empty: --interface has to be given

    // The phone's MAC address as text. nullptr: --mac has to be given. Errors: the system's, the
    // detail naming where it was looked for.
    Result<std::string> (*mac)(const std::string& interface, FileReader read);

    // Whether what is stored is there after the restart() below. Not said: unless the state
    // directory lies on a file system that is known to be memory.
    std::optional<bool> state_lasts;

    // Asked once, before the first agent starts; `state_directory` is a descriptor of it, -1 if
    // there is none. nullptr: a start of the program is a power-on.
    PhoneStart (*start)(int state_directory);

    // Called before a restart of the machine, so that start() will return `next` after it. nullptr:
    // the board knows by itself. Errors: the machine is not restarted.
    Status (*announce_restart)(int state_directory, const PhoneStart& next);

    // Restarts the machine, which goes down while or after it returns; as root, maybe in a helper's
    // process (hooks.h). nullptr: the parent process plays a restart. Errors: nothing goes down,
    // the detail says why; the parent plays the restart then.
    Status (*restart)();
};

// The board that is a process on any Linux machine, the one without --board.
extern const Board virtual_board;

// A phone whose Linux is its own: MAC address from the interface, restarts by init.
extern const Board reference_board;

std::span<const Board* const> all_boards();

// The board called `name`. Errors: bad_usage naming the nearest and all known ones.
Result<const Board*> board_called(std::string_view name);

}  // namespace dialtone
