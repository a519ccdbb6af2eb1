// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab fleet: all phones of a site (fleet_world.h) ask one server of limited capacity after
// an event. First with the waiting rule of the firmware and all phones, then with every other rule,
// with other splays and other first waits, on fewer phones so that it does not take long. The
// server's capacity is proportional to the number of phones, so that figures of sites of different
// size can be compared. After an outage of an ACS the phones wait by the table of TR-069: there the
// outages differ in length, and in whether all phones report at one moment.
#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "agent/settings.h"
#include "sim/lab/command.h"
#include "sim/lab/console.h"
#include "sim/lab/fleet/fleet_figures.h"
#include "sim/lab/fleet/fleet_plot.h"
#include "sim/lab/fleet/fleet_policy.h"
#include "sim/lab/fleet/fleet_world.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t default_phones = 2'000;
constexpr uint32_t most_phones = 1'000'000;
constexpr uint32_t most_compared = 10'000;
constexpr uint32_t phones_per_request = 200;  // so many to each request a second of the server
constexpr uint32_t events_at_a_time = 20'000;
constexpr uint32_t other_splays_s[] = {60, 150, 300, 450, 600, 900};
constexpr uint32_t other_firsts_ms[] = {1'000, 2'000, 5'000, 10'000, 20'000};
constexpr uint32_t acs_outages_s[] = {1'800, 14'400};

struct EventName {
    std::string_view name;
    FleetEvent event;
};
constexpr EventName events[] = {{"power-cut", FleetEvent::power_cut},
                                {"cold-site", FleetEvent::cold_site},
                                {"server-outage", FleetEvent::server_outage},
                                {"acs-outage", FleetEvent::acs_outage}};

struct Request {
    FleetEvent event = FleetEvent::power_cut;
    uint32_t phones = default_phones;
    const FleetPolicy* policy = nullptr;  // nullptr: all of them
    std::string_view plot = {};
    uint32_t splay_s = 0;
    uint32_t requests_per_s = 0;  // 0: by the number of phones
    uint32_t retry_after_s = 0;
    uint32_t seed = 1;
    uint32_t seconds = 0;  // of real time; 0: as long as it takes

    // A new phone does not wait a splay, and one that was up before the event waited it then.
    bool has_splay() const { return event == FleetEvent::power_cut && splay_s != 0; }
    bool is_of_acs() const { return event == FleetEvent::acs_outage; }
};

enum class Part : uint8_t { headline, policies, splays, firsts, outages };

struct Step {
    Part part = Part::headline;
    const FleetPolicy* policy = nullptr;
    FleetRun run = {};
    bool has_run = false;

    uint64_t cost() const { return uint64_t{policy->cost} * run.options.phones; }
};

FleetOptions options_for(const Request& request, uint32_t phones, uint32_t splay_s,
                         const RetryRule& rule) {
    FleetOptions options;
    options.event = request.event;
    options.phones = phones;
    options.rule = rule;
    options.splay_s = splay_s;
    options.requests_per_s = std::max<uint32_t>(phones / phones_per_request, 1);
    if (request.requests_per_s != 0)
        options.requests_per_s = std::max<uint32_t>(
            static_cast<uint32_t>(uint64_t{request.requests_per_s} * phones / request.phones), 1);
    options.retry_after_s = request.retry_after_s;
    options.seed = request.seed;
    return options;
}

// With the table of TR-069, which is the agent's own for its ACS.
std::vector<Step> plan_acs(const Request& request) {
    const FleetPolicy& policy = *find_fleet_policy("tr069");
    std::vector<Step> steps;
    for (const uint32_t outage_s : acs_outages_s) {
        for (const bool has_one_moment : {false, true}) {
            FleetOptions options = options_for(request, request.phones, 0, policy.rule);
            options.outage_s = outage_s;
            options.has_one_moment = has_one_moment;
            const Part part = steps.empty() ? Part::headline : Part::outages;
            steps.push_back({part, &policy, {policy.name, options, {}}});
        }
    }
    return steps;
}

// What is to be run, the most important first.
std::vector<Step> plan(const Request& request) {
    if (request.is_of_acs()) return plan_acs(request);
    std::vector<Step> steps;
    const auto add = [&](Part part, const FleetPolicy& policy, uint32_t phones, uint32_t splay_s,
                         const RetryRule& rule) {
        steps.push_back(
            {part, &policy, {policy.name, options_for(request, phones, splay_s, rule), {}}});
    };
    const bool all = request.policy == nullptr;
    const FleetPolicy& first = all ? default_fleet_policy() : *request.policy;
    if (request.has_splay())
        add(Part::headline, first, request.phones, request.splay_s, first.rule);
    add(Part::headline, first, request.phones, 0, first.rule);
    if (!all) return steps;
    const uint32_t phones = std::min(request.phones, most_compared);
    for (const FleetPolicy& policy : fleet_policies()) {
        if (phones == request.phones && &policy == &first) continue;
        add(Part::policies, policy, phones, 0, policy.rule);
        if (request.has_splay()) add(Part::policies, policy, phones, request.splay_s, policy.rule);
    }
    for (const uint32_t splay_s : other_splays_s) {
        if (request.has_splay()) add(Part::splays, first, phones, splay_s, first.rule);
    }
    for (const uint32_t first_ms : other_firsts_ms) {
        RetryRule rule = first.rule;
        rule.first_ms = first_ms;
        add(Part::firsts, first, phones, 0, rule);
    }
    return steps;
}

// --- running -------------------------------------------------------------------------------------

class Runner {
  public:
    Runner(const Request& request, std::vector<Step>& steps)
        : request_(request), steps_(steps), began_ms_(console::now_ms()) {
        for (const Step& step : steps)
            cost_ += step.cost();
    }

    void run_all() {
        for (Step& step : steps_) {
            if (stopped()) return;
            run(step);
            cost_done_ += step.cost();
        }
    }

  private:
    bool stopped() const {
        const uint64_t ran_ms = console::now_ms() - began_ms_;
        return console::interrupted() ||
               (request_.seconds != 0 && ran_ms >= uint64_t{request_.seconds} * 1000);
    }

    void run(Step& step) {
        const uint64_t before_bytes = console::resident_bytes();
        uint64_t most_bytes = before_bytes;
        FleetWorld world(step.run.options);
        while (!stopped() && world.run(events_at_a_time)) {
            show(step, world.done());
            most_bytes = std::max(most_bytes, console::resident_bytes());
        }
        step.run.result = world.result();
        step.has_run = true;
        const uint32_t agents = step.run.result.most_agents;
        // Only the first run is measured: later ones use memory that earlier ones gave back.
        if (&step == &steps_.front() && agents != 0)
            console::remark("memory: " + grouped((most_bytes - before_bytes) / agents) +
                            " bytes a phone, " + grouped(agents) + " agents at the same time");
    }

    void show(const Step& step, uint32_t done) const {
        const uint32_t phones = step.run.options.phones;
        const uint64_t ran_ms = console::now_ms() - began_ms_;
        const uint64_t now_cost = cost_done_ + step.cost() * done / phones;
        std::string words = "fleet: " + std::string(step.run.policy) + ", splay " +
                            std::to_string(step.run.options.splay_s) + " s: " + grouped(done) +
                            " of " + grouped(phones) + " phones";
        if (now_cost != 0)
            words +=
                ", " + std::to_string(ran_ms * (cost_ - now_cost) / now_cost / 1000) + " s left";
        console::progress(words);
    }

    const Request& request_;
    std::vector<Step>& steps_;
    uint64_t began_ms_;
    uint64_t cost_ = 0;
    uint64_t cost_done_ = 0;
};

// --- showing -------------------------------------------------------------------------------------

// The run of a policy that a table and a picture show; nullptr: there is none.
const FleetRun* find_run(const std::vector<Step>& steps, const FleetPolicy& policy,
                         uint32_t splay_s, uint32_t phones) {
    for (const Step& step : steps) {
        const bool fits = step.has_run && step.policy == &policy &&
                          step.run.options.splay_s == splay_s &&
                          step.run.options.phones == phones && step.part <= Part::policies;
        if (fits) return &step.run;
    }
    return nullptr;
}

void print_head(const Request& request, const FleetOptions& options) {
    const auto name = std::ranges::find(events, request.event, &EventName::event)->name;
    const std::string asked =
        request.is_of_acs()
            ? "send " + std::to_string(fleet_session_messages) + " messages in each session"
            : "ask for " + std::to_string(fleet_files_asked_for) + " files in each pass";
    console::print("fleet: " + std::string(name) + ", " + grouped(options.phones) +
                   " phones that " + asked + ", seed " + std::to_string(request.seed));
    console::print("one server: serves " + grouped(options.requests_per_s) +
                   " requests a second, lets " + grouped(uint64_t{2} * options.requests_per_s) +
                   " wait, answers the rest with 503" +
                   (request.retry_after_s == 0
                        ? std::string()
                        : " and Retry-After: " + std::to_string(request.retry_after_s)) +
                   ", each a tenth of the work");
    if (const uint32_t least_s = fleet_least_s(options); least_s != 0)
        console::print("at the very best the server is busy for " + grouped(least_s) +
                       " s, and then the last phone is done");
    console::print(request.is_of_acs()
                       ? "the server is the ACS; each phone reports every hour, at a moment of its "
                         "own or all at one"
                       : "the phones ask the static server only (order=static): no SIP, no DHCP");
}

void print_policies(const Request& request, const std::vector<Step>& steps, uint32_t phones) {
    console::print("");
    console::print(fleet_table_head("policy", request.has_splay() ? "splay s" : ""));
    for (const FleetPolicy& policy : fleet_policies()) {
        for (const uint32_t splay_s : {uint32_t{0}, request.splay_s}) {
            if (splay_s != 0 && !request.has_splay()) continue;
            const FleetRun* run = find_run(steps, policy, splay_s, phones);
            if (run == nullptr) continue;
            const std::string second = request.has_splay() ? std::to_string(splay_s) : "";
            console::print(fleet_table_row(policy.name, second, run->result));
        }
    }
}

void print_outages(const std::vector<Step>& steps) {
    console::print("");
    console::print(fleet_table_head("reports", "away s"));
    for (const Step& step : steps) {
        if (!step.has_run) continue;
        console::print(fleet_table_row(step.run.options.has_one_moment ? "at one moment" : "drawn",
                                       std::to_string(step.run.options.outage_s), step.run.result));
    }
}

void print_part(const std::vector<Step>& steps, Part part, std::string_view second) {
    bool any = false;
    for (const Step& step : steps) {
        if (step.part != part || !step.has_run) continue;
        if (!any) {
            console::print("");
            console::print(fleet_table_head("policy", second));
        }
        any = true;
        const uint32_t value =
            part == Part::splays ? step.run.options.splay_s : step.run.options.rule.first_ms / 1000;
        console::print(fleet_table_row(step.run.policy, std::to_string(value), step.run.result));
    }
}

bool save_plot(const Request& request, const std::vector<Step>& steps, uint32_t phones) {
    std::vector<FleetPlotRow> rows;
    for (const FleetPolicy& policy : fleet_policies()) {
        FleetPlotRow row{policy.title, policy.words, &policy == &default_fleet_policy()};
        row.plain = find_run(steps, policy, 0, phones);
        if (request.has_splay()) row.spread = find_run(steps, policy, request.splay_s, phones);
        if (row.plain != nullptr || row.spread != nullptr) rows.push_back(row);
    }
    if (console::write_file(request.plot, plot_fleet(request.event, rows))) return true;
    console::remark("dialtone-lab: " + std::string(request.plot) + " cannot be written");
    return false;
}

int fleet(const Request& request) {
    std::vector<Step> steps = plan(request);
    print_head(request, steps.front().run.options);
    Runner(request, steps).run_all();
    const bool all = request.policy == nullptr;
    const uint32_t phones = all ? std::min(request.phones, most_compared) : request.phones;
    const bool compared = std::ranges::any_of(
        steps, [](const Step& step) { return step.part != Part::headline && step.has_run; });
    if (phones != request.phones && compared) {
        console::print("");
        console::print("below, " + grouped(phones) + " phones and a server for as many");
    }
    if (request.is_of_acs())
        print_outages(steps);
    else
        print_policies(request, steps, phones);
    print_part(steps, Part::splays, "splay s");
    print_part(steps, Part::firsts, "first s");
    if (steps.front().run.result.unconfirmed != 0)
        console::print(grouped(steps.front().run.result.unconfirmed) +
                       " phones have their configuration and were not answered a second time");
    if (!request.plot.empty() && !save_plot(request, steps, phones)) return lab_usage;
    console::print(fleet_last_line(steps.front().run));
    if (console::interrupted()) return lab_interrupted;
    return steps.front().run.result.complete ? lab_fine : lab_found;
}

bool refuse(std::string_view words) {
    console::remark("dialtone-lab: " + std::string(words));
    return false;
}

bool understand(std::string_view event, std::string_view policy, Request& request) {
    const auto known = std::ranges::find(events, event, &EventName::name);
    if (known == std::end(events))
        return refuse("--event takes power-cut, cold-site, server-outage or acs-outage");
    request.event = known->event;
    if (request.is_of_acs() && !(policy.empty() && request.plot.empty()))
        return refuse("--event acs-outage takes neither --policy nor --plot");
    if (request.phones == 0) return refuse("--phones takes at least 1");
    if (policy.empty()) return true;
    request.policy = find_fleet_policy(policy);
    if (request.policy != nullptr) return true;
    std::string names;
    for (const FleetPolicy& one : fleet_policies())
        (names += names.empty() ? "" : ", ") += one.name;
    return refuse("--policy takes one of " + names);
}

}  // namespace

int fleet_command(Words words) {
    Request request;
    std::string_view event = "power-cut";
    std::string_view policy;
    request.splay_s = Settings().number(Setting::splay);
    const LabOption options[] = {
        {.name = "--phones", .number = &request.phones, .highest = most_phones},
        {.name = "--event", .text = &event},
        {.name = "--plot", .text = &request.plot},
        {.name = "--policy", .text = &policy},
        {.name = "--splay", .number = &request.splay_s, .highest = 86'400},
        {.name = "--capacity", .number = &request.requests_per_s, .highest = 100'000},
        {.name = "--retry-after", .number = &request.retry_after_s, .highest = 86'400},
        {.name = "--seed", .number = &request.seed},
        {.name = "--seconds", .number = &request.seconds, .highest = 1'000'000},
    };
    if (!take_options(words, options) || !understand(event, policy, request)) return lab_usage;
    return fleet(request);
}

}  // namespace dialtone::sim
