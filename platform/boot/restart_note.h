// SPDX-License-Identifier: Apache-2.0
//
// DIR/restart, the note that a phone writes for itself before it restarts its machine, because
// nothing on a plain Linux machine tells that restart from a power-on. One line:
//
//     dialtone restart BOOT WHAT COUNT
//
// BOOT is what the kernel calls the boot that wrote it, WHAT is `asked` (this boot is about to end
// on purpose) or `running` (it came up after such an end), COUNT the provisioning reboots since
// power-on. The file is replaced whole (write, sync, rename, sync the directory), so that a cut
// leaves the line before, the line after, or none:
//
//     at start              the last boot ended        start is
//     no note, or broken    in any way                 power-on, 0
//     asked, another boot   by the restart it says     provisioning reboot, COUNT
//     running, another boot by losing power            power-on, 0
//     either, this boot     not at all: the program    crash, COUNT
//                           was started once more
//
// A cut between note and restart makes a power-on look like the restart that was due: the phone
// asks its server at once instead of spreading out, and has one reboot less left. The count can
// only be too high, never too low, so that no sequence of cuts gives more than
// limits::provisioning_reboots in a row. For the same reason a note that cannot be written forbids
// the restart.
//
// Called by the boards.
#pragma once

#include <string_view>

#include "agent/result.h"
#include "platform/boot/phone_start.h"

namespace dialtone {

// Leaves the note that the machine restarts now and comes up as `next`; a power-on needs none, and
// a note that is there is removed. Errors: io, the detail naming the file.
Status leave_restart_note(int state_directory, const PhoneStart& next, std::string_view boot);

// Reads the note at start, and turns `asked` into `running`. `boot` empty: the system does not tell
// its boots apart, and each start counts as one of the machine.
PhoneStart take_restart_note(int state_directory, std::string_view boot);

}  // namespace dialtone
