// SPDX-License-Identifier: Apache-2.0
#include "sim/world/disk.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace dialtone::sim {
namespace {

constexpr std::string_view full = "No space left on device";

StorageResult missing() {
    return {.failure = "no such file", .not_found = true};
}

}  // namespace

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
    if (step.step == StorageStep::room) {
        result.room_bytes = capacity_bytes_ - std::min(used_bytes(), capacity_bytes_);
        return result;
    }
    ++mutating_steps_;
    if (fail_from_ != 0 && mutating_steps_ >= fail_from_) {
        result.failure = fail_words_;
        return result;
    }
    switch (step.step) {
        case StorageStep::read:
        case StorageStep::room:
            break;
        case StorageStep::write:
            write(step, result);
            break;
        case StorageStep::append:
            append(step, result);
            break;
        case StorageStep::sync_file:
            if (place == names_.end()) {
                result = missing();
            } else {
                inodes_[place->second].durable = inodes_[place->second].now;
            }
            break;
        case StorageStep::sync_directory:
            durable_names_ = names_;
            break;
        case StorageStep::rename:
            if (place == names_.end()) {
                result = missing();
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

void Disk::write(const Storage& step, StorageResult& result) {
    const auto* before = find(step.name);
    if (!fits(step.bytes.size(), before ? before->size() : 0)) {
        result.failure = full;
        return;
    }
    contents(step.name) = step.bytes;
}

void Disk::append(const Storage& step, StorageResult& result) {
    const auto* before = find(step.name);
    const uint64_t size = before ? before->size() : 0;
    if (size != step.offset) {
        if (before == nullptr) {
            result = missing();
        } else {
            result.failure = "it has " + std::to_string(size) + " bytes";
        }
        return;
    }
    if (!fits(step.bytes.size(), 0)) {
        result.failure = full;
        return;
    }
    std::vector<uint8_t>& bytes = contents(step.name);
    bytes.insert(bytes.end(), step.bytes.begin(), step.bytes.end());
}

// The file's, as the running phone sees it; made when it is not there.
std::vector<uint8_t>& Disk::contents(const std::string& name) {
    const auto [place, is_new] = names_.try_emplace(name, next_inode_);
    if (is_new) ++next_inode_;
    return inodes_[place->second].now;
}

uint64_t Disk::used_bytes() const {
    uint64_t used = 0;
    for (const auto& [name, inode] : names_)
        used += inodes_.at(inode).now.size();
    return used;
}

bool Disk::fits(uint64_t bytes, uint64_t freed) const {
    return used_bytes() + bytes - freed <= capacity_bytes_;
}

void Disk::power_cut() {
    names_ = durable_names_;
    for (auto& [number, inode] : inodes_)
        inode.now = inode.durable;
}

void Disk::forget() {
    names_.clear();
    durable_names_.clear();
    inodes_.clear();
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

const std::vector<uint8_t>* Disk::find_durable(const std::string& name) const {
    const auto place = durable_names_.find(name);
    if (place == durable_names_.end()) return nullptr;
    return &inodes_.at(place->second).durable;
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
    out.reserve(names_.size());
    for (const auto& [name, inode] : names_)
        out.push_back(name);
    return out;
}

}  // namespace dialtone::sim
