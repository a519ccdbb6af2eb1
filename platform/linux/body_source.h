// SPDX-License-Identifier: Apache-2.0
//
// The body of a request that is sent: bytes, or a file of the state directory, read piece by piece
// as the server takes it. Called by transfers.cpp out of curl's callbacks.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "agent/effect.h"
#include "platform/common/descriptor.h"

namespace dialtone {

class BodySource {
  public:
    // `body` has to stay as it is until the source is closed. Gives why its file cannot be sent;
    // empty: it can.
    std::string open(const TransferBody& body, int directory);
    void close();

    uint64_t size_bytes() const { return size_bytes_; }
    // Fills `room` from where the last read ended; how much it was, 0 at the end, -1 when the file
    // is not what it was any more.
    int64_t read(std::span<char> room);
    // Where the next read begins: a request that is sent once more is sent whole.
    void seek(uint64_t at) { at_ = at; }

  private:
    std::span<const uint8_t> bytes_ = {};
    Descriptor file_ = {};
    uint64_t size_bytes_ = 0;
    uint64_t at_ = 0;
};

}  // namespace dialtone
