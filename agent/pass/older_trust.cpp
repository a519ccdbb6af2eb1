// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/older_trust.h"

#include <algorithm>

#include "agent/discovery/static_server.h"
#include "agent/pass/plan_trust.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/url.h"
#include "agent/trust/credentials.h"

namespace dialtone {
namespace {

bool files_have_set_a_key(const Generation& active, const Profile& profile) {
    return std::ranges::any_of(profile.key_settings, [&](const KeySetting& row) {
        const bool is_key =
            std::ranges::find(keys_of_files, row.setting) != std::end(keys_of_files);
        return is_key && active.find(row.key, Origin::file) != nullptr;
    });
}

}  // namespace

Trust trust_of_older_state(const Generation& active, const Profile& profile,
                           const Settings& settings) {
    const Scheme scheme = default_scheme(settings);
    const ServerName server = server_name(active.source.url, scheme);
    Trust trust;
    trust.pin.host = server.host;
    trust.pin.keys_proven = !files_have_set_a_key(active, profile);
    const bool by_such_a_key = active.proof == Proof::key && !trust.pin.keys_proven;
    trust.pin.proof = by_such_a_key ? Proof::none : active.proof;
    // Anybody may have handed it on.
    if (trust.pin.proof == Proof::key && is_named_by_anyone(active.source.kind))
        trust.pin.host.clear();
    add_server(trust.credential_servers, server);
    for (const std::string& url : static_server_urls(settings))
        add_server(trust.credential_servers, server_name(url, scheme));
    return trust;
}

}  // namespace dialtone
