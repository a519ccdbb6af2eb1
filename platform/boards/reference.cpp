// SPDX-License-Identifier: Apache-2.0
//
// A phone that owns its Linux machine, without hardware that knows more: the MAC address is the
// interface's, a note in the state directory tells a restart of our own from a power-on, and init
// restarts the machine. The machine of rootfs/ is one. A board whose boot loader or processor knows
// why it was reset asks that instead of the note.
#include "platform/boards/board.h"
#include "platform/boot/init.h"
#include "platform/boot/restart_note.h"

namespace dialtone {
namespace {

constexpr uint32_t address_file_bytes = 64;

Result<std::string> mac_of_interface(const std::string& interface, FileReader read) {
    const std::string path = "/sys/class/net/" + interface + "/address";
    auto text = read(path, address_file_bytes);
    if (!text) return fail(text.error().code, path + ": " + text.error().detail);
    while (text->ends_with('\n'))
        text->pop_back();
    return text;
}

PhoneStart start(int state_directory) {
    return take_restart_note(state_directory, boot_id());
}

Status announce_restart(int state_directory, const PhoneStart& next) {
    return leave_restart_note(state_directory, next, boot_id());
}

}  // namespace

constexpr Board reference_board = {
    .name = "reference",
    .words = "a phone that owns its machine; a restart is one of the machine",
    .default_interface = "eth0",
    .mac = mac_of_interface,
    .state_lasts = {},
    .start = start,
    .announce_restart = announce_restart,
    .restart = restart_by_init,
};

}  // namespace dialtone
