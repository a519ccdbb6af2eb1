// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/scenario.h"

#include <algorithm>
#include <iterator>

namespace dialtone::sim {
namespace {

using M = Mishap;

constexpr uint32_t minute_ms = 60'000;

constexpr std::string_view orders[] = {
    "static",
    "pnp,dhcp,static",
    "dhcp,pnp,static",
    "static,dhcp,pnp",
    "pnp,static",
    "dhcp,static",
    "dhcp",
    "pnp",
    "static,pnp,dhcp",
    "pnp,dhcp",
    "dhcp,pnp",
    "pnp,dhcp,static,tr069",
};
constexpr std::string_view schemes[] = {"http", "http", "https", "tftp", "ftp", "http", "ftps"};
constexpr Challenge challenges[] = {Challenge::basic, Challenge::digest, Challenge::digest_stale,
                                    Challenge::digest_stale_unmarked};
constexpr uint32_t rarities[] = {3, 6, 12, 25, 60};
constexpr std::string_view splays[] = {"0", "0", "20", "300", "900"};
constexpr std::string_view trials[] = {"600", "60", "400", "3"};
constexpr Mishap nudges[] = {M::resync,        M::power_cut,  M::notify_check, M::resync,
                             M::lease_renewed, M::link_flaps, M::power_cut,    M::notify_reboot};

constexpr FileKind final_kinds[] = {FileKind::good, FileKind::good,      FileKind::good,
                                    FileKind::good, FileKind::html_page, FileKind::absent,
                                    FileKind::good, FileKind::broken};

LabServer draw_server(Choice& choice, bool encrypts, uint32_t number) {
    LabServer server;
    server.scheme = choice.of(std::span<const std::string_view>(schemes));
    server.by_name = server.scheme == "tftp" && choice.flip(2);
    server.names_file = choice.flip(3);
    const bool web = server.scheme != "tftp";
    server.token = server.scheme.starts_with("http") && server.names_file && choice.flip(3);
    server.userinfo = web && choice.flip(4);
    server.wants_user = web && choice.flip(4);
    if (server.wants_user) server.challenge = choice.of(std::span<const Challenge>(challenges));
    server.file.mark = "s" + std::to_string(number) + "v0";
    server.file.name = choice.pick(device_names);
    server.file.encrypted = encrypts && !choice.flip(4);
    server.file.filler_bytes = choice.flip(6) ? 6'000 : 0;
    server.finally = choice.of(std::span<const FileKind>(final_kinds));
    if (server.finally != FileKind::good && choice.flip(2)) server.file.kind = server.finally;
    return server;
}

void draw_settings(Choice& choice, Scenario& scenario) {
    auto& settings = scenario.settings;
    settings.emplace_back(Setting::splay, choice.of(std::span<const std::string_view>(splays)));
    settings.emplace_back(Setting::trial_timeout,
                          choice.of(std::span<const std::string_view>(trials)));
    settings.emplace_back(Setting::provision_user, lab_user);
    settings.emplace_back(Setting::provision_password, lab_password);
    if (scenario.profile == "grandstream" &&
        std::any_of(std::begin(scenario.servers), std::end(scenario.servers),
                    [](const LabServer& server) { return server.file.encrypted; }))
        settings.emplace_back(Setting::config_password, file_password);
    if (choice.flip(4)) settings.emplace_back(Setting::trust_pin, "0");
    if (choice.flip(8)) settings.emplace_back(Setting::static_mode, "interval");
    if (choice.flip(8)) settings.emplace_back(Setting::static_interval, "60");
    if (choice.flip(8)) settings.emplace_back(Setting::pnp_interval, "1");
    const bool tcp = choice.flip(5);
    if (tcp) settings.emplace_back(Setting::pnp_transport, "tcp");
    // Over TCP nobody is asked by multicast.
    if (choice.flip(tcp ? 1 : 6)) settings.emplace_back(Setting::pnp_server, "pnp.example");
    if (choice.flip(5)) settings.emplace_back(Setting::pnp_listen, "30");
    if (choice.flip(6)) settings.emplace_back(Setting::dhcp_inform, "0");
    if (choice.flip(8)) settings.emplace_back(Setting::dhcp_sip_server, "1");
    if (choice.flip(8)) settings.emplace_back(Setting::dhcp_renew_check, "0");
    if (choice.flip(12)) settings.emplace_back(Setting::network_mode, "static");
    if (choice.flip(12)) settings.emplace_back(Setting::pnp_enabled, "0");
    if (choice.flip(12)) settings.emplace_back(Setting::dhcp_enabled, "0");
    if (choice.flip(8)) {
        settings.emplace_back(Setting::http_basic_always, "1");
        // What asks for Digest is not served by it.
        for (LabServer& server : scenario.servers)
            server.challenge = Challenge::basic;
    }
    scenario.time_server = choice.flip(3);
    if (!scenario.time_server) return;
    settings.emplace_back(Setting::clock_sntp,
                          choice.flip(2) ? "time.example,10.0.0.3" : "10.0.0.3");
    if (!choice.flip(4)) scenario.wall_s = 86'400;  // no battery
}

void draw_dangers(Choice& choice, Scenario& scenario) {
    for (uint32_t i = 0; i < point_count; ++i) {
        if (!choice.flip(2)) continue;
        Mishaps::Danger& danger = scenario.dangers[i];
        for (const Mishap mishap : mishaps_at(static_cast<Point>(i))) {
            // A power cut is no fault of the disk; it is left out more often.
            if (choice.flip(mishap == M::cut_at_step ? 3 : 2)) danger.kinds.push_back(mishap);
        }
        danger.rarity = choice.of(std::span<const uint32_t>(rarities));
    }
}

// The scheme that a kind of fault has to do with; empty: any.
std::string_view scheme_for(Mishap mishap) {
    const auto of_tftp = mishaps_at(Point::tftp);
    const auto of_transfer = mishaps_at(Point::transfer);
    if (std::ranges::find(of_tftp, mishap) != of_tftp.end()) return "tftp";
    if (mishap == M::tftp_misbehaves) return "tftp";
    if (mishap == M::ftp_odd) return "ftp";
    if (mishap == M::bad_certificate) return "https";
    return std::ranges::find(of_transfer, mishap) != of_transfer.end() ? "http" : "";
}

void put_scheme(std::string_view scheme, LabServer& server) {
    server.scheme = scheme;
    const bool web = scheme != "tftp";
    server.by_name = server.by_name && !web;
    server.token = server.token && scheme.starts_with("http");
    server.userinfo = server.userinfo && web;
    server.wants_user = server.wants_user && web;
}

// One kind of fault strikes often, alone at its point, and where it can: so few runs meet all.
void favour(Choice& choice, Mishap favourite, Scenario& scenario) {
    if (favourite == M::count_) return;
    for (uint32_t i = 0; i < point_count; ++i) {
        const auto kinds = mishaps_at(static_cast<Point>(i));
        if (std::ranges::find(kinds, favourite) != kinds.end())
            scenario.dangers[i] = {{favourite}, 3};
    }
    const std::string_view scheme = scheme_for(favourite);
    for (LabServer& server : scenario.servers) {
        if (!scheme.empty()) put_scheme(scheme, server);
    }
    const bool of_time = favourite == M::ntp_lost || favourite == M::ntp_lies;
    if (of_time && !scenario.time_server) {
        scenario.time_server = true;
        scenario.settings.emplace_back(Setting::clock_sntp, "10.0.0.3");
    }
    if (favourite >= M::disk_full)
        scenario.appointments.push_back(
            {choice.pick(2 * minute_ms), favourite, choice.pick(1U << 16)});
}

void draw_appointments(Choice& choice, Scenario& scenario) {
    scenario.calm_ms = uint64_t{choice.between(2, 20)} * minute_ms;
    if (choice.flip(6)) scenario.calm_ms *= 6;
    const uint32_t count = choice.pick(9);
    constexpr auto first = static_cast<uint32_t>(M::disk_full);
    for (uint32_t i = 0; i < count; ++i) {
        Appointment one;
        // Half of them in the first two minutes, where most happens.
        const uint64_t until_ms = choice.flip(2) ? 2 * minute_ms : scenario.calm_ms;
        one.at_ms = choice.pick(static_cast<uint32_t>(until_ms));
        one.what = static_cast<Mishap>(first + choice.pick(mishap_count - first));
        one.detail = choice.pick(1U << 16);
        scenario.appointments.push_back(one);
    }
}

// A new phone gets its first values from an operator, so that there is a predecessor without a
// server of its own, and then a file that breaks its network.
void draw_operator_first(Choice& choice, Scenario& scenario) {
    if (!choice.flip(20)) return;
    scenario.appointments.push_back({choice.pick(2'000), M::set_value, 1});
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.appointments.push_back({choice.pick(minute_ms), M::breaks_network, i});
    scenario.ambush_rarity = 20;
}

}  // namespace

const Profile& Scenario::profile_data() const {
    return *find_profile(profile);
}

bool Scenario::pnp_over_tcp() const {
    return std::find(settings.begin(), settings.end(),
                     std::pair(Setting::pnp_transport, std::string("tcp"))) != settings.end();
}

Address address_of_server(uint32_t server) {
    return {{10, 0, 0, static_cast<uint8_t>(10 + server)}, 4};
}

std::string Scenario::folder(uint32_t server) const {
    const LabServer& one = servers[server];
    const std::string number = std::to_string(server);
    std::string out(one.scheme);
    out += "://";
    out += one.by_name ? "pbx" + number + ".example" : address_text(address_of_server(server));
    return out + "/s" + number + "/";
}

std::string Scenario::url(uint32_t server) const {
    const LabServer& one = servers[server];
    std::string out = folder(server);
    if (one.userinfo)
        out.insert(out.find("://") + 3,
                   std::string(lab_user) + ":" + std::string(lab_password) + "@");
    if (one.names_file)
        out += make_files(profile_data(), {.mark = "m", .name = one.file.name}).device_name;
    if (one.token) out += "?token=hush-token";
    return out;
}

Scenario draw_scenario(Choice& choice, Mishap favourite) {
    Scenario scenario;
    scenario.profile = choice.flip(3) ? "fanvil" : "grandstream";
    scenario.order = choice.of(std::span<const std::string_view>(orders));
    const bool encrypts = scenario.profile == "grandstream" && choice.flip(4);
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.servers[i] = draw_server(choice, encrypts, i);
    scenario.named_by_pnp = choice.pick(lab_servers);
    scenario.named_by_dhcp = choice.pick(lab_servers);
    scenario.named_by_settings = choice.pick(lab_servers);
    scenario.settings_name_one = !choice.flip(8);
    draw_settings(choice, scenario);
    const uint32_t pbx_count = choice.pick(4);
    for (uint32_t i = 0; i < pbx_count; ++i)
        scenario.pbxs.push_back(&choice.of(pbx_kinds()));
    scenario.inform_server = choice.flip(2);
    scenario.second_inform_server = choice.flip(3);
    scenario.lease_shown = choice.flip(2);
    scenario.lease_names = !choice.flip(4);
    scenario.dhcp_option = choice.flip(5) ? 43 : 66;
    scenario.entropy = choice.pick(UINT32_MAX);
    scenario.once_at_first = choice.flip(8);
    draw_dangers(choice, scenario);
    if (scenario.once_at_first) {
        auto& step = scenario.dangers[static_cast<uint32_t>(Point::step)];
        step.kinds.push_back(M::disk_slow);
        step.rarity = 5;
    }
    if (scenario.pnp_over_tcp())
        scenario.dangers[static_cast<uint32_t>(Point::connection)] = {mishaps_at(Point::connection),
                                                                      3};
    constexpr uint32_t ambushes[] = {0, 0, 20, 60, 200};
    scenario.ambush_rarity = choice.of(std::span<const uint32_t>(ambushes));
    draw_appointments(choice, scenario);
    draw_operator_first(choice, scenario);
    favour(choice, favourite, scenario);
    scenario.nudge = choice.of(std::span<const Mishap>(nudges));
    scenario.nudge_after_ms = 1'000 + choice.pick(30'000);
    return scenario;
}

Scenario small_scenario(Choice& choice) {
    Scenario scenario;
    scenario.settings = {{Setting::splay, "0"}, {Setting::trial_timeout, "60"}};
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.servers[i].file.mark = "s" + std::to_string(i) + "v0";
    scenario.dangers[static_cast<uint32_t>(Point::transfer)] = {
        {M::refused, M::status_404, M::status_500, M::truncated}, 1};
    scenario.dangers[static_cast<uint32_t>(Point::step)] = {
        {M::write_fails, M::sync_fails, M::cut_at_step}, 1};
    constexpr Mishap first[] = {M::file_changes, M::breaks_network, M::names_lost_server};
    constexpr Mishap second[] = {M::resync, M::power_cut, M::factory_reset, M::killed};
    scenario.appointments = {{30'000, choice.of(std::span<const Mishap>(first)), 0},
                             {31'000, choice.of(std::span<const Mishap>(second)), 0}};
    scenario.calm_ms = 5 * minute_ms;
    return scenario;
}

std::string describe(const Scenario& scenario) {
    std::string out =
        "profile " + std::string(scenario.profile) + ", order " + scenario.order + "\n";
    for (uint32_t i = 0; i < lab_servers; ++i) {
        const LabServer& server = scenario.servers[i];
        out += "server " + std::to_string(i) + ": " + scenario.folder(i) +
               (server.names_file ? ", named by its file" : "") +
               (server.file.encrypted ? ", encrypted" : "") +
               (server.wants_user ? ", wants a user" : "") + ", at first " +
               std::to_string(static_cast<uint32_t>(server.file.kind)) + ", finally " +
               std::to_string(static_cast<uint32_t>(server.finally)) + "\n";
    }
    out += "named by pnp " + std::to_string(scenario.named_by_pnp) + ", by dhcp " +
           std::to_string(scenario.named_by_dhcp) + ", by settings " +
           (scenario.settings_name_one ? std::to_string(scenario.named_by_settings) : "none") +
           "\n";
    for (const PbxKind* pbx : scenario.pbxs)
        out += "PBX " + std::string(pbx->name) + "\n";
    if (scenario.inform_server) out += "a DHCP server answers\n";
    if (scenario.lease_shown)
        out +=
            scenario.lease_names ? "the lease is shown\n" : "a lease without a server is shown\n";
    for (const auto& [setting, value] : scenario.settings) {
        const bool secret = setting_form(setting).type == SettingType::secret;
        out += "setting " + std::string(setting_form(setting).name) + "=" +
               (secret ? "***" : value) + "\n";
    }
    for (uint32_t i = 0; i < point_count; ++i) {
        const Mishaps::Danger& danger = scenario.dangers[i];
        if (danger.kinds.empty()) continue;
        out += "one in " + std::to_string(danger.rarity) + ":";
        for (const Mishap mishap : danger.kinds)
            (out += " ") += std::string(name_of(mishap)) + ",";
        out.back() = '\n';
    }
    for (const Appointment& one : scenario.appointments)
        out += "at " + std::to_string(one.at_ms) + " ms: " + std::string(name_of(one.what)) + "\n";
    out += "at " + std::to_string(scenario.calm_ms) + " ms the faults stop; then " +
           std::string(name_of(scenario.nudge)) + "\n";
    if (scenario.ambush_rarity != 0)
        out +=
            "an ambush after one journal line in " + std::to_string(scenario.ambush_rarity) + "\n";
    if (scenario.once_at_first) out += "lives of --once until then\n";
    return out;
}

PbxHelp help_of(const PbxKind& kind, std::string_view profile) {
    using Knows = PbxKind::Knows;
    if (kind.notify.empty() || kind.knows == Knows::nothing || kind.name == "other content")
        return PbxHelp::never;
    // What a provisioned phone asks from a port of its own is answered to 5060.
    if (kind.notifies_5060 || kind.notify_after_ms > 4'000) return PbxHelp::sometimes;
    const bool upper = kind.knows == Knows::upper_escaped_colon;
    if (upper && profile == "fanvil") return PbxHelp::sometimes;
    if (kind.knows != Knows::any && kind.knows != Knows::twelve_digits) return PbxHelp::sometimes;
    return PbxHelp::always;
}

}  // namespace dialtone::sim
