// SPDX-License-Identifier: Apache-2.0
//
// What the reader makes of the files of a vendor with text files and AES keys.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agent/config/fanvil_text.h"
#include "agent/config/file_encryption.h"
#include "agent/config/reader.h"
#include "agent/config/sniff.h"
#include "tests/agent/config/vectors.h"

using namespace dialtone;
using dialtone::test::bytes_of_text;

namespace {

const Identity phone = {{0x0c, 0x38, 0x3e, 0x07, 0xe1, 0x6c}, "X4", "2.10.2.6887"};
constexpr ProfileFormat strict_formats[] = {{&fanvil_text_format, true}};
constexpr ProfileFormat lenient_formats[] = {{&fanvil_text_format, false}};
constexpr std::string_view plain =
    "<<VOIP CONFIG FILE>>Version:2.0002\n<M MODULE>\nA:1\n<<END OF FILE>>\n";
constexpr std::string_view key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

Profile fanvil_like(bool refuses_plain) {
    Profile profile = {};
    profile.vendor = "Fanvil";
    profile.formats = refuses_plain ? strict_formats : lenient_formats;
    profile.encryption = &unpublished_aes_encryption;
    return profile;
}

const Profile strict = fanvil_like(true);
const Profile lenient = fanvil_like(false);

Result<Document> read(std::vector<uint8_t> body, std::vector<std::string_view> keys,
                      const Profile& profile = strict) {
    return read_config_file(body, phone, profile, keys, Carriage::proven);
}

Error refused(std::vector<uint8_t> body, std::vector<std::string_view> keys = {},
              const Profile& profile = strict) {
    const auto document = read(std::move(body), std::move(keys), profile);
    REQUIRE(!document);
    return document.error();
}

}  // namespace

TEST_CASE("a plain Fanvil text is read while its own key is not set") {
    for (const auto& keys : {std::vector<std::string_view>{}, std::vector<std::string_view>{""},
                             std::vector<std::string_view>{"", key}}) {
        const auto document = read(bytes_of_text(plain), keys);
        REQUIRE(document);
        CHECK(document->format == &fanvil_text_format);
        CHECK(document->cipher == FileCipher::none);
        CHECK(document->version == "2.0002");
        REQUIRE(document->entries.size() == 1);
        CHECK(document->entries[0].key == "M MODULE/A");
    }
}

TEST_CASE("a profile that does not mind takes a plain Fanvil text although its key is set") {
    CHECK(read(bytes_of_text(plain), {key}, lenient));
}

TEST_CASE("the head of a Fanvil text is recognised, also when it is cut or commented") {
    for (const std::string_view text :
         {"<<VOIP CONFIG FILE>>", "\xEF\xBB\xBF <<voip config FILE>>Version", "<<", "<<VOIP CON",
          "# one\n\n  ## two\n<<VOIP CONFIG FILE>>"})
        CHECK(fanvil_text_format.recognises(text, sniff(text)));
    for (const std::string_view text : {"<<X", "<", "# only a comment", "#\n<<END OF FILE>>"})
        CHECK(!fanvil_text_format.recognises(text, sniff(text)));
}

TEST_CASE("the Fanvil text has a name") {
    CHECK(fanvil_text_format.name == "Fanvil text");
}

TEST_CASE("bad input: a plain Fanvil text while its own key is set is refused") {
    for (const auto& keys :
         {std::vector<std::string_view>{key}, std::vector<std::string_view>{key, ""}}) {
        const Error error = refused(bytes_of_text(plain), keys);
        CHECK(error.code == ErrorCode::not_encrypted);
        CHECK(error.detail == "the file is not encrypted although its key is set");
    }
}

TEST_CASE("bad input: an encrypted Fanvil file is refused with words about encryption") {
    std::vector<uint8_t> noise(64);
    for (uint32_t i = 0; i < 64; ++i)
        noise[i] = static_cast<uint8_t>(i * 37 % 251);
    for (const auto& keys : {std::vector<std::string_view>{}, std::vector<std::string_view>{key}}) {
        const Error error = refused(noise, keys);
        CHECK(error.code == ErrorCode::unsupported);
        CHECK(error.where == Position::at_offset(0));
        CHECK(error.detail ==
              "binary data: an encrypted file, or no configuration; encrypted files of Fanvil "
              "phones are not read by this version, put the plain file on the server");
    }
    const Error salted = refused(bytes_of_text("Salted__12345678abcdefghijklmnop"));
    CHECK(salted.code == ErrorCode::unsupported);
    CHECK(salted.detail.starts_with("the file is encrypted; encrypted files of Fanvil phones"));
}

TEST_CASE("bad input: each vendor's file is refused by the other's phones by its name") {
    CHECK(refused(bytes_of_text(test::vector_plain)).detail ==
          "Grandstream XML is no format of Fanvil phones");
    Profile other = {};
    other.vendor = "Grandstream";
    const Error error = refused(bytes_of_text(plain), {}, other);
    CHECK(error.code == ErrorCode::unsupported);
    CHECK(error.detail == "Fanvil text is no format of Grandstream phones");
}

TEST_CASE("bad input: pages, texts and nothing at all are no Fanvil file") {
    CHECK(refused({}).code == ErrorCode::empty);
    CHECK(refused(bytes_of_text("<html><form>Login</form></html>")).code ==
          ErrorCode::not_a_config);
    CHECK(refused(bytes_of_text("404 Not Found")).code == ErrorCode::not_a_config);
    CHECK(refused(bytes_of_text("<other></other>")).code == ErrorCode::not_a_config);
    CHECK(refused(bytes_of_text("<<VOIP CON")).code == ErrorCode::truncated);
}

TEST_CASE("bad input: XML that breaks off before its root is explained as XML to any phone") {
    CHECK(refused(bytes_of_text("<?xml version=\"1.0\"?>")).code == ErrorCode::truncated);
    CHECK(refused(bytes_of_text("<!-- ")).code == ErrorCode::truncated);
}

TEST_CASE("bad input: binary data is no configuration where files are never encrypted") {
    Profile open = strict;
    open.encryption = nullptr;
    CHECK(refused(std::vector<uint8_t>(64, 1), {key}, open).code == ErrorCode::not_a_config);
    CHECK(read(bytes_of_text(plain), {key}, open));
}
