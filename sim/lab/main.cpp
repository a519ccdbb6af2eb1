// SPDX-License-Identifier: Apache-2.0
//
// dialtone-lab: the laboratory. Each subcommand but `sign`, `acs` and `conform` runs the real agent
// in the simulated world and asks it one kind of question, for all cases there are; docs/testing.md
// says which. `acs` and `conform` are an ACS, or a server of plug and play, on real sockets for any
// device.
//
//     dialtone-lab SUBCOMMAND [OPTION...]
//
// The last line on standard output has a fixed form, progress goes to standard error, and the exit
// status is 0 only if nothing was found.
#include <string>
#include <vector>

#include "sim/lab/command.h"
#include "sim/lab/console.h"

namespace dialtone::sim {
namespace {

struct Subcommand {
    std::string_view name;
    std::string_view words;
    int (*run)(Words words);
};

constexpr Subcommand subcommands[] = {
    {"crash", "[--path NAME] [--depth D] [--seconds S] [--planted] [--list]: every power cut",
     crash_command},
    {"fleet",
     "[--phones N] [--event power-cut|cold-site|server-outage|acs-outage] [--plot FILE.svg] "
     "[--policy P] [--splay S] [--capacity R] [--retry-after S] [--seed N] [--seconds S]: a whole "
     "site at once",
     fleet_command},
    {"swarm",
     "[--seeds N] [--first SEED] [--seconds S] [--all-cells] [--replay SEED]: phones under random "
     "faults; from 20,000 seeds on, or with --all-cells, each cell of the tables has to be visited",
     swarm_command},
    {"explore", "[--depth D] [--seconds S]: a small world, everything that may happen in it",
     explore_command},
    {"acs-cuts",
     "[--every N]: an ACS that closes, stalls or truncates at every byte of a session, or every "
     "n-th",
     acs_cuts_command},
    {"rpc",
     "[--sequences N] [--first SEED]: an ACS that calls whatever a phone can do, 50 calls in turn",
     rpc_command},
    {"sign",
     "[--any-phone] KEY FILE: writes FILE.sig, the signature that phones ask for; a file that is "
     "called after a phone has to name it",
     sign_command},
    {"acs",
     "[--port N] [--address A] --script FILE [--device COMMAND] [--sessions N] [--seconds S]: an "
     "ACS over HTTP that leads a device of TR-069 through a script (docs/acs-script.md)",
     acs_command},
    {"conform",
     "[--port N] [--address A] --script FILE [--device COMMAND] [--seconds S]: the same, a verdict "
     "for each case of the script, as a table in Markdown; --pnp --interface NAME [--file FILE] "
     "[--device COMMAND] [--start S] [--seconds S]: the cases of SIP plug and play",
     conform_command},
};

int usage() {
    console::remark("usage: dialtone-lab SUBCOMMAND [OPTION...]");
    for (const Subcommand& subcommand : subcommands)
        console::remark("    " + std::string(subcommand.name) + " " +
                        std::string(subcommand.words));
    return lab_usage;
}

int run(Words words) {
    if (words.empty()) return usage();
    for (const Subcommand& subcommand : subcommands) {
        if (subcommand.name == words.front()) return subcommand.run(words.subspan(1));
    }
    return usage();
}

}  // namespace
}  // namespace dialtone::sim

int main(int count, char** arguments) {
    const std::vector<std::string_view> words(arguments + 1, arguments + count);
    dialtone::sim::console::listen_for_interrupt();
    return dialtone::sim::run(words);
}
