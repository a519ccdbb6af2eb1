// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sip_digest.h"

#include <doctest/doctest.h>
#include <mbedtls/md5.h>

#include "agent/limits.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;

namespace {

std::string md5(std::string_view text) {
    uint8_t digest[16];
    REQUIRE(mbedtls_md5(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest) == 0);
    std::string out;
    for (const uint8_t byte : digest) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

std::string nonce_in(std::string_view text) {
    const auto at = text.find("nonce=\"");
    REQUIRE(at != std::string_view::npos);
    text.remove_prefix(at + 7);
    return std::string(text.substr(0, text.find('"')));
}

struct Credentials {
    std::string user = "u";
    std::string password = "p";
    std::string realm = "dialtone";
    bool quality = true;
};

// A server's Authorization line for a NOTIFY.
std::string authorization(const std::string& nonce, const Credentials& with = {}) {
    const std::string secret = md5(with.user + ":" + with.realm + ":" + with.password);
    const std::string what = md5("NOTIFY:sip:172.18.32.197:5060");
    const std::string middle =
        with.quality ? ":" + nonce + ":00000001:0a4f113b:auth:" : ":" + nonce + ":";
    std::string line = "Authorization: Digest username=\"" + with.user + "\", realm=\"" +
                       with.realm + "\", nonce=\"" + nonce +
                       "\", uri=\"sip:172.18.32.197:5060\", response=\"" +
                       md5(secret + middle + what) + "\"";
    if (with.quality) line += ", qop=auth, nc=00000001, cnonce=\"0a4f113b\", algorithm=MD5";
    return line;
}

std::string with_authorization(std::string_view line, uint32_t cseq = 2) {
    return notify_text("check-sync\n" + std::string(line), {}, {}, cseq);
}

void listen(PnpBench& bench, std::string user = "u", std::string password = "p") {
    bench.request.listen_s = 3600;
    bench.request.user = std::move(user);
    bench.request.password = std::move(password);
    bench.start();
    bench.datagram(bench.response("200 OK"));
    bench.run_to(limits::pnp_last_wait_ms);
    REQUIRE(bench.pnp.take_outcome());
}

// The unknown host asks, and is asked back.
std::string challenge(PnpBench& bench, const Address& from = other_address) {
    static uint32_t cseq = 100;
    bench.datagram(notify_text("check-sync", {}, {}, ++cseq), from);
    REQUIRE(bench.answered() == "401");
    return nonce_in(bench.sent.back().text);
}

}  // namespace

TEST_CASE("the digest of RFC 2617 3.5 is what this test computes, too") {
    const std::string secret = md5("Mufasa:testrealm@host.com:Circle Of Life");
    const std::string what = md5("GET:/dir/index.html");
    CHECK(md5(secret + ":dcd98b7102dd2f0e8b11d0f600bfb0c093:00000001:0a4f113b:auth:" + what) ==
          "6629fae49393a05397450978507c4ef1");
}

TEST_CASE("an unknown sender with the password is heard, with qop and without") {
    for (const bool quality : {true, false}) {
        PnpBench bench;
        listen(bench);
        const std::string nonce = challenge(bench);
        CHECK(!bench.pnp.take_notice());
        bench.datagram(with_authorization(authorization(nonce, {.quality = quality})),
                       other_address);
        CHECK(bench.answered() == "200");
        CHECK(bench.pnp.take_notice()->kind == NotifyKind::check);
    }
}

TEST_CASE("bad input: the password, user, realm or nonce is wrong") {
    PnpBench bench;
    listen(bench);
    const std::string nonce = challenge(bench);
    std::string other_nonce = nonce;
    other_nonce.back() = other_nonce.back() == '0' ? '1' : '0';
    const std::string lines[] = {
        authorization(nonce, {.password = "q"}),
        authorization(nonce, {.user = "v"}),
        authorization(nonce, {.user = ""}),
        authorization(nonce, {.realm = "asterisk"}),
        authorization(other_nonce),
        authorization(""),
        authorization("ffffffff00000000000000000000000000000000"),
        "Authorization: Digest",
        "Authorization: Digest x",
        "Authorization: Digest nonce=\"" + nonce + "\"",
        "Authorization: Basic dTpw",
        "Authorization:",
    };
    uint32_t cseq = 10;
    for (const std::string& line : lines) {
        CAPTURE(line);
        bench.datagram(with_authorization(line, ++cseq), other_address);
        CHECK(bench.answered() != "200");
        CHECK(!bench.pnp.take_notice());
    }
    bench.datagram(with_authorization(authorization(nonce)), other_address);
    CHECK(bench.answered() == "200");
}

TEST_CASE("bad input: a nonce is used twice, by another host, or too late") {
    PnpBench bench;
    listen(bench);
    const std::string nonce = challenge(bench);
    bench.datagram(with_authorization(authorization(nonce)), attacker);
    CHECK(bench.answered() == "401");
    bench.datagram(with_authorization(authorization(nonce)), other_address);
    CHECK(bench.answered() == "200");
    CHECK(bench.pnp.take_notice());
    bench.datagram(with_authorization(authorization(nonce), 3), other_address);
    CHECK(bench.answered() == "401");
    CHECK(!bench.pnp.take_notice());

    const std::string later = challenge(bench);
    bench.run_to(bench.now.ms + uint64_t{limits::pnp_nonce_s + 1} * 1000);
    bench.datagram(with_authorization(authorization(later), 4), other_address);
    CHECK(bench.answered() == "401");
}

TEST_CASE("bad input: more nonces than are kept cannot push a used one out") {
    PnpBench bench;
    listen(bench);
    std::vector<std::string> nonces;
    // Of a second each, as two challenges of one second have the same nonce.
    for (uint32_t i = 0; i <= limits::pnp_nonces_used; ++i) {
        bench.run_to(bench.now.ms + 1000);
        nonces.push_back(challenge(bench));
    }
    uint32_t cseq = 200;
    for (uint32_t i = 0; i <= limits::pnp_nonces_used; ++i) {
        bench.datagram(with_authorization(authorization(nonces[i]), ++cseq), other_address);
        CHECK(bench.answered() == (i < limits::pnp_nonces_used ? "200" : "401"));
    }
    bench.datagram(with_authorization(authorization(nonces[0]), ++cseq), other_address);
    CHECK(bench.answered() == "401");
}

TEST_CASE("without a user there is no challenge, and no NOTIFY is accepted") {
    PnpBench bench;
    listen(bench, "", "");
    bench.datagram(with_authorization(authorization("x", {.user = "", .password = ""})),
                   other_address);
    CHECK(bench.answered() == "481");
}

TEST_CASE("a server that answered is not asked for the password") {
    PnpBench bench;
    listen(bench);
    bench.datagram(bench.of_dialog(notify_text("check-sync", {}, {})));
    CHECK(bench.answered() == "200");
}
