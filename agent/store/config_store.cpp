// SPDX-License-Identifier: Apache-2.0
#include "agent/store/config_store.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "agent/limits.h"
#include "agent/rival_keys.h"
#include "agent/store/codec.h"
#include "agent/store/durable_steps.h"
#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = StoreState;
using C = StoreCue;
using A = StoreAction;

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                    cue               action                next
    {in(S::off),                 C::load,          A::load,              S::loading},
    {in(S::loading),             C::loaded,        A::count_start,       S::marking},
    {in(S::marking, S::saving),  C::saved,         A::run_hooks,         S::hooks},
    {in(S::recording),           C::saved,         A::report_ready,      S::steady},
    {in(S::noting),              C::saved,         A::report_noted,      S::steady},
    {in(S::marking),             C::save_failed,   A::run_hooks,         S::hooks},
    {in(S::recording),           C::save_failed,   A::report_ready,      S::steady},
    {in(S::saving, S::noting),   C::save_failed,   A::report_failure,    S::steady},
    {in(S::hooks),               C::told,          A::record_hooks_done, S::recording},
    {in(S::steady),              C::propose,       A::make_generation,   S::saving},
    {in(S::marking),             C::go_back,       A::go_back,           S::marking},
    {in(S::steady),              C::go_back,       A::go_back,           S::saving},
    {in(S::steady),              C::factory_reset, A::reset,             S::saving},
    {in(S::steady),              C::note,          A::note,              S::noting},
};
// clang-format on
constexpr auto table = completed(rows, C::load, C::loaded, C::saved, C::save_failed, C::told,
                                 C::propose, C::go_back, C::factory_reset, C::note);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"off",   "loading",   "marking", "saving",
                                            "hooks", "recording", "noting",  "steady"};
constexpr std::string_view cue_names[] = {"load",        "loaded",        "saved",
                                          "save failed", "told",          "propose",
                                          "go back",     "factory reset", "note"};
constexpr std::string_view action_names[] = {
    "nothing",           "load",         "count start",    "run hooks",
    "record hooks done", "report ready", "report failure", "report noted",
    "make generation",   "go back",      "reset",          "note"};
constexpr TableView view =
    table_view({.name = "store",
                .title = "The configuration on its disk",
                .about = "`agent/store/config_store.cpp`. The trial has a rule of its own beside "
                         "it, `agent/store/trial.h`."},
               table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

// A plan that failed its trial is left aside for a while, twice as long each time.
void refuse(Record& record, const Sha256& digest, WallSeconds now_s) {
    auto place = std::ranges::find(record.refused, digest, &RefusedPlan::digest);
    if (place == record.refused.end()) {
        if (record.refused.size() >= limits::refused_digests_kept)
            record.refused.erase(record.refused.begin());
        place = record.refused.insert(record.refused.end(), RefusedPlan{digest});
    }
    place->not_before_s = now_s + (WallSeconds{limits::refused_retry_s} << place->tries);
    ++place->tries;
}

}  // namespace

ConfigStore::ConfigStore(RequestIds& ids, Lane& lane, const PhoneFacts& phone,
                         const WallClock& clock)
    : Engine(ids), lane_(lane), phone_(phone), clock_(clock) {
}

void ConfigStore::handle(Instant now, const Event& event) {
    now_ = now;
    const auto* done = std::get_if<HooksDone>(&event);
    if (!done || done->id != hooks_id_ || hooks_id_ == 0) return;
    hooks_id_ = 0;
    hooks_untold_ = done->ran == 0 && done->failed > 0;
    if (done->ran > 0 || done->failed > 0)
        journal(line(JournalKind::hooks_ran)
                    .with("ran", done->ran)
                    .with("failed", done->failed)
                    .with("reason", done->first_failure));
    cue(C::told);
}

bool ConfigStore::advance(Instant now) {
    now_ = now;
    if (ready()) return false;
    if (cues_.empty()) {
        if (state_ != S::steady || proposals_.empty()) return false;
        cue(C::propose);
    }
    const StoreCue next = cues_.front();
    cues_.pop_front();
    const auto& row = row_for(table, state_, next);
    if (!row.stay) state_ = row.next;
    act(row.action);
    return true;
}

void ConfigStore::act(StoreAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::load:
            return read_next();
        case A::count_start:
            return count_start();
        case A::run_hooks:
            return run_hooks();
        case A::record_hooks_done:
            return record_hooks_done();
        case A::report_ready:
            return finish({});
        case A::report_failure:
            return report(StoreNews::failed, std::exchange(change_.failure, {}));
        case A::report_noted:
            return finish(std::exchange(change_.outcome, {}));
        case A::make_generation:
            return make_generation();
        case A::go_back:
            return swap_generations();
        case A::reset:
            return reset();
        case A::note:
            return note();
    }
}

void ConfigStore::report(StoreNews news, std::string reason) {
    finish({news, change_.outcome.origin, std::exchange(change_.outcome.completion, 0),
            std::move(reason)});
}

// --- the start -----------------------------------------------------------------------------------

void ConfigStore::open(std::span<const std::span<const uint8_t>, limits::record_copies> copies,
                       ResetCause cause) {
    RecordChoice choice = choose_record(copies);
    record_ = std::move(choice.record);
    copies_.next = choice.next_copy;
    copies_.broken = choice.broken;
    copies_.remark = std::move(choice.remark);
    for (uint32_t i = 0; i < limits::record_copies; ++i)
        copies_.exists[i] = !copies[i].empty();
    // Every start of the machine looks like a power-on, also the one that a server asked for.
    NotifyReboots& reboots = record_.notify_reboots;
    if (reboots.under_way) {
        reboots.under_way = false;
        copies_.stale = true;
    } else if (cause == ResetCause::power_on) {
        reboots = {};
    }
}

void ConfigStore::load(Instant now) {
    now_ = now;
    if (copies_.broken > 0)
        journal(
            line(JournalKind::state_recovered)
                .with("file", "the boot record")
                .with("reason", std::to_string(copies_.broken) + " of its two copies is not whole")
                .with("next",
                      record_.sequence != 0 ? "the other copy counts" : "the phone starts as new"));
    if (!copies_.remark.empty())
        journal(line(JournalKind::state_of_later)
                    .with("file", "the boot record")
                    .with("reason", std::exchange(copies_.remark, {})));
    for (const uint32_t number : {record_.active, record_.other}) {
        if (number != 0) to_read_.push_back(number);
    }
    cue(C::load);
}

void ConfigStore::read_next() {
    if (to_read_.empty()) return finish_loading();
    std::vector<Storage> steps;
    steps.push_back({.step = StorageStep::read, .name = generation_name(to_read_.front())});
    transaction_ = lane_.submit(std::move(steps));
}

void ConfigStore::take_step(const LaneOutcome& outcome) {
    if (outcome.transaction != transaction_) return;
    transaction_ = 0;
    state_ == S::loading ? take_read(outcome) : take_save(outcome);
}

void ConfigStore::take_read(const LaneOutcome& outcome) {
    const uint32_t number = to_read_.front();
    to_read_.pop_front();
    std::string reason = outcome.not_found ? "the file is not there" : outcome.reason;
    if (reason.empty()) {
        std::string remark;
        auto generation = decode_generation(outcome.bytes, &remark);
        if (!generation) {
            reason = describe(generation.error());
        } else if (generation->number != number) {
            reason = "it holds generation " + std::to_string(generation->number);
        } else {
            (number == record_.active ? active_ : other_) = std::move(*generation);
            if (!remark.empty())
                journal(line(JournalKind::state_of_later)
                            .with("file", generation_name(number))
                            .with("reason", remark));
        }
    }
    // A factory reset was cut while it removed what the record still names.
    const bool half_reset = outcome.not_found && record_.active == 0;
    if (!reason.empty() && !half_reset)
        journal(line(JournalKind::state_recovered)
                    .with("file", generation_name(number))
                    .with("reason", reason)
                    .with("next", number == record_.active
                                      ? "the predecessor counts, if it is whole"
                                      : "it is left out"));
    read_next();
}

// What could not be read is named by the record no more; a predecessor that is whole takes over.
void ConfigStore::finish_loading() {
    const bool other_lost = record_.other != 0 && other_.number == 0;
    const bool active_lost = record_.active != 0 && active_.number == 0;
    if (other_lost || active_lost) {
        record_.other = 0;
        record_.trial = TrialState::none;
        copies_.stale = true;
    }
    if (active_lost) {
        active_ = std::exchange(other_, {});
        record_.active = active_.number;
        record_.hooks_due = true;
    }
    active_changed_ = true;
    cue(C::loaded);
}

// A trial that never gets as far as its end, because the phone starts anew each time before, has
// failed, too.
void ConfigStore::count_start() {
    if (record_.trial == TrialState::none)
        return copies_.stale ? save(Record(record_)) : cue(C::saved);
    if (record_.trial_boots >= limits::trial_boots) {
        change_.verdict = trial_verdict(record_.trial, TrialCue::no_starts);
        return cue(C::go_back);
    }
    Record next = record_;
    ++next.trial_boots;
    if (record_.trial == TrialState::trying) begin_trial(now_);
    save(std::move(next));
}

// The time in which the new configuration has to reach its server runs from now on.
void ConfigStore::begin_trial(Instant now) {
    if (trial_ends_) return;
    const uint32_t wait_s = phone_.settings.number(Setting::trial_timeout);
    trial_ends_ = now + uint64_t{wait_s} * 1000;
    journal(
        line(JournalKind::trial_begins).with("generation", record_.active).with("wait_s", wait_s));
}

// --- a new generation ----------------------------------------------------------------------------

bool ConfigStore::submit(Proposal&& proposal) {
    const uint32_t kept = proposal.origin == Origin::file ? 0 : 1;
    if (proposals_.size() + kept >= limits::proposals_queued) return false;
    proposals_.push_back(std::move(proposal));
    return true;
}

bool ConfigStore::drop_file_proposals() {
    const auto is_files = [](const Proposal& one) { return one.origin == Origin::file; };
    return std::erase_if(proposals_, is_files) > 0;
}

// The only place where a generation is made.
void ConfigStore::make_generation() {
    Proposal proposal = std::move(proposals_.front());
    proposals_.pop_front();
    change_.outcome = {StoreNews::applied, proposal.origin, proposal.completion};
    const bool fits = proposal.draft && proposal.drawn_from == active_.number;
    auto next = fits ? Result<Generation>(std::move(*proposal.draft))
                     : overlay(active_, proposal.documents, proposal.origin);
    if (next && !fits && proposal.origin == Origin::file)
        let_files_win(*next, active_, *phone_.profile);
    if (next) return write_generation(std::move(*next), proposal);
    change_.failure = describe(next.error());
    cue(C::save_failed);
}

void ConfigStore::write_generation(Generation&& generation, const Proposal& proposal) {
    const bool from_server = proposal.origin == Origin::file;
    if (from_server) {
        generation.source = proposal.source;
        generation.proof = proposal.proof;
        std::erase_if(generation.digests, [this](const FileDigest& digest) {
            return is_plan_role(*phone_.profile, digest.role);
        });
        set_digests(generation, proposal.digests);
    }
    Record next = record_;
    if (proposal.trust) next.trust = *proposal.trust;
    generation.number = next_generation_number(record_);
    const bool continues = proposal.acs && is_trial_of(proposal.acs->session);
    if (!continues) next.other = record_.active;
    next.active = generation.number;
    next.trial = is_tried(proposal) ? TrialState::trying : TrialState::none;
    next.acs_trial = {.under_way = proposal.acs && next.trial == TrialState::trying,
                      .several = continues};
    if (proposal.acs) next.acs = proposal.acs->memory;
    change_.acs_session = proposal.acs ? proposal.acs->session : 0;
    next.trial_boots = 0;
    next.hooks_due = true;
    const uint64_t key_count = changed_keys(active_, generation).size();
    journal(
        line(JournalKind::applying).with("generation", generation.number).with("keys", key_count));
    auto steps = generation_steps(generation);
    change_.when_durable = line(JournalKind::applied)
                               .with("generation", generation.number)
                               .with("predecessor", next.other)
                               .with("keys", key_count);
    change_.active = std::move(generation);
    save(std::move(next), std::move(steps));
}

// A phone's first generation is not, nor what an operator has set. What one session of an ACS makes
// of a new phone is its first as a whole.
bool ConfigStore::is_tried(const Proposal& proposal) const {
    const bool is_first =
        active_.number == 0 ||
        (proposal.acs && proposal.acs->session == acs_session_ && acs_session_is_new_);
    return !is_first && (proposal.acs || proposal.origin == Origin::file);
}

// --- the record ----------------------------------------------------------------------------------

void ConfigStore::save(Record&& record, std::vector<Storage> before) {
    record.sequence = record_.sequence + 1;
    record.trust_known = true;
    if (record.trial == TrialState::none) record.acs_trial = {};
    const bool resets = change_.outcome.news == StoreNews::reset;
    record.trust.floor_s = resets ? 0 : clock_.floor_s();
    change_.record = std::move(record);
    std::vector<Storage> steps;
    const auto add = [&steps](std::vector<Storage>&& more) {
        std::move(more.begin(), more.end(), std::back_inserter(steps));
    };
    const auto newest = static_cast<uint8_t>((copies_.next + 1U) % limits::record_copies);
    if (!copies_.synced && copies_.exists[newest]) add(sync_steps(active_.number, newest));
    add(std::move(before));
    add(record_steps(change_.record, copies_.next, copies_.exists[copies_.next]));
    transaction_ = lane_.submit(std::move(steps));
    if (transaction_ == 0) take_save({.reason = "too much waits for the disk"});
}

void ConfigStore::take_save(const LaneOutcome& outcome) {
    if (outcome.done) {
        adopt();
        const bool half_way = state_ == S::saving && record_.active == 0;  // of a factory reset
        if (half_way) return cue(C::saved);
        if (change_.when_durable) journal(*std::exchange(change_.when_durable, std::nullopt));
        const bool tells = state_ != S::noting && change_.outcome.news != StoreNews::ready;
        if (tells) finish(std::exchange(change_.outcome, {}));
        return cue(C::saved);
    }
    change_.active = {};
    change_.when_durable.reset();
    journal(line(JournalKind::apply_failed)
                .with("step", outcome.step)
                .with("reason", outcome.reason)
                .with("next", "the configuration stays as it is"));
    change_.failure = outcome.step + ": " + outcome.reason;
    if (state_ == S::marking || state_ == S::recording)
        report(StoreNews::unrecorded, std::exchange(change_.failure, {}));
    change_.outcome.news = StoreNews::ready;
    cue(C::save_failed);
}

// What was asked to be durable now is.
void ConfigStore::adopt() {
    copies_.synced = true;
    copies_.exists[copies_.next] = true;
    copies_.next = static_cast<uint8_t>((copies_.next + 1) % limits::record_copies);
    record_ = std::move(change_.record);
    copies_.stale = false;
    if (record_.active == active_.number && record_.other == other_.number) return;
    if (record_.active == other_.number && record_.active != 0) {
        std::swap(active_, other_);
        followed_.reset();
    } else if (record_.active != active_.number) {
        acs_session_is_new_ =
            change_.acs_session != 0 &&
            (active_.number == 0 || (acs_session_is_new_ && change_.acs_session == acs_session_));
        acs_session_ = change_.acs_session;
        if (record_.other == other_.number) {
            followed_ = std::move(active_);
        } else {
            other_ = std::move(active_);
        }
        active_ = std::move(change_.active);
    }
    if (record_.other == 0 && !record_.hooks_due) other_ = {};  // hooks are told the difference
    change_.active = {};
    active_changed_ = true;
}

// --- the phone's software ------------------------------------------------------------------------

void ConfigStore::run_hooks() {
    const std::string_view directory = phone_.settings.get(Setting::hooks_dir);
    if (!record_.hooks_due || directory.empty()) return cue(C::told);
    RunHooks hooks;
    hooks.id = hooks_id_ = new_id();
    hooks.directory = directory;
    // What failed to be told before is told again with the next change. Of several generations in a
    // trial nobody knows after a start which of them were told.
    const bool tells_all = hooks_untold_ || (record_.acs_trial.several && !followed_);
    for (const KeyChange& change : changed_keys(tells_all ? Generation{} : predecessor(), active_))
        (hooks.key_lines += key_value_line(change.key, change.value)) += '\n';
    emit(std::move(hooks));
}

void ConfigStore::record_hooks_done() {
    if (!record_.hooks_due) return cue(C::saved);
    // None could be run: they stay due until the next start. A factory reset goes on all the same.
    if (hooks_untold_ && record_.active != 0) return cue(C::saved);
    Record next = record_;
    next.hooks_due = false;
    followed_.reset();
    if (next.active != 0) return save(std::move(next));
    finish_reset(std::move(next));
}

// --- the trial -----------------------------------------------------------------------------------

void ConfigStore::confirm(std::string_view by, RequestId completion) {
    change_.verdict = trial_verdict(record_.trial, TrialCue::confirmed);
    change_.confirmed_by = by;
    change_.outcome = {.completion = completion};
    cue(C::note);
}

void ConfigStore::server_heard(std::string_view by) {
    change_.verdict = trial_verdict(record_.trial, TrialCue::heard);
    change_.confirmed_by = by;
    change_.outcome = {};
    cue(C::note);
}

void ConfigStore::go_back() {
    change_.verdict = trial_verdict(record_.trial, TrialCue::time_up);
    cue(C::go_back);
}

// Nothing answered in the trial's time: the predecessor returns and is asked in turn. If it reaches
// nothing either, the network is at fault and the newer one stays.
void ConfigStore::swap_generations() {
    trial_ends_.reset();
    Record next = record_;
    std::swap(next.active, next.other);
    next.trial_boots = 0;
    next.hooks_due = true;
    if (change_.verdict == TrialVerdict::go_back) {
        next.trial = TrialState::returning;
        change_.outcome = {.news = StoreNews::returned, .of_acs = record_.acs_trial.under_way};
        journal(line(JournalKind::trial_failed)
                    .with("generation", record_.active)
                    .with("predecessor", record_.other)
                    .with("wait_s", phone_.settings.number(Setting::trial_timeout)));
    } else {
        next.trial = TrialState::none;
        change_.outcome = {.news = StoreNews::kept, .of_acs = record_.acs_trial.under_way};
        journal(line(JournalKind::return_failed)
                    .with("generation", record_.other)
                    .with("predecessor", record_.active));
    }
    save(std::move(next));
}

void ConfigStore::note() {
    const StoreNews news = change_.outcome.news;
    if (news == StoreNews::reboot_counted || news == StoreNews::acs_kept)
        return save(Record(change_.record));
    if (news == StoreNews::floor_kept) return save(Record(record_));
    judge();
}

void ConfigStore::judge() {
    trial_ends_.reset();
    if (change_.verdict == TrialVerdict::withdraw) return withdraw();
    change_.outcome.news = StoreNews::confirmed;
    change_.when_durable = line(JournalKind::trial_confirmed)
                               .with("generation", record_.active)
                               .with("by", change_.confirmed_by);
    Record next = record_;
    next.trial = TrialState::none;
    next.trial_boots = 0;
    std::erase_if(next.refused, [digest = plan_digest(active_.digests)](const RefusedPlan& plan) {
        return plan.digest == digest;
    });
    save(std::move(next));
}

// The predecessor reaches its server: what came after it was at fault.
void ConfigStore::withdraw() {
    const bool of_acs = record_.acs_trial.under_way;
    change_.outcome = {.news = StoreNews::withdrawn,
                       .reason = "generation " + std::to_string(record_.other) +
                                 " reached no server in its trial; generation " +
                                 std::to_string(record_.active) + " is back"};
    change_.when_durable = line(JournalKind::rolled_back)
                               .with("generation", record_.other)
                               .with("predecessor", record_.active)
                               .with("next", of_acs ? "what the ACS had set is gone"
                                                    : "its files are left aside for a while");
    Record next = record_;
    next.trial = TrialState::none;
    next.trial_boots = 0;
    next.other = 0;
    if (!of_acs) refuse(next, plan_digest(other_.digests), clock_.at(now_));
    save(std::move(next));
}

// --- a restart that a server wants ---------------------------------------------------------------

// Before it happens: whoever wants one at each start must run out of them.
void ConfigStore::count_reboot(uint32_t left) {
    change_.record = record_;
    change_.record.notify_reboots = {.left = static_cast<uint8_t>(left), .under_way = true};
    change_.outcome = {.news = StoreNews::reboot_counted};
    cue(C::note);
}

void ConfigStore::keep_floor() {
    change_.outcome = {.news = StoreNews::floor_kept};
    cue(C::note);
}

void ConfigStore::keep_acs(AcsMemory acs) {
    change_.record = record_;
    change_.record.acs = std::move(acs);
    change_.outcome = {.news = StoreNews::acs_kept};
    cue(C::note);
}

void ConfigStore::trust(Trust trust) {
    trust.floor_s = record_.trust.floor_s;
    record_.trust = std::move(trust);
    record_.trust_known = true;
}

// --- factory reset -------------------------------------------------------------------------------

void ConfigStore::factory_reset(RequestId completion) {
    change_.outcome = {.news = StoreNews::reset, .completion = completion};
    cue(C::factory_reset);
}

// The record first: once it names nothing active the phone is new, whatever becomes of the slots.
// It keeps what was active as `other` until the hooks have been told what is gone.
void ConfigStore::reset() {
    trial_ends_.reset();
    change_.when_durable = line(JournalKind::factory_reset);
    Record next;
    next.unknown = record_.unknown;
    next.other = record_.active;
    next.hooks_due = true;
    save(std::move(next));
}

// The slots hold passwords: a reset is done when they are gone. Until the record says that nothing
// is due, every start comes here again.
void ConfigStore::finish_reset(Record&& record) {
    record.other = 0;
    std::vector<Storage> before;
    before.reserve(limits::generation_slots + 1);
    for (uint32_t slot = 0; slot < limits::generation_slots; ++slot)
        before.push_back({.step = StorageStep::remove, .name = generation_name(slot)});
    before.push_back({.step = StorageStep::sync_directory});
    save(std::move(record), std::move(before));
}

std::vector<RequestId> ConfigStore::take_completions() {
    std::vector<RequestId> out;
    if (const RequestId id = std::exchange(change_.outcome.completion, 0); id != 0)
        out.push_back(id);
    for (const Proposal& proposal : proposals_) {
        if (proposal.completion != 0) out.push_back(proposal.completion);
    }
    proposals_.clear();
    return out;
}

}  // namespace dialtone
