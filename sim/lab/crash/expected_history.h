// SPDX-License-Identifier: Apache-2.0
//
// Judges what a power cut left: holds an image against what the agent asked the disk to write,
// before anything was changed or torn, and against what it reported as done.
//
// Who calls it: the recorder of a life (crash_phone.cpp) and the search (crash.cpp).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/effect.h"
#include "agent/event.h"
#include "sim/lab/crash/image_reader.h"
#include "sim/lab/crash/violation.h"
#include "sim/world/catalogue.h"

namespace dialtone::sim {

// What has to be found after a power cut at some moment, because it was reported as done before.
struct DurabilityFloor {
    uint32_t record = 0;         // of the records asked for, the oldest that may still count
    bool slots_removed = false;  // a factory reset is done: no generation may be found
    ContentId staged = no_file;  // a download was reported as kept, and is not given up yet
    NameId staged_name = 0;
    bool operator==(const DurabilityFloor&) const = default;
};

// What the agent asked the disk for and what it reported as done, since the phone was switched on
// with a given image. It says which images a power cut may leave.
class ExpectedHistory {
  public:
    ExpectedHistory(ImageReader& reader, const Image& start);

    // The agent asks the disk for this step. A violation when that alone is wrong.
    std::optional<Violation> request(const Storage& step);
    // The agent reports something as done.
    std::optional<Violation> report(const JournalLine& line);
    std::optional<Violation> report(CommandKind kind, std::string_view argument);
    // The phone answers a call of its ACS: what it asked for is durable. `key`: of the call.
    std::optional<Violation> report_answer(std::string_view method, std::string_view key);
    // An Inform that the ACS has taken names this event.
    std::optional<Violation> report_heard(const std::string& event);
    // The ACS is told of a transfer that is done, in the words of ParsedRecord::done; it takes it.
    std::optional<Violation> report_told(const std::string& event, const std::string& done);

    const DurabilityFloor& floor() const { return floor_; }
    // Whether `image` is what a cut may leave while `floor` holds.
    std::optional<Violation> judge(const Image& image, ContentId record,
                                   const DurabilityFloor& floor) const;

  private:
    struct RequestedRecord {
        ContentId record = no_file;
        ParsedRecord read = {};
        ImageReader::NamedContents contents = {};
    };
    std::optional<Violation> judge_record(const Image& image, ContentId record,
                                          const DurabilityFloor& floor) const;
    bool holds_whole_generations(const Image& image, const ParsedRecord& record) const;
    bool holds_contents(const Image& image, const ParsedRecord& record,
                        const ImageReader::NamedContents& contents) const;
    std::optional<Violation> request_record(ContentId content);
    void request_staged(const Storage& step, NameId name);
    std::optional<Violation> report_staged();
    std::optional<Violation> request_generation(ContentId content, NameId slot);
    std::optional<Violation> judge_dropped(const ParsedRecord& next) const;
    Violation unkept_report(std::string_view what) const;

    ImageReader& reader_;
    std::vector<RequestedRecord> requested_ = {};     // the first is the one of the start
    std::map<uint32_t, ContentId> generations_ = {};  // by number, as last asked for
    DurabilityFloor floor_ = {};
    std::vector<uint8_t> body_ = {};  // of the download, as its pieces were asked for
    NameId body_name_ = 0;
    std::vector<std::string> heard_ = {};  // events that the ACS knows of
};

}  // namespace dialtone::sim
