// SPDX-License-Identifier: Apache-2.0
#include "agent/trust/credentials.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

TEST_CASE("user and password go in whole to the same host by no weaker scheme, whoever names it") {
    const ServerName plain = {"pbx.example", false};
    const ServerName secure = {"pbx.example", true};
    const ServerName foreign = {"evil.example", true};
    struct Row {
        ServerName meant_for;
        ServerName asked;
        bool whole;
    };
    const Row rows[] = {
        {plain, plain, true},   {plain, secure, true},   {secure, secure, true},
        {secure, plain, false}, {plain, foreign, false}, {secure, foreign, false},
        {{}, {}, false},        {{}, plain, false},
    };
    for (const Row& row : rows) {
        for (const SourceKind named_by :
             {SourceKind::pnp, SourceKind::dhcp, SourceKind::static_server}) {
            const auto use = credential_use(std::span(&row.meant_for, 1), row.asked, named_by);
            CAPTURE(row.meant_for.host);
            CAPTURE(row.asked.host);
            CHECK((use == CredentialUse::whole) == row.whole);
            CHECK((use == CredentialUse::digest_only) == !row.whole);
        }
    }
}

TEST_CASE("provision.servers is a list of hosts, in any case and with blanks around them") {
    CHECK(listed_servers("", {}).empty());
    CHECK(listed_servers(" , ,", {}).empty());
    const std::vector<ServerName> two = {{"pbx.example", false}, {"192.0.2.1", false}};
    CHECK(listed_servers(" PBX.example , 192.0.2.1", {}) == two);
}

TEST_CASE("a learnt server takes no place twice, and the oldest one makes room") {
    std::vector<ServerName> servers;
    add_server(servers, {});
    CHECK(servers.empty());
    add_server(servers, {"a", false});
    add_server(servers, {"a", true});
    CHECK(servers.size() == 1);
    for (uint32_t i = 0; i < limits::credential_servers; ++i)
        add_server(servers, {"b" + std::to_string(i), true});
    CHECK(servers.size() == limits::credential_servers);
    CHECK(servers.front().host == "b0");
}

TEST_CASE("provision.servers: a host counts by TLS only where that is said, or known of it") {
    const ServerName known[] = {{"pbx.example", true}};
    const auto only = [&](std::string_view word) { return listed_servers(word, known).front(); };
    CHECK(only("https://a.example") == ServerName{"a.example", true});
    CHECK(only("FTPS://a.example") == ServerName{"a.example", true});
    CHECK(only("a.example") == ServerName{"a.example", false});
    CHECK(only("pbx.example") == ServerName{"pbx.example", true});
    CHECK(only("http://pbx.example") == ServerName{"pbx.example", false});
}
