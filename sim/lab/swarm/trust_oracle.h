// SPDX-License-Identifier: Apache-2.0
//
// What an attacker may not learn or change (docs/trust.md), held against what a run of the swarm
// sees: requests, answers, and the record and generations on the disk. It works out the pin and the
// highest floor of the clock by itself, from who installed what and which certificates were shown,
// and compares them with the phone's.
//
// Who calls it: PhoneRun.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/generation.h"
#include "agent/journal.h"
#include "agent/store/record.h"
#include "sim/lab/swarm/scenario.h"
#include "sim/lab/swarm/scenario_servers.h"

namespace dialtone::sim {

class TrustOracle {
  public:
    // Both outlive it. `build_s`: the time before which no clock is believed.
    TrustOracle(const Scenario& scenario, const ScenarioServers& servers, WallSeconds build_s)
        : scenario_(scenario), servers_(servers), floor_most_s_(build_s) {}

    // What violates a rule, in words; empty: nothing does.
    std::string check_request(const StartTransfer& request) const;
    void note_answer(const StartTransfer& request, const Web::Outcome& outcome);
    // What the phone says of the files of a pass: a signature may have been kept away from it.
    void note_line(const JournalLine& line);
    // What is on the disk. `bytes` are those of the active generation. What came to the disk since
    // the last time is judged, and what trust the record says is in it. `disk_failed`: the phone
    // may have forgotten what it trusted.
    std::string check_disk(const Record& record, const Generation& active,
                           const std::vector<uint8_t>* bytes, bool disk_failed);
    // The pin as it has to be now.
    const Pin& pin() const { return pin_; }

    // A phone may start again because a NOTIFY said so only if one did that it may listen to.
    void note_reboot_asked() { reboot_asked_ = true; }
    std::string check_notify_reboot();

  private:
    struct Installed {
        std::vector<uint8_t> bytes = {};
        Generation generation = {};
    };
    struct FirstServer {
        std::string host = {};
        bool by_tls = false;
        bool operator==(const FirstServer&) const = default;
    };

    std::string take(const Generation& now);
    void take_file(const Generation& before, const Generation& now);
    Proof content_proof(const Generation& now) const;
    bool has_signature(const Generation& now, std::string_view file_name) const;
    Proof proof_of_delivery(const Generation& now, const std::string& host, bool by_tls) const;
    FirstServer first_static(const Generation& generation) const;
    // `is_strict`: not to a server that cannot bring the proof.
    void move_pin(const FirstServer& server, bool is_strict);

    const Scenario& scenario_;
    const ScenarioServers& servers_;
    WallSeconds floor_most_s_;
    bool attacker_installed_ = false;  // what he offers was this phone's configuration once
    bool keys_proven_ = true;
    std::vector<std::string> signed_urls_ = {};  // of files of this pass that came with a signature
    Pin pin_ = {};
    Pin pin_before_ = {};    // before the record of this sequence
    uint32_t sequence_ = 0;  // of the last record seen
    Installed active_ = {};
    Installed before_ = {};
    bool reboot_asked_ = false;
};

}  // namespace dialtone::sim
