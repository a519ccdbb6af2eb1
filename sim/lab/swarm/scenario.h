// SPDX-License-Identifier: Apache-2.0
//
// What one run of the swarm is about: a phone, the servers of its site and what they offer, who
// names which of them to the phone, which faults may occur and which events are scheduled. Drawn by
// a Choice, or written by hand for a test; carried out by PhoneRun (phone_run.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/limits.h"
#include "agent/profile.h"
#include "sim/lab/swarm/attacker.h"
#include "sim/lab/swarm/choice.h"
#include "sim/lab/swarm/fault_kinds.h"
#include "sim/lab/swarm/lab_acs.h"
#include "sim/lab/swarm/offered_files.h"
#include "sim/servers/pbx.h"
#include "sim/servers/web.h"

namespace dialtone::sim {

inline constexpr uint32_t lab_servers = 3;

// A file server of the site. Number i is at 10.0.0.(10+i), or called pbx<i>.example.
struct LabServer {
    std::string_view scheme = "http";
    bool by_name = false;     // its URL has the name, not the address
    bool names_file = false;  // the URL that names it is a file's
    bool token = false;       // with a secret in its query
    bool userinfo = false;    // with a secret before its host
    bool wants_user = false;  // answers 401, or 530, without user and password
    Challenge challenge = Challenge::basic;
    bool sets_user = false;  // its file sets the user and password that it wants
    FileSpec file = {};      // what it offers at first
    FileKind finally = FileKind::good;

    bool is_tls() const { return scheme == "https" || scheme == "ftps"; }
};

// Something that happens to the phone or its site at a time that was set before.
struct ScheduledEvent {
    uint64_t at_ms = 0;  // of the site's clock
    FaultKind kind = FaultKind::count_;
    uint32_t detail = 0;  // which server, for how long and so on, by its kind
};

// A download beside the pass, which somebody submits and somebody may cancel.
struct LabJob {
    uint64_t at_ms = 0;  // of the site's clock
    uint32_t server = 0;
    uint32_t bytes = 0;  // of its file
    bool absent = false;
    uint32_t most_bytes = 200'000;
    uint32_t spread_ms = 0;
    uint32_t tries = limits::job_tries;
    uint64_t cancel_after_ms = 0;   // 0: nobody does
    uint64_t release_after_ms = 0;  // from when its file is kept
};

struct Scenario {
    std::string_view profile = lab_vendors().front()->profile;
    std::string order = "static";
    std::vector<std::pair<Setting, std::string>> settings = {};  // of the settings file
    LabServer servers[lab_servers] = {};
    uint32_t named_by_pnp = 0;  // which server
    uint32_t named_by_dhcp = 0;
    uint32_t named_by_settings = 0;
    bool settings_name_one = true;
    std::vector<const PbxKind*> pbxs = {};
    bool inform_server = false;  // a DHCP server that answers the agent's own question
    bool second_inform_server = false;
    bool lease_shown = false;  // the phone's DHCP client hands the lease over
    bool lease_names = true;   // with the option in it
    uint8_t dhcp_option = 66;
    uint64_t entropy = 1;  // of the first life; each has the next number
    bool time_server = false;
    WallSeconds wall_s = 1'800'000'000;  // of the hardware clock, at power-on
    bool once_at_first = false;          // lives of --once until the faults stop
    bool serials = false;                // the files that are signed have one, which rises
    Attack attack = {};                  // of whom the site does not know
    FaultRate fault_rates[fault_point_count] = {};
    std::vector<ScheduledEvent> events = {};
    std::vector<LabJob> jobs = {};
    LabAcs acs = {};
    uint64_t disk_bytes = uint64_t{1} << 30;
    bool forgets = false;              // what is stored is lost with each restart of the machine
    uint32_t triggered_one_in = 0;     // one journal line in so many triggers an event; 0: none
    uint64_t faults_end_ms = 600'000;  // then the faults stop
    FaultKind final_request = FaultKind::resync;  // what makes the phone ask again then
    uint32_t request_after_ms = 1'000;

    const Profile& profile_data() const;
    const LabVendor& vendor() const;
    bool pnp_over_tcp() const;
    // The URL as the sources of the scenario name it.
    std::string url(uint32_t server) const;
    // The folder of url(), without user, password and query: where the server has the files.
    std::string folder(uint32_t server) const;
    std::string job_url(uint32_t job) const;
    // What the file of the job holds.
    std::string job_body(uint32_t job) const;
};

inline constexpr std::string_view lab_user = "phone";
inline constexpr std::string_view lab_password = "hush-user";
// The hosts of all servers, by address and by name.
inline constexpr std::string_view lab_hosts =
    "10.0.0.10,10.0.0.11,10.0.0.12,pbx0.example,pbx1.example,pbx2.example";
// What the site's TLS servers say in their Date header.
inline constexpr WallSeconds lab_date_s = 1'800'000'000;
Address address_of_server(uint32_t server);

// Draws among everything that may happen to a phone, and `focus` more often than the rest;
// FaultKind::count_: no kind more often.
Scenario draw_scenario(Choice& choice, FaultKind focus);
// Puts downloads beside the pass into a scenario, or leaves it as it is.
void draw_jobs(Choice& choice, Scenario& scenario);
// Makes a site of one whose files are signed, all or most of them, or leaves it as it is.
void draw_signatures(Choice& choice, Scenario& scenario);
// Makes a phone of one whose disk forgets everything with each restart, or whose pin is strict, or
// leaves it as it is.
void draw_state_and_pin(Choice& choice, Scenario& scenario);
// Puts an ACS into a scenario, or leaves it as it is.
void draw_acs(Choice& choice, Scenario& scenario);
// A small scenario for explore, whose choices are enumerated: a phone with a configuration, one
// server with a new one, few kinds of faults.
Scenario small_scenario(Choice& choice);

// Every choice in words, one line each.
std::string describe(const Scenario& scenario);

// Whether a phone of the vendor gets a URL from this kind of PBX whenever it asks.
enum class UrlChance : uint8_t { never, sometimes, always };
UrlChance url_chance(const PbxKind& kind, const LabVendor& vendor);

}  // namespace dialtone::sim
