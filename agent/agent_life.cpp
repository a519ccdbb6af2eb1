// SPDX-License-Identifier: Apache-2.0
//
// The actions of the life table: from the Boot event until the phone rests or leaves.
#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/agent.h"
#include "agent/discovery/static_server.h"
#include "agent/limits.h"
#include "agent/pass/older_trust.h"

namespace dialtone {
namespace {

std::string_view cause_name(ResetCause cause) {
    constexpr std::string_view names[] = {"power-on", "provisioning", "crash"};
    return names[static_cast<uint32_t>(cause)];
}

}  // namespace

// --- the start -----------------------------------------------------------------------------------

void Agent::boot(const Boot& boot) {
    if (state_ != LifeState::off) return;
    born_ = now_;
    reset_cause_ = boot.reset_cause;
    reboots_ = boot.provisioning_reboots;
    state_lost_ = boot.state_lost;
    state_in_memory_ = boot.state_in_memory;
    phone_.rng = Rng(phone_.identity.mac, boot.entropy);
    phone_.secret = boot.secret;
    for (const SettingDefault& row : phone_.profile->defaults) {
        const auto fits = phone_.given_settings.set(Layer::profile, row.setting, row.value);
        assert(fits);  // the profile is data of this build
    }
    store_.open(boot.record_copies, boot.reset_cause);
    const ClockProposal hardware =
        clock_.begin(now_, boot.wall_s, build_time_s_, store_.record().trust.floor_s);
    if (!clock_.believed()) emit(SetWallClock{clock_.at(now_)});
    jobs_.open(boot.staged_files);
    journal(line(JournalKind::boot)
                .with("profile", phone_.profile->name)
                .with("model", phone_.identity.model)
                .with("version", phone_.identity.version)
                .with("mac", mac_text(phone_.identity))
                .with("generation", store_.record().active)
                .with("cause", cause_name(boot.reset_cause)));
    if (!clock_.believed())
        journal(line(JournalKind::clock_floor)
                    .with("hardware", static_cast<uint64_t>(std::max<WallSeconds>(boot.wall_s, 0)))
                    .with("floor", static_cast<uint64_t>(clock_.floor_s()))
                    .with("reason", clock_proposal_words(hardware)));
    if (!boot.settings_error.empty()) {
        journal(line(JournalKind::settings_refused)
                    .with("reason", boot.settings_error)
                    .with("next", phone_.once ? "nothing is asked for"
                                              : "the file is left out as a whole"));
        if (phone_.once)
            return finish(static_cast<uint8_t>(Verdict::not_applied),
                          std::string(boot.settings_error));
    }
    cue(LifeCue::booted);
}

// Whether the state outlives a restart of the machine. Whoever set the setting knows better than
// the world, but not that there is a directory.
void Agent::judge_state() {
    const std::string_view said = phone_.settings.get(Setting::state_persistent);
    if (said == "1" && !state_in_memory_) state_lost_.clear();
    if (said == "0" && state_lost_.empty()) state_lost_ = "state.persistent is 0";
    if (state_lost_.empty()) return;
    journal(line(JournalKind::state_volatile).with("reason", state_lost_));
}

// Another generation is the active one: what it carries counts from now on.
void Agent::carry_settings() {
    phone_.settings = phone_.settings_with(store_.active());
    const Item* key = store_.active().find(parameter_key_name, Origin::acs);
    phone_.parameter_key = key != nullptr ? key->value : std::string();
    if (!store_.record().trust_known)
        store_.trust(trust_of_older_state(store_.active(), *phone_.profile, phone_.settings));
    if (acs_) acs_->take_settings(now_);
    if (state_ != LifeState::starting || !phone_.once || timers_.at(Timer::once)) return;
    uint64_t total_ms = limits::once_total_ms;
    if (store_.on_trial())
        total_ms += uint64_t{phone_.settings.number(Setting::trial_timeout)} * 1000;
    timers_.set(Timer::once, Instant{total_ms});
}

// The store has come to the end of a change; with the last one it owes nothing any more.
void Agent::go_on() {
    if (store_.has_proposals()) return;
    if (given_up_ && phone_.once) return finish_by_verdict();
    if (reboot_.due && keep_acs_first()) return;
    cue(std::exchange(reboot_.due, false) ? LifeCue::leave : LifeCue::ready);
}

void Agent::go_online() {
    if (phone_.link_up) return cue(LifeCue::link_up);
    verdict_.why = "the interface " + phone_.interface + " has no link or no address";
    if (!static_server_urls(phone_.settings).empty()) verdict_.verdict = Verdict::not_applied;
}

void Agent::set_clock() {
    const std::string_view servers = phone_.settings.get(Setting::clock_sntp);
    if (clock_.believed() || servers.empty()) return cue(LifeCue::clock_ready);
    sntp_.start(now_, servers, clock_.floor_s(), phone_.rng);
}

void Agent::take_sntp() {
    const auto outcome = sntp_.take_outcome();
    if (outcome->known) {
        propose_time(outcome->wall_s, outcome->server);
    } else {
        journal(line(JournalKind::clock_unset).with("reason", outcome->reason));
    }
    cue(LifeCue::clock_ready);
}

// Anybody may be a time server, and a hardware clock may be wrong: neither moves the floor.
void Agent::propose_time(WallSeconds wall_s, std::string_view by) {
    const WallSeconds offset_s = std::max<WallSeconds>(wall_s - clock_.at(now_), 0);
    const ClockProposal proposal = clock_.propose(now_, wall_s);
    emit(SetWallClock{clock_.at(now_)});
    if (proposal == ClockProposal::taken)
        return journal(line(JournalKind::clock_set)
                           .with("server", by)
                           .with("offset_s", static_cast<uint64_t>(offset_s)));
    refuse_time(by, wall_s, proposal);
}

void Agent::refuse_time(std::string_view by, WallSeconds wall_s, ClockProposal proposal) {
    journal(line(JournalKind::clock_unset)
                .with("reason", std::string(by) + " says that it is " + std::to_string(wall_s) +
                                    " (seconds since 1970), and " +
                                    std::string(clock_proposal_words(proposal))));
}

// Somebody has set the machine's clock: no line for what comes of a battery or the machine's own
// time servers, unless it cannot be.
void Agent::take_machine_time(WallSeconds wall_s) {
    const ClockProposal proposal = clock_.propose(now_, wall_s);
    emit(SetWallClock{clock_.at(now_)});
    if (proposal == ClockProposal::taken || proposal == ClockProposal::needless) return;
    refuse_time("the machine's clock", wall_s, proposal);
}

// What servers have shown who own the key of a verified certificate.
void Agent::learn_time(const ClockEvidence& evidence) {
    const bool later =
        evidence.later_than_s != 0 && clock_.prove_later(now_, evidence.later_than_s);
    const bool other = evidence.date_s != 0 && clock_.prove(now_, evidence.date_s);
    if (later || other) emit(SetWallClock{clock_.at(now_)});
}

// The way to a pass leads by the time servers again.
void Agent::doubt_clock() {
    journal(line(JournalKind::clock_doubted).with("reason", pass_.verdict().why));
    clock_.doubt(now_);
    cue(LifeCue::altered);
    cue(LifeCue::ready);
}

// Ten thousand phones come up together after a power cut. One that has a configuration works
// already and can wait its turn; nobody else should.
void Agent::spread() {
    const uint32_t generation = store_.active().number;
    const bool in_no_hurry =
        generation != 0 && !store_.on_trial() && reset_cause_ == ResetCause::power_on &&
        !phone_.once && !pass_.has_concluded() && applies_in_a_row_ == 0 && !clock_.was_doubted();
    if (!in_no_hurry) return cue(LifeCue::ask);
    const uint64_t wait_ms = phone_.rng.below(phone_.settings.number(Setting::splay) * 1000);
    timers_.set(Timer::wait, now_ + wait_ms);
    journal(line(JournalKind::splay).with("wait_s", wait_ms / 1000).with("generation", generation));
}

// --- a pass --------------------------------------------------------------------------------------

PassKind Agent::kind_of_pass() const {
    const TrialState trial = acs_holds_pass() ? TrialState::none : store_.record().trial;
    const bool after_apply =
        reset_cause_ == ResetCause::provisioning_reboot || applies_in_a_row_ > 0;
    if (store_.active().source.url.empty()) return PassKind::chain;  // it has nobody of its own
    if (trial == TrialState::trying) return PassKind::trial;
    if (trial == TrialState::returning) return PassKind::returning;
    return after_apply && !pass_.has_concluded() ? PassKind::second : PassKind::chain;
}

void Agent::begin_pass() {
    if (acs_ && !phone_.once) acs_->go_online(now_);
    timers_.clear(Timer::wait);
    timers_.clear(Timer::pnp_check);
    if (acs_holds_pass()) return hold_pass();
    // Without a start in between, nobody else has begun it.
    if (store_.record().trial == TrialState::trying) store_.begin_trial(now_);
    pass_.begin(now_, {.kind = kind_of_pass(),
                       .only_source = std::exchange(only_source_, SourceKind::none),
                       .may_change = applies_in_a_row_ + reboots_ < limits::provisioning_reboots});
}

// A server has named URLs without being asked just now.
void Agent::begin_named() {
    if (acs_ && !phone_.once) acs_->go_online(now_);
    timers_.clear(Timer::wait);
    timers_.clear(Timer::pnp_check);
    Trigger trigger = inbox_.take_trigger(now_);
    if (acs_holds_pass()) return hold_pass();
    pass_.begin(now_, {.kind = PassKind::named,
                       .urls = std::move(trigger.urls),
                       .named_by = std::move(trigger.from)});
}

void Agent::apply() {
    ++applies_in_a_row_;
    pass_.set_concluded(false);
    const bool taken = store_.submit(*std::exchange(offered_, std::nullopt));
    assert(taken);  // there is one pass, and the queue's last place is kept for it
}

void Agent::rest() {
    applies_in_a_row_ = 0;
    pass_.forget_waits();
    if (phone_.once) return finish_by_verdict();
    timers_.clear(Timer::wait);
    plan_next_check();
    keep_floor();
    auto entry = line(JournalKind::rest).with("generation", store_.active().number);
    if (const auto due = next_check()) entry.with("wait_s", due->since(now_) / 1000);
    journal(entry);
}

// What the phone has evidence for is not forgotten with the next power cut.
void Agent::keep_floor() {
    const WallSeconds behind_s = clock_.floor_s() - store_.record().trust.floor_s;
    const bool due = clock_.floor_s() > build_time_s_ && behind_s >= limits::floor_write_s;
    if (due && store_.active().number != 0 && store_.steady()) store_.keep_floor();
}

// The disk has refused a change: the phone goes on with what it has, and asks again much later.
void Agent::back_off() {
    if (pass_.state() != PassState::idle) pass_.cancel(now_);
    rest();
    if (!phone_.once) timers_.set(Timer::wait, now_ + limits::retry_cap_ms);
}

// A tenth of each interval, drawn, keeps phones that were set up together apart.
void Agent::plan_next_check() {
    const Settings& settings = phone_.settings;
    const auto in = [this](uint64_t interval_ms) {
        const uint64_t tenth = std::min<uint64_t>(interval_ms / 10, UINT32_MAX);
        return now_ + (interval_ms + phone_.rng.below(static_cast<uint32_t>(tenth)));
    };
    timers_.clear(Timer::pnp_check);
    const auto known = timers_.at(Timer::static_check);
    if (settings.get(Setting::static_mode) != "interval") {
        timers_.clear(Timer::static_check);
    } else if (!known || *known <= now_) {
        timers_.set(Timer::static_check,
                    in(uint64_t{settings.number(Setting::static_interval)} * 60'000));
    }
    const uint32_t pnp_hours = settings.number(Setting::pnp_interval);
    if (pnp_hours != 0 && pass_.sources().why_not_asked(SourceKind::pnp).empty())
        timers_.set(Timer::pnp_check, in(uint64_t{pnp_hours} * 3'600'000));
}

// --- the end of a trial, the end of a life -------------------------------------------------------

void Agent::go_back() {
    stop_asking();
    store_.go_back();
}

// Where nothing outlives a restart, the next life would find nothing and restart again, for ever.
bool Agent::may_reboot() const {
    return state_lost_.empty() && phone_.profile->after_apply == AfterApply::reboot &&
           reboots_ < limits::provisioning_reboots;
}

void Agent::plan_reboot(bool due, std::string_view reason, bool afresh) {
    reboot_ = {.due = due, .afresh = afresh, .reason = std::string(reason)};
}

// How often a server may still have the phone start again. Restarts that cannot be counted are
// none.
uint32_t Agent::notify_reboots_left() const {
    if (!state_lost_.empty()) return 0;
    const uint64_t back = now_.since(born_) / (uint64_t{limits::notify_reboot_back_s} * 1000);
    const uint64_t left = store_.record().notify_reboots.left + back;
    return static_cast<uint32_t>(std::min<uint64_t>(left, limits::notify_reboots));
}

// The reboot that a server asked for: a new beginning, which counts as one by an operator. One of
// the ACS, to which the phone belongs, is no server's turn.
void Agent::restart() {
    stop_asking();
    restarts_for_acs_ = acs_orders_restart();
    if (restarts_for_acs_) return store_.count_reboot(notify_reboots_left());
    inbox_.take_trigger(now_);
    store_.count_reboot(std::max(notify_reboots_left(), 1U) - 1);
}

void Agent::reboot() {
    journal(line(JournalKind::reboot).with("reason", reboot_.reason).with("number", reboots_ + 1));
    timers_.clear();
    inbox_.answer_all("the phone reboots; try again in a moment", false);
    leave(Reboot{reboot_.afresh});
}

// No step of a job is under way when the phone leaves, and nothing of one is left behind.
void Agent::leave(Effect departure) {
    jobs_.cancel_all(now_);
    departure_ = std::move(departure);
    leave_when_idle();
}

void Agent::leave_when_idle() {
    if (!departure_ || !jobs_.idle()) return;
    emit(std::move(*departure_));
    departure_.reset();
}

// The pass knows better while there is one.
const LifeVerdict& Agent::current_verdict() const {
    return state_ == LifeState::passing ? pass_.verdict() : verdict_;
}

// A daemon leaves only when it is told to, and that is no failure.
void Agent::finish_by_verdict() {
    finish(phone_.once ? static_cast<uint8_t>(verdict_.verdict) : 0, verdict_.why);
}

void Agent::finish(uint8_t status, std::string why) {
    pass_.cancel(now_);
    timers_.clear();
    journal(line(JournalKind::finished).with("status", status).with("reason", why));
    for (const RequestId id : store_.take_completions())
        reply(id, false, "the agent is leaving before it is done");
    inbox_.answer_all("the agent is leaving", true);
    state_ = LifeState::leaving;
    cues_.clear();
    leave(Exit{status, std::move(why)});
}

}  // namespace dialtone
