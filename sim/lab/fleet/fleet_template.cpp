// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/fleet/fleet_template.h"

#include <cassert>

#include "agent/store/codec.h"
#include "agent/store/durable_files.h"
#include "sim/lab/swarm/lab_acs.h"
#include "sim/world/phone.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view folder = "http://pbx.example/prov/";
constexpr WallSeconds floor_s = 1'700'000'000;
constexpr uint32_t keys = 60;

// Never a MAC inside: the same bytes serve every phone.
std::string configuration() {
    std::string text = "<?xml version=\"1.0\"?>\n<gs_provision version=\"1\">\n<config>\n";
    for (uint32_t i = 0; i < keys; ++i) {
        const std::string key = "P" + std::to_string(20'000 + i);
        text += "<" + key + ">value " + std::to_string(i * 7'919) + "</" + key + ">\n";
    }
    return text + "</config>\n</gs_provision>\n";
}

Identity identity_of(const Profile& profile, uint32_t phone) {
    Identity identity;
    const uint8_t mac[] = {0x00,
                           0x0b,
                           0x82,
                           static_cast<uint8_t>(phone >> 16),
                           static_cast<uint8_t>(phone >> 8),
                           static_cast<uint8_t>(phone)};
    for (uint32_t i = 0; i < 6; ++i)
        identity.mac[i] = mac[i];
    identity.model = profile.default_model;
    identity.version = profile.default_version;
    return identity;
}

void replace_all(std::string& text, std::string_view old, std::string_view now) {
    for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at + now.size()))
        text.replace(at, old.size(), now);
}

}  // namespace

std::optional<uint32_t> fleet_file_index(std::string_view name) {
    const DurableFile* file = find_durable_file(name);
    if (file == nullptr || file->kind == DurableKind::journal) return std::nullopt;
    return file->kind == DurableKind::record ? file->index : limits::record_copies + file->index;
}

FleetTemplate::FleetTemplate(const RetryRule& rule, const FleetSettings& wanted)
    : profile_(*find_profile("grandstream")), has_acs_(wanted.has_acs), body_(configuration()) {
    profile_.retry = rule;
    const auto set = [this](Setting setting, std::string_view value) {
        const auto fine = settings_.set(Layer::file, setting, value);
        assert(fine);
    };
    set(Setting::order, "static");
    set(Setting::static_url, folder);
    set(Setting::splay, std::to_string(wanted.splay_s));
    if (wanted.interval_min != 0) {
        set(Setting::static_mode, "interval");
        set(Setting::static_interval, std::to_string(wanted.interval_min));
    }
    if (wanted.has_acs) {
        set(Setting::tr069_acs_url, lab_acs_url);
        set(Setting::tr069_connection_request_port, "0");
        set(Setting::tr069_periodic_time, wanted.periodic_time);
    }
    provision();
}

AgentOptions FleetTemplate::options(uint32_t phone) const {
    AgentOptions options;
    options.profile = &profile_;
    options.identity = identity_of(profile_, phone);
    options.interface = "eth0";
    if (has_acs_) options.make_acs_client = &make_acs_client;
    options.settings = settings_;
    options.floor_s = floor_s;
    return options;
}

const std::string* FleetTemplate::body(std::string_view url) const {
    return url.ends_with(".xml") ? &body_ : nullptr;
}

// Phone 0 goes the whole way once, with an unhurried server.
void FleetTemplate::provision() {
    const std::string mac = mac_text(identity_of(profile_, 0));
    Site site;
    site.web.put_body(std::string(folder) + "cfg" + mac + ".xml", body_);
    PhoneOptions options;
    options.mac = mac;
    options.floor_s = floor_s;
    options.settings = {{Setting::order, "static"}, {Setting::static_url, std::string(folder)}};
    Phone phone(site, std::move(options));
    const Departure departure = phone.power_on();
    assert(departure.status == static_cast<uint8_t>(Verdict::provisioned));
    for (const std::string& name : site.disk.names()) {
        if (const auto index = fleet_file_index(name)) files_[*index] = *site.disk.find(name);
    }
    generation_ = phone.active();
    generation_index_ = *fleet_file_index(generation_name(generation_.number));
}

std::vector<uint8_t> FleetTemplate::provisioned_file(uint32_t phone, uint32_t index) const {
    if (index != generation_index_) return files_[index];
    const std::string first = mac_text(identity_of(profile_, 0));
    const std::string own = mac_text(identity_of(profile_, phone));
    Generation generation = generation_;
    for (FileDigest& digest : generation.digests)
        replace_all(digest.name, first, own);
    return encode_generation(generation);
}

}  // namespace dialtone::sim
