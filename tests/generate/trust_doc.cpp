// SPDX-License-Identifier: Apache-2.0
//
// Prints docs/trust.md: the table of agent/trust, the test of each of its cells, and what an
// attacker on the network can still do. A test compares the two, and looks for the tests.
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <string>
#include <string_view>

#include "agent/limits.h"
#include "agent/trust/table.h"

using namespace dialtone;

namespace {

using P = Party;
using R = Right;

struct CellTest {
    P party;
    R right;
    std::string_view file;
    std::string_view name;
};

constexpr std::string_view trust_test = "tests/agent/agent_trust_test.cpp";
constexpr std::string_view credentials_test = "tests/agent/agent_credentials_test.cpp";
constexpr std::string_view clock_test = "tests/agent/agent_clock_test.cpp";
constexpr std::string_view pin_test = "tests/agent/trust/pin_test.cpp";
constexpr std::string_view pnp_test = "tests/agent/discovery/pnp_test.cpp";
constexpr std::string_view inbox_test = "tests/agent/agent_inbox_test.cpp";
constexpr std::string_view agent_test = "tests/agent/agent_test.cpp";
constexpr std::string_view acs_test = "tests/agent/agent_acs_trust_test.cpp";
constexpr std::string_view acs_write_test = "tests/agent/agent_acs_write_test.cpp";
constexpr std::string_view transfer_test = "tests/agent/cwmp/transfer_run_test.cpp";
constexpr std::string_view acs_transfer_test = "tests/agent/cwmp/rpc_transfer_test.cpp";
constexpr std::string_view acs_dhcp_test = "tests/agent/agent_acs_dhcp_test.cpp";

constexpr std::string_view files_change =
    "a file changes values with no weaker proof than what is installed";
constexpr std::string_view files_cannot =
    "no file resets the phone, installs firmware or reads a value";
constexpr std::string_view of_dhcp =
    "user and password that a file set go to its server and no other that DHCP names";
constexpr std::string_view of_pnp =
    "what a NOTIFY names gets no more of user and password than what DHCP names";
constexpr std::string_view not_foreign =
    "verified TLS proves a file, but of a pinned phone not from a foreign host that PnP or DHCP "
    "named";
constexpr std::string_view late_notify =
    "a later NOTIFY counts within the phone's dialog, and while the phone is new from a server "
    "that answered";
constexpr std::string_view six_reboots =
    "bad input: a server gets six reboots from a power-on on, and one more for four hours";
constexpr std::string_view lifts =
    "an operator lifts the pin: by a static server, by trust.pin=0, by a factory reset";
constexpr std::string_view dated_named =
    "the date of a server that DHCP named counts only once it is the pinned one";
constexpr std::string_view year_2090 =
    "a hardware clock or a time server of 2090 is not believed, and moves no floor";

constexpr std::string_view acs_changes =
    "an ACS changes, resets and restarts a pinned phone by verified TLS, and not without";
constexpr std::string_view acs_moves_no_pin = "what an ACS sets lifts no proof and moves no pin";
constexpr std::string_view acs_transfers =
    "an ACS orders firmware and files with no weaker proof than what is installed";
constexpr std::string_view acs_of_dhcp =
    "on a pinned phone an ACS that DHCP names hears an Inform and has no say";

constexpr CellTest cell_tests[] = {
    {P::dhcp, R::names_server, "tests/agent/agent_chain_test.cpp",
     "a phone that knows nothing takes its server from DHCP option 66"},
    {P::dhcp, R::gets_credentials, credentials_test, of_dhcp},
    {P::dhcp, R::lifts_proof, pin_test, not_foreign},
    {P::dhcp, R::changes_values, "tests/agent/agent_chain_test.cpp",
     "a forged option 120 does not change the SIP server of a verified configuration"},
    {P::pnp_answer, R::names_server, pnp_test,
     "a NOTIFY before the 200 counts, and the 200 afterwards makes its sender known"},
    {P::pnp_answer, R::gets_credentials, credentials_test, of_pnp},
    {P::pnp_answer, R::lifts_proof, pin_test, not_foreign},
    {P::pnp_answer, R::reboots, pnp_test,
     "in the window a check-sync of an unknown host is turned away, and of a server ignored"},
    {P::notify_stranger, R::names_server, pnp_test, late_notify},
    {P::notify_stranger, R::gets_credentials, pnp_test, late_notify},
    {P::notify_stranger, R::lifts_proof, pnp_test, late_notify},
    {P::notify_stranger, R::reboots, pnp_test, late_notify},
    {P::notify_known, R::names_server, pnp_test, late_notify},
    {P::notify_known, R::gets_credentials, credentials_test, of_pnp},
    {P::notify_known, R::lifts_proof, pin_test, not_foreign},
    {P::notify_known, R::reboots, inbox_test, six_reboots},
    {P::sip_stack, R::names_server, inbox_test,
     "a NOTIFY with a URL makes the phone take its configuration from there"},
    {P::sip_stack, R::gets_credentials, credentials_test, of_pnp},
    {P::sip_stack, R::lifts_proof, pin_test, not_foreign},
    {P::sip_stack, R::reboots, inbox_test, six_reboots},
    {P::file_tls, R::sets_clock, clock_test,
     "the date of a static or pinned server counts within its certificate's time"},
    {P::file_tls, R::raises_floor, clock_test,
     "a phone without a clock takes a certificate of its future, and learns the time by it"},
    {P::file_tls_named, R::sets_clock, clock_test, dated_named},
    {P::file_tls_named, R::raises_floor, clock_test, dated_named},
    {P::operator_, R::names_server, trust_test, lifts},
    {P::operator_, R::gets_credentials, credentials_test,
     "what an operator sets at a prompt is meant for the server that asked"},
    {P::operator_, R::lifts_proof, trust_test, lifts},
    {P::operator_, R::confirms, agent_test, "confirm ends a trial"},
    {P::operator_, R::changes_values, "tests/agent/agent_set_test.cpp",
     "a value that no pass uses is set at once and asks nobody"},
    {P::operator_, R::resets, trust_test, lifts},
    {P::operator_, R::reboots, trust_test, lifts},
    {P::operator_, R::reads_secrets, "tests/platform/tool/config_listing_test.cpp",
     "a configuration is listed one line a key, and nothing in it controls the terminal"},
    {P::hardware_clock, R::sets_clock, clock_test, year_2090},
    {P::hardware_clock, R::raises_floor, clock_test, year_2090},
    {P::sntp, R::sets_clock, clock_test, year_2090},
    {P::sntp, R::raises_floor, clock_test, year_2090},
};

// What is tested of files of all proofs by one test; the party is not read.
constexpr CellTest file_tests[] = {
    {P::count_, R::names_server, trust_test,
     "the pin moves with a warning to the server that the pinned one names"},
    {P::count_, R::gets_credentials, credentials_test,
     "a site that changes its name takes the user and password along that it has set"},
    {P::count_, R::lifts_proof, trust_test, files_change},
    {P::count_, R::confirms, agent_test, "any answer of its server confirms a trial, a 404 too"},
    {P::count_, R::changes_values, trust_test, files_change},
    {P::count_, R::resets, trust_test, files_cannot},
    {P::count_, R::reboots, agent_test,
     "a server that offers something else each time costs two reboots and no more"},
    {P::count_, R::installs_firmware, trust_test, files_cannot},
    {P::count_, R::reads_secrets, trust_test, files_cannot},
};

// The same of an ACS, whoever named it.
constexpr CellTest acs_tests[] = {
    {P::acs_named, R::names_server, acs_dhcp_test, acs_of_dhcp},
    {P::acs_named, R::gets_credentials, acs_dhcp_test, acs_of_dhcp},
    {P::acs_named, R::confirms, acs_dhcp_test, acs_of_dhcp},
    {P::acs_named, R::changes_values, acs_dhcp_test, acs_of_dhcp},
    {P::acs_named, R::resets, acs_dhcp_test, acs_of_dhcp},
    {P::acs_named, R::reboots, acs_dhcp_test, acs_of_dhcp},
    {P::acs_named, R::installs_firmware, acs_dhcp_test, acs_of_dhcp},
    {P::acs_named, R::reads_secrets, acs_dhcp_test, acs_of_dhcp},
    {P::count_, R::names_server, acs_test, acs_changes},
    {P::count_, R::gets_credentials, acs_test, acs_changes},
    {P::count_, R::lifts_proof, acs_test, acs_moves_no_pin},
    {P::count_, R::confirms, acs_write_test,
     "after a session that failed the ACS is asked anew, and confirms what it had changed"},
    {P::count_, R::changes_values, acs_test, acs_changes},
    {P::count_, R::resets, acs_test, acs_changes},
    {P::count_, R::reboots, acs_test, acs_changes},
    {P::count_, R::reads_secrets, transfer_test,
     "secrets go up where verified TLS leads to the ACS and to the server, and nowhere else"},
    {P::count_, R::installs_firmware, acs_transfer_test, acs_transfers},
};

bool is_acs(Party party) {
    return party == P::acs || party == P::acs_tls || party == P::acs_named;
}

bool is_file(Party party) {
    return party == P::file_none || party == P::file_key || party == P::file_tls ||
           party == P::file_tls_named || party == P::file_signed;
}

const CellTest* test_of(Party party, Right right) {
    for (const CellTest& test : cell_tests) {
        if (test.party == party && test.right == right) return &test;
    }
    if (is_acs(party)) {
        const auto* const test = std::ranges::find_if(acs_tests, [&](const CellTest& one) {
            return one.right == right && (one.party == party || one.party == P::count_);
        });
        return test == std::end(acs_tests) ? nullptr : test;
    }
    if (!is_file(party)) return nullptr;
    const auto* const test = std::ranges::find(file_tests, right, &CellTest::right);
    return test == std::end(file_tests) ? nullptr : test;
}

constexpr std::string_view head =
    "# Trust on a hostile network\n"
    "\n"
    "Generated from `agent/trust/table.cpp` by `tests/generate/trust_doc.cpp`; do not edit.\n"
    "\n"
    "Anyone on the LAN answers SUBSCRIBEs, DHCPINFORMs, SNTP and DNS, sits behind any address, "
    "and\n"
    "owns a valid certificate for a name of his own. The table says who may what then. A file "
    "counts\n"
    "by what vouches for it, weakest first: none, a key, verified TLS, a signature.\n"
    "\n";

constexpr std::string_view meanings[] = {
    "",
    "it may ask, and does not get it",
    "",
    "only while the phone has no configuration, from a server that has accepted its request",
    ("only user and password that stand in the very URL; beside them a digest answer at most. More "
     "go to the server that delivered the file which set them, to servers that it names, to a "
     "static server of the same hand, and to those of `provision.servers`"),
    "only with at least the proof of what is installed (`trust.pin`)",
    "only from the host that what is installed came from, or the first that a new phone meets",
    "a few times from a power-on on; those by NOTIFY are recorded before they happen",
    "only as the server whom the trial asks",
    ("only until evidence says otherwise, not before the floor, and not later than 20 years after "
     "the build"),
    ("only in a configuration that it has the phone upload, by verified TLS to it and to the "
     "server "
     "that it names, and if a person named the ACS or what is installed came by TLS or signed; "
     "else "
     "they are left out"),
    "a verified certificate's beginning, or the date of a server within its certificates' time",
};
static_assert(std::size(meanings) == static_cast<uint32_t>(Grant::count_));

constexpr std::string_view attacks_before =
    "\n"
    "## What an attacker on the network can still do\n"
    "\n"
    "* A phone without a configuration belongs to whoever answers first, until a person resets "
    "it.\n"
    "  `dialtone status` says that it answered first.\n"
    "* A phone that was installed without proof may be changed by whoever is on the path, or "
    "answers\n"
    "  a SUBSCRIBE or DHCP. When he is gone the phone takes its own server's files again; what he\n"
    "  has set and they do not name stays until a person resets it.\n"
    "* Who is named by PnP or DHCP chooses the path on the pinned host: an old copy that lies\n"
    "  there counts as the host's word. A file that is called after another phone does not.\n"
    "* Who is on the path to an ACS without TLS reads what it asks for, secrets excepted, and may\n"
    "  order reports; on a phone that nothing vouches for he changes, restarts and resets it. An "
    "ACS\n"
    "  that DHCP names hears who the phone is.\n"
    "* Who reaches the port of connection requests may try passwords, 10 a second with all "
    "others,\n"
    "  and has the phone report when he knows one, 5 times a minute.\n"
    "* A phone that only a key vouches for: an old file that the key opens can be played back, by\n"
    "  anybody; he becomes nobody by it, and does not get the password in it. Blocks\n"
    "  of an AES-CBC file can be altered, as long as what comes out is UTF-8 without control\n"
    "  characters; each failure is told, and the next try waits longer.\n"
    "* A pinned phone can be delayed: its server kept away, its names and clock withheld or "
    "forged,\n"
    "  its answers broken. It keeps its configuration and asks again.\n"
    "* Whoever names a server gets a digest answer to a question of his choice, and may guess\n"
    "  passwords by it as fast as he can hash. A long random password is out of reach.\n";

std::string number(uint64_t value) {
    return std::to_string(value);
}

// With the figures of agent/limits.h.
std::string attacks_in_figures() {
    constexpr uint64_t file_s = limits::transfer_total_ms / 1000;
    return "* The phone's SUBSCRIBE goes to a group, so everybody on the network knows the dialog, "
           "and may have\n"
           "  the phone ask its sources " +
           number(limits::notify_checks) + " times from a start on and once more each " +
           number(limits::notify_check_back_s / 60) +
           " minutes, and reboot it\n"
           "  " +
           number(limits::notify_reboots) + " times from a power-on on and once more each " +
           number(limits::notify_reboot_back_s / 3600) +
           " hours. What the phone's own SIP stack hands\n"
           "  in is counted with these.\n"
           "* A server that names itself may hold the phone for the time of its transfers: " +
           number(file_s) + " s a file, which are\n  " + number(file_s * limits::pnp_urls) +
           " s with the " + number(limits::pnp_urls) + " URLs of a NOTIFY and " +
           number(file_s * limits::dhcp_urls) + " s with the " + number(limits::dhcp_urls) +
           " of DHCP. Where these are folders, each has\n"
           "  up to " +
           number(limits::plan_files) +
           " files and is asked for as a file after them; with `config.public_key` each file may "
           "be\n"
           "  followed by a signature that takes as long. Then the phone goes on to its other "
           "servers.\n";
}

constexpr std::string_view attacks_after =
    "* Whoever owns the certificate of the pinned host, or of an authority that the phone trusts, "
    "is\n"
    "  the pinned host. A redirect of his leads the phone where he says.\n"
    "* A file by plain http or ftp can be read on its way, and so can the password of Basic and "
    "FTP\n"
    "  that the phone's own server asks for there.\n"
    "\n"
    "## What this asks of a site\n"
    "\n"
    "* A phone that PnP or DHCP leads to a cluster is pinned to the host that delivered. Where a\n"
    "  balancer sends the phone on to a node at one time and answers itself at another, the "
    "second\n"
    "  answer is refused: the cluster has to deliver under one name.\n";

std::string cell_of(Party party, Right right) {
    return std::string(grant_words(grant_of(party, right)));
}

std::string table() {
    std::string out = "| |";
    std::string rule = "|---|";
    for (uint32_t right = 0; right < static_cast<uint32_t>(R::count_); ++right) {
        (out += ' ') += right_words(static_cast<Right>(right));
        out += " |";
        rule += "---|";
    }
    (out += '\n') += rule + '\n';
    for (uint32_t row = 0; row < static_cast<uint32_t>(P::count_); ++row) {
        const auto party = static_cast<Party>(row);
        (out += "| ") += party_words(party);
        for (uint32_t right = 0; right < static_cast<uint32_t>(R::count_); ++right)
            (out += " | ") += cell_of(party, static_cast<Right>(right));
        out += " |\n";
    }
    return out;
}

std::string words_of_the_table() {
    std::string out = "\nAn empty cell: it has no words for that.\n\n";
    for (uint32_t grant = 0; grant < static_cast<uint32_t>(Grant::count_); ++grant) {
        if (meanings[grant].empty()) continue;
        out += "* " + std::string(grant_words(static_cast<Grant>(grant))) + ": " +
               std::string(meanings[grant]) + ".\n";
    }
    return out;
}

std::string tests() {
    std::string out = "\n## The test of each cell\n\n| who | what | test |\n|---|---|---|\n";
    for (uint32_t row = 0; row < static_cast<uint32_t>(P::count_); ++row) {
        for (uint32_t column = 0; column < static_cast<uint32_t>(R::count_); ++column) {
            const auto party = static_cast<Party>(row);
            const auto right = static_cast<Right>(column);
            if (grant_of(party, right) == Grant::unspoken) continue;
            const CellTest* const test = test_of(party, right);
            out += "| " + std::string(party_words(party)) + " | " +
                   std::string(right_words(right)) + ": " + cell_of(party, right) + " | ";
            out += test == nullptr
                       ? std::string("none")
                       : std::string(test->name) + " (`" + std::string(test->file) + "`)";
            out += " |\n";
        }
    }
    return out;
}

}  // namespace

int main() {
    const std::string page = std::string(head) + table() + words_of_the_table() +
                             std::string(attacks_before) + attacks_in_figures() +
                             std::string(attacks_after) + tests();
    std::fwrite(page.data(), 1, page.size(), stdout);
    return 0;
}
