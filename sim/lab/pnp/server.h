// SPDX-License-Identifier: Apache-2.0
//
// A server of SIP plug and play that a device meets once for each life it leads: from its start
// until nothing more is to be seen. What the server answers is the life's; what the device did is
// kept, for the cases.
//
// Who calls it: the conform subcommand, with what its sockets gave; the tests. It has neither clock
// nor socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/lab/pnp/sip_text.h"

namespace dialtone::sim::pnp {

inline constexpr std::string_view group = "224.0.1.75";
inline constexpr uint16_t group_port = 5060;
// Who has said nothing for so long says nothing more: twice T2, the longest time between two
// sendings of a request (RFC 3261 17.1.2.2).
inline constexpr uint32_t quiet_ms = 8'000;
inline constexpr uint32_t restart_ms = 90'000;  // a device that stores a file and restarts
inline constexpr uint32_t most_subscribes = 12;

// How the server meets the device.
enum class Life : uint8_t {
    unanswered,  // it says nothing
    accepted,    // 200, and no NOTIFY
    failed,      // 500
    refused,     // 302, then 404, then nothing
    assigned,    // 200, a NOTIFY without Event, then one with the URL
};
inline constexpr Life lives[] = {Life::unanswered, Life::accepted, Life::failed, Life::refused,
                                 Life::assigned};

// What a device did in one life. Times are those of the caller's clock.
struct LifeRecord {
    struct Subscribe {
        uint64_t at_ms = 0;
        std::string from;  // "192.0.2.1:5060"
        SipText message;
    };
    struct NotifyAnswer {
        uint64_t at_ms = 0;
        uint32_t status = 0;  // 0: none came
    };
    struct Download {
        uint64_t at_ms = 0;
        std::string target;
    };
    std::vector<Subscribe> subscribes = {};  // to the group
    NotifyAnswer without_event = {};
    NotifyAnswer with_url = {};
    std::vector<Download> downloads = {};
};

struct Datagram {
    std::string to;  // "192.0.2.1:5060"
    std::string text;
};

struct ServerOptions {
    Life life = Life::unanswered;
    std::string here = {};     // "192.0.2.10:5060"
    std::string url = {};      // of the configuration file
    bool has_file = false;     // whether that is there
    uint32_t patience_ms = 0;  // until the first SUBSCRIBE
    uint32_t watch_ms = 0;     // after one that was accepted or failed
};

class Server {
  public:
    Server(ServerOptions options, uint64_t now_ms);

    // A datagram from a device, sent to the group or, if not `to_group`, to the server itself.
    void take(uint64_t now_ms, std::string_view from, std::string_view text, bool to_group);
    // The device asked for this path. Returns whether it is the configuration file's.
    bool take_download(uint64_t now_ms, std::string_view target);
    // What is to be sent by now.
    std::vector<Datagram> due(uint64_t now_ms);
    // Nothing more is to be seen in this life.
    bool is_done(uint64_t now_ms) const;
    const LifeRecord& record() const { return record_; }

  private:
    struct Notify {
        Datagram datagram;
        std::string call_id;
        uint64_t at_ms = 0;
        uint32_t wait_ms = 0;  // until it is sent again
        uint32_t sendings = 0;
        bool has_event = false;
    };

    void take_subscribe(uint64_t now_ms, std::string_view from, const SipText& message);
    void take_answer(uint64_t now_ms, const SipText& message);
    void answer(std::string_view from, const SipText& message, std::string_view status);
    void send_notify(uint64_t now_ms, bool has_event);
    std::string fresh(std::string_view what);

    ServerOptions options_;
    LifeRecord record_ = {};
    std::vector<Datagram> out_ = {};
    std::optional<Notify> notify_ = {};  // that is not answered
    uint64_t last_ms_ = 0;               // when the device did something, at first its start
    uint32_t fresh_ = 0;
};

}  // namespace dialtone::sim::pnp
