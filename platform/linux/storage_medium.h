// SPDX-License-Identifier: Apache-2.0
//
// What keeps the files of the Storage effect: a directory (storage.h) or memory (memory_files.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"

namespace dialtone {

struct StorageResult {
    RequestId id = 0;
    std::string failure = {};  // "generation.2: No space left on device"
    bool not_found = false;
    std::vector<uint8_t> bytes = {};
    uint64_t room_bytes = 0;
};

class StorageMedium {
  public:
    virtual ~StorageMedium() = default;

    // At once and in this thread.
    virtual StorageResult carry_out(const Storage& step) = 0;
};

// A file of the state directory is named by letters, digits, '.', '-' and '_', does not begin with
// '.', and is no longer than limits::file_name_bytes.
bool is_storage_name(std::string_view name);

// Whether the step names what it has to, properly; the result says so if not.
bool is_proper(const Storage& step, StorageResult& result);

// `number` as errno has it.
void fail_with(StorageResult& result, const std::string& name, int number);

}  // namespace dialtone
