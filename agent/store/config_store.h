// SPDX-License-Identifier: Apache-2.0
//
// The phone's configuration on its disk: the only writer of generations, the boot record and the
// trial. Proposals come in, generations come out, each by steps between any two of which a power
// cut leaves the old state or the new one (docs/design.md lists them).
//
// The agent owns it, hands it what the lane and the hooks came to, and takes its outcomes. A change
// goes: durable -> the phone's software is told by the hooks -> that it was told is recorded. The
// outcome of the change comes with the first of these, StoreNews::ready with the last.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/clock/wall_clock.h"
#include "agent/engine.h"
#include "agent/phone.h"
#include "agent/proposal.h"
#include "agent/store/lane.h"
#include "agent/store/record.h"

namespace dialtone {

enum class StoreState : uint8_t {
    off,
    loading,    // the generations that the record names are read
    marking,    // the start of a trial life is counted, or the trial ends with it
    saving,     // a generation or a record is made durable
    hooks,      // the phone's software is told what changed
    recording,  // and that it was told is recorded
    noting,     // what an answer means for the trial, or that the phone restarts, is recorded
    steady,     // nothing is under way
    count_
};
enum class StoreCue : uint8_t {
    load,
    loaded,
    saved,  // the durable change of this state is done, or none was needed
    save_failed,
    told,
    propose,  // the oldest proposal is to become a generation
    go_back,  // the trial's predecessor is to return, or to give way again
    factory_reset,
    note,  // what an answer means for the trial, or a restart that a server wants
    count_
};
enum class StoreAction : uint8_t {
    nothing,
    load,
    count_start,
    run_hooks,
    record_hooks_done,
    report_ready,
    report_failure,
    report_noted,
    make_generation,
    go_back,
    reset,
    note,
};

enum class StoreNews : uint8_t {
    ready,      // nothing is owed any more: the hooks have been told of what is active
    applied,    // a proposal is the active generation, durable
    confirmed,  // what was on trial stays
    returned,   // the predecessor of what was on trial is active again and is asked now
    kept,       // it reached nothing either: the newer generation is active again, and stays
    withdrawn,  // it reached its server: the newer generation is out
    reset,      // the phone is as new
    reboot_counted,
    floor_kept,
    acs_kept,
    failed,      // the change did not happen; `reason` says why
    unrecorded,  // it happened, and a later step that is made up for at the next start failed
};

struct StoreOutcome {
    StoreNews news = StoreNews::ready;
    Origin origin = Origin::profile;  // of what was applied
    RequestId completion = 0;         // whom this answers; 0: nobody
    std::string reason = {};
    bool of_acs = false;  // what is over was a trial of the ACS
};

class ConfigStore : public Engine<StoreOutcome> {
  public:
    // All three outlive it.
    ConfigStore(RequestIds& ids, Lane& lane, const PhoneFacts& phone, const WallClock& clock);

    // Chooses between the record copies as the boot found them; journals and reads nothing yet.
    void open(std::span<const std::span<const uint8_t>, limits::record_copies> copies,
              ResetCause cause);
    // Reads the generations, counts the start of a trial, runs hooks that are due; ends in `ready`.
    void load(Instant now);

    // Queues a proposal. False: limits::proposals_queued are waiting; the last place is kept for
    // one of files, of which there is never more than one.
    bool submit(Proposal&& proposal);
    bool has_proposals() const { return !proposals_.empty(); }
    // No generation is made of those of files that wait. Gives whether there were any.
    bool drop_file_proposals();
    // Only while steady() and with something on trial.
    void confirm(std::string_view by, RequestId completion);
    void server_heard(std::string_view by = "its server's answer");
    void go_back();
    // Only while steady().
    void factory_reset(RequestId completion);
    // Only while steady(). A server wants a restart, after which so many are `left`.
    void count_reboot(uint32_t left);
    // Only while steady(). The clock's floor is to outlive a power cut; every other change of the
    // record takes it along.
    void keep_floor();
    // Only while steady(). What the ACS has been told, and has still to hear.
    void keep_acs(AcsMemory acs);
    // Whom the phone trusts, where the record does not say it.
    void trust(Trust trust);
    // The phone leaves: what was asked for and is not durable yet is answered no more by this
    // store.
    std::vector<RequestId> take_completions();

    void handle(Instant now, const Event& event) override;
    void take_step(const LaneOutcome& outcome);
    std::optional<Instant> deadline() const override { return std::nullopt; }
    // Goes one cue further. False: there is nothing to do, or an outcome has to be taken first.
    bool advance(Instant now);

    // When the trial under way ends without success; nothing: no time runs. It runs from the start
    // on, or from begin_trial() where there was no start in between, until its server answers.
    std::optional<Instant> trial_ends() const { return trial_ends_; }
    void begin_trial(Instant now);
    void stop_trial_time() { trial_ends_.reset(); }

    bool steady() const { return state_ == StoreState::steady && cues_.empty() && !ready(); }
    // A step is under way that changes what the disk holds.
    bool writing() const { return transaction_ != 0 && state_ != StoreState::loading; }
    const Record& record() const { return record_; }
    const Generation& active() const { return active_; }
    // Whether a power cut cannot take the active generation away: known from a life's first change
    // on, before which it may be what a process wrote that ended before its sync.
    bool active_is_durable() const { return copies_.synced; }
    // What the active generation followed, as long as the hooks are due; number 0 when none did.
    const Generation& predecessor() const { return followed_ ? *followed_ : other_; }
    // Once after another generation has become the active one: its settings are to be carried.
    bool take_active_changed() { return std::exchange(active_changed_, false); }
    bool on_trial() const { return record_.trial != TrialState::none; }
    // What an ACS has changed is on trial: it is asked by a session, and nobody else.
    bool on_acs_trial() const { return on_trial() && record_.acs_trial.under_way; }
    // Whether the changes of that session are what is on trial.
    bool is_trial_of(uint32_t acs_session) const {
        return on_acs_trial() && acs_session == acs_session_;
    }

  private:
    void act(StoreAction action);
    void read_next();
    void take_read(const LaneOutcome& outcome);
    void finish_loading();
    void count_start();
    void make_generation();
    bool is_tried(const Proposal& proposal) const;
    void write_generation(Generation&& generation, const Proposal& proposal);
    void swap_generations();
    void note();
    void judge();
    void withdraw();
    void reset();
    void record_hooks_done();
    void finish_reset(Record&& record);
    void save(Record&& record, std::vector<Storage> before = {});
    void take_save(const LaneOutcome& outcome);
    void adopt();
    void run_hooks();
    void report(StoreNews news, std::string reason = {});
    void cue(StoreCue cue) { cues_.push_back(cue); }

    Lane& lane_;
    const PhoneFacts& phone_;
    const WallClock& clock_;
    StoreState state_ = StoreState::off;
    std::deque<StoreCue> cues_ = {};
    Instant now_ = {};
    TransactionId transaction_ = 0;  // under way
    std::deque<uint32_t> to_read_ = {};

    // What is durable.
    Record record_ = {};
    Generation active_ = {};
    Generation other_ = {};
    std::optional<Generation> followed_ =
        {};  // by active_, where that is not other_, for the hooks
    bool active_changed_ = false;
    uint32_t acs_session_ = 0;         // that has made the active generation; 0: none
    bool acs_session_is_new_ = false;  // its first generation was the phone's first: no trial

    // What is known of the record's copies on the medium.
    struct Copies {
        bool exists[limits::record_copies] = {};
        uint8_t next = 0;         // which one is written next
        uint8_t broken = 0;       // so many were not whole at the start
        std::string remark = {};  // about the record, by a reader of what a later release wrote
        bool stale = false;       // the record in memory is not the one on the medium
        bool synced = false;      // what this class holds is on the medium, whoever wrote it
    } copies_ = {};

    // The change under way.
    struct Change {
        Record record = {};
        Generation active = {};
        uint32_t acs_session = 0;  // that has made it; 0: none
        TrialVerdict verdict = TrialVerdict::nothing;
        std::string confirmed_by = {};
        std::optional<JournalLine> when_durable = {};  // said once the change is on the medium
        StoreOutcome outcome = {};                     // what is reported then
        std::string failure = {};
    } change_ = {};
    std::deque<Proposal> proposals_ = {};  // that wait for it

    std::optional<Instant> trial_ends_ = {};
    RequestId hooks_id_ = 0;
    bool hooks_untold_ = false;  // the world could not run any
};

}  // namespace dialtone
