// SPDX-License-Identifier: Apache-2.0
#include "agent/jobs.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "agent/store/durable_files.h"
#include "agent/table_registry.h"

namespace dialtone {
namespace {

using S = JobState;
using C = JobCue;
using A = JobAction;

constexpr uint32_t working = in(S::measuring, S::fetching, S::storing);

// clang-format off
constexpr Row<S, C, A> rows[] = {
    // states                                    cue             action        next
    {in(S::idle),                                C::begin,       A::measure,   S::measuring},
    {in(S::measuring),                           C::room,        A::fetch,     S::fetching},
    {in(S::fetching),                            C::arrived,     A::store,     S::storing},
    {in(S::storing),                             C::stored,      A::deliver,   S::kept},

    {in(S::measuring, S::fetching),              C::missed,      A::back_off,  S::waiting},
    {in(S::waiting),                             C::due,         A::measure,   S::measuring},
    {in(S::measuring, S::fetching),              C::failed,      A::give_up,   S::removing},
    {working,                                    C::disk_failed, A::give_up,   S::removing},

    {in(S::kept),                                C::release,     A::remove,    S::removing},
    {working | in(S::waiting, S::kept),          C::cancel,      A::remove,    S::removing},
    {in(S::removing),                            C::removed,     A::end,       S::over},
};
// clang-format on
constexpr auto table =
    completed(rows, C::begin, C::room, C::arrived, C::missed, C::failed, C::stored, C::disk_failed,
              C::due, C::cancel, C::release, C::removed);
static_assert(is_total(table));

constexpr std::string_view state_names[] = {"idle",    "measuring", "fetching", "storing",
                                            "waiting", "kept",      "removing", "over"};
constexpr std::string_view cue_names[] = {"begin",  "room",    "arrived",     "missed",
                                          "failed", "stored",  "disk failed", "due",
                                          "cancel", "release", "removed"};
constexpr std::string_view action_names[] = {"nothing", "measure", "fetch",  "store", "back off",
                                             "deliver", "give up", "remove", "end"};
constexpr TableView view = table_view(
    {.name = "jobs", .title = "Jobs: one download beside the pass", .about = "`agent/jobs.cpp`."},
    table, state_names, cue_names, action_names);
DIALTONE_REGISTER_TABLE(view);

std::string file_of(uint32_t slot) {
    return std::string(durable_name(DurableKind::staged, slot));
}

JobVerdict verdict_of(FetchOutcome::Kind kind) {
    constexpr JobVerdict verdicts[] = {JobVerdict::kept, JobVerdict::absent, JobVerdict::withheld,
                                       JobVerdict::refused, JobVerdict::unreachable};
    return verdicts[static_cast<uint32_t>(kind)];
}

}  // namespace

Jobs::Job::Job(RequestIds& ids, uint32_t which, Queued&& queued)
    : id(queued.id),
      slot(which),
      request(std::move(queued.request)),
      download(ids),
      sink(file_of(which), 0) {
    request.fetch.total_ms = limits::job_total_ms;
    request.most_bytes = std::min(request.most_bytes, limits::staged_file_bytes);
}

Jobs::Jobs(RequestIds& ids, Lane& lane, PhoneFacts& phone)
    : EngineBase(ids), ids_(ids), lane_(lane), phone_(phone) {
}

// --- what the owner asks for ---------------------------------------------------------------------

void Jobs::open(uint32_t staged) {
    std::vector<Storage> steps;
    for (uint32_t slot = 0; slot < limits::jobs_at_once; ++slot) {
        if ((staged >> slot & 1) != 0)
            steps.push_back({.step = StorageStep::remove, .name = file_of(slot)});
    }
    // Should it fail, the file is removed by the job that wants its place, or by the next start.
    if (!steps.empty()) clearing_ = lane_.submit(std::move(steps), LaneUse::job);
}

JobId Jobs::submit(Instant now, JobRequest request) {
    if (queue_.size() >= limits::jobs_queued) return 0;
    if (++last_ == 0) ++last_;
    const uint32_t spread_ms = request.spread_ms;
    const uint64_t wait_ms = spread_ms == 0 ? 0 : phone_.rng.below(spread_ms);
    queue_.push_back({last_, std::move(request), now + wait_ms});
    begin_next(now);
    return last_;
}

void Jobs::cancel(Instant now, JobId id) {
    std::erase_if(queue_, [id](const Queued& queued) { return queued.id == id; });
    Job* job = find(id);
    if (!job) return;
    job->outcome.reset();
    step(now, *job, C::cancel);
    clear_over();
}

void Jobs::release(Instant now, JobId id) {
    Job* job = find(id);
    if (job) step(now, *job, C::release);
}

void Jobs::cancel_all(Instant now) {
    queue_.clear();
    for (const auto& job : jobs_) {
        if (job) cancel(now, job->id);
    }
}

std::optional<JobOutcome> Jobs::take_outcome() {
    for (const auto& job : jobs_) {
        if (job && job->outcome) return take_outcome(job->id);
    }
    return std::nullopt;
}

std::optional<JobOutcome> Jobs::take_outcome(JobId id) {
    Job* job = find(id);
    if (!job || !job->outcome) return std::nullopt;
    auto outcome = std::exchange(job->outcome, std::nullopt);
    clear_over();
    return outcome;
}

bool Jobs::idle() const {
    return queue_.empty() && clearing_ == 0 &&
           std::ranges::none_of(jobs_, [](const auto& job) { return !!job; });
}

// --- events --------------------------------------------------------------------------------------

void Jobs::handle(Instant now, const Event& event) {
    if (idle()) return;
    for (const auto& job : jobs_) {
        if (!job) continue;
        job->download.handle(now, event);
        if (auto answer = job->download.take_outcome()) take_answer(now, *job, std::move(*answer));
        if (job->state == S::waiting && job->due <= now) step(now, *job, C::due);
        pump(*job);
    }
    begin_next(now);
}

void Jobs::take_step(Instant now, const LaneOutcome& outcome) {
    if (outcome.transaction == clearing_) clearing_ = 0;
    for (const auto& job : jobs_) {
        if (!job || job->transaction != outcome.transaction) continue;
        job->transaction = 0;
        take_done(now, *job, outcome);
        pump(*job);
        break;
    }
    clear_over();
    begin_next(now);
}

std::optional<Instant> Jobs::deadline() const {
    std::optional<Instant> earliest;
    bool has_place = false;
    for (const auto& job : jobs_) {
        has_place = has_place || !job;
        if (!job) continue;
        earliest = earlier(earliest, job->download.deadline());
        if (job->state == S::waiting) earliest = earlier(earliest, job->due);
    }
    for (const Queued& queued : queue_) {
        if (has_place) earliest = earlier(earliest, queued.not_before);
    }
    return earliest;
}

// Whoever has waited longest, of those whose time has come.
void Jobs::begin_next(Instant now) {
    for (uint32_t slot = 0; slot < limits::jobs_at_once; ++slot) {
        if (jobs_[slot]) continue;
        const auto due = [now](const Queued& queued) { return queued.not_before <= now; };
        const auto place = std::ranges::find_if(queue_, due);
        if (place == queue_.end()) return;
        jobs_[slot] = std::make_unique<Job>(ids_, slot, std::move(*place));
        queue_.erase(place);
        drives(jobs_[slot]->download);
        step(now, *jobs_[slot], C::begin);
    }
}

// --- one job -------------------------------------------------------------------------------------

void Jobs::step(Instant now, Job& job, JobCue cue) {
    const auto& row = row_for(table, job.state, cue);
    if (!row.stay) job.state = row.next;
    act(now, job, row.action);
}

void Jobs::act(Instant now, Job& job, JobAction action) {
    switch (action) {
        case A::nothing:
            return;
        case A::measure:
            ++job.tries;
            job.wanted = Purpose::measure;
            return pump(job);
        case A::fetch:
            return fetch(now, job);
        case A::store:
            return pump(job);
        case A::back_off:
            return back_off(now, job);
        case A::deliver:
            return deliver(job);
        case A::give_up:
            return give_up(now, job);
        case A::remove:
            return want_removal(now, job);
        case A::end:
            return;
    }
}

void Jobs::fetch(Instant now, Job& job) {
    job.download.start(now, job.request.fetch, job.sink);
    if (auto answer = job.download.take_outcome()) take_answer(now, job, std::move(*answer));
}

void Jobs::take_answer(Instant now, Job& job, FetchOutcome&& answer) {
    using Kind = FetchOutcome::Kind;
    job.fetched = std::move(answer);
    if (job.fetched.kind == Kind::body) return step(now, job, C::arrived);
    const bool hopeless = job.fetched.kind != Kind::unreachable;
    if (!hopeless) return miss(now, job, JobVerdict::unreachable, job.fetched.reason);
    job.verdict = verdict_of(job.fetched.kind);
    step(now, job, C::failed);
}

void Jobs::miss(Instant now, Job& job, JobVerdict verdict, std::string reason) {
    job.verdict = verdict;
    job.fetched.reason = std::move(reason);
    step(now, job, job.tries < job.request.tries ? C::missed : C::failed);
}

void Jobs::back_off(Instant now, Job& job) {
    const uint32_t after_s = std::exchange(job.fetched.retry_after_s, 0);
    const uint32_t wait_ms = job.retry.next_wait_ms(phone_.rng, after_s, job.request.retry);
    job.due = now + wait_ms;
    journal(line(JournalKind::job_waits)
                .with("url", shown(job))
                .with("reason", job.fetched.reason)
                .with("wait_s", wait_ms / 1000));
}

void Jobs::deliver(Job& job) {
    JobOutcome& outcome = job.outcome.emplace();
    outcome.job = job.id;
    outcome.verdict = JobVerdict::kept;
    outcome.shown_url = job.fetched.shown_url;
    outcome.tls_verified = job.fetched.tls_verified;
    outcome.file = file_of(job.slot);
    outcome.bytes = static_cast<uint32_t>(job.sink.size());
    outcome.sha256 = job.sink.digest();
    journal(line(JournalKind::staged)
                .with("url", outcome.shown_url)
                .with("file", outcome.file)
                .with("bytes", outcome.bytes));
}

void Jobs::give_up(Instant now, Job& job) {
    JobOutcome& outcome = job.outcome.emplace();
    outcome.job = job.id;
    outcome.verdict = job.verdict;
    outcome.unwelcome = job.fetched.unwelcome;
    outcome.answered = job.fetched.answered;
    outcome.begun = job.fetched.begun;
    outcome.reason = job.fetched.reason;
    outcome.shown_url = shown(job);
    journal(line(JournalKind::job_failed)
                .with("url", outcome.shown_url)
                .with("reason", outcome.reason));
    want_removal(now, job);
}

void Jobs::want_removal(Instant now, Job& job) {
    job.download.stop(now);
    job.sink.drop();
    job.wanted = Purpose::remove;
    pump(job);
}

// --- the disk ------------------------------------------------------------------------------------

// A job has one transaction at a time, so that its steps come in their order.
void Jobs::pump(Job& job) {
    if (job.transaction != 0) return;
    const Purpose purpose = job.wanted != Purpose::none ? job.wanted : Purpose::piece;
    std::vector<Storage> steps = next_steps(job);
    if (steps.empty()) return;
    job.transaction = lane_.submit(std::move(steps), LaneUse::job);
    assert(job.transaction != 0);  // the lane holds more than all jobs and the store have
    job.under_way = purpose;
    job.wanted = Purpose::none;
}

std::vector<Storage> Jobs::next_steps(Job& job) {
    std::vector<Storage> steps;
    if (job.wanted != Purpose::none)
        steps.push_back({.step = StorageStep::remove, .name = file_of(job.slot)});
    if (job.wanted == Purpose::measure) steps.push_back({.step = StorageStep::room});
    if (job.wanted != Purpose::none) return steps;
    if (auto step = job.sink.next_step()) steps.push_back(std::move(*step));
    return steps;
}

void Jobs::take_done(Instant now, Job& job, const LaneOutcome& outcome) {
    const Purpose purpose = std::exchange(job.under_way, Purpose::none);
    if (job.state == S::removing) {
        if (purpose == Purpose::remove) step(now, job, C::removed);
        return;
    }
    const bool fetches = (in(job.state) & in(S::fetching, S::storing)) != 0;
    if (purpose == Purpose::piece && !fetches) return;  // of a try that has ended
    if (!outcome.done) {
        job.verdict = JobVerdict::no_room;
        job.fetched.reason = outcome.step + ": " + outcome.reason;
        return step(now, job, C::disk_failed);
    }
    if (purpose == Purpose::measure) return take_room(now, job, outcome.room_bytes);
    job.sink.step_done();
    if (job.sink.is_durable()) return step(now, job, C::stored);
    job.download.sink_kept(now);
}

// The reserve is the configuration's; what other jobs are going to write is theirs.
void Jobs::take_room(Instant now, Job& job, uint64_t room_bytes) {
    const uint64_t kept_free = limits::disk_reserve_bytes + promised_to_others(job);
    const uint64_t room = room_bytes - std::min(room_bytes, kept_free);
    if (room == 0) return miss(now, job, JobVerdict::no_room, "the disk has no room for it");
    const uint64_t limit = std::min<uint64_t>(room, job.request.most_bytes);
    job.sink = FileSink(file_of(job.slot), static_cast<uint32_t>(limit));
    step(now, job, C::room);
}

uint64_t Jobs::promised_to_others(const Job& job) const {
    uint64_t bytes = 0;
    for (const auto& other : jobs_) {
        const bool writes = other && (in(other->state) & in(S::fetching, S::storing)) != 0;
        if (writes && other->id != job.id) bytes += other->sink.to_write();
    }
    return bytes;
}

// --- tools ---------------------------------------------------------------------------------------

void Jobs::clear_over() {
    for (auto& job : jobs_) {
        if (job && job->state == S::over && !job->outcome) job.reset();
    }
}

Jobs::Job* Jobs::find(JobId id) {
    for (const auto& job : jobs_) {
        if (job && job->id == id) return job.get();
    }
    return nullptr;
}

std::string Jobs::shown(const Job& job) const {
    return job.fetched.shown_url.empty()
               ? masked_url(job.request.fetch.url, job.request.fetch.default_scheme)
               : job.fetched.shown_url;
}

}  // namespace dialtone
