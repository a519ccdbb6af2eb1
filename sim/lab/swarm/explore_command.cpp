// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab explore: goes as deep as it is told, or until the time is up.
#include <algorithm>
#include <string>

#include "sim/lab/cells.h"
#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/swarm/explore.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t default_depth = 6;
constexpr uint32_t default_seconds = 40;
constexpr uint32_t look_every = 16;

class ConsoleProgress : public ExploreProgress {
  public:
    explicit ConsoleProgress(uint64_t until_ms) : until_ms_(until_ms) {}

    bool keep_going(const ExploreFigures& figures) override {
        if (figures.runs % look_every != 0) return true;
        const uint64_t now = console::now_ms();
        console::progress("explore: " + std::to_string(figures.runs) + " runs, " +
                          std::to_string(figures.violations) + " violations, at most " +
                          std::to_string((until_ms_ - std::min(now, until_ms_) + 999) / 1000) +
                          " s left");
        return now < until_ms_ && !console::interrupted();
    }

  private:
    uint64_t until_ms_;
};

// "0,3,1" to numbers; anything else ends it.
std::vector<uint32_t> numbers_of(std::string_view text) {
    std::vector<uint32_t> numbers(1);
    for (const char c : text) {
        if (c == ',') {
            numbers.push_back(0);
        } else if (c >= '0' && c <= '9') {
            numbers.back() = numbers.back() * 10 + static_cast<uint32_t>(c - '0');
        } else {
            break;
        }
    }
    return numbers;
}

}  // namespace

int explore_command(Words words) {
    uint32_t depth = default_depth;
    uint32_t seconds = default_seconds;
    std::string_view again;
    const LabOption options[] = {
        {.name = "--depth", .number = &depth, .highest = 64},
        {.name = "--seconds", .number = &seconds, .highest = 1'000'000},
        {.name = "--replay", .text = &again},
    };
    if (!take_options(words, options)) return lab_usage;
    if (!again.empty()) {
        const auto lines = replay_path(numbers_of(again));
        for (const std::string& line : lines)
            console::print(line);
        return lines.back().ends_with(" stuck=0 violations=0") ? lab_fine : lab_found;
    }
    reset_cells();
    const uint64_t begin_ms = console::now_ms();
    ConsoleProgress progress(begin_ms + uint64_t{seconds} * 1000);
    const ExploreFigures figures = explore(depth, progress);
    const uint64_t took_ms = std::max<uint64_t>(console::now_ms() - begin_ms, 1);
    for (const std::string& found : figures.found)
        console::remark(found);
    console::remark(std::to_string(figures.lives) + " lives, " +
                    std::to_string(figures.lives * 1000 / took_ms) +
                    " a second; one run asked for up to " + std::to_string(figures.most_choices) +
                    " choices" + (figures.complete ? "" : "; not all of it"));
    console::print("explore: runs=" + std::to_string(figures.runs) +
                   " depth=" + std::to_string(depth) + " stuck=" + std::to_string(figures.stuck) +
                   " violations=" + std::to_string(figures.violations));
    if (figures.stuck > 0 || figures.violations > 0) return lab_found;
    if (console::interrupted()) return lab_interrupted;
    return figures.complete ? lab_fine : lab_found;
}

}  // namespace dialtone::sim
