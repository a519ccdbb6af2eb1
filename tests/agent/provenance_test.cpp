// SPDX-License-Identifier: Apache-2.0
#include "agent/provenance.h"

#include <doctest/doctest.h>

#include "agent/settings.h"

namespace dialtone {
namespace {

TEST_CASE("sources are named as in the setting order, where they stand in it") {
    const SettingForm& order = setting_form(Setting::order);
    for (SourceKind kind : {SourceKind::pnp, SourceKind::dhcp, SourceKind::static_server})
        CHECK(check_setting(order, source_name(kind)));
    CHECK(source_name(SourceKind::none) == "none");
    CHECK(source_name(SourceKind::acs) == "acs");
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

TEST_CASE("proofs rise from none to TLS") {
    CHECK(Proof::none < Proof::key);
    CHECK(Proof::key < Proof::tls);
    CHECK(proof_name(Proof::none) == "none");
    CHECK(proof_name(Proof::key) == "key");
    CHECK(proof_name(Proof::tls) == "tls");
}

}  // namespace
}  // namespace dialtone
