// SPDX-License-Identifier: Apache-2.0
//
// Who is given the user and password that the phone was set (provision.user, provision.password,
// or a vendor's keys for them). They go to the servers they are meant for: the one that delivered
// the file which set them, or that had asked when an operator answered; those that this server or
// an equally strong origin names; and those of provision.servers. Anyone else gets a digest answer
// at most, from which a password can only be guessed. User and password that stand in a URL are no
// concern of this: they go to the host of that URL.
//
// The plan run lists the servers, a Fetch asks on each hop, the record keeps the learnt ones.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/provenance.h"
#include "agent/trust/server_name.h"

namespace dialtone {

enum class CredentialUse : uint8_t {
    none,
    digest_only,  // a digest answer to who asks for one (RFC 7616)
    whole,        // as the server asks for them, FTP included
};

// What a server may have. `meant_for`: the servers they are meant for. `named_by`: who named this
// one.
CredentialUse credential_use(std::span<const ServerName> meant_for, const ServerName& server,
                             SourceKind named_by);

// The servers of the setting provision.servers: hosts, separated by commas. With https:// or
// ftps:// before it a host counts by TLS only, with another scheme by any; one without counts by
// TLS only if `known` has it so.
std::vector<ServerName> listed_servers(std::string_view list, std::span<const ServerName> known);

// Adds a server unless it is covered already, oldest out over limits::credential_servers.
void add_server(std::vector<ServerName>& servers, const ServerName& server);

}  // namespace dialtone
