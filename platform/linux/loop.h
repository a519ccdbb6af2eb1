// SPDX-License-Identifier: Apache-2.0
//
// The one epoll instance of the Linux world. Parts of the world watch descriptors here. poll()
// calls the watcher of each descriptor that is ready, which only takes note of it: events reach the
// agent later and one at a time, out of LinuxWorld::wait().
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "agent/instant.h"
#include "platform/common/descriptor.h"

namespace dialtone {

class EventSink;

// Is called when a descriptor that it watches is ready.
class Watcher {
  public:
    // `events` as epoll_wait(2) gives them. May watch and forget descriptors.
    virtual void ready(int descriptor, uint32_t events) = 0;

  protected:
    ~Watcher() = default;
};

// A part of the world that has events to hand out.
class Part {
  public:
    virtual ~Part() = default;

    // Hands the oldest event it has to `sink`; false when there is none. `sink` may call back into
    // any part of the world.
    virtual bool deliver(Instant now, EventSink& sink) = 0;

    // Does what has become due by itself.
    virtual void tick(Instant now) { static_cast<void>(now); }

    // When tick() has to be called at the latest.
    virtual std::optional<Instant> deadline() const { return {}; }
};

class Loop {
  public:
    Loop();
    // False when the system had no room for an epoll instance.
    bool is_open() const { return epoll_.is_open(); }

    // Watches `descriptor` for `events` (EPOLLIN, EPOLLOUT), or changes what it is watched for.
    // False when the system has no room for it; then ready() is not called.
    bool watch(int descriptor, uint32_t events, Watcher& watcher);

    // To be called before the descriptor is closed. Unknown ones are ignored.
    void forget(int descriptor);

    // Sleeps until a descriptor is ready, at most `wait_ms` (nothing: for ever), and calls the
    // watchers of those that are.
    void poll(std::optional<uint64_t> wait_ms);

  private:
    struct Entry {
        int descriptor = -1;
        Watcher* watcher = nullptr;
    };
    Entry* find(int descriptor);

    Descriptor epoll_;
    std::vector<Entry> entries_;
};

}  // namespace dialtone
