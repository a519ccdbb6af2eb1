// SPDX-License-Identifier: Apache-2.0
//
// A web server that can do so much and no more, as a whole fleet of phones meets it. It serves one
// request after the other, lets a bounded number wait, and refuses the rest. Refusing is work too:
// a share of what serving costs, done before anything else, which is how servers collapse under
// load (Mogul and Ramakrishnan, "Eliminating receive livelock", 1996). It spends at most half of
// its time on that; what it cannot even refuse goes unanswered.
//
// What is limited is who gets in: a phone that was served a file asks for its next one over the
// same connection and is not turned away.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace dialtone::sim {

struct FleetServerOptions {
    uint32_t requests_per_s = 50;
    uint32_t waiting = 100;         // requests at most; those on a kept connection come on top
    uint32_t refusal_percent = 10;  // of the work of serving one
    uint64_t down_from_us = 0;      // not there in between, and nothing answers
    uint64_t down_until_us = 0;
};

class FleetServer {
  public:
    enum class Admission : uint8_t { queued, refused, unanswered };
    // One who waits to be served: the caller's own numbers.
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
