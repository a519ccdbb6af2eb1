// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/phone_run.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/store/codec.h"
#include "sim/world/phone.h"

namespace dialtone::sim {
namespace {

constexpr uint64_t patience_ms = 3'600'000;  // after the faults have stopped
constexpr uint32_t events_at_once = 2'000;   // without time going on
constexpr uint64_t events_of_a_run = 400'000;
constexpr uint32_t effects_of_an_event = 200;
constexpr uint32_t lives_of_a_run = 400;
constexpr uint32_t lease_after_ms = 40;
constexpr uint64_t trial_slack_ms = 180'000;  // for slow disks and hooks
constexpr uint64_t closed_after_ms = 60'000;
constexpr uint64_t command_ms = 900'000;  // a pass may be under way, with all its retries
constexpr WallSeconds floor_s = 1'700'000'000;

}  // namespace

// Between the world and the agent: everything passes by.
class PhoneRun::Sink : public EventSink {
  public:
    Sink(PhoneRun& run, World& world, Agent& agent) : run_(run), world_(world), agent_(agent) {}

    void take(Instant now, const Event& event) override {
        run_.see_event(now, event);
        agent_.handle(now, event);
        uint32_t effects = 0;
        while (auto effect = agent_.next()) {
            if (++effects > effects_of_an_event) return run_.violation("effects without end");
            run_.see_effect(*effect);
            const bool line = std::holds_alternative<JournalLine>(*effect);
            world_.carry_out(std::move(*effect));
            if (line) run_.check_line();
        }
    }

  private:
    PhoneRun& run_;
    World& world_;
    Agent& agent_;
};

PhoneRun::PhoneRun(const Scenario& scenario, Choice& choice, Ladder* ladder)
    : Mishaps(choice),
      scenario_(scenario),
      profile_(scenario.profile_data()),
      lab_(scenario),
      ladder_(ladder),
      appointments_(scenario.appointments) {
    for (uint32_t i = 0; i < point_count; ++i)
        set_danger(static_cast<Point>(i), scenario.dangers[i]);
    appointments_.push_back({scenario.calm_ms, Mishap::count_});
    kept_.resize(appointments_.size());
    for (const auto& [setting, value] : scenario.settings) {
        if (setting != Setting::trial_timeout) continue;
        for (const char c : value)
            trial_ms_ = trial_ms_ * 10 + static_cast<uint64_t>(c - '0');
    }
    trial_ms_ = trial_ms_ * 1000 + trial_slack_ms;
    lab_.site().entropy = scenario.entropy;
    lab_.site().fate = this;
    lab_.site().witness = ladder;
    true_wall_s_ = 1'800'000'000;
}

// --- lives ---------------------------------------------------------------------------------------

RunResult PhoneRun::run() {
    ResetCause cause = ResetCause::power_on;
    while (!is_over()) {
        const LifeEnd end = live(cause);
        ++result_.lives;
        after_life(end, cause);
        if (result_.lives > lives_of_a_run) violation("lives without end");
    }
    result_.hits = hits();
    return result_;
}

bool PhoneRun::is_over() const {
    return over_ || !result_.violations.empty() || result_.stuck;
}

AgentOptions PhoneRun::options_for_life() const {
    AgentOptions options;
    options.profile = &profile_;
    auto identity = identity_from_mac(mac_of_profile(profile_));
    assert(identity);
    options.identity = std::move(*identity);
    options.identity.model = profile_.default_model;
    options.identity.version = profile_.default_version;
    options.interface = "eth0";
    options.once = scenario_.once_at_first && !calm_done_;
    options.floor_s = floor_s;
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
    site.link_up = !link_down_at_start_;
    resting_ms_.reset();
    World world(site);
    if (!site.link_up) wait_for_link(world);
    steps_outstanding_ = 0;
    sockets_.clear();
    credits_.clear();
    resolves_.clear();
    commands_.clear();
    trial_since_ms_.reset();
    kill_asked_ = cut_asked_ = reset_in_this_life_ = false;
    Agent agent(options_for_life());
    Sink sink(*this, world, agent);
    for (uint32_t i = 0; i < appointments_.size(); ++i) {
        if (!kept_[i])
            world.plan_errand(
                appointments_[i].at_ms - std::min(appointments_[i].at_ms, site.power_on_ms), i);
    }
    if (scenario_.lease_shown && !lease_lost_)
        world.plan_lease(world.now().ms + lease_after_ms, LeaseNews::bound,
                         lab_.lease(scenario_.named_by_dhcp));
    if (ladder_) ladder_->note(site.clock_ms, "a life begins");
    // Lives of --once may be over before anything has had the time to happen.
    if (!calm_done_ && site.clock_ms >= scenario_.calm_ms) calm(world);
    sink.take(world.now(), world.boot(cause, reboots_));
    while (!world.departure() && !kill_asked_ && !is_over()) {
        if (cut_asked_) {
            world.plan_power_cut(world.now().ms);
            cut_asked_ = false;
        }
        world.wait(agent.deadline(), sink);
        if (judge_asked_) judge();
        if (ambush_) appoint(world, ambush_->at_ms, ambush_->what, ambush_->detail);
        ambush_.reset();
    }
    if (is_over()) return LifeEnd::over;
    if (kill_asked_) return LifeEnd::killed;
    if (world.power_is_gone()) return LifeEnd::power_cut;
    if (!commands_.empty()) violation("a command has no reply at the end of a life");
    const Departure departure = *world.departure();
    if (departure.kind == Departure::Kind::exit) {
        check_secret(departure.why, "Exit");
        return LifeEnd::exit;
    }
    return departure.afresh ? LifeEnd::reboot_afresh : LifeEnd::reboot;
}

// The cable comes late. Meanwhile somebody may want the phone to start again.
void PhoneRun::wait_for_link(World& world) {
    const uint32_t wait_ms = choice().between(1'000, 40'000) * (1 + choice().pick(14));
    world.plan_link(world.now().ms + wait_ms, true);
    if (!choice().flip(2)) return;
    // A server may have the phone start again only when it has been up for a while.
    constexpr uint32_t soonest_ms = limits::notify_reboot_after_s * 1'000;
    const uint32_t from_ms = wait_ms > soonest_ms ? soonest_ms : 0;
    // Also just after, while the time is asked for.
    const bool after = choice().flip(3);
    appoint(world, after ? wait_ms + choice().pick(1'500) : choice().between(from_ms, wait_ms),
            Mishap::notify_reboot);
}

void PhoneRun::after_life(LifeEnd end, ResetCause& cause) {
    constexpr std::string_view words[] = {
        "reboot", "reboot, afresh", "exit", "the power is gone", "the agent is killed", "the end"};
    Site& site = lab_.site();
    if (ladder_) ladder_->note(site.clock_ms, words[static_cast<uint32_t>(end)]);
    look_at_disk(words[static_cast<uint32_t>(end)]);
    // Whatever the phone rebooted for, its reset is no one that provisioning costs.
    if (end == LifeEnd::reboot && !reset_in_this_life_ &&
        ++counted_reboots_ > limits::provisioning_reboots)
        violation("a third provisioning reboot since power-on");
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
}

// What is on the disk after a life, whatever ended it.
void PhoneRun::look_at_disk(std::string_view when) {
    const Phone phone(lab_.site(), {});
    const Record record = phone.record();
    const Generation active = phone.active();
    if (const std::string complaint = lab_.complaint_about(record, active); !complaint.empty())
        violation(complaint + " (" + std::string(when) + ")");
    check_whole(record, active, when);
    if (promised_ && record.active != *promised_)
        violation("generation " + std::to_string(*promised_) + " was reported durable, and " +
                  std::to_string(record.active) + " is there (" + std::string(when) + ")");
    for (const std::string& name : lab_.site().disk.names()) {
        if (!name.starts_with("record.") && !name.starts_with("generation."))
            violation("a file " + name + " lies on the disk");
    }
    network_broken_ = breaks_network(profile_, active);
    // A first one may have been applied without anybody having been told.
    may_stay_broken_ = may_stay_broken_ || (network_broken_ && record.other == 0);
    update_cut_off();
}

// The record names one whole generation. After a write that failed, and was carried out all the
// same, it may name the slot that is written next; then the predecessor must be whole, if there was
// any.
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

// --- what passes by ------------------------------------------------------------------------------

void PhoneRun::see_event(Instant now, const Event& event) {
    ++result_.events;
    events_at_once_ = now.ms == last_event_ms_ ? events_at_once_ + 1 : 0;
    last_event_ms_ = now.ms;
    if (events_at_once_ > events_at_once) violation("wake-ups without end");
    if (result_.events > events_of_a_run) violation("events without end");
    if (const auto* asked = std::get_if<Command>(&event)) commands_[asked->id] = now.ms;
    if (!commands_.empty() && now.ms > commands_.begin()->second + command_ms)
        violation("a command has no reply");
    if (const auto* done = std::get_if<StorageDone>(&event)) {
        --steps_outstanding_;
        disk_failed_ = disk_failed_ || !done->failure.empty();
        // What cannot be read counts as damaged, whatever it holds.
        if (last_step_reads_ && !done->failure.empty()) has_configuration_ = false;
    } else if (const auto* failed = std::get_if<SocketFailed>(&event)) {
        sockets_.erase(failed->socket);
    } else if (const auto* resolved = std::get_if<Resolved>(&event)) {
        resolves_.erase(resolved->id);
    } else if (const auto* chunk = std::get_if<TransferChunk>(&event)) {
        uint64_t& credit = credits_[chunk->id];
        credit -= std::min<uint64_t>(credit, chunk->bytes.size());
    } else if (const auto* end = std::get_if<TransferEnd>(&event)) {
        credits_.erase(end->id);
    } else if (const auto* broken = std::get_if<TransferFailed>(&event)) {
        credits_.erase(broken->id);
    }
    if (trial_since_ms_ && now.ms > *trial_since_ms_ + trial_ms_) check_trial();
    if (resting_ms_ && now.ms > *resting_ms_ + closed_after_ms) check_rest();
    if (calm_done_ && lab_.site().clock_ms > calm_ms_ + patience_ms && !over_) {
        // Without a network it may try again for ever, and never say that it rests.
        if (network_broken_) judge();
        if (over_) return;
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
    const bool same = record.active == trial_of_;  // and not the next one, just written
    if (record.trial == TrialState::trying && same && !disk_failed_)
        violation("a trial does not end in its time");
}

// A phone that has rested for a while with a configuration holds no socket: the SIP port belongs to
// its own stack.
void PhoneRun::check_rest() {
    resting_ms_.reset();
    if (sockets_.empty() || disk_failed_) return;
    if (!Phone(lab_.site(), {}).active().source.url.empty())
        violation("a socket is left open while the phone rests");
}

void PhoneRun::see_effect(const Effect& effect) {
    if (const auto* line = std::get_if<JournalLine>(&effect)) {
        see_journal(*line);
    } else if (const auto* step = std::get_if<Storage>(&effect)) {
        see_storage(*step);
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
        check_secret(reply->text, "Reply");
        if (commands_.erase(reply->id) == 0) violation("a reply to nobody");
    } else if (const auto* hooks = std::get_if<RunHooks>(&effect)) {
        const auto word = network_word(profile_, hooks->key_lines);
        if (word) network_broken_ = *word == "broken";
        update_cut_off();
    } else {
        see_transfer(effect);
    }
}

void PhoneRun::see_transfer(const Effect& effect) {
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

void PhoneRun::see_storage(const Storage& step) {
    constexpr std::string_view words[] = {"read",   "write", "sync", "sync the directory",
                                          "rename", "remove"};
    if (ladder_)
        ladder_->note(
            lab_.site().clock_ms,
            "disk: " + std::string(words[static_cast<uint32_t>(step.step)]) + " " + step.name);
    if (++steps_outstanding_ > 1) violation("a second storage step while one is under way");
    last_step_reads_ = step.step == StorageStep::read;
    if (!last_step_reads_) promised_.reset();
    if (step.bytes.size() > limits::generation_bytes) violation("a file too long");
}

// What comes at a random time hits the states that last; this hits those that pass, and those that
// hardly ever come at all the more.
void PhoneRun::lie_in_wait(JournalKind kind) {
    using K = JournalKind;
    struct Trap {
        K kind;
        bool there;
        uint32_t one_in;
        Mishap first, second;
    };
    const Trap traps[] = {
        {K::trial_begins, true, scenario_.ambush_rarity, Mishap::confirm, Mishap::confirm},
        {K::trial_failed, true, 2, Mishap::confirm, Mishap::confirm},
        {K::source_asked, scenario_.pnp_over_tcp(), 2, Mishap::pbx_notifies, Mishap::pbx_notifies},
        {K::link_up, scenario_.time_server, 2, Mishap::set_value, Mishap::notify_reboot},
        {K::request, true, 12, Mishap::stop, Mishap::set_value},
    };
    constexpr Mishap kinds[] = {
        Mishap::stop,          Mishap::set_value,     Mishap::confirm,         Mishap::resync,
        Mishap::factory_reset, Mishap::notify_reboot, Mishap::notify_url,      Mishap::notify_check,
        Mishap::link_flaps,    Mishap::pbx_notifies,  Mishap::address_changes, Mishap::killed,
        Mishap::sip_forged,    Mishap::power_cut,     Mishap::confirm};
    constexpr uint64_t waits_ms[] = {0, 1, 3, 40, 900, 9'000};
    if (calm_done_ || scenario_.ambush_rarity == 0) return;
    const auto trap = std::ranges::find_if(
        traps, [kind](const Trap& one) { return one.kind == kind && one.there; });
    const bool any = trap == std::end(traps);
    if (!choice().flip(any ? scenario_.ambush_rarity : trap->one_in)) return;
    const uint64_t wait_ms = choice().of(std::span<const uint64_t>(waits_ms));
    const Mishap what = any                     ? choice().of(std::span<const Mishap>(kinds))
                        : choice().pick(2) == 0 ? trap->first
                                                : trap->second;
    ambush_ = {wait_ms, what, choice().pick(1U << 16)};
}

void PhoneRun::see_journal(const JournalLine& line) {
    resting_ms_.reset();
    lie_in_wait(line.kind);
    const auto number_of = [&](std::string_view name) {
        uint32_t number = 0;
        for (const auto& [field, value] : line.fields) {
            if (field != name) continue;
            for (const char c : value)
                number = number * 10 + static_cast<uint32_t>(c - '0');
        }
        return number;
    };
    switch (line.kind) {
        case JournalKind::applied:
            promised_ = number_of("generation");
            has_configuration_ = true;
            applied_now_ = true;
            trial_since_ms_ = line.at_ms;
            trial_of_ = number_of("generation");
            if (number_of("predecessor") == 0 || !network_broken_)
                may_stay_broken_ = number_of("predecessor") == 0;
            return;
        case JournalKind::trial_begins:
            trial_since_ms_ = line.at_ms;
            trial_of_ = number_of("generation");
            return;
        case JournalKind::trial_confirmed:
            if (line.fields.back().second == "an operator") may_stay_broken_ = true;
            return;
        case JournalKind::return_failed:
            may_stay_broken_ = true;
            return;
        case JournalKind::rolled_back:
            promised_ = number_of("predecessor");
            return;
        case JournalKind::factory_reset:
            promised_ = 0;
            return;
        case JournalKind::operator_command:
            // It may be durable and never be reported.
            if (line.fields.front().second == "confirm" && is_on_trial()) may_stay_broken_ = true;
            if (line.fields.front().second != "factory-reset") return;
            reset_in_this_life_ = true;
            has_configuration_ = false;
            return;
        case JournalKind::rest:
            if (number_of("generation") != 0) resting_ms_ = line.at_ms;
            judge_asked_ = calm_done_ && nudges_ > 0;
            return;
        case JournalKind::nothing_found:
            judge_asked_ = calm_done_ && nudges_ > 0;
            return;
        case JournalKind::retry_waits:
            return;
        case JournalKind::boot:
        case JournalKind::pass_begins:
            nudge_unheard_ = false;
            judge_asked_ = false;
            return;
        default:
            judge_asked_ = false;
            return;
    }
}

// The line that has just reached the journal.
void PhoneRun::check_line() {
    std::string_view line = lab_.site().journal.back();
    if (ladder_) ladder_->journal(lab_.site().clock_ms, line);
    check_secret(line, "the journal");
    if (std::exchange(applied_now_, false)) check_trust();
    if (line.size() > limits::journal_line_bytes) violation("a journal line too long");
    if (!line.ends_with('\n') || !decode_journal_line(line.substr(0, line.size() - 1)))
        violation("a journal line that does not decode: " + std::string(line));
}

// A new generation is on the disk, and its predecessor beside it.
void PhoneRun::check_trust() {
    const Phone phone(lab_.site(), {});
    const Record record = phone.record();
    const auto* bytes = lab_.site().disk.find(generation_name(record.other));
    if (record.other == 0 || bytes == nullptr) return;
    const auto before = decode_generation(*bytes);
    if (!before || before->number != record.other) return;
    const auto complaint = lab_.complaint_about_trust(*before, phone.active());
    if (!complaint.empty()) violation(complaint);
}

void PhoneRun::check_secret(std::string_view text, std::string_view where) {
    if (text.find(secret_mark) != std::string_view::npos)
        violation("a secret in " + std::string(where) + ": " + std::string(text));
}

// --- the end -------------------------------------------------------------------------------------

void PhoneRun::judge() {
    judge_asked_ = false;
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
        case Rest::right:
            return converged("it rests with what its sources offer");
        case Rest::nothing:
            return converged("nobody offers anything it may take");
    }
}

void PhoneRun::converged(std::string words) {
    over_ = true;
    result_.took_ms = lab_.site().clock_ms - calm_ms_;
    result_.end = std::move(words);
}

}  // namespace dialtone::sim
