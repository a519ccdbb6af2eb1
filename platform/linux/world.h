// SPDX-License-Identifier: Apache-2.0
//
// The Linux world: the port (platform/world.h) with system calls, libcurl and c-ares on one epoll
// loop and one thread, and a second thread for storage once something is written. While nothing
// happens the process sleeps until the agent's own deadline.
//
// Made by the agent's process (dialtoned) and by the tests; driven by live().
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/result.h"
#include "platform/linux/clock.h"
#include "platform/linux/control.h"
#include "platform/linux/hook_queue.h"
#include "platform/linux/http_port.h"
#include "platform/linux/journal_file.h"
#include "platform/linux/lease.h"
#include "platform/linux/link.h"
#include "platform/linux/loop.h"
#include "platform/linux/resolver.h"
#include "platform/linux/sockets.h"
#include "platform/linux/storage.h"
#include "platform/linux/transfers.h"
#include "platform/world.h"

namespace dialtone {

class LinuxWorld final : public World {
  public:
    // Descriptors and the runner stay the caller's and have to outlive the world.
    struct Options {
        int state_directory = -1;    // open directory; -1: storage fails, the journal is dropped
        bool in_memory = false;      // there is none: memory stores, standard error is the journal
        std::string interface = {};  // whose link is watched; empty: no LinkChanged at all
        std::vector<LeaseRecord> leases = {};  // that the phone's DHCP clients have got already
        int control_listener = -1;             // listening unix stream socket; -1: none
        HookRunner* hooks = nullptr;    // null: RunHooks runs nothing, and that is no failure
        uint64_t power_on_ms = 0;       // monotonic_ms() at the phone's power-on
        WallSeconds wall_offset_s = 0;  // of the wall clock against the machine's
        TransferPlaces places = {};
        HttpPortMaker http = nullptr;  // null: nothing comes by HTTP
        HttpPatience http_patience = {};
    };

    // Errors: io, when the system has no room for an epoll instance.
    static Result<std::unique_ptr<LinuxWorld>> open(const Options& options);
    ~LinuxWorld() override;

    Instant now() const override { return clock_.now(); }
    void carry_out(Effect&& effect) override;
    void wait(std::optional<Instant> deadline, EventSink& sink) override;
    std::optional<Departure> departure() const override;

    // For Boot.
    WallSeconds wall_s() const { return clock_.wall_s(); }

  private:
    explicit LinuxWorld(const Options& options);

    struct Carrier;
    bool deliver(Instant now, EventSink& sink);
    void tick(Instant now);
    std::optional<uint64_t> sleep_ms(Instant now, std::optional<Instant> deadline) const;
    void note_refused_calls();
    void leave(Departure departure);
    void finish();

    Options options_;
    Clock clock_;
    Loop loop_;
    StorageQueue storage_;
    JournalFile journal_;
    LeaseBook leases_;
    Control control_;
    HookQueue hooks_;
    Sockets sockets_;
    Resolver resolver_;
    Transfers transfers_;
    WallWatch wall_watch_;
    std::optional<Link> link_ = {};
    std::unique_ptr<HttpPort> http_ = {};

    std::array<Part*, 10> parts_ = {};
    std::array<Part*, 5> timed_parts_ = {};  // the parts that have deadlines
    size_t first_part_ = 0;                  // the part that is asked for an event first
    size_t last_part_ = 0;                   // the part that delivered the last event
    uint32_t since_look_ = 0;                // events delivered since the loop was polled
    bool wake_was_passed_over_ = false;
    std::optional<Departure> leaving_ = {};
    bool has_left_ = false;
};

}  // namespace dialtone
