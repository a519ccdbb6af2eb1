// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/phone_run.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/config/assignment.h"
#include "agent/store/codec.h"
#include "agent/store/durable_files.h"
#include "sim/world/phone.h"

namespace dialtone::sim {
namespace {

// After the faults have stopped; a NOTIFY may have to wait after files that no key opened.
constexpr uint64_t convergence_ms = 3'600'000 + limits::trigger_gap_most_s * 1'000;
constexpr uint32_t events_at_once = 2'000;  // without time going on
constexpr uint64_t events_of_a_run = 400'000;
constexpr uint32_t effects_of_an_event = 200;
constexpr uint32_t lives_of_a_run = 600;
constexpr uint32_t lease_after_ms = 40;
constexpr uint64_t trial_slack_ms = 180'000;  // for slow disks and hooks
constexpr uint64_t closed_after_ms = 60'000;
constexpr uint64_t command_ms = 900'000;  // a pass may be under way, with all its retries
constexpr WallSeconds floor_s = 1'700'000'000;

uint32_t number_in(const JournalLine& line, std::string_view name) {
    uint32_t number = 0;
    for (const auto& [field, value] : line.fields) {
        if (field != name) continue;
        for (const char c : value)
            number = number * 10 + static_cast<uint32_t>(c - '0');
    }
    return number;
}

}  // namespace

// Between the world and the agent: it shows the run every event and every effect.
class PhoneRun::Sink : public EventSink {
  public:
    Sink(PhoneRun& run, World& world, Agent& agent) : run_(run), world_(world), agent_(agent) {}

    void take(Instant now, const Event& event) override {
        run_.check_event(now, event);
        agent_.handle(now, event);
        drain();
        check_nothing_left(now);
    }
    void drain() {
        uint32_t effects = 0;
        while (auto effect = agent_.next()) {
            if (++effects > effects_of_an_event) return run_.violation("effects without end");
            run_.check_effect(*effect);
            const bool line = std::holds_alternative<JournalLine>(*effect);
            world_.carry_out(std::move(*effect));
            if (line) run_.check_line();
        }
        while (const auto outcome = agent_.take_job_outcome())
            run_.check_job(world_, *outcome);
    }

  private:
    // What can be done now is done with the event that allows it: the next one may be hours away.
    void check_nothing_left(Instant now) {
        const auto due = agent_.deadline();
        if (world_.departure() || (due && *due <= now)) return;
        agent_.handle(now, Wake{});
        if (agent_.next()) run_.violation("something was left undone until the next event");
    }

    PhoneRun& run_;
    World& world_;
    Agent& agent_;
};

PhoneRun::PhoneRun(const Scenario& scenario, Choice& choice, LadderDiagram* ladder)
    : ChosenFaults(choice),
      scenario_(scenario),
      profile_(scenario.profile_data()),
      vendor_(scenario.vendor()),
      lab_(scenario),
      trust_(scenario, lab_, floor_s),
      ladder_(ladder),
      events_(scenario.events) {
    for (uint32_t i = 0; i < fault_point_count; ++i)
        set_rate(static_cast<FaultPoint>(i), scenario.fault_rates[i]);
    events_.push_back({scenario.faults_end_ms, FaultKind::count_});
    done_.resize(events_.size());
    submitted_.resize(scenario.jobs.size());
    visits_.resize(scenario.acs.requests.size());
    for (const auto& [setting, value] : scenario.settings) {
        if (setting != Setting::trial_timeout) continue;
        for (const char c : value)
            trial_ms_ = trial_ms_ * 10 + static_cast<uint64_t>(c - '0');
    }
    trial_ms_ = trial_ms_ * 1000 + trial_slack_ms;
    // The time of a trial runs when the session that has begun it is over.
    if (scenario.acs.is_there) trial_ms_ += limits::cwmp_session_ms;
    lab_.site().entropy = scenario.entropy;
    lab_.site().fault_injector = this;
    lab_.site().observer = ladder;
    true_wall_s_ = lab_date_s;
}

// --- lives ---------------------------------------------------------------------------------------

RunResult PhoneRun::run() {
    ResetCause cause = ResetCause::power_on;
    while (!is_over()) {
        const LifeEnd end = live(cause);
        ++result_.lives;
        end_life(end, cause);
        if (result_.lives > lives_of_a_run) violation("lives without end");
    }
    result_.counts = counts();
    return result_;
}

bool PhoneRun::is_over() const {
    return over_ || !result_.violations.empty() || result_.stuck;
}

AgentOptions PhoneRun::options_for_life() const {
    AgentOptions options;
    options.profile = &profile_;
    auto identity = identity_from_mac(vendor_.mac);
    assert(identity);
    options.identity = std::move(*identity);
    options.identity.model = profile_.default_model;
    options.identity.version = profile_.default_version;
    options.interface = "eth0";
    options.once = scenario_.once_at_first && !faults_ended_;
    options.floor_s = floor_s;
    if (scenario_.acs.is_there) options.make_acs_client = &make_acs_client;
    const auto set = [&](Setting setting, std::string_view value) {
        const auto fine = options.settings.set(Layer::file, setting, value);
        assert(fine);
    };
    set(Setting::order, scenario_.order);
    if (scenario_.settings_name_one)
        set(Setting::static_url, scenario_.url(scenario_.named_by_settings));
    for (const auto& [setting, value] : scenario_.settings)
        set(setting, value);
    return options;
}

PhoneRun::LifeEnd PhoneRun::live(ResetCause cause) {
    Site& site = lab_.site();
    site.web.forget_requests();
    // Sockets have the same numbers in each life; what is staged must not come from an earlier
    // one's.
    if (!scenario_.jobs.empty() || scenario_.acs.is_there) site.tftp.forget_transfers();
    site.link_up = !link_down_at_start_;
    resting_ms_.reset();
    World world(site);
    if (!site.link_up) wait_for_link(world);
    steps_outstanding_ = 0;
    sockets_.clear();
    credits_.clear();
    resolves_.clear();
    commands_.clear();
    jobs_.clear();
    bodies_.clear();
    whole_bodies_.clear();
    staged_may_stay_ = false;
    trial_since_ms_.reset();
    kill_requested_ = power_cut_requested_ = reset_in_this_life_ = false;
    Agent agent(options_for_life());
    Sink sink(*this, world, agent);
    agent_ = &agent;
    sink_ = &sink;
    schedule_jobs(world);
    schedule_requests(world);
    for (uint32_t i = 0; i < events_.size(); ++i) {
        if (!done_[i])
            world.schedule_event(events_[i].at_ms - std::min(events_[i].at_ms, site.power_on_ms),
                                 i);
    }
    if (scenario_.lease_shown && !lease_lost_)
        world.plan_lease(world.now().ms + lease_after_ms, LeaseNews::bound,
                         lab_.lease(scenario_.named_by_dhcp));
    if (ladder_) ladder_->note(site.clock_ms, "a life begins");
    // Lives of --once can be so short that the scheduled end of the faults comes in none of them.
    if (!faults_ended_ && site.clock_ms >= scenario_.faults_end_ms) end_faults(world);
    sink.take(world.now(), world.boot(cause, reboots_));
    while (!world.departure() && !kill_requested_ && !is_over()) {
        if (power_cut_requested_) {
            world.plan_power_cut(world.now().ms);
            power_cut_requested_ = false;
        }
        world.wait(agent.deadline(), sink);
        if (judgement_due_) judge();
        over_ = over_ || (ends_with_jobs_ && !agent.has_jobs());
        if (triggered_) schedule(world, triggered_->at_ms, triggered_->kind, triggered_->detail);
        triggered_.reset();
    }
    if (is_over() && !agent.has_jobs()) check_nothing_staged("the end");
    if (is_over()) return LifeEnd::over;
    if (kill_requested_) return LifeEnd::killed;
    if (world.power_is_off()) return LifeEnd::power_cut;
    if (!commands_.empty()) violation("a command has no reply at the end of a life");
    const Departure departure = *world.departure();
    if (departure.kind == Departure::Kind::exit) {
        check_secret(departure.why, "Exit");
        return LifeEnd::exit;
    }
    return departure.afresh ? LifeEnd::reboot_afresh : LifeEnd::reboot;
}

// Carries out what the agent wants after it was told something that is no event.
void PhoneRun::drain_agent() {
    sink_->drain();
}

// The link comes up late. Meanwhile a server may ask the phone to start again.
void PhoneRun::wait_for_link(World& world) {
    const uint32_t wait_ms = choice().between(1'000, 40'000) * (1 + choice().pick(14));
    world.plan_link(world.now().ms + wait_ms, true);
    if (!choice().flip(2)) return;
    // The agent obeys a restart by NOTIFY only when it has been up for this long.
    constexpr uint32_t soonest_ms = limits::notify_reboot_after_s * 1'000;
    const uint32_t from_ms = wait_ms > soonest_ms ? soonest_ms : 0;
    // Or just after the link came up, while the agent asks for the time.
    const bool after = choice().flip(3);
    schedule(world, after ? wait_ms + choice().pick(1'500) : choice().between(from_ms, wait_ms),
             FaultKind::notify_reboot);
}

void PhoneRun::end_life(LifeEnd end, ResetCause& cause) {
    constexpr std::string_view words[] = {
        "reboot", "reboot, afresh", "exit", "the power is gone", "the agent is killed", "the end"};
    Site& site = lab_.site();
    if (ladder_) ladder_->note(site.clock_ms, words[static_cast<uint32_t>(end)]);
    check_disk(words[static_cast<uint32_t>(end)]);
    // What a cut leaves, the next life removes.
    if (end <= LifeEnd::exit) check_nothing_staged(words[static_cast<uint32_t>(end)]);
    // The reboot after a factory reset does not count as a provisioning reboot.
    if (end == LifeEnd::reboot && !reset_in_this_life_ &&
        ++counted_reboots_ > limits::provisioning_reboots)
        violation("a third provisioning reboot since power-on");
    const uint64_t up_s = (site.clock_ms - powered_ms_) / 1000;
    if (end == LifeEnd::reboot_afresh) {
        if (const std::string found = trust_.check_notify_reboot(); !found.empty())
            violation(found);
    }
    if (end == LifeEnd::reboot_afresh &&
        ++notify_reboots_ > limits::notify_reboots + up_s / limits::notify_reboot_back_s)
        violation("more reboots than servers may ask for since power-on");
    cause = end == LifeEnd::reboot   ? ResetCause::provisioning_reboot
            : end == LifeEnd::killed ? ResetCause::crash
                                     : ResetCause::power_on;
    if (end == LifeEnd::reboot) {
        ++reboots_;
        site.clock_ms += 100;
    } else if (end != LifeEnd::killed) {
        reboots_ = counted_reboots_ = 0;
        site.clock_ms += end == LifeEnd::exit ? 20'000 : 3'000;
        site.power_on_ms = site.clock_ms;
    }
    if (end == LifeEnd::exit || end == LifeEnd::power_cut) {
        notify_reboots_ = 0;
        powered_ms_ = site.clock_ms;
    }
    if (scenario_.forgets && end != LifeEnd::killed) forget_state(end);
}

// A phone whose state is lost with a restart of its machine begins as a new one.
void PhoneRun::forget_state(LifeEnd end) {
    const bool for_configuration = end == LifeEnd::reboot && !reset_in_this_life_;
    if (for_configuration || end == LifeEnd::reboot_afresh)
        violation("a phone that forgets everything by it starts again");
    lab_.site().disk.forget();
    has_configuration_ = network_broken_ = may_stay_broken_ = false;
    set_values_.clear();
    durable_generation_.reset();
    check_trust({}, {});
    update_network();
}

// What is on the disk after a life, whatever ended it.
void PhoneRun::check_disk(std::string_view when) {
    const Phone phone(lab_.site(), {});
    const Record record = phone.record();
    const Generation active = phone.active();
    if (const std::string found = lab_.find_violation(record, active); !found.empty())
        violation(found + " (" + std::string(when) + ")");
    if (const std::string found = find_half_call(active); !found.empty())
        violation(found + " (" + std::string(when) + ")");
    check_whole(record, active, when);
    check_trust(record, active);
    check_set_values(active, when);
    if (durable_generation_ && record.active != *durable_generation_)
        violation("generation " + std::to_string(*durable_generation_) +
                  " was reported durable, and " + std::to_string(record.active) + " is there (" +
                  std::string(when) + ")");
    for (const std::string& name : lab_.site().disk.names()) {
        if (find_durable_file(name) == nullptr) violation("a file " + name + " lies on the disk");
    }
    network_broken_ = breaks_network(vendor_, active);
    // A first generation can be durable although the agent did not come to report it.
    may_stay_broken_ = may_stay_broken_ || (network_broken_ && record.other == 0);
    update_network();
}

// The record names one whole generation. A write that the disk carried out although it reported a
// failure may leave a record that names the slot which is written next; then the predecessor must
// be whole, if there was one.
void PhoneRun::check_whole(const Record& record, const Generation& active, std::string_view when) {
    if (record.active != 0 && active.number != 0) return;
    const auto* bytes = lab_.site().disk.find(generation_name(record.other));
    const bool other_is_whole = record.active != 0 && record.other != 0 && bytes != nullptr &&
                                decode_generation(*bytes).has_value();
    if (record.active != 0 && !disk_failed_)
        violation("the record names a generation that is not whole (" + std::string(when) + ")");
    if (has_configuration_ && !other_is_whole)
        violation("the phone had a configuration and has none (" + std::string(when) + ")");
}

void PhoneRun::violation(std::string words) {
    result_.violations.push_back(std::move(words));
}

// --- events and effects --------------------------------------------------------------------------

void PhoneRun::check_event(Instant now, const Event& event) {
    ++result_.events;
    events_at_once_ = now.ms == last_event_ms_ ? events_at_once_ + 1 : 0;
    last_event_ms_ = now.ms;
    if (events_at_once_ > events_at_once) violation("wake-ups without end");
    if (result_.events > events_of_a_run) violation("events without end");
    if (const auto* asked = std::get_if<Command>(&event)) {
        AskedCommand& command = commands_[asked->id] = {.at_ms = now.ms};
        if (asked->kind == CommandKind::set)
            if (auto document = read_assignments(asked->argument, profile_))
                command.sets = std::move(document->entries);
        for (const Entry& entry : command.sets)
            set_values_.erase(entry.key);
    }
    if (!commands_.empty() && now.ms > commands_.begin()->second.at_ms + command_ms)
        violation("a command has no reply");
    if (const auto* done = std::get_if<StorageDone>(&event)) {
        --steps_outstanding_;
        disk_failed_ = disk_failed_ || !done->failure.empty();
        staged_may_stay_ = staged_may_stay_ || (step_is_of_job_ && !done->failure.empty());
        // A generation that cannot be read counts as damaged.
        if (last_step_reads_ && !done->failure.empty()) has_configuration_ = false;
    } else if (const auto* failed = std::get_if<SocketFailed>(&event)) {
        sockets_.erase(failed->socket);
    } else if (const auto* resolved = std::get_if<Resolved>(&event)) {
        resolves_.erase(resolved->id);
    } else if (const auto* chunk = std::get_if<TransferChunk>(&event)) {
        note_body(event);
        uint64_t& credit = credits_[chunk->id];
        credit -= std::min<uint64_t>(credit, chunk->bytes.size());
    } else if (const auto* end = std::get_if<TransferEnd>(&event)) {
        note_body(event);
        credits_.erase(end->id);
    } else if (const auto* broken = std::get_if<TransferFailed>(&event)) {
        credits_.erase(broken->id);
    }
    if (trial_since_ms_ && now.ms > *trial_since_ms_ + trial_ms_) check_trial();
    if (resting_ms_ && now.ms > *resting_ms_ + closed_after_ms) check_rest();
    if (faults_ended_ && lab_.site().clock_ms > faults_ended_ms_ + convergence_ms && !over_) {
        // A phone without a network may try again for ever and never journal that it rests.
        if (network_broken_ && !ends_with_jobs_) judge();
        if (over_) return;
        if (ends_with_jobs_) return violation("a job does not end");
        result_.stuck = true;
        result_.end = "stuck";
    }
}

bool PhoneRun::is_on_trial() {
    return Phone(lab_.site(), {}).record().trial != TrialState::none;
}

// No trial goes on for ever within one life.
void PhoneRun::check_trial() {
    trial_since_ms_.reset();
    const Record record = Phone(lab_.site(), {}).record();
    const bool same = record.active == trial_of_;  // not one that was applied since
    if (record.trial == TrialState::trying && same && !disk_failed_)
        violation("a trial does not end in its time");
}

// A phone that has rested for a while with a configuration holds no socket: the SIP port belongs to
// its own stack.
void PhoneRun::check_rest() {
    resting_ms_.reset();
    if (sockets_.empty() || disk_failed_ || agent_->has_jobs()) return;
    if (!Phone(lab_.site(), {}).active().source.url.empty())
        violation("a socket is left open while the phone rests");
}

void PhoneRun::check_effect(const Effect& effect) {
    if (const auto* line = std::get_if<JournalLine>(&effect)) {
        check_journal(*line);
    } else if (const auto* step = std::get_if<Storage>(&effect)) {
        check_storage(*step);
    } else if (const auto* opened = std::get_if<OpenSocket>(&effect)) {
        sockets_.insert(opened->socket);
        if (sockets_.size() > limits::sockets) violation("more sockets than limits::sockets");
    } else if (const auto* closed = std::get_if<CloseSocket>(&effect)) {
        sockets_.erase(closed->socket);
    } else if (const auto* resolve = std::get_if<Resolve>(&effect)) {
        resolves_.insert(resolve->id);
        if (resolves_.size() > limits::resolves) violation("more names than limits::resolves");
    } else if (const auto* datagram = std::get_if<DatagramOut>(&effect)) {
        if (datagram->bytes.size() > limits::datagram_bytes) violation("a datagram too long");
    } else if (const auto* reply = std::get_if<Reply>(&effect)) {
        check_reply(*reply);
    } else if (const auto* hooks = std::get_if<RunHooks>(&effect)) {
        const auto word = network_word(vendor_, hooks->key_lines);
        if (word) network_broken_ = *word == "broken";
        update_network();
    } else if (std::holds_alternative<Reboot>(effect) || std::holds_alternative<Exit>(effect)) {
        if (steps_outstanding_ > 0 && step_is_of_job_)
            violation("the phone leaves while a job's step is under way");
    } else {
        check_transfer(effect);
    }
}

void PhoneRun::check_reply(const Reply& reply) {
    check_secret(reply.text, "Reply");
    for (const std::string& line : reply.lines)
        check_secret(line, "Reply");
    const auto asked = commands_.find(reply.id);
    if (asked == commands_.end()) return violation("a reply to nobody");
    const std::vector<Entry> sets = std::move(asked->second.sets);
    commands_.erase(asked);
    if (!reply.ok) return;
    const auto is_set_again = [this](const Entry& entry) {
        return std::ranges::any_of(commands_, [&](const auto& other) {
            return std::ranges::count(other.second.sets, entry.key, &Entry::key) > 0;
        });
    };
    for (const Entry& entry : sets) {
        if (!is_set_again(entry)) set_values_[entry.key] = entry.value;
    }
    check_set_values(Phone(lab_.site(), {}).active(), "when it was told");
}

// A value of which an operator was told that it is set, is.
void PhoneRun::check_set_values(const Generation& active, std::string_view when) {
    if (disk_failed_) return;
    for (const auto& [key, value] : set_values_) {
        const Item* item = active.find(key, Origin::operator_);
        if (!item || item->value != value)
            violation("an operator's " + key + " is not kept (" + std::string(when) + ")");
    }
}

void PhoneRun::check_transfer(const Effect& effect) {
    if (const auto* start = std::get_if<StartTransfer>(&effect)) {
        credits_[start->id] = 0;
        if (credits_.size() > limits::transfers) violation("more transfers than limits::transfers");
    } else if (const auto* credit = std::get_if<CreditTransfer>(&effect)) {
        const auto place = credits_.find(credit->id);
        if (place == credits_.end()) return;
        place->second += credit->bytes;
        if (place->second > limits::transfer_window_bytes)
            violation("more credit than limits::transfer_window_bytes");
    } else if (const auto* stop = std::get_if<StopTransfer>(&effect)) {
        credits_.erase(stop->id);
    }
}

void PhoneRun::check_storage(const Storage& step) {
    constexpr std::string_view words[] = {
        "read", "write", "append", "sync", "sync the directory", "rename", "remove", "room"};
    if (ladder_)
        ladder_->note(
            lab_.site().clock_ms,
            "disk: " + std::string(words[static_cast<uint32_t>(step.step)]) + " " + step.name);
    if (++steps_outstanding_ > 1) violation("a second storage step while one is under way");
    last_step_reads_ = step.step == StorageStep::read;
    check_staged_step(step);
    if (is_mutating(step.step) && !step_is_of_job_) durable_generation_.reset();
    if (step.bytes.size() > limits::generation_bytes) violation("a file too long");
}

// Schedules an event after a journal line of this kind. Events at random times mostly meet states
// that last long; these meet the short ones, and are drawn more often after lines that are rare.
void PhoneRun::draw_triggered_event(JournalKind kind) {
    using K = JournalKind;
    struct Trigger {
        K kind;
        bool there;
        uint32_t one_in;
        FaultKind first, second;
    };
    const Trigger triggers[] = {
        {K::trial_begins, true, scenario_.triggered_one_in, FaultKind::confirm, FaultKind::confirm},
        {K::trial_failed, true, 2, FaultKind::confirm, FaultKind::confirm},
        {K::source_asked, scenario_.pnp_over_tcp(), 2, FaultKind::pbx_notifies,
         FaultKind::pbx_notifies},
        {K::link_up, scenario_.time_server, 2, FaultKind::set_url, FaultKind::notify_reboot},
        {K::request, true, 12, FaultKind::stop, FaultKind::set_value},
    };
    constexpr FaultKind kinds[] = {
        FaultKind::stop,         FaultKind::set_value,       FaultKind::confirm,
        FaultKind::resync,       FaultKind::factory_reset,   FaultKind::notify_reboot,
        FaultKind::notify_url,   FaultKind::notify_check,    FaultKind::link_flaps,
        FaultKind::pbx_notifies, FaultKind::address_changes, FaultKind::agent_killed,
        FaultKind::sip_spoofed,  FaultKind::power_cut,       FaultKind::confirm};
    constexpr uint64_t waits_ms[] = {0, 1, 3, 40, 900, 9'000};
    // The link that comes with the end of the faults finds phones that know no time yet.
    const bool is_over = faults_ended_ && (kind != K::link_up || !scenario_.time_server);
    if (is_over || scenario_.triggered_one_in == 0) return;
    const auto trigger = std::ranges::find_if(
        triggers, [kind](const Trigger& one) { return one.kind == kind && one.there; });
    const bool any = trigger == std::end(triggers);
    if (!choice().flip(any ? scenario_.triggered_one_in : trigger->one_in)) return;
    const uint64_t wait_ms = choice().of(std::span<const uint64_t>(waits_ms));
    const FaultKind what = any                     ? choice().of(std::span<const FaultKind>(kinds))
                           : choice().pick(2) == 0 ? trigger->first
                                                   : trigger->second;
    triggered_ = {wait_ms, what, choice().pick(1U << 16)};
}

void PhoneRun::check_journal(const JournalLine& line) {
    using K = JournalKind;
    constexpr K within_a_pass[] = {K::applied,     K::trial_begins,    K::trial_confirmed,
                                   K::rolled_back, K::return_failed,   K::factory_reset,
                                   K::retry_waits, K::operator_command};
    resting_ms_.reset();
    trust_.note_line(line);
    check_session(line);
    draw_triggered_event(line.kind);
    note_generations(line);
    if (std::ranges::find(within_a_pass, line.kind) != std::end(within_a_pass)) return;
    if (line.kind == K::rest && number_in(line, "generation") != 0) resting_ms_ = line.at_ms;
    if (line.kind == K::boot || line.kind == K::pass_begins) request_unanswered_ = false;
    const bool ends_a_pass = line.kind == K::rest || line.kind == K::nothing_found;
    judgement_due_ = ends_a_pass && faults_ended_ && requests_made_ > 0;
}

// What the line says about generations and trials.
void PhoneRun::note_generations(const JournalLine& line) {
    using K = JournalKind;
    const uint32_t generation = number_in(line, "generation");
    const uint32_t predecessor = number_in(line, "predecessor");
    if (line.kind == K::applied) {
        durable_generation_ = generation;
        has_configuration_ = applied_now_ = true;
        if (predecessor == 0 || !network_broken_) may_stay_broken_ = predecessor == 0;
    }
    if (line.kind == K::applied || line.kind == K::trial_begins) {
        trial_since_ms_ = line.at_ms;
        trial_of_ = generation;
    }
    if (line.kind == K::trial_confirmed && line.fields.back().second == "an operator")
        may_stay_broken_ = true;
    if (line.kind == K::return_failed) may_stay_broken_ = true;
    if (line.kind == K::rolled_back) {
        durable_generation_ = predecessor;
        applied_now_ = true;
        trial_since_ms_.reset();  // its number may be another one's next
    }
    if (line.kind == K::factory_reset) {
        durable_generation_ = 0;
        applied_now_ = true;
    }
    if (line.kind != K::operator_command) return;
    const std::string& command = line.fields.front().second;
    // The confirmation may become durable and never be reported.
    if (command == "confirm" && is_on_trial()) may_stay_broken_ = true;
    if (command == "factory-reset") {
        reset_in_this_life_ = true;
        has_configuration_ = false;
        set_values_.clear();
    }
}

// The line that has just reached the journal.
void PhoneRun::check_line() {
    std::string_view line = lab_.site().journal.back();
    if (ladder_) ladder_->journal(lab_.site().clock_ms, line);
    check_secret(line, "the journal");
    if (std::exchange(applied_now_, false)) {
        const Phone phone(lab_.site(), {});
        check_trust(phone.record(), phone.active());
    }
    if (line.size() > limits::journal_line_bytes) violation("a journal line too long");
    if (!line.ends_with('\n') || !decode_journal_line(line.substr(0, line.size() - 1)))
        violation("a journal line that does not decode: " + std::string(line));
}

void PhoneRun::check_trust(const Record& record, const Generation& active) {
    const auto* bytes = lab_.site().disk.find(generation_name(record.active));
    const auto found = trust_.check_disk(record, active, bytes, disk_failed_);
    if (!found.empty()) violation(found);
}

void PhoneRun::check_secret(std::string_view text, std::string_view where) {
    if (text.find(secret_mark) != std::string_view::npos)
        violation("a secret in " + std::string(where) + ": " + std::string(text));
}

// --- the end -------------------------------------------------------------------------------------

void PhoneRun::judge() {
    judgement_due_ = false;
    if (ends_with_jobs_) return;
    const Phone phone(lab_.site(), {});
    const Record record = phone.record();
    const Generation active = phone.active();
    if (network_broken_) {
        if (record.trial != TrialState::none) return;
        result_.stays_broken = true;
        if (!may_stay_broken_ && !disk_failed_)
            violation("a configuration that broke the network stays, and its predecessor worked");
        return converged("its configuration broke its network, and stays by the rules");
    }
    switch (lab_.judge(record, active)) {
        case Rest::wrong:
            return;
        case Rest::correct:
            return converged("it rests with what its sources offer");
        case Rest::nothing:
            return converged("nobody offers anything it may take");
    }
}

void PhoneRun::converged(std::string words) {
    // The jobs that are under way come to their end, too, where there is a network.
    ends_with_jobs_ = agent_->has_jobs() && !network_broken_;
    over_ = !ends_with_jobs_;
    result_.took_ms = lab_.site().clock_ms - faults_ended_ms_;
    result_.end = std::move(words);
}

}  // namespace dialtone::sim
