// SPDX-License-Identifier: Apache-2.0
//
// What DHCP says about the phone's server: options of the lease that the phone's DHCP client hands
// over, and where the lease does not show them, the agent's own DHCPINFORM. RFC 2131, 2132, 3361,
// 3396, 3925, 5859, 5970.
//
// The agent gives it every Lease event, and starts it at the beginning of a pass, so that its
// DHCPINFORM runs while SIP plug and play waits. It never takes a lease and never sends a REQUEST.
//
// - A lease that names a server ends the engine's run at once: it counts more than any answer to
//   an INFORM.
// - After the first answer other servers have limits::dhcp_collect_ms, unless that answer has a
//   server in the option that comes first: nothing could come before it.
// - Servers sort phones by their vendor class and keep option 66 from all others. So the agent
//   names the class that the DHCP client has named (Lease::vendor_class), unless somebody has set
//   dhcp.vendor_class. Where the lease becomes known with the question out already, it is asked
//   anew.
// - Without a way to ask, a lease that has not been heard of is waited for, for
//   limits::dhcp_lease_wait_ms: the phone's DHCP client may be slower than the agent.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/engine.h"
#include "agent/profile.h"
#include "agent/rng.h"
#include "agent/vendor_options.h"

namespace dialtone {

enum class DhcpState : uint8_t { idle, awaiting_lease, asking, collecting, count_ };
enum class DhcpCue : uint8_t {
    start_with_server,  // the lease at hand names one
    start_with_inform,  // it does not, and the agent may ask
    start_waiting,      // there is no lease yet, and no way to ask
    start_in_vain,      // there is a lease, it names no server, and there is no way to ask
    lease_with_server,
    lease_without,
    lease_of_other_class,  // the same, and its client names another class than the question did
    best_answer,           // with a server in the option that comes first
    answer,                // any other answer to this INFORM
    noise,                 // everything else that arrives
    socket_failed,
    wait_over,  // time to ask again
    time_up,
    stop,
    count_
};
enum class DhcpAction : uint8_t {
    nothing,
    wait_for_lease,
    ask,
    ask_again,
    ask_anew,
    collect,
    report,
    cancel,
};

struct DhcpRequest {
    const Profile* profile = nullptr;  // what it asks for; not owned
    Identity identity = {};
    Address own_address = {};           // an INFORM needs an IPv4 one
    std::vector<uint8_t> options = {};  // that may name a server, best first; v6 59 comes after
    std::string vendor_class = {};      // option 60, its braces filled; empty: not sent
    bool has_usual_class = false;       // nobody has set it: the DHCP client's comes before it
    bool inform = true;                 // whether the agent may ask by itself
    bool sip_server = false;            // whether option 120 is wanted, too
    bool speaks_cwmp = false;           // whether those that may name an ACS are wanted, too
};

// A server as an option names it: a URL, or HOST or HOST/PATH without a scheme.
struct DhcpServer {
    std::string url = {};
    std::string option = {};  // "66", "43", "v6 59", for people
    bool operator==(const DhcpServer&) const = default;
};

struct DhcpOutcome {
    std::vector<DhcpServer> servers = {};   // best first; empty: `reason` says what was seen
    std::string sip_server = {};            // option 120: the first name or address, or empty
    std::string from = {};                  // "the lease", or "192.0.2.1's answer to DHCPINFORM"
    std::string reason = {};                // in an administrator's words
    std::vector<std::string> remarks = {};  // an option that was there and of no use, each why
};

class Dhcp : public Engine<DhcpOutcome> {
  public:
    explicit Dhcp(RequestIds& ids);
    ~Dhcp() override;

    // Looks at the newest lease; asks by INFORM what it does not show. Ends what is under way.
    void start(Instant now, DhcpRequest request, Rng& rng);
    void stop(Instant now);

    // Lease events also between two runs. A lease that arrives after the outcome does not
    // change it.
    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

    // True once after a Lease event that shows other servers, or another SIP server where that is
    // wanted, than the last lease before it; a lease lost in between does not count. False for a
    // lease that a run under way has used, and for one that came before the last start(),
    // because that has looked at it.
    bool take_lease_changed();
    // True once after a Lease event with news `renewed` since the last start().
    bool take_lease_renewed();
    // The options that may name an ACS: those of the newest lease, or, where it has none, of the
    // first answer to a question that had some. What a lease that was lost has said still counts.
    const VendorOptions& vendor_options() const;

  private:
    class Inside;
    std::unique_ptr<Inside> inside_;
};

}  // namespace dialtone
