// SPDX-License-Identifier: Apache-2.0
//
// Every durable change. The order of the storage steps is what keeps a phone whole: a generation
// is written and brought to the medium in a slot nobody names, then one write to the older copy
// of the record names it. docs/design.md lists the states a power cut can leave.
#include <algorithm>
#include <iterator>

#include "agent/agent_state.h"
#include "agent/config/digest.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

bool is_plan_role(const Profile& profile, std::string_view role) {
    const auto files = profile.files;
    return role == one_file_role || role == option_120_role ||
           std::any_of(files.begin(), files.end(),
                       [role](const auto& row) { return row.role == role; });
}

// Splits KEY=VALUE; a key may hold `\=`, as `dialtone show config` prints it.
Result<std::pair<std::string, std::string>> split_assignment(std::string_view text) {
    std::string key;
    for (uint32_t i = 0; i < text.size(); ++i) {
        if (text[i] == '=' && !key.empty()) return std::pair(key, std::string(text.substr(i + 1)));
        if (text[i] == '\\' && i + 1 < text.size()) ++i;
        key += text[i];
    }
    return fail(ErrorCode::bad_usage, "set takes KEY=VALUE");
}

}  // namespace

// --- the one door
// ----------------------------------------------------------------------------------

bool AgentState::submit(Proposal&& proposal) {
    if (proposals_.size() >= limits::proposals_queued) return false;
    proposals_.push_back(std::move(proposal));
    return true;
}

// The only place where a generation is made.
void AgentState::apply() {
    Proposal proposal = std::move(proposals_.front());
    proposals_.pop_front();
    awaited_reply_ = proposal.completion;
    const bool by_operator = proposal.source.kind == SourceKind::operator_;
    // A plan's documents were laid over the active generation as they arrived.
    const bool at_hand = !by_operator && run_.draft.number == active_.number;
    auto next = at_hand ? Result<Generation>(std::move(run_.draft))
                        : overlay(active_, proposal.documents,
                                  by_operator ? Origin::operator_ : Origin::file);
    reboot_due_ = false;
    if (!next) {
        verdict_why_ = describe(next.error());
        return cue(LifeCue::save_failed);
    }
    if (by_operator) {
        stop_asking();
        return commit_generation(std::move(*next), false);
    }
    next->source = std::move(proposal.source);
    next->proof = proposal.proof;
    std::erase_if(next->digests, [this](const FileDigest& digest) {
        return is_plan_role(*options_.profile, digest.role);
    });
    set_digests(*next, proposal.digests);
    ++applies_in_a_row_;
    passed_once_ = false;
    reboot_due_ = may_reboot();
    reboot_reason_ = "the new configuration takes effect with a restart";
    commit_generation(std::move(*next), active_.number != 0);
}

Proposal AgentState::operator_proposal(std::string_view argument, RequestId completion) const {
    auto assignment = split_assignment(argument);
    Document document;
    document.entries.push_back({std::move(assignment->first), std::move(assignment->second)});
    Proposal proposal;
    proposal.source.kind = SourceKind::operator_;
    proposal.documents.push_back(std::move(document));
    proposal.completion = completion;
    return proposal;
}

Result<SetNeeds> AgentState::check_operator_value(std::string_view argument) const {
    const auto [key, value] = TRY(split_assignment(argument));
    if (record_.trial != TrialState::none)
        return fail(ErrorCode::bad_usage,
                    "a configuration is on trial; confirm it or wait until it has passed");
    if (key.size() > limits::config_key_bytes || value.size() > limits::config_value_bytes)
        return fail(ErrorCode::too_big, "the key or the value is too long");
    if (const SettingForm* form = find_setting(key)) {
        TRY(check_setting(*form, value));
    } else if (!key_has_shape(key, options_.profile->key_shape)) {
        const std::string_view near = nearest_setting(key);
        std::string words = "there is no setting '" + key + "'";
        if (!near.empty()) words += ", did you mean '" + std::string(near) + "'?";
        return fail(ErrorCode::bad_usage, words);
    }
    const Item* item = active_.find(key, Origin::operator_);
    return item && item->value == value ? SetNeeds::nothing : SetNeeds::a_generation;
}

void AgentState::commit_generation(Generation&& generation, bool with_trial) {
    Record next = record_;
    generation.number = next_generation_number(record_);
    next.other = record_.active;
    next.active = generation.number;
    next.trial = with_trial ? TrialState::trying : TrialState::none;
    next.trial_boots = 0;
    next.hooks_due = true;
    const uint64_t key_count = changed_keys(active_, generation).size();
    journal(
        line(JournalKind::applying).with("generation", generation.number).with("keys", key_count));
    auto steps = generation_steps(generation);
    when_durable_ = line(JournalKind::applied)
                        .with("generation", generation.number)
                        .with("predecessor", active_.number)
                        .with("keys", key_count);
    next_active_ = std::move(generation);
    save_record(std::move(next), std::move(steps));
}

// --- the record ----------------------------------------------------------------------------------

void AgentState::save_record(Record&& record, std::vector<Storage> before) {
    record.sequence = record_.sequence + 1;
    next_record_ = std::move(record);
    auto steps = std::move(before);
    auto last = record_steps(next_record_, next_copy_, copy_exists_[next_copy_]);
    std::move(last.begin(), last.end(), std::back_inserter(steps));
    commit_.start(std::move(steps));
}

void AgentState::take_commit(const CommitOutcome& outcome) {
    if (outcome.done) {
        adopt_record();
        if (state_ == LifeState::resetting) return cue(LifeCue::saved);  // it is done later
        if (when_durable_) journal(*when_durable_);
        when_durable_.reset();
        reply(std::exchange(awaited_reply_, 0), true, "done");
        return cue(LifeCue::saved);
    }
    next_active_ = {};
    when_durable_.reset();
    journal(line(JournalKind::apply_failed)
                .with("step", outcome.step)
                .with("reason", outcome.reason)
                .with("next", "the configuration stays as it is"));
    verdict_ = Verdict::not_applied;
    verdict_why_ = outcome.step + ": " + outcome.reason;
    if (state_ == LifeState::settling) reply(std::exchange(awaited_reply_, 0), false, verdict_why_);
    cue(LifeCue::save_failed);
}

// What was asked to be durable now is.
void AgentState::adopt_record() {
    copy_exists_[next_copy_] = true;
    next_copy_ = static_cast<uint8_t>((next_copy_ + 1) % limits::record_copies);
    record_ = std::move(next_record_);
    record_stale_ = false;
    if (record_.active == active_.number && record_.other == other_.number) return;
    if (record_.active == other_.number && record_.active != 0) {
        std::swap(active_, other_);
    } else if (record_.active != active_.number) {
        other_ = std::move(active_);
        active_ = std::move(next_active_);
    }
    if (record_.other == 0 && !record_.hooks_due) other_ = {};  // hooks are told the difference
    next_active_ = {};
    rebuild_settings();
}

void AgentState::report_apply_failure() {
    reply(std::exchange(awaited_reply_, 0), false, verdict_why_);
    rest();
    if (!options_.once) wait_until_due(limits::retry_cap_ms);
}

void AgentState::report_save_failure() {
    // A start that cannot be counted is no reason to keep a phone from working.
    if (state_ == LifeState::telling) return tell();
    reply(std::exchange(awaited_reply_, 0), false, verdict_why_);
    rest();
    if (!options_.once) wait_until_due(limits::retry_cap_ms);
}

// --- the phone's software, and the reboot
// ----------------------------------------------------------

void AgentState::tell() {
    // From here on the SIP port belongs to the phone's own SIP stack.
    if (!active_.source.url.empty()) pnp_.stop(now_);
    const std::string_view directory = settings_.get(Setting::hooks_dir);
    if (!record_.hooks_due || directory.empty()) return cue(LifeCue::told);
    RunHooks hooks;
    hooks.id = hooks_id_ = new_id();
    hooks.directory = directory;
    // What failed to be told before is told again with the next change.
    for (const KeyChange& change : changed_keys(hooks_untold_ ? Generation{} : other_, active_))
        (hooks.key_lines += key_value_line(change.key, change.value)) += '\n';
    emit(std::move(hooks));
}

void AgentState::take_hooks(const HooksDone& done) {
    hooks_id_ = 0;
    hooks_untold_ = done.ran == 0 && done.failed > 0;
    if (done.ran > 0 || done.failed > 0)
        journal(line(JournalKind::hooks_ran)
                    .with("ran", done.ran)
                    .with("failed", done.failed)
                    .with("reason", done.first_failure));
    cue(LifeCue::told);
}

void AgentState::settle() {
    if (!record_.hooks_due) return cue(LifeCue::saved);
    // None could be run: they stay due until the next start. A factory reset goes on all the same.
    if (hooks_untold_ && record_.active != 0) return cue(LifeCue::saved);
    Record next = record_;
    next.hooks_due = false;
    if (next.active != 0) return save_record(std::move(next));
    finish_reset(std::move(next));
}

void AgentState::go_on() {
    if (given_up_ && options_.once) return finish_by_verdict();
    cue(reboot_due_ ? LifeCue::leave : LifeCue::ready);
}

bool AgentState::may_reboot() const {
    return options_.profile->after_apply == AfterApply::reboot &&
           reboots_ < limits::provisioning_reboots;
}

void AgentState::reboot() {
    leave_by_reboot(false);
}

void AgentState::leave_by_reboot(bool afresh) {
    journal(line(JournalKind::reboot).with("reason", reboot_reason_).with("number", reboots_ + 1));
    due_.reset();
    trial_due_.reset();
    once_due_.reset();
    for (const Pending& pending : commands_)
        reply(pending.id, false, "the phone reboots; try again in a moment");
    commands_.clear();
    emit(Reboot{afresh});
}

// --- the trial
// -------------------------------------------------------------------------------------

void AgentState::confirm_trial() {
    stop_asking();
    run_ = {};
    confirm_record("an operator");
}

void AgentState::confirm_record(std::string_view by) {
    trial_due_.reset();
    when_durable_ =
        line(JournalKind::trial_confirmed).with("generation", record_.active).with("by", by);
    verdict_ = Verdict::provisioned;
    verdict_why_ = "applied and confirmed";
    Record next = record_;
    next.trial = TrialState::none;
    next.trial_boots = 0;
    std::erase_if(next.refused, [digest = plan_digest(active_.digests)](const RefusedPlan& plan) {
        return plan.digest == digest;
    });
    save_record(std::move(next));
}

// Nothing answered in the trial's time: the predecessor returns and is asked in turn. If it
// reaches nothing either, the network is at fault and the newer one stays.
void AgentState::turn_back() {
    stop_asking();
    trial_due_.reset();
    Record next = record_;
    std::swap(next.active, next.other);
    next.trial_boots = 0;
    next.hooks_due = true;
    reboot_due_ = may_reboot();
    if (record_.trial == TrialState::trying) {
        next.trial = TrialState::returning;
        reboot_reason_ = "the previous configuration returns";
        journal(line(JournalKind::trial_failed)
                    .with("generation", record_.active)
                    .with("predecessor", record_.other)
                    .with("wait_s", settings_.number(Setting::trial_timeout)));
    } else {
        next.trial = TrialState::none;
        reboot_reason_ = "the newer configuration stays";
        journal(line(JournalKind::return_failed)
                    .with("generation", record_.other)
                    .with("predecessor", record_.active));
        verdict_ = Verdict::not_applied;
        verdict_why_ = "no server answered the new configuration, nor the previous one";
        given_up_ = true;
    }
    save_record(std::move(next));
}

// The predecessor reaches its server: what came after it was at fault.
void AgentState::judge_return() {
    verdict_ = Verdict::rolled_back;
    verdict_why_ = "generation " + std::to_string(record_.other) +
                   " reached no server in its trial; generation " + std::to_string(record_.active) +
                   " is back";
    when_durable_ = line(JournalKind::rolled_back)
                        .with("generation", record_.other)
                        .with("predecessor", record_.active)
                        .with("next", "its files are left aside for a while");
    Record next = record_;
    next.trial = TrialState::none;
    next.trial_boots = 0;
    next.other = 0;
    const Sha256 digest = plan_digest(other_.digests);
    auto place = std::find_if(next.refused.begin(), next.refused.end(),
                              [&](const RefusedPlan& plan) { return plan.digest == digest; });
    if (place == next.refused.end()) {
        if (next.refused.size() >= limits::refused_digests_kept)
            next.refused.erase(next.refused.begin());
        place = next.refused.insert(next.refused.end(), RefusedPlan{digest});
    }
    place->not_before_s = wall_now() + (WallSeconds{limits::refused_retry_s} << place->tries);
    ++place->tries;
    save_record(std::move(next));
}

// --- factory reset
// -----------------------------------------------------------------------------------

// The record first: once it names nothing active the phone is new, whatever becomes of the slots.
// It keeps what was active as `other` until the hooks have been told what is gone.
void AgentState::reset() {
    stop_asking();
    trial_due_.reset();
    when_durable_ = line(JournalKind::factory_reset);
    Record next;
    next.unknown = record_.unknown;
    next.other = record_.active;
    next.hooks_due = true;
    reboot_due_ = options_.profile->after_apply == AfterApply::reboot;
    reboot_reason_ = "factory reset";
    save_record(std::move(next));
}

// The slots hold passwords: a reset is done when they are gone. Until the record says that nothing
// is due, every start comes here again.
void AgentState::finish_reset(Record&& record) {
    record.other = 0;
    std::vector<Storage> before;
    before.reserve(limits::generation_slots + 3);
    // The record may be an earlier process's that never came to the medium; what is removed is
    // gone.
    const uint32_t newest = (next_copy_ + 1U) % limits::record_copies;
    before.push_back(
        {.step = StorageStep::sync_file, .name = record_copy_name(static_cast<uint8_t>(newest))});
    before.push_back({.step = StorageStep::sync_directory});
    for (uint32_t slot = 0; slot < limits::generation_slots; ++slot)
        before.push_back({.step = StorageStep::remove, .name = generation_name(slot)});
    before.push_back({.step = StorageStep::sync_directory});
    save_record(std::move(record), std::move(before));
}

}  // namespace dialtone
