// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/memory_sink.h"

namespace dialtone {

bool MemorySink::begin(int64_t announced) {
    body_.clear();
    if (announced > 0 && announced <= limit_) body_.reserve(static_cast<uint32_t>(announced));
    return true;
}

void MemorySink::take(std::span<const uint8_t> bytes) {
    body_.insert(body_.end(), bytes.begin(), bytes.end());
}

std::string MemorySink::too_long() const {
    return "the file is larger than the " + std::to_string(limit_ / 1024) + " KiB it may have";
}

}  // namespace dialtone
