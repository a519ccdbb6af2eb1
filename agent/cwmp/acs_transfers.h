// SPDX-License-Identifier: Apache-2.0
//
// Transfers from the order of an ACS to the moment when it has heard what came of it: the queue
// (transfer_queue.h), the one that is under way (transfer_run.h), and what an Inform and the
// requests behind it say of those that are done (transfer_report.h). The ACS client owns it, says
// when one may begin, and has the agent make durable what changes.
#pragma once

#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "agent/cwmp/session.h"
#include "agent/cwmp/transfer_queue.h"
#include "agent/cwmp/transfer_run.h"
#include "agent/cwmp/voice_service.h"
#include "agent/engine.h"
#include "agent/phone.h"

namespace dialtone {

class AcsTransfers : public EngineBase {
  public:
    // All of them outlive it; the transfers are those of the client's memory.
    AcsTransfers(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
                 const Record& record, const Generation& active,
                 std::vector<AcsTransfer>& transfers);

    TransferQueue& queue() { return queue_; }
    const TransferQueue& queue() const { return queue_; }
    // What carrying one out wants of the agent.
    TransferPort& port() { return run_; }
    // Another ACS has the phone than the one that has ordered them.
    void drop_orders(Instant now);
    // One with this key that is under way is stopped. False: it cannot be, or one is done already.
    bool stop(Instant now, std::string_view command_key);
    // A configuration file of another server has become the phone's.
    void provisioned(Instant now, std::string_view url);

    // Begins what is due if it may, and ends what has come to its end.
    void look(Instant now, bool may_begin, const VoiceFacts& voice);

    // A session begins with an ACS that is new to the phone.
    void meet_new_acs();
    // One that is new hears nothing of what others have ordered.
    void add_events(std::vector<InformEvent>& events, bool is_new_acs) const;
    std::deque<OwnRequest> requests(bool is_new_acs) const;
    void take_answer(Instant now, const OwnAnswer& answer);

    void handle(Instant now, const Event& event) override { run_.handle(now, event); }
    std::optional<Instant> deadline() const override { return earlier(run_.deadline(), due_); }

  private:
    std::vector<TransferQueue::Ready> ready(bool is_new_acs) const;
    void end_window(Instant now);
    void take_result(Instant now, TransferResult&& result);
    void say_over(const AcsTransfer& transfer);

    const PhoneFacts& phone_;
    std::vector<AcsTransfer>& transfers_;
    TransferQueue queue_;
    TransferRun run_;
    std::optional<Instant> due_ = {};  // when the queue is looked at next
    bool requests_download_ = false;   // the ACS has not answered that yet
};

}  // namespace dialtone
