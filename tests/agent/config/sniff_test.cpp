// SPDX-License-Identifier: Apache-2.0
#include "agent/config/sniff.h"

#include <doctest/doctest.h>

#include <string>

#include "agent/hex.h"
#include "tests/agent/config/vectors.h"

using namespace dialtone;

namespace {

Content content_of(std::string_view text) {
    return sniff(text).content;
}

// Account 1's name and P271, as the legacy encoders write it.
constexpr std::string_view legacy_hex =
    "0000001b79f9000b821234560d0a0d0a503237313d3026503237303d4163636f756e742532306e616d6526676e6b"
    "65793d3062383200";

}  // namespace

TEST_CASE("no bytes, blanks and a lone byte order mark are empty") {
    CHECK(content_of("") == Content::empty);
    CHECK(content_of(" \r\n\t ") == Content::empty);
    CHECK(content_of("\xEF\xBB\xBF\n") == Content::empty);
}

TEST_CASE("openssl's header is recognised, also when it is cut") {
    CHECK(content_of("Salted__12345678") == Content::openssl_salted);
    CHECK(content_of("Salted_") == Content::openssl_salted);
    CHECK(content_of("S") == Content::openssl_salted);
    CHECK(content_of("Salted fish") == Content::text);
}

TEST_CASE("XML is recognised and its root found behind all that may stand before it") {
    const Sniffed sniffed = sniff(
        "\xEF\xBB\xBF\r\n<?xml version=\"1.0\"?> <!-- <html> --> <!DOCTYPE gs_provision>\n"
        "<gs_provision version=\"1\">");
    CHECK(sniffed.content == Content::xml);
    CHECK(sniffed.root == "gs_provision");
    CHECK(sniff("<a.b-c:d/>").root == "a.b-c:d");
}

TEST_CASE("XML that ends before its root is XML without a root") {
    for (const std::string_view text :
         {"<?xml version", "<?xml?>", "<!-- never ends", "<!DOCTYPE"}) {
        CHECK(content_of(text) == Content::xml);
        CHECK(sniff(text).root.empty());
    }
}

TEST_CASE("pages for browsers are recognised by document type and by root, whatever the case") {
    CHECK(content_of("<!DOCTYPE html><x>") == Content::html);
    CHECK(content_of("<!doctype HTML") == Content::html);
    CHECK(content_of("\n<HTML><head>") == Content::html);
    CHECK(content_of("<?xml version=\"1.0\"?><html xmlns=\"\">") == Content::html);
    CHECK(content_of("<h1>404 Not Found</h1>") == Content::html);
    CHECK(content_of("<htmlx>") == Content::xml);
}

TEST_CASE("UTF-16 and UTF-32 are recognised with and without byte order mark") {
    CHECK(content_of(std::string_view("\xFF\xFE<\0?\0x\0", 8)) == Content::utf16);
    CHECK(content_of(std::string_view("\xFE\xFF\0<\0?\0x", 8)) == Content::utf16);
    CHECK(content_of(std::string_view("<\0?\0x\0", 6)) == Content::utf16);
    CHECK(content_of(std::string_view("\0<\0?\0x", 6)) == Content::utf16);
    CHECK(content_of(std::string_view("\xFF\xFE\0\0<\0\0\0", 8)) == Content::utf16);
}

TEST_CASE("Grandstream's binary form is recognised by magic, length and checksum together") {
    const auto whole = *bytes_of_hex(legacy_hex);
    CHECK(sniff(whole).content == Content::grandstream_binary);
    for (uint32_t at : {0U, 3U, 5U, 9U, 12U, 15U, 30U}) {
        auto damaged = whole;
        damaged[at] ^= 0x40;
        CHECK(sniff(damaged).content == Content::binary);
    }
    for (uint32_t size = 16; size < whole.size(); ++size) {
        CHECK(sniff(std::span(whole).first(size)).content == Content::binary);
    }
}

TEST_CASE("Grandstream's binary form is recognised without CR LF CR LF in its sum") {
    const auto whole = *bytes_of_hex(
        "00000024bc14000b82273b890d0a0d0a50333d4465736b2b31265033343d7333637265742532367826503437"
        "3d7062782e6578616d706c652e6e657426676e6b65793d3062383200");
    CHECK(sniff(whole).content == Content::grandstream_binary);
}

TEST_CASE("a ciphertext in base64 and P values as text are told from other text") {
    CHECK(content_of("U2FsdGVkX1/JEHZYkPt6f6Skt") == Content::base64);
    CHECK(content_of("# x\n\nP271 = 1\n") == Content::p_values);
    CHECK(content_of("P271") == Content::text);
    CHECK(content_of("PX=1") == Content::text);
}

TEST_CASE("other text is text, in UTF-8 and in ISO 8859-1") {
    CHECK(content_of("404 Not Found") == Content::text);
    CHECK(content_of("{\"error\": \"no\"}") == Content::text);
    CHECK(content_of("Gr\xC3\xBC\xC3\x9F"
                     "e") == Content::text);
    CHECK(content_of("Ger\xE4t nicht bekannt") == Content::text);
    CHECK(content_of("<") == Content::text);
    CHECK(content_of("< 5") == Content::text);
}

TEST_CASE("encrypted bytes without a header are binary") {
    for (const test::CipherVector& vector : test::cipher_vectors) {
        const auto file = *bytes_of_hex(vector.hex);
        const bool salted = test::text_of_bytes(file).starts_with("Salted__");
        CHECK(sniff(file).content == (salted ? Content::openssl_salted : Content::binary));
        if (salted) CHECK(sniff(std::span(file).subspan(16)).content == Content::binary);
    }
    CHECK(content_of("<P\x01\x02 looks like XML for two bytes") == Content::binary);
}

TEST_CASE("only XML, pages and UTF-16 pass for the head of a decrypted document") {
    const auto passes = [](std::string_view text) {
        return opens_like_document(test::bytes_of_text(text));
    };
    CHECK(passes("<?xml version=\"1."));
    CHECK(passes("\xEF\xBB\xBF\n<gs_prov"));
    CHECK(passes("<html>"));
    CHECK(!passes(""));
    CHECK(!passes("    "));
    CHECK(!passes("P47 = sip.example"));
    CHECK(!passes("<gs_provision>\x01"));
    CHECK(!passes("Salted__12345678"));
}

TEST_CASE("what cannot be read says so in words of its own") {
    CHECK(unreadable(Content::empty).code == ErrorCode::empty);
    CHECK(unreadable(Content::html).code == ErrorCode::not_a_config);
    CHECK(unreadable(Content::utf16).code == ErrorCode::unsupported);
    CHECK(unreadable(Content::base64).code == ErrorCode::unsupported);
    CHECK(unreadable(Content::p_values).code == ErrorCode::not_a_config);
    CHECK(unreadable(Content::text).code == ErrorCode::not_a_config);
    CHECK(unreadable(Content::binary).code == ErrorCode::not_a_config);
}
