// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/memory_files.h"

#include <errno.h>
#include <string.h>

namespace dialtone {

MemoryFiles::File* MemoryFiles::find(std::string_view name) {
    for (File& file : files_) {
        if (file.name == name) return &file;
    }
    return nullptr;
}

void MemoryFiles::forget(const std::string& name) {
    if (File* file = find(name)) *file = {};
}

uint64_t MemoryFiles::room_bytes() const {
    uint64_t used = 0;
    for (const File& file : files_)
        used += file.bytes.size();
    return memory_storage_bytes - used;
}

void MemoryFiles::append(const Storage& step, uint32_t offset, StorageResult& result) {
    File* file = find(step.name);
    if (file == nullptr && offset != 0) return fail_with(result, step.name, ENOENT);
    if (file == nullptr) file = find({});
    if (file == nullptr || step.bytes.size() > room_bytes())
        return fail_with(result, step.name, ENOSPC);
    if (file->bytes.size() != offset) {
        result.failure = step.name + ": it has another size";
        return;
    }
    file->name = step.name;
    file->bytes.resize(offset + step.bytes.size());
    if (!step.bytes.empty())
        ::memcpy(file->bytes.data() + offset, step.bytes.data(), step.bytes.size());
}

StorageResult MemoryFiles::carry_out(const Storage& step) {
    StorageResult result = {.id = step.id};
    if (!is_proper(step, result)) return result;
    File* file = find(step.name);
    const bool has_to_be_there = step.step == StorageStep::read ||
                                 step.step == StorageStep::sync_file ||
                                 step.step == StorageStep::rename;
    if (has_to_be_there && file == nullptr) {
        fail_with(result, step.name, ENOENT);
        return result;
    }
    switch (step.step) {
        case StorageStep::read:
            result.bytes = file->bytes;
            break;
        case StorageStep::write:
            if (file != nullptr) file->bytes.clear();
            append(step, 0, result);
            break;
        case StorageStep::append:
            append(step, step.offset, result);
            break;
        case StorageStep::sync_file:
        case StorageStep::sync_directory:
            break;
        case StorageStep::rename:
            if (step.new_name != step.name) forget(step.new_name);
            file->name = step.new_name;
            break;
        case StorageStep::remove:
            forget(step.name);
            break;
        case StorageStep::room:
            result.room_bytes = room_bytes();
            break;
    }
    return result;
}

}  // namespace dialtone
