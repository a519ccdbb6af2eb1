// SPDX-License-Identifier: Apache-2.0
#include "agent/trust/credentials.h"

#include <algorithm>

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

std::vector<ServerName> listed_servers(std::string_view list) {
    std::vector<ServerName> servers;
    while (!list.empty()) {
        const std::string_view host = trimmed(take_piece(list, ','));
        if (!host.empty()) servers.push_back({lowered(host), false});
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
