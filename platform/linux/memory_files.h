// SPDX-License-Identifier: Apache-2.0
//
// The storage of a phone that has no state directory to use: the same steps with the same answers,
// and nothing of it is there after the process. A sync has nothing to wait for.
//
// Called by storage.cpp, in the loop's thread.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "agent/store/durable_files.h"
#include "platform/linux/storage_medium.h"

namespace dialtone {

// Room for three whole configurations and the record, with something to spare. A larger download
// beside the pass is refused as on a disk that is full.
inline constexpr uint32_t memory_storage_bytes = 8 * 1024 * 1024;

class MemoryFiles final : public StorageMedium {
  public:
    StorageResult carry_out(const Storage& step) override;

  private:
    struct File {
        std::string name = {};  // empty: there is no such file
        std::vector<uint8_t> bytes = {};
    };
    File* find(std::string_view name);
    void forget(const std::string& name);
    uint64_t room_bytes() const;
    // The two that write; a write is an append to a file that was emptied.
    void append(const Storage& step, uint32_t offset, StorageResult& result);

    std::array<File, std::size(durable_files)> files_ = {};
};

}  // namespace dialtone
