// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/hook_queue.h"

#include <sys/epoll.h>

#include <utility>

#include "platform/world.h"

namespace dialtone {

HookQueue::HookQueue(Loop& loop, HookRunner* runner) : loop_(loop), runner_(runner) {
    watch();
}

HookQueue::~HookQueue() {
    if (watched_ >= 0) loop_.forget(watched_);
}

void HookQueue::watch() {
    if (runner_ == nullptr) return;
    const int descriptor = runner_->descriptor();
    if (descriptor < 0) {
        if (watched_ >= 0) loop_.forget(watched_);
        watched_ = -1;
        return;
    }
    const uint32_t writing = runner_->wants_to_write() ? uint32_t{EPOLLOUT} : 0U;
    if (loop_.watch(descriptor, EPOLLIN | writing, *this)) watched_ = descriptor;
}

void HookQueue::ready(int, uint32_t) {
    runner_->ready();
    watch();
}

void HookQueue::start_first() {
    if (runner_ == nullptr || queue_.empty()) return;
    runner_->start(queue_.front());
    watch();
}

void HookQueue::submit(RunHooks&& wanted) {
    queue_.push_back(std::move(wanted));
    if (queue_.size() == 1) start_first();
}

bool HookQueue::deliver(Instant now, EventSink& sink) {
    if (queue_.empty()) return false;
    const auto result = runner_ != nullptr ? runner_->result() : HookResult{};
    if (!result) return false;
    const RequestId id = queue_.front().id;
    queue_.pop_front();
    start_first();
    sink.take(now, HooksDone{id, result->ran, result->failed, result->first_failure});
    return true;
}

}  // namespace dialtone
