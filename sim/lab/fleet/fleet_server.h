// SPDX-License-Identifier: Apache-2.0
//
// A web server of limited capacity, for a fleet of phones. It serves one request after the other,
// queues a bounded number, and refuses the rest. A refusal costs a share of the work of serving and
// is done first, which is how servers collapse under load (Mogul and Ramakrishnan, "Eliminating
// receive livelock", 1996). It spends at most half of its time on refusals; a request for which
// that is not enough gets no answer.
//
// The bound is for new connections: a phone that was served a file asks for its next one over the
// same connection and is not refused.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace dialtone::sim {

struct FleetServerOptions {
    uint32_t requests_per_s = 50;
    uint32_t waiting = 100;         // requests at most; those on a kept connection come on top
    uint32_t refusal_percent = 10;  // of the work of serving one
    uint64_t down_from_us = 0;      // in between it answers nothing
    uint64_t down_until_us = 0;
};

class FleetServer {
  public:
    enum class Admission : uint8_t { queued, refused, unanswered };
    // A request in the queue, by the caller's own numbers.
    struct QueuedRequest {
        uint32_t phone = 0;
        uint32_t id = 0;
        uint16_t life = 0;
    };

    explicit FleetServer(const FleetServerOptions& options);

    // A request comes. `kept`: over a connection that is open already.
    Admission arrive(uint64_t now_us, const QueuedRequest& request, bool kept);
    // When the request in service will be served; nothing while there is none.
    std::optional<uint64_t> deadline_us() const;
    // The request that is served now, at deadline_us().
    QueuedRequest serve(uint64_t now_us);

    bool is_down(uint64_t now_us) const;

  private:
    void begin(uint64_t now_us);

    FleetServerOptions options_;
    uint32_t service_us_;
    uint32_t refusal_us_;
    std::deque<QueuedRequest> waiting_ = {};  // the front one is in service
    std::optional<uint64_t> served_at_us_ = {};
    uint32_t refusing_us_ = 0;  // work of refusals that was not done yet
};

}  // namespace dialtone::sim
