// SPDX-License-Identifier: Apache-2.0
//
// What anybody on the network can send to the SIP port.
#include <doctest/doctest.h>

#include "agent/discovery/pnp.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;

namespace {

constexpr std::string_view url = "http://10.0.0.5/cfg.xml";

void listen(PnpBench& bench) {
    bench.request.listen_s = 3600;
    bench.start();
    bench.datagram(bench.response("200 OK"));
    bench.run_to(limits::pnp_last_wait_ms);
    REQUIRE(bench.pnp.take_outcome());
}

}  // namespace

TEST_CASE("bad input: octets of any kind on the SIP port change nothing") {
    PnpBench bench;
    bench.start();
    Rng rng(5);
    for (uint32_t i = 0; i < 2000; ++i) {
        bench.run_to(bench.now.ms + 20);
        if (!bench.pnp.listening()) bench.start();
        std::string text(rng.below(300), '\0');
        for (char& c : text)
            c = static_cast<char>(rng.below(256));
        bench.datagram(text, attacker, static_cast<uint16_t>(rng.below(65536)));
    }
    CHECK(bench.sent_that_begin("SIP/2.0").empty());
}

TEST_CASE("bad input: a datagram of 60 kB, and one just over the bound, are not read") {
    PnpBench bench;
    bench.start();
    bench.datagram(notify_text("ua-profile", std::string(url) + std::string(60'000, '\n')));
    bench.datagram(notify_text("ua-profile", std::string(url) + std::string(8192, '\n')));
    bench.datagram("");
    CHECK(bench.answered().empty());
    CHECK(!bench.pnp.ready());
}

TEST_CASE("bad input: a NOTIFY with a field missing or a CSeq too large is refused and forgotten") {
    for (const std::string_view name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
        CAPTURE(name);
        PnpBench bench;
        bench.start();
        std::string text = notify_text("ua-profile", url);
        const auto at = text.find(std::string(name) + ": ");
        text.erase(at, text.find("\r\n", at) + 2 - at);
        bench.datagram(text);
        CHECK(bench.answered() == "400");
        CHECK(bench.sent.back().text.starts_with("SIP/2.0 400 Missing " + std::string(name)));
        CHECK(!bench.pnp.ready());
    }
    PnpBench bench;
    bench.start();
    bench.datagram(notify_text("ua-profile", url, "application/url", 4'294'967'295));
    CHECK(bench.answered() == "400");
}

TEST_CASE("bad input: a status beyond all numbers neither ends nor answers anything") {
    for (const std::string_view status : {"4294967496 OK", "00000000200 OK", "-200 OK", "2e2 OK"}) {
        PnpBench bench;
        bench.start();
        bench.datagram(bench.response(status));
        bench.run_to(600);
        CHECK(bench.asked_at().size() == 2);
    }
}

TEST_CASE("bad input: of 10,000 NOTIFYs in a second fifty are read, and the next second is new") {
    PnpBench bench;
    listen(bench);
    bench.run_to(100'000);
    const auto before = bench.sent.size();
    for (uint32_t i = 0; i < 10'000; ++i) {
        bench.now.ms = 100'000 + i / 10;
        bench.datagram(notify_text("check-sync", {}, {}, i), attacker,
                       static_cast<uint16_t>(1024 + i));
    }
    CHECK(bench.sent.size() - before == limits::pnp_notifies_per_s);
    CHECK(!bench.pnp.take_notice());
    bench.run_to(101'001);
    bench.datagram(bench.of_dialog(notify_text("check-sync", {}, {})));
    CHECK(bench.answered() == "200");
    CHECK(bench.pnp.take_notice());
}

TEST_CASE("bad input: a storm does not hold up the requests or the end of the window") {
    PnpBench bench;
    bench.start();
    for (uint64_t ms = 1; ms < 12'000; ++ms) {
        bench.now.ms = ms;
        bench.datagram(notify_text("presence", url, "application/url", 7), attacker);
    }
    CHECK(bench.asked_at() == std::vector<uint64_t>{0, 500, 1500, 3500, 7500});
    CHECK(bench.pnp.ready());
}

TEST_CASE("bad input: servers beyond the bound that answer are not known later") {
    PnpBench bench;
    bench.request.listen_s = 3600;
    bench.start();
    const std::string ok = bench.response("200 OK");
    for (uint8_t i = 0; i < 20; ++i)
        bench.datagram(ok, Address{{10, 0, 1, i}, 4});
    bench.run_to(limits::pnp_last_wait_ms);
    CHECK(bench.pnp.ready());
    for (uint8_t i = 0; i < 20; ++i) {
        bench.datagram(bench.of_dialog(notify_text("check-sync", {}, {}, i + 1U)),
                       Address{{10, 0, 1, i}, 4});
        CHECK(bench.answered() == (i < limits::pnp_servers_kept ? "200" : "481"));
    }
}

TEST_CASE("bad input: connections that say nothing, or too much, are closed") {
    PnpBench bench;
    bench.request.server = "10.0.0.5";
    bench.request.transport = PnpTransport::tcp;
    bench.request.listen_s = 3600;
    bench.start();
    const RequestId listener = bench.opened[0].socket;
    const RequestId ours = bench.opened[1].socket;
    bench.give(Connected{ours});
    bench.bytes(ours, bench.response("200 OK"));
    bench.run_to(5000);
    for (RequestId i = 1; i <= limits::accepted; ++i)
        bench.give(Accepted{listener, 0x80000000U + i, attacker, 40000});
    CHECK(bench.closed.empty());
    bench.give(Accepted{listener, 0x80000009U, attacker, 40000});
    CHECK(bench.closed == std::vector<RequestId>{0x80000009U});
    bench.bytes(0x80000001U, std::string(limits::sip_message_bytes, 'x'));
    CHECK(bench.closed.back() == 0x80000001U);
    bench.bytes(0x80000001U, notify_text("check-sync", {}, {}));  // too late
    bench.run_to(5000 + limits::pnp_connection_ms);
    CHECK(bench.closed.size() == 1 + limits::accepted);
    CHECK(bench.pnp.listening());
    CHECK(!bench.pnp.take_notice());
}

TEST_CASE("bad input: events of others' sockets and requests are not ours") {
    PnpBench bench;
    bench.request.server = "pbx.example";
    bench.start();
    const Address found[] = {attacker};
    bench.give(Resolved{7, found, {}});
    bench.give(Resolved{0, found, {}});
    bench.give(Connected{0});
    bench.give(Connected{7});
    bench.give(Accepted{0, 9, attacker, 1});
    bench.give(SocketFailed{0, "x"});
    bench.give(SocketFailed{7, "x"});
    bench.give(DatagramIn{0, attacker, 5060, {}});
    bench.give(BytesIn{0, {}});
    CHECK(bench.sent.empty());
    CHECK(bench.opened.empty());
    CHECK(!bench.pnp.ready());
}
