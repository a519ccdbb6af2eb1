// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/own_certificate.h"

#include <doctest/doctest.h>
#include <mbedtls/ssl.h>

#include "platform/common/read_file.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

std::string file_of(std::string_view name) {
    return DIALTONE_TEST_DATA "/tls/" + std::string(name);
}

std::string flaw_of(const std::string& certificate_file, const std::string& key_file) {
    const Status status = OwnCertificate().load(certificate_file, key_file);
    return status ? "" : status.error().detail;
}

TEST_CASE("a certificate and its key are read from two files or from one") {
    CHECK(flaw_of(file_of("phone.pem"), file_of("phone.key")).empty());
    ScratchDirectory scratch;
    scratch.write("both.pem", *read_file(file_of("phone.key"), 65536));
    scratch.append("both.pem", *read_file(file_of("phone.pem"), 65536));
    CHECK(flaw_of(scratch.file("both.pem"), "").empty());
}

TEST_CASE("bad input: a certificate or key that cannot be used is named") {
    const std::string certificate = file_of("phone.pem"), other_key = file_of("server.key");
    CHECK(flaw_of("/nonexistent/phone.pem", "") ==
          "no certificate can be read from /nonexistent/phone.pem");
    CHECK(flaw_of(other_key, "") == "no certificate can be read from " + other_key);
    CHECK(flaw_of(certificate, "") == "no private key can be read from " + certificate);
    CHECK(flaw_of(certificate, other_key) ==
          "the key in " + other_key + " does not belong to " + certificate);
}

}  // namespace
}  // namespace dialtone
