// SPDX-License-Identifier: Apache-2.0
#include "sim/world/medium.h"

#include <algorithm>

namespace dialtone::sim {

Medium::Medium(Catalogue& catalogue, const Image& image) : catalogue_(catalogue) {
    durable_.fill(no_inode);
    for (NameId name = 0; name < image_names; ++name) {
        if (image.files[name] != no_file) put(name, image.files[name]);
    }
    seen_ = durable_;
}

bool Medium::begin(const DiskStep& step) {
    switch (step.step) {
        case StorageStep::write:
        case StorageStep::append:
            return write(step);
        case StorageStep::remove:
            if (seen_[step.name] == no_inode) return false;
            change({.from = step.name, .to = step.name, .takes_from = true});
            return true;
        case StorageStep::rename:
            if (seen_[step.name] == no_inode) return false;
            change({.from = step.name,
                    .to = step.new_name,
                    .inode = seen_[step.name],
                    .takes_from = true});
            return true;
        case StorageStep::read:
        case StorageStep::room:
        case StorageStep::sync_file:
        case StorageStep::sync_directory:
            return false;
    }
    return false;
}

bool Medium::finish(const DiskStep& step) {
    if (step.step == StorageStep::sync_directory) {
        const bool changes = !changes_.empty();
        durable_ = seen_;
        changes_.clear();
        return changes;
    }
    if (step.step != StorageStep::sync_file || seen_[step.name] == no_inode) return false;
    Inode& inode = inodes_[seen_[step.name]];
    const bool changes = inode.possible.size() > 1;
    inode.wholes = inode.possible = {inode.seen};
    return changes;
}

void Medium::put(NameId name, ContentId content) {
    durable_[name] = seen_[name] = static_cast<uint32_t>(inodes_.size());
    inodes_.push_back({.seen = content, .wholes = {content}, .possible = {content}});
}

bool Medium::write(const DiskStep& step) {
    if (seen_[step.name] == no_inode) {
        const auto inode = static_cast<uint32_t>(inodes_.size());
        inodes_.push_back({.wholes = {empty_file}, .possible = {empty_file}});
        change({.from = step.name, .to = step.name, .inode = inode});
    }
    Inode& inode = inodes_[seen_[step.name]];
    for (ContentId before : inode.wholes) {
        const auto& torn = catalogue_.tears(before, step.content);
        inode.possible.insert(inode.possible.end(), torn.begin(), torn.end());
    }
    inode.seen = step.content;
    inode.wholes.push_back(step.content);
    inode.possible.push_back(step.content);
    std::sort(inode.possible.begin(), inode.possible.end());
    inode.possible.erase(std::unique(inode.possible.begin(), inode.possible.end()),
                         inode.possible.end());
    overflowed_ = overflowed_ || inode.possible.size() > contents_kept;
    return true;
}

void Medium::change(const NameChange& change) {
    if (change.takes_from) seen_[change.from] = no_inode;
    if (change.inode != no_inode) seen_[change.to] = change.inode;
    if (changes_.size() == changes_kept) {
        overflowed_ = true;
        return;
    }
    changes_.push_back(change);
}

Medium::Directory Medium::directory_with(uint32_t chosen) const {
    Directory names = durable_;
    for (uint32_t i = 0; i < changes_.size(); ++i) {
        if ((chosen >> i & 1) == 0) continue;
        const NameChange& change = changes_[i];
        if (change.takes_from) names[change.from] = no_inode;
        if (change.inode != no_inode) names[change.to] = change.inode;
    }
    return names;
}

Image Medium::seen() const {
    Image image;
    for (NameId name = 0; name < image_names; ++name) {
        if (seen_[name] != no_inode) image.files[name] = inodes_[seen_[name]].seen;
    }
    return image;
}

}  // namespace dialtone::sim
