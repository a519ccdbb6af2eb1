// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/explore.h"

#include <algorithm>

namespace dialtone::sim {
namespace {

constexpr uint32_t found_kept = 20;

std::string path_words(const std::vector<uint32_t>& path) {
    std::string out;
    for (const uint32_t answer : path)
        out += (out.empty() ? "" : ",") + std::to_string(answer);
    return out;
}

}  // namespace

ExploreFigures explore(uint32_t depth, ExploreProgress& progress) {
    ExploreFigures figures;
    EnumeratedChoice choice(depth);
    do {
        const Scenario scenario = small_scenario(choice);
        const RunResult result = PhoneRun(scenario, choice).run();
        ++figures.runs;
        figures.lives += result.lives;
        figures.stuck += result.stuck ? 1 : 0;
        figures.violations += result.violations.size();
        figures.most_choices = std::max(figures.most_choices, choice.asked());
        const bool fine = !result.stuck && result.violations.empty();
        if (!fine && figures.found.size() < found_kept)
            figures.found.push_back("choices " + path_words(choice.path()) + ": " +
                                    (result.stuck ? "stuck" : result.violations.front()));
        if (!progress.keep_going(figures)) return figures;
    } while (choice.next());
    figures.complete = true;
    return figures;
}

std::vector<std::string> replay_path(std::span<const uint32_t> path) {
    EnumeratedChoice choice(path);
    const Scenario scenario = small_scenario(choice);
    LadderDiagram ladder;
    const RunResult result = PhoneRun(scenario, choice, &ladder).run();
    std::vector<std::string> out = ladder.lines();
    for (const std::string& violation : result.violations)
        out.push_back("violation: " + violation);
    out.push_back("replay: stuck=" + std::to_string(result.stuck ? 1 : 0) +
                  " violations=" + std::to_string(result.violations.size()));
    return out;
}

}  // namespace dialtone::sim
