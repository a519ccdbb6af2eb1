// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/loop.h"

#include <limits.h>
#include <sys/epoll.h>

namespace dialtone {
namespace {

// Of one epoll_wait(2). More are found by the next one.
constexpr int batch = 16;

}  // namespace

Loop::Loop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
}

Loop::Entry* Loop::find(int descriptor) {
    for (Entry& entry : entries_) {
        if (entry.descriptor == descriptor) return &entry;
    }
    return nullptr;
}

bool Loop::watch(int descriptor, uint32_t events, Watcher& watcher) {
    epoll_event event = {};
    event.events = events;
    event.data.fd = descriptor;
    Entry* entry = find(descriptor);
    const int operation = entry != nullptr ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    if (::epoll_ctl(epoll_.get(), operation, descriptor, &event) < 0) return false;
    if (entry == nullptr) {
        entries_.push_back({descriptor, &watcher});
    } else {
        entry->watcher = &watcher;
    }
    return true;
}

void Loop::forget(int descriptor) {
    Entry* entry = find(descriptor);
    if (entry == nullptr) return;
    // A failure means that the descriptor is closed already, which is what is wanted.
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr);
    *entry = entries_.back();
    entries_.pop_back();
}

void Loop::poll(std::optional<uint64_t> wait_ms) {
    int timeout = -1;
    if (wait_ms) timeout = *wait_ms > INT_MAX ? INT_MAX : static_cast<int>(*wait_ms);
    epoll_event events[batch];
    const int count = ::epoll_wait(epoll_.get(), events, batch, timeout);
    for (int i = 0; i < count; ++i) {
        // An earlier one of the batch may have ended this one.
        const Entry* entry = find(events[i].data.fd);
        if (entry != nullptr) entry->watcher->ready(events[i].data.fd, events[i].events);
    }
}

}  // namespace dialtone
