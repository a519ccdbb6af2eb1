// SPDX-License-Identifier: Apache-2.0
//
// A sink that keeps the whole body in memory, as a configuration file is read from there. Used by
// the plan run, and by the tests of the engines.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/limits.h"
#include "agent/transfer/sink.h"

namespace dialtone {

class MemorySink final : public Sink {
  public:
    explicit MemorySink(uint32_t limit = limits::config_file_bytes) : limit_(limit) {}

    // Any length may be announced: it is judged by what comes.
    bool begin(int64_t announced) override;
    // Bytes are kept as they come.
    uint32_t room() const override { return limits::transfer_window_bytes; }
    void take(std::span<const uint8_t> bytes) override;
    void end() override {}
    void drop() override { body_ = {}; }
    uint64_t size() const override { return body_.size(); }
    uint64_t limit() const override { return limit_; }
    std::string too_long() const override;

    // Gives the body away, once.
    std::vector<uint8_t> take_body() { return std::exchange(body_, {}); }

  private:
    uint32_t limit_;
    std::vector<uint8_t> body_ = {};
};

}  // namespace dialtone
