// SPDX-License-Identifier: Apache-2.0
//
// What servers may do is the conformance suite's; here is what the agent may ask.
#include "platform/linux/transfers.h"

#include <doctest/doctest.h>

#include <functional>

#include "agent/limits.h"
#include "tests/conformance/certificates.h"
#include "tests/conformance/misbehaving_server.h"
#include "tests/platform/linux/event_log.h"

namespace dialtone {
namespace {

using conformance::Behaviour;
using conformance::good_certificate;
using conformance::MisbehavingServer;

const Behaviour plain = {.name = "plain"};
const Behaviour waiting = {.name = "waiting", .answer = {.stalls_before_head = true}};

struct Bench {
    MisbehavingServer server = {};
    std::unique_ptr<LinuxWorld> world = open_world();
    EventLog log = {};

    explicit Bench(const Behaviour& behaviour = plain) { REQUIRE(server.open(behaviour)); }

    StartTransfer request(RequestId id) const {
        return {.id = id,
                .url = "http://127.0.0.1:" + std::to_string(server.port()) + "/a/../b.xml?t=1"};
    }
    void start(StartTransfer wanted, uint32_t credit_bytes = 1000) {
        const RequestId id = wanted.id;
        world->carry_out(std::move(wanted));
        world->carry_out(CreditTransfer{id, credit_bytes});
    }
};

TEST_CASE("a request carries what the agent wants and nothing that it does not want") {
    Bench bench;
    StartTransfer wanted = bench.request(1);
    wanted.user_agent = "Grandstream Model HW GXP1628";
    wanted.headers = {{"If-None-Match", "\"v1\""}, {"X-Empty", ""}};
    bench.start(std::move(wanted));
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.log.all() == "head 1 200; chunk 1 100; end 1; ");
    CHECK(bench.server.last_request() ==
          "GET /a/../b.xml?t=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(bench.server.port()) +
              "\r\nUser-Agent: Grandstream Model HW GXP1628\r\nAccept: */*\r\n"
              "If-None-Match: \"v1\"\r\nX-Empty:\r\nAccept-Encoding: identity\r\n\r\n");
}

TEST_CASE("bad input: a scheme that this phone does not carry fails by name") {
    auto world = open_world();
    EventLog log;
    const char* urls[] = {"tftp://127.0.0.1/x", "file:///etc/passwd", "", "http://"};
    RequestId id = 0;
    for (const char* url : urls)
        world->carry_out(StartTransfer{.id = ++id, .url = url});
    wait_for(*world, log, 4);
    CHECK(log.lines[0] == "failed 1 this phone cannot fetch over tftp");
    for (const std::string& line : log.lines)
        CHECK(line.starts_with("failed "));
}

const Behaviour plain_ftp = {.name = "ftp", .scheme = Scheme::ftp};

TEST_CASE("bad input: an FTP address that is no file's, or would be a command, is not asked for") {
    Bench bench(plain_ftp);
    const std::string server = "ftp://127.0.0.1:" + std::to_string(bench.server.port());
    const char* paths[] = {"", "/", "/gs/", "/gs%2F", "/a%0D%0ADELE%20b", "/a;type=d", "/a?b"};
    RequestId id = 0;
    for (const char* path : paths) {
        bench.start({.id = ++id, .url = server + path});
        wait_for(*bench.world, bench.log, id);
        CHECK(bench.log.lines.back().ends_with("the address names no file of FTP"));
    }
    const std::pair<const char*, const char*> logins[] = {{"a\r\nDELE b", "p"}, {"u", "p\n"}};
    for (const auto& [user, password] : logins) {
        bench.start({.id = ++id,
                     .url = server + "/a",
                     .auth = AuthPolicy::on_challenge,
                     .user = user,
                     .password = password});
        wait_for(*bench.world, bench.log, id);
        CHECK(bench.log.lines.back().ends_with("user or password contains a control character"));
    }
    CHECK(bench.server.log().connections == 0);
}

TEST_CASE("FTP and HTTP transfers share a world, and an idle FTP server holds neither up") {
    const Behaviour idle = {.name = "idle", .scheme = Scheme::ftp, .extra = {.ignores_quit = true}};
    MisbehavingServer files;
    REQUIRE(files.open(idle));
    const std::string ftp = "ftp://127.0.0.1:" + std::to_string(files.port()) + "/a.xml";
    const auto watch = open_world();
    const Instant began = watch->now();
    {
        Bench bench;
        bench.start({.id = 1, .url = ftp});
        wait_for(*bench.world, bench.log, 3);
        bench.start(bench.request(2));
        wait_for(*bench.world, bench.log, 6);
        bench.start({.id = 3, .url = ftp});
        wait_for(*bench.world, bench.log, 9);
        CHECK(bench.log.all() ==
              "head 1 200; chunk 1 100; end 1; head 2 200; chunk 2 100; end 2; "
              "head 3 200; chunk 3 100; end 3; ");
    }
    CHECK(watch->now().since(began) < 1'000);
}

TEST_CASE("an FTP transfer may be stopped at any point") {
    const Behaviour over_tls = {
        .name = "tls", .scheme = Scheme::ftps, .server = {.certificate = good_certificate()}};
    for (const Behaviour* behaviour : {&plain_ftp, &over_tls}) {
        for (int waits = 0; waits < 16; ++waits) {
            Bench bench(*behaviour);
            StartTransfer wanted = bench.request(1);
            wanted.url = behaviour == &over_tls ? "ftps" : "ftp";
            wanted.url += "://127.0.0.1:" + std::to_string(bench.server.port()) + "/a";
            wanted.tls.ca_file = DIALTONE_TEST_DATA "/tls/authority.pem";
            bench.start(std::move(wanted));
            for (int i = 0; i < waits; ++i)
                bench.world->wait(bench.world->now(), bench.log);
            bench.world->carry_out(StopTransfer{1});
            CHECK(what_else(*bench.world).empty());
        }
    }
}

TEST_CASE("a POST carries its fields and its length, and nothing that curl would add") {
    Bench bench;
    StartTransfer wanted = bench.request(1);
    wanted.method = HttpMethod::post;
    wanted.headers = {{"Content-Type", "text/xml; charset=\"utf-8\""}, {"SOAPAction", "\"\""}};
    wanted.body.bytes.assign(5, 'y');
    wanted.session = 1;
    bench.start(std::move(wanted));
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.server.last_request().starts_with(
        "POST /a/../b.xml?t=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(bench.server.port()) +
        "\r\nAccept: */*\r\nContent-Type: text/xml; charset=\"utf-8\"\r\n"
        "SOAPAction: \"\"\r\nAccept-Encoding: identity\r\nContent-Length: 5\r\n\r\n"));
}

TEST_CASE("an empty POST has a length and no type") {
    Bench bench;
    StartTransfer wanted = bench.request(1);
    wanted.method = HttpMethod::post;
    bench.start(std::move(wanted));
    wait_for(*bench.world, bench.log, 3);
    CHECK(
        bench.server.last_request() ==
        "POST /a/../b.xml?t=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(bench.server.port()) +
            "\r\nAccept: */*\r\nAccept-Encoding: identity\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a session that is released while it waits says nothing more") {
    Bench bench(waiting);
    StartTransfer wanted = bench.request(1);
    wanted.session = 1;
    bench.start(wanted);
    wanted.id = 2;
    bench.start(std::move(wanted));
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "failed 2 a transfer of the session is under way; ");
    bench.world->carry_out(ReleaseSession{1});
    bench.world->carry_out(ReleaseSession{99});
    bench.world->carry_out(ReleaseSession{0});
    CHECK(what_else(*bench.world).empty());
}

TEST_CASE("bad input: a field with a line end in it is not sent") {
    Bench bench;
    StartTransfer wanted = bench.request(1);
    wanted.headers = {{"X-One", "1\r\nX-Two: 2"}};
    bench.start(std::move(wanted));
    StartTransfer other = bench.request(2);
    other.user_agent = "Phone\r\nX-Two: 2";
    bench.start(std::move(other));
    wait_for(*bench.world, bench.log, 2);
    CHECK(bench.log.all() ==
          "failed 1 a field of the request contains a control character; "
          "failed 2 a field of the request contains a control character; ");
    CHECK(bench.server.log().connections == 0);
}

TEST_CASE("more transfers than the limit fail by name") {
    Bench bench(waiting);
    for (RequestId id = 1; id <= limits::transfers + 1; ++id)
        bench.start(bench.request(id));
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "failed 6 too many transfers at the same time; ");
}

TEST_CASE("credit and stop for a transfer that is not there are ignored") {
    Bench bench;
    bench.world->carry_out(CreditTransfer{9, 1000});
    bench.world->carry_out(StopTransfer{9});
    bench.start(bench.request(1));
    wait_for(*bench.world, bench.log, 3);
    bench.world->carry_out(CreditTransfer{1, 1000});
    bench.world->carry_out(StopTransfer{1});
    CHECK(what_else(*bench.world).empty());
}

// Does something in the middle of the world's wait().
class Interrupter final : public EventSink {
  public:
    explicit Interrupter(std::function<void(const Event&)> act) : act_(std::move(act)) {}
    void take(Instant now, const Event& event) override {
        log.take(now, event);
        act_(event);
        log.take(now, event);  // its spans still hold
    }
    EventLog log = {};

  private:
    std::function<void(const Event&)> act_;
};

TEST_CASE("a transfer may be stopped while its own event is told") {
    for (size_t stop_at : {1U, 2U, 3U}) {
        CAPTURE(stop_at);
        Bench bench;
        size_t events = 0;
        Interrupter sink([&](const Event&) {
            if (++events == stop_at) bench.world->carry_out(StopTransfer{1});
        });
        bench.start(bench.request(1));
        while (events < stop_at)
            bench.world->wait(bench.world->now() + 5000, sink);
        CHECK(what_else(*bench.world).empty());
    }
}

TEST_CASE("a transfer may be started while another one's end is told") {
    Bench bench;
    Interrupter sink([&](const Event& event) {
        const auto* end = std::get_if<TransferEnd>(&event);
        if (end != nullptr && end->id < 3) bench.start(bench.request(end->id + 1));
    });
    bench.start(bench.request(1));
    while (sink.log.lines.empty() || sink.log.lines.back() != "end 3") {
        bench.world->wait(bench.world->now() + 5000, sink);
    }
    CHECK(bench.server.log().connections == 1);
}

TEST_CASE("bytes without credit wait for it and so does the end") {
    Bench bench;
    bench.start(bench.request(1), 60);
    wait_for(*bench.world, bench.log, 2);
    CHECK(bench.log.all() == "head 1 200; chunk 1 60; ");
    CHECK(what_else(*bench.world).empty());
    bench.world->carry_out(CreditTransfer{1, 40});
    wait_for(*bench.world, bench.log, 4);
    CHECK(bench.log.all() == "head 1 200; chunk 1 60; chunk 1 40; end 1; ");
}

TEST_CASE("a transfer under an id that is in use takes its place") {
    Bench bench;
    bench.start({.id = 1, .url = "http://127.0.0.1:1/"});
    bench.start(bench.request(1));
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.log.all() == "head 1 200; chunk 1 100; end 1; ");
}

const Behaviour unresponsive_tls = {
    .name = "unresponsive",
    .scheme = Scheme::https,
    .server = {.reachability = sim::Reachability::unresponsive_after_accept,
               .certificate = good_certificate()}};
const Behaviour waiting_tls = {.name = "waiting",
                               .scheme = Scheme::https,
                               .server = {.certificate = good_certificate()},
                               .answer = {.stalls_before_head = true}};

TEST_CASE("a TLS transfer may be stopped at any point of its handshake") {
    for (const Behaviour* behaviour : {&unresponsive_tls, &waiting_tls}) {
        for (int waits = 0; waits < 12; ++waits) {
            Bench bench(*behaviour);
            StartTransfer wanted = bench.request(1);
            wanted.url.insert(4, "s");
            wanted.tls.ca_file = DIALTONE_TEST_DATA "/tls/authority.pem";
            bench.start(std::move(wanted));
            // Each wait without a deadline in the future is one look at the sockets.
            for (int i = 0; i < waits; ++i)
                bench.world->wait(bench.world->now(), bench.log);
            bench.world->carry_out(StopTransfer{1});
            CHECK(what_else(*bench.world).empty());
        }
    }
}

const Behaviour good_tls = {
    .name = "good", .scheme = Scheme::https, .server = {.certificate = good_certificate()}};

TEST_CASE("a connection is not reused by a transfer that trusts others") {
    Bench bench(good_tls);
    const std::string authority = DIALTONE_TEST_DATA "/tls/authority.pem";
    const std::string stranger = DIALTONE_TEST_DATA "/tls/alone.pem";
    RequestId id = 0;
    for (const std::string& trusted : {authority, authority, stranger, authority}) {
        StartTransfer wanted = bench.request(++id);
        wanted.url.insert(4, "s");
        wanted.tls.ca_file = trusted;
        bench.start(std::move(wanted));
        wait_for(*bench.world, bench.log, bench.log.lines.size() + 1);
        if (bench.log.lines.back().starts_with("head")) {
            wait_for(*bench.world, bench.log, bench.log.lines.size() + 2);
        }
    }
    CHECK(bench.log.all() ==
          "head 1 200; chunk 1 100; end 1; head 2 200; chunk 2 100; end 2; "
          "failed 3 certificate is signed by an unknown authority; "
          "head 4 200; chunk 4 100; end 4; ");
    CHECK(bench.server.log().connections == 3);
}

TEST_CASE("bad input: authorities that cannot be read fail by their name") {
    Bench bench(good_tls);
    StartTransfer wanted = bench.request(1);
    wanted.url.insert(4, "s");
    wanted.tls.ca_file = "/nonexistent/ca.pem";
    bench.start(std::move(wanted));
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "failed 1 no certificates can be read from /nonexistent/ca.pem; ");
}

TEST_CASE("a connection is not reused by a transfer with another client certificate") {
    const Behaviour demanding = {
        .name = "demanding",
        .scheme = Scheme::https,
        .server = {.certificate = good_certificate(), .demands_client_certificate = true}};
    Bench bench(demanding);
    const std::string folder = DIALTONE_TEST_DATA "/tls/";
    RequestId id = 0;
    for (const char* name : {"phone", "phone", ""}) {
        StartTransfer wanted = bench.request(++id);
        wanted.url.insert(4, "s");
        wanted.tls.ca_file = folder + "authority.pem";
        if (*name != '\0') {
            wanted.tls.certificate_file = folder + name + ".pem";
            wanted.tls.key_file = folder + name + ".key";
        }
        bench.start(std::move(wanted));
        wait_for(*bench.world, bench.log, id * 3 - (id == 3 ? 2 : 0));
    }
    CHECK(bench.log.lines.back().starts_with("failed 3 "));
    CHECK(bench.server.log().requests == 2);
}

TEST_CASE("bad input: a client certificate that cannot be read fails in TLS") {
    Bench bench(good_tls);
    StartTransfer wanted = bench.request(1);
    wanted.url.insert(4, "s");
    wanted.tls.ca_file = DIALTONE_TEST_DATA "/tls/authority.pem";
    wanted.tls.certificate_file = "/nonexistent/phone.pem";
    wanted.tls.key_file = "/nonexistent/phone.key";
    bench.start(std::move(wanted));
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "failed 1 no certificate can be read from /nonexistent/phone.pem; ");
}

TEST_CASE("a world may end in the middle of a transfer") {
    Bench bench(waiting);
    bench.start(bench.request(1));
    CHECK(what_else(*bench.world).empty());
}

}  // namespace
}  // namespace dialtone
