// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/file_signing.h"

#include <doctest/doctest.h>

#include "agent/signature.h"
#include "sim/lab/swarm/openssl_enc.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

bool fits(const LabKey& key, std::string_view signature, std::string_view file) {
    const auto bytes = [](std::string_view text) {
        return std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    };
    const std::string_view keys[] = {key.public_key};
    return signer_of(bytes(file), bytes(signature), keys).has_value();
}

int draw_nothing(void*, unsigned char*, size_t) {
    return -1;
}

}  // namespace

TEST_CASE("what the laboratory signs fits its key and its file alone, and is always the same") {
    for (const LabKey& key : {lab_key, other_lab_key}) {
        const std::string signature = lab_signature(key, "one");
        CHECK(fits(key, signature, "one"));
        CHECK(!fits(key, signature, "two"));
        CHECK(lab_signature(key, "one") == signature);
        CHECK(public_key_fault(key.public_key) == "");
    }
    CHECK(!fits(other_lab_key, lab_signature(lab_key, "one"), "one"));
}

TEST_CASE("bad input: what is no private key signs nothing, nor does one without random numbers") {
    CHECK(!sign_file("hush", "one", draw_nothing, nullptr));
    CHECK(!sign_file(lab_key.public_key, "one", draw_nothing, nullptr));
    CHECK(!sign_file(other_lab_key.private_pem, "one", draw_nothing, nullptr));
}

TEST_CASE("a MAC address in a file's name is found however it is written") {
    for (const std::string_view name :
         {"cfg000b82273b89.xml", "000b82273b89", "/srv/gs/cfg000B82273B89", "00:0b:82:27:3b:89.cfg",
          "a/b_00-0B-82-27-3B-89.cfg", "000b.8227.3b89.cfg", "ab_000b82273b89.cfg"}) {
        CAPTURE(name);
        CHECK(mac_in_name(name) == "000b82273b89");
    }
    for (const std::string_view name :
         {"cfg.xml", "cfggxp1628.xml", "f0C00000000000.cfg", "20261130123456.xml",
          "000b82273b89/cfg.xml", "000b82273b8.xml", "000b82273b891", "0-00b82273b89x", ""}) {
        CAPTURE(name);
        CHECK(mac_in_name(name) == "");
    }
}

TEST_CASE("whom a file names is read as the phones read it, and of an encrypted one not known") {
    constexpr std::string_view mac = "000b82273b89";
    const auto xml = [](std::string_view more) {
        return "<gs_provision version=\"1\">" + std::string(more) +
               "<config version=\"1\"><P47>one</P47></config></gs_provision>\n";
    };
    const auto fanvil = [](std::string_view more) {
        return "<<VOIP CONFIG FILE>>Version:2.0002\n" + std::string(more) +
               "<SIP CONFIG MODULE>\nSIP1 Phone Number :1\n<<END OF FILE>>\n";
    };
    CHECK(who_is_named(mac, xml("<mac>000b82273b89</mac>")) == Named::the_phone);
    CHECK(who_is_named(mac, xml("<mac>00:0B:82:27:3B:89</mac>")) == Named::the_phone);
    CHECK(who_is_named(mac, xml("<mac>000b82ffffff</mac>")) == Named::another);
    CHECK(who_is_named(mac, xml("")) == Named::nobody);
    CHECK(who_is_named(mac, xml("<!--<mac>000b82273b89</mac>-->")) == Named::nobody);
    CHECK(who_is_named(mac, fanvil("mac :000b82273b89\n")) == Named::the_phone);
    CHECK(who_is_named(mac, fanvil("mac :000b82ffffff\n")) == Named::another);
    CHECK(who_is_named(mac, fanvil("")) == Named::nobody);
    CHECK(who_is_named(mac, "mac 000b82273b89") == Named::nobody);
    CHECK(who_is_named(mac, openssl_enc("hush", xml(""))) == Named::unknown);
    CHECK(who_is_named(mac, std::string(200, '\x81')) == Named::unknown);
}
