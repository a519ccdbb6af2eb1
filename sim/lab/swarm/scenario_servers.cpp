// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/scenario_servers.h"

#include <algorithm>
#include <cassert>
#include <charconv>

#include "agent/digest.h"
#include "agent/transfer/plan.h"

namespace dialtone::sim {
namespace {

constexpr Address time_server = {{10, 0, 0, 3}, 4};
// What the servers' certificates say: from 2020 to 2039.
constexpr WallSeconds certified_from_s = 1'577'836'800;
constexpr WallSeconds certified_until_s = 2'177'452'800;

// The URL as a transfer asks for it.
std::string requested(std::string_view url) {
    const auto parsed = parse_url(url, Scheme::http);
    assert(parsed);
    return request_url(*parsed);
}

std::string_view host_of(std::string_view url) {
    const auto parsed = parse_url(url, Scheme::http);
    return parsed ? parsed->host : std::string_view();
}

std::string_view body_of(const std::string& text) {
    return text;
}

uint32_t serial_of(const Generation& generation, std::string_view key) {
    const Item* item = generation.find(key);
    uint32_t serial = 0;
    if (item != nullptr)
        std::from_chars(item->value.data(), item->value.data() + item->value.size(), serial);
    return serial;
}

}  // namespace

ScenarioServers::ScenarioServers(const Scenario& scenario)
    : scenario_(scenario),
      profile_(scenario.profile_data()),
      vendor_(scenario.vendor()),
      attacker_(scenario, site_),
      acs_(scenario.acs) {
    auto identity = identity_from_mac(vendor_.mac);
    assert(identity);
    identity_ = std::move(*identity);
    identity_.model = profile_.default_model;
    identity_.version = profile_.default_version;
    site_.hardware_wall_s = scenario.wall_s;
    site_.ntp_wall_s = scenario.time_server ? 1'800'000'000 : 0;
    site_.names["time.example"] = {time_server};
    for (uint32_t i = 0; i < lab_servers; ++i) {
        site_.names["pbx" + std::to_string(i) + ".example"] = {address_of_server(i)};
        publish(i, scenario.servers[i].file.kind);
    }
    for (uint32_t i = 0; i < scenario.pbxs.size(); ++i) {
        const Address address = pbx_address(i);
        site_.pbx.add(address, *scenario.pbxs[i], scenario.url(scenario.named_by_pnp));
        if (i == 0) site_.names["pnp.example"] = {address};
    }
    if (scenario.inform_server) {
        site_.dhcp.emplace_back();
        // Another one, whose option is not the one that comes first.
        if (scenario.second_inform_server) {
            site_.dhcp.emplace_back(Address{{10, 0, 0, 2}, 4});
            site_.dhcp.back().put(43, scenario.url(scenario.named_by_dhcp));
            std::swap(site_.dhcp.front(), site_.dhcp.back());
        }
        put_dhcp_option(scenario.named_by_dhcp);
    }
    put_jobs();
    if (!acs_.is_there) return;
    for (const std::string_view url : {lab_acs_url, lab_acs_moved_url})
        site_.web.serve(std::string(url),
                        [this](const StartTransfer& post) { return acs_.answer(post); });
}

// --- what is offered -----------------------------------------------------------------------------

void ScenarioServers::publish(uint32_t number, FileKind kind) {
    Offer& offer = offers_[number];
    offer.file = scenario_.servers[number].file;
    offer.file.kind = kind;
    offer.file.mark = "s" + std::to_string(number) + "v" + std::to_string(versions_[number]++);
    if (scenario_.serials && offer.file.key != nullptr) offer.file.serial = ++serial_;
    const FileSet files = make_files(vendor_, offer.file);
    take_away(number);
    put(number, files);
    note_digests(number, files);
}

void ScenarioServers::publish_finally() {
    for (uint32_t i = 0; i < lab_servers; ++i) {
        set_down(i, false);
        if (offers_[i].file.kind != scenario_.servers[i].finally)
            publish(i, scenario_.servers[i].finally);
    }
    let_attacker_leave();
    if (scenario_.inform_server) put_dhcp_option(scenario_.named_by_dhcp);
}

void ScenarioServers::put(uint32_t number, const FileSet& files) {
    const LabServer& server = scenario_.servers[number];
    const std::string folder = scenario_.folder(number);
    // The server exists, even when it has no file.
    if (server.scheme != "tftp") site_.web.put(folder, {.status = 404, .body = "no such file"});
    if (server.is_tls()) {
        const std::string url = requested(folder);
        site_.web.put_server(url.substr(0, url.find('/', url.find("://") + 3)),
                             {.certificate = Certificate{.names = {std::string(host_of(url))},
                                                         .from_s = certified_from_s,
                                                         .until_s = certified_until_s}});
    }
    const auto place = [&](const std::string& name, const std::string& body,
                           const std::string& signature) {
        if (name.empty()) return std::string();
        const std::string url =
            requested(folder + name + (server.token ? "?token=hush-token" : ""));
        put_file(server, url, body);
        if (!signature.empty()) put_file(server, signature_url(url), signature);
        return url;
    };
    Offer& offer = offers_[number];
    offer.device_url = place(files.device_name, files.device, files.device_signature);
    offer.common_url = place(files.common_name, files.common, files.common_signature);
    offer.has_common = !files.common_name.empty();
}

// What jobs download lies beside the configurations, and never changes.
void ScenarioServers::put_jobs() {
    for (uint32_t i = 0; i < scenario_.jobs.size(); ++i) {
        const LabJob& job = scenario_.jobs[i];
        if (!job.absent)
            put_file(scenario_.servers[job.server], requested(scenario_.job_url(i)),
                     scenario_.job_body(i));
    }
    site_.disk.set_capacity(scenario_.disk_bytes);
    site_.state_lasts = !scenario_.forgets;
}

void ScenarioServers::put_file(const LabServer& server, const std::string& url,
                               const std::string& body) {
    if (server.scheme == "tftp") {
        const auto path = url.find('/', url.find("://") + 3);
        return site_.tftp.put(url.substr(path + 1), body);
    }
    Answer answer;
    answer.body = body;
    if (server.is_tls()) answer.date = "Fri, 15 Jan 2027 08:00:00 GMT";
    if (server.wants_user) {
        answer.challenge = server.challenge;
        answer.user = lab_user;
        answer.password = lab_password;
    }
    site_.web.put(url, std::move(answer));
}

void ScenarioServers::take_away(uint32_t number) {
    for (std::string* url : {&offers_[number].device_url, &offers_[number].common_url}) {
        if (url->empty()) continue;
        remove_file(*url);
        if (offers_[number].file.key != nullptr) remove_file(signature_url(*url));
        url->clear();
    }
}

void ScenarioServers::remove_file(const std::string& url) {
    if (!url.starts_with("tftp:")) return site_.web.remove(url);
    const auto path = url.find('/', url.find("://") + 3);
    site_.tftp.put_error(url.substr(path + 1), 1, "File not found");
}

// As the agent would note the files of a plan with them.
void ScenarioServers::note_digests(uint32_t number, const FileSet& files) {
    Offer& offer = offers_[number];
    offer.digests.clear();
    const auto plan = make_plan(scenario_.url(number), Scheme::http, profile_, identity_, {});
    assert(plan);
    for (const PlannedFile& planned : plan->files) {
        const bool device = planned.name == files.device_name;
        if (!device && planned.name != files.common_name) continue;
        const auto digest = sha256_of(device ? body_of(files.device) : body_of(files.common));
        offer.digests.push_back({planned.role, planned.name, digest});
        known_files_[digest] = {offer.file.mark, !device};
    }
}

void ScenarioServers::set_down(uint32_t number, bool dead) {
    down_[number] = dead;
}

bool ScenarioServers::is_down(std::string_view url) const {
    const std::string_view host = host_of(url);
    for (uint32_t i = 0; i < lab_servers; ++i) {
        if (down_[i] && host == address_text(address_of_server(i))) return true;
    }
    return false;
}

void ScenarioServers::let_attacker_come() {
    attacker_.come();
    for (const Attacker::OfferedFile& file : attacker_.files())
        known_files_[sha256_of(file.body)] = {file.mark, false};
}

World::LeaseOptions ScenarioServers::lease(uint32_t named_server) const {
    if (attacker_.is_here() && scenario_.attack.has_lease) {
        const std::string all = attacker_.named();
        return {{scenario_.dhcp_option, all.substr(0, all.find('\r'))}};
    }
    World::LeaseOptions out;
    if (scenario_.acs.naming != AcsNaming::setting) out.insert(acs_option(scenario_.acs.naming));
    if (scenario_.lease_names) out[scenario_.dhcp_option] = scenario_.url(named_server);
    return out;
}

void ScenarioServers::put_dhcp_option(uint32_t named_server) {
    site_.dhcp.back().put(scenario_.dhcp_option, scenario_.url(named_server));
}

std::string ScenarioServers::offer_words() const {
    std::string out;
    for (uint32_t i = 0; i < lab_servers; ++i) {
        const Offer& offer = offers_[i];
        out += " " + offer.file.mark + (offer.file.kind == FileKind::good ? "" : "(bad)");
    }
    return out;
}

// --- the oracle ----------------------------------------------------------------------------------

std::string_view ScenarioServers::setting(Setting setting) const {
    for (const auto& [name, value] : scenario_.settings) {
        if (name == setting) return value;
    }
    return setting_form(setting).initial;
}

// Whether SIP plug and play leads to the server that it names. nullopt: no PBX is asked.
std::optional<UrlChance> ScenarioServers::pnp_chance() const {
    if (setting(Setting::pnp_enabled) == "0" || scenario_.pbxs.empty()) return std::nullopt;
    auto best = UrlChance::never;
    bool all_quiet = true;
    for (const PbxKind* kind : scenario_.pbxs) {
        best = std::max(best, url_chance(*kind, vendor_));
        // A second PBX that answers may end the phone's tries before the one that assigns is asked.
        all_quiet = all_quiet && kind->answer.empty();
    }
    const bool plain = setting(Setting::pnp_transport) == "udp" &&
                       setting(Setting::pnp_server) == setting_form(Setting::pnp_server).initial;
    if (best == UrlChance::always && !plain) return UrlChance::sometimes;
    return best;
}

void ScenarioServers::add_static(std::vector<Candidate>& out, const Generation& active) const {
    if (setting(Setting::static_mode) == "off") return;
    const auto add_url = [&](std::string_view url) {
        for (uint32_t i = 0; i < lab_servers; ++i) {
            if (url == scenario_.url(i)) out.push_back({SourceKind::static_server, i});
        }
    };
    if (const Item* item = active.find("static.url", Origin::operator_)) add_url(item->value);
    // A server that a configuration names is lost_server, which does not exist.
    if (scenario_.settings_name_one)
        out.push_back({SourceKind::static_server, scenario_.named_by_settings});
}

std::vector<ScenarioServers::Candidate> ScenarioServers::candidates(
    const Generation& active) const {
    std::vector<Candidate> out;
    std::string_view order = scenario_.order;
    while (!order.empty()) {
        const std::string_view word = order.substr(0, order.find(','));
        order.remove_prefix(std::min(word.size() + 1, order.size()));
        const auto help = pnp_chance();
        const bool dhcp_on =
            setting(Setting::dhcp_enabled) == "1" && setting(Setting::network_mode) == "dhcp";
        const bool inform = scenario_.inform_server && setting(Setting::dhcp_inform) == "1";
        if (word == "pnp" && help && *help != UrlChance::never)
            out.push_back({SourceKind::pnp, scenario_.named_by_pnp, *help == UrlChance::always});
        if (word == "dhcp" && dhcp_on &&
            ((scenario_.lease_shown && scenario_.lease_names) || inform))
            out.push_back({SourceKind::dhcp, scenario_.named_by_dhcp});
        if (word == "static") add_static(out, active);
    }
    return out;
}

// The rule of trust.pin: only a source with the same proof, or a stronger one, may change what is
// installed.
bool ScenarioServers::may_change(const Candidate& candidate, const Pin& pin) const {
    if (setting(Setting::trust_pin) == "0" || pin.proof == Proof::none) return true;
    const LabServer& server = scenario_.servers[candidate.server];
    if (server.file.key != nullptr) return true;
    const Proof by_key = server.file.encrypted ? Proof::key : Proof::none;
    const bool named_by_anyone = candidate.kind != SourceKind::static_server;
    const bool same = !pin.host.empty() && pin.host == host_of(scenario_.url(candidate.server));
    const bool tls = server.is_tls() && (!named_by_anyone || same);
    return (tls ? Proof::tls : by_key) >= pin.proof;
}

// A serial may not fall.
bool ScenarioServers::is_older(uint32_t server, const Generation& active) const {
    const Offer& offer = offers_[server];
    if (setting(Setting::trust_pin) == "0" || offer.file.key == nullptr) return false;
    return offer.file.serial < serial_of(active, "serial") ||
           (offer.has_common && offer.file.serial < serial_of(active, "serial.common"));
}

bool ScenarioServers::renewal_counts() const {
    return scenario_.order.find("dhcp") != std::string::npos &&
           setting(Setting::dhcp_enabled) == "1" && setting(Setting::network_mode) == "dhcp" &&
           setting(Setting::dhcp_renew_check) == "1";
}

bool ScenarioServers::was_refused(const Candidate& candidate, const Record& record) const {
    const Sha256 digest = plan_digest(offers_[candidate.server].digests);
    return std::any_of(record.refused.begin(), record.refused.end(),
                       [&](const RefusedPlan& plan) { return plan.digest == digest; });
}

ScenarioServers::Taking ScenarioServers::taking(const Candidate& candidate, const Record& record,
                                                const Generation& active) const {
    const FileSpec& file = offers_[candidate.server].file;
    const bool usable = file.kind == FileKind::good || file.kind == FileKind::breaks_network ||
                        file.kind == FileKind::names_server;
    // While config.password is set the phone refuses files in plain text.
    const bool plain = !setting(Setting::config_password).empty() && !file.encrypted;
    const bool unsigned_one =
        setting(Setting::config_require_signature) == "1" && file.key == nullptr;
    // A key that came with proof stands for the phone's owner, whoever that is.
    const bool has_key =
        record.trust.pin.keys_proven && active.find(vendor_.file_key, Origin::file) != nullptr;
    if (!usable || plain || unsigned_one || has_key) return Taking::may_not;
    if (sim::mark_of(vendor_, active) == file.mark) return Taking::has_it;
    if (!may_change(candidate, record.trust.pin) || was_refused(candidate, record))
        return Taking::may_not;
    if (is_older(candidate.server, active)) return Taking::may_not;
    return Taking::must;
}

bool ScenarioServers::is_installed_from(const Candidate& candidate,
                                        const Generation& active) const {
    return active.number != 0 && !active.source.url.empty() &&
           host_of(active.source.url) == host_of(scenario_.url(candidate.server));
}

Rest ScenarioServers::judge(const Record& record, const Generation& active) const {
    if (record.trial != TrialState::none) return Rest::wrong;
    bool has_it = false;
    bool unsure = false;
    bool may_end = false;  // the phone need not come to those that follow
    for (const Candidate& candidate : candidates(active)) {
        const Taking what = taking(candidate, record, active);
        has_it = what == Taking::has_it;
        if (has_it) break;
        if (what == Taking::must && candidate.sure && !may_end) return Rest::wrong;
        unsure = unsure || what == Taking::must;
        // Below a server that it was installed from, and that answers, it asks nobody.
        if (is_installed_from(candidate, active)) may_end = true;
        if (may_end && candidate.sure) break;
    }
    if (has_it) return Rest::correct;
    return unsure && active.number == 0 ? Rest::correct : Rest::nothing;
}

std::string ScenarioServers::find_violation(const Record& record, const Generation& active) const {
    if (record.active == 0 || active.number == 0) return {};
    const std::string mark = sim::mark_of(vendor_, active);
    const std::string common = common_mark_of(vendor_, active);
    if (mark == "?" || common == "?") return "the configuration is a mixture";
    for (const FileDigest& digest : active.digests) {
        const auto known = known_files_.find(digest.sha256);
        if (known == known_files_.end()) return "a file was installed that nobody offered whole";
        const std::string& there = known->second.common ? common : mark;
        if (known->second.mark != there)
            return "the digest is of " + known->second.mark + ", the values are of " + there;
    }
    return {};
}

FileSpec ScenarioServers::file_of(const Generation& active) const {
    for (uint32_t i = 0; i < lab_servers; ++i) {
        if (active.source.url == scenario_.url(i)) return scenario_.servers[i].file;
    }
    return attacker_.file();
}

std::string ScenarioServers::find_trust_violation(const Generation& before, const Generation& now,
                                                  const Pin& pin) const {
    const std::string mark = sim::mark_of(vendor_, now);
    if (mark == sim::mark_of(vendor_, before) || mark.empty()) return {};
    Candidate candidate{now.source.kind, lab_servers};
    for (uint32_t i = 0; i < lab_servers; ++i) {
        if (mark.starts_with("s" + std::to_string(i) + "v")) candidate.server = i;
    }
    const bool by_attacker = candidate.server == lab_servers;
    const bool pinned = setting(Setting::trust_pin) != "0" && pin.proof != Proof::none;
    const bool fine = by_attacker ? !pinned : may_change(candidate, pin);
    if (!fine) return mark + " came with too little proof to change what was verified";
    if (setting(Setting::config_require_signature) == "1" && now.proof != Proof::signed_)
        return mark + " is not signed, which is demanded";
    if (!pinned) return {};
    if (now.proof < pin.proof && pin.proof == Proof::signed_)
        return mark + " came with " + std::string(proof_name(now.proof)) + " after a signature";
    if (serial_of(now, "serial") < serial_of(before, "serial"))
        return mark + " has a serial that fell";
    return {};
}

}  // namespace dialtone::sim
