// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/digest_check.h"

#include <doctest/doctest.h>

#include <functional>

#include "agent/limits.h"
#include "tests/agent/cwmp/digest_client.h"

using namespace dialtone;

namespace {

constexpr std::string_view target = "/path?next=1";

struct Bench {
    DigestCheck check = {};
    DigestClient client = {};
    Instant now = {10'000};

    Bench() {
        check.set_secret({1, 2, 3, 4});
        offer({DigestAlgorithm::md5});
        client.said.uri = target;
    }
    void offer(std::vector<DigestAlgorithm> algorithms) {
        check.set_credentials(
            {.user = "acs", .password = "hush-knock", .algorithms = std::move(algorithms)});
    }
    std::string challenge() { return check.challenges(now, false).front(); }
    DigestJudgement judge(std::string_view authorization) {
        return check.judge(now, HttpMethod::get, target, authorization);
    }
    // What a client that does all of it right would say.
    std::string right() { return client.answer(challenge()); }
};

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    const auto at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), by);
}

using Change = std::function<std::string(Bench&)>;
struct Wrong {
    const char* what;
    Change text;
};

// Signed anew after the change: all but that one thing is as it should be.
template <typename Alter>
Change signed_after(Alter change) {
    return [change](Bench& bench) {
        bench.right();
        change(bench.client);
        bench.client.sign();
        return bench.client.text();
    };
}

// Not signed anew.
Change text_with(std::string old, std::string by) {
    return [old, by](Bench& bench) { return replaced(bench.right(), old, by); };
}

std::vector<Wrong> wrong_identities() {
    return {
        {"password", signed_after([](DigestClient& one) { one.password = "hush-knocK"; })},
        {"empty password", signed_after([](DigestClient& one) { one.password.clear(); })},
        {"longer password", signed_after([](DigestClient& one) { one.password += ' '; })},
        {"user", signed_after([](DigestClient& one) { one.said.username = "asc"; })},
        {"empty user", signed_after([](DigestClient& one) { one.said.username.clear(); })},
        {"user in upper case", signed_after([](DigestClient& one) { one.said.username = "ACS"; })},
        {"realm", signed_after([](DigestClient& one) { one.said.realm = "other"; })},
        {"empty realm", signed_after([](DigestClient& one) { one.said.realm.clear(); })},
        {"empty nonce", signed_after([](DigestClient& one) { one.said.nonce.clear(); })},
        {"invented nonce", signed_after([](DigestClient& one) {
             one.said.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
         })},
        {"nonce of another moment", signed_after([](DigestClient& one) {
             one.said.nonce[15] = one.said.nonce[15] == '0' ? '1' : '0';
         })},
        {"nonce with another proof", signed_after([](DigestClient& one) {
             one.said.nonce.back() = one.said.nonce.back() == '0' ? '1' : '0';
         })}};
}

std::vector<Wrong> wrong_values() {
    return {
        {"cut nonce", signed_after([](DigestClient& one) { one.said.nonce.pop_back(); })},
        {"longer nonce", signed_after([](DigestClient& one) { one.said.nonce += '0'; })},
        {"nonce in upper case", signed_after([](DigestClient& one) {
             for (char& letter : one.said.nonce) {
                 if (letter >= 'a') letter = static_cast<char>(letter - 'a' + 'A');
             }
         })},
        {"URI", signed_after([](DigestClient& one) { one.said.uri = "/other"; })},
        {"URI without the query", signed_after([](DigestClient& one) { one.said.uri = "/path"; })},
        {"empty URI", signed_after([](DigestClient& one) { one.said.uri.clear(); })},
        {"URI with the host",
         signed_after([](DigestClient& one) { one.said.uri = "http://h/path?next=1"; })},
        {"URI of another host",
         signed_after([](DigestClient& one) { one.said.uri = "http://other/path?next=1"; })},
        {"qop auth-int", signed_after([](DigestClient& one) { one.said.qop = "auth-int"; })},
        {"qop in upper case", signed_after([](DigestClient& one) { one.said.qop = "AUTH"; })},
        {"count 0", signed_after([](DigestClient& one) { one.said.nc = "00000000"; })},
        {"short count", signed_after([](DigestClient& one) { one.said.nc = "1"; })},
        {"long count", signed_after([](DigestClient& one) { one.said.nc = "000000001"; })},
        {"count in upper case", signed_after([](DigestClient& one) { one.said.nc = "0000000A"; })},
        {"count that is none", signed_after([](DigestClient& one) { one.said.nc = "0000000g"; })},
        {"empty client nonce", signed_after([](DigestClient& one) { one.said.cnonce.clear(); })},
        {"algorithm not offered", signed_after([](DigestClient& one) {
             one.algorithm = DigestAlgorithm::sha256;
             one.said.algorithm = "SHA-256";
         })},
        {"session algorithm",
         signed_after([](DigestClient& one) { one.said.algorithm = "MD5-sess"; })},
        {"unknown algorithm", signed_after([](DigestClient& one) { one.said.algorithm = "MD4"; })},
        {"hash of another algorithm",
         signed_after([](DigestClient& one) { one.algorithm = DigestAlgorithm::sha256; })},
        {"another method", signed_after([](DigestClient& one) { one.method = HttpMethod::post; })}};
}

std::vector<Wrong> wrong_texts() {
    return {
        {"nothing", [](Bench&) { return std::string(); }},
        {"only the scheme", [](Bench&) { return std::string("Digest"); }},
        {"the scheme and a blank", [](Bench&) { return std::string("Digest "); }},
        {"basic", [](Bench&) { return std::string("Basic YWNzOmh1c2gta25vY2s="); }},
        {"bearer", text_with("Digest", "Bearer")},
        {"no scheme", text_with("Digest ", "")},
        {"no blank behind the scheme", text_with("Digest ", "Digest,")},
        {"other client nonce than signed", text_with("0a4f113b", "0a4f113c")},
        {"other count than signed", text_with("00000001", "00000002")},
        {"response in upper case",
         [](Bench& bench) {
             bench.right();
             for (char& letter : bench.client.said.response) {
                 if (letter >= 'a') letter = static_cast<char>(letter - 'a' + 'A');
             }
             // Of digits alone one in 1,800,000 responses would be.
             return bench.client.text();
         }},
        {"empty response",
         [](Bench& bench) {
             bench.right();
             bench.client.said.response.clear();
             return bench.client.text();
         }},
        {"cut response",
         [](Bench& bench) {
             bench.right();
             bench.client.said.response.pop_back();
             return bench.client.text();
         }},
        {"response of RFC 2069",
         [](Bench& bench) {
             std::string text = bench.right();
             return text.substr(0, text.find(", qop="));
         }},
        {"control letter", text_with("\"0a4f113b\"", "\"0a4f\n113b\"")},
        {"no equals sign", text_with("qop=auth", "qop auth")},
        {"no comma", text_with(", qop", " qop")},
        {"no value", text_with("qop=auth", "qop=")},
        {"letters behind a quote", text_with("\"0a4f113b\"", "\"0a4f113b\"x")},
        {"another scheme behind it", [](Bench& bench) { return bench.right() + " Digest x=y"; }},
        {"escape at the end", [](Bench& bench) { return bench.right() + ", x=\"\\"; }},
        {"no end of quotes", [](Bench& bench) { return bench.right() + ", x=\"a"; }},
        {"too many parameters",
         [](Bench& bench) {
             std::string text = bench.right();
             for (uint32_t i = 0; i < limits::digest_parameters; ++i)
                 text += ", x=y";
             return text;
         }},
    };
}

// Each parameter misspelt, with a star, and twice.
std::vector<Wrong> wrong_names() {
    std::vector<Wrong> all;
    constexpr const char* names[] = {"username", "realm", "nonce",  "uri",      "response",
                                     "qop",      "nc",    "cnonce", "algorithm"};
    for (const char* name : names) {
        const std::string with_sign = ' ' + std::string(name) + '=';
        // Without an algorithm it is MD5, which is the one here.
        if (std::string_view(name) != "algorithm") {
            all.push_back({name, text_with(with_sign, " x" + std::string(name) + '=')});
            all.push_back({name, text_with(with_sign, ' ' + std::string(name) + "*=")});
        }
        all.push_back({name, [with_sign](Bench& bench) {
                           const std::string text = bench.right();
                           const auto at = text.find(with_sign);
                           return text + ',' + text.substr(at, text.find(',', at) - at);
                       }});
    }
    return all;
}

}  // namespace

TEST_CASE("a response is that of RFC 2617 and of RFC 7616") {
    const DigestAuthorization old = {.username = "Mufasa",
                                     .realm = "testrealm@host.com",
                                     .nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093",
                                     .uri = "/dir/index.html",
                                     .qop = "auth",
                                     .nc = "00000001",
                                     .cnonce = "0a4f113b"};
    CHECK(digest_response(DigestAlgorithm::md5, old, "Circle Of Life", HttpMethod::get) ==
          "6629fae49393a05397450978507c4ef1");
    const DigestAuthorization said = {.username = "Mufasa",
                                      .realm = "http-auth@example.org",
                                      .nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
                                      .uri = "/dir/index.html",
                                      .qop = "auth",
                                      .nc = "00000001",
                                      .cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"};
    CHECK(digest_response(DigestAlgorithm::md5, said, "Circle of Life", HttpMethod::get) ==
          "8ca523f5e9506fed4657c9700eebdbec");
    CHECK(digest_response(DigestAlgorithm::sha256, said, "Circle of Life", HttpMethod::get) ==
          "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST_CASE("whoever knows the password is accepted, in either algorithm that is offered") {
    Bench bench;
    CHECK(bench.judge(bench.right()).accepted);
    Bench both;
    both.offer({DigestAlgorithm::sha256, DigestAlgorithm::md5});
    const auto challenges = both.check.challenges(both.now, false);
    REQUIRE(challenges.size() == 2);
    CHECK(challenges[0].find("algorithm=SHA-256") != std::string::npos);
    CHECK(challenges[1].find("algorithm=MD5") != std::string::npos);
    both.client.algorithm = DigestAlgorithm::sha256;
    both.client.said.algorithm = "SHA-256";
    CHECK(both.judge(both.client.answer(challenges[0])).accepted);
    both.client.algorithm = DigestAlgorithm::md5;
    both.client.said.algorithm = "MD5";
    CHECK(both.judge(both.client.answer(both.challenge())).accepted);
}

TEST_CASE("a client may write its parameters as it likes") {
    Bench bench;
    bench.right();
    const DigestAuthorization& said = bench.client.said;
    const std::string odd =
        "dIGEST ,, NC=00000001 ,\tqop=\"auth\",cnonce = \"0a4f\\113b\", x=\"a,"
        "b=\\\"c\\\"\", algorithm=\"md5\" , ,nonce=\"" +
        said.nonce + "\",UserName=\"acs\",realm=dialtone,uri=\"" + std::string(target) +
        "\", response=" + said.response + ",";
    CHECK(bench.judge(odd).accepted);
}

TEST_CASE("a password and a user may hold any letters") {
    Bench bench;
    bench.check.set_credentials({.user = "a\"c,\\s: =",
                                 .password = "p:\"\\, \xc3\xa4",
                                 .algorithms = {DigestAlgorithm::md5}});
    bench.client.password = "p:\"\\, \xc3\xa4";
    bench.client.said.username = "a\"c,\\s: =";
    const std::string text = replaced(bench.right(), "\"a\"c,\\s: =\"", "\"a\\\"c,\\\\s: =\"");
    CHECK(bench.judge(text).accepted);
}

TEST_CASE("a nonce serves more than one request, each with a higher count") {
    Bench bench;
    CHECK(bench.judge(bench.right()).accepted);
    bench.client.said.nc = "00000002";
    bench.client.sign();
    CHECK(bench.judge(bench.client.text()).accepted);
    bench.client.said.nc = "0000000f";
    bench.client.sign();
    CHECK(bench.judge(bench.client.text()).accepted);
    bench.client.said.nc = "0000000e";
    bench.client.sign();
    CHECK(!bench.judge(bench.client.text()).accepted);
}

TEST_CASE("what was accepted is not accepted again, and is not called stale") {
    Bench bench;
    const std::string text = bench.right();
    CHECK(bench.judge(text).accepted);
    for (const uint64_t later_ms : {0U, 1'000U, 299'000U}) {
        bench.now = Instant{10'000 + later_ms};
        const DigestJudgement judgement = bench.judge(text);
        CHECK(!judgement.accepted);
        CHECK(!judgement.is_stale);
    }
}

TEST_CASE("a nonce is good for its time, and stale after it when the rest is right") {
    Bench bench;
    const std::string text = bench.right();
    bench.now = bench.now + uint64_t{limits::connection_request_nonce_s} * 1000;
    Bench other;
    const std::string used_in_time = other.right();
    other.now = bench.now;
    CHECK(other.judge(used_in_time).accepted);
    bench.now = bench.now + 1;
    CHECK(!bench.judge(text).accepted);
    CHECK(bench.judge(text).is_stale);
    CHECK(bench.check.challenges(bench.now, true).front().find(", stale=true") !=
          std::string::npos);
    bench.client.password = "wrong";
    bench.client.sign();
    CHECK(!bench.judge(bench.client.text()).is_stale);
}

TEST_CASE("no two challenges have the same nonce, even of one moment") {
    Bench bench;
    const std::string first = bench.right();
    const std::string second = bench.right();
    CHECK(first != second);
    CHECK(bench.judge(second).accepted);
    CHECK(bench.judge(first).accepted);
}

TEST_CASE(
    "when all remembered nonces are taken the older ones become stale, and none is used twice") {
    Bench bench;
    const std::string held = bench.right();
    std::vector<std::string> said;
    for (uint32_t i = 0; i <= limits::connection_request_nonces_used; ++i) {
        bench.now = bench.now + 1'000;
        said.push_back(bench.right());
        CHECK(bench.judge(said.back()).accepted);
    }
    CHECK(bench.judge(held).is_stale);
    for (const std::string& text : said)
        CHECK(!bench.judge(text).accepted);
    CHECK(bench.judge(bench.right()).accepted);
}

TEST_CASE("a nonce of another life is not known, and not called stale") {
    Bench bench;
    Bench other;
    other.check.set_secret({1, 2, 3, 5});
    const DigestJudgement judgement = bench.judge(other.right());
    CHECK(!judgement.accepted);
    CHECK(!judgement.is_stale);
}

TEST_CASE("bad input: whatever is wrong with an answer, it is not accepted") {
    for (const auto& all : {wrong_identities(), wrong_values(), wrong_texts(), wrong_names()}) {
        for (const Wrong& wrong : all) {
            CAPTURE(wrong.what);
            Bench bench;
            const std::string text = wrong.text(bench);
            CAPTURE(text);
            const DigestJudgement judgement = bench.judge(text);
            CHECK(!judgement.accepted);
            CHECK(!judgement.is_stale);
            CHECK(!judgement.reason.empty());
            // Nothing of it stands in the way of the right answer.
            bench.client = {};
            bench.client.said.uri = target;
            CHECK(bench.judge(bench.right()).accepted);
        }
    }
}

TEST_CASE("bad input: an answer that is cut anywhere is not accepted") {
    Bench bench;
    const std::string whole = bench.right();
    for (uint32_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(!bench.judge(whole.substr(0, length)).accepted);
    }
    CHECK(bench.judge(whole).accepted);
}

TEST_CASE("bad input: an answer of which any letter is another one is not accepted") {
    Bench bench;
    const std::string whole = bench.right();
    uint32_t accepted = 0;
    for (uint32_t at = 0; at < whole.size(); ++at) {
        std::string other = whole;
        other[at] = other[at] == 'X' ? 'Y' : 'X';
        Bench fresh;
        fresh.right();
        // The name of the algorithm may go: it is MD5 without.
        const auto name_at = whole.find(" algorithm");
        const bool is_name = at >= name_at && at < whole.find("=MD5");
        if (!is_name) accepted += fresh.judge(other).accepted ? 1 : 0;
    }
    CHECK(accepted == 0);
}

TEST_CASE("bad input: without a user, a password or an algorithm nobody is accepted") {
    struct Lacking {
        const char* user;
        const char* password;
        std::vector<DigestAlgorithm> algorithms;
    };
    const Lacking all[] = {{"", "", {DigestAlgorithm::md5}},
                           {"acs", "", {DigestAlgorithm::md5}},
                           {"", "hush-knock", {DigestAlgorithm::md5}},
                           {"acs", "hush-knock", {}}};
    for (const Lacking& one : all) {
        Bench bench;
        const std::string challenge = bench.challenge();
        bench.check.set_credentials(
            {.user = one.user, .password = one.password, .algorithms = one.algorithms});
        bench.client.said.username = one.user;
        bench.client.password = one.password;
        CHECK(!bench.check.has_credentials());
        CHECK(!bench.judge(bench.client.answer(challenge)).accepted);
    }
}
