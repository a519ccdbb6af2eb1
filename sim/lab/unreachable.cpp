// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/unreachable.h"

namespace dialtone::sim {
namespace {

constexpr UnreachableCells all[] = {
    {"life", "off|", "stop|", "nothing is handed to an agent before its Boot event"},
    {"life", "splay|", "trial over|confirm|", "a phone on trial does not wait its turn"},
    {"pass", "asking|judging|", "begin|", "whoever wants a pass waits for the plan under way"},
    {"pnp", "resolving|opening|asking|waiting|listening|", "start|", "start() stops it first"},
    {"dhcp", "awaiting lease|asking|collecting|",
     "start with server|start with inform|start waiting|start in vain|", "start() stops it first"},
    {"tftp", "resolving|asking|receiving|holding|", "start|", "start() stops it first"},
    {"pnp", "opening|", "URLs|", "the laboratory's servers connect to no phone by themselves"},
    {"tftp", "holding|", "error|", "the laboratory's server sends no word while it waits"},
    {"tftp", "holding|", "socket failed|", "the laboratory breaks a socket with a datagram only"},
    {"fetch", "head|body|discard|", "start|", "the agent begins no download during another"},
    {"fetch", "head|", "end|", "a world tells a head before the end, or a failure"},
    {"acs session", "turn|", "ask|", "the phone has nothing to ask an ACS yet"},
    {"acs session", "requesting|",
     "response|request|empty|fault|fault: retry|unusable|lost|time up|",
     "the phone has nothing to ask an ACS yet"},
    {"stun", "idle|resolving|asking|bound|silent|",
     "start|stop|resolved|unresolved|mapped|challenged|refused|unanswered|time up|lost|",
     "no phone of the laboratory is told to use STUN yet"},
    {"stun lifetime", "idle|opening|waiting|probing|",
     "start|stop|mapped|arrived|unsupported|time up|unanswered|",
     "no phone of the laboratory is told to use STUN yet"},
    {"acs session", "storing|", "time up|",
     "a call waits for the disk for 20 s, and a session that lasts is no such one"},
    {"acs transfer", "idle|fetching|proving|reading|waiting|applying|handing over|sending|",
     "download|upload|wants proof|wants words|wants hand|read|taken|over|cancel|reset|",
     "no ACS of the laboratory orders a file yet"},
    {"acs exchange", "asking|", "end|", "a world tells a head before the end, or a failure"},
};

}  // namespace

std::span<const UnreachableCells> unreachable_cells() {
    return all;
}

}  // namespace dialtone::sim
