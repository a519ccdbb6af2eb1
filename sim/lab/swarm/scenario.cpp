// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/scenario.h"

#include <algorithm>
#include <iterator>

namespace dialtone::sim {
namespace {

using F = FaultKind;

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
constexpr uint32_t rates_one_in[] = {3, 6, 12, 25, 60};
constexpr std::string_view splays[] = {"0", "0", "20", "300", "900"};
constexpr std::string_view trials[] = {"600", "60", "400", "3"};
constexpr FaultKind final_requests[] = {F::resync,    F::power_cut,     F::notify_check,
                                        F::resync,    F::lease_renewed, F::link_flaps,
                                        F::power_cut, F::notify_reboot};

constexpr FileKind final_kinds[] = {FileKind::good, FileKind::good,      FileKind::good,
                                    FileKind::good, FileKind::html_page, FileKind::absent,
                                    FileKind::good, FileKind::broken};

const LabVendor& draw_vendor(Choice& choice) {
    const auto vendors = lab_vendors();
    for (const LabVendor* vendor : vendors.subspan(1)) {
        if (choice.flip(vendor->one_in)) return *vendor;
    }
    return *vendors.front();
}

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
    server.file.name = choice.pick(name_choices);
    server.file.encrypted = encrypts && !choice.flip(4);
    if (server.wants_user && choice.flip(2)) server.sets_user = true;
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
    settings.emplace_back(Setting::provision_servers, lab_hosts);
    if (std::any_of(std::begin(scenario.servers), std::end(scenario.servers),
                    [](const LabServer& server) { return server.file.encrypted; }))
        settings.emplace_back(Setting::config_password, file_password);
    if (choice.flip(4)) settings.emplace_back(Setting::trust_pin, "0");
    if (choice.flip(8)) settings.emplace_back(Setting::static_mode, "interval");
    if (choice.flip(8)) settings.emplace_back(Setting::static_interval, "60");
    if (choice.flip(8)) settings.emplace_back(Setting::pnp_interval, "1");
    const bool tcp = choice.flip(5);
    if (tcp) settings.emplace_back(Setting::pnp_transport, "tcp");
    // Multicast goes over UDP only, so over TCP a server has to be set.
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
        // A phone that sends Basic unasked is not served by a server that demands Digest.
        for (LabServer& server : scenario.servers)
            server.challenge = Challenge::basic;
    }
    scenario.time_server = choice.flip(3);
    if (!scenario.time_server) return;
    settings.emplace_back(Setting::clock_sntp,
                          choice.flip(2) ? "time.example,10.0.0.3" : "10.0.0.3");
    if (!choice.flip(4)) scenario.wall_s = 86'400;  // no battery
}

void draw_fault_rates(Choice& choice, Scenario& scenario) {
    for (uint32_t i = 0; i < fault_point_count; ++i) {
        if (!choice.flip(2)) continue;
        FaultRate& rate = scenario.fault_rates[i];
        for (const FaultKind kind : fault_kinds_at(static_cast<FaultPoint>(i))) {
            // A power cut is no fault of the disk; it is left out more often.
            if (choice.flip(kind == F::cut_at_step ? 3 : 2)) rate.kinds.push_back(kind);
        }
        rate.one_in = choice.of(std::span<const uint32_t>(rates_one_in));
    }
}

// The scheme that a kind of fault has to do with; empty: any.
std::string_view scheme_for(FaultKind kind) {
    const auto of_tftp = fault_kinds_at(FaultPoint::tftp);
    const auto of_transfer = fault_kinds_at(FaultPoint::transfer);
    if (std::ranges::find(of_tftp, kind) != of_tftp.end()) return "tftp";
    if (kind == F::tftp_defective) return "tftp";
    if (kind == F::ftp_odd) return "ftp";
    if (kind == F::bad_certificate) return "https";
    return std::ranges::find(of_transfer, kind) != of_transfer.end() ? "http" : "";
}

void put_scheme(std::string_view scheme, LabServer& server) {
    server.scheme = scheme;
    const bool web = scheme != "tftp";
    server.by_name = server.by_name && !web;
    server.token = server.token && scheme.starts_with("http");
    server.userinfo = server.userinfo && web;
    server.wants_user = server.wants_user && web;
}

// Makes one kind of fault occur often: it is the only kind at its points, and the servers have what
// it needs. So a few runs are enough to meet every kind.
void focus_on(Choice& choice, FaultKind focus, Scenario& scenario) {
    if (focus == F::count_) return;
    for (uint32_t i = 0; i < fault_point_count; ++i) {
        const auto kinds = fault_kinds_at(static_cast<FaultPoint>(i));
        if (std::ranges::find(kinds, focus) != kinds.end()) scenario.fault_rates[i] = {{focus}, 3};
    }
    const std::string_view scheme = scheme_for(focus);
    for (LabServer& server : scenario.servers) {
        if (!scheme.empty()) put_scheme(scheme, server);
    }
    const bool of_time = focus == F::ntp_lost || focus == F::ntp_wrong;
    if (of_time && !scenario.time_server) {
        scenario.time_server = true;
        scenario.settings.emplace_back(Setting::clock_sntp, "10.0.0.3");
    }
    if (focus >= first_event)
        scenario.events.push_back({choice.pick(2 * minute_ms), focus, choice.pick(1U << 16)});
}

void draw_events(Choice& choice, Scenario& scenario) {
    scenario.faults_end_ms = uint64_t{choice.between(2, 20)} * minute_ms;
    if (choice.flip(6)) scenario.faults_end_ms *= 6;
    const uint32_t count = choice.pick(9);
    constexpr auto first = static_cast<uint32_t>(first_event);
    for (uint32_t i = 0; i < count; ++i) {
        ScheduledEvent one;
        // Half of the events come in the first two minutes, in which the phone does most.
        const uint64_t until_ms = choice.flip(2) ? uint64_t{2} * minute_ms : scenario.faults_end_ms;
        one.at_ms = choice.pick(static_cast<uint32_t>(until_ms));
        one.kind = static_cast<FaultKind>(first + choice.pick(fault_kind_count - first));
        one.detail = choice.pick(1U << 16);
        scenario.events.push_back(one);
    }
}

// A new phone gets its first values from an operator, so that there is a predecessor without a
// server of its own, and then a file that breaks its network.
void draw_operator_first(Choice& choice, Scenario& scenario) {
    if (!choice.flip(20)) return;
    scenario.events.push_back({choice.pick(2'000), F::set_value, 1});
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.events.push_back({choice.pick(minute_ms), F::breaks_network, i});
    scenario.triggered_one_in = 20;
}

}  // namespace

const Profile& Scenario::profile_data() const {
    return *find_profile(profile);
}

const LabVendor& Scenario::vendor() const {
    return vendor_of(profile_data());
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
        out += make_files(vendor(), {.mark = "m", .name = one.file.name}).device_name;
    if (one.token) out += "?token=hush-token";
    return out;
}

std::string Scenario::job_url(uint32_t job) const {
    return folder(jobs[job].server) + "job" + std::to_string(job) + ".bin";
}

std::string Scenario::job_body(uint32_t job) const {
    std::string body(jobs[job].bytes, 'x');
    for (uint32_t at = 0; at < body.size(); ++at)
        body[at] = static_cast<char>('A' + (at * 11 + at / 509 + job * 5) % 53);
    return body;
}

Scenario draw_scenario(Choice& choice, FaultKind focus) {
    Scenario scenario;
    const LabVendor& vendor = draw_vendor(choice);
    scenario.profile = vendor.profile;
    scenario.order = choice.of(std::span<const std::string_view>(orders));
    const bool encrypts = vendor.encrypts && choice.flip(4);
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.servers[i] = draw_server(choice, encrypts, i);
    for (LabServer& server : scenario.servers) {
        if (server.sets_user)
            server.file.sets = {{vendor.user_key, std::string(lab_user)},
                                {vendor.password_key, std::string(lab_password)}};
    }
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
    draw_fault_rates(choice, scenario);
    if (scenario.once_at_first) {
        auto& step = scenario.fault_rates[static_cast<uint32_t>(FaultPoint::step)];
        step.kinds.push_back(F::disk_slow);
        step.one_in = 5;
    }
    if (scenario.pnp_over_tcp())
        scenario.fault_rates[static_cast<uint32_t>(FaultPoint::connection)] = {
            fault_kinds_at(FaultPoint::connection), 3};
    constexpr uint32_t trigger_rates[] = {0, 0, 20, 60, 200};
    scenario.triggered_one_in = choice.of(std::span<const uint32_t>(trigger_rates));
    draw_events(choice, scenario);
    draw_operator_first(choice, scenario);
    focus_on(choice, focus, scenario);
    scenario.final_request = choice.of(std::span<const FaultKind>(final_requests));
    scenario.request_after_ms = 1'000 + choice.pick(30'000);
    return scenario;
}

void draw_jobs(Choice& choice, Scenario& scenario) {
    constexpr uint32_t sizes[] = {0, 1, 700, 20'000, 70'000, 120'000};
    constexpr uint64_t waits_ms[] = {1, 2, 3, 5, 8, 20, 80, 900, 3'000, 20'000, 90'000};
    if (!choice.flip(3)) return;
    const uint32_t count = choice.flip(12) ? 14 : choice.between(1, 4);
    for (uint32_t i = 0; i < count; ++i) {
        LabJob job;
        const uint64_t until_ms = choice.flip(2) ? uint64_t{2} * minute_ms : scenario.faults_end_ms;
        job.at_ms = count > 4 ? minute_ms : choice.pick(static_cast<uint32_t>(until_ms));
        job.server = choice.pick(lab_servers);
        job.bytes = choice.of(std::span<const uint32_t>(sizes));
        job.absent = choice.flip(10);
        if (choice.flip(6)) job.most_bytes = job.bytes / 2 + 1;
        if (choice.flip(4)) job.spread_ms = minute_ms;
        job.tries = choice.between(1, 4);
        if (choice.flip(3)) job.cancel_after_ms = choice.of(std::span<const uint64_t>(waits_ms));
        job.release_after_ms = choice.of(std::span<const uint64_t>(waits_ms));
        scenario.jobs.push_back(job);
    }
    // A body that comes faster than the disk keeps it makes its server wait.
    if (choice.flip(2)) {
        auto& step = scenario.fault_rates[static_cast<uint32_t>(FaultPoint::step)];
        step.kinds.push_back(F::disk_slow);
        step.one_in = choice.between(3, 8);
    }
    if (choice.flip(4)) scenario.disk_bytes = limits::disk_reserve_bytes + choice.pick(200'000);
}

void draw_signatures(Choice& choice, Scenario& scenario) {
    if (!choice.flip(3)) return;
    scenario.serials = !choice.flip(3);
    for (LabServer& server : scenario.servers) {
        if (!choice.flip(4)) server.file.key = &lab_key;
    }
    // The other key is the attacker's, or the one that the site has used before.
    const bool two = scenario.attack.forgery != Forgery::signed_by_himself && choice.flip(3);
    const LabKey& first = two ? other_lab_key : lab_key;
    scenario.settings.emplace_back(Setting::config_public_key, first.public_key);
    if (two) scenario.settings.emplace_back(Setting::config_public_key_2, lab_key.public_key);
    if (choice.flip(3)) scenario.settings.emplace_back(Setting::config_require_signature, "1");
}

void draw_state_and_pin(Choice& choice, Scenario& scenario) {
    scenario.forgets = choice.flip(12);
    const auto is_pin = [](const auto& one) { return one.first == Setting::trust_pin; };
    if (choice.flip(4) && std::ranges::none_of(scenario.settings, is_pin))
        scenario.settings.emplace_back(Setting::trust_pin, "strict");
}

// A third of those who ask the phone for a session have what it takes. Some phones have no password
// for it, so that nobody has.
void draw_connection_requests(Choice& choice, Scenario& scenario) {
    const uint32_t count = choice.pick(7);
    for (uint32_t i = 0; i < count; ++i) {
        LabConnectionRequest one;
        one.at_ms = choice.pick(static_cast<uint32_t>(scenario.faults_end_ms));
        const auto drawn =
            static_cast<RequestWord>(choice.pick(static_cast<uint32_t>(RequestWord::count_)));
        one.word = choice.flip(3) ? RequestWord::right : drawn;
        one.over_one = choice.flip(2);
        scenario.acs.requests.push_back(one);
    }
    if (count == 0 || choice.flip(6)) return;
    scenario.settings.emplace_back(Setting::tr069_connection_request_user, lab_request_user);
    scenario.settings.emplace_back(Setting::tr069_connection_request_password,
                                   lab_request_password);
}

// Where DHCP names it the lease has to be shown; option 43 may have the other server's URL already.
void draw_acs_naming(Choice& choice, Scenario& scenario) {
    if (!choice.flip(3)) return;
    constexpr auto count = static_cast<uint32_t>(AcsNaming::count_);
    AcsNaming& naming = scenario.acs.naming;
    naming = static_cast<AcsNaming>(choice.between(1, count - 1));
    if (naming == AcsNaming::option_43 && scenario.dhcp_option == 43)
        naming = AcsNaming::option_125;
    scenario.lease_shown = true;
}

// Half of what it says is right: what is wrong mostly ends a session.
void draw_acs(Choice& choice, Scenario& scenario) {
    scenario.acs.is_there = choice.flip(3);
    if (!scenario.acs.is_there) return;
    const uint32_t count = choice.pick(8);
    for (uint32_t i = 0; i < count; ++i) {
        const auto drawn =
            static_cast<AcsWord>(choice.pick(static_cast<uint32_t>(AcsWord::count_)));
        scenario.acs.words.push_back(choice.flip(2) ? AcsWord::right : drawn);
    }
    draw_acs_naming(choice, scenario);
    auto& settings = scenario.settings;
    if (scenario.acs.naming == AcsNaming::setting)
        settings.emplace_back(Setting::tr069_acs_url, lab_acs_url);
    settings.emplace_back(Setting::tr069_user, lab_acs_user);
    settings.emplace_back(Setting::tr069_password, lab_acs_password);
    settings.emplace_back(Setting::tr069_periodic_interval, choice.flip(2) ? "300" : "3600");
    draw_connection_requests(choice, scenario);
}

Scenario small_scenario(Choice& choice) {
    Scenario scenario;
    scenario.settings = {{Setting::splay, "0"}, {Setting::trial_timeout, "60"}};
    for (uint32_t i = 0; i < lab_servers; ++i)
        scenario.servers[i].file.mark = "s" + std::to_string(i) + "v0";
    scenario.fault_rates[static_cast<uint32_t>(FaultPoint::transfer)] = {
        {F::refused, F::status_404, F::status_500, F::truncated}, 1};
    scenario.fault_rates[static_cast<uint32_t>(FaultPoint::step)] = {
        {F::write_fails, F::sync_fails, F::cut_at_step}, 1};
    constexpr FaultKind first[] = {F::file_changes, F::breaks_network, F::names_lost_server};
    constexpr FaultKind second[] = {F::resync, F::power_cut, F::factory_reset, F::agent_killed};
    scenario.events = {{30'000, choice.of(std::span<const FaultKind>(first)), 0},
                       {31'000, choice.of(std::span<const FaultKind>(second)), 0}};
    scenario.faults_end_ms = uint64_t{5} * minute_ms;
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
               (server.file.key != nullptr ? ", signed" : "") +
               (server.wants_user ? ", wants a user" : "") + ", at first " +
               std::to_string(static_cast<uint32_t>(server.file.kind)) + ", finally " +
               std::to_string(static_cast<uint32_t>(server.finally)) + "\n";
    }
    out += "named by pnp " + std::to_string(scenario.named_by_pnp) + ", by dhcp " +
           std::to_string(scenario.named_by_dhcp) + ", by settings " +
           (scenario.settings_name_one ? std::to_string(scenario.named_by_settings) : "none") +
           "\n";
    out += describe(scenario.attack);
    for (const PbxKind* pbx : scenario.pbxs)
        out += "PBX " + std::string(pbx->name) + "\n";
    if (scenario.acs.is_there) {
        out += scenario.acs.naming == AcsNaming::setting
                   ? "an ACS says"
                   : "an ACS that option " + std::to_string(acs_option(scenario.acs.naming).first) +
                         " names says";
        for (const AcsWord word : scenario.acs.words)
            (out += ' ') += std::to_string(static_cast<uint32_t>(word));
        out += '\n';
        for (const LabConnectionRequest& one : scenario.acs.requests)
            out += "at " + std::to_string(one.at_ms) + " ms somebody asks for a session: " +
                   std::to_string(static_cast<uint32_t>(one.word)) + '\n';
    }
    if (scenario.inform_server) out += "a DHCP server answers\n";
    if (scenario.lease_shown)
        out +=
            scenario.lease_names ? "the lease is shown\n" : "a lease without a server is shown\n";
    for (const auto& [setting, value] : scenario.settings) {
        const bool secret = setting_form(setting).type == SettingType::secret;
        out += "setting " + std::string(setting_form(setting).name) + "=" +
               (secret ? "***" : value) + "\n";
    }
    for (uint32_t i = 0; i < fault_point_count; ++i) {
        const FaultRate& rate = scenario.fault_rates[i];
        if (rate.kinds.empty()) continue;
        out += "one in " + std::to_string(rate.one_in) + ":";
        for (const FaultKind kind : rate.kinds)
            (out += " ") += std::string(name_of(kind)) + ",";
        out.back() = '\n';
    }
    for (const ScheduledEvent& one : scenario.events)
        out += "at " + std::to_string(one.at_ms) + " ms: " + std::string(name_of(one.kind)) + "\n";
    for (uint32_t i = 0; i < scenario.jobs.size(); ++i) {
        const LabJob& job = scenario.jobs[i];
        out += "at " + std::to_string(job.at_ms) + " ms: a job for " + scenario.job_url(i) + ", " +
               (job.absent ? "absent" : std::to_string(job.bytes) + " bytes") + ", at most " +
               std::to_string(job.most_bytes) + ", tries " + std::to_string(job.tries) + "\n";
    }
    out += "at " + std::to_string(scenario.faults_end_ms) + " ms the faults stop; then " +
           std::string(name_of(scenario.final_request)) + "\n";
    if (scenario.triggered_one_in != 0)
        out += "an ambush after one journal line in " + std::to_string(scenario.triggered_one_in) +
               "\n";
    if (scenario.once_at_first) out += "lives of --once until then\n";
    if (scenario.forgets) out += "the disk forgets everything with each restart\n";
    return out;
}

UrlChance url_chance(const PbxKind& kind, const LabVendor& vendor) {
    using Accepts = PbxKind::Accepts;
    if (kind.notify.empty() || kind.accepts == Accepts::nothing || kind.name == "other content")
        return UrlChance::never;
    // A provisioned phone asks from another port, and such a server answers to 5060 all the same.
    if (kind.notifies_5060 || kind.notify_after_ms > 4'000) return UrlChance::sometimes;
    const bool upper = kind.accepts == Accepts::upper_escaped_colon;
    if (upper && !vendor.escapes_colon_in_upper_case) return UrlChance::sometimes;
    if (kind.accepts != Accepts::any && kind.accepts != Accepts::twelve_digits)
        return UrlChance::sometimes;
    return UrlChance::always;
}

}  // namespace dialtone::sim
