// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/crash/expected_history.h"

#include <algorithm>
#include <string>
#include <utility>

#include "sim/lab/crash/write_paths.h"

namespace dialtone::sim {
namespace {

// As a record and a generation have them on disk (agent/store/record.h, codec.h).
constexpr uint8_t trying = 1;
constexpr uint8_t operator_origin = 3;
constexpr uint8_t acs_origin = 2;
constexpr uint8_t file_origin = 1;
constexpr std::string_view serial_key = "serial";

// What comes after the last dot of a value: in the laboratory's configurations all values of a
// file say which file they are of.
std::string_view mark_of(std::string_view value) {
    const auto dot = value.rfind('.');
    return dot == std::string_view::npos ? std::string_view() : value.substr(dot + 1);
}

bool is_mixture(const ParsedGeneration& generation) {
    std::string_view mark;
    for (const ParsedItem& item : generation.items) {
        if (item.origin != file_origin || item.key == extra_key) continue;
        if (item.key == serial_key) {  // behind all others
            if (item.value != std::to_string(serial_of_mark(mark))) return true;
            continue;
        }
        if (!mark.empty() && mark != mark_of(item.value)) return true;
        mark = mark_of(item.value);
    }
    return false;
}

std::string_view acs_value(const ParsedGeneration& generation, std::string_view key) {
    for (const ParsedItem& item : generation.items) {
        if (item.origin == acs_origin && item.key == key) return item.value;
    }
    return {};
}

bool is_mixture_of_calls(const ParsedGeneration& generation) {
    return !are_of_one_call(acs_value(generation, acs_interval_key),
                            acs_value(generation, acs_time_key),
                            acs_value(generation, acs_mark_key));
}

Violation not_whole(std::string words) {
    return {Oracle::whole, std::move(words)};
}

uint64_t field_number(const JournalLine& line, std::string_view name) {
    uint64_t number = 0;
    for (const auto& [field, value] : line.fields) {
        if (field != name) continue;
        for (char c : value)
            number = number * 10 + static_cast<uint64_t>(c - '0');
    }
    return number;
}

}  // namespace

std::string_view oracle_name(Oracle oracle) {
    constexpr std::string_view names[oracle_count] = {"comes up", "whole", "kept word"};
    return names[static_cast<uint32_t>(oracle)];
}

ExpectedHistory::ExpectedHistory(ImageReader& reader, const Image& start) : reader_(reader) {
    RequestedRecord first;
    first.record = reader_.counting_record(start);
    if (first.record != no_file) first.read = reader_.record(first.record);
    const auto held = [&](uint32_t number) {
        return number == 0 ? no_file : start.files[reader_.names().generation(number)];
    };
    first.contents = {held(first.read.active), held(first.read.other)};
    generations_[first.read.active] = first.contents.active;
    generations_[first.read.other] = first.contents.other;
    requested_.push_back(first);
}

std::optional<Violation> ExpectedHistory::request(const Storage& step) {
    const DiskNames& names = reader_.names();
    if (step.name.empty()) return {};
    const NameId name = reader_.catalogue().name_id(step.name);
    if (names.is_staged(name)) request_staged(step, name);
    if (step.step != StorageStep::write) return {};
    const ContentId content = reader_.catalogue().intern(step.bytes);
    if (std::ranges::find(names.records, name) != std::end(names.records))
        return request_record(content);
    if (std::ranges::find(names.generations, name) != std::end(names.generations))
        return request_generation(content, name);
    return {};
}

std::optional<Violation> ExpectedHistory::request_record(ContentId content) {
    RequestedRecord requested;
    requested.record = content;
    requested.read = reader_.record(content);
    if (!requested.read.whole) return not_whole("the agent writes a record that is not whole");
    for (const auto& [number, held] :
         {std::pair(requested.read.active, &requested.contents.active),
          std::pair(requested.read.other, &requested.contents.other)}) {
        if (number == 0) continue;
        const auto place = generations_.find(number);
        if (place == generations_.end())
            return not_whole("the agent's record names generation " + std::to_string(number) +
                             ", which nobody wrote");
        *held = place->second;
    }
    auto dropped = judge_dropped(requested.read);
    requested_.push_back(requested);
    if (dropped) return dropped;
    reader_.remember_contents(content, requested.contents);
    return {};
}

// No event goes before an ACS has heard of it, but with a factory reset.
std::optional<Violation> ExpectedHistory::judge_dropped(const ParsedRecord& next) const {
    if (next.active == 0 && requested_.back().read.active != 0) return {};
    for (const std::string& event : requested_.back().read.owed) {
        if (std::ranges::find(next.owed, event) != next.owed.end()) continue;
        if (std::ranges::find(heard_, event) == heard_.end())
            return Violation{Oracle::kept_reports, "the record lets go of the event " + event +
                                                       ", and no ACS has heard of it"};
    }
    return {};
}

// What the record does not hold any more was heard and recorded: it is not told again.
std::optional<Violation> ExpectedHistory::report_heard(const std::string& event) {
    heard_.push_back(event);
    const auto& owed = requested_.back().read.owed;
    if (std::ranges::find(owed, event) != owed.end()) return {};
    return Violation{Oracle::kept_reports,
                     "the ACS is told of " + event + ", of which the record says nothing"};
}

// Whatever cut comes now, it would be told again with the same key and times.
std::optional<Violation> ExpectedHistory::report_told(const std::string& event,
                                                      const std::string& done) {
    heard_.push_back(event);
    const auto holds = [&done](const RequestedRecord& one) {
        return std::ranges::find(one.read.done, done) != one.read.done.end();
    };
    auto first = static_cast<uint32_t>(requested_.size());
    while (first > 0 && holds(requested_[first - 1]))
        --first;
    if (first == requested_.size())
        return Violation{Oracle::kept_reports,
                         "the ACS is told of " + done + ", of which the record says nothing"};
    floor_.record = std::max(floor_.record, first);
    return {};
}

std::optional<Violation> ExpectedHistory::report_answer(std::string_view method,
                                                        std::string_view key) {
    const RequestedRecord& last = requested_.back();
    bool holds = true;
    if (method == "SetParameterValuesResponse") {
        holds = acs_value(reader_.generation(last.contents.active), acs_mark_key) == key;
    } else if (method == "ScheduleInformResponse") {
        holds = std::ranges::count(last.read.owed, "M ScheduleInform " + std::string(key)) > 0;
    } else if (method == "DownloadResponse") {
        holds = std::ranges::count(last.read.owed, "M Download " + std::string(key)) > 0;
    } else if (method == "SetParameterAttributesResponse") {
        holds = last.read.passive > 0;
    } else {
        return {};
    }
    floor_.record = static_cast<uint32_t>(requested_.size() - 1);
    if (!holds) return unkept_report(method);
    return {};
}

std::optional<Violation> ExpectedHistory::request_generation(ContentId content, NameId slot) {
    const ParsedGeneration& generation = reader_.generation(content);
    if (!generation.whole || slot != reader_.names().generation(generation.number))
        return not_whole("the agent writes a generation that is not whole, or not into its slot");
    generations_[generation.number] = content;
    floor_.slots_removed = false;
    if (is_mixture(generation)) return not_whole("the agent writes a mixture of two files");
    if (is_mixture_of_calls(generation))
        return not_whole("the agent writes a mixture of two calls of its ACS");
    return {};
}

void ExpectedHistory::request_staged(const Storage& step, NameId name) {
    if (step.step == StorageStep::remove) {
        floor_.staged = no_file;
        body_.clear();
    }
    if (step.step != StorageStep::append) return;
    body_name_ = name;
    body_.insert(body_.end(), step.bytes.begin(), step.bytes.end());
}

// From now on the file is there, whole, until its removal begins.
std::optional<Violation> ExpectedHistory::report_staged() {
    const std::string_view kept(reinterpret_cast<const char*>(body_.data()), body_.size());
    floor_.staged = reader_.catalogue().intern(body_);
    floor_.staged_name = body_name_;
    if (kept == job_body(static_cast<uint32_t>(kept.size())) || kept == marked_file(acs_file_mark))
        return {};
    return not_whole("a download is kept that is not what the server sent");
}

Violation ExpectedHistory::unkept_report(std::string_view what) const {
    const ParsedRecord& last = requested_.back().read;
    return {Oracle::kept_reports, std::string(what) +
                                      " is reported, but the last record wished for "
                                      "says active " +
                                      std::to_string(last.active) + ", other " +
                                      std::to_string(last.other) + ", trial " +
                                      std::to_string(last.trial)};
}

std::optional<Violation> ExpectedHistory::report(const JournalLine& line) {
    if (line.kind == JournalKind::staged) return report_staged();
    const ParsedRecord& last = requested_.back().read;
    const uint64_t generation = field_number(line, "generation");
    const uint64_t predecessor = field_number(line, "predecessor");
    bool holds = false;
    if (line.kind == JournalKind::applied) {
        holds = last.active == generation && last.other == predecessor;
    } else if (line.kind == JournalKind::trial_confirmed) {
        holds = last.active == generation && last.trial == 0;
    } else if (line.kind == JournalKind::rolled_back) {
        holds = last.active == predecessor && last.trial == 0 && last.other == 0;
    } else if (line.kind == JournalKind::factory_reset) {
        holds = last.active == 0;
        floor_.slots_removed = true;
    } else {
        return {};
    }
    floor_.record = static_cast<uint32_t>(requested_.size() - 1);
    if (!holds) return unkept_report(journal_form(line.kind).name);
    return {};
}

// A command that was answered as done.
std::optional<Violation> ExpectedHistory::report(CommandKind kind, std::string_view argument) {
    const RequestedRecord& last = requested_.back();
    const auto equals = argument.find('=');
    bool holds = true;
    if (kind == CommandKind::set) {
        const ParsedGeneration& active = reader_.generation(last.contents.active);
        holds = std::ranges::any_of(active.items, [&](const ParsedItem& item) {
            return item.origin == operator_origin && item.key == argument.substr(0, equals) &&
                   item.value == argument.substr(equals + 1);
        });
    } else if (kind == CommandKind::confirm) {
        holds = last.read.trial != trying;
    } else if (kind == CommandKind::factory_reset) {
        holds = last.read.active == 0;
        floor_.slots_removed = true;
    } else {
        return {};
    }
    floor_.record = static_cast<uint32_t>(requested_.size() - 1);
    if (!holds) return unkept_report("an operator's command");
    return {};
}

std::optional<Violation> ExpectedHistory::judge(const Image& image, ContentId record,
                                                const DurabilityFloor& floor) const {
    if (auto violation = judge_record(image, record, floor)) return violation;
    if (floor.staged != no_file && image.files[floor.staged_name] != floor.staged)
        return Violation{Oracle::kept_reports,
                         "a download was reported as kept, and its file is another"};
    for (NameId slot : reader_.names().generations) {
        if (floor.slots_removed && image.files[slot] != no_file)
            return Violation{Oracle::kept_reports,
                             "a factory reset was reported as done, and a generation is found"};
    }
    return {};
}

std::optional<Violation> ExpectedHistory::judge_record(const Image& image, ContentId record,
                                                       const DurabilityFloor& floor) const {
    const RequestedRecord& promised = requested_[floor.record];
    auto at = static_cast<uint32_t>(requested_.size());
    while (at > 0 && requested_[at - 1].record != record)
        --at;
    if (at == 0) {
        const auto contents_named_by = reader_.contents_named_by(record);
        const ParsedRecord& read = reader_.record(record);
        const bool later = read.sequence - promised.read.sequence - 1 < 0x7fff'ffff;
        const bool whole = std::ranges::any_of(contents_named_by, [&](const auto& contents) {
            return holds_contents(image, read, contents);
        });
        const bool was_asked_for = !contents_named_by.empty();
        if (later && (whole || (was_asked_for && holds_whole_generations(image, read)))) return {};
        return not_whole("the record that counts is none that was ever whole");
    }
    const RequestedRecord& requested = requested_[at - 1];
    if (at - 1 < floor.record)
        return Violation{Oracle::kept_reports, "record " + std::to_string(requested.read.sequence) +
                                                   " counts, but record " +
                                                   std::to_string(promised.read.sequence) +
                                                   " was reported as done"};
    if (!holds_contents(image, requested.read, requested.contents))
        return not_whole("a generation that the record names, " +
                         std::to_string(requested.read.active) + " or " +
                         std::to_string(requested.read.other) + ", is not whole");
    return {};
}

// Two torn writes can complete a record of an earlier life that was never whole on the medium,
// where a phone that had lost it began at the same sequence again. It names a configuration all the
// same, if the slots hold whole generations of its numbers.
bool ExpectedHistory::holds_whole_generations(const Image& image,
                                              const ParsedRecord& record) const {
    const auto holds = [&](uint32_t number) {
        if (number == 0) return true;
        const ContentId content = image.files[reader_.names().generation(number)];
        if (content == no_file) return false;
        const ParsedGeneration& generation = reader_.generation(content);
        return generation.whole && generation.number == number;
    };
    return holds(record.active) && holds(record.other);
}

// Whether the generations that `record` names have the contents they had when the agent asked for
// it.
bool ExpectedHistory::holds_contents(const Image& image, const ParsedRecord& record,
                                     const ImageReader::NamedContents& contents) const {
    const auto holds = [&](uint32_t number, ContentId content) {
        return number == 0 || image.files[reader_.names().generation(number)] == content;
    };
    // A factory reset names what was active until hooks were told; then it removes it.
    if (record.active == 0) return true;
    return holds(record.active, contents.active) && holds(record.other, contents.other);
}

}  // namespace dialtone::sim
