// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_choice.h"

#include <utility>

#include "agent/transfer/url.h"
#include "agent/trust/credentials.h"

namespace dialtone {
namespace {

AuthPolicy auth_of(CredentialUse use) {
    switch (use) {
        case CredentialUse::none:
            return AuthPolicy::none;
        case CredentialUse::digest_only:
            return AuthPolicy::digest_only;
        case CredentialUse::whole:
            return AuthPolicy::on_challenge;
    }
    __builtin_unreachable();
}

// User and password of the setting; those in a URL are that server's own.
AuthPolicy auth_for(const std::string& url, const Trust& trust) {
    const auto parsed = parse_url(url, Scheme::http);
    if (!parsed || !parsed->user.empty()) return AuthPolicy::on_challenge;
    return auth_of(
        credential_use(trust.credential_servers, server_name(*parsed), SourceKind::dhcp));
}

bool is_of_own_acs(const std::string& url, bool verifies, const Pin& pin) {
    const ServerName name = server_name(url, Scheme::http);
    return is_of_own_server(
        {.named_by = SourceKind::dhcp, .server = name, .by_verified_tls = name.by_tls && verifies},
        pin);
}

void take_dhcp(const PhoneFacts& phone, const Trust& trust, AcsChoice& choice) {
    choice.news = acs_of_vendor_options(phone.vendor_options);
    if (choice.news.url.empty()) return;
    const bool verifies = phone.settings.flag(Setting::tls_verify);
    choice.server.url = choice.news.url;
    choice.server.auth = auth_for(choice.news.url, trust);
    choice.named_by =
        "option " + std::string(choice.news.option) + " of " + phone.vendor_options.from;
    choice.only_inform = !is_of_own_acs(choice.news.url, verifies, trust.pin);
}

}  // namespace

AcsChoice choose_acs(const PhoneFacts& phone, const WallClock& clock, const Trust& trust) {
    const Settings& settings = phone.settings;
    AcsChoice choice;
    if (!settings.flag(Setting::tr069_enabled)) return choice;
    choice.server.url = settings.get(Setting::tr069_acs_url);
    if (choice.server.url.empty() && settings.flag(Setting::tr069_dhcp))
        take_dhcp(phone, trust, choice);
    if (choice.server.url.empty()) return choice;
    AcsServer& server = choice.server;
    server.user = settings.get(Setting::tr069_user);
    server.password = settings.get(Setting::tr069_password);
    server.user_agent = fill_template(phone.profile->user_agent, phone.identity);
    server.tls.verify = settings.flag(Setting::tls_verify);
    server.tls.clock_is_proven = clock.proven();
    server.tls.ca_file = settings.get(Setting::tls_ca);
    server.tls.certificate_file = settings.get(Setting::tls_cert);
    server.tls.key_file = settings.get(Setting::tls_key);
    server.tls.only_1_3 = settings.get(Setting::tls_minimum) == "1.3";
    return choice;
}

}  // namespace dialtone
