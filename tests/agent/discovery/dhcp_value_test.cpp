// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/dhcp_value.h"

#include <doctest/doctest.h>

#include "agent/discovery/dhcp_message.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "tests/agent/discovery/dhcp_captures.h"

using namespace dialtone;
using namespace dialtone::test;
using namespace std::string_view_literals;

namespace {

std::span<const uint8_t> bytes_of_text(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

// The servers, separated by blanks; "! words" if there are none.
std::string servers(uint16_t code, std::string_view value, bool ipv6 = false,
                    bool speaks_cwmp = false) {
    const auto read = servers_of_option(ipv6, code, bytes_of_text(value), speaks_cwmp);
    if (!read) return "! " + read.error().detail;
    std::string out;
    for (const std::string& one : read->servers)
        out += (out.empty() ? "" : " ") + one;
    return out + (read->remark.empty() ? "" : " [" + std::string(read->remark) + "]");
}

std::string sip(std::string_view value) {
    const auto read = sip_server_of_option(bytes_of_text(value));
    if (!read) return "! " + read.error().detail;
    return read->servers.front() +
           (read->remark.empty() ? "" : " [" + std::string(read->remark) + "]");
}

std::string captured(std::string_view hex, uint8_t code) {
    const auto reply = read_dhcp_reply(*bytes_of_hex(hex));
    REQUIRE(reply);
    const auto value = reply->value_of(code);
    return servers(code, {reinterpret_cast<const char*>(value.data()), value.size()});
}

}  // namespace

TEST_CASE("option 66 is a URL, a host or a host with a path") {
    for (const char* text :
         {"pbx", "pbx.example.net", "10.0.0.1", "40.40.40.40/ht801", "pbx:8080/cfg",
          "http://10.0.0.1/management/provisioning", "HTTPS://pbx/$mac.cfg", "tftp://10.0.0.1",
          "ftp://1:1@10.0.0.1/$input.xml", "http://user:p@ss@pbx:88", "http://[2001:db8::1]:80/a",
          "http://pbx?mac=$mac&token=x", "http://{mac}.example.net/", "http://pbx/a b/c"}) {
        CHECK(servers(66, text) == text);
    }
}

TEST_CASE("NULs, 0xFF and blanks around a value are off") {
    CHECK(servers(66, "http://pbx/a\0"sv) == "http://pbx/a");
    CHECK(servers(66, " \t pbx \r\n\0\0"sv) == "pbx");
    CHECK(servers(160, "http://pbx\xff\xff"sv) == "http://pbx");
    CHECK(servers(43, "tftp://192.168.1.118/$mac.cfg\0"sv) == "tftp://192.168.1.118/$mac.cfg");
}

TEST_CASE("the captured answers name their servers") {
    CHECK(captured(dnsmasq_ack, 66) == "http://198.18.77.2/prov/cfg.xml");
    CHECK(captured(dnsmasq_ack, 43) == "http://198.18.77.2/acs");
    CHECK(captured(dnsmasq_ack, 150) == "tftp://198.18.77.2");
    CHECK(captured(isc_dhcpd_ack, 66) == "https://user:pass@198.18.77.2:8443/prov/%MA/");
    CHECK(captured(isc_dhcpd_ack, 43) == "https://acs.example.net:7547/");
    CHECK(captured(isc_dhcpd_ack, 150) == "tftp://198.18.77.2 tftp://198.18.77.3");
    CHECK(captured(isc_dhcpd_ack, 160) == "http://198.18.77.2/x");
    CHECK(captured(kea_ack, 66) == "tftp://198.18.77.2:69/a/b/");
    CHECK(captured(kea_ack, 43) == "http://198.18.77.2/a");
    CHECK(captured(kea_ack, 160) == "http://kea/$MAC.cfg");
    CHECK(captured(udhcpd_ack, 66) == "tftp.example.net");
    CHECK(captured(udhcpd_ack, 43) == "http://x");
}

TEST_CASE("option 43 is text with a scheme, or an address or name with a dot") {
    CHECK(servers(43, "http://pbx/$mac.cfg") == "http://pbx/$mac.cfg");
    CHECK(servers(43, "172.18.6.37") == "172.18.6.37");
    CHECK(servers(43, "pbx.example.net/phones") == "pbx.example.net/phones");
    CHECK(servers(43, "abc") == "! names no server");
    CHECK(servers(43, "some words of a vendor.") == "! names no server");
}

TEST_CASE("quotes around what an option names are taken off, and a remark says so") {
    const std::string quoted = " [is in quotes, which are taken off]";
    const std::string whole = "http://pbx.example/it's?b=c";
    const std::pair<std::string, std::string> pairs[] = {{"\"", "\""},
                                                         {"'", "'"},
                                                         {"`", "`"},
                                                         {"<", ">"},
                                                         {"\xe2\x80\x9c", "\xe2\x80\x9d"},
                                                         {"\xe2\x80\x98", "\xe2\x80\x99"},
                                                         {"\xe2\x80\x9e", "\xe2\x80\x9c"},
                                                         {"\xc2\xab", "\xc2\xbb"}};
    for (const auto& [opening, closing] : pairs) {
        CAPTURE(opening);
        for (const uint16_t code : std::initializer_list<uint16_t>{43, 66, 67, 150, 160, 254})
            CHECK(servers(code, opening + whole + closing) == whole + quoted);
        CHECK(servers(59, opening + whole + closing, true) == whole + quoted);
        CHECK(servers(66, " " + opening + " pbx " + closing + "\r\n") == "pbx" + quoted);
        CHECK(servers(66, opening + whole) == whole + quoted);
        CHECK(servers(66, opening + closing) == "! is empty");
        const std::string in_quotes = opening + "10.0.0.5/gs" + closing;
        const auto size = static_cast<char>(in_quotes.size());
        CHECK(servers(43, std::string("\x02") + size + in_quotes) == "10.0.0.5/gs" + quoted);
        CHECK(sip(opening + "10.0.0.5" + closing) == "10.0.0.5" + quoted);
    }
    CHECK(servers(66, whole) == whole);
    CHECK(servers(66, "http://pbx/it's") == "http://pbx/it's");
}

TEST_CASE("a host without a scheme in a sub-option of option 43 counts as it does alone") {
    const auto in_sub_option = [](std::string_view text) {
        return servers(43, std::string("\x07\x01x\x02") + static_cast<char>(text.size()) +
                               std::string(text) + "\xff");
    };
    for (const char* text :
         {"10.0.0.5", "1.0.3.25/gs", "10.0.0.5:8080/gs/$mac.cfg", "pbx.example.net",
          "pbx.example.net/phones", "pbx.example.net:8080", "[2001:db8::1]/gs", "u:p@pbx.lan/a"}) {
        CHECK(in_sub_option(text) == text);
        CHECK(servers(43, text) == text);
    }
    for (const char* text : {"pbx1", "2.10.2", "pxelinux.0", "MSFT 5.0", "/gs/a.xml",
                             "images/a.img", "SRVR=10.0.0.5,PORT=80", "a.b c", "end."})
        CHECK(in_sub_option(text) == "! names no server");
}

TEST_CASE("of sub-options in option 43 those that name a server count") {
    CHECK(servers(43, "\x02\x06secret\x01\x0ahttp://a/b\xff"sv) == "http://a/b");
    CHECK(servers(43, "\0\x01\x0bhttp://a/b\0\x09\x08tftp://c"sv) == "http://a/b tftp://c");
    CHECK(servers(43, "\x01\x04pbx1"sv) == "! names no server");
    // All of it printable: code 66, 36 bytes long.
    CHECK(servers(43, "B$http://10.0.0.1/management/provisions") ==
          "! has the scheme 'B$http', which no transfer knows");
    CHECK(servers(43, "B$http://10.0.0.1/management/provision") ==
          "http://10.0.0.1/management/provision");
}

TEST_CASE("option 150 is a list of addresses or text") {
    CHECK(servers(150, "\x0a\0\0\x01"sv) == "tftp://10.0.0.1");
    CHECK(servers(150, "\x0a\0\0\x41\xc0\xa8\x01\x02"sv) == "tftp://10.0.0.65 tftp://192.168.1.2");
    CHECK(servers(150, "\xac\x10\x41\x42"sv) == "tftp://172.16.65.66");
    CHECK(servers(150, "10.0.0.1") == "10.0.0.1");
    CHECK(servers(150, "http://10.0.0.1/") == "http://10.0.0.1/");
    CHECK(servers(150, "tftp://pbx/a\0\0\0\0"sv) == "tftp://pbx/a");
}

TEST_CASE("option 67 names a server only by a whole URL") {
    CHECK(servers(67, "phone.cfg") == "! names a file, and no server for it");
    CHECK(servers(67, "http://pbx/phone.cfg") == "http://pbx/phone.cfg");
}

TEST_CASE("option 59 of DHCPv6 is a URL or an address, which option 59 of DHCPv4 is not") {
    CHECK(servers(59, "tftp://[2001:db8::1]/phones", true) == "tftp://[2001:db8::1]/phones");
    CHECK(servers(59, "2001:db8::1", true) == "[2001:db8::1]");
    CHECK(dhcp_option_name(true, 59) == "v6 59");
    CHECK(dhcp_option_name(false, 59) == "59");
    CHECK(servers(43, "2001:db8::1", true) == "[2001:db8::1]");  // no vendor's own bytes there
}

TEST_CASE("option 120 is a list of names or of addresses, or text") {
    CHECK(sip("\0\4sip1\7example\3net\0\4sip2\0"sv) == "sip1.example.net");
    CHECK(sip("\1\x0a\0\0\x05\x0a\0\0\x06"sv) == "10.0.0.5");
    CHECK(sip("sip1.example.net sip2.example.net") == "sip1.example.net");
    CHECK(sip("10.0.0.5,10.0.0.6") == "10.0.0.5");
    CHECK(sip("sip.example.net:5061\0"sv) == "sip.example.net:5061");
    CHECK(sip("2001:db8::1") == "[2001:db8::1]");
}

TEST_CASE("the word that udhcpc puts for what it does not hand over is known in option 66") {
    CHECK(was_mangled_by_client(false, 66, bytes_of_text("bad")));
    CHECK(was_mangled_by_client(false, 66, bytes_of_text("bad\0"sv)));
    CHECK(!was_mangled_by_client(false, 66, bytes_of_text("bad.example")));
    CHECK(!was_mangled_by_client(false, 160, bytes_of_text("bad")));
    CHECK(!was_mangled_by_client(true, 66, bytes_of_text("bad")));
    CHECK(!was_mangled_by_client(false, 66, {}));
}

TEST_CASE("bad input: empty DHCP options and those of padding only name no server") {
    for (const uint16_t code : std::initializer_list<uint16_t>{43, 66, 150, 160, 254}) {
        CHECK(servers(code, "") == "! is empty");
        CHECK(servers(code, "\0\0 \xff"sv) ==
              (code == 150 ? "! has no address a server can have" : "! is empty"));
    }
    CHECK(sip("") == "! is empty");
}

TEST_CASE("bad input: control characters inside a DHCP option refuse it") {
    CHECK(servers(66, "http://pbx/a\r\nX: y") == "! has control characters in it");
    CHECK(servers(66, "pbx\0evil"sv) == "! has control characters in it");
    CHECK(servers(160, "http://\x1b[31mpbx") == "! has control characters in it");
    CHECK(servers(59, "http://pbx/\x7f", true) == "! has control characters in it");
}

TEST_CASE("bad input: a DHCP option of 100 kB is refused") {
    const std::string many(100'000, 'a');
    CHECK(servers(66, "http://pbx/" + many) == "! is longer than 2048 bytes");
    CHECK(servers(43, "http://pbx/" + many) == "! is longer than 2048 bytes");
    CHECK(servers(59, "http://pbx/" + many, true) == "! is longer than 2048 bytes");
    const std::string list(100'000, '\x0a');
    CHECK(servers_of_option(false, 150, bytes_of_text(list))->servers.size() == limits::dhcp_urls);
}

TEST_CASE("bad input: unknown schemes and hosts that cannot be are refused without a quotation") {
    CHECK(servers(66, "gopher://pbx/secret") ==
          "! has the scheme 'gopher', which no transfer knows");
    CHECK(servers(66, "javascript-of-some-kind://x") == "! has a scheme that no transfer knows");
    CHECK(servers(66, "\xe4\xf6://x") == "! has a scheme that no transfer knows");
    CHECK(servers(66, "://x") == "! names no host");
    for (const char* text :
         {"http://", "http:///path", "http://:80/", "http://pbx:0/", "http://pbx:65536/",
          "http://pbx:80x/", "http://[2001:db8::1", "http://[pbx]/", "http://[::1]x/", "/path/only",
          "?mac=1", "pbx secret", "http://user:secret@/", "file", "..."}) {
        CAPTURE(text);
        const std::string read = servers(66, text);
        if (text == "file"sv) {
            CHECK(read == "file");
            continue;
        }
        CHECK(read == "! names no host");
    }
}

TEST_CASE(
    "of a phone with an ACS a web server in sub-option 1 of option 43 is that, and no other") {
    const auto managed = [](std::string_view value) { return servers(43, value, false, true); };
    CHECK(managed("\x01\x0ahttp://a/b"sv) == "! names an ACS, and no server of files");
    CHECK(managed("\x01\x0ahttp://a/b\x02\x08tftp://c"sv) == "tftp://c");
    CHECK(managed("\x01\x0bhttps://a/b"sv) == "! names an ACS, and no server of files");
    CHECK(managed("\x01\x08tftp://c"sv) == "tftp://c");
    CHECK(managed("\x02\x0ahttp://a/b"sv) == "http://a/b");
    CHECK(managed("http://a/b"sv) == "http://a/b");
}

TEST_CASE("bad input: sub-options of option 43 that lie about their length name no server") {
    CHECK(servers(43, "\x01\x0bhttp://a/b"sv) == "! names no server");
    CHECK(servers(43, "\x01\x0ahttp://a/b\x02\x20x"sv) == "! names no server");
    CHECK(servers(43, "\x01"sv) == "! names no server");
    CHECK(servers(43, "\x01\xff\xff"sv) == "! names no server");
    std::string many;
    for (uint32_t i = 0; i < 200; ++i)
        many += "\x01\x08tftp://c"sv;
    CHECK(servers_of_option(false, 43, bytes_of_text(many))->servers.size() == limits::dhcp_urls);
}

TEST_CASE("bad input: addresses in option 150 that no server can have are left out") {
    CHECK(servers(150, "\0\0\0\0\xff\xff\xff\xff\x7f\0\0\x01\xe0\0\x01\x4b"sv) ==
          "! has no address a server can have");
    CHECK(servers(150, "\0\0\0\0\x0a\0\0\x01"sv) == "tftp://10.0.0.1");
    CHECK(servers(150, "\x0a\0\0\x01\x0a"sv) == "! has control characters in it");
}

TEST_CASE("bad input: lists in option 120 that lie about their length name nobody") {
    for (const auto value : {"\0\4sip"sv, "\0\4sip1"sv, "\0\xc0\x0c"sv, "\0\x40"sv, "\0\0x"sv,
                             "\0\4a\r\nb\0"sv, "\0\x01"sv})
        CHECK(sip(value) == "! is no list of names");
    CHECK(sip("\1\x0a\0\0"sv) == "! is no list of addresses");
    CHECK(sip("\1\x0a\0\0\x05\x06"sv) == "! is no list of addresses");
    CHECK(sip("\1\xff\xff\xff\xff"sv) == "! has no address to call");
    CHECK(sip("\0"sv) == "! is empty");
    CHECK(sip("sip:evil@x y") == "! names no host");
    CHECK(sip("a\r\nb") == "! names no host");
    std::string endless(1, '\0');
    for (uint32_t i = 0; i < 10; ++i)
        endless += '\x3f' + std::string(63, 'a');
    CHECK(sip(endless + '\0') == "! is no list of names");
}
