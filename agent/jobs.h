// SPDX-License-Identifier: Apache-2.0
//
// Downloads beside the pass: a bounded queue, of which limits::jobs_at_once run side by side, each
// into a staged file of its own (store/durable_files.h), with retries, a spread and a limit of
// bytes. For whatever is too large for memory or is no configuration: what an ACS has downloaded,
// firmware, files of handsets, items that a configuration names.
//
// A job that has ended well leaves its staged file, whole and durable, to whoever submitted it,
// until release(). Any other job removes what it has written. A staged file has no record: one that
// a power cut has left is removed by the next start, whole or not, and whoever wants it submits
// anew.
//
// The agent owns it, hands it every event and what the lane came to, and takes its outcomes. While
// nobody submits anything it does nothing, waits for nothing and takes no memory.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine.h"
#include "agent/job_outcome.h"
#include "agent/limits.h"
#include "agent/phone.h"
#include "agent/retry_rule.h"
#include "agent/store/lane.h"
#include "agent/transfer/download.h"
#include "agent/transfer/file_sink.h"
#include "agent/transfer/retry.h"

namespace dialtone {

struct JobRequest {
    FetchRequest fetch = {};
    uint32_t most_bytes = limits::staged_file_bytes;  // a longer file is refused
    uint32_t spread_ms = 0;                           // the first try is drawn from so long
    uint32_t tries = limits::job_tries;
    RetryRule retry = {};
};

enum class JobState : uint8_t {
    idle,
    measuring,  // what an earlier try has left is removed, and the disk asked how much room it has
    fetching,   // the download is under way, and its pieces are written
    storing,    // all of it has come; the rest is written and synced
    waiting,    // for the next try
    kept,       // the staged file is its owner's
    removing,   // what was written is removed
    over,
    count_
};
enum class JobCue : uint8_t {
    begin,
    room,
    arrived,
    missed,  // the try came to nothing, and another one is worth it
    failed,  // and none is
    stored,
    disk_failed,
    due,
    cancel,
    release,
    removed,  // or cannot be; the next start tries again
    count_
};
enum class JobAction : uint8_t {
    nothing,
    measure,
    fetch,
    store,
    back_off,
    deliver,
    give_up,
    remove,
    end,
};

class Jobs : public EngineBase {
  public:
    // Both outlive it.
    Jobs(RequestIds& ids, Lane& lane, PhoneFacts& phone);

    // Removes what an earlier life has left; bit i of `staged`: staged file i is there.
    void open(uint32_t staged);

    // 0: limits::jobs_queued wait already.
    JobId submit(Instant now, JobRequest request);
    // Ends a job without an outcome, wherever it is; also one whose file is kept.
    void cancel(Instant now, JobId job);
    // Its owner has taken what it wants of the staged file, which is removed.
    void release(Instant now, JobId job);
    void cancel_all(Instant now);
    std::optional<JobOutcome> take_outcome();
    // The same of one job.
    std::optional<JobOutcome> take_outcome(JobId job);

    void handle(Instant now, const Event& event) override;
    void take_step(Instant now, const LaneOutcome& outcome);
    std::optional<Instant> deadline() const override;
    // Nothing is queued, under way, kept or being removed.
    bool idle() const;

  private:
    // What a job's transaction is for.
    enum class Purpose : uint8_t { none, measure, piece, remove };
    struct Queued {
        JobId id = 0;
        JobRequest request = {};
        Instant not_before = {};
    };
    struct Job {
        Job(RequestIds& ids, uint32_t which, Queued&& queued);

        JobId id;
        uint32_t slot;  // and number of the staged file
        JobRequest request;
        JobState state = JobState::idle;
        Download download;
        FileSink sink;  // of this try
        Retry retry = {};
        uint32_t tries = 0;
        Instant due = {};  // while waiting
        TransactionId transaction = 0;
        Purpose under_way = Purpose::none;  // whose transaction it is
        Purpose wanted = Purpose::none;     // next: measure or remove
        FetchOutcome fetched = {};          // of the last try
        JobVerdict verdict = JobVerdict::unreachable;
        std::optional<JobOutcome> outcome = {};  // not taken yet
    };

    void begin_next(Instant now);
    void step(Instant now, Job& job, JobCue cue);
    void act(Instant now, Job& job, JobAction action);
    void fetch(Instant now, Job& job);
    void back_off(Instant now, Job& job);
    void deliver(Job& job);
    void give_up(Instant now, Job& job);
    void want_removal(Instant now, Job& job);
    void take_answer(Instant now, Job& job, FetchOutcome&& answer);
    void miss(Instant now, Job& job, JobVerdict verdict, std::string reason);
    void take_room(Instant now, Job& job, uint64_t room_bytes);
    void take_done(Instant now, Job& job, const LaneOutcome& outcome);
    uint64_t promised_to_others(const Job& job) const;
    void pump(Job& job);
    std::vector<Storage> next_steps(Job& job);
    void clear_over();
    Job* find(JobId job);
    std::string shown(const Job& job) const;

    RequestIds& ids_;
    Lane& lane_;
    PhoneFacts& phone_;
    JobId last_ = 0;
    TransactionId clearing_ = 0;  // removes what an earlier life has left
    std::vector<Queued> queue_ = {};
    std::array<std::unique_ptr<Job>, limits::jobs_at_once> jobs_ = {};
};

}  // namespace dialtone
