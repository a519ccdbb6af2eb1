// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/pnp.h"

#include <doctest/doctest.h>

#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;

namespace {

constexpr std::string_view url = "http://10.0.0.5/cfg.xml";

void end_window(PnpBench& bench) {
    while (!bench.pnp.ready()) {
        REQUIRE(bench.pnp.deadline());
        bench.run_to(bench.pnp.deadline()->ms);
    }
}

// A phone whose window has ended without a URL, and which listens to 10.0.0.5.
void listen(PnpBench& bench) {
    if (bench.request.listen_s == 0) bench.request.listen_s = 3600;
    bench.start();
    bench.datagram(bench.response("200 OK"));
    end_window(bench);
    REQUIRE(bench.outcome().urls.empty());
    REQUIRE(bench.pnp.listening());
}

}  // namespace

// --- asking --------------------------------------------------------------------------------------

TEST_CASE("against silence the phone asks at 0, 0.5, 1.5, 3.5 and 7.5 s and gives up at 11.5 s") {
    PnpBench bench;
    bench.start();
    end_window(bench);
    CHECK(bench.asked_at() == std::vector<uint64_t>{0, 500, 1500, 3500, 7500});
    CHECK(bench.now.ms == 11500);
    const PnpOutcome outcome = bench.outcome();
    CHECK(outcome.urls.empty());
    CHECK(outcome.reason == "no answer to 5 requests to 224.0.1.75:5060");
    CHECK(!bench.pnp.listening());
    CHECK(bench.closed.size() == 1);
    CHECK(!bench.pnp.deadline());
}

TEST_CASE("repeated requests have the same bytes, each spelling is a call of its own") {
    PnpBench bench;
    bench.start();
    end_window(bench);
    const auto asked = bench.sent_that_begin("SUBSCRIBE ");
    CHECK(asked[0].text == asked[1].text);
    CHECK(asked[0].text == asked[2].text);
    CHECK(asked[4].text.starts_with("SUBSCRIBE sip:MAC%3a000b82273b89@224.0.1.75 SIP/2.0\r\n"));
    CHECK(asked[4].text.find(":5060;branch=z9hG4bK") != std::string::npos);
    CHECK(asked[0].text.starts_with("SUBSCRIBE sip:MAC%3A000B82273B89@224.0.1.75 SIP/2.0\r\n"));
    CHECK(asked[3].text.starts_with("SUBSCRIBE sip:MAC000b82273b89@224.0.1.75 SIP/2.0\r\n"));
    CHECK(asked[3].text.find("CSeq: 1 SUBSCRIBE\r\n") != std::string::npos);
    CHECK(asked[0].to == group);
    CHECK(asked[0].to_port == 5060);
}

TEST_CASE("any 2xx ends the asking, and without a NOTIFY the window four seconds later") {
    for (const std::string_view status : {"200 OK", "202 Accepted", "299 Whatever"}) {
        PnpBench bench;
        bench.start();
        bench.run_to(600);
        bench.datagram(bench.response(status), pbx_address, 1036);
        end_window(bench);
        CHECK(bench.asked_at().size() == 2);
        CHECK(bench.now.ms == 4600);
        CHECK(bench.outcome().reason ==
              "10.0.0.5 accepted the request and has named no server yet");
        CHECK(!bench.pnp.listening());  // listen_s is 0
    }
}

TEST_CASE("a server that says 200 again and again does not hold the window open") {
    PnpBench bench;
    bench.start();
    for (uint64_t ms = 0; ms <= 4000; ms += 100) {
        bench.run_to(ms);
        if (!bench.pnp.ready()) bench.datagram(bench.response("200 OK"));
    }
    CHECK(bench.pnp.ready());
}

TEST_CASE("500 ends the asking, and the window as soon as others had time to answer, too") {
    PnpBench bench;
    bench.start();
    bench.run_to(100);
    bench.datagram(bench.response("500 Server Internal Error"));
    end_window(bench);
    CHECK(bench.asked_at().size() == 1);
    CHECK(bench.now.ms == 600);
    CHECK(bench.outcome().reason == "10.0.0.5 refused the request with 500");
}

TEST_CASE("after a 500 another server that accepts still has its four seconds") {
    PnpBench bench;
    bench.start();
    bench.datagram(bench.response("500 Server Internal Error"));
    bench.run_to(300);
    bench.datagram(bench.response("200 OK"), other_address);
    bench.run_to(4000);
    CHECK(!bench.pnp.ready());
    bench.datagram(notify_text("ua-profile", url), other_address);
    CHECK(bench.outcome().from == "10.0.0.9");
}

TEST_CASE("no other answer ends the asking") {
    for (const std::string_view status :
         {"100 Trying", "180 Ringing", "302 Moved", "401 Unauthorized", "403 Forbidden",
          "404 Not Found", "407 Proxy Authentication Required", "486 Busy Here", "501 No", "503 No",
          "603 Decline"}) {
        CAPTURE(status);
        PnpBench bench;
        bench.start();
        bench.run_to(100);
        bench.datagram(bench.response(status));
        end_window(bench);
        CHECK(bench.asked_at().size() == 5);
        CHECK(bench.now.ms == 11500);
    }
}

TEST_CASE("the reason names the server that refused") {
    PnpBench bench;
    bench.start();
    bench.datagram(bench.response("404 Not Found"));
    end_window(bench);
    CHECK(bench.outcome().reason == "10.0.0.5 refused the request with 404");
}

TEST_CASE("an answer is ours by its branch or by its Call-ID, whatever its CSeq and tags") {
    PnpBench bench;
    bench.start();
    const std::string good = bench.response("200 OK");
    const auto without = [&](std::string_view name) {
        std::string text = good;
        const auto at = text.find(name);
        return text.erase(at, text.find("\r\n", at) + 2 - at);
    };
    for (const std::string& text : {without("Via: "), without("Call-ID: "), without("CSeq: ")}) {
        PnpBench one;
        one.start();
        one.datagram(text);
        one.run_to(600);
        CHECK(one.asked_at().size() == 1);
    }
    PnpBench foreign;
    foreign.start();
    foreign.datagram(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 10.0.0.9;branch=z9hG4bK1\r\nCall-ID: x\r\n\r\n");
    foreign.run_to(600);
    CHECK(foreign.asked_at().size() == 2);
}

TEST_CASE("a NOTIFY before the 200 counts, and the 200 afterwards makes its sender known") {
    PnpBench bench;
    bench.start();
    bench.datagram(notify_text("ua-profile", url));
    CHECK(bench.outcome().urls == std::vector<std::string>{std::string(url)});
    CHECK(bench.answered() == "200");
    bench.datagram(bench.response("200 OK"), other_address);
    bench.run_to(40'000);
    CHECK(bench.asked_at().size() == 1);
}

TEST_CASE("all URLs of the NOTIFY are handed on, in their order, as many as the bound allows") {
    PnpBench bench;
    bench.start();
    bench.datagram(
        notify_text("ua-profile", "http://a/\r\n\r\nhttp://b/\nhttp://c/\rhttp://d/\nhttp://e/"));
    CHECK(bench.outcome().urls ==
          std::vector<std::string>{"http://a/", "http://b/", "http://c/", "http://d/"});
}

// --- the port, the name, the transport -----------------------------------------------------------

TEST_CASE("the port of the request is listened on and named in it") {
    PnpBench bench;
    bench.request.port = 60000;
    bench.start();
    CHECK(bench.port() == 60000);
    CHECK(bench.sent[0].text.find("Via: SIP/2.0/UDP 172.18.32.197:60000;") != std::string::npos);
}

TEST_CASE("while the port is taken another one is drawn, and the asking starts over") {
    PnpBench bench;
    bench.start();
    bench.run_to(10);
    bench.give(SocketFailed{bench.port_socket().socket, "Address already in use"});
    CHECK(bench.port() >= 49152);
    const auto asked = bench.sent_that_begin("SUBSCRIBE ");
    REQUIRE(asked.size() == 2);
    CHECK(asked[1].text.find("172.18.32.197:" + std::to_string(bench.port())) != std::string::npos);
    bench.datagram(bench.response("200 OK"));
    bench.run_to(1000);
    CHECK(bench.asked_at().size() == 2);
}

TEST_CASE("only so many ports are tried") {
    PnpBench bench;
    bench.start();
    for (uint32_t i = 0; i < limits::pnp_ports_tried; ++i)
        bench.give(SocketFailed{bench.port_socket().socket, "Address already in use"});
    CHECK(bench.opened.size() == limits::pnp_ports_tried);
    CHECK(bench.outcome().reason ==
          "port " + std::to_string(bench.port()) + " cannot be used: Address already in use");
    CHECK(!bench.pnp.listening());
    CHECK(bench.closed.empty());  // the world has closed them
}

TEST_CASE(
    "a try that the network refuses is lost like a datagram: the next one is sent in its time") {
    PnpBench bench;
    bench.start();
    bench.give(SocketFailed{bench.port_socket().socket, "Network is unreachable", true});
    CHECK(bench.opened.size() == 1);
    bench.run_to(500);
    CHECK(bench.opened.size() == 2);
    CHECK(bench.port() == 5060);
    bench.run_to(1500);
    CHECK(bench.asked_at() == std::vector<uint64_t>{0, 500, 1500});
}

TEST_CASE("when the network refuses every try, the outcome says its reason") {
    PnpBench bench;
    bench.start();
    for (const uint64_t due_ms : {500U, 1500U, 3500U, 7500U, 20'000U}) {
        bench.give(SocketFailed{bench.port_socket().socket, "Network is unreachable", true});
        bench.run_to(due_ms);
    }
    CHECK(bench.asked_at().size() == limits::pnp_tries);
    CHECK(bench.outcome().reason ==
          "no answer to 5 requests to 224.0.1.75:5060; port 5060 cannot be used: Network is "
          "unreachable");
    CHECK(!bench.pnp.listening());
}

TEST_CASE("port 0 draws one, because the request has to name it") {
    PnpBench bench;
    bench.request.port = 0;
    bench.start();
    CHECK(bench.port() >= 49152);
}

TEST_CASE("a server's name is looked up, and the request names it as it was set") {
    PnpBench bench;
    bench.request.server = "pbx.example";
    bench.request.server_port = 5070;
    bench.start();
    REQUIRE(bench.resolves.size() == 1);
    CHECK(bench.resolves[0].name == "pbx.example");
    const Address found[] = {{{0x20, 1}, 16}, pbx_address};
    bench.give(Resolved{bench.resolves[0].id, found, {}});
    CHECK(bench.sent[0].to == pbx_address);  // of the family the phone has an address of
    CHECK(bench.sent[0].to_port == 5070);
    CHECK(bench.sent[0].text.starts_with(
        "SUBSCRIBE sip:MAC%3A000B82273B89@pbx.example:5070 SIP/2.0"));
}

TEST_CASE("a name that leads nowhere ends the window, at once or in time") {
    PnpBench bench;
    bench.request.server = "pbx.example";
    bench.start();
    bench.give(Resolved{bench.resolves[0].id, {}, "pbx.example does not exist"});
    CHECK(bench.outcome().reason == "pbx.example does not exist");

    bench.start();
    bench.run_to(limits::pnp_resolve_ms);
    CHECK(bench.outcome().reason == "pbx.example could not be resolved in time");
    const Address found[] = {pbx_address};
    bench.give(Resolved{bench.resolves[1].id, found, {}});  // too late
    CHECK(bench.sent.empty());
}

TEST_CASE("over TCP the phone connects, asks once in each spelling, and listens on its port") {
    PnpBench bench;
    bench.request.server = "10.0.0.5";
    bench.request.transport = PnpTransport::tcp;
    bench.start();
    REQUIRE(bench.opened.size() == 2);
    CHECK(bench.opened[0].kind == SocketKind::listener);
    CHECK(bench.opened[0].port == 5060);
    CHECK(bench.opened[1].kind == SocketKind::connection);
    CHECK(bench.opened[1].to == pbx_address);
    CHECK(bench.opened[1].to_port == 5060);
    CHECK(bench.sent.empty());
    bench.run_to(20);
    bench.give(Connected{bench.opened[1].socket});
    end_window(bench);
    CHECK(bench.asked_at() == std::vector<uint64_t>{20, 3520, 7520});
    CHECK(bench.now.ms == 11520);
    const std::string& text = bench.sent[0].text;
    CHECK(text.find("Via: SIP/2.0/TCP 172.18.32.197:5060;branch=z9hG4bK") != std::string::npos);
    CHECK(text.find("rport") == std::string::npos);
    CHECK(text.find("Contact: <sip:172.18.32.197:5060;transport=tcp>") != std::string::npos);
    CHECK(bench.outcome().reason == "no answer to 3 requests to 10.0.0.5:5060");
    CHECK(bench.closed.size() == 2);
}

TEST_CASE("over TCP a server answers on our connection, in pieces, and is answered there") {
    PnpBench bench;
    bench.request.server = "10.0.0.5";
    bench.request.transport = PnpTransport::tcp;
    bench.start();
    const RequestId connection = bench.opened[1].socket;
    bench.give(Connected{connection});
    const std::string text = bench.response("200 OK") + notify_text("ua-profile", url);
    for (const char octet : text)
        bench.bytes(connection, {&octet, 1});
    CHECK(bench.outcome().urls == std::vector<std::string>{std::string(url)});
    CHECK(bench.answered() == "200");
    CHECK(bench.sent.back().socket == connection);
    CHECK(bench.sent.back().stream);
}

TEST_CASE("over TCP the simulator's PBX is understood, too") {
    PnpBench bench;
    bench.add("Lua");
    bench.request.server = "10.0.0.5";
    bench.request.transport = PnpTransport::tcp;
    bench.start();
    bench.give(Connected{bench.opened[1].socket});
    bench.run_to(10);
    CHECK(bench.outcome().from == "10.0.0.5");
}

TEST_CASE("a server may open a connection of its own for its NOTIFY") {
    PnpBench bench;
    bench.request.server = "10.0.0.5";
    bench.request.transport = PnpTransport::tcp;
    bench.start();
    bench.give(Connected{bench.opened[1].socket});
    // It closes ours right after it read the request.
    bench.give(SocketFailed{bench.opened[1].socket, "closed by the peer"});
    const RequestId its = 0x80000001;
    bench.give(Accepted{bench.opened[0].socket, its, pbx_address, 40000});
    bench.bytes(its, notify_text("ua-profile", url));
    CHECK(bench.outcome().urls.size() == 1);
    CHECK(bench.sent.back().socket == its);
}

TEST_CASE("over TCP a server that cannot be reached is named with the reason") {
    PnpBench bench;
    bench.request.server = "10.0.0.5";
    bench.request.transport = PnpTransport::tcp;
    bench.start();
    bench.give(SocketFailed{bench.opened[1].socket, "Connection refused"});
    CHECK(bench.outcome().reason == "the connection to 10.0.0.5:5060 failed: Connection refused");
    CHECK(bench.closed == std::vector<RequestId>{bench.opened[0].socket});

    bench.start();
    bench.run_to(limits::pnp_connect_ms);
    CHECK(bench.outcome().reason == "no connection to 10.0.0.5:5060 in time");
}

TEST_CASE("over TCP a taken port is no hindrance") {
    PnpBench bench;
    bench.request.server = "10.0.0.5";
    bench.request.transport = PnpTransport::tcp;
    bench.start();
    const RequestId connection = bench.opened[1].socket;
    bench.give(SocketFailed{bench.opened[0].socket, "Address already in use"});
    bench.give(Connected{connection});
    CHECK(bench.sent[0].text.find(":" + std::to_string(bench.port()) + ";branch=") !=
          std::string::npos);
    // Found out late, and for all of them: the connection still serves.
    for (uint32_t i = 1; i < limits::pnp_ports_tried; ++i)
        bench.give(SocketFailed{bench.port_socket().socket, "Address already in use"});
    bench.bytes(connection, notify_text("ua-profile", url));
    CHECK(bench.outcome().urls.size() == 1);
}

TEST_CASE("a group is asked over UDP even where TCP is set") {
    PnpBench bench;
    bench.request.transport = PnpTransport::tcp;
    bench.start();
    CHECK(bench.port_socket().kind == SocketKind::datagram);
    CHECK(bench.sent[0].text.find("SIP/2.0/UDP") != std::string::npos);
}

TEST_CASE("an IPv6 server is asked over IPv6") {
    PnpBench bench;
    bench.request.server = "2001:db8::5";
    bench.request.own_address = *parse_address("2001:db8::2");
    bench.start();
    CHECK(bench.port_socket().octet_count == 16);
    CHECK(
        bench.sent[0].text.starts_with("SUBSCRIBE sip:MAC%3A000B82273B89@[2001:db8::5] SIP/2.0\r\n"
                                       "Via: SIP/2.0/UDP [2001:db8::2]:5060;branch="));
}

// --- after the window ----------------------------------------------------------------------------

TEST_CASE("after a 2xx the phone listens for as long as it is told") {
    PnpBench bench;
    bench.request.listen_s = 60;
    listen(bench);
    bench.run_to(4000 + 59'999);
    CHECK(bench.pnp.listening());
    bench.run_to(4000 + 60'000);
    CHECK(!bench.pnp.listening());
    CHECK(!bench.pnp.deadline());
}

TEST_CASE("a phone that an administrator assigns an hour later gets its URL") {
    PnpBench bench;
    bench.add("assigned by hand");
    bench.request.listen_s = 2 * 3600;
    bench.start();
    bench.run_to(3'599'999);
    CHECK(bench.outcome().urls.empty());
    CHECK(!bench.pnp.take_notice());
    bench.run_to(3'600'000);
    const auto notice = bench.pnp.take_notice();
    REQUIRE(notice);
    CHECK(notice->kind == NotifyKind::urls);
    CHECK(notice->urls[0] == "http://10.0.0.5:5481/provisioning/cfg000b82273b89");
    CHECK(notice->from == "10.0.0.5");
    CHECK(bench.answered() == "200");
}

// A phone that has a configuration listens for a moment only, and to its own dialog; one that has
// none takes the late answer of a server that has accepted its request, as the vendor's capture has
// it: with a Call-ID of the server's own, and without the phone's tag.
TEST_CASE(
    "a later NOTIFY counts within the phone's dialog, and while the phone is new from a server "
    "that answered") {
    for (const bool is_new : {true, false}) {
        PnpBench bench;
        bench.request.is_new = is_new;
        listen(bench);
        uint32_t number = 1;
        for (const std::string_view event :
             {"ua-profile", "check-sync", "check-sync;reboot=true", "resync"}) {
            for (const bool from_attacker : {true, false}) {
                for (const bool in_dialog : {true, false}) {
                    CAPTURE(is_new);
                    CAPTURE(event);
                    CAPTURE(from_attacker);
                    CAPTURE(in_dialog);
                    const bool about_profile = event == "ua-profile";
                    std::string text =
                        notify_text(event, about_profile ? url : "", "application/url", ++number);
                    if (in_dialog) text = bench.of_dialog(text);
                    bench.datagram(text, from_attacker ? attacker : pbx_address);
                    const bool counts = !from_attacker && (in_dialog || (is_new && about_profile));
                    CHECK(bench.answered() == (counts ? "200" : "481"));
                    const auto notice = bench.pnp.take_notice();
                    CHECK(notice.has_value() == counts);
                    if (notice) CHECK(notice->urls.size() == (about_profile ? 1 : 0));
                }
            }
        }
    }
}

TEST_CASE("the phone's tag in the address of a NOTIFY, or a part of its Call-ID, is no dialog") {
    PnpBench bench;
    listen(bench);
    const std::string whole = bench.of_dialog(notify_text("check-sync;reboot=true"));
    const auto tag_at = whole.find(";tag=", whole.find("To: "));
    const std::string tag = whole.substr(tag_at, whole.find("\r\n", tag_at) - tag_at);
    std::string inside = whole;
    inside.erase(tag_at, tag.size());
    inside.insert(inside.find('>', inside.find("To: ")), tag);
    bench.datagram(inside);
    CHECK(bench.answered() == "481");
    std::string cut = whole;
    cut.erase(cut.find("Call-ID: ") + 9, 1);
    bench.datagram(cut);
    CHECK(bench.answered() == "481");
    bench.datagram(whole);
    CHECK(bench.answered() == "200");
}

TEST_CASE("check-sync says whether to reboot") {
    PnpBench bench;
    listen(bench);
    bench.datagram(bench.of_dialog(notify_text("check-sync;reboot=false", {}, {})));
    CHECK(bench.pnp.take_notice()->kind == NotifyKind::check);
    bench.datagram(bench.of_dialog(notify_text("check-sync;reboot=true", {}, {})));
    CHECK(bench.pnp.take_notice()->kind == NotifyKind::check_and_reboot);
}

TEST_CASE("in the window a check-sync of an unknown host is turned away, and of a server ignored") {
    PnpBench bench;
    bench.start();
    bench.datagram(notify_text("check-sync", {}, {}));
    CHECK(bench.answered() == "481");
    bench.datagram(bench.response("200 OK"));
    bench.datagram(bench.of_dialog(notify_text("check-sync;reboot=true", {}, {})));
    CHECK(bench.answered() == "200");
    CHECK(!bench.pnp.ready());
    CHECK(!bench.pnp.take_notice());
}

TEST_CASE("of two late NOTIFYs the newer one counts") {
    PnpBench bench;
    listen(bench);
    bench.datagram(notify_text("ua-profile", "http://a/"));
    bench.datagram(notify_text("ua-profile", "http://b/"));
    CHECK(bench.pnp.take_notice()->urls == std::vector<std::string>{"http://b/"});
    CHECK(!bench.pnp.take_notice());
}

TEST_CASE("a repeated NOTIFY is answered with the same bytes and asks nothing new") {
    PnpBench bench;
    bench.request.listen_s = 3600;
    bench.start();
    const std::string text = notify_text("ua-profile", url);
    bench.datagram(text);
    const std::string answer = bench.sent.back().text;
    bench.outcome();
    bench.run_to(500);
    bench.datagram(text);
    CHECK(bench.sent.back().text == answer);
    CHECK(bench.sent_that_begin("SIP/2.0 200").size() == 2);
    CHECK(!bench.pnp.take_notice());
    // The same URL in a NOTIFY of its own, one for each of our requests, is no news either.
    bench.datagram(notify_text("ua-profile", url, "application/url", 2));
    CHECK(!bench.pnp.take_notice());
    // Later it is: somebody wants the phone to ask again.
    bench.run_to(40'000);
    bench.datagram(notify_text("ua-profile", url, "application/url", 3));
    CHECK(bench.pnp.take_notice());
}

TEST_CASE("a 3CX that sends its NOTIFY twice is answered twice and heard once") {
    PnpBench bench;
    bench.add("3CX");
    bench.start();
    bench.run_to(2000);
    bench.outcome();
    CHECK(bench.pbx.answers() == std::vector<uint16_t>{200, 200});
    CHECK(!bench.pnp.take_notice());
}

TEST_CASE("for a while after the URL repetitions are answered even without listening") {
    PnpBench bench;
    bench.start();
    bench.datagram(notify_text("ua-profile", url));
    bench.run_to(limits::pnp_repeats_ms - 1);
    CHECK(bench.pnp.listening());
    bench.run_to(limits::pnp_repeats_ms);
    CHECK(!bench.pnp.listening());
}

TEST_CASE("bad input: whatever comes, a phone that listens no longer lets go of its port in time") {
    PnpBench bench;
    bench.start();
    bench.datagram(bench.response("200 OK"));
    bench.datagram(bench.of_dialog(notify_text("ua-profile", url)));
    REQUIRE(bench.outcome().urls.size() == 1);
    uint32_t number = 1;
    for (uint64_t at_ms = 1'000; at_ms < limits::pnp_repeats_ms; at_ms += 1'000) {
        bench.run_to(at_ms);
        REQUIRE(bench.pnp.listening());
        ++number;
        bench.datagram(bench.response("200 OK"));
        bench.datagram(bench.response("200 OK"), other_address);
        for (const std::string_view event : {"check-sync", "resync", "check-sync;reboot=true"})
            bench.datagram(bench.of_dialog(notify_text(event, {}, {}, number)));
        bench.datagram(
            bench.of_dialog(notify_text("ua-profile", "http://b/", "application/url", number)));
        CHECK(bench.answered() == "200");
    }
    bench.run_to(limits::pnp_repeats_ms);
    CHECK(!bench.pnp.listening());
    CHECK(!bench.pnp.deadline());
}

TEST_CASE("a PBX that pushes later is heard") {
    PnpBench bench;
    bench.add("UCM");
    bench.request.listen_s = 3600;
    bench.start();
    bench.run_to(60'000);
    bench.outcome();
    bench.pbx.send_notify(bench.now.ms, pbx_address, "check-sync;reboot=true", {});
    bench.drain();
    bench.run_to(60'010);
    CHECK(bench.pnp.take_notice()->kind == NotifyKind::check_and_reboot);
    bench.pbx.send_notify(bench.now.ms, pbx_address, "check-sync", "http://10.0.0.5/new/");
    bench.drain();
    bench.run_to(60'020);
    CHECK(bench.pnp.take_notice()->urls == std::vector<std::string>{"http://10.0.0.5/new/"});
}

// --- answers -------------------------------------------------------------------------------------

TEST_CASE("the answer echoes what the request had, with a tag, to where it came from") {
    PnpBench bench;
    bench.start();
    bench.datagram(notify_text("ua-profile", url), other_address, 35060);
    const auto& answer = bench.sent.back();
    CHECK(answer.to == other_address);
    CHECK(answer.to_port == 35060);
    CHECK(
        answer.text.starts_with("SIP/2.0 200 OK\r\n"
                                "Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK77"
                                ";received=10.0.0.9;rport=35060\r\n"
                                "From: <sip:10.0.0.5>;tag=1\r\n"
                                "To: <sip:172.18.32.197>;tag="));
    CHECK(answer.text.find("\r\nCall-ID: a@b\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n") !=
          std::string::npos);
}

TEST_CASE("a wrong event is answered by 489, a NOTIFY without a usable URL by 400") {
    PnpBench bench;
    bench.start();
    bench.datagram(notify_text("message-summary", url));
    CHECK(bench.answered() == "489");
    CHECK(bench.sent.back().text.find("Allow-Events: ") != std::string::npos);
    bench.datagram(notify_text("", url));
    CHECK(bench.answered() == "489");
    bench.datagram(notify_text("ua-profile"));
    CHECK(bench.answered() == "400");
    bench.datagram(notify_text("ua-profile", url, "application/simservs+xml"));
    CHECK(bench.answered() == "400");
    CHECK(!bench.pnp.ready());
    end_window(bench);
    CHECK(bench.outcome().reason == "10.0.0.5 sent a NOTIFY whose content is no URL");
}

TEST_CASE("other methods are answered, those heard by chance are not") {
    PnpBench bench;
    bench.start();
    const auto answer_to = [&](std::string_view method) {
        std::string text = notify_text("ua-profile", url);
        text.replace(0, text.find(' '), method);
        const auto before = bench.sent.size();
        bench.datagram(text);
        return bench.sent.size() == before ? "" : bench.answered();
    };
    CHECK(answer_to("OPTIONS") == "405");
    CHECK(bench.sent.back().text.find("Allow: NOTIFY\r\n") != std::string::npos);
    CHECK(answer_to("INVITE") == "405");
    CHECK(answer_to("BREW") == "501");
    CHECK(answer_to("ACK").empty());
    CHECK(answer_to("SUBSCRIBE").empty());  // of another phone
    CHECK(!bench.pnp.ready());
}

// --- beginning and ending ------------------------------------------------------------------------

TEST_CASE("stopping lets go of everything at once, without an outcome") {
    PnpBench bench;
    bench.start();
    const auto socket = bench.port_socket().socket;
    bench.pnp.stop(bench.now);
    bench.drain();
    CHECK(bench.closed == std::vector<RequestId>{socket});
    CHECK(!bench.pnp.listening());
    CHECK(!bench.pnp.ready());
    CHECK(!bench.pnp.deadline());
    bench.datagram(notify_text("ua-profile", url));
    CHECK(!bench.pnp.ready());
    CHECK(bench.answered().empty());
}

TEST_CASE("a new window begins with new calls and forgets the servers of the last one") {
    PnpBench bench;
    listen(bench);
    bench.start();
    const auto asked = bench.sent_that_begin("SUBSCRIBE ");
    CHECK(asked.back().text != asked.front().text);
    CHECK(bench.closed.size() == 1);
    bench.datagram(notify_text("check-sync", {}, {}));
    CHECK(bench.answered() == "481");
}

TEST_CASE("an engine that never started wants nothing") {
    RequestIds ids;
    Pnp pnp(ids);
    pnp.stop({});
    pnp.handle({}, Wake{});
    CHECK(!pnp.next());
    CHECK(!pnp.deadline());
    CHECK(!pnp.listening());
    CHECK(!pnp.ready());
    CHECK(!pnp.take_outcome());
    CHECK(!pnp.take_notice());
}

TEST_CASE("a profile without a request ends the window with that reason") {
    PnpBench bench;
    Profile profile = grandstream_profile;
    profile.pnp = {};
    bench.request.profile = &profile;
    bench.start();
    CHECK(bench.outcome().reason == "the profile has no request for SIP plug and play");
    CHECK(bench.opened.empty());
}
