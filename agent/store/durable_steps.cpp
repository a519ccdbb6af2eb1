// SPDX-License-Identifier: Apache-2.0
#include "agent/store/durable_steps.h"

#include "agent/store/codec.h"

namespace dialtone {

std::vector<Storage> sync_steps(uint32_t generation, uint8_t copy) {
    std::vector<Storage> steps;
    if (generation != 0)
        steps.push_back({.step = StorageStep::sync_file, .name = generation_name(generation)});
    steps.push_back({.step = StorageStep::sync_file, .name = record_copy_name(copy)});
    steps.push_back({.step = StorageStep::sync_directory});
    return steps;
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

}  // namespace dialtone
