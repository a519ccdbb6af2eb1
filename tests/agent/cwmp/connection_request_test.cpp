// SPDX-License-Identifier: Apache-2.0
//
// The port for connection requests; the test is the world and whoever comes.
#include "agent/cwmp/connection_request.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/agent/cwmp/digest_client.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

struct Bench {
    ManagedPhone managed = {};
    RequestIds ids = {};
    ConnectionRequests requests{ids, managed.phone};
    Instant now = {1'000};
    std::vector<OpenHttp> opened = {};
    std::vector<RequestId> closed = {};
    std::vector<HttpReply> replies = {};
    std::vector<JournalLine> lines = {};
    uint32_t sessions = 0;
    bool port_is_free = true;
    uint64_t answered = 0;  // of those opened

    explicit Bench(bool has_credentials = true) {
        managed.phone.secret = {5, 6, 7, 8};
        if (!has_credentials) return;
        managed.set(Setting::tr069_connection_request_user, "acs");
        managed.set(Setting::tr069_connection_request_password, "hush-knock");
    }
    void drain() {
        while (auto effect = requests.next()) {
            if (auto* one = std::get_if<OpenHttp>(&*effect)) opened.push_back(*one);
            if (auto* one = std::get_if<CloseHttp>(&*effect)) closed.push_back(one->listener);
            if (auto* one = std::get_if<HttpReply>(&*effect)) replies.push_back(*one);
            if (auto* one = std::get_if<JournalLine>(&*effect)) lines.push_back(*one);
        }
        if (requests.take_outcome()) ++sessions;
        if (port_is_free && opened.size() > answered) answer_open();
    }
    void answer_open() {
        answered = opened.size();
        give(HttpOpened{opened.back().listener});
    }
    void settings(bool wanted = true) {
        requests.take_settings(now, wanted);
        drain();
    }
    void give(const Event& event) {
        requests.handle(now, event);
        drain();
    }
    void fail(std::string_view reason) {
        give(SocketFailed{.socket = opened.back().listener, .reason = reason});
    }
    std::string path() const { return managed.phone.acs_reach.http_path; }
    HttpReply ask(HttpRequest request) {
        request.listener = opened.back().listener;
        request.request = 77;
        request.from = {{10, 0, 0, 9}, 4};
        const auto before = replies.size();
        give(request);
        REQUIRE(replies.size() == before + 1);
        CHECK(replies.back().request == 77);
        CHECK(replies.back().body.empty());
        return replies.back();
    }
    uint16_t status(std::string_view target, std::string_view authorization = {},
                    HttpMethod method = HttpMethod::get) {
        return ask({.method = method, .target = target, .authorization = authorization}).status;
    }
    std::string challenge() {
        const HttpReply reply = ask({.target = path()});
        REQUIRE(reply.status == 401);
        REQUIRE(reply.fields.front().first == "WWW-Authenticate");
        return reply.fields.front().second;
    }
    // All of it right.
    uint16_t knock(std::string query = {}) {
        DigestClient client;
        client.said.uri = path() + query;
        return status(client.said.uri, client.answer(challenge()));
    }
    uint64_t told(JournalKind kind) const {
        return static_cast<uint64_t>(std::ranges::count(lines, kind, &JournalLine::kind));
    }
};

}  // namespace

TEST_CASE("the port is open while an ACS is known, and its URL is offered") {
    Bench bench;
    CHECK(connection_request_url(bench.managed.phone).empty());
    bench.settings(false);
    CHECK(bench.opened.empty());
    bench.settings();
    REQUIRE(bench.opened.size() == 1);
    CHECK(bench.opened[0].port == 7547);
    CHECK(bench.opened[0].octet_count == 4);
    CHECK(connection_request_url(bench.managed.phone) == "http://10.0.0.2:7547" + bench.path());
    CHECK(bench.path().size() == 25);
    bench.settings();
    CHECK(bench.opened.size() == 1);
    bench.settings(false);
    CHECK(bench.closed == std::vector{bench.opened[0].listener});
    CHECK(connection_request_url(bench.managed.phone).empty());
}

TEST_CASE("port 0 takes no connection requests, and another port moves them") {
    Bench bench;
    bench.managed.set(Setting::tr069_connection_request_port, "0");
    bench.settings();
    CHECK(bench.opened.empty());
    bench.managed.set(Setting::tr069_connection_request_port, "8000");
    bench.settings();
    bench.managed.set(Setting::tr069_connection_request_port, "8001");
    bench.settings();
    REQUIRE(bench.opened.size() == 2);
    CHECK(bench.closed == std::vector{bench.opened[0].listener});
    CHECK(bench.opened[1].port == 8001);
}

TEST_CASE("another address is another URL, and one of another kind another port") {
    Bench bench;
    bench.managed.phone.address = {};
    bench.settings();
    CHECK(bench.opened.empty());
    bench.managed.phone.address = {{10, 0, 0, 2}, 4};
    bench.give(LinkChanged{});
    CHECK(bench.opened.size() == 1);
    bench.managed.phone.address = {{10, 0, 0, 7}, 4};
    bench.give(LinkChanged{});
    CHECK(bench.opened.size() == 1);
    CHECK(connection_request_url(bench.managed.phone) == "http://10.0.0.7:7547" + bench.path());
    bench.managed.phone.address = {{0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 16};
    bench.give(LinkChanged{});
    REQUIRE(bench.opened.size() == 2);
    CHECK(bench.opened[1].octet_count == 16);
    CHECK(connection_request_url(bench.managed.phone) == "http://[fd00::1]:7547" + bench.path());
}

TEST_CASE(
    "the path stays for a life, is the next life's while the password is the same, and nobody "
    "can tell it who lacks that") {
    Bench bench;
    bench.settings();
    const std::string path = bench.path();
    bench.managed.set(Setting::tr069_connection_request_password, "another");
    bench.settings();
    CHECK(bench.path() == path);
    Bench next;
    next.managed.phone.secret = {1, 1, 1, 1};
    next.settings();
    CHECK(next.path() == path);
    Bench other;
    other.managed.phone.identity = *identity_from_mac("000B82273B90");
    other.settings();
    CHECK(other.path() != path);
    Bench without(false);
    without.settings();
    Bench later(false);
    later.managed.phone.secret = {1, 1, 1, 1};
    later.settings();
    CHECK(without.path() == later.path());  // which is no change to tell
    CHECK(without.path() != path);
}

TEST_CASE("a port that is taken makes place for the next ones, and none of them is told once") {
    Bench bench;
    bench.port_is_free = false;
    bench.settings();
    bench.fail("port 7547 is taken");
    CHECK(bench.opened.back().port == 7548);
    CHECK(bench.told(JournalKind::connection_request_port) == 0);
    bench.answer_open();
    CHECK(connection_request_url(bench.managed.phone) == "http://10.0.0.2:7548" + bench.path());
    CHECK(bench.told(JournalKind::connection_request_port) == 1);
    while (bench.opened.size() < limits::connection_request_ports)
        bench.fail("taken");
    bench.fail("taken");
    CHECK(bench.opened.size() == limits::connection_request_ports);
    CHECK(connection_request_url(bench.managed.phone).empty());
    CHECK(bench.told(JournalKind::connection_request_off) == 1);
    REQUIRE(bench.requests.deadline());
    bench.now = *bench.requests.deadline();
    bench.give(Wake{});
    CHECK(bench.opened.back().port == 7547);
    while (bench.requests.deadline() != bench.now + 600'000)
        bench.fail("taken");
    CHECK(bench.told(JournalKind::connection_request_off) == 1);
}

TEST_CASE("no URL is offered before its port is known to be open") {
    Bench bench;
    CHECK(!bench.requests.is_opening());
    bench.port_is_free = false;
    bench.settings();
    CHECK(bench.requests.is_opening());
    CHECK(connection_request_url(bench.managed.phone).empty());
    bench.give(HttpOpened{bench.opened.back().listener + 1});  // another one's
    CHECK(bench.requests.is_opening());
    bench.answer_open();
    CHECK(!bench.requests.is_opening());
    CHECK(connection_request_url(bench.managed.phone) == "http://10.0.0.2:7547" + bench.path());
    bench.settings(false);
    CHECK(!bench.requests.is_opening());
}

TEST_CASE("the last port there is has none behind it") {
    Bench bench;
    bench.managed.set(Setting::tr069_connection_request_port, "65535");
    bench.settings();
    bench.fail("taken");
    CHECK(bench.opened.size() == 1);
    CHECK(bench.requests.deadline());
}

TEST_CASE("who proves the password gets 200 and nothing more, and a session begins") {
    Bench bench;
    bench.settings();
    CHECK(bench.knock() == 200);
    CHECK(bench.sessions == 1);
    CHECK(bench.replies.back().fields.empty());
    CHECK(bench.told(JournalKind::connection_request) == 1);
    CHECK(bench.told(JournalKind::connection_request_refused) == 0);
    CHECK(bench.knock("?some=1&more=2") == 200);
    CHECK(bench.sessions == 2);
}

TEST_CASE("SHA-256 is offered and taken where it is set") {
    Bench bench;
    bench.managed.set(Setting::tr069_connection_request_algorithm, "sha256,md5");
    bench.settings();
    CHECK(bench.ask({.target = bench.path()}).fields.size() == 2);
    DigestClient client;
    client.said.uri = bench.path();
    client.algorithm = DigestAlgorithm::sha256;
    client.said.algorithm = "SHA-256";
    CHECK(bench.status(bench.path(), client.answer(bench.challenge())) == 200);
    CHECK(bench.sessions == 1);
    CHECK(bench.knock() == 200);
}

TEST_CASE("a stale nonce is told as such, and the next answer is taken") {
    Bench bench;
    bench.settings();
    DigestClient client;
    client.said.uri = bench.path();
    const std::string text = client.answer(bench.challenge());
    bench.now = bench.now + 301'000;
    const std::string path = bench.path();
    const HttpReply reply = bench.ask({.target = path, .authorization = text});
    CHECK(reply.status == 401);
    const std::string challenge = reply.fields.front().second;
    CHECK(challenge.find("stale=true") != std::string::npos);
    CHECK(bench.status(bench.path(), client.answer(challenge)) == 200);
    CHECK(bench.sessions == 1);
}

TEST_CASE("bad input: what is no proof leads to no session") {
    Bench bench;
    bench.settings();
    const std::string path = bench.path();
    DigestClient client;
    client.said.uri = path;
    const std::string right = client.answer(bench.challenge());
    DigestClient post = client;
    post.method = HttpMethod::post;
    const std::string right_post = post.answer(bench.challenge());
    CHECK(bench.status("/") == 404);
    CHECK(bench.status("/", right) == 404);
    CHECK(bench.status(path + '/', right) == 404);
    CHECK(bench.status(path.substr(0, 24), right) == 404);
    CHECK(bench.status("http://10.0.0.2:7547" + path, right) == 404);
    CHECK(bench.status("", right) == 404);
    CHECK(bench.status("?" + path, right) == 404);
    for (const HttpMethod method : {HttpMethod::post, HttpMethod::put, HttpMethod::head}) {
        CHECK(bench.status(path, right, method) == 405);
        CHECK(bench.replies.back().fields.front().second == "GET");
    }
    CHECK(bench.status(path, right_post, HttpMethod::post) == 405);
    CHECK(bench.status(path, right_post) == 401);
    CHECK(bench.status(path) == 401);
    CHECK(bench.status(path, "Basic YWNzOmh1c2gta25vY2s=") == 401);
    CHECK(bench.status(path + "?x=1", right) == 401);
    CHECK(bench.status(path, right + ", nc=00000002") == 401);
    CHECK(bench.sessions == 0);
    CHECK(bench.told(JournalKind::connection_request_refused) == 4);
    CHECK(bench.status(path, right) == 200);
    CHECK(bench.status(path, right) == 401);
    CHECK(bench.sessions == 1);
}

TEST_CASE("bad input: a request to another port of the phone is nobody's here") {
    Bench bench;
    bench.settings();
    const std::string path = bench.path();
    bench.give(HttpRequest{.listener = bench.opened[0].listener + 1, .target = path});
    CHECK(bench.replies.empty());
}

TEST_CASE("without user and password all are refused, which is told once") {
    Bench bench(false);
    bench.settings();
    REQUIRE(bench.opened.size() == 1);
    CHECK(bench.status(bench.path()) == 403);
    DigestClient client;
    client.said.uri = bench.path();
    client.password.clear();
    client.said.username.clear();
    client.said.realm = "dialtone";
    client.sign();
    CHECK(bench.status(bench.path(), client.text()) == 403);
    CHECK(bench.sessions == 0);
    CHECK(bench.told(JournalKind::connection_request_off) == 1);
    bench.managed.set(Setting::tr069_connection_request_user, "acs");
    bench.settings();
    CHECK(bench.status(bench.path()) == 403);
    bench.managed.set(Setting::tr069_connection_request_password, "hush-knock");
    bench.settings();
    CHECK(bench.knock() == 200);
}

TEST_CASE("more than a few requests in a minute get 503, and attempts that fail do not count") {
    Bench bench;
    bench.settings();
    const std::string path = bench.path();
    for (uint32_t i = 0; i < 100; ++i)
        CHECK(bench.status(path, "Digest nonsense") == 401);
    for (uint32_t i = 0; i < limits::connection_requests; ++i)
        CHECK(bench.knock() == 200);
    CHECK(bench.knock() == 503);
    CHECK(bench.sessions == limits::connection_requests);
    bench.now = bench.now + uint64_t{limits::connection_requests_s} * 1000;
    CHECK(bench.knock() == 200);
}

TEST_CASE("bad input: what was answered with 503 is not taken later") {
    Bench bench;
    bench.settings();
    for (uint32_t i = 0; i < limits::connection_requests; ++i)
        CHECK(bench.knock() == 200);
    DigestClient client;
    client.said.uri = bench.path();
    const std::string text = client.answer(bench.challenge());
    CHECK(bench.status(bench.path(), text) == 503);
    bench.now = bench.now + 60'000;
    CHECK(bench.status(bench.path(), text) == 401);
    CHECK(bench.sessions == limits::connection_requests);
}
