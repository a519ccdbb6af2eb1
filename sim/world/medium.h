// SPDX-License-Identifier: Apache-2.0
//
// What a power cut may leave on the medium: the fault model of `dialtone-lab crash`. It follows
// storage steps as they begin and end and can say, at each moment, every image that may be found
// after the power is back. docs/testing.md says what is modelled and what is not.
//
//     a write          may be lost, whole or torn (Catalogue::tears), whatever became of the others
//     an append        the same, of what the file holds then: more may be torn than a medium tears
//     a name           created, renamed or removed: each change is there or not, in any company,
//                      until the directory is synced
//     sync_file        once it is done the file's bytes are there; its name is not its business
//     sync_directory   once it is done the names are there; the bytes are not its business
#pragma once

#include <cstdint>
#include <vector>

#include "agent/effect.h"
#include "sim/world/catalogue.h"

namespace dialtone::sim {

// A storage step by numbers; the content is the whole file's, after an append, too. Reads are none
// of the medium's business.
struct DiskStep {
    StorageStep step = StorageStep::write;
    NameId name = 0;
    NameId new_name = 0;  // of a rename
    ContentId content = no_file;
    bool operator==(const DiskStep&) const = default;
};

class Medium {
  public:
    // The phone begins with `image`, all of it durable.
    Medium(Catalogue& catalogue, const Image& image);

    // The step was given to the disk. From now on it may show, or not, or in part.
    // True when more images are possible than before.
    bool begin(const DiskStep& step);
    // The disk says that it is done. True when fewer images are possible than before.
    bool finish(const DiskStep& step);
    // Not a file of the disk but something that changes at once and keeps.
    void put(NameId name, ContentId content);

    // Calls `take(const Image&)` with every image that a cut may leave now. False from `take` ends
    // it early.
    template <typename Take>
    void each_image(Take take) const {
        const uint32_t count = uint32_t{1} << changes_.size();
        Image image;
        for (uint32_t chosen = 0; chosen < count; ++chosen) {
            const Directory names = directory_with(chosen);
            if (!fill(names, 0, image, take)) return;
        }
    }

    // The files as the running phone sees them.
    Image seen() const;

    // More was outstanding than is enumerated: whoever asks must not take the answer for whole.
    bool overflowed() const { return overflowed_; }

  private:
    static constexpr uint32_t no_inode = UINT32_MAX;
    static constexpr uint32_t changes_kept = 8;
    static constexpr uint32_t contents_kept = 4096;
    using Directory = std::array<uint32_t, image_names>;  // inodes

    struct Inode {
        ContentId seen = empty_file;
        std::vector<ContentId> wholes = {};    // what a write that is lost may leave in its place
        std::vector<ContentId> possible = {};  // after a cut, each once
    };
    // A change of the directory that is not on the medium for sure.
    struct NameChange {
        NameId from = 0;
        NameId to = 0;
        uint32_t inode = no_inode;  // that `to` names afterwards
        bool takes_from = false;    // and `from` names nothing any more
    };

    bool write(const DiskStep& step);
    void change(const NameChange& change);
    Directory directory_with(uint32_t chosen) const;

    template <typename Take>
    bool fill(const Directory& names, uint32_t at, Image& image, Take& take) const {
        while (at < image_names && names[at] == no_inode)
            image.files[at++] = no_file;
        if (at == image_names) return take(static_cast<const Image&>(image));
        for (ContentId content : inodes_[names[at]].possible) {
            image.files[at] = content;
            if (!fill(names, at + 1, image, take)) return false;
        }
        return true;
    }

    Catalogue& catalogue_;
    std::vector<Inode> inodes_ = {};
    Directory durable_ = {};
    Directory seen_ = {};
    std::vector<NameChange> changes_ = {};
    bool overflowed_ = false;
};

}  // namespace dialtone::sim
