// SPDX-License-Identifier: Apache-2.0
#include "agent/config/reader.h"
#include "agent/config/file_encryption.h"
#include "agent/config/grandstream_xml.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agent/hex.h"
#include "agent/limits.h"
#include "sim/lab/swarm/openssl_enc.h"
#include "tests/agent/config/vectors.h"

using namespace dialtone;
using dialtone::test::bytes_of_text;

namespace {

const Identity phone = {{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56}, "GXP1628", "1.0.2.7"};
constexpr ProfileFormat strict_formats[] = {{&grandstream_xml_format, true}};
constexpr ProfileFormat lenient_formats[] = {{&grandstream_xml_format, false}};

Profile profile_that(bool refuses_plain) {
    Profile profile = {};
    profile.vendor = "Grandstream";
    profile.formats = refuses_plain ? strict_formats : lenient_formats;
    profile.encryption = &openssl_encryption;
    return profile;
}

const Profile strict = profile_that(true);
const Profile lenient = profile_that(false);

Result<Document> read(std::vector<uint8_t> body, const std::vector<std::string_view>& passwords,
                      const Profile& profile = strict) {
    return read_config_file(body, phone, profile, passwords, Carriage::proven);
}

Error refused(std::vector<uint8_t> body, const std::vector<std::string_view>& passwords,
              const Profile& profile = strict) {
    const auto document = read(std::move(body), passwords, profile);
    REQUIRE(!document);
    return document.error();
}

std::vector<uint8_t> wide(std::string_view text) {
    std::vector<uint8_t> bytes = {0xFF, 0xFE};
    for (const char letter : text) {
        bytes.push_back(static_cast<uint8_t>(letter));
        bytes.push_back(0);
    }
    return bytes;
}

}  // namespace

TEST_CASE("a plain file is read while no password is set") {
    for (const Profile* profile : {&strict, &lenient}) {
        const auto document = read(bytes_of_text(test::vector_plain), {""}, *profile);
        REQUIRE(document);
        CHECK(document->format == &grandstream_xml_format);
        CHECK(document->cipher == FileCipher::none);
        REQUIRE(document->entries.size() == 1);
        CHECK(document->entries[0].key == "P271");
        CHECK(document->entries[0].value == "0");
    }
}

TEST_CASE("every encrypted form is read with the password of now or the one before") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        CAPTURE(cipher_name(vector.cipher));
        for (const auto& passwords :
             {std::vector<std::string_view>{test::vector_password, ""},
              std::vector<std::string_view>{"new", test::vector_password}}) {
            const auto document = read(*bytes_of_hex(vector.hex), passwords);
            REQUIRE(document);
            CHECK(document->cipher == vector.cipher);
            REQUIRE(document->entries.size() == 1);
            CHECK(document->entries[0].line == 2);
        }
    }
}

TEST_CASE("whether a plain file is taken while a password is set is the profile's word") {
    const auto body = bytes_of_text(test::vector_plain);
    CHECK(read(body, {test::vector_password}, lenient));
}

TEST_CASE("bad input: a plain file while a password is set is refused by a strict profile") {
    const auto body = bytes_of_text(test::vector_plain);
    CHECK(refused(body, {test::vector_password}).code == ErrorCode::not_encrypted);
}

TEST_CASE("bad input: a format that is none of the profile's is refused") {
    Profile other = strict;
    other.vendor = "Fanvil";
    other.formats = {};
    const Error error = refused(bytes_of_text(test::vector_plain), {}, other);
    CHECK(error.code == ErrorCode::unsupported);
    CHECK(error.detail == "Grandstream XML is no format of Fanvil phones");
}

TEST_CASE("bad input: an encrypted file without a password at hand is refused") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        CHECK(refused(*bytes_of_hex(vector.hex), {}).code == ErrorCode::key_missing);
        CHECK(refused(*bytes_of_hex(vector.hex), {"", ""}).code == ErrorCode::key_missing);
    }
}

TEST_CASE("bad input: an encrypted file with wrong passwords is refused") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        CHECK(refused(*bytes_of_hex(vector.hex), {"a", "b"}).code == ErrorCode::wrong_key);
    }
}

TEST_CASE("bad input: an encrypted file that ends early gives no document wherever it was cut") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        const auto whole = *bytes_of_hex(vector.hex);
        const bool salted = test::text_of_bytes(whole).starts_with("Salted__");
        for (uint32_t size = 0; size < whole.size(); ++size) {
            CAPTURE(size);
            const Error error =
                refused({whole.begin(), whole.begin() + size}, {test::vector_password});
            // A few bytes of a file without salt can pass for a word of text.
            if (size == 0 || (!salted && size < 16)) continue;
            CHECK(error_code_name(error.code) == error_code_name(ErrorCode::truncated));
        }
    }
}

TEST_CASE("bad input: a text that was padded twice before the phone got it is refused") {
    const Error error = refused(*bytes_of_hex(test::padded_twice_hex), {test::vector_password});
    CHECK(error.code == ErrorCode::malformed);
    CHECK(error.detail.find("padded twice") != std::string::npos);
}

TEST_CASE("bad input: an encrypted file that is damaged in its middle is refused") {
    const auto whole = *bytes_of_hex(test::cipher_vectors[0].hex);
    uint32_t documents = 0;
    for (uint32_t at = 16 + 64; at + 32 < whole.size(); ++at) {
        auto damaged = whole;
        damaged[at] ^= 0x01;
        if (read(damaged, {test::vector_password})) ++documents;
    }
    CHECK(documents == 0);
}

TEST_CASE("bad input: an encrypted file for another phone is refused as foreign") {
    Identity other = phone;
    other.mac[5] = 0x57;
    auto body = *bytes_of_hex(test::cipher_vectors[1].hex);
    const auto document =
        read_config_file(body, other, strict, {{test::vector_password}}, Carriage::proven);
    REQUIRE(!document);
    CHECK(document.error().code == ErrorCode::foreign_device);
    CHECK(document.error().where == Position::at_line(2));
}

TEST_CASE("the encoding that a plain file declares is obeyed") {
    const auto document =
        read(bytes_of_text("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><gs_provision>"
                           "<config version=\"1\"><P1>M\xFCller</P1></config></gs_provision>"),
             {});
    REQUIRE(document);
    CHECK(document->entries[0].value == "M\xC3\xBCller");
}

TEST_CASE(
    "bad input: what generators of configuration files leave lying about is told for what it is") {
    CHECK(refused(bytes_of_text("U2FsdGVkX1/JEHZYkPt6f6SktpWVCTlG\n"), {}).detail.find("base64") !=
          std::string::npos);
    CHECK(refused(bytes_of_text("# Account\nP271=1\nP34=hunter2\n"), {}).detail.find("P values") !=
          std::string::npos);
    CHECK(refused(bytes_of_text("<br />\n<b>Warning</b>: x\n<gs_provision/>"), {})
              .detail.find("page") != std::string::npos);
}

TEST_CASE("bad input: pages, texts, images and nothing at all are refused for what they are") {
    const std::vector<std::string_view> password = {test::vector_password};
    CHECK(refused({}, {}).code == ErrorCode::empty);
    CHECK(refused(bytes_of_text("<html><form>Login</form></html>"), password).code ==
          ErrorCode::not_a_config);
    CHECK(refused(bytes_of_text("404 Not Found"), password).code == ErrorCode::not_a_config);
    CHECK(refused(bytes_of_text("<other/>"), password).code == ErrorCode::not_a_config);
    CHECK(refused(wide(test::vector_plain), {}).code == ErrorCode::unsupported);
    const auto image = *bytes_of_hex("89504e470d0a1a0a0000000d494844520000");
    CHECK(refused(image, {}).code == ErrorCode::not_a_config);
    CHECK(refused(image, password).code == ErrorCode::truncated);
}

TEST_CASE("bad input: XML that breaks before its root is refused by the parser") {
    CHECK(refused(bytes_of_text("<?xml version=\"1.0\"?>"), {}).code == ErrorCode::truncated);
    CHECK(refused(bytes_of_text("<!-- "), {}).code == ErrorCode::truncated);
}

TEST_CASE("bad input: a file over the limit is refused whatever it is") {
    std::vector<uint8_t> body(limits::config_file_bytes + 1, '<');
    CHECK(refused(body, {}).code == ErrorCode::too_big);
}

TEST_CASE("every format has a name") {
    CHECK(grandstream_xml_format.name == "Grandstream XML");
}

// --- an encrypted file for which nothing but its key vouches -------------------------------------

namespace {

constexpr std::string_view latin1_file =
    "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\n<gs_provision version=\"1\">"
    "<!-- caf\xe9 --><config version=\"1\"><P237>10.0.0.5/gs</P237></config></gs_provision>\n";

Result<Document> read_open(std::vector<uint8_t> body, std::string_view password) {
    const std::string_view passwords[] = {password, ""};
    return read_config_file(body, phone, strict, passwords, Carriage::open);
}

}  // namespace

TEST_CASE(
    "an encrypted file that came over an unproven way is strict UTF-8, whatever it declares") {
    const auto latin1 = bytes_of_text(sim::openssl_enc("secret", latin1_file));
    CHECK(read(latin1, {"secret"}));
    const auto refused_open = read_open(latin1, "secret");
    REQUIRE(!refused_open);
    CHECK(refused_open.error().code == ErrorCode::wrong_key);
    std::string utf8(latin1_file);
    utf8.replace(utf8.find('\xe9'), 1, "\xc3\xa9");
    CHECK(read_open(bytes_of_text(sim::openssl_enc("secret", utf8)), "secret"));
}

TEST_CASE(
    "bad input: an encrypted file with a bit turned on its way is refused, always with the same "
    "words") {
    const std::string plain =
        "<gs_provision version=\"1\"><!-- a comment with room for sixteen bytes of garbage -->"
        "<config version=\"1\"><P237>10.0.0.5/gs</P237></config></gs_provision>\n";
    const auto whole = bytes_of_text(sim::openssl_enc("secret", plain));
    REQUIRE(read_open(whole, "secret"));
    uint32_t accepted = 0;
    std::string reason;
    for (uint32_t at = 32; at < whole.size(); at += 5) {
        auto file = whole;
        file[at] ^= static_cast<uint8_t>(1U << at % 8);
        const auto document = read_open(file, "secret");
        if (document) ++accepted;
        if (!document && reason.empty()) reason = document.error().detail;
        if (!document) CHECK(document.error().detail == reason);
    }
    CHECK(accepted == 0);
    CHECK(reason.find("somebody has altered it") != std::string::npos);
}
