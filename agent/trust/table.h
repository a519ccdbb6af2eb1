// SPDX-License-Identifier: Apache-2.0
//
// Who may what: one pure table of parties and rights, for a phone on a network where anyone answers
// SUBSCRIBEs, DHCP, SNTP and DNS, sits behind any address and owns a certificate for a name of his
// own. The pass, the credentials, the pin, SIP plug and play, the agent and its clock ask it by
// grant_of(); docs/trust.md is printed from it, each cell with the test that holds it.
//
// A new party or right is a new row or column here, and does not compile without all its cells.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/provenance.h"

namespace dialtone {

// Whoever says something to the phone, by the way he says it.
enum class Party : uint8_t {
    dhcp,             // a DHCP server's answer or lease
    pnp_answer,       // a NOTIFY while the phone asks
    notify_stranger,  // a later one outside of the phone's own dialog and without digest
    notify_known,     // a later one within its dialog, or with digest
    sip_stack,        // what the phone's own SIP stack has accepted and handed in
    file_none,        // a file that nothing vouches for
    file_key,         // one that a key opened which was learnt with proof, or given by a person
    file_tls,         // one by TLS, from a server that the phone's own configuration names
    file_tls_named,   // one by TLS, from a server that PnP or DHCP named
    file_signed,      // one with a signature by the operator's key
    acs,              // an ACS that the configuration names, spoken to without verified TLS
    acs_tls,          // one that it names, by verified TLS
    acs_named,        // one that DHCP named
    operator_,        // who may speak to the control socket, or gave the settings file
    hardware_clock,   // and whoever sets the machine's clock
    sntp,             // a time server's answer
    count_
};

enum class Right : uint8_t {
    names_server,       // the phone asks the server for its files
    gets_credentials,   // the server it names is given the phone's user and password
    lifts_proof,        // weaker documents change nothing afterwards
    confirms,           // ends a trial well
    changes_values,     // of the configuration
    resets,             // to the profile
    reboots,            // makes the phone start again
    installs_firmware,  // where the phone takes any
    reads_secrets,      // gets to see the configuration with all its values
    sets_clock,         // the time by which certificates are judged
    raises_floor,       // no time before it is believed ever after
    count_
};

enum class Grant : uint8_t {
    unspoken,   // it has no words for that
    no,         // it may ask, and does not get it
    yes,        //
    while_new,  // only while the phone has no configuration
    own,        // only what stands in the very URL it gave, and a digest answer
    no_weaker,  // only with at least the proof of what is installed
    pinned,     // only from the host that what is installed came from, or the first of a new phone
    counted,    // a few times from a power-on on, each recorded before it happens
    asked,      // only as the server whom the trial asks
    proposes,   // until evidence says otherwise
    by_tls,     // where whoever sees them is known by verified TLS
    evidence,   // a verified certificate's beginning, or the date of a server it stands for
    count_
};

Grant grant_of(Party party, Right right);

// Who named a server that was learnt in this way: its rights are the source's.
Party party_of(SourceKind kind);

std::string_view party_words(Party party);
std::string_view right_words(Right right);
std::string_view grant_words(Grant grant);

}  // namespace dialtone
