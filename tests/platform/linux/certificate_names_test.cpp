// SPDX-License-Identifier: Apache-2.0
//
// The rules with whole certificates, beside OpenSSL's: tests/integration/tls_matrix_test.py.
#include "platform/linux/certificate_names.h"

#include <doctest/doctest.h>

#include "platform/common/read_file.h"

namespace dialtone {
namespace {

struct Certificate {
    Certificate() {
        ::mbedtls_x509_crt_init(&one);
        ::mbedtls_x509_crt_parse_file(&one, DIALTONE_TEST_DATA "/tls/server.pem");
    }
    ~Certificate() { ::mbedtls_x509_crt_free(&one); }
    Certificate(const Certificate&) = delete;
    Certificate& operator=(const Certificate&) = delete;

    mbedtls_x509_crt one;
};

TEST_CASE("a name covers itself, and with a wildcard any one label in front of a domain") {
    struct Row {
        const char* name;
        const char* host;
        bool covers;
    };
    constexpr Row rows[] = {
        {"pbx.example", "pbx.example", true},
        {"PBX.Example", "pbx.eXAMPLE", true},
        {"pbx.example", "pbx.example.org", false},
        {"*.lab.example", "pbx.lab.example", true},
        {"*.lab.example", "PBX.LAB.example", true},
        {"*.lab.example", "lab.example", false},
        {"*.lab.example", ".lab.example", false},
        {"*.lab.example", "a.pbx.lab.example", false},
        {"*.example", "pbx.example", false},
        {"*", "pbx", false},
        {"*.", "pbx.", false},
        {"p*.lab.example", "pbx.lab.example", false},
        {"pbx.*.example", "pbx.lab.example", false},
        {"*.*.example", "pbx.lab.example", false},
        {"", "", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name);
        CAPTURE(row.host);
        CHECK(name_covers(row.name, row.host) == row.covers);
    }
    CHECK_FALSE(name_covers(std::string_view("pbx.example\0.evil", 17), "pbx.example"));
}

TEST_CASE("a certificate stands for the hosts and addresses it names, and says so") {
    const Certificate certificate;
    CHECK(stands_for(certificate.one, "server.test"));
    CHECK(stands_for(certificate.one, "server.test."));
    CHECK(stands_for(certificate.one, "127.0.0.1"));
    CHECK_FALSE(stands_for(certificate.one, "127.0.0.2"));
    CHECK_FALSE(stands_for(certificate.one, "server"));
    CHECK_FALSE(stands_for(certificate.one, ""));
    CHECK(certificate_names_words(certificate.one) == "server.test and 127.0.0.1");
}

}  // namespace
}  // namespace dialtone
