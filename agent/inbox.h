// SPDX-License-Identifier: Apache-2.0
//
// What others want of a phone that is up, until the agent can see to it: the commands of an
// operator, in order; and a check or a reboot that a SIP server, DHCP or the link asks for. Checks
// that no operator asked for are kept apart in time and never lost: one that comes too early, or in
// the middle of something else, waits. At most one waits.
//
// inbox_row() says in one place what each command is called and what it waits for.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/engine.h"
#include "agent/life.h"
#include "agent/limits.h"
#include "agent/pass/pass.h"

namespace dialtone {

enum class StoreNeed : uint8_t {
    any,
    not_writing,  // no step is under way that changes what the disk holds
    steady,       // and the phone's software has been told of what is active
};

// Which command or trigger is served when. It waits until the life's table answers its cue, until
// the store is as `store` says, and during a pass until that is in one of the states of
// `during_pass`.
struct InboxRow {
    LifeCue cue;
    uint32_t during_pass;  // a set of PassState
    StoreNeed store;
    std::string_view word;
};

const InboxRow& inbox_row(LifeCue cue);
LifeCue cue_of(CommandKind kind);
// The others are seen to when they come.
bool waits_in_inbox(CommandKind kind);

// A check that somebody but an operator wants.
struct Trigger {
    std::vector<std::string> urls = {};  // empty: the sources are asked
    std::string from = {};
    bool reboot = false;
    Instant not_before = {};

    LifeCue cue() const;
};

struct PendingCommand {
    RequestId id = 0;
    CommandKind kind = CommandKind::resync;
    std::string argument = {};
};

class Inbox : public EngineBase {
  public:
    explicit Inbox(RequestIds& ids) : EngineBase(ids) {}

    // Commands; those that are seen to when they come are passed over.
    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override { return std::nullopt; }

    const PendingCommand* front() const { return commands_.empty() ? nullptr : &commands_.front(); }
    void pop() { commands_.pop_front(); }
    // Answers all that wait with `text`. `stops`: the agent leaves, which is what a stop asked for.
    void answer_all(std::string_view text, bool stops);

    // Lays a trigger beside the one that waits: the earlier moment counts, the newer URLs, and a
    // reboot if either wants one.
    void want(Instant now, Trigger&& trigger);
    const std::optional<Trigger>& trigger() const { return trigger_; }
    // From when on the one that waits may be served.
    Instant trigger_due() const;
    // Gives it away; the next one waits for limits::trigger_gap_s, or longer.
    Trigger take_trigger(Instant now);

    // Whether a NOTIFY may want one more check of a phone that has a configuration, which is
    // counted then: limits::notify_checks from the start on, and one more each
    // limits::notify_check_back_s. Free while another check waits, which it is laid beside.
    bool may_check(Instant now);
    // Until one more is given.
    uint32_t next_check_s(Instant now) const;

    // What a pass came to with encrypted files. Whoever can alter them on their way tries until the
    // phone takes one, and NOTIFYs give him the tries: each file in a row that no key opens doubles
    // the gap between triggers, up to limits::trigger_gap_most_s. One that opens takes it back.
    void take_opening(Instant now, Opening opening);
    void forget_unopened() { unopened_ = 0; }

  private:
    uint32_t gap_s() const;

    std::deque<PendingCommand> commands_ = {};
    std::optional<Trigger> trigger_ = {};
    uint32_t checks_left_ = limits::notify_checks;
    Instant counted_ = {};                    // the checks that were given back until then
    std::optional<Instant> gap_begins_ = {};  // with the trigger served last, or a failed opening
    uint32_t unopened_ = 0;                   // files in a row that no key opens
};

}  // namespace dialtone
