// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/plan_trust.h"

#include <algorithm>

#include "agent/discovery/static_server.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/url.h"
#include "agent/trust/credentials.h"

namespace dialtone {
namespace {

// What files have set counts, and nothing of higher precedence.
bool is_learnt(const Settings& settings, Setting setting) {
    return settings.layer_of(setting) == Layer::configuration;
}

std::vector<ServerName> owned_static_servers(const Settings& settings) {
    std::vector<ServerName> servers;
    for (const std::string& url : owned_static_server_urls(settings))
        servers.push_back(server_name(url, default_scheme(settings)));
    return servers;
}

std::string first_static_url(const Settings& settings) {
    const auto urls = static_server_urls(settings);
    return urls.empty() ? std::string() : urls.front();
}

}  // namespace

void PlanTrust::begin() {
    keys_proven_ = pin().keys_proven;
    credential_servers_ = installed_.credential_servers;
    named_.reset();
    named_with_ = Proof::none;
}

PlanTrust::Credentials PlanTrust::credentials_for(std::string_view url,
                                                  const Settings& settings) const {
    const std::string_view user = settings.get(Setting::provision_user);
    const std::string_view set_password = settings.get(Setting::provision_password);
    if (user.empty() && set_password.empty()) return {};
    const ServerName server = server_name(url, default_scheme(settings));
    const auto covers = [&server](const ServerName& one) { return one.covers(server); };
    const bool learnt = is_learnt(settings, Setting::provision_user) ||
                        is_learnt(settings, Setting::provision_password);
    const auto password = settings.get_in(Layer::file, Setting::provision_password);
    if (learnt && password && std::ranges::none_of(credential_servers_, covers)) {
        std::vector<ServerName> own = owned_servers(settings);
        if (std::ranges::any_of(own, covers))
            return {settings.get_in(Layer::file, Setting::provision_user).value_or(""), *password,
                    std::move(own)};
    }
    return {user, set_password, credentials_meant_for(settings)};
}

// Those of provision.servers. Who has been spoken to by TLS is not to be had for less.
std::vector<ServerName> PlanTrust::listed_servers(const Settings& settings) const {
    std::vector<ServerName> known = owned_static_servers(settings);
    if (pin().proof == Proof::tls) known.push_back({pin().host, true});
    return dialtone::listed_servers(settings.get(Setting::provision_servers), known);
}

// Whom the phone's own settings name.
std::vector<ServerName> PlanTrust::owned_servers(const Settings& settings) const {
    std::vector<ServerName> servers = listed_servers(settings);
    const auto own = owned_static_servers(settings);
    servers.insert(servers.end(), own.begin(), own.end());
    return servers;
}

std::vector<ServerName> PlanTrust::credentials_meant_for(const Settings& settings) const {
    const Layer layer = settings.layer_of(Setting::provision_password);
    std::vector<ServerName> servers =
        is_owned(layer) ? owned_servers(settings) : listed_servers(settings);
    if (layer == Layer::configuration || layer == Layer::operator_)
        servers.insert(servers.end(), credential_servers_.begin(), credential_servers_.end());
    return servers;
}

void PlanTrust::note_file(const Delivery& delivery, const Settings& before, const Settings& now) {
    note_keys(proof_of(delivery), before, now);
    note_credentials(delivery, before, now);
    note_static_server(delivery, before, now);
}

// The keys that were set before stand for what they stood for.
void PlanTrust::note_keys(Proof proof, const Settings& before, const Settings& now) {
    bool other = false;
    bool all = true;
    for (const Setting key : keys_of_files) {
        const auto value = now.get_in(Layer::configuration, key);
        const bool same = value == before.get_in(Layer::configuration, key);
        other = other || !same;
        all = all && (!same || !value || value->empty());
    }
    if (other) keys_proven_ = proof != Proof::none && (all || keys_proven_);
}

// Whose the password is decides: a user whom another server sets beside it brings that server
// nothing.
void PlanTrust::note_credentials(const Delivery& delivery, const Settings& before,
                                 const Settings& now) {
    const auto is_set = [&](Setting one) {
        return is_learnt(now, one) && now.get(one) != before.get(one);
    };
    const bool is_user_alone = now.get(Setting::provision_password).empty();
    const bool both =
        is_set(Setting::provision_password) || (is_user_alone && is_set(Setting::provision_user));
    if (!both) return;
    if (!is_relayed(delivery, pin())) {
        credential_servers_ = {delivery.server};
    } else if (pin().proof < delivery.content) {
        // Who hands a recorded file on cannot read in it, and is not to ask for what it says; nor
        // is whoever had set a password with less.
        credential_servers_.clear();
    }
}

void PlanTrust::note_static_server(const Delivery& delivery, const Settings& before,
                                   const Settings& now) {
    const std::string url = first_static_url(now);
    if (url.empty() || url == first_static_url(before)) return;
    named_ = server_name(url, default_scheme(now));
    named_with_ = proof_of(delivery);
    if (!pin_follows(delivery, *named_)) return;
    const auto has_them = [&](const ServerName& one) { return one.covers(delivery.server); };
    if (is_relayed(delivery, pin()) || std::ranges::any_of(credential_servers_, has_them))
        add_server(credential_servers_, *named_);
}

// With trust.pin=strict it does not to a server that cannot bring the proof.
bool PlanTrust::pin_follows(const Delivery& delivery, const ServerName& server) const {
    const bool strict = phone_.settings.get(Setting::trust_pin) == "strict";
    return pin_moved(pin_after(pin(), delivery), server, strict).host == server.host;
}

PlanTrust::Installed PlanTrust::installed_by(const Delivery& best) const {
    const bool strict = phone_.settings.get(Setting::trust_pin) == "strict";
    Installed out{.trust = installed_};
    Pin& next = out.trust.pin;
    next = pin_after(pin(), best);
    out.remark = pin_change_words(pin(), next);
    if (named_ && named_with_ >= proof_of(best)) {
        const Pin moved = pin_moved(next, *named_, strict);
        const std::string words = pin_change_words(next, moved);
        if (!words.empty()) out.remark = words;
        if (moved.host != named_->host)
            out.remark = "the pin stays with " + moved.host + " and does not follow to " +
                         named_->host + ", which has no TLS (trust.pin=strict)";
        next = moved;
    }
    next.keys_proven = keys_proven_;
    out.trust.credential_servers = credential_servers_;
    return out;
}

}  // namespace dialtone
