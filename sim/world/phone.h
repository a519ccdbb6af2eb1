// SPDX-License-Identifier: Apache-2.0
//
// One phone in the simulated world: boots the real agent, again after each reboot, until it exits
// or the power is cut. Does what the supervisor does on Linux.
//
// Who calls it: the unit tests of the agent, and the laboratory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/agent.h"
#include "agent/generation.h"
#include "agent/store/record.h"
#include "sim/world/world.h"

namespace dialtone::sim {

struct PhoneOptions {
    std::string profile = "grandstream";
    std::string mac = "000B82273B89";
    bool once = true;
    WallSeconds floor_s = 1'700'000'000;
    std::vector<std::pair<Setting, std::string>> settings = {};       // command line
    std::vector<std::pair<Setting, std::string>> file_settings = {};  // settings file
    std::string settings_error = {};
    MakeAcsClient* make_acs_client = &dialtone::make_acs_client;
};

class Phone {
  public:
    Phone(Site& site, PhoneOptions options) : site_(site), options_(std::move(options)) {}

    // Lives from power-on through every provisioning reboot until an Exit or a power cut.
    // `prepare` is called with each world before it boots.
    template <typename Prepare>
    Departure power_on(Prepare prepare) {
        reboots_ = 0;
        site_.power_on_ms = site_.clock_ms;
        ResetCause cause = ResetCause::power_on;
        for (;;) {
            World world(site_);
            prepare(world, reboots_);
            const Departure departure = live_once(world, cause);
            replies_ = world.replies();
            if (departure.kind == Departure::Kind::exit || world.power_is_off()) return departure;
            if (departure.afresh) site_.power_on_ms = site_.clock_ms;
            reboots_ = departure.afresh ? 0 : reboots_ + 1;
            cause = departure.afresh ? ResetCause::power_on : ResetCause::provisioning_reboot;
        }
    }
    Departure power_on() {
        return power_on([](World&, uint32_t) {});
    }

    uint32_t reboots() const { return reboots_; }  // since the last power-on
    // What the last life, by now, answered to commands.
    const std::vector<Reply>& replies() const { return replies_; }

    // What the disk says now: the whole active generation, number 0 when there is none.
    Generation active() const;
    Record record() const;

  private:
    Departure live_once(World& world, ResetCause cause);

    Site& site_;
    PhoneOptions options_;
    uint32_t reboots_ = 0;
    std::vector<Reply> replies_ = {};
};

// Whether any line of the site's journal is of this kind, and the last one of it.
bool journal_has(const Site& site, JournalKind kind);
JournalEntry last_entry(const Site& site, JournalKind kind);
uint32_t count_entries(const Site& site, JournalKind kind);

}  // namespace dialtone::sim
