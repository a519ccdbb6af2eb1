// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/acs_option.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/limits.h"

using namespace dialtone;

namespace {

using Bytes = std::vector<uint8_t>;

Bytes operator+(Bytes one, const Bytes& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

Bytes bytes(std::string_view text) {
    return {text.begin(), text.end()};
}

// A sub-option with its code and length in one byte each.
Bytes sub(uint8_t code, const Bytes& value) {
    return Bytes{code, static_cast<uint8_t>(value.size())} + value;
}

Bytes sub(uint8_t code, std::string_view text) {
    return sub(code, bytes(text));
}

// The same with two bytes each, as in DHCPv6.
Bytes wide(uint8_t code, std::string_view text) {
    return Bytes{0, code, 0, static_cast<uint8_t>(text.size())} + bytes(text);
}

const Bytes forum = {0x00, 0x00, 0x0d, 0xe9};

Bytes identifying(const Bytes& enterprise, const Bytes& values) {
    return enterprise + Bytes{static_cast<uint8_t>(values.size())} + values;
}

AcsNews of_information(Bytes value) {
    return acs_of_vendor_options({.from = "the lease", .information = std::move(value)});
}

AcsNews of_identifying(Bytes value) {
    return acs_of_vendor_options({.from = "the lease", .identifying = std::move(value)});
}

const std::string acs = "https://acs.example:7547/cwmp";

}  // namespace

TEST_CASE("sub-options 1 to 4 of option 43 name an ACS, its code and its waits") {
    const AcsNews news =
        of_information(sub(1, acs) + sub(2, "Site-7") + sub(3, "20") + sub(4, "3000"));
    CHECK(news.url == acs);
    CHECK(news.option == "43");
    CHECK(news.provisioning_code == "Site-7");
    CHECK(news.retry_minimum_s == 20);
    CHECK(news.retry_multiplier == 3000);
    CHECK(news.remark.empty());
}

TEST_CASE("the waits are digits or the number itself, and count within their range alone") {
    struct Case {
        Bytes minimum;
        Bytes multiplier;
        uint32_t minimum_s;
        uint32_t thousandths;
    };
    const Case cases[] = {
        {{5}, {0x07, 0xd0}, 5, 2000},
        {{0, 0, 0, 60}, {0, 0, 0x0b, 0xb8}, 60, 3000},
        {bytes("7"), bytes("1000"), 7, 1000},
        {bytes("65535"), bytes("65535"), 65'535, 65'535},
        {bytes("65536"), bytes("999"), 0, 0},
        {bytes("0"), bytes("never"), 0, 0},
        {{}, {}, 0, 0},
        {{1, 2, 3, 4, 5}, {0xff, 0xff, 0xff, 0xff}, 0, 0},
    };
    for (const Case& one : cases) {
        const AcsNews news =
            of_information(sub(1, acs) + sub(3, one.minimum) + sub(4, one.multiplier));
        CHECK(news.url == acs);
        CHECK(news.retry_minimum_s == one.minimum_s);
        CHECK(news.retry_multiplier == one.thousandths);
    }
}

TEST_CASE("what servers put around sub-options does not hide them") {
    const Bytes code = sub(2, "code");
    CHECK(of_information(code + sub(1, acs)).url == acs);  // dnsmasq writes the last one first
    CHECK(of_information(Bytes{0, 0} + sub(1, acs) + Bytes{0xff, 0, 0}).url == acs);
    CHECK(of_information(sub(1, acs + std::string(1, '\0'))).url == acs);
    CHECK(of_information(sub(1, " " + acs + "\r\n")).url == acs);
    CHECK(of_information(sub(128, "of another vendor") + sub(1, acs)).url == acs);
}

TEST_CASE("a text in option 43 names no ACS: it is the provisioning server's") {
    CHECK(of_information(bytes(acs)) == AcsNews{});
    CHECK(of_information(bytes("tftp://192.0.2.1/$mac.cfg")) == AcsNews{});
    CHECK(of_information({}) == AcsNews{});
}

TEST_CASE("option 125 names an ACS in the Broadband Forum's part, beside those of others") {
    const Bytes named = sub(11, acs) + sub(12, "code") + sub(13, "9") + sub(14, "1500");
    const Bytes other = identifying({0, 0, 0x11, 0x8b}, sub(11, "http://cable.example"));
    const AcsNews news = of_identifying(other + identifying(forum, named));
    CHECK(news.url == acs);
    CHECK(news.option == "125");
    CHECK(news.provisioning_code == "code");
    CHECK(news.retry_minimum_s == 9);
    CHECK(news.retry_multiplier == 1500);
    CHECK(of_identifying(other) == AcsNews{});
}

TEST_CASE("option 125 says who the gateway is, with an ACS or without one") {
    const Bytes gateway = sub(4, "00000C") + sub(5, "SN-1") + sub(6, "Router");
    const AcsNews news = of_identifying(identifying(forum, gateway));
    CHECK(news.url.empty());
    CHECK(news.gateway == GatewayIdentity{"00000C", "SN-1", "Router"});
    const AcsNews both = acs_of_vendor_options(
        {.information = sub(1, acs), .identifying = identifying(forum, gateway)});
    CHECK(both.url == acs);
    CHECK(both.gateway.oui == "00000C");
}

TEST_CASE("option 17 of DHCPv6 names an ACS by the codes of option 43") {
    const Bytes value = forum + wide(1, acs) + wide(2, "code");
    const AcsNews news = acs_of_vendor_options({.identifying_v6 = value});
    CHECK(news.url == acs);
    CHECK(news.option == "v6 17");
    CHECK(news.provisioning_code == "code");
    const Bytes other = Bytes{0, 0, 0, 9} + wide(1, acs);
    CHECK(acs_of_vendor_options({.identifying_v6 = other}) == AcsNews{});
}

TEST_CASE("of several ACSs the one of option 43 counts, whole") {
    const Bytes second = identifying(forum, sub(11, "http://second.example") + sub(13, "9"));
    const AcsNews news = acs_of_vendor_options({.information = sub(1, acs), .identifying = second});
    CHECK(news.url == acs);
    CHECK(news.retry_minimum_s == 0);
    const AcsNews other = acs_of_vendor_options(
        {.information = sub(1, "ftp://files.example") + sub(3, "5"), .identifying = second});
    CHECK(other.url == "http://second.example");
    CHECK(other.retry_minimum_s == 9);
    CHECK(other.remark.empty());
}

TEST_CASE("bad input: what is no URL of a web server is told, and never quoted") {
    const std::pair<std::string, std::string_view> cases[] = {
        {"", "is no text"},
        {"http://acs.example/a b", "is no text"},
        {"http://acs.example/\x01", "is no text"},
        {"http://\xc3\xa4.example", "is no text"},
        {"acs.example", "is no URL"},
        {"http://", "is no URL"},
        {"tftp://192.0.2.1/acs", "names no web server, as an ACS is one"},
        {"http://acs.example/" + std::string(limits::cwmp_url_bytes - 18, 'x'),
         "is too long for the URL of an ACS"},
    };
    for (const auto& [value, words] : cases) {
        if (value.size() > 255) {  // no sub-option of option 43 holds it
            const Bytes url = bytes(value);
            const auto size = static_cast<uint8_t>(url.size() - 256);
            const AcsNews news =
                acs_of_vendor_options({.identifying_v6 = forum + Bytes{0, 1, 1, size} + url});
            CHECK(news.remark == "sub-option 1 of option v6 17 " + std::string(words));
            continue;
        }
        const AcsNews news = of_information(sub(1, value));
        CHECK(news.url.empty());
        CHECK(news.remark == "sub-option 1 of option 43 " + std::string(words));
    }
}

TEST_CASE("bad input: sub-options that lie about a length say nothing at all") {
    const Bytes whole = sub(1, acs) + sub(2, "code");
    for (size_t size = 0; size < whole.size(); ++size) {
        if (size == acs.size() + 2) continue;  // the first one, whole
        CHECK(of_information(Bytes(whole.begin(), whole.begin() + static_cast<long>(size))) ==
              AcsNews{});
    }
    const Bytes part = identifying(forum, sub(11, acs));
    for (size_t size = 0; size < part.size(); ++size)
        CHECK(of_identifying(Bytes(part.begin(), part.begin() + static_cast<long>(size))) ==
              AcsNews{});
    Bytes many;
    for (uint32_t i = 0; i < limits::acs_sub_options; ++i)
        many = many + sub(9, "");
    CHECK(of_information(many + sub(1, acs)) == AcsNews{});
}
