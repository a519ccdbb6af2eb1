// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/limits.h"
#include "platform/common/state_file.h"
#include "platform/world.h"

namespace dialtone {
namespace {

constexpr uint32_t worker_stack_bytes = 128 * 1024;

// 0, or the error number.
int write_all(int file, const std::vector<uint8_t>& bytes) {
    size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t count = ::write(file, bytes.data() + written, bytes.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        written += static_cast<size_t>(count);
    }
    return 0;
}

// 0, or the error number. Reads to the end, at most one byte more than the limit.
int read_all(int file, std::vector<uint8_t>& bytes) {
    struct stat status = {};
    if (::fstat(file, &status) < 0) return errno;
    if (status.st_size > limits::generation_bytes) return EFBIG;
    // One more than the file says, to see its end without a second buffer.
    bytes.resize(static_cast<size_t>(status.st_size) + 1);
    size_t filled = 0;
    for (;;) {
        const ssize_t count = ::read(file, bytes.data() + filled, bytes.size() - filled);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno;
        if (count == 0) break;
        filled += static_cast<size_t>(count);
        if (filled > limits::generation_bytes) return EFBIG;
        if (filled == bytes.size()) bytes.resize(bytes.size() + 4096);
    }
    bytes.resize(filled);
    return 0;
}

}  // namespace

StorageResult StorageFiles::carry_out(const Storage& step) {
    StorageResult result = {.id = step.id};
    if (!is_proper(step, result)) return result;
    switch (step.step) {
        case StorageStep::read:
            read(step, result);
            break;
        case StorageStep::write:
            write(step, result);
            break;
        case StorageStep::append:
            append(step, result);
            break;
        case StorageStep::sync_file:
            sync_file(step, result);
            break;
        case StorageStep::sync_directory:
            sync_directory(result);
            break;
        case StorageStep::rename:
            rename(step, result);
            break;
        case StorageStep::remove:
            remove(step, result);
            break;
        case StorageStep::room:
            room(result);
            break;
    }
    return result;
}

void StorageFiles::read(const Storage& step, StorageResult& result) {
    // What cannot be read counts as damaged, so a disk that fails once is asked again.
    for (uint32_t tries = 1;; ++tries) {
        const Descriptor file = open_state_file(directory_, step.name.c_str(), O_RDONLY);
        const int number = file.is_open() ? read_all(file.get(), result.bytes) : errno;
        if (number == 0) return;
        result.bytes.clear();
        if (number == ENOENT || tries >= limits::state_reads)
            return fail_with(result, step.name, number);
    }
}

void StorageFiles::write(const Storage& step, StorageResult& result) {
    take_open(step.name);
    Descriptor file = open_state_file(directory_, step.name.c_str(), O_WRONLY | O_CREAT | O_TRUNC);
    const int number = file.is_open() ? write_all(file.get(), step.bytes) : errno;
    if (number != 0) {
        // Half a file is of no use, and the journal needs the room on a disk that is full.
        if (file.is_open()) static_cast<void>(!::ftruncate(file.get(), 0));
        return fail_with(result, step.name, number);
    }
    keep_open(step.name, std::move(file));
}

void StorageFiles::append(const Storage& step, StorageResult& result) {
    Descriptor file = take_open(step.name);
    if (!file.is_open()) {
        const int flags = O_WRONLY | (step.offset == 0 ? O_CREAT : 0);
        file = open_state_file(directory_, step.name.c_str(), flags);
    }
    int number = file.is_open() ? 0 : errno;
    struct stat status = {};
    if (number == 0 && ::fstat(file.get(), &status) < 0) number = errno;
    if (number != 0) return fail_with(result, step.name, number);
    if (status.st_size != step.offset) {
        result.failure = step.name + ": it has " + std::to_string(status.st_size) +
                         " bytes, and not " + std::to_string(step.offset);
        return;
    }
    number =
        ::lseek(file.get(), step.offset, SEEK_SET) < 0 ? errno : write_all(file.get(), step.bytes);
    if (number != 0) {
        // As it was, so that the same piece can be tried once more.
        static_cast<void>(!::ftruncate(file.get(), step.offset));
        return fail_with(result, step.name, number);
    }
    keep_open(step.name, std::move(file));
}

void StorageFiles::keep_open(std::string name, Descriptor file) {
    if (written_.size() == limits::files_written) written_.pop_front();
    written_.push_back({std::move(name), std::move(file)});
}

Descriptor StorageFiles::take_open(const std::string& name) {
    const auto place = std::ranges::find(written_, name, &WrittenFile::name);
    if (place == written_.end()) return {};
    Descriptor file = std::move(place->file);
    written_.erase(place);
    return file;
}

void StorageFiles::room(StorageResult& result) {
    struct statvfs status = {};
    if (::fstatvfs(directory_, &status) < 0) return fail_with(result, "state directory", errno);
    result.room_bytes = uint64_t{status.f_bavail} * status.f_frsize;
}

void StorageFiles::sync_file(const Storage& step, StorageResult& result) {
    Descriptor file = take_open(step.name);
    if (!file.is_open()) file = open_state_file(directory_, step.name.c_str(), O_RDONLY);
    if (!file.is_open() || ::fsync(file.get()) < 0) fail_with(result, step.name, errno);
}

void StorageFiles::sync_directory(StorageResult& result) {
    if (::fsync(directory_) < 0) fail_with(result, "state directory", errno);
}

void StorageFiles::rename(const Storage& step, StorageResult& result) {
    take_open(step.name);
    take_open(step.new_name);
    if (::renameat(directory_, step.name.c_str(), directory_, step.new_name.c_str()) < 0) {
        fail_with(result, step.name, errno);
    }
}

void StorageFiles::remove(const Storage& step, StorageResult& result) {
    take_open(step.name);
    if (::unlinkat(directory_, step.name.c_str(), 0) < 0 && errno != ENOENT) {
        fail_with(result, step.name, errno);
    }
}

StorageQueue::StorageQueue(Loop& loop, int directory, bool in_memory)
    : loop_(loop), files_(directory) {
    if (in_memory) memory_.emplace();
}

StorageQueue::~StorageQueue() {
    finish();
}

void StorageQueue::submit(Storage&& step) {
    if (memory_ || (handed_over_ == 0 && !is_mutating(step.step))) {
        own_steps_.push_back(std::move(step));
        return;
    }
    while (!own_steps_.empty())
        carry_out_here();  // they came first
    hand_to_worker(std::move(step));
}

void StorageQueue::carry_out_here() {
    const Storage& step = own_steps_.front();
    done_.push_back(memory_ ? memory_->carry_out(step) : files_.carry_out(step));
    own_steps_.pop_front();
}

bool StorageQueue::deliver(Instant now, EventSink& sink) {
    if (done_.empty() && !own_steps_.empty()) carry_out_here();
    if (done_.empty()) return false;
    const StorageResult result = std::move(done_.front());
    done_.pop_front();
    sink.take(now, StorageDone{result.id, result.failure, result.not_found, result.bytes,
                               result.room_bytes});
    return true;
}

bool StorageQueue::start_worker() {
    if (running_) return true;
    done_signal_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!done_signal_.is_open() || !loop_.watch(done_signal_.get(), EPOLLIN, *this)) return false;
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, worker_stack_bytes);
    // Signals are for the loop's thread.
    sigset_t all, before;
    ::sigfillset(&all);
    ::sigdelset(&all, SIGSYS);  // but this one (call_filter.h)
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    running_ = ::pthread_create(&thread_, &attributes, &StorageQueue::work, this) == 0;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::pthread_attr_destroy(&attributes);
    return running_;
}

void StorageQueue::hand_to_worker(Storage&& step) {
    if (!start_worker()) {
        done_.push_back({.id = step.id, .failure = "the system has no room for a thread"});
        return;
    }
    ++handed_over_;
    ::pthread_mutex_lock(&mutex_);
    steps_.push_back(std::move(step));
    ::pthread_cond_signal(&work_there_);
    ::pthread_mutex_unlock(&mutex_);
}

void* StorageQueue::work(void* queue) {
    static_cast<StorageQueue*>(queue)->work();
    return nullptr;
}

void StorageQueue::work() {
    ::pthread_mutex_lock(&mutex_);
    for (;;) {
        while (steps_.empty() && !leave_)
            ::pthread_cond_wait(&work_there_, &mutex_);
        if (steps_.empty()) break;
        const Storage step = std::move(steps_.front());
        steps_.pop_front();
        ::pthread_mutex_unlock(&mutex_);
        StorageResult result = files_.carry_out(step);
        ::pthread_mutex_lock(&mutex_);
        results_.push_back(std::move(result));
        const uint64_t one = 1;
        // It cannot fail: the count is far from its end, and the loop empties it.
        static_cast<void>(!::write(done_signal_.get(), &one, sizeof one));
    }
    ::pthread_mutex_unlock(&mutex_);
}

void StorageQueue::ready(int, uint32_t) {
    uint64_t count = 0;
    static_cast<void>(!::read(done_signal_.get(), &count, sizeof count));
    take_results();
}

void StorageQueue::take_results() {
    ::pthread_mutex_lock(&mutex_);
    while (!results_.empty()) {
        done_.push_back(std::move(results_.front()));
        results_.pop_front();
        --handed_over_;
    }
    ::pthread_mutex_unlock(&mutex_);
}

void StorageQueue::finish() {
    while (!own_steps_.empty())
        carry_out_here();
    if (!running_) return;
    ::pthread_mutex_lock(&mutex_);
    leave_ = true;
    ::pthread_cond_signal(&work_there_);
    ::pthread_mutex_unlock(&mutex_);
    ::pthread_join(thread_, nullptr);
    running_ = false;
    leave_ = false;
    take_results();
    loop_.forget(done_signal_.get());
}

}  // namespace dialtone
