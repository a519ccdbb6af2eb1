// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/fetch.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "agent/transfer/memory_sink.h"

using namespace dialtone;
using Kind = FetchOutcome::Kind;

namespace {

// What a download came to, and the bytes its sink holds.
struct Got : FetchOutcome {
    std::vector<uint8_t> body = {};
};

// Drives one Fetch by hand; the test is the world.
struct Bench {
    RequestIds ids = {};
    Fetch fetch{ids};
    MemorySink sink{};
    Instant now = {};
    std::vector<StartTransfer> started = {};
    std::vector<JournalLine> lines = {};
    uint32_t stopped = 0;
    uint64_t credit = 0;

    void drain() {
        while (auto effect = fetch.next()) {
            if (auto* start = std::get_if<StartTransfer>(&*effect)) started.push_back(*start);
            if (auto* line = std::get_if<JournalLine>(&*effect)) lines.push_back(*line);
            if (std::holds_alternative<StopTransfer>(*effect)) ++stopped;
            if (auto* more = std::get_if<CreditTransfer>(&*effect)) credit += more->bytes;
        }
    }
    void start(FetchRequest request) {
        fetch.start(now, std::move(request), sink);
        drain();
    }
    void head(uint16_t status, std::string_view location = {}, std::string_view retry = {}) {
        TransferHead head;
        head.id = started.back().id;
        head.status = status;
        head.location = location;
        head.retry_after = retry;
        head.tls_verified = started.back().url.starts_with("https");
        give(head);
    }
    void chunk(std::string_view text) {
        give(TransferChunk{started.back().id,
                           {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
    }
    void end() { give(TransferEnd{started.back().id}); }
    void answer(uint16_t status, std::string_view location = {}) {
        head(status, location);
        end();
    }
    void give(const Event& event) {
        fetch.handle(now, event);
        drain();
    }
    Got outcome() {
        auto outcome = fetch.take_outcome();
        REQUIRE(outcome);
        return {std::move(*outcome), sink.take_body()};
    }
};

}  // namespace

TEST_CASE("a 401 whose challenge nobody knows does not blame the password") {
    Bench bench;
    bench.start({.url = "http://h/f",
                 .user = "u",
                 .password = "p",
                 .credentials_meant_for = {{"h", false}}});
    bench.give(TransferHead{
        .id = bench.started.back().id, .status = 401, .wants = "Digest with SHA-512-256"});
    bench.end();
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::refused);
    CHECK(outcome.reason ==
          "the server wants Digest with SHA-512-256, which this phone does not "
          "know (status 401)");
}

TEST_CASE("a client certificate that a server misses is told by its page, or by what it asked") {
    struct Row {
        uint16_t status;
        bool lacks;
        const char* page;
        const char* words;
    };
    constexpr const char* demanded =
        ": it demands a client certificate, and the phone has none "
        "(tls.cert)";
    constexpr const char* asked =
        "; it has asked for a client certificate, and the phone has none (tls.cert)";
    const Row rows[] = {
        {403, false, "<p>Reason: Cannot perform Post-Handshake Authentication.<br /></p>",
         "the server forbids it (status 403): it demands a client certificate for this folder "
         "alone, by post-handshake authentication, which this phone does not do; where the whole "
         "site demands it, it can be shown"},
        {400, false, "<title>400 No required SSL certificate was sent</title>",
         "the server answered with status 400%demanded"},
        {400, true, "<title>400 The SSL certificate error</title>",
         "the server answered with status 400: it does not accept the phone's client certificate "
         "(tls.cert)"},
        {403, false, "<h2>403.7 - Client Certificate required</h2>",
         "the server forbids it (status 403): it demands a client certificate, or another one "
         "(tls.cert)"},
        {403, true, "no", "the server forbids it (status 403)%asked"},
        {400, true, "", "the server answered with status 400%asked"},
        {403, false, "no", "the server forbids it (status 403)"},
        {404, true, "client certificate", "there is no such file (status 404)"},
        {405, true, "client certificate", "the server answered with status 405"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.page);
        Bench bench;
        bench.start({.url = "https://h/f"});
        bench.give(TransferHead{
            .id = bench.started.back().id, .status = row.status, .lacks_certificate = row.lacks});
        const std::string_view page = row.page;
        bench.chunk(page.substr(0, 25));
        bench.chunk(page.substr(std::min<size_t>(25, page.size())));
        bench.end();
        std::string words = row.words;
        for (const auto& [mark, text] :
             {std::pair<std::string, const char*>("%demanded", demanded), {"%asked", asked}}) {
            if (const auto at = words.find(mark); at != std::string::npos)
                words.replace(at, mark.size(), text);
        }
        CHECK(bench.outcome().reason == words);
    }
}

TEST_CASE("bad input: no more of a refusal's page is looked at than its beginning") {
    Bench bench;
    bench.start({.url = "https://h/f"});
    bench.head(403);
    bench.chunk(std::string(limits::page_bytes, ' '));
    bench.chunk("Cannot perform Post-Handshake Authentication");
    bench.end();
    CHECK(bench.outcome().reason == "the server forbids it (status 403)");
}

TEST_CASE("an FTP server may take its time before the file, as long as the world lets it") {
    Bench bench;
    bench.start({.url = "ftp://h/f"});
    CHECK(bench.fetch.deadline() == bench.now + limits::ftp_silence_ms);
    bench.now = bench.now + (limits::ftp_silence_ms - 1);
    bench.give(Wake{});
    CHECK(bench.fetch.busy());
    bench.head(200);
    CHECK(bench.fetch.deadline() == bench.now + limits::transfer_stall_ms);
    bench.now = bench.now + limits::transfer_stall_ms;
    bench.give(Wake{});
    CHECK(bench.outcome().reason == "nothing arrived for 8 s, so the connection was given up");
    bench.start({.url = "ftp://h/f"});
    bench.now = bench.now + limits::ftp_silence_ms;
    bench.give(Wake{});
    CHECK(bench.outcome().reason == "nothing arrived for 33 s, so the connection was given up");
}

TEST_CASE("a whole answer is a body") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.head(200);
    bench.chunk("abc");
    bench.chunk("def");
    bench.end();
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::body);
    CHECK(std::string(outcome.body.begin(), outcome.body.end()) == "abcdef");
    CHECK(outcome.answered);
    CHECK(!outcome.tls_verified);
    CHECK(bench.credit == limits::transfer_window_bytes + 6);
}

TEST_CASE("statuses are told apart as absent, withheld, refused and worth another try") {
    struct Row {
        uint16_t status;
        Kind kind;
    };
    constexpr Row rows[] = {{404, Kind::absent},      {410, Kind::absent},
                            {403, Kind::withheld},    {401, Kind::refused},
                            {400, Kind::refused},     {204, Kind::refused},
                            {500, Kind::unreachable}, {503, Kind::unreachable},
                            {429, Kind::unreachable}, {408, Kind::unreachable}};
    for (const Row& row : rows) {
        Bench bench;
        bench.start({.url = "http://h/f"});
        bench.answer(row.status);
        CHECK(bench.outcome().kind == row.kind);
    }
}

TEST_CASE("Retry-After is handed on within its bound") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.head(503, {}, "7");
    bench.end();
    CHECK(bench.outcome().retry_after_s == 7);
    bench.start({.url = "http://h/f"});
    bench.head(503, {}, "99999999");
    bench.end();
    CHECK(bench.outcome().retry_after_s == limits::retry_after_cap_s);
}

TEST_CASE("a redirect is followed, and the credentials stay with their server") {
    Bench bench;
    bench.start({.url = "http://h/f",
                 .user = "u",
                 .password = "p",
                 .credentials_meant_for = {{"h", false}}});
    CHECK(bench.started[0].user == "u");
    bench.answer(302, "/g");
    CHECK(bench.started[1].url == "http://h/g");
    CHECK(bench.started[1].user == "u");
    bench.answer(302, "http://other/g");
    CHECK(bench.started[2].url == "http://other/g");
    CHECK(bench.started[2].user.empty());
    CHECK(bench.started[2].auth == AuthPolicy::none);
}

TEST_CASE("userinfo of the URL follows a redirect on the same host, to no weaker scheme") {
    Bench bench;
    bench.start({.url = "http://u:p@h/f"});
    bench.answer(301, "/g");
    CHECK(bench.started[1].user == "u");
    bench.answer(301, "https://h/g");
    CHECK(bench.started[2].user == "u");
    bench.answer(301, "http://h/h");
    CHECK(bench.started[3].user.empty());
    bench.start({.url = "http://u:p@h/f"});
    bench.answer(301, "http://other/g");
    CHECK(bench.started.back().user.empty());
}

TEST_CASE("of user and password that are meant for others a server gets a digest answer at most") {
    struct Row {
        const char* url;
        ServerName meant_for;
        AuthPolicy policy;
    };
    const Row rows[] = {
        {"http://h/f", {"h", false}, AuthPolicy::on_challenge},
        {"https://h/f", {"h", false}, AuthPolicy::on_challenge},
        {"http://h/f", {"h", true}, AuthPolicy::digest_only},
        {"http://h/f", {"other", false}, AuthPolicy::digest_only},
        {"ftp://h/f", {"h", false}, AuthPolicy::on_challenge},
        {"ftp://h/f", {"other", false}, AuthPolicy::none},
        {"ftps://h/f", {}, AuthPolicy::none},
    };
    for (const Row& row : rows) {
        CAPTURE(row.url);
        Bench bench;
        bench.start({.url = row.url,
                     .user = "u",
                     .password = "p",
                     .credentials_meant_for = {row.meant_for},
                     .named_by = SourceKind::pnp});
        CHECK(bench.started[0].auth == row.policy);
        CHECK(bench.started[0].password.empty() == (row.policy == AuthPolicy::none));
    }
}

TEST_CASE("a server that is led to gets user and password only where they are meant for it") {
    for (const char* meant_for : {"there", "nowhere"}) {
        Bench bench;
        bench.start({.url = "http://here/f",
                     .user = "u",
                     .password = "p",
                     .credentials_meant_for = {{"here", false}, {meant_for, false}},
                     .named_by = SourceKind::dhcp});
        bench.answer(302, "http://there/f");
        CHECK((bench.started[1].password == "p") == (meant_for == std::string_view("there")));
    }
}

TEST_CASE("who is turned away without the password is told which setting would give it") {
    Bench bench;
    bench.start({.url = "http://h/f",
                 .user = "u",
                 .password = "p",
                 .credentials_meant_for = {{"other", false}},
                 .named_by = SourceKind::pnp});
    bench.answer(401);
    const Got outcome = bench.outcome();
    CHECK(outcome.unwelcome);
    CHECK(outcome.server == ServerName{"h", false});
    CHECK(outcome.reason ==
          "the server wants a user and password (status 401); those that are set are meant for "
          "others, and it gets no more than a digest answer (provision.servers)");
}

TEST_CASE("verified TLS counts only when every hop had it") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.answer(301, "https://h/f");
    bench.head(200);
    bench.end();
    CHECK(!bench.outcome().tls_verified);
}

TEST_CASE("bad input: a redirect circle is named") {
    Bench bench;
    bench.start({.url = "http://h/a"});
    bench.answer(302, "/b");
    bench.answer(302, "/a");
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::refused);
    CHECK(outcome.reason ==
          "the redirects go round in a circle: http://h/a -> http://h/b -> http://h/a");
}

TEST_CASE("bad input: redirects for ever end at their bound") {
    Bench bench;
    bench.start({.url = "http://h/0"});
    for (uint32_t i = 1; i <= limits::redirects; ++i)
        bench.answer(302, "/" + std::to_string(i));
    CHECK(!bench.fetch.ready());
    bench.answer(302, "/last");
    CHECK(bench.outcome().kind == Kind::refused);
    CHECK(bench.started.size() == limits::redirects + 1);
}

TEST_CASE("bad input: a redirect without a place, or to no address, is refused") {
    Bench bench;
    bench.start({.url = "http://h/a"});
    bench.answer(302);
    CHECK(bench.outcome().kind == Kind::refused);
    bench.start({.url = "http://h/a"});
    bench.answer(302, "gopher://h/");
    CHECK(bench.outcome().kind == Kind::refused);
}

TEST_CASE("bad input: a body over the limit is cut off") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.head(200);
    const std::string piece(65'536, 'x');
    for (uint32_t left = limits::config_file_bytes; left > 0; left -= 65'536)
        bench.chunk(piece);
    CHECK(!bench.fetch.ready());
    bench.chunk("x");
    CHECK(bench.outcome().kind == Kind::refused);
    CHECK(bench.stopped == 1);
}

TEST_CASE("bad input: silence ends a transfer after the stall time") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    REQUIRE(bench.fetch.deadline());
    CHECK(bench.fetch.deadline()->ms == limits::transfer_stall_ms);
    bench.now.ms = 5'000;
    bench.head(200);
    CHECK(bench.fetch.deadline()->ms == 5'000 + limits::transfer_stall_ms);
    bench.now.ms += limits::transfer_stall_ms;
    bench.give(Wake{});
    CHECK(bench.outcome().kind == Kind::unreachable);
    CHECK(bench.stopped == 1);
    CHECK(!bench.fetch.deadline());
}

TEST_CASE("bad input: a drip that never stalls ends at the total time") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.head(200);
    for (; bench.now.ms < limits::transfer_total_ms; bench.now.ms += 1'000)
        bench.chunk("x");
    bench.give(Wake{});
    CHECK(bench.outcome().kind == Kind::unreachable);
}

TEST_CASE("a short body of an answer that is no file is read, for the connection's sake") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.head(404);
    bench.chunk("no such file");
    bench.end();
    CHECK(bench.outcome().kind == Kind::absent);
    CHECK(bench.stopped == 0);
}

TEST_CASE("a long body of an answer that is no file is not read to its end") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.head(404);
    bench.chunk(std::string(16'384, 'x'));
    CHECK(bench.outcome().kind == Kind::absent);
    CHECK(bench.stopped == 1);
}

TEST_CASE("a stale answer is ignored") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    const RequestId old = bench.started.back().id;
    bench.start({.url = "http://h/g"});
    CHECK(bench.stopped == 1);
    TransferHead head;
    head.id = old;
    head.status = 404;
    bench.give(head);
    bench.give(TransferEnd{old});
    CHECK(!bench.fetch.ready());
}

TEST_CASE("a failed transfer says why and whether the server had answered") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.give(TransferFailed{bench.started.back().id, TransferFault::connect, "refused by h"});
    Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::unreachable);
    CHECK(outcome.reason == "refused by h");
    CHECK(!outcome.answered);
    CHECK(!outcome.begun);
}

TEST_CASE("a failed transfer says whether a file had begun to come") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.head(200);
    bench.chunk("abc");
    bench.give(TransferFailed{bench.started.back().id, TransferFault::truncated, "cut"});
    CHECK(bench.outcome().begun);
    bench.start({.url = "http://h/f"});
    bench.head(404);
    bench.end();
    CHECK(!bench.outcome().begun);
}

namespace {

FetchRequest inform() {
    return {.url = "https://acs/cwmp",
            .method = HttpMethod::post,
            .headers = {{"Content-Type", "text/xml"}, {"SOAPAction", ""}},
            .body = {.bytes = {'x', 'm', 'l'}},
            .session = 7};
}

// The head of a 206.
TransferHead part(RequestId id, ContentRange range) {
    TransferHead head;
    head.id = id;
    head.status = 206;
    head.etag = "\"v1\"";
    head.range = range;
    return head;
}

}  // namespace

TEST_CASE("what a request carries is handed on as it is") {
    Bench bench;
    bench.start(inform());
    const StartTransfer& sent = bench.started[0];
    CHECK(sent.method == HttpMethod::post);
    CHECK(sent.headers.size() == 2);
    CHECK(sent.body.bytes.size() == 3);
    CHECK(sent.session == 7);
    CHECK(bench.lines[0].fields[0].second == "POST");
    bench.answer(204);
    CHECK(bench.outcome().kind == Kind::body);
}

TEST_CASE("a redirected POST is repeated with its body, whatever the status but 303") {
    for (const uint16_t status : {uint16_t{301}, uint16_t{302}, uint16_t{307}, uint16_t{308}}) {
        CAPTURE(status);
        Bench bench;
        bench.start(inform());
        bench.answer(status, "https://other/cwmp");
        CHECK(bench.started[1].url == "https://other/cwmp");
        CHECK(bench.started[1].method == HttpMethod::post);
        CHECK(bench.started[1].body.bytes == bench.started[0].body.bytes);
        CHECK(bench.started[1].headers == bench.started[0].headers);
        CHECK(bench.started[1].session == 7);
    }
}

TEST_CASE("a POST that is told to see another place becomes a GET without a body") {
    Bench bench;
    bench.start(inform());
    bench.answer(303, "/cwmp");
    CHECK(bench.started[1].url == "https://acs/cwmp");
    CHECK(bench.started[1].method == HttpMethod::get);
    CHECK(bench.started[1].body.bytes.empty());
    CHECK(bench.started[1].headers.size() == 1);
    CHECK(bench.started[1].headers[0].first == "SOAPAction");
    bench.answer(303, "/cwmp");
    CHECK(bench.outcome().kind == Kind::refused);
}

TEST_CASE("a HEAD that is told to see another place stays one") {
    Bench bench;
    bench.start({.url = "http://h/f", .method = HttpMethod::head});
    bench.answer(303, "/g");
    CHECK(bench.started[1].method == HttpMethod::head);
}

TEST_CASE("bad input: a redirect does not lead a body away from TLS") {
    Bench bench;
    bench.start(inform());
    bench.answer(307, "http://acs/cwmp");
    CHECK(bench.started.size() == 1);
    const FetchOutcome outcome = bench.outcome();
    CHECK(outcome.kind == Kind::refused);
    CHECK(outcome.reason == "the redirect leads what is sent to a server without TLS");
}

TEST_CASE("a part of a file says where it begins, of how much, and by which tag to go on") {
    Bench bench;
    bench.start({.url = "http://h/f", .range = ByteRange{.first = 4}});
    bench.give(part(bench.started[0].id, {.first = 4, .last = 6, .total = 7}));
    bench.chunk("efg");
    bench.end();
    const FetchOutcome outcome = bench.outcome();
    CHECK(outcome.kind == Kind::body);
    CHECK(outcome.first_byte == 4);
    CHECK(outcome.total_bytes == 7);
    CHECK(outcome.validator == "\"v1\"");
}

TEST_CASE("a server that sends the whole instead of a part is told as such") {
    Bench bench;
    bench.start({.url = "http://h/f", .range = ByteRange{.first = 4, .if_range = "\"v1\""}});
    CHECK(bench.started[0].range->if_range == "\"v1\"");
    bench.head(200);
    bench.chunk("abcdefg");
    bench.end();
    const FetchOutcome outcome = bench.outcome();
    CHECK(outcome.kind == Kind::body);
    CHECK(outcome.first_byte == 0);
}

TEST_CASE("bad input: a part that nobody asked for, or another one, is refused") {
    constexpr ContentRange ranges[] = {
        {.first = 0, .last = 6, .total = 7}, {.first = 5, .last = 6, .total = 7}, {}};
    for (const ContentRange& range : ranges) {
        Bench bench;
        bench.start({.url = "http://h/f", .range = ByteRange{.first = 4}});
        bench.give(part(bench.started[0].id, range));
        bench.end();
        CHECK(bench.outcome().kind == Kind::refused);
    }
    Bench bench;
    bench.start({.url = "http://h/f"});
    bench.give(part(bench.started[0].id, {.first = 0, .last = 6, .total = 7}));
    bench.end();
    CHECK(bench.outcome().kind == Kind::refused);
}

TEST_CASE("a weak tag is none to go on by") {
    Bench bench;
    bench.start({.url = "http://h/f"});
    TransferHead head;
    head.id = bench.started[0].id;
    head.status = 200;
    head.etag = "W/\"v1\"";
    bench.give(head);
    bench.end();
    CHECK(bench.outcome().validator.empty());
}

TEST_CASE("a file over FTP is asked for without query and answered without a status") {
    Bench bench;
    bench.start({.url = "ftp://u:p%20q@h/gs/f.xml?token=1"});
    CHECK(bench.started[0].url == "ftp://h/gs/f.xml");
    CHECK(bench.started[0].user == "u");
    CHECK(bench.started[0].password == "p q");
    CHECK(bench.lines[0].fields[0].second == "FTP read");
    CHECK(bench.lines[0].fields[2].first == "remark");
    bench.head(200);
    bench.chunk("abc");
    bench.end();
    CHECK(bench.outcome().kind == Kind::body);
    CHECK(bench.lines[1].fields[0].first == "url");
}

TEST_CASE("an FTP file that is not there is absent and told by its reply") {
    Bench bench;
    bench.start({.url = "ftps://h/f"});
    bench.answer(404);
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::absent);
    CHECK(outcome.reason == "there is no such file (reply 550)");
    CHECK(outcome.answered);
}

TEST_CASE("a folder of an FTP server is absent without a question") {
    for (const char* url : {"ftp://h", "ftp://h/gs/"}) {
        Bench bench;
        bench.start({.url = url});
        CHECK(bench.started.empty());
        const Got outcome = bench.outcome();
        CHECK(outcome.kind == Kind::absent);
        CHECK(!outcome.answered);
    }
}

TEST_CASE("an FTP server that does not take the password has answered and is not asked again") {
    Bench bench;
    bench.start({.url = "ftp://h/f"});
    bench.give(TransferFailed{bench.started.back().id, TransferFault::credentials, "no (530)"});
    const Got outcome = bench.outcome();
    CHECK(outcome.kind == Kind::refused);
    CHECK(outcome.reason == "no (530)");
    CHECK(outcome.answered);
}

TEST_CASE("bad input: a command in an FTP address is refused without a question") {
    Bench bench;
    bench.start({.url = "ftp://h/a%0d%0aDELE%20b"});
    CHECK(bench.started.empty());
    CHECK(bench.outcome().kind == Kind::refused);
}
