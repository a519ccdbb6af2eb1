// SPDX-License-Identifier: Apache-2.0
#include "agent/trust/credentials.h"

#include <algorithm>
#include <utility>

#include "agent/limits.h"
#include "agent/text.h"
#include "agent/trust/table.h"

namespace dialtone {

CredentialUse credential_use(std::span<const ServerName> meant_for, const ServerName& server,
                             SourceKind named_by) {
    const auto covers = [&server](const ServerName& one) { return one.covers(server); };
    if (std::ranges::any_of(meant_for, covers)) return CredentialUse::whole;
    const Grant grant = grant_of(party_of(named_by), Right::gets_credentials);
    return grant == Grant::no ? CredentialUse::none : CredentialUse::digest_only;
}

std::vector<ServerName> listed_servers(std::string_view list, std::span<const ServerName> known) {
    constexpr std::string_view mark = "://";
    std::vector<ServerName> servers;
    while (!list.empty()) {
        const std::string_view word = trimmed(take_piece(list, ','));
        const auto scheme_end = word.find(mark);
        const bool has_scheme = scheme_end != std::string_view::npos;
        ServerName server{lowered(has_scheme ? word.substr(scheme_end + mark.size()) : word),
                          false};
        if (server.host.empty()) continue;
        const bool by_tls = equals_without_case(word.substr(0, scheme_end), "https") ||
                            equals_without_case(word.substr(0, scheme_end), "ftps");
        const bool is_known =
            std::ranges::find(known, ServerName{server.host, true}) != known.end();
        server.by_tls = has_scheme ? by_tls : is_known;
        servers.push_back(std::move(server));
    }
    return servers;
}

void add_server(std::vector<ServerName>& servers, const ServerName& server) {
    const auto covers = [&server](const ServerName& one) { return one.covers(server); };
    if (server.host.empty() || std::ranges::any_of(servers, covers)) return;
    if (servers.size() >= limits::credential_servers) servers.erase(servers.begin());
    servers.push_back(server);
}

}  // namespace dialtone
