// SPDX-License-Identifier: Apache-2.0
//
// A device of plug and play as the text wants it, and ones that depart from it.
#include "sim/lab/pnp/cases.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

using namespace dialtone::sim;
using namespace dialtone::sim::pnp;

namespace {

constexpr std::string_view phone = "192.0.2.1:5060";
constexpr std::string_view file_url = "http://192.0.2.10:80/provisioning/file.xml";
constexpr uint64_t sent_ms[] = {0, 500, 1'500, 3'500, 7'500};
constexpr std::string_view subscribe_text =
    "SUBSCRIBE sip:MAC%3A000B82273B89@224.0.1.75 SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1;rport\r\n"
    "From: <sip:MAC%3A000B82273B89@224.0.1.75>;tag=1\r\n"
    "To: <sip:MAC%3A000B82273B89@224.0.1.75>\r\n"
    "Call-ID: CALL\r\nCSeq: 1 SUBSCRIBE\r\nContact: <sip:192.0.2.1:5060>\r\nMax-Forwards: 70\r\n"
    "User-Agent: Maker M1 1.0\r\nExpires: 0\r\n"
    "Event: ua-profile;profile-type=\"device\";vendor=\"Maker\";model=\"M1\";version=\"1.0\"\r\n"
    "Accept: application/url\r\nAllow: INVITE, NOTIFY\r\nContent-Length: 0\r\n\r\n";

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string out(text);
    out.replace(out.find(from), from.size(), to);
    return out;
}

// What a device does that is not as the text has it.
struct Habits {
    std::string subscribe = std::string(subscribe_text);
    uint32_t sendings = std::size(sent_ms);
    bool stops_at_200 = true;
    bool stops_at_500 = true;
    bool stops_at_302 = false;
    bool stops_at_404 = false;
    std::string without_event = "400 Bad Request";
    std::string with_url = "200 OK";
    bool downloads_before = false;
    uint64_t download_after_ms = 50;
    uint32_t downloads = 2;
};

// One life of such a device, in virtual time.
class Device {
  public:
    Device(const Habits& habits, Server& server) : habits_(habits), server_(server) {}

    void live() {
        for (uint64_t now = 0; !server_.is_done(now) && now < 600'000; now += 50) {
            send(now);
            download(now);
            for (const Datagram& one : server_.due(now))
                take(now, one);
        }
    }

  private:
    void send(uint64_t now) {
        if (is_stopped_ || sent_ == habits_.sendings) return;
        const uint64_t at =
            sent_ < std::size(sent_ms) ? sent_ms[sent_] : sent_ms[4] + (sent_ - 4) * 4'000;
        if (now < at) return;
        ++sent_;
        server_.take(now, phone, habits_.subscribe, true);
    }

    void take(uint64_t now, const Datagram& datagram) {
        CHECK(datagram.to == phone);
        const auto message = read_sip_text(datagram.text);
        REQUIRE(message);
        if (message->method() == "NOTIFY") return answer(now, *message);
        const uint32_t status = message->status();
        is_stopped_ = is_stopped_ || (status == 200 && habits_.stops_at_200) ||
                      (status == 500 && habits_.stops_at_500) ||
                      (status == 302 && habits_.stops_at_302) ||
                      (status == 404 && habits_.stops_at_404);
    }

    void answer(uint64_t now, const SipText& notify) {
        const bool has_event = !notify.field("event").empty();
        if (has_event) CHECK(notify.body == file_url);
        const std::string& status = has_event ? habits_.with_url : habits_.without_event;
        if (has_event && !is_assigned_) {
            is_assigned_ = true;
            if (habits_.downloads_before) server_.take_download(now, "/provisioning/file.xml");
            if (habits_.downloads_before) ++downloaded_;
            next_download_ms_ = now + habits_.download_after_ms;
            now += 20;
        }
        if (!status.empty()) server_.take(now, phone, write_answer(notify, status, "t", {}), false);
    }

    void download(uint64_t now) {
        if (!is_assigned_ || downloaded_ == habits_.downloads || now < next_download_ms_) return;
        ++downloaded_;
        next_download_ms_ = now + 2'000;
        server_.take_download(now, "/provisioning/file.xml");
    }

    const Habits& habits_;
    Server& server_;
    uint32_t sent_ = 0;
    uint32_t downloaded_ = 0;
    uint64_t next_download_ms_ = 0;
    bool is_stopped_ = false;
    bool is_assigned_ = false;
};

std::vector<CaseResult> judged(const Habits& habits, bool has_file = true) {
    Evidence evidence;
    evidence.has_file = has_file;
    for (const Life life : lives) {
        Server server({.life = life,
                       .here = "192.0.2.10:5060",
                       .url = std::string(file_url),
                       .has_file = has_file,
                       .patience_ms = 1'000,
                       .watch_ms = watch_ms_after(evidence.of(Life::unanswered))},
                      0);
        Device(habits, server).live();
        evidence.records[static_cast<uint32_t>(life)] = server.record();
        evidence.is_over[static_cast<uint32_t>(life)] = true;
    }
    return judge(evidence);
}

std::vector<std::string> failed(const std::vector<CaseResult>& results) {
    std::vector<std::string> names;
    for (const CaseResult& one : results) {
        if (one.is_applicable && !one.words.empty()) names.push_back(one.name);
    }
    return names;
}

// The cases that fail for a device with these habits.
std::vector<std::string> failed_with(const std::function<void(Habits&)>& change) {
    Habits habits;
    change(habits);
    return failed(judged(habits));
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("lab pnp: a phone as the text has it fails in no case") {
    const auto results = judged({});
    CHECK(failed(results) == Names{});
    CHECK(std::ranges::count(results, false, &CaseResult::is_applicable) == 2);
}

TEST_CASE("lab pnp: what nobody can see is not applicable, and says why") {
    for (const CaseResult& one : judged({.downloads = 1}, false)) {
        if (!one.is_applicable) CHECK_FALSE(one.words.empty());
        if (one.name.starts_with("Restart.")) CHECK_FALSE(one.is_applicable);
    }
}

TEST_CASE("lab pnp: a device that is silent fails, whatever was asked") {
    const auto results = judged({.sendings = 0});
    for (const CaseResult& one : results) {
        if (one.is_applicable) CHECK_FALSE(one.words.empty());
    }
}

TEST_CASE("lab pnp: the file is there under its own path alone, and where there is one") {
    for (const bool has_file : {false, true}) {
        Server server({.url = std::string(file_url), .has_file = has_file}, 0);
        CHECK(server.take_download(0, "/provisioning/file.xml") == has_file);
        CHECK_FALSE(server.take_download(0, "/provisioning/other.xml"));
        CHECK(server.record().downloads.size() == 2);
    }
}

TEST_CASE("lab pnp: a life that did not come fails with the reason") {
    const auto results = judge({});
    const auto contact = std::ranges::find(results, "SUBSCRIBE.contact", &CaseResult::name);
    REQUIRE(contact != results.end());
    CHECK(contact->words == Names{"the time was over before"});
}

TEST_CASE("lab pnp: each departure of the SUBSCRIBE fails in its own case") {
    struct Departure {
        std::string_view name;
        std::string_view from;
        std::string_view to;
    };
    const Departure departures[] = {
        {"SUBSCRIBE.via", "UDP 192.0.2.1:5060", "UDP 127.0.0.1:5060"},
        {"SUBSCRIBE.via", ";rport", ""},
        {"SUBSCRIBE.via", "z9hG4bK1", "1"},
        {"SUBSCRIBE.from_to", ";tag=1", ""},
        {"SUBSCRIBE.from_to", "224.0.1.75>\r\nCall", "224.0.1.75>;tag=2\r\nCall"},
        {"SUBSCRIBE.call_id_cseq", "1 SUBSCRIBE", "1 INVITE"},
        {"SUBSCRIBE.call_id_cseq", "Call-ID: CALL\r\n", ""},
        {"SUBSCRIBE.contact", "Contact: <sip:192.0.2.1:5060>", "Contact: <sip:192.0.2.1:5061>"},
        {"SUBSCRIBE.max_forwards", "Max-Forwards: 70", "Max-Forwards: 7"},
        {"SUBSCRIBE.user_agent", "Maker M1 1.0", "Maker M1"},
        {"SUBSCRIBE.expires", "Expires: 0", "Expires: 3600"},
        {"SUBSCRIBE.event", "\"device\"", "\"user\""},
        {"SUBSCRIBE.event", ";version=\"1.0\"", ""},
        {"SUBSCRIBE.accept", "application/url", "application/xml"},
        {"SUBSCRIBE.allow", ", NOTIFY", ""},
        {"SUBSCRIBE.content_length", "Content-Length: 0", "Content-Length: 2"}};
    for (const Departure& one : departures) {
        CAPTURE(one.to);
        CHECK(failed_with([&](Habits& habits) {
                  habits.subscribe = replaced(subscribe_text, one.from, one.to);
              }) == Names{std::string(one.name)});
    }
}

TEST_CASE("lab pnp: a request-URI without the MAC address fails") {
    for (const std::string_view user : {"MAC%3A000B82273B8", "MAC000B82273B89", "000B82273B89"}) {
        std::string text(subscribe_text);
        for (int at = 0; at < 3; ++at)
            text = replaced(text, "MAC%3A000B82273B89@", std::string(user) + "@@");
        for (int at = 0; at < 3; ++at)
            text = replaced(text, "@@", "@");
        CHECK(failed_with([&](Habits& habits) { habits.subscribe = text; }) ==
              Names{"SUBSCRIBE.request_uri"});
    }
}

TEST_CASE("lab pnp: how often a device asks is judged for each answer") {
    CHECK(failed_with([](Habits& one) { one.sendings = 4; }) == Names{"Retries.five"});
    CHECK(failed_with([](Habits& one) { one.sendings = 6; }) == Names{"Retries.stop"});
    CHECK(failed_with([](Habits& one) { one.stops_at_200 = false; }) == Names{"Retries.stop_200"});
    CHECK(failed_with([](Habits& one) { one.stops_at_500 = false; }) == Names{"Retries.stop_500"});
    CHECK(failed_with([](Habits& one) { one.stops_at_302 = true; }) ==
          Names{"Retries.ignore_30x", "Retries.ignore_4xx"});
    CHECK(failed_with([](Habits& one) { one.stops_at_404 = true; }) == Names{"Retries.ignore_4xx"});
}

TEST_CASE("lab pnp: what a device makes of the NOTIFY is judged") {
    CHECK(failed_with([](Habits& one) { one.without_event = "200 OK"; }) ==
          Names{"NOTIFY.without_event"});
    CHECK(failed_with([](Habits& one) { one.without_event = ""; }) ==
          Names{"NOTIFY.without_event"});
    CHECK(failed_with([](Habits& one) { one.with_url = "202 Accepted"; }) == Names{"NOTIFY.url"});
    CHECK(failed_with([](Habits& one) { one.downloads_before = true; }) == Names{"Download.order"});
    CHECK(failed_with([](Habits& one) { one.download_after_ms = 6'000; }) ==
          Names{"Download.at_once"});
    CHECK(failed_with([](Habits& one) { one.downloads = 1; }) ==
          Names{"Restart.second_download", "Restart.same_file"});
    CHECK(failed_with([](Habits& one) { one.downloads = 3; }) == Names{"Restart.same_file"});
}
