// SPDX-License-Identifier: Apache-2.0
//
// Whether the phone's interface can carry a conversation: it is up, has a carrier and an address
// that is not link-local. rtnetlink says that something changed; what it is now is then asked
// for, so no missed message leaves a wrong idea behind.
#pragma once

#include <optional>
#include <string>

#include "agent/address.h"
#include "agent/instant.h"
#include "platform/common/descriptor.h"
#include "platform/linux/loop.h"

namespace dialtone {

struct LinkState {
    bool up = false;
    Address address = {};  // IPv4 before IPv6; none when not up
    bool operator==(const LinkState&) const = default;
};

// What `interface` is now; an interface that does not exist is down. None when the system has no
// room for the question.
std::optional<LinkState> read_link_state(const std::string& interface);

// Its first event tells the state it found; the later ones tell changes.
class Link final : public Part, private Watcher {
  public:
    Link(Loop& loop, std::string interface);
    ~Link() override;

    bool deliver(Instant now, EventSink& sink) override;
    void tick(Instant now) override;
    std::optional<Instant> deadline() const override { return ask_again_at_; }

  private:
    void ready(int descriptor, uint32_t events) override;

    Loop& loop_;
    std::string interface_;
    Descriptor changes_;
    LinkState told_ = {};
    bool told_once_ = false;
    bool stale_ = true;
    std::optional<Instant> ask_again_at_ = {};
};

}  // namespace dialtone
