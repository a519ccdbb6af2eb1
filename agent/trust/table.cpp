// SPDX-License-Identifier: Apache-2.0
#include "agent/trust/table.h"

#include <iterator>

namespace dialtone {
namespace {

using G = Grant;

constexpr uint32_t party_count = static_cast<uint32_t>(Party::count_);
constexpr uint32_t right_count = static_cast<uint32_t>(Right::count_);

// Short names, so that the table below can be read as one.
constexpr G mute = G::unspoken, no = G::no, yes = G::yes, young = G::while_new, own = G::own;
constexpr G proof = G::no_weaker, pin = G::pinned, count = G::counted, asked = G::asked;
constexpr G offer = G::proposes, tls = G::by_tls, shown = G::evidence;

// clang-format off
constexpr G grants[party_count][right_count] = {
    //                names  creds. proof  conf.  change reset reboot firmw. secret clock  floor
    /*dhcp           */{yes,   own,   no,    mute,  no,    mute, mute,  mute,  mute,  mute,  mute},
    /*pnp answer     */{yes,   own,   no,    mute,  mute,  mute, no,    mute,  mute,  mute,  mute},
    /*notify stranger*/{young, no,    no,    mute,  mute,  mute, no,    mute,  mute,  mute,  mute},
    /*notify known   */{yes,   own,   no,    mute,  mute,  mute, count, mute,  mute,  mute,  mute},
    /*sip stack      */{yes,   own,   no,    mute,  mute,  mute, count, mute,  mute,  mute,  mute},
    /*file none      */{proof, proof, no,    asked, proof, no,   count, no,    no,    mute,  mute},
    /*file key       */{proof, proof, yes,   asked, proof, no,   count, no,    no,    mute,  mute},
    /*file tls       */{proof, proof, yes,   asked, proof, no,   count, no,    no,    shown, shown},
    /*file tls named */{pin,   pin,   pin,   asked, pin,   no,   count, no,    no,    pin,   shown},
    /*file signed    */{proof, proof, yes,   asked, proof, no,   count, no,    no,    mute,  mute},
    /*acs            */{proof, proof, no,    asked, proof, proof, proof, proof, no,   mute,  mute},
    /*acs tls        */{proof, proof, no,    asked, proof, proof, proof, proof, tls,  mute,  mute},
    /*acs named      */{pin,   pin,   no,    asked, pin,   pin,   pin,   pin,   no,   mute,  mute},
    /*operator       */{yes,   yes,   yes,   yes,   yes,   yes,  yes,   mute,  yes,   mute,  mute},
    /*hardware clock */{mute,  mute,  mute,  mute,  mute,  mute, mute,  mute,  mute,  offer, no},
    /*sntp           */{mute,  mute,  mute,  mute,  mute,  mute, mute,  mute,  mute,  offer, no},
};
// clang-format on

consteval bool every_cell_is_set() {
    for (const auto& row : grants) {
        for (const G cell : row) {
            if (cell >= G::count_) return false;
        }
    }
    return true;
}
static_assert(every_cell_is_set());

constexpr std::string_view parties[] = {
    "a DHCP server's answer or lease",
    "a NOTIFY while the phone asks",
    "a later NOTIFY outside of the phone's dialog, without digest",
    "a later NOTIFY within its dialog, or with digest",
    "what the phone's own SIP stack hands in",
    "a file that nothing vouches for",
    "a file that a proven key opens",
    "a file by TLS, from a server that the phone's configuration or a person names",
    "a file by TLS, from a server that PnP or DHCP named",
    "a signed file",
    "an ACS that the phone's configuration or a person names, without TLS",
    "an ACS that the phone's configuration or a person names, by TLS",
    "an ACS that DHCP named",
    "an operator",
    "the hardware clock, and whoever sets it",
    "a time server",
};
static_assert(std::size(parties) == party_count);

constexpr std::string_view rights[] = {
    "names a server", "gets credentials", "lifts the proof",  "confirms a trial",
    "changes values", "resets",           "reboots",          "installs firmware",
    "reads secrets",  "sets the clock",   "raises the floor",
};
static_assert(std::size(rights) == right_count);

constexpr std::string_view grants_in_words[] = {
    "",
    "no",
    "yes",
    "while the phone is new",
    "its own only",
    "with no weaker proof",
    "from the pinned host",
    "counted",
    "as the server asked",
    "proposes",
    "by verified TLS",
    "by evidence",
};
static_assert(std::size(grants_in_words) == static_cast<uint32_t>(Grant::count_));

}  // namespace

Grant grant_of(Party party, Right right) {
    return grants[static_cast<uint32_t>(party)][static_cast<uint32_t>(right)];
}

Party party_of(SourceKind kind) {
    switch (kind) {
        case SourceKind::pnp:
            return Party::pnp_answer;
        case SourceKind::dhcp:
            return Party::dhcp;
        case SourceKind::none:
        case SourceKind::static_server:
        case SourceKind::acs:
        case SourceKind::operator_:
        case SourceKind::handset:
            return Party::operator_;
    }
    __builtin_unreachable();
}

std::string_view party_words(Party party) {
    return parties[static_cast<uint32_t>(party)];
}

std::string_view right_words(Right right) {
    return rights[static_cast<uint32_t>(right)];
}

std::string_view grant_words(Grant grant) {
    return grants_in_words[static_cast<uint32_t>(grant)];
}

}  // namespace dialtone
