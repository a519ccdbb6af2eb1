// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/operator_trust.h"

#include "agent/config/signed_file.h"
#include "agent/discovery/static_server.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/url.h"
#include "agent/trust/credentials.h"

namespace dialtone {
namespace {

bool sets_credentials(const Settings& before, const Settings& now) {
    const auto differs = [&](Setting one) { return before.get(one) != now.get(one); };
    return differs(Setting::provision_user) || differs(Setting::provision_password);
}

}  // namespace

std::optional<Trust> trust_set_by_operator(const Trust& trust, const Settings& before,
                                           const Settings& now,
                                           std::span<const ServerName> unwelcoming) {
    const auto differs = [&](Setting one) { return before.get(one) != now.get(one); };
    Trust next = trust;
    const auto urls = static_server_urls(now);
    if (urls != static_server_urls(before)) {
        std::optional<ServerName> server;
        if (!urls.empty()) server = server_name(urls.front(), default_scheme(now));
        next.pin = pin_named_by_operator(trust.pin, server);
    }
    if (differs(Setting::trust_pin) && now.get(Setting::trust_pin) == "0")
        next.pin = {.keys_proven = trust.pin.keys_proven};
    // Without a key nothing could ever count as signed again.
    if (trust.pin.proof == Proof::signed_ && !signatures_are_wanted(now))
        next.pin = {.keys_proven = trust.pin.keys_proven};
    if (sets_credentials(before, now)) {
        next.credential_servers.clear();
        if (unwelcoming.size() == 1) add_server(next.credential_servers, unwelcoming.front());
    }
    if (next == trust) return std::nullopt;
    return next;
}

Result<std::string> whose_credentials(const Settings& before, const Settings& now,
                                      std::span<const ServerName> unwelcoming) {
    if (!sets_credentials(before, now) || unwelcoming.empty()) return std::string();
    const std::string_view listed = now.get(Setting::provision_servers);
    if (!listed.empty()) return "user and password are for " + std::string(listed);
    if (unwelcoming.size() == 1) return "user and password are for " + unwelcoming.front().host;
    std::string hosts;
    for (const ServerName& server : unwelcoming)
        hosts += (hosts.empty() ? "" : ", ") + server.host;
    return fail(ErrorCode::bad_usage,
                "these servers have asked for a user and password: " + hosts +
                    "; set provision.servers=HOST as well, for whose they are");
}

}  // namespace dialtone
