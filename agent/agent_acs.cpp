// SPDX-License-Identifier: Apache-2.0
//
// What the ACS client wants of the rest of the phone: its memory and the changes of the ACS made
// durable, a trial judged by what the ACS says, a restart or a reset carried out.
#include <algorithm>
#include <utility>

#include "agent/agent.h"
#include "agent/config/arrived_file.h"
#include "agent/limits.h"
#include "agent/pass/plan_trust.h"

namespace dialtone {

// The ACS and the pass know of each other by what the agent carries across.
void Agent::drive_acs(const Event& event) {
    if (pass_.sources().vendor_options() != phone_.vendor_options) {
        phone_.vendor_options = pass_.sources().vendor_options();
        acs_->take_settings(now_);
    }
    acs_->handle(now_, event);
    if (acs_->take_rediscovery() && pass_.state() == PassState::idle)
        pass_.sources().look_for_acs(now_);
    if (const AcsStanding standing = acs_->standing(); standing != acs_standing_) {
        acs_standing_ = standing;
        pass_.take_acs(now_, standing);
    }
}

bool Agent::acs_orders_restart() const {
    return acs_ && acs_->ordered() && !acs_->ordered()->factory_reset;
}

// The trial of an ACS asks the ACS: no pass runs in it that could find anything else, or take a
// file server's answer for the ACS's. A phone that speaks to no ACS any more asks as it always did.
bool Agent::acs_holds_pass() const {
    const Settings& settings = phone_.settings;
    const bool may_have_one =
        !settings.get(Setting::tr069_acs_url).empty() || settings.flag(Setting::tr069_dhcp);
    return acs_ && store_.on_acs_trial() && settings.flag(Setting::tr069_enabled) && may_have_one;
}

// The search is put off until the trial of the ACS is over, which DHCP may have named.
void Agent::hold_pass() {
    pass_is_held_ = true;
    pass_.sources().look_for_acs(now_);
    cue(LifeCue::pass_over);
}

// What the ACS has heard, changed and ordered becomes durable, one after the other; then the order
// is carried out. One life with --once speaks to the ACS only where the chain comes to it.
void Agent::serve_acs() {
    if (!acs_ || state_ == LifeState::leaving) return;
    serve_transfer();
    if (acs_judging_) return;
    if (pass_.sources().asks_acs()) acs_->go_online(now_);
    if (store_.on_acs_trial() && store_.steady() && acs_->take_vouch()) {
        acs_judging_ = true;
        store_.server_heard("its ACS");
        return run();
    }
    if (serve_acs_memory() || serve_acs_change()) return run();
    // Without a start in between, nobody else has begun it.
    if (store_.on_acs_trial() && store_.steady() && !acs_->is_changing()) store_.begin_trial(now_);
    if (!acs_->ordered()) return;
    const LifeCue its_cue = acs_orders_restart() ? LifeCue::restart : LifeCue::factory_reset;
    if (!can_serve(its_cue)) return;
    if (its_cue == LifeCue::factory_reset) acs_->take_order();
    cue(its_cue);
    run();
}

// True: something has begun, or has to before anything else may.
bool Agent::serve_acs_memory() {
    if (acs_writing_ || acs_->memory() == store_.record().acs || acs_->memory() == acs_kept_)
        return acs_writing_;
    if (!store_.steady()) return true;
    acs_kept_ = acs_->memory();
    acs_writing_ = true;
    store_.keep_acs(acs_->memory());
    return true;
}

// Before a restart, whoever wants it. What a factory reset has forgotten is not written again; one
// that the ACS has ordered comes first, and the restart after it.
// True: the restart waits for it, and go_on() is called anew.
bool Agent::keep_acs_first() {
    if (!acs_ || acs_writing_ || !store_.steady()) return false;
    if (acs_->restart_comes()) {
        act(LifeAction::reset);
        return true;
    }
    acs_keeps_leave_ = serve_acs_memory();
    return acs_keeps_leave_;
}

// A disk that refuses it keeps nobody from anything: the ACS is told more than once. A call that
// waits for it is refused, and may be made again.
void Agent::take_acs_memory(bool failed, std::string_view reason) {
    acs_->memory_kept(now_, !failed, reason);
    if (acs_->memory() != acs_kept_) acs_kept_.reset();
    if (std::exchange(acs_keeps_leave_, false)) go_on();
}

// --- changes -------------------------------------------------------------------------------------

// Nothing that is on trial is followed by another change, but one of the same session. True: the
// store has it.
bool Agent::serve_acs_change() {
    if (acs_changing_ != AcsChanging::nothing || !can_serve(LifeCue::set)) return false;
    if (acs_->has_change() && (!store_.on_trial() || acs_->is_changing())) {
        submit_acs_change();
        return true;
    }
    if (!acs_->transfers().has_change() || store_.on_trial()) return false;
    submit_acs_file();
    return true;
}

void Agent::submit_acs_change() {
    AcsChange change = acs_->take_change();
    Proposal proposal{.source = {SourceKind::acs, std::move(change.url)},
                      .proof = change.is_verified ? Proof::tls : Proof::none,
                      .acs = AcsPart{change.session, std::move(change.memory)}};
    proposal.documents.push_back(std::move(change.document));
    acs_changing_ = AcsChanging::values;
    if (const auto outcome = propose_for_acs(std::move(proposal))) end_acs_change(*outcome);
}

// The session that tells the ACS of it is another one: it is no part of a trial that there is.
void Agent::submit_acs_file() {
    TransferChange change = acs_->transfers().take_change(now_);
    Proposal proposal{.source = {SourceKind::acs, std::move(change.url)},
                      .proof = change.proof,
                      .acs = AcsPart{.memory = acs_->memory()}};
    proposal.documents.push_back(std::move(change.document));
    acs_changing_ = AcsChanging::file;
    if (const auto outcome = propose_for_acs(std::move(proposal))) end_acs_change(*outcome);
}

// Nothing: the store has it. Else what became of it.
std::optional<AcsChangeOutcome> Agent::propose_for_acs(Proposal&& proposal) {
    const auto refused = [](uint32_t fault, std::string reason) {
        return AcsChangeOutcome{.fault = fault, .reason = std::move(reason)};
    };
    proposal.origin = Origin::acs;
    const auto next = overlay(store_.active(), proposal.documents, Origin::acs);
    if (!next) return refused(cpe_fault::resources_exceeded, describe(next.error()));
    if (next->same_meaning(store_.active()) && store_.active_is_durable())
        return AcsChangeOutcome{.is_new = false};
    const Proof installed = store_.record().trust.pin.proof;
    if (pins(phone_.settings) && proposal.proof < installed)
        return refused(cpe_fault::request_denied,
                       "the phone is installed with the proof " +
                           std::string(proof_name(installed)) +
                           " and takes no change without one from its ACS (trust.pin)");
    proposal.trust = trust_set_by_acs(*next, proposal.proof);
    if (store_.submit(std::move(proposal))) return std::nullopt;
    return refused(cpe_fault::internal_error, "too many changes are waiting; try again");
}

// A key to open files that comes without a proof proves nothing afterwards. Nothing: as before.
std::optional<Trust> Agent::trust_set_by_acs(const Generation& next, Proof proof) const {
    PlanTrust plan(phone_, store_.record().trust);
    plan.begin();
    plan.note_keys(proof, phone_.settings, phone_.settings_with(next));
    Trust trust = store_.record().trust;
    if (plan.keys_proven() == trust.pin.keys_proven) return std::nullopt;
    trust.pin.keys_proven = plan.keys_proven();
    return trust;
}

void Agent::end_acs_change(AcsChangeOutcome outcome) {
    if (std::exchange(acs_changing_, AcsChanging::nothing) == AcsChanging::values)
        return acs_->change_done(now_, std::move(outcome));
    acs_->transfers().change_done(now_, {outcome.fault, std::move(outcome.reason)});
}

// The phone goes on as it did: what a change means for where it asks counts from its next pass on.
void Agent::take_acs_change(const StoreOutcome& outcome) {
    if (outcome.news == StoreNews::failed) {
        end_acs_change({.fault = cpe_fault::internal_error, .reason = outcome.reason});
        return go_on();
    }
    if (outcome.news != StoreNews::applied) return;
    acs_kept_.reset();  // the record has what came with the change
    end_acs_change({});
    if (state_ == LifeState::resting) plan_next_check();
}

// Whatever a pass that is held would have found, it looks for it now.
void Agent::take_acs_judgement(const StoreOutcome& outcome) {
    const bool failed = outcome.news == StoreNews::failed;
    if (!failed) {
        const bool confirmed = outcome.news == StoreNews::confirmed;
        verdict_ = {confirmed ? Verdict::provisioned : Verdict::rolled_back,
                    confirmed ? "applied and confirmed" : outcome.reason};
    }
    if (std::exchange(pass_is_held_, false)) cue(LifeCue::ask);
}

// --- files ---------------------------------------------------------------------------------------

// What the transfer under way wants, and what came of what it wanted before.
void Agent::serve_transfer() {
    TransferPort& port = acs_->transfers();
    if (auto outcome = jobs_.take_outcome(transfer_.job)) port.take_file(now_, std::move(outcome));
    while (auto wish = port.take_wish()) {
        if (const auto* file = std::get_if<FileWish>(&*wish)) {
            transfer_.job = submit_job(now_, {.fetch = file->fetch,
                                              .most_bytes = file->most_bytes,
                                              .retry = phone_.profile->retry});
            if (transfer_.job == 0) port.take_file(now_, std::nullopt);
        } else if (const auto* read = std::get_if<ReadWish>(&*wish)) {
            transfer_.reading =
                lane_.submit({{.step = StorageStep::read, .name = read->file}}, LaneUse::job);
            if (transfer_.reading == 0) port.take_bytes(now_, {}, "too much waits for the disk");
        } else {
            jobs_.cancel(now_, std::exchange(transfer_.job, 0));
            transfer_.reading = 0;
        }
    }
}

void Agent::take_transfer_step(const LaneOutcome& outcome) {
    if (outcome.transaction != transfer_.reading || transfer_.reading == 0) return;
    transfer_.reading = 0;
    const std::string failure = outcome.done ? "" : outcome.step + ": " + outcome.reason;
    acs_->transfers().take_bytes(now_, outcome.bytes, failure);
}

}  // namespace dialtone
