// SPDX-License-Identifier: Apache-2.0
//
// What one run of the swarm is about: a phone, the servers of its site, what they name one another,
// what may go wrong and when. Drawn by a Choice, or written by hand for a test; played by PhoneRun
// (phone_run.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/profile.h"
#include "sim/lab/swarm/files.h"
#include "sim/lab/swarm/mishaps.h"
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
    FileWish file = {};  // what it offers at first
    FileKind finally = FileKind::good;

    bool is_tls() const { return scheme == "https" || scheme == "ftps"; }
};

struct Appointment {
    uint64_t at_ms = 0;  // of the site's clock
    Mishap what = Mishap::count_;
    uint32_t detail = 0;  // which server, for how long and so on
};

struct Scenario {
    std::string_view profile = "grandstream";
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
    Mishaps::Danger dangers[point_count] = {};
    std::vector<Appointment> appointments = {};
    uint32_t ambush_rarity = 0;     // one journal line in so many is followed by something at once
    uint64_t calm_ms = 600'000;     // then the faults stop
    Mishap nudge = Mishap::resync;  // who makes the phone ask again then
    uint32_t nudge_after_ms = 1'000;

    const Profile& profile_data() const;
    bool pnp_over_tcp() const;
    // As whoever names the server spells it.
    std::string url(uint32_t server) const;
    // The folder that url() lies in, without anything secret, for what serves the files.
    std::string folder(uint32_t server) const;
};

inline constexpr std::string_view lab_user = "phone";
inline constexpr std::string_view lab_password = "hush-user";
Address address_of_server(uint32_t server);

// Anything that may happen to a phone, and `favourite` more than the rest; Mishap::count_: nothing
// more than the rest.
Scenario draw_scenario(Choice& choice, Mishap favourite);
// A small one, for going through all that may happen: a phone with a configuration, one server
// with a new one, few kinds of faults.
Scenario small_scenario(Choice& choice);

// Every choice in words, one line each.
std::string describe(const Scenario& scenario);

// Whether a phone of the profile gets a URL out of this kind of PBX, whenever it asks.
enum class PbxHelp : uint8_t { never, sometimes, always };
PbxHelp help_of(const PbxKind& kind, std::string_view profile);

}  // namespace dialtone::sim
