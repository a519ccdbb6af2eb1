// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/fleet/fleet_server.h"

#include <algorithm>
#include <cassert>

namespace dialtone::sim {

FleetServer::FleetServer(const FleetServerOptions& options)
    : options_(options),
      service_us_((1'000'000 + options.requests_per_s - 1) / options.requests_per_s),
      refusal_us_(service_us_ * options.refusal_percent / 100) {
}

bool FleetServer::is_down(uint64_t now_us) const {
    return now_us >= options_.down_from_us && now_us < options_.down_until_us;
}

FleetServer::Admission FleetServer::arrive(uint64_t now_us, const QueuedRequest& request,
                                           bool kept) {
    if (is_down(now_us)) return Admission::unanswered;
    if (kept || waiting_.size() < options_.waiting) {
        waiting_.push_back(request);
        if (waiting_.size() == 1) begin(now_us);
        return Admission::queued;
    }
    if (refusing_us_ + refusal_us_ > service_us_) return Admission::unanswered;
    refusing_us_ += refusal_us_;
    return Admission::refused;
}

std::optional<uint64_t> FleetServer::deadline_us() const {
    return served_at_us_;
}

FleetServer::QueuedRequest FleetServer::serve(uint64_t now_us) {
    assert(served_at_us_ && *served_at_us_ == now_us);
    const QueuedRequest request = waiting_.front();
    waiting_.pop_front();
    served_at_us_.reset();
    if (!waiting_.empty()) begin(now_us);
    return request;
}

// The refusals of the last service are paid for before the next one begins.
void FleetServer::begin(uint64_t now_us) {
    served_at_us_ = now_us + refusing_us_ + service_us_;
    refusing_us_ = 0;
}

}  // namespace dialtone::sim
