// SPDX-License-Identifier: Apache-2.0
//
// A disk that keeps only what was synced. Files are inodes with a volatile and a durable content;
// the directory has a volatile and a durable list of names. power_cut() throws away what was not
// brought to the medium. The laboratory's crash enumeration builds on the same model.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "agent/effect.h"

namespace dialtone::sim {

struct StorageResult {
    std::string failure = {};
    bool not_found = false;
    std::vector<uint8_t> bytes = {};
    uint64_t room_bytes = 0;
};

class Disk {
  public:
    StorageResult carry_out(const Storage& step);
    void power_cut();
    // As memory does at the end of a life: nothing is left.
    void forget();

    // So many bytes fit, all files together; a step that needs more fails.
    void set_capacity(uint64_t bytes) { capacity_bytes_ = bytes; }
    uint64_t used_bytes() const;

    // From the n-th mutating step on (counted from 1), each one fails with `words`; 0: none does.
    void fail_from(uint32_t step, std::string words);

    const std::vector<uint8_t>* find(const std::string& name) const;
    // What a power cut would leave of it, if it was one that keeps what was synced only.
    const std::vector<uint8_t>* find_durable(const std::string& name) const;
    std::vector<uint8_t>& edit(const std::string& name);  // volatile and durable at once
    uint32_t mutating_steps() const { return mutating_steps_; }
    std::vector<std::string> names() const;

  private:
    struct Inode {
        std::vector<uint8_t> now = {};
        std::vector<uint8_t> durable = {};
    };
    // Whether `bytes` more fit once `freed` are given back.
    bool fits(uint64_t bytes, uint64_t freed) const;
    void write(const Storage& step, StorageResult& result);
    void append(const Storage& step, StorageResult& result);
    std::vector<uint8_t>& contents(const std::string& name);

    std::map<uint32_t, Inode> inodes_ = {};
    std::map<std::string, uint32_t> names_ = {};
    std::map<std::string, uint32_t> durable_names_ = {};
    uint32_t next_inode_ = 1;
    uint32_t mutating_steps_ = 0;
    uint32_t fail_from_ = 0;
    std::string fail_words_ = {};
    uint64_t capacity_bytes_ = uint64_t{1} << 30;
};

}  // namespace dialtone::sim
