// SPDX-License-Identifier: Apache-2.0
#include "agent/profile.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

namespace dialtone {
namespace {

Identity a_phone() {
    Identity identity = identity_from_mac("000B82273B89").value();
    identity.model = "GXP1628";
    identity.version = "1.0.2.7";
    return identity;
}

TEST_CASE("a MAC address is read with colons, dashes or nothing, in any case") {
    for (std::string_view mac :
         {"000B82273B89", "000b82273b89", "00:0b:82:27:3B:89", "00-0B-82-27-3b-89"}) {
        CAPTURE(mac);
        const auto identity = identity_from_mac(mac);
        REQUIRE(identity);
        CHECK(mac_text(*identity) == "000b82273b89");
    }
}

TEST_CASE("bad input: what is no MAC address is refused") {
    for (std::string_view mac :
         {"", "000B82273B8", "000B82273B899", "000B82273B8G", "00:0B:82:27:3B-89",
          "00.0B.82.27.3B.89", "00:0B:82:27:3B:8", "00:0B:82:27:3B:89:", "0:00B:82:27:3B:89",
          ":00:0B:82:27:3B:8", "000B82:273B89", " 000B82273B89", "00::B:82:27:3B:89"}) {
        CAPTURE(mac);
        const auto identity = identity_from_mac(mac);
        REQUIRE(!identity);
        CHECK(identity.error().code == ErrorCode::bad_usage);
    }
}

TEST_CASE("a template is filled with what the phone is") {
    CHECK(fill_template("cfg{mac}.xml", a_phone()) == "cfg000b82273b89.xml");
    CHECK(fill_template("{MAC}.cfg", a_phone()) == "000B82273B89.cfg");
    CHECK(fill_template("{mac:}", a_phone()) == "00:0b:82:27:3b:89");
    CHECK(fill_template("cfg{model_lower}.xml", a_phone()) == "cfggxp1628.xml");
    CHECK(fill_template("{model} {version} {mac}", a_phone()) == "GXP1628 1.0.2.7 000b82273b89");
}

TEST_CASE("a template keeps braces it does not know") {
    for (std::string_view text :
         {"", "{", "}", "{}", "{mac", "mac}", "{ mac }", "{Mac}", "cfg.xml"})
        CHECK(fill_template(text, a_phone()) == text);
    CHECK(fill_template("{{mac}}", a_phone()) == "{000b82273b89}");
}

TEST_CASE("what is filled in is not filled again") {
    Identity identity = a_phone();
    identity.model = "{mac}";
    CHECK(fill_template("{model}", identity) == "{mac}");
}

TEST_CASE("a key of the shape P number is P and digits") {
    for (std::string_view key : {"P2", "P47", "P20713", "P000"})
        CHECK(key_has_shape(key, KeyShape::p_number));
    for (std::string_view key : {"", "P", "p47", "47", "P47a", "P 47", "PP47", "P-1", "P4=7"})
        CHECK(!key_has_shape(key, KeyShape::p_number));
    std::string longest = "P" + std::string(limits::config_key_bytes - 1, '1');
    CHECK(key_has_shape(longest, KeyShape::p_number));
    CHECK(!key_has_shape(longest + "1", KeyShape::p_number));
}

}  // namespace
}  // namespace dialtone
