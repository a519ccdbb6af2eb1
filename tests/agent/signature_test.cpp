// SPDX-License-Identifier: Apache-2.0
//
// Keys and signatures that openssl made (tests/data/signature/make.sh).
#include "agent/signature.h"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "agent/settings.h"
#include "sim/lab/file_signing.h"

using namespace dialtone;

namespace {

std::string contents(const std::string& name) {
    std::ifstream in(DIALTONE_TEST_DATA "/signature/" + name, std::ios::binary);
    REQUIRE_MESSAGE(in, name);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The PEM file as one line, as a setting can hold it.
std::string public_key(const std::string& name) {
    std::string text = contents(name + ".pub");
    std::erase(text, '\n');
    return text;
}

bool fits(std::string_view key, std::string_view signature, std::string_view file) {
    const std::string_view keys[] = {key};
    return signer_of(bytes_of(file), bytes_of(signature), keys).has_value();
}

constexpr std::string_view is_no_key =
    "takes a public key as openssl pkey -pubout writes it, in one line";
constexpr std::string_view is_of_another_kind =
    "takes a key of ECDSA on P-256 or P-384, or of RSA with 2048 to 4096 bits";

}  // namespace

TEST_CASE("a signature by openssl fits its key and its file, and no other") {
    const std::string file = contents("file");
    for (const char* name : {"P-256", "P-384", "rsa-2048", "rsa-3072", "rsa-4096"}) {
        CAPTURE(name);
        const std::string signature = contents(std::string(name) + ".sig");
        CHECK(public_key_fault(public_key(name)) == "");
        CHECK(fits(public_key(name), signature, file));
        CHECK(!fits(public_key("other"), signature, file));
        CHECK(!fits(public_key(name), contents("other.sig"), file));
        CHECK(!fits(public_key(name), signature, file + "\n"));
    }
}

TEST_CASE("bad input: a file with one bit altered fits its signature no more") {
    const std::string key = public_key("rsa-2048");
    const std::string signature = contents("rsa-2048.sig");
    const std::string file = contents("file");
    for (uint32_t bit = 0; bit < 8 * file.size(); ++bit) {
        std::string altered = file;
        altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << bit % 8));
        CHECK(!fits(key, signature, altered));
    }
}

TEST_CASE("bad input: a signature that is altered, cut or longer fits nothing") {
    const std::string file = contents("file");
    for (const char* name : {"P-256", "P-384", "rsa-2048"}) {
        CAPTURE(name);
        const std::string key = public_key(name);
        const std::string signature = contents(std::string(name) + ".sig");
        for (uint32_t at = 0; at < signature.size(); at += 7) {
            std::string altered = signature;
            altered[at] = static_cast<char>(altered[at] ^ 1);
            CHECK(!fits(key, altered, file));
            CHECK(!fits(key, signature.substr(0, at), file));
        }
        CHECK(!fits(key, signature + "x", file));
        CHECK(!fits(key, std::string(1024, '\0'), file));
        CHECK(!fits(key, "", file));
    }
}

TEST_CASE("bad input: a signature over another digest, or by RSA-PSS, does not count") {
    const std::string file = contents("file");
    CHECK(!fits(public_key("P-256"), contents("sha512.sig"), file));
    CHECK(!fits(public_key("rsa-2048"), contents("pss.sig"), file));
}

TEST_CASE("a public key is its base64, with or without the lines around it, and blanks in it") {
    const std::string armoured = public_key("P-256");
    std::string bare = armoured.substr(26, armoured.size() - 26 - 24);
    CHECK(public_key_fault(armoured) == "");
    CHECK(public_key_fault(bare) == "");
    CHECK(fits(bare, contents("P-256.sig"), contents("file")));
    bare.insert(64, "  ");
    CHECK(public_key_fault(bare) == "");
}

TEST_CASE("bad input: a key on another curve, of another kind or size is refused with words") {
    for (const char* name : {"P-521", "x25519", "rsa-1024", "rsa-8192"}) {
        CAPTURE(name);
        CHECK(public_key_fault(public_key(name)) == is_of_another_kind);
    }
    for (const char* name : {"P-521", "rsa-1024"})
        CHECK(!fits(public_key(name), contents(std::string(name) + ".sig"), contents("file")));
    for (const char* name : {"secp256k1", "ed25519", "rsa-pss"}) {
        CAPTURE(name);
        CHECK(public_key_fault(public_key(name)) == is_no_key);
    }
}

TEST_CASE("bad input: what is no public key is refused, and nothing of it is said") {
    const std::string right = public_key("P-256");
    std::string cut = right;
    cut.erase(60, 4);
    for (const std::string& text :
         {std::string("MFkw"), std::string("hush"), right + right, cut, std::string(2'000, 'A'),
          "-----BEGIN PUBLIC KEY-----" + std::string("-----END PUBLIC KEY-----"),
          std::string("-----BEGIN PRIVATE KEY-----MIG2-----END PRIVATE KEY-----")}) {
        CAPTURE(text);
        CHECK(public_key_fault(text) == is_no_key);
        CHECK(!fits(text, contents("P-256.sig"), contents("file")));
    }
    const Status status =
        check_setting(setting_form(Setting::config_public_key), "MIG2hushhushhush");
    REQUIRE(!status);
    CHECK(status.error().detail == "config.public_key " + std::string(is_no_key));
}

TEST_CASE("bad input: a private key is no public key") {
    for (const sim::LabKey& key : {sim::lab_key, sim::other_lab_key}) {
        std::string text(key.private_pem);
        std::erase(text, '\n');
        CHECK(public_key_fault(text) == is_no_key);
        text = text.substr(31, text.size() - 31 - 29);
        CHECK(public_key_fault(text) == is_no_key);
    }
}

TEST_CASE("of two keys the one that signed is told") {
    const std::string file = contents("file");
    const std::string one = public_key("P-256");
    const std::string two = public_key("rsa-2048");
    const std::string_view both[] = {one, two};
    const std::string_view second_only[] = {"", two};
    CHECK(signer_of(bytes_of(file), bytes_of(contents("P-256.sig")), both) == 0);
    CHECK(signer_of(bytes_of(file), bytes_of(contents("rsa-2048.sig")), both) == 1);
    CHECK(signer_of(bytes_of(file), bytes_of(contents("rsa-2048.sig")), second_only) == 1);
    CHECK(!signer_of(bytes_of(file), bytes_of(contents("P-256.sig")), second_only));
    CHECK(!signer_of(bytes_of(file), bytes_of(contents("P-256.sig")), {}));
}

TEST_CASE("public keys are settings that may be empty") {
    CHECK(check_setting(setting_form(Setting::config_public_key), ""));
    CHECK(check_setting(setting_form(Setting::config_public_key_2), public_key("P-384")));
}
