// SPDX-License-Identifier: Apache-2.0
//
// Parses record copies and generation files of an image by itself, not with the agent's own code,
// so that a mistake of that code does not hide itself.
//
// Who calls it: the oracles (expected_history.h, judge_life.h) and the search (crash.cpp).
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/limits.h"
#include "sim/world/catalogue.h"

namespace dialtone::sim {

// A record copy. When it is not whole, no other field counts.
struct ParsedRecord {
    bool whole = false;
    uint32_t sequence = 0;
    uint32_t active = 0;
    uint32_t other = 0;
    uint8_t trial = 0;
    uint8_t hooks_due = 0;
    // What an ACS has still to hear, as its Inform names it: "M Reboot key".
    std::vector<std::string> owed = {};
    // Of its transfers those that are done: the same, and when they began and ended.
    std::vector<std::string> done = {};
    uint32_t passive = 0;  // parameters whose changes are told with the next Inform
};

struct ParsedItem {
    std::string key = {};
    uint8_t origin = 0;
    std::string value = {};
};

struct ParsedGeneration {
    bool whole = false;
    uint32_t number = 0;
    std::vector<ParsedItem> items = {};

    // What counts for `key`; empty when nobody set it.
    std::string_view value(std::string_view key) const;
    // One line KEY=VALUE a key, sorted: what the hooks are handed.
    std::string lines() const;
};

// The names of the agent's files, and one that is no file: what the hooks were handed so far, as
// KEY=VALUE lines.
struct DiskNames {
    explicit DiskNames(Catalogue& catalogue);
    NameId generation(uint32_t number) const { return generations[number % slots]; }

    static constexpr uint32_t slots = 3;
    NameId hook_state = 0;
    NameId records[2] = {};
    NameId generations[slots] = {};
    NameId staged[limits::jobs_at_once] = {};
    bool is_staged(NameId name) const {
        return std::ranges::find(staged, name) != std::end(staged);
    }
};

// Parses the files of images, each content once.
class ImageReader {
  public:
    explicit ImageReader(Catalogue& catalogue) : names_(catalogue), catalogue_(catalogue) {}

    const ParsedRecord& record(ContentId content);
    const ParsedGeneration& generation(ContentId content);
    // The copy that counts; no_file when none is whole.
    ContentId counting_record(const Image& image);

    // What the generations that a record names held when the agent asked for it to be written, in
    // whichever life. A torn write can bring back a record whose own write was cut before.
    struct NamedContents {
        ContentId active = no_file;
        ContentId other = no_file;
        bool operator==(const NamedContents&) const = default;
    };
    void remember_contents(ContentId record, NamedContents contents);
    std::span<const NamedContents> contents_named_by(ContentId record) const;

    const DiskNames& names() const { return names_; }
    Catalogue& catalogue() { return catalogue_; }

  private:
    std::map<ContentId, std::vector<NamedContents>> contents_ = {};
    DiskNames names_;
    Catalogue& catalogue_;
    std::map<ContentId, ParsedRecord> records_ = {};
    std::map<ContentId, ParsedGeneration> generations_ = {};
};

}  // namespace dialtone::sim
