// SPDX-License-Identifier: Apache-2.0
//
// A FaultInjector that asks a Choice at each point whether a fault occurs and which, and counts
// those that did.
//
// Who calls it: World asks it; PhoneRun (phone_run.h) builds on it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/lab/swarm/choice.h"
#include "sim/lab/swarm/fault_kinds.h"
#include "sim/world/fault_injector.h"

namespace dialtone::sim {

class ChosenFaults : public FaultInjector {
  public:
    explicit ChosenFaults(Choice& choice) : choice_(choice) {}

    void set_rate(FaultPoint point, FaultRate rate);
    // From now on nothing occurs.
    void stop_faults() { stopped_ = true; }
    const FaultCounts& counts() const { return counts_; }

    PacketFault datagram_fault(WireProtocol protocol, bool to_phone) override;
    ConnectionFault connection_fault(const OpenSocket& wanted) override;
    bool stream_breaks() override;
    void alter_transfer(const StartTransfer& request, Web::Outcome& outcome) override;
    StorageFault storage_fault(const Storage& step) override;
    void cut_power(Disk& disk) override;
    void alter_resolution(const Resolve& resolve, std::vector<Address>& addresses,
                          uint32_t& delay_ms) override;
    void alter_ntp_response(std::vector<uint8_t>& answer) override;
    std::string socket_failure(const OpenSocket& wanted) override;
    uint32_t hooks_duration_ms(const RunHooks& hooks) override;

  protected:
    void count(FaultKind kind) { ++counts_[static_cast<uint32_t>(kind)]; }
    Choice& choice() { return choice_; }
    bool faults_are_stopped() const { return stopped_; }

    // Faults that last, set and ended by scheduled events.
    bool network_down_ = false;  // a partition, or a configuration that broke the network
    bool disk_full_ = false;
    bool power_cut_requested_ = false;  // the power is to be cut now
    WallSeconds true_wall_s_ = 0;       // what a time server without a fault says

  private:
    // What occurs at the point now; FaultKind::count_: nothing.
    FaultKind draw_fault(FaultPoint point);
    FaultKind draw_storage_fault(StorageStep step);
    bool refuse_connection(FaultKind kind, const StartTransfer& request, Web::Outcome& outcome);
    bool answer_by_status(FaultKind kind, const StartTransfer& request, Answer& answer);
    void corrupt_answer(FaultKind kind, Answer& answer);

    Choice& choice_;
    bool stopped_ = false;
    std::array<FaultRate, fault_point_count> rates_ = {};
    FaultCounts counts_ = {};
};

}  // namespace dialtone::sim
