// SPDX-License-Identifier: Apache-2.0
//
// A sink that keeps a body in a durable file, piece by piece, and its SHA-256 as it goes. It holds
// at most limits::transfer_window_bytes that are not on the disk yet, whatever the body's length.
//
// It asks for storage steps and carries none out: the owner takes next_step() to the lane, and says
// step_done() when it is done, until is_durable(). A step that has failed ends the download; the
// owner drops the sink.
//
//     append, append ...    the first at offset 0: the file must not be there before
//     sync_file             after each limits::sink_sync_bytes, so that no sync takes long
//     append ... sync_file, sync_directory     once the body is whole
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/digest.h"
#include "agent/effect.h"
#include "agent/transfer/sink.h"

namespace dialtone {

class FileSink final : public Sink {
  public:
    // `limit`: what the owner allows, and the disk has room for.
    FileSink(std::string name, uint32_t limit) : name_(std::move(name)), limit_(limit) {}

    bool begin(int64_t announced) override;
    uint32_t room() const override;
    void take(std::span<const uint8_t> bytes) override;
    void end() override { ended_ = true; }
    void drop() override;
    uint64_t size() const override { return size_; }
    // What was announced is all that may come: others count on the rest of the room.
    uint64_t limit() const override { return expected_; }
    std::string too_long() const override;

    // Nothing: one is under way, or there is too little to write.
    std::optional<Storage> next_step();
    void step_done();
    // The body is whole, and so is the file on the medium, name and all.
    bool is_durable() const { return directory_synced_; }
    // So many bytes of it are still to be written, as far as is known.
    uint32_t to_write() const { return expected_ - std::min(expected_, written_); }
    // Of the body so far.
    Sha256 digest() const { return sum_.digest(); }

  private:
    std::optional<StorageStep> due_step() const;

    std::string name_;
    uint32_t limit_;
    Sha256Sum sum_ = {};
    uint32_t expected_ = limit_;  // its length, or what it may have at most
    uint32_t size_ = 0;
    std::vector<uint8_t> held_ = {};  // not given to the disk yet
    uint32_t in_step_ = 0;            // bytes of the append under way
    uint32_t written_ = 0;
    uint32_t unsynced_ = 0;  // of those
    std::optional<StorageStep> under_way_ = {};
    bool made_ = false;   // the file is there
    bool ended_ = false;  // the body is whole
    bool dropped_ = false;
    bool synced_ = false;  // what the file holds
    bool directory_synced_ = false;
};

}  // namespace dialtone
