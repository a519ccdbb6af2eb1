// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/swarm.h"

#include <algorithm>

namespace dialtone::sim {
namespace {

constexpr uint32_t found_kept = 20;

// The runs of the seeds before are held to their bytes (tests/data/lab/digests): nobody downloads
// anything beside the pass there, as in a phone that nobody asks to. Signed sites came later still.
constexpr uint64_t first_seed_with_jobs = 180;
constexpr uint64_t first_seed_with_signatures = 2'000;
constexpr uint64_t first_seed_with_acs = 3'000;

// Worlds in which something happens to which chance hardly ever leads; one seed in so many each.
constexpr uint64_t rare_every = 500;

// A restart that is wanted while the time is asked for: it takes a link that is down while an
// operator steers the phone, minutes after its start, and time servers that are silent.
void make_late_clock(Scenario& scenario) {
    scenario.time_server = true;
    scenario.wall_s = 86'400;
    scenario.settings.emplace_back(Setting::clock_sntp, "10.0.0.3");
    for (LabServer& server : scenario.servers)
        server.scheme = "http";
    for (FaultRate& rate : scenario.fault_rates)
        rate = {};
    scenario.fault_rates[static_cast<uint32_t>(FaultPoint::ntp)] = {{FaultKind::ntp_lost}, 1};
    scenario.triggered_one_in = 0;
    scenario.faults_end_ms = 900'000;
    scenario.events = {{400'000, FaultKind::link_flaps, 30'000},
                       {401'000, FaultKind::set_url, 1},
                       {434'000, FaultKind::notify_reboot, 0}};
}

// The DHCP client names another class while the agent asks DHCP itself, or while it waits for other
// servers' answers: the first takes milliseconds where a server answers, the second 0.3 s.
void make_other_class(Scenario& scenario, bool is_answered) {
    scenario = Scenario();
    scenario.order = "dhcp";
    scenario.settings = {{Setting::splay, "0"}, {Setting::trial_timeout, "60"}};
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.servers[i].file.mark = "s" + std::to_string(i) + "v0";
    scenario.inform_server = scenario.lease_shown = true;
    scenario.lease_names = false;
    scenario.dhcp_option = is_answered ? 43 : 66;
    if (!is_answered)
        scenario.fault_rates[static_cast<uint32_t>(FaultPoint::dhcp)] = {{FaultKind::dhcp_lost}, 1};
    scenario.events = {{200, FaultKind::lease_renewed, 1}};
    scenario.faults_end_ms = 120'000;
}

// The seeds take turns in the kind of fault that their scenario is drawn around.
Scenario scenario_of(uint64_t seed, Choice& choice) {
    Scenario scenario = draw_scenario(choice, static_cast<FaultKind>(seed % fault_kind_count));
    if (seed >= first_seed_with_jobs) draw_jobs(choice, scenario);
    draw_attack(choice, scenario);
    if (seed >= first_seed_with_signatures) {
        draw_signatures(choice, scenario);
        draw_state_and_pin(choice, scenario);
    }
    if (seed >= first_seed_with_acs) {
        DrawnChoice apart(~seed);  // the runs without an ACS stay what they were
        draw_acs(apart, scenario);
    }
    if (seed % rare_every == 0) make_late_clock(scenario);
    if (seed % rare_every == 1 && seed > rare_every) make_other_class(scenario, false);
    if (seed % rare_every == 2 && seed > rare_every) make_other_class(scenario, true);
    return scenario;
}

}  // namespace

Scenario scenario_of_seed(uint64_t seed) {
    DrawnChoice choice(seed);
    return scenario_of(seed, choice);
}

RunResult run_seed(uint64_t seed, LadderDiagram* ladder) {
    DrawnChoice choice(seed);
    const Scenario scenario = scenario_of(seed, choice);
    return PhoneRun(scenario, choice, ladder).run();
}

void SwarmFigures::add(uint64_t seed, const RunResult& result) {
    ++seeds;
    lives += result.lives;
    events += result.events;
    stuck += result.stuck ? 1 : 0;
    violations += result.violations.size();
    stays_broken += result.stays_broken ? 1 : 0;
    for (uint32_t i = 0; i < fault_kind_count; ++i)
        counts[i] += result.counts[i];
    if (!result.stuck && result.violations.empty())
        took_ms.push_back(static_cast<uint32_t>(result.took_ms));
    if (found.size() >= found_kept) return;
    if (result.stuck) found.push_back("seed " + std::to_string(seed) + ": stuck");
    for (const std::string& words : result.violations)
        found.push_back("seed " + std::to_string(seed) + ": " + words);
}

uint32_t SwarmFigures::took_percentile_ms(uint32_t percent) const {
    if (took_ms.empty()) return 0;
    std::vector<uint32_t> sorted = took_ms;
    const auto at = static_cast<uint32_t>((sorted.size() - 1) * percent / 100);
    std::nth_element(sorted.begin(), sorted.begin() + at, sorted.end());
    return sorted[at];
}

std::vector<std::string> SwarmFigures::missed_kinds() const {
    std::vector<std::string> out;
    for (uint32_t i = 0; i < fault_kind_count; ++i) {
        if (counts[i] == 0) out.emplace_back(name_of(static_cast<FaultKind>(i)));
    }
    return out;
}

std::vector<std::string> missed(const SwarmFigures& figures, bool all_cells) {
    std::vector<std::string> out;
    for (const std::string& cell : visited_unreachable_cells())
        out.push_back("visited, though it is said to be out of reach: " + cell);
    if (all_cells || figures.seeds >= seeds_for_all_cells) {
        for (const std::string& cell : unvisited_cells())
            out.push_back("never visited: " + cell);
    }
    if (figures.seeds < seeds_for_kinds) return out;
    for (const std::string& kind : figures.missed_kinds())
        out.push_back("never struck: " + kind);
    const CellFigures cells = count_cells();
    if (cells.visited * 100 < cells.all * cells_percent)
        out.push_back("fewer than " + std::to_string(cells_percent) + " % of the cells");
    return out;
}

std::vector<std::string> replay(uint64_t seed) {
    DrawnChoice choice(seed);
    const Scenario scenario = scenario_of(seed, choice);
    LadderDiagram ladder;
    const RunResult result = PhoneRun(scenario, choice, &ladder).run();
    std::vector<std::string> out = {"seed " + std::to_string(seed)};
    std::string words = describe(scenario);
    for (auto end = words.find('\n'); end != std::string::npos; end = words.find('\n')) {
        out.push_back(words.substr(0, end));
        words.erase(0, end + 1);
    }
    for (std::string& line : ladder.lines())
        out.push_back(std::move(line));
    for (const std::string& violation : result.violations)
        out.push_back("violation: " + violation);
    out.push_back(
        "replay: seed=" + std::to_string(seed) + " lives=" + std::to_string(result.lives) +
        " events=" + std::to_string(result.events) + " took_ms=" + std::to_string(result.took_ms) +
        " stuck=" + std::to_string(result.stuck ? 1 : 0) +
        " violations=" + std::to_string(result.violations.size()));
    return out;
}

}  // namespace dialtone::sim
