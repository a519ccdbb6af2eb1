// SPDX-License-Identifier: Apache-2.0
//
// The pin: from where, and by what proof, the installed configuration came, and what that asks of
// whoever would change it. The rules are pure. The record keeps the pin, so that it outlives the
// generation that raised it: a trial that fails does not lower it, nor does a clock or a redirect.
//
// Called by the plan run, which judges files by it and works out what it becomes, by the store,
// which makes that durable together with the generation, and by the agent for operators.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/provenance.h"
#include "agent/trust/server_name.h"
#include "agent/trust/table.h"

namespace dialtone {

struct Pin {
    Proof proof = Proof::none;
    std::string host = {};    // that delivered it, or that it names; empty: nobody
    bool keys_proven = true;  // what files have set as keys to open files came with a proof, too
    // No server has delivered anything yet.
    bool is_new() const { return proof == Proof::none && host.empty(); }
    bool operator==(const Pin&) const = default;
};

// How a file came.
struct Delivery {
    SourceKind named_by = SourceKind::none;  // who named the URL
    ServerName server = {};                  // that delivered it: the last hop of all redirects
    bool by_verified_tls = false;            // on each hop
    Proof content = Proof::none;             // what it proves by itself: key, signed
};

// Whether anybody on the network may have named it: by PnP or DHCP.
bool is_named_by_anyone(SourceKind named_by);

// As which party a file by TLS counts that came from a server which was named in this way.
Party tls_file_of(SourceKind named_by);

// What vouches for a file. Whoever forges a NOTIFY or a DHCP answer may well have a certificate for
// a server of his own, or find a redirect on the right one: once a server has delivered anything,
// TLS counts for one that PnP or DHCP named only if that is the pinned host.
Proof proof_of(const Delivery& delivery, const Pin& pin);

// Whether anybody may have handed the file on: what counts is its key or its signature, and who
// delivered it was named by PnP or DHCP. He may have recorded it, and know nothing of what is in
// it.
bool is_relayed(const Delivery& delivery, const Pin& pin);

// Whether the phone's own server has the say about what it offers: on a phone that something was
// proven to, not one that PnP or DHCP named, unless it is the pinned host.
bool is_of_own_server(const Delivery& delivery, const Pin& pin);

// What the pin becomes when a plan is installed whose best proven file was `delivered` like this.
Pin pin_after(const Pin& pin, const Delivery& delivered);

// What it becomes then when such a file names `server` as the phone's static server. It follows to
// one without TLS, too, unless it is `strict`.
Pin pin_moved(const Pin& pin, const ServerName& server, bool strict);

// What the pin becomes when an operator names this static server, or none.
Pin pin_named_by_operator(const Pin& pin, const std::optional<ServerName>& server);

// "the pin moves from pbx.example (tls) to 192.0.2.1 (none)", empty when it asks for no less than
// before, and of the same host.
std::string pin_change_words(const Pin& before, const Pin& after);

}  // namespace dialtone
