// SPDX-License-Identifier: Apache-2.0
#include "agent/pass/older_trust.h"

#include <doctest/doctest.h>

#include "agent/vendor/profiles.h"

using namespace dialtone;

namespace {

Trust trust_of(Proof proof, std::vector<Item> items,
               std::string url = "http://phone:secret@PBX.example:8080/gs") {
    Generation active;
    active.number = 3;
    active.source = {SourceKind::dhcp, std::move(url)};
    active.proof = proof;
    active.items = std::move(items);
    Settings settings;
    return trust_of_older_state(active, grandstream_profile, settings);
}

}  // namespace

TEST_CASE("the pin of a phone of 0.1.0 is the host and the proof that it has installed") {
    CHECK(trust_of(Proof::tls, {}).pin == Pin{Proof::tls, "pbx.example"});
    CHECK(trust_of(Proof::none, {}).pin == Pin{Proof::none, "pbx.example"});
    // DHCP named it: anybody may have handed on what only the key proves.
    CHECK(trust_of(Proof::key, {}).pin == Pin{Proof::key, ""});
}

TEST_CASE("a proof by a password that a file had set counts as none after the update") {
    const Item by_file = {"P1359", Origin::file, "secret"};
    const Item by_operator = {"P1359", Origin::operator_, "secret"};
    CHECK(trust_of(Proof::key, {by_file}).pin == Pin{Proof::none, "pbx.example", false});
    CHECK(trust_of(Proof::key, {by_operator}).pin == Pin{Proof::key, ""});
    CHECK(trust_of(Proof::tls, {by_file}).pin == Pin{Proof::tls, "pbx.example", false});
}

TEST_CASE("user and password of a phone of 0.1.0 are meant for the server it was installed from") {
    const std::vector<ServerName> servers = {{"pbx.example", false}};
    CHECK(trust_of(Proof::none, {}).credential_servers == servers);
}

TEST_CASE("a phone of 0.1.0 that has nothing trusts nobody") {
    CHECK(trust_of_older_state({}, grandstream_profile, Settings()) == Trust{});
}
