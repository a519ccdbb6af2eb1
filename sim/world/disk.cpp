// SPDX-License-Identifier: Apache-2.0
#include "sim/world/disk.h"

#include <utility>

namespace dialtone::sim {

StorageResult Disk::carry_out(const Storage& step) {
    StorageResult result;
    const auto place = names_.find(step.name);
    if (step.step == StorageStep::read) {
        if (place == names_.end()) {
            result.not_found = true;
        } else {
            result.bytes = inodes_[place->second].now;
        }
        return result;
    }
    ++mutating_steps_;
    if (fail_from_ != 0 && mutating_steps_ >= fail_from_) {
        result.failure = fail_words_;
        return result;
    }
    switch (step.step) {
        case StorageStep::read:
            break;
        case StorageStep::write: {
            const uint32_t inode = place == names_.end() ? next_inode_++ : place->second;
            names_[step.name] = inode;
            inodes_[inode].now = step.bytes;
            break;
        }
        case StorageStep::sync_file:
            if (place == names_.end()) {
                result.failure = "no such file";
            } else {
                inodes_[place->second].durable = inodes_[place->second].now;
            }
            break;
        case StorageStep::sync_directory:
            durable_names_ = names_;
            break;
        case StorageStep::rename:
            if (place == names_.end()) {
                result.failure = "no such file";
            } else {
                names_[step.new_name] = place->second;
                names_.erase(step.name);
            }
            break;
        case StorageStep::remove:
            names_.erase(step.name);
            break;
    }
    return result;
}

void Disk::power_cut() {
    names_ = durable_names_;
    for (auto& [number, inode] : inodes_)
        inode.now = inode.durable;
}

void Disk::fail_from(uint32_t step, std::string words) {
    fail_from_ = step == 0 ? 0 : mutating_steps_ + step;
    fail_words_ = std::move(words);
}

const std::vector<uint8_t>* Disk::find(const std::string& name) const {
    const auto place = names_.find(name);
    if (place == names_.end()) return nullptr;
    return &inodes_.at(place->second).now;
}

std::vector<uint8_t>& Disk::edit(const std::string& name) {
    const auto place = names_.find(name);
    const uint32_t inode = place == names_.end() ? next_inode_++ : place->second;
    names_[name] = inode;
    durable_names_[name] = inode;
    inodes_[inode].durable = inodes_[inode].now;
    return inodes_[inode].now;
}

std::vector<std::string> Disk::names() const {
    std::vector<std::string> out;
    for (const auto& [name, inode] : names_)
        out.push_back(name);
    return out;
}

}  // namespace dialtone::sim
