// SPDX-License-Identifier: Apache-2.0
//
// What the ACS client wants of the rest of the phone: its memory and the changes of the ACS made
// durable, a trial judged by what the ACS says, a restart or a reset carried out.
#include <algorithm>
#include <utility>

#include "agent/agent.h"
#include "agent/limits.h"

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
    if (!acs_ || state_ == LifeState::leaving || acs_judging_) return;
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
    if (!acs_->has_change() || acs_changing_ || !can_serve(LifeCue::set)) return false;
    if (store_.on_trial() && !acs_->is_changing()) return false;
    submit_acs_change();
    return true;
}

void Agent::submit_acs_change() {
    AcsChange change = acs_->take_change();
    const auto refuse = [this](uint32_t fault, std::string reason) {
        acs_->change_done(now_, {.fault = fault, .reason = std::move(reason)});
    };
    const auto next = overlay(store_.active(), std::span(&change.document, 1), Origin::acs);
    if (!next) return refuse(cpe_fault::resources_exceeded, describe(next.error()));
    if (next->same_meaning(store_.active()) && store_.active_is_durable())
        return acs_->change_done(now_, {.is_new = false});
    const Proof proof = change.is_verified ? Proof::tls : Proof::none;
    const Proof installed = store_.record().trust.pin.proof;
    if (phone_.settings.get(Setting::trust_pin) != "0" && proof < installed)
        return refuse(cpe_fault::request_denied,
                      "the phone is installed with the proof " +
                          std::string(proof_name(installed)) +
                          " and takes no change without one from its ACS (trust.pin)");
    Proposal proposal{.origin = Origin::acs,
                      .source = {SourceKind::acs, std::move(change.url)},
                      .proof = proof,
                      .acs = AcsPart{change.session, std::move(change.memory)}};
    proposal.documents.push_back(std::move(change.document));
    acs_changing_ = store_.submit(std::move(proposal));
    if (!acs_changing_)
        refuse(cpe_fault::internal_error, "too many changes are waiting; try again");
}

// The phone goes on as it did: what a change means for where it asks counts from its next pass on.
void Agent::take_acs_change(const StoreOutcome& outcome) {
    acs_changing_ = false;
    if (outcome.news == StoreNews::failed) {
        acs_->change_done(now_, {.fault = cpe_fault::internal_error, .reason = outcome.reason});
        return go_on();
    }
    if (outcome.news != StoreNews::applied) return;
    acs_kept_.reset();  // the record has what came with the change
    acs_->change_done(now_, {});
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

}  // namespace dialtone
