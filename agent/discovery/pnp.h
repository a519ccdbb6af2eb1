// SPDX-License-Identifier: Apache-2.0
//
// SIP plug and play: asks for the phone's server by SUBSCRIBE to Event ua-profile, on multicast or
// to one server, and takes the NOTIFY that names it. The vendors' texts and RFC 6080, 3261, 6665;
// docs/decisions.md says where real servers differ and whom we follow.
//
// The agent starts it once per pass. Its window ends with the first URL, with silence after the
// last try, or without a URL some seconds after a 2xx and at once after a 500; after a 2xx it may
// go on listening, because an administrator may assign the phone an hour later. After a URL it
// listens for limits::pnp_repeats_ms at least, as its NOTIFY may be repeated.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/engine.h"
#include "agent/profile.h"
#include "agent/rng.h"

namespace dialtone {

enum class PnpTransport : uint8_t { udp, tcp };

struct PnpRequest {
    const Profile* profile = nullptr;  // its templates; not owned
    Identity identity = {};
    Address own_address = {};
    std::string server = {};  // a multicast or unicast address, or a name
    uint16_t server_port = 5060;
    PnpTransport transport = PnpTransport::udp;
    uint16_t port = 5060;       // the local one; 0: any. Another one is drawn while it is taken
    uint32_t listen_s = 0;      // after the window, if a server answered; 0: not at all
    bool is_new = false;        // the phone has no configuration
    std::string user = {};      // for a digest challenge of late NOTIFYs, empty: none is accepted
    std::string password = {};  // that did not come from a server that answered
};

// What a NOTIFY wants of the phone, once it was checked and answered.
enum class NotifyKind : uint8_t {
    urls,              // ua-profile, or check-sync with a URL in it
    check,             // check-sync, resync: ask the sources again
    check_and_reboot,  // check-sync;reboot=true
};

struct Notice {
    NotifyKind kind = NotifyKind::urls;
    std::vector<std::string> urls = {};  // best first, at most limits::pnp_urls
    std::string from = {};               // who sent it, as address text
};

struct PnpOutcome {
    std::vector<std::string> urls = {};  // empty: nobody gave one, `reason` says what was seen
    std::string from = {};               // the server that gave them
    std::string reason = {};             // in an administrator's words
};

class Pnp : public Engine<PnpOutcome> {
  public:
    explicit Pnp(RequestIds& ids);
    ~Pnp() override;

    // Ends what is under way, without an outcome, and opens a new window.
    void start(Instant now, PnpRequest request, Rng& rng);
    // Lets go of the port at once. A window ends without an outcome.
    void stop(Instant now);
    bool listening() const;  // holds a socket

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

    // The outcome comes when the window is over.
    // A NOTIFY that came after the window, answered already. At most one waits; while it waits a
    // newer one is answered 200 and counts instead.
    std::optional<Notice> take_notice();

  private:
    class Inside;
    std::unique_ptr<Inside> inside_;  // made by the first start(): most lives never ask
};

// A NOTIFY that the phone's own SIP stack has accepted and handed in, whole. Errors: malformed,
// with the words for the operator; unsupported for an event that asks nothing of the agent.
Result<Notice> read_notify(std::string_view message);

}  // namespace dialtone
