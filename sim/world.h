// SPDX-License-Identifier: Apache-2.0
//
// The pretended world: the contract of platform/world.h over a virtual clock, a disk that forgets
// and servers that misbehave. Nothing here reads a clock or sleeps; wait() jumps to the next thing
// that happens. Used by the unit tests of the agent and by the laboratory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/world.h"
#include "sim/disk.h"
#include "sim/tftp_server.h"
#include "sim/web.h"

namespace dialtone::sim {

// What outlives a reboot: the phone's disk, its clock, the network it hangs on, the journal.
struct Site {
    Disk disk = {};
    Web web = {};
    TftpServer tftp = {};  // at every address, port 69
    std::map<std::string, std::vector<Address>> names = {};
    bool link_up = true;
    uint64_t clock_ms = 0;  // of the site; the phone counts from power_on_ms
    uint64_t power_on_ms = 0;
    WallSeconds hardware_wall_s = 1'800'000'000;  // at clock_ms 0
    WallSeconds ntp_wall_s = 0;                   // what a time server says, 0: there is none
    std::vector<std::string> journal = {};
    std::vector<std::string> hook_lines = {};  // the key lines of each hook run
    uint64_t entropy = 1;
};

class World : public dialtone::World {
  public:
    explicit World(Site& site) : site_(site) {}

    // What the boot loader hands over: record copies and clocks. The spans live as long as the
    // world does.
    Boot boot(ResetCause cause, uint32_t provisioning_reboots);

    // All times are milliseconds since power-on. At `at_ms` an operator gives the command; its
    // reply ends up in replies().
    void plan_command(uint64_t at_ms, CommandKind kind, std::string argument = {});
    void plan_link(uint64_t at_ms, bool up);
    // The power goes away at `at_ms`, or after so many mutating disk steps.
    void plan_power_cut(uint64_t at_ms) { power_cut_ms_ = site_.power_on_ms + at_ms; }
    void plan_power_cut_after_steps(uint32_t steps);
    bool power_is_gone() const { return power_gone_; }
    const std::vector<Reply>& replies() const { return replies_; }
    std::optional<WallSeconds> wall_set() const { return wall_set_; }

    Instant now() const override { return {site_.clock_ms - site_.power_on_ms}; }
    void carry_out(Effect&& effect) override;
    void wait(std::optional<Instant> deadline, EventSink& sink) override;
    std::optional<Departure> departure() const override { return departure_; }

  private:
    struct Transfer {
        Answer answer = {};
        uint32_t credit = 0;
        uint64_t sent = 0;
    };
    // Something that will happen; its data is owned here until the sink has seen it.
    struct Coming {
        uint64_t at_ms = 0;
        uint64_t sequence = 0;
        enum class Kind : uint8_t {
            link,
            head,
            body,
            failed,
            storage,
            hooks,
            command,
            resolved,
            datagram,
            tftp_tick
        } kind = Kind::link;
        RequestId id = 0;
        CommandKind command = CommandKind::resync;
        bool up = false;
        std::string text = {};
        StepResult result = {};
        std::vector<Address> addresses = {};
        std::vector<uint8_t> bytes = {};
        Address from = {};
        uint16_t from_port = 0;
        bool operator<(const Coming& other) const {
            return at_ms != other.at_ms ? at_ms < other.at_ms : sequence < other.sequence;
        }
    };

    void come_at(uint64_t at_ms, Coming coming);
    void come(uint64_t in_ms, Coming coming);
    void start(const StartTransfer& request);
    void store(const Storage& step);
    void answer_ntp(const DatagramOut& datagram);
    void carry_tftp(const Address& server);
    void deliver(const Coming& coming, EventSink& sink);
    void deliver_head(const Coming& coming, EventSink& sink);
    void deliver_body(RequestId id, EventSink& sink);

    Site& site_;
    std::map<uint64_t, Coming> coming_ = {};  // by (time, sequence)
    uint64_t sequence_ = 0;
    std::map<RequestId, Transfer> transfers_ = {};
    std::vector<std::vector<uint8_t>> copies_ = {};
    std::vector<Reply> replies_ = {};
    std::optional<WallSeconds> wall_set_ = {};
    std::optional<Departure> departure_ = {};
    std::optional<uint64_t> power_cut_ms_ = {};
    std::optional<uint32_t> power_cut_steps_ = {};
    bool power_gone_ = false;
    bool said_link_ = false;
};

}  // namespace dialtone::sim
