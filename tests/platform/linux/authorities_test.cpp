// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/authorities.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "agent/limits.h"
#include "platform/common/read_file.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

std::string file_of(std::string_view name) {
    return DIALTONE_TEST_DATA "/tls/" + std::string(name);
}

std::string pem(std::string_view name) {
    const auto text = read_file(file_of(name), 65536);
    REQUIRE(text);
    return *text;
}

struct Certificate {
    explicit Certificate(std::string_view name) {
        ::mbedtls_x509_crt_init(&one);
        REQUIRE(::mbedtls_x509_crt_parse_file(&one, file_of(name).c_str()) == 0);
    }
    ~Certificate() { ::mbedtls_x509_crt_free(&one); }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    mbedtls_x509_crt one;
};

// How many certificates are handed out as issuers of tests/data/tls/server.pem.
int issuers(const Authorities& authorities) {
    mbedtls_x509_crt* const list = authorities.issuers_of(Certificate("server.pem").one);
    int count = 0;
    for (const mbedtls_x509_crt* one = list; one != nullptr; one = one->next)
        ++count;
    ::mbedtls_x509_crt_free(list);
    ::free(list);  // mbedtls_free()
    return count;
}

TEST_CASE("of a bundle the issuers of a certificate are handed out, whatever stands between") {
    ScratchDirectory scratch;
    scratch.write("bundle.pem", "# ours\r\n" + pem("alone.pem") + "\nand\n" + pem("authority.pem") +
                                    std::string(40'000, '-') + pem("authority.pem"));
    Authorities authorities;
    REQUIRE(authorities.load(scratch.file("bundle.pem")));
    CHECK(issuers(authorities) == 2);
    CHECK(authorities.hold(Certificate("alone.pem").one));
    CHECK_FALSE(authorities.hold(Certificate("server.pem").one));
}

TEST_CASE("without the issuer nothing is handed out") {
    Authorities authorities;
    REQUIRE(authorities.load(file_of("alone.pem")));
    CHECK(issuers(authorities) == 0);
}

TEST_CASE("a certificate is found wherever a piece of the file ends") {
    ScratchDirectory scratch;
    const std::string one = pem("authority.pem");
    // Pieces have 16 KiB: the certificate goes over the end of the first one.
    for (size_t before = 16384 - one.size(); before <= 16384; before += 13) {
        CAPTURE(before);
        scratch.write("one.pem", std::string(before, '\n') + one);
        Authorities authorities;
        REQUIRE(authorities.load(scratch.file("one.pem")));
        CHECK(issuers(authorities) == 1);
    }
}

TEST_CASE("a certificate whose lines are broken elsewhere is the same certificate") {
    std::string text = pem("authority.pem");
    for (size_t at = 30; at < text.size() - 30; at += 7)
        text.insert(at, "\r\n ");
    ScratchDirectory scratch;
    scratch.write("one.pem", text);
    Authorities authorities;
    REQUIRE(authorities.load(scratch.file("one.pem")));
    CHECK(issuers(authorities) == 1);
}

TEST_CASE("a file may be one certificate in DER") {
    const Certificate authority("authority.pem");
    const auto* const bytes = reinterpret_cast<const char*>(authority.one.raw.p);
    ScratchDirectory scratch;
    scratch.write("one.der", std::string(bytes, authority.one.raw.len));
    Authorities authorities;
    REQUIRE(authorities.load(scratch.file("one.der")));
    CHECK(issuers(authorities) == 1);
    CHECK(authorities.hold(authority.one));
}

TEST_CASE("certificates are read from all files of a directory") {
    ScratchDirectory scratch;
    scratch.write("one.pem", pem("authority.pem"));
    scratch.write("two.pem", pem("alone.pem"));
    scratch.write("README", "no certificate");
    Authorities authorities;
    REQUIRE(authorities.load(scratch.path()));
    CHECK(issuers(authorities) == 1);
    CHECK(authorities.hold(Certificate("alone.pem").one));
}

TEST_CASE("bad input: what holds no certificate is refused") {
    const std::string whole = pem("authority.pem");
    const std::string texts[] = {"",
                                 "hello",
                                 "-----BEGIN CERTIFICATE-----",
                                 "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                                 "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                 "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
                                 "-----BEGIN CERTIFICATE-----\nMP8=\n-----END CERTIFICATE-----\n",
                                 whole.substr(0, whole.size() - 30),
                                 std::string("0\x82\xff", 3)};
    ScratchDirectory scratch;
    for (const std::string& text : texts) {
        CAPTURE(text);
        scratch.write("file", text);
        const Status status = Authorities().load(scratch.file("file"));
        REQUIRE_FALSE(status);
        CHECK(status.error().code == ErrorCode::empty);
    }
}

TEST_CASE("bad input: a broken certificate in a bundle leaves the others") {
    std::string broken = pem("authority.pem");
    broken.replace(broken.size() - 60, 4, "////");
    std::string beginning = pem("alone.pem");
    beginning.replace(60, 4, "////");
    ScratchDirectory scratch;
    scratch.write("bundle.pem", beginning + broken.substr(0, 300) + broken + pem("authority.pem"));
    Authorities authorities;
    REQUIRE(authorities.load(scratch.file("bundle.pem")));
    CHECK(issuers(authorities) >= 1);
}

TEST_CASE("bad input: a file that changes after it was read hands out nothing wrong") {
    ScratchDirectory scratch;
    scratch.write("one.pem", pem("authority.pem"));
    Authorities authorities;
    REQUIRE(authorities.load(scratch.file("one.pem")));
    scratch.write("one.pem", "hello");
    CHECK(issuers(authorities) == 0);
    scratch.write("one.pem", std::string(4096, 'x'));
    CHECK(issuers(authorities) == 0);
}

TEST_CASE("bad input: authorities that cannot be read are named by their error") {
    ScratchDirectory scratch;
    CHECK(Authorities().load(scratch.file("nothing")).error().code == ErrorCode::not_found);
    CHECK(Authorities().load(scratch.path()).error().code == ErrorCode::empty);
    scratch.write("big", std::string(limits::authority_file_bytes + 1, 'x'));
    CHECK(Authorities().load(scratch.file("big")).error().code == ErrorCode::too_big);
}

}  // namespace
}  // namespace dialtone
