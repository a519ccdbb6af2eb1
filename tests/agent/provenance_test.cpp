// SPDX-License-Identifier: Apache-2.0
#include "agent/provenance.h"

#include <doctest/doctest.h>

#include "agent/settings.h"

namespace dialtone {
namespace {

FileDigest file(std::string role, std::string name, uint8_t first) {
    return {std::move(role), std::move(name), {first}};
}

TEST_CASE("sources are named as in the setting order, where they stand in it") {
    const SettingForm& order = setting_form(Setting::order);
    for (SourceKind kind : {SourceKind::pnp, SourceKind::dhcp, SourceKind::static_server})
        CHECK(check_setting(order, source_name(kind)));
    CHECK(source_name(SourceKind::none) == "none");
    CHECK(source_name(SourceKind::acs) == "tr069");
    CHECK(source_name(SourceKind::operator_) == "operator");
    CHECK(source_name(SourceKind::handset) == "handset");
}

TEST_CASE("origins rise from the profile to the operator") {
    CHECK(Origin::profile < Origin::file);
    CHECK(Origin::file < Origin::acs);
    CHECK(Origin::acs < Origin::operator_);
    CHECK(origin_name(Origin::profile) == "profile");
    CHECK(origin_name(Origin::file) == "file");
    CHECK(origin_name(Origin::acs) == "acs");
    CHECK(origin_name(Origin::operator_) == "operator");
}

TEST_CASE("proofs rise from none to a signature") {
    CHECK(Proof::none < Proof::key);
    CHECK(Proof::key < Proof::tls);
    CHECK(proof_name(Proof::none) == "none");
    CHECK(proof_name(Proof::key) == "key");
    CHECK(proof_name(Proof::tls) == "tls");
    CHECK(Proof::tls < Proof::signed_);
    CHECK(proof_name(Proof::signed_) == "signed");
}

}  // namespace

TEST_CASE("the digest of a plan depends on roles, names, bytes and order") {
    const std::vector<FileDigest> plan = {file("device", "cfg1.xml", 1), file("all", "cfg.xml", 2)};
    const Sha256 digest = plan_digest(plan);
    CHECK(plan_digest(plan) == digest);

    auto other = plan;
    other[0].role = "model";
    CHECK(plan_digest(other) != digest);
    other = plan;
    other[0].name = "cfg2.xml";
    CHECK(plan_digest(other) != digest);
    other = plan;
    other[1].sha256[31] = 1;
    CHECK(plan_digest(other) != digest);
    other = {plan[1], plan[0]};
    CHECK(plan_digest(other) != digest);
    other = {plan[0]};
    CHECK(plan_digest(other) != digest);
}

TEST_CASE("letters that move from a role to a name change the digest of a plan") {
    const std::vector<FileDigest> one = {file("ab", "c", 0)};
    const std::vector<FileDigest> other = {file("a", "bc", 0)};
    CHECK(plan_digest(one) != plan_digest(other));
}

}  // namespace dialtone
