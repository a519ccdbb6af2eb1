// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/ftp_address.h"

#include <doctest/doctest.h>

using namespace dialtone;

namespace {

std::string address(std::string_view text) {
    const auto url = parse_url(text, Scheme::ftp);
    REQUIRE(url);
    const auto found = ftp_address(*url);
    return found ? *found : std::string(error_code_name(found.error().code));
}

}  // namespace

TEST_CASE("an FTP address keeps server and path, absolute or not") {
    CHECK(address("ftp://h/gs/cfg.xml") == "ftp://h/gs/cfg.xml");
    CHECK(address("ftps://h:990//srv/my phone.xml") == "ftps://h//srv/my%20phone.xml");
    CHECK(address("h:2121/x") == "ftp://h:2121/x");
}

TEST_CASE("what is no part of a file's name on an FTP server is left out") {
    CHECK(address("ftp://u:p@h/x?token=1") == "ftp://h/x");
    CHECK(address("ftp://h/x;type=a") == "ftp://h/x");
    CHECK(address("ftp://h/a;b.xml;type=i") == "ftp://h/a%3Bb.xml");
    CHECK(ftp_remark(*parse_url("ftp://h/x?a", Scheme::http)).starts_with("FTP knows no query"));
    CHECK(ftp_remark(*parse_url("ftp://u:p@h/x", Scheme::http)).empty());
}

TEST_CASE("an FTP address without a file is empty") {
    for (const char* text : {"ftp://h", "ftp://h/", "ftp://h/gs/", "ftp://h/gs%2f", "ftp://h?x"})
        CHECK(address(text) == "empty");
}

TEST_CASE("bad input: control characters in an FTP path, user or password are refused") {
    for (const char* text :
         {"ftp://h/a%0d%0aDELE%20b", "ftp://h/a%00b", "ftp://u%0a:p@h/x", "ftp://u:p%0Dq@h/x"})
        CHECK(address(text) == "bad_usage");
}
