// SPDX-License-Identifier: Apache-2.0
#include "platform/common/memory_note.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#include "platform/common/output.h"
#include "platform/common/read_file.h"
#include "platform/common/runtime_directory.h"
#include "platform/common/state_directory.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

constexpr uint32_t note_bytes = 4096;

std::string name_for(std::string_view real_path) {
    return runtime_name(real_path) + ".memory";
}

std::unexpected<Error> fail_about(const std::string& name) {
    return fail(ErrorCode::io, name + " in the runtime directory: " + state_file_words(errno));
}

std::string read_held_note(const std::string& directory, const std::string& name) {
    const auto place = open_directory(directory);
    if (!place) return {};
    const Descriptor note = open_state_file(place->get(), name.c_str(), O_RDONLY);
    // The end of this function closes the descriptor and with it a lock that was free.
    if (!note.is_open() || ::flock(note.get(), LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return {};
    return read_descriptor(note.get(), note_bytes).value_or("");
}

}  // namespace

Result<Descriptor> hold_memory_note(const std::string& runtime_directory,
                                    const std::string& real_path, const std::string& words) {
    const std::string name = name_for(real_path);
    const Descriptor place = TRY(open_directory(runtime_directory));
    Descriptor note = open_state_file(place.get(), name.c_str(), O_RDWR | O_CREAT);
    if (!note.is_open()) return fail_about(name);
    if (!lock_with_patience(note)) {
        if (errno != EWOULDBLOCK) return fail_about(name);
        return fail(ErrorCode::bad_usage,
                    "another dialtoned runs for this state directory, in "
                    "memory (end it, or give this one its own --state DIR)");
    }
    if (::ftruncate(note.get(), 0) == 0 && write_all(note.get(), words)) return note;
    return fail_about(name);
}

std::string find_memory_note(const std::string& state_directory) {
    const auto real_path = real_path_to_be(state_directory);
    if (!real_path) return {};
    const std::string name = name_for(*real_path);
    const std::string own = runtime_directory();
    std::string words = read_held_note(own, name);
    if (!words.empty() || own == system_runtime_directory) return words;
    return read_held_note(system_runtime_directory, name);
}

}  // namespace dialtone
