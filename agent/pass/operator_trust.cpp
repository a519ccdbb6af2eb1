// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/operator_trust.h"

#include "agent/discovery/static_server.h"
#include "agent/pass/signed_file.h"
#include "agent/transfer/plan.h"
#include "agent/transfer/url.h"
#include "agent/trust/credentials.h"

namespace dialtone {

std::optional<Trust> trust_set_by_operator(const Trust& trust, const Settings& before,
                                           const Settings& now, const ServerName& unwelcoming) {
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
    if (differs(Setting::provision_user) || differs(Setting::provision_password)) {
        next.credential_servers.clear();
        add_server(next.credential_servers, unwelcoming);
    }
    if (next == trust) return std::nullopt;
    return next;
}

}  // namespace dialtone
