// SPDX-License-Identifier: Apache-2.0
//
// One session with an ACS (TR-069 3.7): Inform and its response, what the phone has to ask, then
// what the ACS calls, until it has nothing more. Started by the ACS client (acs_client.h), one at a
// time; it retries nothing.
//
// What a call changes becomes durable before it is answered: the session waits for whoever started
// it, who takes the call by take_pending() and says by stored() what became of it.
//
// What the ACS gets wrong ends the session as failed, in words, and touches nothing else. What it
// ordered for afterwards, a restart or a reset, is in the outcome however the session ended: the
// answer to it went out.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/clock/wall_clock.h"
#include "agent/cwmp/exchange.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/soap.h"
#include "agent/cwmp/transfer_queue.h"
#include "agent/phone.h"

namespace dialtone {

// As an Inform names it (EventStruct).
struct InformEvent {
    std::string code = {};
    std::string command_key = {};
};

// The ID of each Inform, which is the first message of its session.
inline constexpr uint32_t inform_id = 1;
// An argument of a call of the phone's: a text, or a structure or an array of others.
struct OwnArgument {
    std::string name = {};
    std::string text = {};
    std::vector<OwnArgument> inside = {};
    std::string array_of = {};  // the type of its elements; empty: it is no array
};

// A call of the phone's.
struct OwnRequest {
    std::string method = {};
    std::vector<OwnArgument> arguments = {};  // in the schema's order
    uint32_t number = 0;                      // its answer has it, too; 0: nobody waits for that
    bool if_listed =
        false;  // only where the ACS has the method, as it says to GetRPCMethods before
};

// What came of a call of the phone's that has a number.
struct OwnAnswer {
    uint32_t number = 0;
    std::string method = {};
    uint32_t fault = 0;  // 0: the ACS has taken it
    std::string reason = {};
};

struct SessionRequest {
    AcsServer server = {};
    std::vector<InformEvent> events = {};
    // Paths whose values come with the Inform, beside those that always do.
    std::vector<std::string> changed = {};
    uint32_t retry_count = 0;
    std::deque<OwnRequest> requests = {};
    bool only_inform = false;  // the ACS has no say: its answer to the Inform is the end
    bool is_named_by_dhcp = false;
    Proof installed = Proof::none;  // what the phone has asks for it, to be changed
};

struct SessionOutcome {
    bool ended_well = false;
    bool informed = false;         // the ACS has taken the Inform: its events are delivered
    uint32_t calls = 0;            // of the ACS
    bool changed = false;          // the configuration, and that is durable
    bool touched_acs_way = false;  // by one of these changes
    std::string shown_url = {};
    uint32_t unwritten = 0;      // messages that are not in the journal, as they were too many
    std::string message = {};    // that was out last, by the name of its element
    std::string reason = {};     // when it did not end well
    uint32_t retry_after_s = 0;  // what a busy ACS asked for
    Deferred deferred = {};
};

enum class SessionState : uint8_t {
    idle,
    informing,   // the Inform is out
    turn,        // the phone's turn to say something
    requesting,  // a request of its own is out
    serving,     // the ACS's turn
    storing,     // what it has changed becomes durable
    count_
};
enum class SessionCue : uint8_t {
    start,
    response,     // to what is out
    request,      // the ACS calls a method
    store,        // and its call waits for the disk
    stored,       // which it does no more
    empty,        // the ACS has nothing to say
    fault,        // in answer to what is out
    fault_retry,  // 8005: the same message again
    unusable,     // what came is no answer to what is out
    lost,         // the exchange failed
    ask,          // the phone has a request of its own, and may send it
    listen,       // it has none, or may not, and the ACS may have one
    done,         // neither has anything
    time_up,
    count_
};
enum class SessionAction : uint8_t {
    nothing,
    inform,
    take_informed,
    take_response,
    send_request,
    send_empty,
    serve,
    answer_stored,
    repeat,
    take_empty,
    conclude,
    fail,
    fail_by_fault,
    fail_by_time,
};

class Session : public Engine<SessionOutcome> {
  public:
    // All of them outlive it.
    Session(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
            const Generation& active, const AcsMemory& memory,
            const TransferQueue* transfers = nullptr);

    // Only while it is not busy().
    void start(Instant now, SessionRequest request);
    bool busy() const { return state_ != SessionState::idle; }
    // The ACS has taken the Inform of the session under way.
    bool informed() const { return busy() && found_.informed; }
    // The session under way has changed something.
    bool has_changed() const { return busy() && found_.changed; }
    const Deferred& deferred() const { return found_.deferred; }
    // Each answer of the session under way came by verified TLS.
    bool is_verified() const { return exchange_.is_verified(); }

    // What the ACS has answered to calls of the phone's, once; they are none of the next session.
    std::vector<OwnAnswer> take_answers() { return std::exchange(answers_, {}); }

    // A call that waits to become durable, once.
    std::optional<PendingCall> take_pending() { return std::exchange(pending_, std::nullopt); }
    bool is_storing() const { return state_ == SessionState::storing; }
    // Only while it is_storing().
    void stored(Instant now, StoredCall stored, bool changed, bool touched_acs_way);

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    void step(SessionCue cue);
    void act(SessionAction action);
    ModelFacts facts() const { return {phone_, clock_, now_, active_}; }
    std::vector<ModelParameter> values_of_inform(const Model& model) const;
    void inform();
    void send_request();
    void take_response();
    void take_methods();
    bool has_request();
    Caller caller() const;
    void serve();
    void answer(CallAnswer&& answer);
    void repeat();
    void send(std::string body);
    void write(JournalLine&& entry);
    void write_response();
    void settle();
    void take_exchange(ExchangeOutcome&& outcome);
    SessionCue cue_of_message();
    SessionCue unusable(std::string reason);
    void take_turn();
    void end(bool ended_well);

    const PhoneFacts& phone_;
    const WallClock& clock_;
    const Generation& active_;
    const AcsMemory& memory_;
    const TransferQueue* transfers_;  // of the memory
    Exchange exchange_;
    SessionState state_ = SessionState::idle;
    Instant now_ = {};
    Instant began_at_ = {};
    SessionRequest request_ = {};
    CwmpVersion version_ = CwmpVersion::v1_0;  // what the ACS speaks, once it has spoken
    std::string sent_ = {};                    // the message that is out
    std::string method_ = {};                  // of it, when it is a request
    uint32_t last_id_ = 0;                     // of requests
    uint32_t repeats_ = 0;                     // of the message that is out
    uint32_t messages_ = 0;
    uint32_t written_ = 0;      // of them, into the journal
    bool held_ = false;         // HoldRequests of the last message
    bool acs_is_done_ = false;  // it had nothing to say to an empty message
    SoapMessage message_ = {};  // that came last
    std::vector<OwnAnswer> answers_ = {};
    std::optional<PendingCall> pending_ = {};
    StoredCall stored_ = {};
    SessionOutcome found_ = {};
};

}  // namespace dialtone
