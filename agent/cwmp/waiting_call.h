// SPDX-License-Identifier: Apache-2.0
//
// A call of the session under way that changes something, until that is durable and the session can
// answer it: values of the configuration by way of the agent's store, or what the phone keeps of
// its dealings with the ACS by way of the record. The ACS client owns it, and looks at the session
// after each of these functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cwmp/acs_client.h"
#include "agent/cwmp/acs_events.h"
#include "agent/cwmp/session.h"
#include "agent/cwmp/transfer_queue.h"

namespace dialtone {

class WaitingCall {
  public:
    // All of them outlive it.
    WaitingCall(Session& session, AcsEvents& events, TransferQueue& transfers, const Record& record)
        : session_(session), events_(events), transfers_(transfers), record_(record) {}

    // Only while the session waits. A transfer that is to be cancelled has been stopped.
    void take(Instant now, PendingCall&& call);
    void refuse(Instant now, uint32_t fault, std::string reason);
    // The session is over. What the store has by then is durable all the same.
    void session_is_over();
    // The ACS waits no longer.
    void check(Instant now);
    std::optional<Instant> deadline() const { return answer_due_; }

    // For the agent, as AcsClient has them.
    bool has_change() const { return step_ == Step::waits; }
    AcsChange take_change(std::string url, uint32_t session);
    // True: it came so late that its session is over, and the ACS is to be told of the trial.
    bool change_done(Instant now, AcsChangeOutcome&& outcome, const ModelFacts& facts);
    void all_told(Instant now);
    void memory_kept(Instant now, bool kept, std::string_view reason);

    bool is_submitted() const { return step_ == Step::submitted; }
    // The memory as it will be with the change that is submitted.
    AcsMemory memory_with_change() const;

  private:
    enum class Step : uint8_t {
        nothing,
        waits,      // to be taken by the agent
        submitted,  // the store has it
        durable,    // and the phone's software is told
        memory,     // not the configuration: the record alone
    };
    void change_memory(Instant now, PendingCall&& call);
    void undo(Instant now);
    void answer(Instant now, StoredCall stored, bool changed = false);

    Session& session_;
    AcsEvents& events_;
    TransferQueue& transfers_;
    const Record& record_;
    Step step_ = Step::nothing;
    ValuesCall change_ = {};
    PendingCall undone_ = {};  // by undo(): the call that changes the memory, or what was before it
    std::vector<AcsTransfer> cancelled_ = {};  // by it
    std::optional<Instant> answer_due_ = {};
};

}  // namespace dialtone
