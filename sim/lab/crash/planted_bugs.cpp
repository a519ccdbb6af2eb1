// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/planted_bugs.h"

#include <algorithm>
#include <string>
#include <utility>

#include "agent/store/codec.h"
#include "agent/store/durable_files.h"
#include "agent/store/record.h"

namespace dialtone::sim {
namespace {

using Steps = std::vector<Storage>;

bool of_record(const Storage& step) {
    return is_durable_file(step.name, DurableKind::record);
}
bool of_generation(const Storage& step) {
    return is_durable_file(step.name, DurableKind::generation);
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

bool of_staged(const Storage& step) {
    return is_durable_file(step.name, DurableKind::staged);
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

void no_file_sync(MutatorState&, const Storage& step, Steps& out) {
    if (!syncs_file(step)) out.push_back(step);
}

void no_generation_sync(MutatorState&, const Storage& step, Steps& out) {
    if (!syncs_file(step) || !of_generation(step)) out.push_back(step);
}

void no_record_sync(MutatorState&, const Storage& step, Steps& out) {
    if (!syncs_file(step) || !of_record(step)) out.push_back(step);
}

void no_directory_sync(MutatorState&, const Storage& step, Steps& out) {
    if (!syncs_directory(step)) out.push_back(step);
}

// The file is synced as it was before.
void sync_before_write(MutatorState& state, const Storage& step, Steps& out) {
    if (writes(step)) {
        state.held.push_back(step);
        return;
    }
    out.push_back(step);
    append(out, state.held);
}

// The name of a file is synced before there is one.
void directory_sync_before_write(MutatorState& state, const Storage& step, Steps& out) {
    if (writes(step)) {
        out.push_back({.step = StorageStep::sync_directory});
        out.push_back(step);
        state.early.push_back(step);
    } else if (syncs_directory(step) && !state.early.empty()) {
        state.early.clear();
    } else {
        out.push_back(step);
    }
}

// The disk says "done" at once, and syncs with a later step.
void sync_in_its_own_time(MutatorState& state, const Storage& step, Steps& out) {
    if (syncs_file(step) || syncs_directory(step)) {
        state.held.push_back(step);
        return;
    }
    append(out, state.held);
    out.push_back(step);
}

void generation_synced_after_record(MutatorState& state, const Storage& step, Steps& out) {
    if (syncs_file(step) && of_generation(step)) {
        state.held.push_back(step);
        return;
    }
    out.push_back(step);
    if (syncs_file(step)) append(out, state.held);
}

// --- steps in another order ----------------------------------------------------------------------

void record_before_generation(MutatorState& state, const Storage& step, Steps& out) {
    const bool belongs = syncs_directory(step) && !state.held.empty();
    if (step.step != StorageStep::remove && (of_generation(step) || belongs)) {
        state.held.push_back(step);
        return;
    }
    out.push_back(step);
    if (syncs_file(step)) append(out, state.held);
}

void slots_removed_before_record(MutatorState&, const Storage& step, Steps& out) {
    if (writes(step) && of_record(step)) {
        const auto record = decode_record(step.bytes);
        for (uint32_t slot = 0; record && record->active == 0 && slot < 3; ++slot)
            out.push_back({.step = StorageStep::remove, .name = generation_name(slot)});
    }
    out.push_back(step);
}

void predecessor_removed_early(MutatorState&, const Storage& step, Steps& out) {
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

void half_a_generation(MutatorState&, const Storage& step, Steps& out) {
    const bool torn = writes(step) && of_generation(step);
    out.push_back(torn ? with_bytes(step, first_of(step.bytes, size_of(step) / 2)) : step);
}

void last_byte_missing(MutatorState&, const Storage& step, Steps& out) {
    const bool torn = writes(step) && of_generation(step);
    out.push_back(torn ? with_bytes(step, first_of(step.bytes, size_of(step) - 1)) : step);
}

void half_a_record(MutatorState&, const Storage& step, Steps& out) {
    const bool torn = writes(step) && of_record(step);
    out.push_back(torn ? with_bytes(step, first_of(step.bytes, size_of(step) / 2)) : step);
}

void one_bit_flipped(MutatorState&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (writes(step) && of_generation(step)) out.back().bytes[step.bytes.size() / 2] ^= 0x10;
}

// --- other names ---------------------------------------------------------------------------------

void single_record_copy(MutatorState&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (of_record(step)) out.back().name = record_copy_name(0);
}

void newest_copy_overwritten(MutatorState&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (of_record(step)) out.back().name = record_copy_name(step.name.back() == '0' ? 1 : 0);
}

void both_copies_at_once(MutatorState&, const Storage& step, Steps& out) {
    if (!of_record(step)) {
        out.push_back(step);
        return;
    }
    for (uint8_t copy = 0; copy < 2; ++copy) {
        out.push_back(step);
        out.back().name = record_copy_name(copy);
    }
}

void wrong_slot(MutatorState&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (of_generation(step)) out.back().name = next_slot(step.name, 1);
}

// The new generation is prepared in the slot of the active one.
void active_slot_as_scratch(MutatorState&, const Storage& step, Steps& out) {
    if (writes(step) && of_generation(step)) {
        out.push_back(step);
        out.back().name = next_slot(step.name, 2);
    }
    out.push_back(step);
}

// A new file is renamed over the old one, and neither the file nor the directory is synced.
void rename_without_sync(MutatorState&, const Storage& step, Steps& out) {
    if (!of_record(step) || syncs_directory(step)) {
        out.push_back(step);
    } else if (writes(step)) {
        out.push_back(step);
        out.back().name = "record.new";
        out.push_back({.step = StorageStep::rename, .name = "record.new", .new_name = step.name});
    }
}

// --- steps that never happen ---------------------------------------------------------------------

void confirmation_never_written(MutatorState& state, const Storage& step, Steps& out) {
    if (writes(step) && of_record(step)) {
        const auto record = decode_record(step.bytes);
        state.early.clear();
        if (record && record->trial == TrialState::none && record->other != 0)
            state.early.push_back(step);
    }
    if (state.early.empty() || !of_record(step)) out.push_back(step);
}

void slots_never_removed(MutatorState&, const Storage& step, Steps& out) {
    if (step.step != StorageStep::remove) out.push_back(step);
}

// An occupied slot is left as it is.
void old_generation_kept(MutatorState&, const Storage& step, Steps& out) {
    const bool next_one = of_generation(step) && step.name != generation_name(1);
    if (!next_one || !writes(step)) out.push_back(step);
}

// --- downloads -----------------------------------------------------------------------------------

void no_staged_sync(MutatorState&, const Storage& step, Steps& out) {
    if (!syncs_file(step) || !of_staged(step)) out.push_back(step);
}

void piece_lost(MutatorState&, const Storage& step, Steps& out) {
    const bool later = step.step == StorageStep::append && step.offset != 0;
    out.push_back(step);
    if (later) out.back().bytes.resize(step.bytes.size() / 2);
}

void staged_never_removed(MutatorState&, const Storage& step, Steps& out) {
    if (step.step != StorageStep::remove || !of_staged(step)) out.push_back(step);
}

// --- what an ACS is told -------------------------------------------------------------------------

template <typename Change>
void change_record(const Storage& step, Steps& out, Change change) {
    out.push_back(step);
    if (!writes(step) || !of_record(step)) return;
    auto record = decode_record(step.bytes);
    if (!record) return;
    change(*record);
    out.back().bytes = encode_record(*record);
}

void events_forgotten(MutatorState&, const Storage& step, Steps& out) {
    change_record(step, out, [](Record& record) { record.acs.events.clear(); });
}

void schedule_forgotten(MutatorState&, const Storage& step, Steps& out) {
    change_record(step, out, [](Record& record) { record.acs.scheduled.clear(); });
}

void attributes_forgotten(MutatorState&, const Storage& step, Steps& out) {
    change_record(step, out, [](Record& record) { record.acs.watched.clear(); });
}

// What an ACS has heard stays in the record, and is told again.
void heard_events_stay(MutatorState& state, const Storage& step, Steps& out) {
    change_record(step, out, [&state, &step](Record& record) {
        const auto before =
            state.early.empty() ? Result<Record>(record) : decode_record(state.early[0].bytes);
        const bool adds = record.acs.scheduled.size() >= before->acs.scheduled.size();
        if (adds) state.early = {step};
        if (!adds) record.acs.scheduled = before->acs.scheduled;
    });
}

void transfers_forgotten(MutatorState&, const Storage& step, Steps& out) {
    change_record(step, out, [](Record& record) { record.acs.transfers.clear(); });
}

// A transfer that is over begins anew after a cut, and is told with other times.
void transfers_never_over(MutatorState&, const Storage& step, Steps& out) {
    change_record(step, out, [](Record& record) {
        for (AcsTransfer& one : record.acs.transfers)
            one.done = false;
    });
}

// What the ACS has heard of them stays in the record, and is told again.
void heard_transfers_stay(MutatorState& state, const Storage& step, Steps& out) {
    change_record(step, out, [&state, &step](Record& record) {
        const auto before =
            state.early.empty() ? Result<Record>(record) : decode_record(state.early[0].bytes);
        const bool drops = record.acs.transfers.size() < before->acs.transfers.size();
        if (!drops) state.early = {step};
        if (drops) record.acs.transfers = before->acs.transfers;
    });
}

// The values of a call without its last one.
void half_a_call(MutatorState&, const Storage& step, Steps& out) {
    out.push_back(step);
    if (!writes(step) || !of_generation(step)) return;
    auto generation = decode_generation(step.bytes);
    if (!generation) return;
    const auto of_acs = std::ranges::find(generation->items, Origin::acs, &Item::origin);
    if (of_acs == generation->items.end()) return;
    generation->items.erase(of_acs);
    out.back().bytes = encode_generation(*generation);
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
    {"no-staged-sync", "a download's bytes are not synced", no_staged_sync},
    {"half-piece", "the last piece of a download is written in half and reports success",
     piece_lost},
    {"staged-stays", "no staged file is ever removed", staged_never_removed},
    {"acs-events", "the events that an ACS has still to hear are not kept", events_forgotten},
    {"acs-schedule", "the sessions that an ACS has ordered are not kept", schedule_forgotten},
    {"acs-attributes", "which changes an ACS wants told is not kept", attributes_forgotten},
    {"acs-heard", "what an ACS has heard is kept, and told again", heard_events_stay},
    {"acs-transfers", "the transfers that an ACS has ordered are not kept", transfers_forgotten},
    {"acs-transfer-over", "that a transfer is over is not kept", transfers_never_over},
    {"acs-transfer-heard", "a transfer that an ACS has heard of is kept, and told again",
     heard_transfers_stay},
    {"acs-half", "one value of an ACS's call is left out", half_a_call},
};

class PlantedMutator : public StorageMutator {
  public:
    explicit PlantedMutator(const PlantedBug& bug) : bug_(bug) {}

    std::vector<Storage> mutate(const Storage& step) override {
        std::vector<Storage> out;
        bug_.mutate(state_, step, out);
        return out;
    }

  private:
    const PlantedBug& bug_;
    MutatorState state_ = {};
};

}  // namespace

std::span<const PlantedBug> planted_bugs() {
    return bugs;
}

std::unique_ptr<StorageMutator> make_planted_mutator(uint32_t which) {
    return std::make_unique<PlantedMutator>(bugs[which]);
}

}  // namespace dialtone::sim
