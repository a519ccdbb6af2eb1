// SPDX-License-Identifier: Apache-2.0
//
// Asks time servers for the wall clock when the phone's own cannot be believed: a phone without
// a battery starts in 1970, and every certificate is then not yet valid. RFC 4330 (SNTP 4), client
// mode. The agent starts it once per boot, before the first pass, when clock.sntp names servers.
//
// An answer counts only if it repeats the random timestamp of the request, comes from a
// synchronised server and is not before the floor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/engine.h"
#include "agent/rng.h"

namespace dialtone {

enum class SntpState : uint8_t { idle, resolving, asking, count_ };
enum class SntpCue : uint8_t { start, address, no_address, reply, wrong_reply, time_up, count_ };
enum class SntpAction : uint8_t { nothing, resolve, ask, accept, next_server, ask_again };

struct SntpOutcome {
    bool known = false;
    WallSeconds wall_s = 0;  // at the moment of take_outcome()
    std::string server = {};
    std::string reason = {};  // when not known
};

class Sntp : public Engine<SntpOutcome> {
  public:
    explicit Sntp(RequestIds& ids) : Engine(ids) {}

    // `servers` is a comma-separated list of names or addresses. `floor_s`: no answer before it
    // is believed.
    void start(Instant now, std::string_view servers, WallSeconds floor_s, Rng& rng);
    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    void step(Instant now, SntpCue cue);
    void act(Instant now, SntpAction action);
    void ask(Instant now);
    void next_server(Instant now);
    void end(bool known);
    SntpCue judge(const DatagramIn& datagram);

    SntpState state_ = SntpState::idle;
    RequestId id_ = 0;
    RequestId socket_ = 0;
    std::vector<std::string> servers_ = {};
    uint32_t server_ = 0;
    uint32_t tries_ = 0;
    Address address_ = {};
    uint64_t cookie_ = 0;
    WallSeconds floor_s_ = 0;
    WallSeconds answer_s_ = 0;
    Instant due_ = {};
    std::string reason_ = {};
};

}  // namespace dialtone
