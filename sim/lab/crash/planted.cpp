// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/planted.h"

#include <string>
#include <utility>

#include "agent/store/record.h"

namespace dialtone::sim {
namespace {

using Steps = std::vector<Storage>;

bool of_record(const Storage& step) {
    return step.name.starts_with("record.");
}
bool of_generation(const Storage& step) {
    return step.name.starts_with("generation.");
}
bool writes(const Storage& step) {
    return step.step == StorageStep::write;
}
bool syncs_file(const Storage& step) {
    return step.step == StorageStep::sync_file;
}
bool syncs_directory(const Storage& step) {
    return step.step == StorageStep::sync_directory;
}

void append(Steps& out, Steps& held) {
    for (Storage& step : held)
        out.push_back(std::move(step));
    held.clear();
}

std::string next_slot(const std::string& name, uint32_t by) {
    const auto slot = static_cast<uint32_t>(name.back() - '0');
    return generation_name(slot + by);
}

Storage with_bytes(const Storage& step, std::vector<uint8_t> bytes) {
    return {.step = step.step, .name = step.name, .bytes = std::move(bytes)};
}

std::vector<uint8_t> first_of(std::span<const uint8_t> bytes, uint32_t count) {
    const auto first = bytes.first(count);
    return {first.begin(), first.end()};
}

// --- syncs that are missing or come at the wrong time --------------------------------------------

void no_file_sync(PlantedMemory&, const Storage& step, Steps& out) {
    if (!syncs_file(step)) out.push_back(step);
}

void no_generation_sync(PlantedMemory&, const Storage& step, Steps& out) {
    if (!syncs_file(step) || !of_generation(step)) out.push_back(step);
}

void no_record_sync(PlantedMemory&, const Storage& step, Steps& out) {
    if (!syncs_file(step) || !of_record(step)) out.push_back(step);
}

void no_directory_sync(PlantedMemory&, const Storage& step, Steps& out) {
    if (!syncs_directory(step)) out.push_back(step);
}

// The file is synced as it was before.
void sync_before_write(PlantedMemory& memory, const Storage& step, Steps& out) {
    if (writes(step)) {
        memory.held.push_back(step);
        return;
    }
    out.push_back(step);
    append(out, memory.held);
}

// The name of a file is synced before there is one.
void directory_sync_before_write(PlantedMemory& memory, const Storage& step, Steps& out) {
    if (writes(step)) {
        out.push_back({.step = StorageStep::sync_directory});
        out.push_back(step);
        memory.early.push_back(step);
    } else if (syncs_directory(step) && !memory.early.empty()) {
        memory.early.clear();
    } else {
        out.push_back(step);
    }
}

// The disk says "done" and syncs when it gets round to it.
void sync_in_its_own_time(PlantedMemory& memory, const Storage& step, Steps& out) {
    if (syncs_file(step) || syncs_directory(step)) {
        memory.held.push_back(step);
        return;
    }
    append(out, memory.held);
    out.push_back(step);
}

void generation_synced_after_record(PlantedMemory& memory, const Storage& step, Steps& out) {
    if (syncs_file(step) && of_generation(step)) {
        memory.held.push_back(step);
        return;
    }
    out.push_back(step);
    if (syncs_file(step)) append(out, memory.held);
}

// --- steps in another order ----------------------------------------------------------------------

void record_before_generation(PlantedMemory& memory, const Storage& step, Steps& out) {
    const bool belongs = syncs_directory(step) && !memory.held.empty();
    if (step.step != StorageStep::remove && (of_generation(step) || belongs)) {
        memory.held.push_back(step);
        return;
    }
    out.push_back(step);
    if (syncs_file(step)) append(out, memory.held);
}

void slots_removed_before_record(PlantedMemory&, const Storage& step, Steps& out) {
    if (writes(step) && of_record(step)) {
        const auto record = decode_record(step.bytes);
        for (uint32_t slot = 0; record && record->active == 0 && slot < 3; ++slot)
            out.push_back({.step = StorageStep::remove, .name = generation_name(slot)});
    }
    out.push_back(step);
}

void predecessor_removed_early(PlantedMemory&, const Storage& step, Steps& out) {
    if (writes(step) && of_record(step)) {
        const auto record = decode_record(step.bytes);
        if (record && record->other != 0 && record->active != 0)
            out.push_back({.step = StorageStep::remove, .name = generation_name(record->other)});
    }
    out.push_back(step);
}

// --- other bytes ---------------------------------------------------------------------------------

uint32_t size_of(const Storage& step) {
    return static_cast<uint32_t>(step.bytes.size());
}

void half_a_generation(PlantedMemory&, const Storage& step, Steps& out) {
    const bool torn = writes(step) && of_generation(step);
    out.push_back(torn ? with_bytes(step, first_of(step.bytes, size_of(step) / 2)) : step);
}

void last_byte_missing(PlantedMemory&, const Storage& step, Steps& out) {
    const bool torn = writes(step) && of_generation(step);
    out.push_back(torn ? with_bytes(step, first_of(step.bytes, size_of(step) - 1)) : step);
}

void half_a_record(PlantedMemory&, const Storage& step, Steps& out) {
    const bool torn = writes(step) && of_record(step);
    out.push_back(torn ? with_bytes(step, first_of(step.bytes, size_of(step) / 2)) : step);
}

void one_bit_flipped(PlantedMemory&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (writes(step) && of_generation(step)) out.back().bytes[step.bytes.size() / 2] ^= 0x10;
}

// --- other names ---------------------------------------------------------------------------------

void single_record_copy(PlantedMemory&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (of_record(step)) out.back().name = record_copy_name(0);
}

void newest_copy_overwritten(PlantedMemory&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (of_record(step)) out.back().name = record_copy_name(step.name.back() == '0' ? 1 : 0);
}

void both_copies_at_once(PlantedMemory&, const Storage& step, Steps& out) {
    if (!of_record(step)) {
        out.push_back(step);
        return;
    }
    for (uint8_t copy = 0; copy < 2; ++copy) {
        out.push_back(step);
        out.back().name = record_copy_name(copy);
    }
}

void wrong_slot(PlantedMemory&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (of_generation(step)) out.back().name = next_slot(step.name, 1);
}

// The slot of the generation before, which is the active one, is used as room to prepare in.
void active_slot_as_scratch(PlantedMemory&, const Storage& step, Steps& out) {
    if (writes(step) && of_generation(step)) {
        out.push_back(step);
        out.back().name = next_slot(step.name, 2);
    }
    out.push_back(step);
}

// The classic: a new file, renamed over the old one, and nothing of it synced.
void rename_without_sync(PlantedMemory&, const Storage& step, Steps& out) {
    if (!of_record(step) || syncs_directory(step)) {
        out.push_back(step);
    } else if (writes(step)) {
        out.push_back(step);
        out.back().name = "record.new";
        out.push_back({.step = StorageStep::rename, .name = "record.new", .new_name = step.name});
    }
}

// --- steps that never happen ---------------------------------------------------------------------

void confirmation_never_written(PlantedMemory& memory, const Storage& step, Steps& out) {
    if (writes(step) && of_record(step)) {
        const auto record = decode_record(step.bytes);
        memory.early.clear();
        if (record && record->trial == TrialState::none && record->other != 0)
            memory.early.push_back(step);
    }
    if (memory.early.empty() || !of_record(step)) out.push_back(step);
}

void slots_never_removed(PlantedMemory&, const Storage& step, Steps& out) {
    if (step.step != StorageStep::remove) out.push_back(step);
}

// An occupied slot is left as it is.
void old_generation_kept(PlantedMemory&, const Storage& step, Steps& out) {
    const bool next_one = of_generation(step) && step.name != generation_name(1);
    if (!next_one || !writes(step)) out.push_back(step);
}

constexpr PlantedBug bugs[] = {
    {"no-file-sync", "no file is ever synced", no_file_sync},
    {"no-generation-sync", "a generation's bytes are not synced", no_generation_sync},
    {"no-record-sync", "a record's bytes are not synced", no_record_sync},
    {"no-directory-sync", "no name is ever synced", no_directory_sync},
    {"sync-before-write", "a file is synced, then written", sync_before_write},
    {"directory-sync-first", "the directory is synced before the file is created",
     directory_sync_before_write},
    {"lazy-sync", "'done' is said before the sync", sync_in_its_own_time},
    {"generation-synced-late", "the generation's bytes are synced after the record's",
     generation_synced_after_record},
    {"record-first", "the record is written before the generation it names",
     record_before_generation},
    {"slots-first", "a factory reset removes the slots before the record lets go of them",
     slots_removed_before_record},
    {"predecessor-removed", "the predecessor is removed as soon as it has a successor",
     predecessor_removed_early},
    {"half-generation", "a write stops in the middle of a generation and reports success",
     half_a_generation},
    {"last-byte", "a generation lacks its last byte", last_byte_missing},
    {"half-record", "a write stops in the middle of a record and reports success", half_a_record},
    {"flipped-bit", "one bit of a generation is flipped", one_bit_flipped},
    {"single-copy", "there is one record copy, written in place", single_record_copy},
    {"newest-copy", "the record copy that counts is written over", newest_copy_overwritten},
    {"both-copies", "both record copies are written at once", both_copies_at_once},
    {"wrong-slot", "a generation goes into its neighbour's slot", wrong_slot},
    {"active-slot", "the active generation's slot serves as scratch room", active_slot_as_scratch},
    {"rename-unsynced", "the record is renamed into place and nothing is synced",
     rename_without_sync},
    {"no-confirmation", "the end of a trial is never written", confirmation_never_written},
    {"slots-stay", "a factory reset leaves the slots", slots_never_removed},
    {"old-generation", "a slot keeps what it held", old_generation_kept},
};

class Planted : public Rewriting {
  public:
    explicit Planted(const PlantedBug& bug) : bug_(bug) {}

    std::vector<Storage> rewrite(const Storage& step) override {
        std::vector<Storage> out;
        bug_.rewrite(memory_, step, out);
        return out;
    }

  private:
    const PlantedBug& bug_;
    PlantedMemory memory_ = {};
};

}  // namespace

std::span<const PlantedBug> planted_bugs() {
    return bugs;
}

std::unique_ptr<Rewriting> make_planted(uint32_t which) {
    return std::make_unique<Planted>(bugs[which]);
}

}  // namespace dialtone::sim
