// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <span>
#include <string_view>

#include "agent/store/codec.h"
#include "agent/store/durable_files.h"
#include "platform/common/memory_note.h"
#include "platform/common/state_directory.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

// Twice the size at which a journal is turned over: a longer file is none of ours.
constexpr uint32_t journal_read_bytes = 2 * limits::journal_file_bytes;
constexpr uint32_t reads_beside_daemon = 3;

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// Empty when the file is not there, which is no failure of a reader.
std::string content_or_nothing(int directory, std::string_view name, uint32_t limit_bytes) {
    for (uint32_t tries = 1;; ++tries) {
        auto content = read_state_file(directory, std::string(name), limit_bytes);
        if (content) return std::move(*content);
        const bool failed = content.error().code == ErrorCode::io;
        if (!failed || tries >= limits::state_reads) return {};
    }
}

RecordChoice read_record(int directory) {
    const auto copies = read_record_copies(directory);
    std::array<std::span<const uint8_t>, limits::record_copies> spans = {};
    for (uint32_t i = 0; i < limits::record_copies; ++i)
        spans[i] = bytes_of(copies[i]);
    return choose_record(spans);
}

void append_entries(std::vector<JournalEntry>& entries, std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return;  // torn, or being written just now
        auto entry = decode_journal_line(text.substr(0, end));
        if (entry) entries.push_back(std::move(*entry));
        text.remove_prefix(end + 1);
    }
}

// What the newest life said of it.
std::string volatile_words(const std::vector<JournalEntry>& journal) {
    for (auto entry = journal.rbegin(); entry != journal.rend(); ++entry) {
        if (entry->kind == JournalKind::state_volatile) return std::string(entry->field("reason"));
        if (entry->kind == JournalKind::boot) break;
    }
    return {};
}

// False when the record names a generation that cannot be read.
bool read_active(StateView& view, int directory) {
    const RecordChoice choice = read_record(directory);
    view.record = choice.record;
    view.broken_copies = choice.broken;
    view.active.reset();
    view.active_error.clear();
    if (view.record.active == 0) return true;
    auto generation = read_generation(view.directory, view.record.active);
    if (generation) view.active = std::move(*generation);
    if (!generation) view.active_error = generation.error().detail;
    return view.active.has_value();
}

}  // namespace

std::array<std::string, limits::record_copies> read_record_copies(int directory) {
    std::array<std::string, limits::record_copies> copies = {};
    for (uint8_t i = 0; i < limits::record_copies; ++i) {
        copies[i] = content_or_nothing(directory, record_copy_name(i), limits::record_bytes);
    }
    return copies;
}

uint32_t find_staged_files(int directory) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < durable_count(DurableKind::staged); ++i) {
        const std::string name(durable_name(DurableKind::staged, i));
        if (::faccessat(directory, name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) found |= 1U << i;
    }
    return found;
}

Result<Generation> read_generation(const std::string& directory, uint32_t number) {
    const std::string name = generation_name(number);
    const std::string path = directory + "/" + name;
    const Descriptor place = TRY(open_directory(directory));
    auto content = read_state_file(place.get(), name, limits::generation_bytes);
    if (!content) return fail(content.error().code, path + ": " + content.error().detail);
    auto generation = decode_generation(bytes_of(*content));
    if (!generation)
        return fail(generation.error().code, path + ": " + describe(generation.error()));
    if (generation->number == number) return generation;
    return fail(ErrorCode::corrupt, path + ": it holds configuration " +
                                        std::to_string(generation->number) + " and not " +
                                        std::to_string(number));
}

std::vector<JournalEntry> read_journal(const std::string& directory) {
    std::vector<JournalEntry> entries;
    const auto place = open_directory(directory);
    if (!place) return entries;
    for (uint32_t index = durable_count(DurableKind::journal); index > 0; --index) {
        const auto name = durable_name(DurableKind::journal, index - 1);
        append_entries(entries, content_or_nothing(place->get(), name, journal_read_bytes));
    }
    return entries;
}

Result<bool> has_daemon(const std::string& directory) {
    if (!find_memory_note(directory).empty()) return true;
    return is_daemon_running(directory);
}

Result<StateView> read_state(const std::string& directory) {
    StateView view;
    view.directory = directory;
    view.volatile_words = find_memory_note(directory);
    view.in_memory = view.running = !view.volatile_words.empty();
    if (view.in_memory) return view;
    view.running = TRY(is_daemon_running(directory));
    const Descriptor place = TRY(open_directory(directory));
    // A daemon may write the next configuration between the two reads.
    const uint32_t tries = view.running ? reads_beside_daemon : 1;
    for (uint32_t i = 0; i < tries; ++i) {
        if (read_active(view, place.get())) break;
    }
    view.journal = read_journal(directory);
    view.volatile_words = volatile_words(view.journal);
    return view;
}

}  // namespace dialtone
