// SPDX-License-Identifier: Apache-2.0
#include "agent/store/commit.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "agent/store/codec.h"

namespace dialtone {
namespace {

std::string words_for(const Storage& step) {
    switch (step.step) {
        case StorageStep::read:
            return "reading " + step.name;
        case StorageStep::write:
            return "writing " + step.name;
        case StorageStep::sync_file:
            return "bringing " + step.name + " to the medium";
        case StorageStep::sync_directory:
            return "bringing the directory to the medium";
        case StorageStep::rename:
            return "renaming " + step.name;
        case StorageStep::remove:
            return "removing " + step.name;
    }
    return {};
}

}  // namespace

void Commit::start(std::vector<Storage> steps) {
    assert(steps_.empty());
    std::move(steps.begin(), steps.end(), std::back_inserter(steps_));
    forget_outcome();
    ask();
}

void Commit::ask() {
    if (steps_.empty()) return finish({.done = true});
    id_ = new_id();
    steps_.front().id = id_;
    // The bytes are not needed again, but the name is, for the words of a failure.
    Storage step = steps_.front();
    steps_.front().bytes = {};
    emit(std::move(step));
}

void Commit::handle(Instant, const Event& event) {
    const auto* done = std::get_if<StorageDone>(&event);
    if (!done || done->id != id_ || steps_.empty()) return;
    if (!done->failure.empty()) {
        finish({.done = false,
                .step = words_for(steps_.front()),
                .reason = std::string(done->failure)});
        steps_.clear();
        return;
    }
    steps_.pop_front();
    ask();
}

std::vector<Storage> generation_steps(const Generation& generation) {
    const std::string name = generation_name(generation.number);
    std::vector<Storage> steps;
    steps.push_back(
        {.step = StorageStep::write, .name = name, .bytes = encode_generation(generation)});
    steps.push_back({.step = StorageStep::sync_file, .name = name});
    steps.push_back({.step = StorageStep::sync_directory});
    return steps;
}

std::vector<Storage> record_steps(const Record& record, uint8_t copy, bool copy_exists) {
    const std::string name = record_copy_name(copy);
    std::vector<Storage> steps;
    steps.push_back({.step = StorageStep::write, .name = name, .bytes = encode_record(record)});
    steps.push_back({.step = StorageStep::sync_file, .name = name});
    if (!copy_exists) steps.push_back({.step = StorageStep::sync_directory});
    return steps;
}

uint32_t next_generation_number(const Record& record) {
    constexpr uint32_t slots = limits::generation_slots;
    uint32_t number = std::max(record.active, record.other) + 1;
    const auto taken = [&](uint32_t used) { return used != 0 && used % slots == number % slots; };
    while (taken(record.active) || taken(record.other))
        ++number;
    return number;
}

}  // namespace dialtone
