// SPDX-License-Identifier: Apache-2.0
//
// Holds the laboratory's disk model against a real file system. ext4_test.py records what dialtoned
// does and what the disk is given, cuts that short anywhere and extracts what the file system then
// holds. Here each such image has to be one that the model (sim/world/medium.h) has at that moment;
// the oracles of `dialtone-lab crash` judge it; and the agent is booted on it and judged again.
//
//     recorded_check PATH FOLDER KEYS   checks a recording of a path of write_paths.h, whose
//                                       configurations have KEYS further keys; FOLDER has
//
//         start/NAME          the files before
//
//         trace               the lines of step_recorder.cpp, and of the hooks
//                             "told POSITION KEY=VALUE"
//
//         images/NUMBER/NAME  what was found after cuts
//
//         cuts                lines "POSITION NUMBER", one a cut
//
//     recorded_check --file MARK KEYS   prints the configuration file of that mark
#include <stdio.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "agent/hex.h"
#include "agent/journal.h"
#include "agent/store/durable_files.h"
#include "platform/common/read_file.h"
#include "sim/lab/crash/judge_life.h"
#include "sim/world/medium.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t file_bytes = 64 * 1024 * 1024;
constexpr uint32_t words_kept = 12;

std::string content_of(const std::string& path) {
    auto content = read_file(path, file_bytes);
    if (content) return *content;
    ::fprintf(stderr, "recorded_check: %s cannot be read\n", path.c_str());
    ::exit(2);
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> out;
    while (!text.empty()) {
        const auto end = text.find(at);
        out.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return out;
}

uint64_t number_of(std::string_view text) {
    uint64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// A moment of the recorded segment, after an event of it.
struct Moment {
    uint64_t position = 0;
    Medium medium;
    DurabilityFloor floor = {};
    std::string words = {};
};

class Check {
  public:
    Check(const WritePath& path, std::string folder)
        : folder_(std::move(folder)), path_(path), phone_(path, reader_, {}) {}

    int run();

  private:
    Image image_in(const std::string& folder);
    void follow(std::span<const std::string_view> lines);
    void follow_line(std::string_view line);
    void follow_step(std::string_view what, std::span<const std::string_view> words);
    void follow_report(std::string_view line);
    void hear(std::string_view key_line);
    const Moment& moment_at(uint64_t position) const;
    void judge(uint64_t position, Image image, uint64_t number);
    void add_violation(uint64_t position, uint64_t number, const std::string& words);
    std::string difference(const Medium& medium, const Image& image) const;

    std::string folder_;
    const WritePath& path_;
    Catalogue catalogue_ = {};
    ImageReader reader_{catalogue_};
    CrashPhone phone_;
    std::map<std::string, std::string> hook_state_ = {};
    std::vector<Moment> moments_ = {};
    std::optional<ExpectedHistory> history_ = {};
    std::map<uint64_t, Image> images_ = {};
    std::vector<std::pair<Image, bool>> booted_ = {};
    uint64_t outside_ = 0;
    uint64_t violations_ = 0;
    uint64_t said_ = 0;
};

Image Check::image_in(const std::string& folder) {
    Image image;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename();
        const DurableFile* file = find_durable_file(name);
        if (file != nullptr && file->kind != DurableKind::journal)
            image.files[catalogue_.name_id(name)] =
                catalogue_.intern(bytes_of(content_of(entry.path())));
    }
    return image;
}

void Check::hear(std::string_view key_line) {
    const auto equals = key_line.find('=');
    hook_state_[std::string(key_line.substr(0, equals))] = key_line.substr(equals + 1);
    std::string out;
    for (const auto& [key, value] : hook_state_) {
        if (!value.empty()) out.append(key).append("=").append(value).append("\n");
    }
    moments_.back().medium.put(reader_.names().hook_state, catalogue_.intern(bytes_of(out)));
}

void Check::follow_report(std::string_view text) {
    const auto entry = decode_journal_line(text);
    if (!entry) return;
    JournalLine line{.kind = entry->kind};
    for (const auto& [name, value] : entry->fields)
        line.fields.emplace_back(name, value);
    if (const auto violation = history_->report(line))
        add_violation(moments_.back().position, 0, violation->words);
}

void Check::follow_step(std::string_view what, std::span<const std::string_view> words) {
    Storage step;
    DiskStep numbered;
    if (words.size() > 1) {
        step.name = words[1];
        numbered.name = catalogue_.name_id(step.name);
    }
    if (words[0] == "write") {
        const auto bytes = words.size() > 2 ? bytes_of_hex(words[2]) : std::vector<uint8_t>();
        step.step = numbered.step = StorageStep::write;
        if (bytes) step.bytes = *bytes;
        numbered.content = catalogue_.intern(step.bytes);
        if (const auto violation = history_->request(step))
            add_violation(moments_.back().position, 0, violation->words);
    } else {
        numbered.step = words[0] == "remove"      ? StorageStep::remove
                        : words[0] == "sync_file" ? StorageStep::sync_file
                                                  : StorageStep::sync_directory;
    }
    Medium& medium = moments_.back().medium;
    what == "begin" ? medium.begin(numbered) : medium.finish(numbered);
}

void Check::follow_line(std::string_view line) {
    const auto words = split(line, '\t');
    if (words.size() < 3) return;
    Moment next = moments_.back();
    next.position = std::max(next.position, number_of(words[1]));
    next.words = line.substr(0, 60);
    moments_.push_back(std::move(next));
    if (words[0] == "report") {
        follow_report(line.substr(words[0].size() + words[1].size() + 2));
    } else if (words[0] == "told") {
        hear(words[2]);
    } else {
        follow_step(words[0], std::span(words).subspan(2));
    }
    moments_.back().floor = history_->floor();
}

const Moment& Check::moment_at(uint64_t position) const {
    const Moment* found = &moments_.front();
    for (const Moment& moment : moments_) {
        if (moment.position > position) break;
        found = &moment;
    }
    return *found;
}

void Check::add_violation(uint64_t position, uint64_t number, const std::string& words) {
    if (++said_ > words_kept) return;
    ::printf("cut at %llu, image %llu: %s\n", static_cast<unsigned long long>(position),
             static_cast<unsigned long long>(number), words.c_str());
}

// The names whose content the model has in no image of that moment.
std::string Check::difference(const Medium& medium, const Image& image) const {
    std::string out;
    for (NameId name = 0; name < catalogue_.name_count(); ++name) {
        bool known = false;
        medium.each_image([&](const Image& possible) {
            known = possible.files[name] == image.files[name];
            return !known;
        });
        if (known) continue;
        const auto size =
            image.files[name] == no_file ? 0 : catalogue_.bytes(image.files[name]).size();
        out += " " + catalogue_.name(name) +
               (image.files[name] == no_file ? " (none)" : " (" + std::to_string(size) + " B)");
    }
    return out.empty() ? " a combination of contents, each possible" : out;
}

void Check::judge(uint64_t position, Image image, uint64_t number) {
    const Moment& moment = moment_at(position);
    image.files[reader_.names().hook_state] =
        moment.medium.seen().files[reader_.names().hook_state];
    bool possible = false;
    moment.medium.each_image([&](const Image& one) {
        possible = one == image;
        return !possible;
    });
    if (!possible) {
        ++outside_;
        add_violation(position, number,
                      "the model has no such image after '" + moment.words +
                          "':" + difference(moment.medium, image));
    }
    const ContentId record = reader_.counting_record(image);
    if (const auto violation = history_->judge(image, record, moment.floor)) {
        ++violations_;
        add_violation(position, number, violation->words);
    }
    for (const auto& [booted, fine] : booted_) {
        if (booted == image) return;
    }
    const auto found = judge_life(path_, reader_, phone_.recover(image), 1);
    booted_.emplace_back(image, found.empty());
    for (const Violation& violation : found) {
        ++violations_;
        add_violation(position, number, "booted: " + violation.words);
    }
}

int Check::run() {
    Image start = image_in(folder_ + "/start");
    const ContentId record = reader_.counting_record(start);
    const uint32_t active = record == no_file ? 0 : reader_.record(record).active;
    std::string lines;
    if (active != 0)
        lines = reader_.generation(start.files[reader_.names().generation(active)]).lines();
    moments_.push_back({.medium = Medium(catalogue_, start)});
    history_.emplace(reader_, start);
    for (std::string_view line : split(lines, '\n'))
        hear(line);
    const std::string trace = content_of(folder_ + "/trace");
    for (std::string_view line : split(trace, '\n'))
        follow_line(line);
    for (const auto& entry : std::filesystem::directory_iterator(folder_ + "/images"))
        images_[number_of(entry.path().filename().string())] = image_in(entry.path());
    uint64_t cuts = 0;
    const std::string list = content_of(folder_ + "/cuts");
    for (std::string_view line : split(list, '\n')) {
        const auto words = split(line, ' ');
        judge(number_of(words[0]), images_.at(number_of(words[1])), number_of(words[1]));
        ++cuts;
    }
    ::printf("recorded: path=%s events=%zu cuts=%llu images=%zu outside=%llu violations=%llu\n",
             std::string(path_.name).c_str(), moments_.size() - 1,
             static_cast<unsigned long long>(cuts), booted_.size(),
             static_cast<unsigned long long>(outside_),
             static_cast<unsigned long long>(violations_));
    return outside_ == 0 && violations_ == 0 && said_ == 0 ? 0 : 1;
}

}  // namespace
}  // namespace dialtone::sim

int main(int count, char** arguments) {
    using namespace dialtone::sim;
    const auto more_keys = count == 4 ? static_cast<uint32_t>(number_of(arguments[3])) : 0;
    if (count == 4 && std::string_view(arguments[1]) == "--file") {
        ::fputs(marked_file(arguments[2], more_keys).c_str(), stdout);
        return 0;
    }
    const WritePath* found = count == 4 ? find_write_path(arguments[1]) : nullptr;
    if (found == nullptr) {
        ::fputs("usage: recorded_check PATH FOLDER KEYS | --file MARK KEYS\n", stderr);
        return 2;
    }
    WritePath path = *found;
    path.more_keys = more_keys;
    return Check(path, arguments[2]).run();
}
