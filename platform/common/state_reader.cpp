// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_reader.h"

#include <unistd.h>

#include <span>
#include <string_view>

#include "agent/store/codec.h"
#include "agent/store/durable_files.h"
#include "platform/common/read_file.h"
#include "platform/common/state_directory.h"

namespace dialtone {
namespace {

// Twice the size at which a journal is turned over: a longer file is none of ours.
constexpr uint32_t journal_read_bytes = 2 * limits::journal_file_bytes;
constexpr uint32_t reads_beside_daemon = 3;

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

std::string file_in(const std::string& directory, std::string_view name) {
    return directory + "/" + std::string(name);
}

// Empty when the file is not there, which is no failure of a reader.
std::string content_or_nothing(const std::string& directory, std::string_view name,
                               uint32_t limit_bytes) {
    for (uint32_t tries = 1;; ++tries) {
        auto content = read_file(file_in(directory, name), limit_bytes);
        if (content) return std::move(*content);
        const bool failed = content.error().code == ErrorCode::io;
        if (!failed || tries >= limits::state_reads) return {};
    }
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

// False when the record names a generation that cannot be read.
bool read_active(StateView& view) {
    const RecordChoice choice = read_record(view.directory);
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

std::array<std::string, limits::record_copies> read_record_copies(const std::string& directory) {
    std::array<std::string, limits::record_copies> copies = {};
    for (uint8_t i = 0; i < limits::record_copies; ++i) {
        copies[i] = content_or_nothing(directory, record_copy_name(i), limits::record_bytes);
    }
    return copies;
}

uint32_t find_staged_files(const std::string& directory) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < durable_count(DurableKind::staged); ++i) {
        const std::string path = file_in(directory, durable_name(DurableKind::staged, i));
        if (::access(path.c_str(), F_OK) == 0) found |= 1U << i;
    }
    return found;
}

RecordChoice read_record(const std::string& directory) {
    const auto copies = read_record_copies(directory);
    std::array<std::span<const uint8_t>, limits::record_copies> spans = {};
    for (uint32_t i = 0; i < limits::record_copies; ++i)
        spans[i] = bytes_of(copies[i]);
    return choose_record(spans);
}

Result<Generation> read_generation(const std::string& directory, uint32_t number) {
    const std::string path = file_in(directory, generation_name(number));
    auto content = read_file(path, limits::generation_bytes);
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
    for (uint32_t index = durable_count(DurableKind::journal); index > 0; --index) {
        const auto name = durable_name(DurableKind::journal, index - 1);
        append_entries(entries, content_or_nothing(directory, name, journal_read_bytes));
    }
    return entries;
}

Result<StateView> read_state(const std::string& directory) {
    StateView view;
    view.directory = directory;
    view.running = TRY(is_daemon_running(directory));
    // A daemon may write the next configuration between the two reads.
    const uint32_t tries = view.running ? reads_beside_daemon : 1;
    for (uint32_t i = 0; i < tries; ++i) {
        if (read_active(view)) break;
    }
    view.journal = read_journal(directory);
    return view;
}

}  // namespace dialtone
