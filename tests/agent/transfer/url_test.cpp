// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/url.h"

#include <doctest/doctest.h>

#include "agent/hex.h"
#include "agent/limits.h"

using namespace dialtone;

namespace {

std::string request(std::string_view text) {
    const auto url = parse_url(text, Scheme::http);
    return url ? request_url(*url) : "error: " + url.error().detail;
}

std::string resolved(std::string_view base, std::string_view reference) {
    const auto url = parse_url(base, Scheme::http);
    REQUIRE(url);
    return resolved_reference(*url, reference);
}

Identity phone() {
    return *identity_from_mac("000B82273B89");
}

}  // namespace

TEST_CASE("a bare host becomes a URL of the default scheme") {
    CHECK(request("pbx.example") == "http://pbx.example/");
    CHECK(request("10.0.0.5/gs") == "http://10.0.0.5/gs");
    CHECK(request("10.0.0.5:88") == "http://10.0.0.5:88/");
}

TEST_CASE("userinfo is taken apart and never part of the request") {
    const auto url = parse_url("http://admin:12%4056@192.168.0.25:88", Scheme::https);
    REQUIRE(url);
    CHECK(url->user == "admin");
    CHECK(percent_decoded(url->password) == "12@56");
    CHECK(url->port == 88);
    CHECK(request_url(*url) == "http://192.168.0.25:88/");
}

TEST_CASE("a password with an unencoded at sign belongs to the userinfo") {
    const auto url = parse_url("ftp://u:p@ss@host/x", Scheme::http);
    REQUIRE(url);
    CHECK(url->password == "p@ss");
    CHECK(url->host == "host");
}

TEST_CASE("the registered port is not written and another one is") {
    CHECK(request("https://h:443/x") == "https://h/x");
    CHECK(request("https://h:80/x") == "https://h:80/x");
}

TEST_CASE("an IPv6 literal keeps its brackets") {
    CHECK(request("http://[fe80::1]:8080/x") == "http://[fe80::1]:8080/x");
    CHECK(request("http://[2001:db8::1").starts_with("error: "));
}

TEST_CASE("an IPv6 address without its brackets is one all the same, without a port") {
    CHECK(request("2001:db8::1") == "http://[2001:db8::1]/");
    CHECK(request("tftp://u:p@2001:db8::1/gs") == "tftp://[2001:db8::1]/gs");
    CHECK(request("http://h:1:2/") == "error: the address has a host that cannot be");
    CHECK(request("http://[1:2]/") == "error: the address has a host that cannot be");
}

TEST_CASE("what a request line cannot carry is percent-encoded and what is encoded stays") {
    CHECK(request("http://h/a b/%41\xc3\xa4") == "http://h/a%20b/%41%C3%A4");
}

TEST_CASE("a fragment is dropped") {
    CHECK(request("http://h/x#y") == "http://h/x");
}

TEST_CASE("bad input: an address that is none is refused in words") {
    CHECK(request("") == "error: the address is empty");
    CHECK(request("http://") == "error: the address names no host");
    CHECK(request("http://h:0/") == "error: the address has a port that is no port");
    CHECK(request("http://h:99999/") == "error: the address has a port that is no port");
    CHECK(request("http://h:1x/") == "error: the address has a port that is no port");
    CHECK(request("gopher://h/") == "error: no transfer is known for 'gopher://' addresses");
    CHECK(request("http://h/\r\nX: y") == "error: the address has control characters in it");
    CHECK(request("http://h<x>/") == "error: the address has a host that cannot be");
    CHECK(request("http://h/" + std::string(limits::url_bytes, 'x')).starts_with("error: "));
}

TEST_CASE("a URL for people shows neither userinfo nor query") {
    CHECK(masked_url("http://u:secret@h/x?token=secret", Scheme::http) == "http://***@h/x?***");
    CHECK(masked_url("\x01", Scheme::http) == "(unreadable)");
}

TEST_CASE("bad input: of a long URL people are shown the beginning, and no escape in halves") {
    const auto shown = [](std::string_view path) {
        return masked_url("http://h/" + std::string(path), Scheme::http);
    };
    const uint32_t room = limits::journal_url_bytes - 9;  // behind http://h/
    const std::string fits(room, 'a');
    CHECK(shown(fits) == "http://h/" + fits);
    CHECK(shown(fits + "a") == "http://h/" + std::string(room - 3, 'a') + "...");
    CHECK(whole_masked_url("http://h/" + fits + "a?b", Scheme::http) ==
          "http://h/" + fits + "a?***");
    for (uint32_t before = 0; before < 12; ++before) {
        // The two bytes of an a with two dots, again and again.
        std::string path(before, 'a');
        while (path.size() < 200)
            path += "\xc3\xa4";
        const std::string text = shown(path);
        CHECK(text.size() <= limits::journal_url_bytes);
        CHECK(text.size() > limits::journal_url_bytes - 3);
        REQUIRE(text.ends_with("..."));
        const auto last = text.rfind('%');
        CHECK(text.size() - 3 == last + 3);
    }
}

TEST_CASE("a Location is resolved as RFC 3986 5.2 says") {
    CHECK(resolved("http://h/a/b?q", "c") == "http://h/a/c");
    CHECK(resolved("http://h/a/b", "/c?d") == "http://h/c?d");
    CHECK(resolved("http://h/a/b", "../../../c") == "http://h/c");
    CHECK(resolved("http://h/a/b", "./") == "http://h/a/");
    CHECK(resolved("http://h:81/a/b", "?x=1") == "http://h:81/a/b?x=1");
    CHECK(resolved("https://h/a", "//other/x") == "https://other/x");
    CHECK(resolved("https://h/a", "http://other/x") == "http://other/x");
    CHECK(resolved("http://h", "c") == "http://h/c");
    CHECK(resolved("http://h/a", "/c?to=http://x/") == "http://h/c?to=http://x/");
}

TEST_CASE("a user and a password stand in a URL so that they are read as they are") {
    const auto with = [](std::string_view url, std::string_view user, std::string_view password) {
        return url_with_user(*parse_url(url, Scheme::http), user, password);
    };
    CHECK(with("http://h:81/a?b", "u", "p") == "http://u:p@h:81/a?b");
    CHECK(with("http://x:y@h/a", "u", "p") == "http://u:p@h/a");
    CHECK(with("http://x:y@h/a", "", "") == "http://x:y@h/a");
    CHECK(with("http://x@h/a", "", "") == "http://x@h/a");
    CHECK(with("http://h/a", "", "") == "http://h/a");
    const std::string url = with("ftp://h/a", "\xC3\xBC:/@", "%41?# \n");
    const auto read = parse_url(url, Scheme::http);
    REQUIRE(read);
    CHECK(percent_decoded(read->user) == "\xC3\xBC:/@");
    CHECK(percent_decoded(read->password) == "%41?# \n");
    CHECK(read->host == "h");
}

TEST_CASE("the same server is the same scheme, host and port") {
    const auto same = [](std::string_view one, std::string_view other) {
        return same_server(*parse_url(one, Scheme::http), *parse_url(other, Scheme::http));
    };
    CHECK(same("http://Host/x", "http://host:80/y"));
    CHECK(!same("http://host/", "https://host/"));
    CHECK(!same("http://host/", "http://host:81/"));
    CHECK(!same("http://host/", "http://host.evil/"));
}

TEST_CASE("the vendors' placeholders become the phone's MAC") {
    CHECK(filled_placeholders("http://h/$mac.cfg", phone()) == "http://h/000b82273b89.cfg");
    CHECK(filled_placeholders("http://h/{MAC}?m={$mac}&n=${mac}", phone()) ==
          "http://h/000B82273B89?m=000b82273b89&n=000b82273b89");
    CHECK(filled_placeholders("http://h/$MAC/${MAC}/{$MAC}", phone()) ==
          "http://h/000B82273B89/000B82273B89/000B82273B89");
    CHECK(filled_placeholders("http://h/$input.cfg?input=$input.cfg", phone()) ==
          "http://h/000b82273b89.cfg?input=000b82273b89.cfg");
    CHECK(filled_placeholders("http://h/$m/{ma}/$", phone()) == "http://h/$m/{ma}/$");
}
