// SPDX-License-Identifier: Apache-2.0
//
// What all phones of a fleet have in common: the profile with the waiting rule under test, the
// settings, the file that the server has for each of them, and what a provisioned phone has on its
// disk. The latter was made once, by a phone that lived through its provisioning in
// sim/world/world.h; of each phone's own, only the names that carry its MAC differ.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent.h"
#include "agent/generation.h"
#include "agent/retry_rule.h"

namespace dialtone::sim {

// The files of a state directory, as a phone of the fleet keeps them.
inline constexpr uint32_t fleet_file_count = limits::record_copies + limits::generation_slots;
using FleetFiles = std::array<std::vector<uint8_t>, fleet_file_count>;  // empty: not there
std::optional<uint32_t> fleet_file_index(std::string_view name);

// What the phones are set to, beside the waiting rule.
struct FleetSettings {
    uint32_t splay_s = 0;
    uint32_t interval_min = 0;            // for phones that check again and again; 0: none
    bool has_acs = false;                 // each reports to it every hour
    std::string_view periodic_time = {};  // of one of these reports; empty: each draws its own
};

class FleetTemplate {
  public:
    FleetTemplate(const RetryRule& rule, const FleetSettings& wanted);
    FleetTemplate(const FleetTemplate&) = delete;
    FleetTemplate& operator=(const FleetTemplate&) = delete;

    // For the agent of one phone, counted from 0.
    AgentOptions options(uint32_t phone) const;
    // What the server has under `url`; nullptr: no such file.
    const std::string* body(std::string_view url) const;
    // A file of a provisioned phone.
    std::vector<uint8_t> provisioned_file(uint32_t phone, uint32_t index) const;

  private:
    void provision();

    Profile profile_;
    Settings settings_ = {};
    bool has_acs_;
    std::string body_;
    FleetFiles files_ = {};       // of phone 0
    Generation generation_ = {};  // the active one of phone 0
    uint32_t generation_index_ = 0;
};

}  // namespace dialtone::sim
