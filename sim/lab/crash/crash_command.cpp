// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab crash: the search of crash.h over all write paths, or over one, and with --planted
// over all planted bugs.
#include <algorithm>
#include <string>

#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/crash/crash.h"
#include "sim/lab/crash/planted_bugs.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t default_depth = 3;
constexpr uint32_t default_seconds = 40;
constexpr uint32_t planted_depth = 1;
constexpr uint64_t planted_enough = 200;  // violations; the bug is caught long before
constexpr uint32_t least_depth = 2;       // at which the minima of the table count

struct Request {
    std::string_view path = {};
    uint32_t depth = default_depth;
    uint32_t seconds = default_seconds;
    bool planted = false;
    bool list = false;
};

std::string grouped(uint64_t number) {
    std::string out = std::to_string(number);
    for (int64_t at = static_cast<int64_t>(out.size()) - 3; at > 0; at -= 3)
        out.insert(static_cast<uint32_t>(at), ",");
    return out;
}

std::string padded(std::string_view text, uint32_t columns) {
    std::string out(text);
    if (out.size() < columns) out.append(columns - out.size(), ' ');
    return out;
}

// Shows how far one path is, and ends it when its share of the time is over.
class ConsoleProgress : public CrashProgress {
  public:
    ConsoleProgress(std::string_view path, uint64_t until_ms) : path_(path), until_ms_(until_ms) {}

    bool keep_going(const CrashFigures& so_far, uint32_t depth, uint64_t done,
                    uint64_t of) override {
        const uint64_t now = console::now_ms();
        if (depth != depth_) {
            depth_ = depth;
            began_ms_ = now;
        }
        std::string words = "crash: " + std::string(path_) + ", cut " + std::to_string(depth) +
                            " deep: " + grouped(so_far.states) + " states, " + grouped(done) +
                            " of " + grouped(of) + " boots";
        const uint64_t left_ms = done == 0 ? 0 : (now - began_ms_) * (of - done) / done;
        const uint64_t limit_ms = until_ms_ - std::min(now, until_ms_);
        if (done > 0)
            words += ", " + std::to_string((std::min(left_ms, limit_ms) + 999) / 1000) + " s left";
        console::progress(words);
        return now < until_ms_ && !console::interrupted();
    }

  private:
    std::string_view path_;
    uint64_t until_ms_;
    uint64_t began_ms_ = 0;
    uint32_t depth_ = 0;
};

// One path, with what is to be said about it. False: too little was enumerated.
bool crash_one(const WritePath& path, const Request& request, uint64_t until_ms,
               CrashFigures& all) {
    ConsoleProgress progress(path.name, until_ms);
    const CrashFigures figures = crash_path(path, {.depth = request.depth}, progress);
    all.add(figures);
    console::remark(padded(path.name, 24) + grouped(figures.states) + " states, " +
                    grouped(figures.images) + " images, " + grouped(figures.boots) + " boots, " +
                    std::to_string(figures.all_violations()) + " violations" +
                    (figures.complete ? "" : ", not all of it"));
    for (const std::string& found : figures.found)
        console::remark("  " + found);
    const bool enough = request.depth < least_depth || (figures.states >= path.least_states &&
                                                        figures.images >= path.least_images);
    if (!enough)
        console::remark("  too few: the path has at least " + grouped(path.least_states) +
                        " states and " + grouped(path.least_images) + " images");
    return enough;
}

int crash_all(std::span<const WritePath> paths, const Request& request) {
    const uint64_t begin_ms = console::now_ms();
    const uint64_t end_ms = begin_ms + uint64_t{request.seconds} * 1000;
    CrashFigures all;
    bool enough = true;
    for (uint32_t at = 0; at < paths.size() && !console::interrupted(); ++at) {
        // The time that a path leaves of its share goes to the paths after it.
        const uint64_t now = console::now_ms();
        const uint64_t share_ms = (end_ms - std::min(now, end_ms)) / (paths.size() - at);
        enough = crash_one(paths[at], request, now + share_ms, all) && enough;
    }
    const uint64_t took_ms = std::max<uint64_t>(console::now_ms() - begin_ms, 1);
    console::remark(grouped(all.states * 1000 / took_ms) + " states a second");
    console::print("crash: states=" + std::to_string(all.states) +
                   " images=" + std::to_string(all.images) +
                   " boots_per_s=" + std::to_string(all.boots * 1000 / took_ms) +
                   " depth=" + std::to_string(request.depth) +
                   " violations=" + std::to_string(all.all_violations()));
    if (all.all_violations() > 0) return lab_found;
    if (console::interrupted()) return lab_interrupted;
    return enough ? lab_fine : lab_found;
}

CrashFigures with_bug(MutatorChoice mutator_choice) {
    CrashFigures all;
    ConsoleProgress progress("planted", UINT64_MAX);
    const CrashOptions options{.depth = planted_depth,
                               .mutator_choice = mutator_choice,
                               .enough_violations = planted_enough};
    for (const WritePath& path : write_paths()) {
        if (!console::interrupted()) all.add(crash_path(path, options, progress));
    }
    return all;
}

int plant_all() {
    const bool clean = with_bug({}).all_violations() == 0;
    if (!clean) console::remark("without any planted bug there are violations already");
    std::string head = padded("violations by oracle", 26);
    for (uint32_t i = 0; i < oracle_count; ++i)
        head += padded(oracle_name(static_cast<Oracle>(i)), 12);
    console::remark(head);
    const auto bugs = planted_bugs();
    uint32_t caught = 0;
    for (uint32_t which = 0; which < bugs.size(); ++which) {
        const CrashFigures figures = with_bug({.make = make_planted_mutator, .which = which});
        caught += figures.all_violations() > 0 ? 1 : 0;
        std::string line = padded(bugs[which].name, 26);
        for (uint64_t count : figures.violations)
            line += padded(count == 0 ? "-" : std::to_string(count), 12);
        console::remark(line + std::string(bugs[which].words));
    }
    console::print("planted: caught=" + std::to_string(caught) +
                   " of=" + std::to_string(bugs.size()));
    if (console::interrupted()) return lab_interrupted;
    return clean && caught == bugs.size() ? lab_fine : lab_found;
}

}  // namespace

int crash_command(Words words) {
    Request request;
    const LabOption options[] = {
        {.name = "--path", .text = &request.path},
        {.name = "--depth", .number = &request.depth, .highest = 16},
        {.name = "--seconds", .number = &request.seconds, .highest = 1'000'000},
        {.name = "--planted", .flag = &request.planted},
        {.name = "--list", .flag = &request.list},
    };
    if (!take_options(words, options)) return lab_usage;
    if (request.list) {
        for (const WritePath& path : write_paths())
            console::print(padded(path.name, 24) + std::string(path.words));
        return lab_fine;
    }
    if (request.planted) return plant_all();
    if (request.path.empty()) return crash_all(write_paths(), request);
    const WritePath* path = find_write_path(request.path);
    if (path == nullptr) {
        console::remark("dialtone-lab: no such path; --list names them");
        return lab_usage;
    }
    return crash_all({path, 1}, request);
}

}  // namespace dialtone::sim
