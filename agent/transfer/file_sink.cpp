// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/file_sink.h"

#include <cassert>
#include <utility>

#include "agent/limits.h"

namespace dialtone {

bool FileSink::begin(int64_t announced) {
    assert(!made_ && !under_way_);  // a sink is for one body; only what asks again begins again
    sum_ = {};
    size_ = 0;
    held_.clear();
    ended_ = dropped_ = false;
    const bool said = announced > 0 && announced < int64_t{limit_};
    expected_ = said ? static_cast<uint32_t>(announced) : limit_;
    return announced <= int64_t{limit_};
}

uint32_t FileSink::room() const {
    return limits::transfer_window_bytes - static_cast<uint32_t>(held_.size()) - in_step_;
}

void FileSink::take(std::span<const uint8_t> bytes) {
    assert(bytes.size() <= room() && fits(bytes.size()));
    held_.insert(held_.end(), bytes.begin(), bytes.end());
    sum_.add(bytes);
    size_ += static_cast<uint32_t>(bytes.size());
}

void FileSink::drop() {
    held_ = {};
    dropped_ = true;
}

std::string FileSink::too_long() const {
    return "the file is larger than the " + std::to_string(expected_) +
           " bytes that were announced, are allowed or fit on the disk";
}

std::optional<StorageStep> FileSink::due_step() const {
    if (under_way_ || dropped_ || directory_synced_) return std::nullopt;
    if (unsynced_ >= limits::sink_sync_bytes) return StorageStep::sync_file;
    if (held_.size() >= limits::sink_piece_bytes) return StorageStep::append;
    if (!ended_) return std::nullopt;
    if (!held_.empty() || !made_) return StorageStep::append;
    return synced_ ? StorageStep::sync_directory : StorageStep::sync_file;
}

std::optional<Storage> FileSink::next_step() {
    const auto due = due_step();
    if (!due) return std::nullopt;
    under_way_ = due;
    Storage step{.step = *due};
    if (step.step != StorageStep::sync_directory) step.name = name_;
    if (step.step != StorageStep::append) return step;
    step.offset = written_;
    in_step_ = static_cast<uint32_t>(held_.size());
    step.bytes = std::exchange(held_, {});
    return step;
}

void FileSink::step_done() {
    const StorageStep done = *std::exchange(under_way_, std::nullopt);
    directory_synced_ = done == StorageStep::sync_directory;
    synced_ = done != StorageStep::append;
    if (done == StorageStep::sync_file) unsynced_ = 0;
    if (done != StorageStep::append) return;
    made_ = true;
    written_ += in_step_;
    unsynced_ += std::exchange(in_step_, 0);
}

}  // namespace dialtone
