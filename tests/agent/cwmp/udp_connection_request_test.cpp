// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/udp_connection_request.h"

#include <doctest/doctest.h>

#include <vector>

#include "agent/limits.h"

using namespace dialtone;

namespace {

constexpr std::string_view password = "hush-knock";

struct Datagram {
    UdpConnectionRequest said = {
        .timestamp = "1800000000", .id = "1234", .user = "acs", .cnonce = "XTGRWIPC6D3IPXS3"};
    std::string url = "http://10.0.0.2:7547";
    std::string version = " HTTP/1.1\r\n\r\n";

    Datagram& sign(std::string_view with = password) {
        said.signature = udp_request_signature(said, with);
        return *this;
    }
    std::string text() const {
        return "GET " + url + "?ts=" + said.timestamp + "&id=" + said.id + "&un=" + said.user +
               "&cn=" + said.cnonce + "&sig=" + said.signature + version;
    }
};

struct Bench {
    UdpRequestCheck check = {};
    std::optional<WallSeconds> proven_s = {};

    UdpRequestCheck::Judgement judge(std::string_view text) {
        return check.judge({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, "acs",
                           password, proven_s);
    }
};

std::string upper(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'f') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

std::vector<std::string> wrong_values() {
    const auto signed_with = [](auto change) {
        Datagram one;
        change(one);
        return one.sign().text();
    };
    return {
        signed_with([](Datagram& one) { one.said.user = "other"; }),
        signed_with([](Datagram& one) { one.said.user.clear(); }),
        signed_with([](Datagram& one) { one.said.id.clear(); }),
        signed_with([](Datagram& one) { one.said.cnonce.clear(); }),
        signed_with([](Datagram& one) { one.said.timestamp.clear(); }),
        signed_with([](Datagram& one) { one.said.timestamp = "-180000000"; }),
        signed_with([](Datagram& one) { one.said.timestamp = "0x18000000"; }),
        signed_with([](Datagram& one) { one.said.timestamp = "0800000000"; }),
        signed_with([](Datagram& one) { one.said.timestamp = "9999999999"; }),
        signed_with([](Datagram& one) { one.said.timestamp = "180000000"; }),
        signed_with([](Datagram& one) { one.said.timestamp = "18446744073709551616"; }),
        signed_with([](Datagram& one) { one.said.cnonce = std::string(300, 'x'); }),
        signed_with([](Datagram& one) { one.said.cnonce = "%4"; }),
        signed_with([](Datagram& one) { one.said.cnonce = "%zz"; }),
        signed_with([](Datagram& one) { one.url += "/a b"; }),
        signed_with([](Datagram& one) { one.version = " HTTP/2\r\n\r\n"; }),
        signed_with([](Datagram& one) { one.version = " HTTP/1.1"; }),
        signed_with([](Datagram& one) { one.version = "\r\n\r\n"; }),
        signed_with([](Datagram& one) { one.version = "#x HTTP/1.1\r\n\r\n"; }),
        signed_with([](Datagram& one) { one.url = std::string(1100, 'x'); }),
    };
}

std::vector<std::string> wrong_texts() {
    const auto with = [](auto change) {
        Datagram one;
        one.sign();
        change(one);
        return one.text();
    };
    const std::string right = Datagram().sign().text();
    const auto without = [&](std::string_view name) {
        std::string text = right;
        const auto at = text.find(name);
        return text.replace(at, name.size(), "x=");
    };
    const auto twice = [](std::string_view more) {
        Datagram one;
        one.version = '&' + std::string(more) + one.version;
        return one.sign().text();
    };
    return {
        "",
        "G",
        "GET",
        "GET \r\n",
        "GET  HTTP/1.1\r\n\r\n",
        Datagram().text(),
        Datagram().sign("other").text(),
        Datagram().sign("").text(),
        with([](Datagram& one) { one.said.timestamp = "1800000001"; }),
        with([](Datagram& one) { one.said.id = "1235"; }),
        with([](Datagram& one) { one.said.user = "ac"; }),
        with([](Datagram& one) { one.said.cnonce += 'x'; }),
        with([](Datagram& one) { one.said.signature.pop_back(); }),
        with([](Datagram& one) { one.said.signature += '0'; }),
        with([](Datagram& one) { one.said.signature.back() = 'g'; }),
        with([](Datagram& one) { one.said.signature = std::string(40, '0'); }),
        with([](Datagram& one) { one.said.signature.clear(); }),
        without("ts="),
        without("id="),
        without("un="),
        without("cn="),
        without("sig="),
        twice("ts=1800000000"),
        twice("id=1234"),
        twice("un=acs"),
        twice("cn=XTGRWIPC6D3IPXS3"),
        twice("sig=0000000000000000000000000000000000000000"),
        "POST" + right.substr(3),
        "get" + right.substr(3),
    };
}

}  // namespace

TEST_CASE("the signature is the HMAC-SHA1 of the four values, one behind the other") {
    // By another implementation: printf %s 18000000001234acsXTGRWIPC6D3IPXS3 | openssl sha1 -hmac
    CHECK(Datagram().sign().said.signature == "dd2c4a5b195cbaa43af9967d37ced4f5527d5655");
}

TEST_CASE("a request by who knows the password is taken once, however often it is sent") {
    Bench bench;
    const std::string text = Datagram().sign().text();
    CHECK(bench.judge(text).accepted);
    for (uint32_t i = 0; i < 2; ++i) {
        CHECK(!bench.judge(text).accepted);
        CHECK(bench.judge(text).is_repeated);
    }
}

TEST_CASE(
    "digits of the signature may be upper ones, the URL may have a path, and what nobody "
    "knows is passed over") {
    Bench bench;
    Datagram one;
    one.url = "http://203.0.113.7:4711/path";
    one.version = "&more=x HTTP/1.0\r\nHost: x\r\n\r\n";
    one.sign();
    one.said.signature = upper(one.said.signature);
    CHECK(bench.judge(one.text()).accepted);
}

TEST_CASE("a user is percent-encoded on the way and not in the signature") {
    UdpRequestCheck check;
    Datagram one;
    one.said.user = "00A0-phone 1";
    one.sign();
    one.said.user = "00A0%2Dphone%201";
    const std::string text = one.text();
    CHECK(check
              .judge({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, "00A0-phone 1",
                     password, {})
              .accepted);
}

TEST_CASE("a request is newer than the last one, or is not taken") {
    Bench bench;
    CHECK(bench.judge(Datagram().sign().text()).accepted);
    Datagram same;
    same.said.id = "1235";
    CHECK(!bench.judge(same.sign().text()).accepted);
    Datagram older;
    older.said.timestamp = "1799999999";
    CHECK(!bench.judge(older.sign().text()).accepted);
    Datagram newer;
    newer.said.timestamp = "1800000001";
    CHECK(bench.judge(newer.sign().text()).accepted);
    CHECK(!bench.judge(Datagram().sign().text()).accepted);
}

TEST_CASE("a phone that knows the time takes no request of long ago") {
    Bench bench;
    bench.proven_s = 1'800'000'000 + limits::udp_connection_request_age_s + 1;
    CHECK(bench.judge(Datagram().sign().text()).reason == "it is too old");
    bench.proven_s = 1'800'000'000 + limits::udp_connection_request_age_s;
    CHECK(bench.judge(Datagram().sign().text()).accepted);
}

TEST_CASE("bad input: a digit that moves from the id to the time makes no newer request") {
    Bench bench;
    CHECK(bench.judge(Datagram().sign().text()).accepted);
    Datagram next;
    next.said.timestamp = "1800000060";
    CHECK(bench.judge(next.sign().text()).accepted);
    Datagram moved = Datagram().sign();
    moved.said.timestamp = "18000000001";
    moved.said.id = "234";
    CHECK(udp_request_signature(moved.said, password) == moved.said.signature);
    CHECK(!bench.judge(moved.text()).accepted);
}

TEST_CASE("bad input: whatever is wrong with a request, it is not taken") {
    const std::string right = Datagram().sign().text();
    std::vector<std::string> all = wrong_values();
    for (const std::string& text : wrong_texts())
        all.push_back(text);
    for (const std::string& text : all) {
        CAPTURE(text);
        Bench bench;
        const auto judgement = bench.judge(text);
        CHECK(!judgement.accepted);
        CHECK(!judgement.is_repeated);
        // Nothing of it stands in the way of the right one.
        CHECK(bench.judge(right).accepted);
    }
}

TEST_CASE("bad input: a request that is cut before its last value's end is not taken") {
    Bench bench;
    const std::string right = Datagram().sign().text();
    const auto line_end = right.find("\r\n");
    for (uint32_t length = 0; length < line_end + 2; ++length) {
        CAPTURE(length);
        CHECK(!bench.judge(right.substr(0, length)).accepted);
    }
    CHECK(bench.judge(right).accepted);
}

TEST_CASE("bad input: without user or password no request is taken") {
    for (const auto& [user, with] :
         {std::pair("", ""), std::pair("acs", ""), std::pair("", "hush-knock")}) {
        UdpRequestCheck check;
        Datagram one;
        one.said.user = user;
        const std::string text = one.sign(with).text();
        CHECK(!check
                   .judge({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, user, with,
                          {})
                   .accepted);
    }
}
