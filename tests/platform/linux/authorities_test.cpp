// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/authorities.h"

#include <doctest/doctest.h>
#include <mbedtls/ssl.h>

#include <filesystem>

#include "agent/limits.h"
#include "platform/common/read_file.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

std::string pem(std::string_view name) {
    const auto text = read_file(DIALTONE_TEST_DATA "/tls/" + std::string(name), 65536);
    REQUIRE(text);
    return *text;
}

TEST_CASE("a bundle gives its certificates, whatever stands between them") {
    Authorities authorities;
    CHECK(
        authorities.load_text("# ours\r\n" + pem("authority.pem") + "\nand\n" + pem("alone.pem")));
}

TEST_CASE("a certificate whose lines are broken elsewhere is the same certificate") {
    std::string text = pem("authority.pem");
    for (size_t at = 30; at < text.size() - 30; at += 7)
        text.insert(at, "\r\n ");
    Authorities authorities;
    CHECK(authorities.load_text(text));
}

TEST_CASE("certificates are read from a file or from all files of a directory") {
    ScratchDirectory scratch;
    scratch.write("one.pem", pem("authority.pem"));
    scratch.write("README", "no certificate");
    CHECK(Authorities().load(scratch.file("one.pem")));
    CHECK(Authorities().load(scratch.path()));
}

TEST_CASE("bad input: what holds no certificate is refused") {
    const std::string whole = pem("authority.pem");
    const std::string texts[] = {"",
                                 "hello",
                                 "-----BEGIN CERTIFICATE-----",
                                 "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
                                 "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                                 whole.substr(0, whole.size() - 30),
                                 std::string("0\x82\xff", 3)};
    for (const std::string& text : texts) {
        CAPTURE(text);
        const Status status = Authorities().load_text(text);
        REQUIRE_FALSE(status);
        CHECK(status.error().code == ErrorCode::empty);
    }
}

TEST_CASE("bad input: a broken certificate in a bundle leaves the others") {
    std::string broken = pem("alone.pem");
    broken.replace(60, 4, "////");
    CHECK(Authorities().load_text(broken + pem("authority.pem")));
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
