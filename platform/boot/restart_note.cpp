// SPDX-License-Identifier: Apache-2.0
#include "platform/boot/restart_note.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <optional>
#include <string>

#include "platform/common/descriptor.h"
#include "platform/common/output.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

constexpr char file_name[] = "restart";
constexpr char new_name[] = "restart.new";
constexpr std::string_view first_words = "dialtone restart ";
constexpr uint32_t note_bytes = 160;
constexpr uint32_t most_reboots = 1'000;  // a count above is no count of ours

enum class Word : uint8_t { asked, running };

struct Note {
    std::string boot = {};
    Word word = Word::asked;
    uint32_t reboots = 0;
};

std::string text_of(const Note& note) {
    return std::string(first_words) + (note.boot.empty() ? "-" : note.boot) +
           (note.word == Word::asked ? " asked " : " running ") + std::to_string(note.reboots) +
           "\n";
}

std::string_view cut_word(std::string_view& rest) {
    const auto blank = rest.find(' ');
    const auto word = rest.substr(0, blank);
    rest = blank == std::string_view::npos ? std::string_view{} : rest.substr(blank + 1);
    return word;
}

std::optional<Note> parse(std::string_view text) {
    if (!text.starts_with(first_words) || !text.ends_with('\n')) return std::nullopt;
    text.remove_prefix(first_words.size());
    text.remove_suffix(1);
    Note note;
    note.boot = std::string(cut_word(text));
    if (note.boot == "-") note.boot.clear();
    const auto word = cut_word(text);
    if (word != "asked" && word != "running") return std::nullopt;
    note.word = word == "asked" ? Word::asked : Word::running;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), note.reboots);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    if (note.reboots > most_reboots) return std::nullopt;
    return note;
}

std::optional<Note> read_note(int state_directory) {
    const auto text = read_state_file(state_directory, file_name, note_bytes);
    return text ? parse(*text) : std::nullopt;
}

bool write_and_sync(int file, std::string_view text) {
    return write_all(file, text) && ::fsync(file) == 0;
}

Status failed(const char* name) {
    return fail(ErrorCode::io, std::string("note ") + name +
                                   " in the state directory: " + state_file_words(errno));
}

Status write_note(int state_directory, const Note& note) {
    {
        const Descriptor file =
            open_state_file(state_directory, new_name, O_WRONLY | O_CREAT | O_TRUNC);
        if (!file.is_open() || !write_and_sync(file.get(), text_of(note))) return failed(new_name);
    }
    if (::renameat(state_directory, new_name, state_directory, file_name) < 0 ||
        ::fsync(state_directory) < 0) {
        return failed(file_name);
    }
    return {};
}

}  // namespace

Status leave_restart_note(int state_directory, const PhoneStart& next, std::string_view boot) {
    if (next.reset_cause == ResetCause::provisioning_reboot) {
        return write_note(state_directory,
                          {std::string(boot), Word::asked, next.provisioning_reboots});
    }
    if (state_directory < 0) return {};  // there is none, and so no note
    if (::unlinkat(state_directory, file_name, 0) < 0) {
        return errno == ENOENT ? Status{} : failed(file_name);
    }
    return ::fsync(state_directory) < 0 ? failed(file_name) : Status{};
}

PhoneStart take_restart_note(int state_directory, std::string_view boot) {
    auto note = read_note(state_directory);
    if (!note) return {};
    if (!boot.empty() && note->boot == boot) return {ResetCause::crash, note->reboots};
    if (note->word == Word::running) return {};
    const PhoneStart start = {ResetCause::provisioning_reboot, note->reboots};
    note->boot = std::string(boot);
    note->word = Word::running;
    if (const auto written = write_note(state_directory, *note); !written) {
        // The next power-on will pass for this restart: safe, and worth a word.
        complain("dialtoned", written.error().detail);
    }
    return start;
}

}  // namespace dialtone
