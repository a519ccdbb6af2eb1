// SPDX-License-Identifier: Apache-2.0
//
// Judges what a power cut left. Reads record copies and generation files off the medium by itself,
// not with the agent's own code, and holds them against what the agent asked to be written (its
// wishes, before anything was rewritten or torn) and against what it said was done.
//
// Who calls it: the recorder of a life (crash_life.h) and the search (crash.h).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/effect.h"
#include "agent/event.h"
#include "sim/world/catalogue.h"

namespace dialtone::sim {

// The questions; docs/testing.md has them at length.
enum class Oracle : uint8_t {
    comes_up,   // does the phone come up, rest, and hold what its server offers
    whole,      // does the durable state name one whole generation, never a mixture
    kept_word,  // is what was reported as done still done
};
inline constexpr uint32_t oracle_count = 3;
std::string_view oracle_name(Oracle oracle);

struct Complaint {
    Oracle oracle = Oracle::comes_up;
    std::string words = {};
};

// A record copy as the oracle reads it. Not whole: nothing else counts.
struct ReadRecord {
    bool whole = false;
    uint32_t sequence = 0;
    uint32_t active = 0;
    uint32_t other = 0;
    uint8_t trial = 0;
    uint8_t hooks_due = 0;
};

struct ReadItem {
    std::string key = {};
    uint8_t origin = 0;
    std::string value = {};
};

struct ReadGeneration {
    bool whole = false;
    uint32_t number = 0;
    std::vector<ReadItem> items = {};

    // What counts for `key`; empty when nobody set it.
    std::string_view value(std::string_view key) const;
    // One line KEY=VALUE a key, sorted: what the phone's software is told.
    std::string lines() const;
};

// The names of the agent's files, and the one that is none: what hooks were told so far.
struct AgentNames {
    explicit AgentNames(Catalogue& catalogue);
    NameId generation(uint32_t number) const { return generations[number % slots]; }

    static constexpr uint32_t slots = 3;
    NameId told = 0;
    NameId records[2] = {};
    NameId generations[slots] = {};
};

// Reads files off images; each content once.
class MediumReader {
  public:
    explicit MediumReader(Catalogue& catalogue) : names_(catalogue), catalogue_(catalogue) {}

    const ReadRecord& record(ContentId content);
    const ReadGeneration& generation(ContentId content);
    // The copy that counts; no_file when none is whole.
    ContentId counting_record(const Image& image);

    // What the numbers of a record stood for when the agent wished for it, in whichever stretch of
    // life. A torn write can bring back a record whose own write was cut before.
    struct Meaning {
        ContentId active = no_file;
        ContentId other = no_file;
        bool operator==(const Meaning&) const = default;
    };
    void remember(ContentId record, Meaning meaning);
    std::span<const Meaning> meanings(ContentId record) const;

    const AgentNames& names() const { return names_; }
    Catalogue& catalogue() { return catalogue_; }

  private:
    std::map<ContentId, std::vector<Meaning>> meanings_ = {};
    AgentNames names_;
    Catalogue& catalogue_;
    std::map<ContentId, ReadRecord> records_ = {};
    std::map<ContentId, ReadGeneration> generations_ = {};
};

// What must still be so after a cut at some moment.
struct Promise {
    uint32_t floor = 0;       // the wish behind which the durable state must not fall
    bool slots_gone = false;  // a factory reset is done: no generation may be found
    bool operator==(const Promise&) const = default;
};

// The agent's wishes and reports since the phone was switched on at a given image.
class Lineage {
  public:
    Lineage(MediumReader& reader, const Image& start);

    // The agent asks for this step. A complaint when that alone is wrong.
    std::optional<Complaint> wish(const Storage& step);
    // The agent reports something as done.
    std::optional<Complaint> report(const JournalLine& line);
    std::optional<Complaint> report(CommandKind kind, std::string_view argument);

    const Promise& promise() const { return promise_; }
    // Whether `image` is what a cut may leave while `promise` holds.
    std::optional<Complaint> judge(const Image& image, ContentId record,
                                   const Promise& promise) const;

  private:
    struct Wish {
        ContentId record = no_file;
        ReadRecord read = {};
        MediumReader::Meaning meaning = {};
    };
    std::optional<Complaint> judge_record(const Image& image, ContentId record,
                                          const Promise& promise) const;
    bool stands_for(const Image& image, const ReadRecord& record,
                    const MediumReader::Meaning& meaning) const;
    std::optional<Complaint> wish_record(ContentId content);
    std::optional<Complaint> wish_generation(ContentId content, NameId slot);
    Complaint broken_word(std::string_view what) const;

    MediumReader& reader_;
    std::vector<Wish> wishes_ = {};                   // of records, the first is the start
    std::map<uint32_t, ContentId> generations_ = {};  // by number, as last wished
    Promise promise_ = {};
};

}  // namespace dialtone::sim
