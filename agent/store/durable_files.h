// SPDX-License-Identifier: Apache-2.0
//
// The files of the state directory, by name. The agent asks its world to write and read the first
// three kinds; the world keeps the journal there by itself.
//
// Who calls it: the store, the jobs, the Linux world's journal, and the laboratory and the tests,
// which know from here what may be found on a phone's disk: those in Python read the page that
// durable_files_doc prints of it (tests/kit/durable.py). A new durable file is a new row.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/limits.h"

namespace dialtone {

enum class DurableKind : uint8_t {
    record,
    generation,
    staged,  // what a job downloads, until its owner has taken it; none of it outlives a start
    journal,
    count_
};
inline constexpr std::string_view durable_kind_names[] = {"record", "generation", "staged",
                                                          "journal"};

struct DurableFile {
    DurableKind kind;
    uint32_t index;  // among those of its kind
    std::string_view name;
    uint32_t most_bytes;
};

inline constexpr DurableFile durable_files[] = {
    {DurableKind::record, 0, "record.0", limits::record_bytes},
    {DurableKind::record, 1, "record.1", limits::record_bytes},
    {DurableKind::generation, 0, "generation.0", limits::generation_bytes},
    {DurableKind::generation, 1, "generation.1", limits::generation_bytes},
    {DurableKind::generation, 2, "generation.2", limits::generation_bytes},
    {DurableKind::staged, 0, "staged.0", limits::staged_file_bytes},
    {DurableKind::staged, 1, "staged.1", limits::staged_file_bytes},
    {DurableKind::journal, 0, "journal", limits::journal_file_bytes},
    {DurableKind::journal, 1, "journal.1", limits::journal_file_bytes},  // the one before
};

// How many files there are of the kind.
constexpr uint32_t durable_count(DurableKind kind) {
    uint32_t count = 0;
    for (const DurableFile& file : durable_files)
        count += file.kind == kind ? 1 : 0;
    return count;
}
static_assert(durable_count(DurableKind::record) == limits::record_copies);
static_assert(durable_count(DurableKind::generation) == limits::generation_slots);
static_assert(durable_count(DurableKind::staged) == limits::jobs_at_once);

// The name of file `index` of the kind; index < durable_count(kind).
constexpr std::string_view durable_name(DurableKind kind, uint32_t index) {
    for (const DurableFile& file : durable_files) {
        if (file.kind == kind && file.index == index) return file.name;
    }
    return {};
}

// nullptr: no durable file has this name.
constexpr const DurableFile* find_durable_file(std::string_view name) {
    for (const DurableFile& file : durable_files) {
        if (file.name == name) return &file;
    }
    return nullptr;
}

constexpr bool is_durable_file(std::string_view name, DurableKind kind) {
    const DurableFile* file = find_durable_file(name);
    return file != nullptr && file->kind == kind;
}

}  // namespace dialtone
