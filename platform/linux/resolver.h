// SPDX-License-Identifier: Apache-2.0
//
// The Resolve effect: names to addresses with c-ares, so that nothing blocks. A c-ares channel
// lives only while names are being asked for: it reads /etc/resolv.conf when it is made, and what
// the network said about its name servers a lease ago may be wrong now. An address in text is
// answered without one. (curl resolves the names of transfers by itself, by the same rules.)
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/effect.h"
#include "platform/linux/loop.h"

struct ares_channeldata;  // NOLINT(readability-identifier-naming): the names of c-ares
struct ares_addrinfo;     // NOLINT(readability-identifier-naming)

namespace dialtone {

class Resolver final : public Part, private Watcher {
  public:
    // `servers`: ADDRESS[:PORT] with commas; empty: the system's.
    Resolver(Loop& loop, std::string servers) : loop_(loop), servers_(std::move(servers)) {}
    ~Resolver() override;

    void resolve(const Resolve& wanted);

    bool deliver(Instant now, EventSink& sink) override;
    void tick(Instant now) override;
    std::optional<Instant> deadline() const override { return due_; }

  private:
    struct Question {
        RequestId id = 0;
        std::string name = {};
        std::vector<Address> addresses = {};
        std::string reason = {};
        bool answered = false;
    };

    void ready(int descriptor, uint32_t events) override;
    bool open_channel();
    void close_channel();
    void set_timer(Instant now);
    static void on_socket(void* resolver, int descriptor, int readable, int writable);
    static void on_answer(void* question, int status, int timeouts, ares_addrinfo* answer);

    Loop& loop_;
    std::string servers_;
    ares_channeldata* channel_ = nullptr;
    std::list<Question> questions_;  // c-ares keeps pointers to them
    std::vector<int> descriptors_;
    std::optional<Instant> due_ = {};
    bool timer_is_stale_ = false;
};

}  // namespace dialtone
