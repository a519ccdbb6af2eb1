// SPDX-License-Identifier: Apache-2.0
//
// The ways to learn a URL behind one interface: SIP plug and play, DHCP and the static server; and
// the ACS, which names no URL but manages the phone. A pass asks one after the other; between two
// passes a server may still send a NOTIFY, and a lease may change. Who asks for what setting is
// decided here, how a question goes by the engines below.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/acs_standing.h"
#include "agent/discovery/dhcp.h"
#include "agent/discovery/pnp.h"
#include "agent/engine.h"
#include "agent/phone.h"
#include "agent/provenance.h"

namespace dialtone {

// What a source that was asked has to say.
struct SourceAnswer {
    std::vector<Source> urls = {};  // best first; empty: none, `reason` says why
    std::string named_by = {};      // who gave them
    std::string reason = {};
    bool is_managed = false;  // by an ACS: nobody else has to be asked
};

// The SIP server of DHCP option 120, where dhcp.sip_server wants it.
struct SipServer {
    bool known = false;  // DHCP was asked in this life
    std::string name = {};
};

class Sources : public EngineBase {
  public:
    Sources(RequestIds& ids, PhoneFacts& phone);

    // The sources that the setting `order` names and this build has; `only` that one, unless none.
    std::vector<SourceKind> chain(SourceKind only) const;
    // Why a source has nothing to say; empty when it can be asked.
    std::string_view why_not_asked(SourceKind kind) const;
    // A chain begins. DHCP is asked now, wherever it stands, so that its answer comes while others
    // are waited for.
    void begin(Instant now, std::span<const SourceKind> chain);
    // The next one is asked. A phone that `is_new` holds the SIP port and listens for late answers;
    // afterwards the port belongs to the phone's SIP stack, and the question goes out from another.
    void ask(Instant now, SourceKind kind, bool is_new);
    bool ready(SourceKind kind) const;
    SourceAnswer take_answer(SourceKind kind);
    // The source that is asked is asked no more; a port that listens for late answers stays open,
    // and DHCP may still name an ACS where none is known.
    void end_question(Instant now, SourceKind asked);
    // Nobody is asked or listened to any more.
    void stop(Instant now);
    void release_sip_port(Instant now) { pnp_.stop(now); }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

    const SipServer& sip_server() const { return sip_server_; }
    // A NOTIFY that came outside of a window; a lease that is other, or renewed.
    std::optional<Notice> take_notice() { return pnp_.take_notice(); }
    bool take_lease_changed() { return dhcp_.take_lease_changed(); }
    bool take_lease_renewed() { return dhcp_.take_lease_renewed(); }
    // What DHCP has said so far that may name an ACS.
    const VendorOptions& vendor_options() const { return dhcp_.vendor_options(); }
    void take_acs(const AcsStanding& standing) { acs_ = standing; }
    // Whether the ACS is waited for.
    bool asks_acs() const { return acs_asked_; }
    // Only while no source is asked: DHCP is, and what it names for files is left alone.
    void look_for_acs(Instant now);

  private:
    void ask_pnp(Instant now, bool is_new);
    void ask_dhcp(Instant now);
    bool speaks_cwmp() const;
    bool wants_acs() const;
    SourceAnswer answer_of_pnp();
    SourceAnswer answer_of_dhcp();
    SourceAnswer answer_of_static_server() const;
    SourceAnswer answer_of_acs() const;

    PhoneFacts& phone_;
    Pnp pnp_;
    Dhcp dhcp_;
    bool static_asked_ = false;
    bool acs_asked_ = false;
    bool acs_is_slow_ = false;  // its session lasts longer than anybody waits for it
    Instant acs_due_ = {};
    AcsStanding acs_ = {};
    SipServer sip_server_ = {};
};

}  // namespace dialtone
