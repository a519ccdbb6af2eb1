// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/memory_files.h"

#include <errno.h>

#include <algorithm>

namespace dialtone {

MemoryFiles::File* MemoryFiles::find(const std::string& name) {
    const auto place = std::ranges::find(files_, name, &File::name);
    return place == files_.end() ? nullptr : &*place;
}

MemoryFiles::File& MemoryFiles::find_or_make(const std::string& name) {
    File* file = find(name);
    return file != nullptr ? *file : files_.emplace_back(File{.name = name});
}

void MemoryFiles::forget(const std::string& name) {
    std::erase_if(files_, [&](const File& file) { return file.name == name; });
}

uint64_t MemoryFiles::room_bytes() const {
    uint64_t used = 0;
    for (const File& file : files_)
        used += file.bytes.size();
    return memory_storage_bytes - used;
}

void MemoryFiles::write(const Storage& step, StorageResult& result) {
    File& file = find_or_make(step.name);
    file.bytes.clear();  // as a file that is opened to be written anew
    if (step.bytes.size() > room_bytes()) return fail_with(result, step.name, ENOSPC);
    file.bytes = step.bytes;
}

void MemoryFiles::append(const Storage& step, StorageResult& result) {
    if (step.offset != 0 && find(step.name) == nullptr) return fail_with(result, step.name, ENOENT);
    if (step.bytes.size() > room_bytes()) return fail_with(result, step.name, ENOSPC);
    File& file = find_or_make(step.name);
    if (file.bytes.size() != step.offset) {
        result.failure = step.name + ": it has " + std::to_string(file.bytes.size()) +
                         " bytes, and not " + std::to_string(step.offset);
        return;
    }
    file.bytes.insert(file.bytes.end(), step.bytes.begin(), step.bytes.end());
}

StorageResult MemoryFiles::carry_out(const Storage& step) {
    StorageResult result = {.id = step.id};
    if (!is_proper(step, result)) return result;
    const bool has_to_be_there = step.step == StorageStep::read ||
                                 step.step == StorageStep::sync_file ||
                                 step.step == StorageStep::rename;
    File* file = has_to_be_there ? find(step.name) : nullptr;
    if (has_to_be_there && file == nullptr) {
        fail_with(result, step.name, ENOENT);
        return result;
    }
    switch (step.step) {
        case StorageStep::read:
            result.bytes = file->bytes;
            break;
        case StorageStep::write:
            write(step, result);
            break;
        case StorageStep::append:
            append(step, result);
            break;
        case StorageStep::sync_file:
        case StorageStep::sync_directory:
            break;
        case StorageStep::rename:
            if (step.new_name == step.name) break;
            forget(step.new_name);
            find(step.name)->name = step.new_name;
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
