// SPDX-License-Identifier: Apache-2.0
//
// Any number of phones, each with a real agent, in one virtual world in front of one web server
// (fleet_server.h). One queue of events for all of them, virtual time in microseconds, no clock and
// no chance but the seed: the same options give the same figures. Leaner than sim/world/world.h,
// which gives one phone everything: here a phone is a few dozen bytes beside its agent, its disk
// holds only files it wrote itself, and it is gone once it has what it wanted.
//
// The phones ask the static server only (order=static): no multicast, no DHCP. In one event the
// same server is also their ACS (TR-069).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/agent.h"
#include "agent/retry_rule.h"
#include "agent/rng.h"
#include "sim/lab/fleet/fleet_server.h"
#include "sim/lab/fleet/fleet_template.h"
#include "sim/lab/swarm/lab_acs.h"

namespace dialtone::sim {

enum class FleetEvent : uint8_t {
    power_cut,      // a provisioned site gets its power back, all phones within a second
    cold_site,      // the same, and all phones are new
    server_outage,  // phones that check again and again; the server is away for a while
    acs_outage,     // phones that an ACS manages; it loses its power for a while
};

struct FleetOptions {
    FleetEvent event = FleetEvent::power_cut;
    uint32_t phones = 10'000;
    RetryRule rule = {};
    uint32_t splay_s = 300;
    uint32_t requests_per_s = 50;
    uint32_t retry_after_s = 0;  // with each refusal; 0: without
    uint32_t outage_s = 1'800;   // of a server or an ACS
    // All phones of an ACS report at one moment, in the outage; else each at its own.
    bool has_one_moment = false;
    uint64_t seed = 1;
    // The run ends there in any case: with some rules the phones would never be done.
    uint32_t requests_per_phone = 400;
    uint32_t longest_s = 7'200;
};

// When a power cut is over, phones have power within this, and start in this time.
inline constexpr uint32_t fleet_power_ms = 1'000;
inline constexpr uint32_t fleet_start_least_ms = 37'000;
inline constexpr uint32_t fleet_start_most_ms = 43'000;
// An outage: when it begins. The phones came up one by one in the hour before it and check each
// hour, or report to their ACS.
inline constexpr uint32_t fleet_interval_min = 60;
inline constexpr uint32_t fleet_down_from_s = 3'900;

// In each pass: the profile's first file, which is not there, and the one that is.
inline constexpr uint32_t fleet_files_asked_for = 2;
// In each session with an ACS that wants nothing: the Inform, and that there is no more.
inline constexpr uint32_t fleet_session_messages = 2;

// What came to the server within one second.
struct FleetSecond {
    uint32_t asked = 0;       // connections that were tried, and requests on kept ones
    uint32_t served = 0;      // answered with 200 or 404
    uint32_t refused = 0;     // answered with 503
    uint32_t unanswered = 0;  // and given up by the phone
    uint32_t done = 0;        // phones that have what they wanted
};

struct FleetResult {
    std::vector<FleetSecond> seconds = {};  // from begin_s on
    std::vector<uint32_t> done_ms = {};     // since zero_s, sorted; one for each phone that is done
    uint32_t begin_s = 0;                   // of virtual time: where the figures' seconds begin
    uint32_t zero_s = 0;                    // power is back, or the server is; begin_s <= zero_s
    uint32_t affected = 0;                  // phones that asked because of the event
    uint32_t unconfirmed = 0;  // of the done: asked again in vain, rest with what they have
    uint64_t requests = 0;     // since zero_s, of affected phones
    uint64_t refused = 0;      // since zero_s
    uint64_t unanswered = 0;   // since zero_s
    uint32_t peak = 0;         // requests in the busiest second since zero_s
    uint32_t end_s = 0;        // of virtual time: when the last one was done, or the run given up
    uint32_t most_agents = 0;  // at the same time
    uint64_t events = 0;
    bool complete = false;  // all affected phones are done
};

class FleetWorld {
  public:
    explicit FleetWorld(const FleetOptions& options);

    // Runs until so many more events have happened or everything is over; false: it is over.
    bool run(uint32_t events);
    uint32_t done() const { return done_; }
    // The figures up to now.
    FleetResult result() const;

  private:
    enum class Kind : uint8_t {
        power,
        link,
        wake,
        arrive,
        served,
        head,
        body,
        failed,
        storage,
        hooks,
        http_opened
    };
    struct PendingEvent {
        uint64_t at_us = 0;
        uint32_t sequence = 0;
        uint32_t phone = 0;
        uint32_t id = 0;
        uint16_t life = 0;
        uint16_t status = 0;  // of an answer, or which file was read
        Kind kind = Kind::wake;
        bool later_than(const PendingEvent& other) const {
            return at_us != other.at_us ? at_us > other.at_us : sequence > other.sequence;
        }
    };
    struct Phone {
        std::unique_ptr<Agent> agent = {};
        std::unique_ptr<FleetFiles> files = {};  // when it has written any
        uint64_t power_us = 0;
        uint64_t wake_us = 0;             // the earliest Wake in the queue, 0: none
        uint64_t connected_until_us = 0;  // the connection to the server
        uint32_t transfer = 0;
        uint32_t requests = 0;  // since zero_s
        uint16_t life = 0;
        uint8_t reboots = 0;
        std::string reply = {};       // what the transfer is answered with
        uint16_t reply_status = 404;  // and how
        bool affected = false;
        bool failed = false;  // the last pass of this life
        bool leaving = false;
        bool done = false;
    };

    void schedule(uint64_t at_us, PendingEvent event);
    PendingEvent take_next();
    void handle(const PendingEvent& event);
    void deliver(uint32_t index, const Event& event);
    void drain(uint32_t index);
    struct Performer;
    void carry_out(uint32_t index, Effect&& effect);
    void plan_wake(uint32_t index);
    void power_on(uint32_t index);
    void boot(uint32_t index);
    void start(uint32_t index, const StartTransfer& request);
    void arrive(const PendingEvent& event);
    void serve();
    void deliver_head(const PendingEvent& event);
    void deliver_body(const PendingEvent& event);
    void store(uint32_t index, Storage&& step);
    void deliver_stored(const PendingEvent& event);
    std::vector<uint8_t> file(uint32_t index, uint32_t file_index) const;
    void note_journal_line(uint32_t index, const JournalLine& line);
    void mark_done(uint32_t index);
    void stop_agent(uint32_t index);
    Instant now_of(const Phone& phone) const;
    FleetSecond* second();
    bool counts() const { return now_us_ >= zero_us_; }
    bool provisioned() const { return options_.event != FleetEvent::cold_site; }
    bool is_outage() const { return options_.event == FleetEvent::server_outage || is_of_acs(); }
    bool is_of_acs() const { return options_.event == FleetEvent::acs_outage; }

    FleetOptions options_;
    FleetTemplate template_;
    FleetServer server_;
    LabAcs acs_ = {};  // which does everything right, and wants nothing
    Rng rng_;
    std::string retry_after_ = {};
    std::vector<Phone> phones_ = {};
    std::vector<PendingEvent> queue_ = {};  // a heap, the earliest in front
    uint32_t sequence_ = 0;
    uint64_t now_us_ = 0;
    uint64_t begin_us_ = 0;
    uint64_t zero_us_ = 0;
    uint32_t affected_ = 0;
    uint32_t done_ = 0;
    uint32_t agents_ = 0;
    uint64_t requests_ = 0;  // all of them
    bool over_ = false;
    FleetResult result_ = {};
};

}  // namespace dialtone::sim
