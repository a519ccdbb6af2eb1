// SPDX-License-Identifier: Apache-2.0
//
// The part of PhoneRun that owns downloads beside the pass: it submits them to the agent, cancels
// and releases them, and holds what is staged against what the servers sent.
#include <algorithm>

#include "agent/store/durable_files.h"
#include "sim/lab/swarm/phone_run.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t job_event_kinds = 3;

std::vector<uint8_t> bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

uint64_t staged_bytes(const Disk& disk) {
    uint64_t bytes = 0;
    for (const DurableFile& file : durable_files) {
        const auto* content = disk.find(std::string(file.name));
        if (file.kind == DurableKind::staged && content) bytes += content->size();
    }
    return bytes;
}

}  // namespace

void PhoneRun::schedule_job(World& world, uint64_t in_ms, JobEvent event, uint32_t job) {
    world.schedule_event(world.now().ms + in_ms,
                         job_events + job * job_event_kinds + static_cast<uint32_t>(event));
}

// A job is submitted once, by whichever life has its time.
void PhoneRun::schedule_jobs(World& world) {
    for (uint32_t i = 0; i < scenario_.jobs.size(); ++i) {
        const uint64_t at_ms = scenario_.jobs[i].at_ms;
        const uint64_t now_ms = lab_.site().clock_ms;
        if (!submitted_[i])
            schedule_job(world, at_ms - std::min(at_ms, now_ms), JobEvent::submit, i);
    }
}

void PhoneRun::take_job_event(World& world, uint32_t number) {
    const auto event = static_cast<JobEvent>(number % job_event_kinds);
    const uint32_t which = number / job_event_kinds;
    const LabJob& lab_job = scenario_.jobs[which];
    if (event == JobEvent::submit) {
        submitted_[which] = true;
        JobRequest request;
        request.fetch.url = scenario_.job_url(which);
        request.fetch.user = lab_user;
        request.fetch.password = lab_password;
        request.most_bytes = lab_job.most_bytes;
        request.spread_ms = lab_job.spread_ms;
        request.tries = lab_job.tries;
        const JobId job = agent_->submit_job(world.now(), std::move(request));
        if (job != 0) jobs_[job] = which;
        if (job != 0 && lab_job.cancel_after_ms != 0)
            schedule_job(world, lab_job.cancel_after_ms, JobEvent::cancel, which);
    }
    for (const auto& [job, of] : jobs_) {
        if (of != which) continue;
        if (event == JobEvent::cancel) agent_->cancel_job(world.now(), job);
        if (event == JobEvent::release) agent_->release_job(world.now(), job);
    }
    if (ladder_) {
        constexpr std::string_view words[job_event_kinds] = {"submitted", "cancelled", "released"};
        ladder_->note(lab_.site().clock_ms, "job " + std::to_string(which) + " is " +
                                                std::string(words[number % job_event_kinds]));
    }
    drain_agent();
}

// What a server sends is kept in mind, to compare it with what is staged.
void PhoneRun::note_body(const Event& event) {
    if (scenario_.jobs.empty()) return;
    if (const auto* chunk = std::get_if<TransferChunk>(&event)) {
        bodies_[chunk->id].append(chunk->bytes.begin(), chunk->bytes.end());
    } else if (const auto* end = std::get_if<TransferEnd>(&event)) {
        whole_bodies_.insert(std::move(bodies_[end->id]));
        bodies_.erase(end->id);
    }
}

void PhoneRun::check_job(World& world, const JobOutcome& outcome) {
    const auto place = jobs_.find(outcome.job);
    if (place == jobs_.end()) return violation("an outcome of a job that nobody submitted");
    const LabJob& lab_job = scenario_.jobs[place->second];
    if (outcome.verdict != JobVerdict::kept) {
        if (outcome.reason.empty()) violation("a job ends without a reason");
        return check_secret(outcome.reason, "a job's reason");
    }
    schedule_job(world, lab_job.release_after_ms, JobEvent::release, place->second);
    const auto* found = lab_.site().disk.find_durable(outcome.file);
    if (found == nullptr) return violation("a job's file is not on the medium");
    if (sha256_of(*found) != outcome.sha256 || found->size() != outcome.bytes)
        violation("a job's file is not what the job says");
    const bool by_tftp = scenario_.servers[lab_job.server].scheme == "tftp";
    const bool was_sent = by_tftp
                              ? tftp_lied_ || *found == bytes_of(scenario_.job_body(place->second))
                              : whole_bodies_.contains(std::string(found->begin(), found->end()));
    if (!was_sent) violation("a job's file is not what a server sent");
    if (outcome.bytes > lab_job.most_bytes) violation("a job's file is longer than it may be");
}

// No job takes the room that is reserved for the configuration.
void PhoneRun::check_staged_step(const Storage& step) {
    const bool asks_room = step.step == StorageStep::room;
    const bool names = step.step == StorageStep::sync_directory;
    const bool is_staged = is_durable_file(step.name, DurableKind::staged);
    // Only a job asks for room; its sync of the directory follows one of its own steps.
    step_is_of_job_ = is_staged || asks_room || (names && step_is_of_job_);
    if (step.step != StorageStep::append) return;
    const Disk& disk = lab_.site().disk;
    const auto* before = disk.find(step.name);
    if (!is_staged || step.offset != (before ? before->size() : 0))
        violation("a piece that does not belong behind its file");
    const uint64_t all = staged_bytes(disk) + step.bytes.size();
    if (all > scenario_.disk_bytes - limits::disk_reserve_bytes)
        violation("jobs use the room that is reserved");
}

void PhoneRun::check_nothing_staged(std::string_view when) {
    if (staged_may_stay_ || staged_bytes(lab_.site().disk) == 0) return;
    violation("a staged file is left over (" + std::string(when) + ")");
}

}  // namespace dialtone::sim
