// SPDX-License-Identifier: Apache-2.0
#include "agent/account_keys.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <string_view>

#include "agent/profile.h"
#include "agent/rng.h"

using namespace dialtone;

TEST_CASE("a server is its host, and its port where that is not 5060") {
    CHECK(sip_server_text("pbx.example", 5060) == "pbx.example");
    CHECK(sip_server_text("pbx.example", 5080) == "pbx.example:5080");
    CHECK(sip_server_text("2001:db8::1", 5060) == "[2001:db8::1]");
    CHECK(sip_server_text("2001:db8::1", 5061) == "[2001:db8::1]:5061");
    CHECK(sip_server_text("", 5080) == ":5080");
}

TEST_CASE("what an administrator wrote as a server is read with its port, or as one without") {
    struct Read {
        std::string_view text;
        std::string_view host;
        uint32_t port;
    };
    for (const Read& read : {Read{"pbx.example", "pbx.example", 5060},
                             {"pbx.example:5080", "pbx.example", 5080},
                             {"10.0.0.5:0", "10.0.0.5", 0},
                             {"[::1]:5061", "::1", 5061},
                             {"[::1]", "::1", 5060},
                             {"::1", "::1", 5060},
                             {"", "", 5060},
                             {"pbx.example:", "pbx.example:", 5060},
                             {"pbx.example:sip", "pbx.example:sip", 5060},
                             {"pbx.example:65536", "pbx.example:65536", 5060},
                             {"[::1", "[::1", 5060},
                             {"[::1]5", "[::1]5", 5060}}) {
        CAPTURE(std::string(read.text));
        CHECK(sip_server_host(read.text) == read.host);
        CHECK(sip_server_port(read.text) == read.port);
    }
}

TEST_CASE("host and port that are written are read again") {
    Rng rng(3);
    constexpr std::string_view letters = "abz09-._";
    for (uint32_t round = 0; round < 2000; ++round) {
        std::string host;
        for (uint32_t left = rng.below(20); left > 0; --left)
            host += letters[rng.below(static_cast<uint32_t>(letters.size()))];
        if (rng.below(4) == 0) host = "fe80::" + std::to_string(rng.below(9999));
        const uint32_t port = rng.below(4) == 0 ? sip_default_port : rng.below(65'536);
        const std::string text = sip_server_text(host, port);
        CAPTURE(text);
        CHECK(sip_server_host(text) == host);
        CHECK(sip_server_port(text) == port);
    }
}

TEST_CASE("each key of a vendor's accounts has the vendor's shape and is one parameter's") {
    for (const Profile* profile : all_profiles()) {
        CAPTURE(std::string(profile->name));
        CHECK(profile->accounts.accounts > 0);
        std::set<std::string> keys;
        for (const AccountKey& row : profile->accounts.keys) {
            CHECK(row.keys.empty() != row.pattern.empty());
            CHECK((row.keys.empty() || row.keys.size() == profile->accounts.accounts));
            for (uint32_t account = 1; account <= profile->accounts.accounts; ++account) {
                const std::string key = account_key(row, account);
                CAPTURE(key);
                CHECK(key_has_shape(key, profile->key_shape));
                CHECK((keys.insert(key).second || row.form == AccountForm::port));
            }
        }
    }
}

TEST_CASE("the server that DHCP may name is the first account's") {
    for (const Profile* profile : all_profiles()) {
        const AccountKey* const server = find_account_key(profile->accounts, "SIP.", "ProxyServer");
        REQUIRE(server != nullptr);
        CHECK(account_key(*server, 1) == profile->sip_server_key);
    }
}

TEST_CASE("passwords of accounts are secrets") {
    for (const Profile* profile : all_profiles()) {
        const AccountKey* const row =
            find_account_key(profile->accounts, "Line.{i}.SIP.", "AuthPassword");
        REQUIRE(row != nullptr);
        for (uint32_t account = 1; account <= profile->accounts.accounts; ++account)
            CHECK(is_secret_key(*profile, account_key(*row, account)));
    }
}
