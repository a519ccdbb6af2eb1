// SPDX-License-Identifier: Apache-2.0
//
// One session, message by message; the test is the world and the ACS.
#include "agent/cwmp/session.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "agent/limits.h"
#include "tests/agent/cwmp/acs_messages.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

const std::string acs = "http://acs.example/cwmp";
const std::string secure_acs = "https://acs.example/cwmp";

using Written = std::vector<std::string>;

struct Bench {
    ManagedPhone managed = {};
    RequestIds ids = {};
    AcsMemory memory = {};
    Session session{ids, managed.phone, managed.clock, managed.active, memory};
    Instant now = {};
    std::vector<StartTransfer> posts = {};
    std::vector<JournalLine> lines = {};
    std::vector<RequestId> released = {};
    uint32_t stopped = 0;

    void drain() {
        while (auto effect = session.next()) {
            if (auto* post = std::get_if<StartTransfer>(&*effect)) posts.push_back(*post);
            if (auto* line = std::get_if<JournalLine>(&*effect)) lines.push_back(*line);
            if (auto* one = std::get_if<ReleaseSession>(&*effect)) released.push_back(one->session);
            if (std::holds_alternative<StopTransfer>(*effect)) ++stopped;
        }
    }
    void give(const Event& event) {
        session.handle(now, event);
        drain();
    }
    void start(SessionRequest request = {}) {
        if (request.server.url.empty()) request.server.url = acs;
        if (request.events.empty()) request.events = {{.code = "1 BOOT"}};
        session.start(now, std::move(request));
        drain();
    }
    void head(TransferHead head) {
        head.id = posts.back().id;
        give(head);
    }
    void body(std::string_view text) {
        const RequestId id = posts.back().id;
        if (!text.empty())
            give(TransferChunk{id, {reinterpret_cast<const uint8_t*>(text.data()), text.size()}});
        give(TransferEnd{id});
    }
    void answer(std::string_view text, uint16_t status = 200) {
        const RequestId id = posts.back().id;
        give(TransferHead{.id = id, .status = status});
        // A refusal or a redirect ends the transfer before its body.
        if (posts.back().id != id || session.ready()) return;
        body(text);
    }
    void answer_empty() { answer("", 204); }
    std::string sent() const {
        const auto& bytes = posts.back().body.bytes;
        return {bytes.begin(), bytes.end()};
    }
    SoapMessage said() const {
        auto message = read_soap(sent());
        REQUIRE(message);
        return std::move(*message);
    }
    SessionOutcome outcome() {
        auto outcome = session.take_outcome();
        REQUIRE(outcome);
        CHECK(!session.busy());
        CHECK(released.size() == 1);
        return std::move(*outcome);
    }
    // The journal's lines: kind, method, ID and fault.
    std::vector<std::string> written() const {
        std::vector<std::string> out;
        for (const JournalLine& line : lines) {
            std::string words(journal_form(line.kind).name);
            for (const auto& [name, value] : line.fields) {
                if (name != "reason") words += " " + value;
            }
            out.push_back(std::move(words));
        }
        return out;
    }
    // What it came to when the ACS says `text` to the Inform.
    SessionOutcome after(std::string_view text, uint16_t status = 200) {
        start();
        answer(text, status);
        return outcome();
    }
};

bool has_words(const SessionOutcome& outcome, std::string_view words) {
    CAPTURE(outcome.reason);
    CHECK(!outcome.ended_well);
    return outcome.reason.find(words) != std::string::npos;
}

}  // namespace

TEST_CASE("the first message is an Inform that says who reports, why and what it is") {
    Bench bench;
    bench.start({.events = {{.code = "0 BOOTSTRAP"}, {.code = "M Reboot", .command_key = "k<1"}},
                 .retry_count = 3});
    const SoapMessage inform = bench.said();
    CHECK(inform.method() == "Inform");
    CHECK(inform.id == "1");
    CHECK(inform.version == CwmpVersion::v1_0);
    const SoapView arguments = inform.arguments();
    CHECK(arguments.child("DeviceId")->word("Manufacturer") == "Grandstream");
    CHECK(arguments.child("DeviceId")->word("OUI") == "000B82");
    CHECK(arguments.child("DeviceId")->word("ProductClass") == "GXP1628");
    CHECK(arguments.child("DeviceId")->word("SerialNumber") == "000B82273B89");
    const auto events = arguments.child("Event")->children();
    REQUIRE(events.size() == 2);
    CHECK(events[1].word("EventCode") == "M Reboot");
    CHECK(events[1].word("CommandKey") == "k<1");
    CHECK(arguments.word("MaxEnvelopes") == "1");
    CHECK(arguments.word("CurrentTime") == "2027-01-15T08:00:00Z");
    CHECK(arguments.word("RetryCount") == "3");
    CHECK(arguments.child("ParameterList")->children().size() == 6);
}

TEST_CASE("a phone that does not know the time says so") {
    Bench bench;
    bench.managed.clock = {};
    bench.managed.clock.begin({}, 0, 1'700'000'000, 0);
    bench.start();
    CHECK(bench.said().arguments().word("CurrentTime") == "0001-01-01T00:00:00Z");
}

TEST_CASE("a message is posted as XML with an empty SOAPAction, and no message without either") {
    Bench bench;
    bench.start();
    using Fields = std::vector<std::pair<std::string, std::string>>;
    CHECK(bench.posts[0].method == HttpMethod::post);
    CHECK(bench.posts[0].url == acs);
    CHECK(bench.posts[0].headers ==
          Fields{{"Content-Type", "text/xml; charset=\"utf-8\""}, {"SOAPAction", "\"\""}});
    bench.answer(inform_response());
    CHECK(bench.posts[1].method == HttpMethod::post);
    CHECK(bench.sent().empty());
    CHECK(bench.posts[1].headers.empty());
    CHECK(bench.posts[1].session == bench.posts[0].session);
    CHECK(bench.posts[1].session != 0);
}

TEST_CASE("a session ends well when the ACS has nothing more to say, by 204 or an empty 200") {
    for (const uint16_t status : {uint16_t{204}, uint16_t{200}}) {
        Bench bench;
        bench.start();
        bench.answer(inform_response());
        bench.answer(status == 204 ? "" : " \r\n", status);
        const SessionOutcome outcome = bench.outcome();
        CHECK(outcome.ended_well);
        CHECK(outcome.informed);
        CHECK(outcome.calls == 0);
        CHECK(outcome.shown_url == acs);
        CHECK(bench.posts.size() == 2);
        CHECK(bench.released[0] == bench.posts[0].session);
    }
}

TEST_CASE("calls of the ACS are answered with their own ID, and in its namespace") {
    Bench bench;
    bench.start();
    bench.answer(inform_response());
    bench.answer(acs_envelope(id_header(" x/7 "), "<C:GetRPCMethods/>", "1-2"));
    CHECK(bench.said().method() == "GetRPCMethodsResponse");
    CHECK(bench.said().id == " x/7 ");
    CHECK(bench.said().version == CwmpVersion::v1_2);
    bench.answer(acs_envelope("", "<GetRPCMethods/>", "1-2"));
    CHECK(!bench.said().id);
    CHECK(bench.said().version == CwmpVersion::v1_2);
    bench.answer(acs_call("Sing"));
    CHECK(bench.said().fault->code == 9000);
    bench.answer_empty();
    const SessionOutcome outcome = bench.outcome();
    CHECK(outcome.ended_well);
    CHECK(outcome.calls == 3);
    CHECK(bench.written() == Written{"acs_turn", "acs_call GetRPCMethods  x/7 ",
                                     "acs_call GetRPCMethods", "acs_call Sing acs-1 9000"});
}

TEST_CASE("what the phone has to ask follows its Inform, and then it is the ACS's turn") {
    Bench bench;
    bench.start(
        {.requests = {{"TransferComplete", {{"CommandKey", "<k"}}}, {"GetRPCMethods", {}}}});
    bench.answer(inform_response());
    CHECK(bench.said().method() == "TransferComplete");
    CHECK(bench.said().id == "2");
    CHECK(bench.said().arguments().word("CommandKey") == "<k");
    bench.answer(acs_envelope(id_header("2"), "<C:TransferCompleteResponse/>"));
    CHECK(bench.said().method() == "GetRPCMethods");
    bench.answer(acs_fault("8000", "3"));
    CHECK(bench.sent().empty());
    bench.answer_empty();
    CHECK(bench.outcome().ended_well);
    CHECK(bench.written() == Written{"acs_request TransferComplete 2",
                                     "acs_request GetRPCMethods 3 8000", "acs_turn"});
}

TEST_CASE("a session that failed says which message was out") {
    CHECK(Bench().after("nothing").message == "Inform");
    Bench asking;
    asking.start({.requests = {{"GetRPCMethods", {}}}});
    asking.answer(inform_response());
    asking.answer("nothing");
    CHECK(asking.outcome().message == "GetRPCMethods");
    Bench empty;
    empty.start();
    empty.answer(inform_response());
    empty.answer("nothing");
    CHECK(empty.outcome().message == "an empty message");
    for (const auto& [call, message] : {std::pair{"GetRPCMethods", "the answer to GetRPCMethods"},
                                        std::pair{"Sing", "the fault in answer to Sing"}}) {
        Bench answering;
        answering.start();
        answering.answer(inform_response());
        answering.answer(acs_call(call));
        answering.answer("nothing");
        CHECK(answering.outcome().message == message);
    }
}

TEST_CASE("bad input: a session of thousands of calls writes some, and counts the others") {
    Bench bench;
    bench.start();
    bench.answer(inform_response());
    constexpr uint32_t calls = 1'000;
    for (uint32_t call = 0; call < calls; ++call)
        bench.answer(
            acs_envelope(id_header(std::string(limits::cwmp_id_bytes, 'i')), "<C:GetRPCMethods/>"));
    bench.answer_empty();
    CHECK(bench.lines.size() == limits::cwmp_messages_journaled);
    CHECK(bench.outcome().unwritten == calls + 1 - limits::cwmp_messages_journaled);
    uint64_t bytes = 0;
    for (const JournalLine& line : bench.lines)
        bytes += encode_journal_line(line).size();
    CHECK(bytes < limits::journal_file_bytes / 8);
}

TEST_CASE("what the phone asks may have structures and arrays in it") {
    Bench bench;
    bench.start(
        {.requests = {{.method = "Odd",
                       .arguments = {{.name = "FaultStruct",
                                      .inside = {{.name = "FaultCode", .text = "0"},
                                                 {.name = "FaultString"}}},
                                     {.name = "FileTypeArg", .array_of = "cwmp:ArgStruct"}}}}});
    bench.answer(inform_response());
    CHECK(bench.sent().find("<FaultStruct><FaultCode>0</FaultCode><FaultString></FaultString>"
                            "</FaultStruct><FileTypeArg soap-enc:arrayType=\"cwmp:ArgStruct[0]\">"
                            "</FileTypeArg>") != std::string::npos);
}

TEST_CASE("whoever began the session hears what the ACS answered to each request") {
    Bench bench;
    bench.start({.requests = {{.method = "TransferComplete", .number = 7},
                              {.method = "TransferComplete", .number = 9},
                              {.method = "GetRPCMethods"}}});
    bench.answer(inform_response());
    CHECK(bench.session.take_answers().empty());
    bench.answer(acs_envelope(id_header("2"), "<C:TransferCompleteResponse/>"));
    auto answers = bench.session.take_answers();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].number == 7);
    CHECK(answers[0].method == "TransferComplete");
    CHECK(answers[0].fault == 0);
    bench.answer(acs_fault("8002", "3"));
    answers = bench.session.take_answers();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].number == 9);
    CHECK(answers[0].fault == 8002);
    CHECK(answers[0].reason.find("come back") != std::string::npos);
    bench.answer(acs_fault("8000", "4"));
    CHECK(bench.session.take_answers().empty());
}

TEST_CASE("a request that gets 8005 is the same again, and is answered once") {
    Bench bench;
    bench.start({.requests = {{.method = "TransferComplete", .number = 7}}});
    bench.answer(inform_response());
    const std::string sent = bench.sent();
    bench.answer(acs_fault("8005", "2"));
    CHECK(bench.sent() == sent);
    CHECK(bench.session.take_answers().empty());
    bench.answer(acs_envelope(id_header("2"), "<C:TransferCompleteResponse/>"));
    CHECK(bench.session.take_answers().size() == 1);
}

TEST_CASE("a request goes only to an ACS that lists it, where that is asked for") {
    const auto methods = [](std::string_view name) {
        return acs_envelope(
            id_header("2"),
            "<C:GetRPCMethodsResponse><MethodList><string>Inform</string><string> " +
                std::string(name) + " </string></MethodList></C:GetRPCMethodsResponse>");
    };
    const SessionRequest request{
        .requests = {{.method = "GetRPCMethods"},
                     {.method = "AutonomousTransferComplete", .number = 3, .if_listed = true}}};
    Bench listed;
    listed.start(request);
    listed.answer(inform_response());
    listed.answer(methods("AutonomousTransferComplete"));
    CHECK(listed.said().method() == "AutonomousTransferComplete");
    Bench other;
    other.start(request);
    other.answer(inform_response());
    other.answer(methods("TransferComplete"));
    CHECK(other.sent().empty());
    const auto answers = other.session.take_answers();
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].number == 3);
    CHECK(answers[0].fault == 8000);
    Bench silent;
    silent.start(request);
    silent.answer(inform_response());
    silent.answer(acs_fault("8000", "2"));
    CHECK(silent.sent().empty());
    CHECK(silent.session.take_answers().size() == 1);
}

TEST_CASE("an ACS that holds requests is served first, and asked when it has nothing more") {
    Bench bench;
    bench.start({.requests = {{"GetRPCMethods", {}}}});
    bench.answer(
        acs_envelope(id_header("1") + hold_header("true"),
                     "<C:InformResponse><MaxEnvelopes>1</MaxEnvelopes></C:InformResponse>"));
    CHECK(bench.sent().empty());
    bench.answer(acs_envelope(id_header("a") + hold_header("1"), "<C:GetRPCMethods/>"));
    CHECK(bench.said().method() == "GetRPCMethodsResponse");
    bench.answer_empty();
    CHECK(bench.said().method() == "GetRPCMethods");
    bench.answer(acs_envelope(id_header("2"), "<C:GetRPCMethodsResponse/>"));
    CHECK(bench.sent().empty());
    bench.answer_empty();
    CHECK(bench.outcome().ended_well);
}

TEST_CASE("a response without an ID is taken") {
    Bench bench;
    bench.start();
    bench.answer(acs_envelope("", "<C:InformResponse/>"));
    CHECK(bench.posts.size() == 2);
}

TEST_CASE("an ACS that answers the Inform with 8005 hears the same again, five times at most") {
    Bench bench;
    bench.start();
    const std::string inform = bench.sent();
    for (uint32_t i = 0; i < limits::cwmp_repeats; ++i) {
        bench.answer(acs_fault("8005"), 500);
        CHECK(bench.posts.size() == 2 + i);
        CHECK(bench.sent() == inform);
    }
    bench.answer(acs_fault("8005"));
    CHECK(has_words(bench.outcome(), "more than 5 times"));
}

TEST_CASE("a session goes on where a redirect leads, with the same message") {
    for (const uint16_t status : {uint16_t{301}, uint16_t{302}, uint16_t{307}, uint16_t{308}}) {
        Bench bench;
        bench.start();
        const std::string inform = bench.sent();
        bench.head({.status = status, .location = "http://other.example:8080/x"});
        REQUIRE(bench.posts.size() == 2);
        CHECK(bench.posts[1].url == "http://other.example:8080/x");
        CHECK(bench.posts[1].method == HttpMethod::post);
        CHECK(bench.sent() == inform);
        bench.answer(inform_response());
        CHECK(bench.posts[2].url == "http://other.example:8080/x");
        bench.answer_empty();
        CHECK(bench.outcome().ended_well);
    }
}

TEST_CASE("bad input: redirects without an end, to no URL, and out of TLS end the session") {
    Bench endless;
    endless.start();
    for (uint32_t i = 0; i <= limits::redirects; ++i)
        endless.head({.status = 302, .location = "/again"});
    CHECK(has_words(endless.outcome(), "more than 5 times"));
    CHECK(endless.posts.size() == 1 + limits::redirects);
    for (const std::string_view location : {"", "ftp://acs.example/", "http://"}) {
        Bench bench;
        bench.start();
        bench.head({.status = 302, .location = location});
        CHECK(!bench.outcome().ended_well);
        CHECK(bench.posts.size() == 1);
    }
    Bench downgraded;
    downgraded.start({.server = {.url = secure_acs}});
    downgraded.head({.status = 302, .tls_verified = true, .location = acs});
    CHECK(has_words(downgraded.outcome(), "without TLS"));
    CHECK(downgraded.posts.size() == 1);
}

TEST_CASE("user and password go to the ACS, and to nobody it sends the phone on to without TLS") {
    Bench bench;
    bench.start({.server = {.url = acs, .user = "u", .password = "p"}});
    CHECK(bench.posts[0].auth == AuthPolicy::on_challenge);
    CHECK(bench.posts[0].user == "u");
    CHECK(bench.posts[0].password == "p");
    bench.head({.status = 302, .location = "http://other.example/"});
    CHECK(bench.posts[1].auth == AuthPolicy::none);
    CHECK(bench.posts[1].password.empty());
    bench.head({.status = 302, .location = "https://acs.example/"});
    CHECK(bench.posts[2].password == "p");
    bench.head({.status = 302, .location = "https://other.example/"});
    CHECK(bench.posts[3].password.empty());
}

TEST_CASE("an ACS that is verified by TLS lends user and password to the one it names by https") {
    Bench bench;
    bench.start({.server = {.url = secure_acs, .user = "u", .password = "p"}});
    bench.head({.status = 307, .tls_verified = true, .location = "https://other.example/"});
    CHECK(bench.posts[1].password == "p");
    bench.head({.status = 307, .tls_verified = false, .location = "https://third.example/"});
    CHECK(bench.posts[2].password.empty());
}

TEST_CASE("the user and password of the URL count where none are set, and are in no line") {
    Bench bench;
    bench.start({.server = {.url = "http://me:se%20cret@acs.example/cwmp"}});
    CHECK(bench.posts[0].url == acs);
    CHECK(bench.posts[0].user == "me");
    CHECK(bench.posts[0].password == "se cret");
    bench.answer_empty();
    const SessionOutcome outcome = bench.outcome();
    CHECK(outcome.shown_url.find("cret") == std::string::npos);
}

TEST_CASE("an order is in the outcome, whether the session ends well or not") {
    for (const bool well : {true, false}) {
        Bench bench;
        bench.start();
        bench.answer(inform_response());
        bench.answer(acs_call("Reboot", "<CommandKey>k</CommandKey>"));
        CHECK(bench.said().method() == "RebootResponse");
        bench.answer("", well ? 204 : 503);
        const SessionOutcome outcome = bench.outcome();
        CHECK(outcome.ended_well == well);
        CHECK(outcome.deferred.reboot);
        CHECK(outcome.deferred.command_key == "k");
    }
}

TEST_CASE("an ACS that is silent for 30 seconds is waited for no longer") {
    Bench bench;
    bench.start();
    bench.now = {29'999};
    bench.give(Wake{});
    CHECK(bench.session.busy());
    bench.head({.status = 200});
    CHECK(bench.session.deadline() == Instant{59'999});
    bench.now = {59'999};
    bench.give(Wake{});
    CHECK(has_words(bench.outcome(), "said nothing for 30 s"));
    CHECK(bench.stopped == 1);
}

TEST_CASE("bad input: a session that has no end is ended by the phone") {
    Bench slow;
    slow.start();
    slow.answer(inform_response());
    while (!slow.session.ready()) {
        slow.now = slow.now + 20'000;
        slow.answer(acs_call("GetRPCMethods"));
    }
    CHECK(has_words(slow.outcome(), "not over after 600 s"));
    CHECK(slow.stopped == 1);

    Bench busy;
    busy.start();
    busy.answer(inform_response());
    while (!busy.session.ready())
        busy.answer(acs_call("GetRPCMethods"));
    CHECK(has_words(busy.outcome(), "more than 4096 messages"));
}

TEST_CASE("a busy ACS says when to come back, and that is told") {
    Bench bench;
    bench.start();
    bench.head({.status = 503, .retry_after = "60"});
    const SessionOutcome outcome = bench.outcome();
    CHECK(has_words(outcome, "status 503"));
    CHECK(outcome.retry_after_s == 60);
    CHECK(!outcome.informed);
}

TEST_CASE("bad input: what is no answer to an Inform ends the session") {
    CHECK(has_words(Bench().after("<html>Welcome</html>"), "is no message"));
    CHECK(has_words(Bench().after(inform_response().substr(0, 90)), "is no message"));
    CHECK(has_words(Bench().after("Internal error", 500), "status 500"));
    CHECK(has_words(Bench().after("", 204), "no answer to Inform"));
    CHECK(has_words(Bench().after(acs_envelope("", "")), "an empty body"));
    CHECK(has_words(Bench().after(inform_response("2")), "another ID"));
    CHECK(has_words(Bench().after(acs_call("GetRPCMethods")), "called GetRPCMethods"));
    CHECK(has_words(Bench().after(acs_envelope("", "<C:RebootResponse/>")), "unasked"));
    CHECK(has_words(
        Bench().after(acs_envelope("<C:Later S:mustUnderstand='1'/>", "<C:InformResponse/>")),
        "header Later"));
    CHECK(has_words(Bench().after(acs_fault("8003")), "fault 8003 (come back)"));
    CHECK(has_words(Bench().after(acs_fault("8005", "9")), "another ID"));
}

TEST_CASE("bad input: statuses that bring no message end the session, in words") {
    CHECK(has_words(Bench().after("", 400), "status 400"));
    CHECK(has_words(Bench().after("", 404), "status 404"));
    CHECK(has_words(Bench().after("", 303), "status 303"));
    CHECK(has_words(Bench().after("", 401), "none is set (status 401)"));
    Bench refused;
    refused.start({.server = {.url = acs, .user = "u", .password = "p"}});
    refused.head({.status = 401});
    CHECK(has_words(refused.outcome(), "does not accept the user"));
    Bench unknown;
    unknown.start();
    unknown.head({.status = 401, .wants = "Negotiate"});
    CHECK(has_words(unknown.outcome(), "it wants Negotiate"));
}

TEST_CASE("bad input: a message larger than the bound is given up in the middle") {
    Bench bench;
    bench.start();
    bench.head({.status = 200});
    constexpr uint32_t piece_bytes = 64 * 1024;
    const std::string piece(piece_bytes, ' ');
    const RequestId id = bench.posts.back().id;
    for (uint32_t bytes = 0; bytes <= limits::cwmp_envelope_bytes && !bench.session.ready();
         bytes += piece_bytes)
        bench.give(
            TransferChunk{id, {reinterpret_cast<const uint8_t*>(piece.data()), piece.size()}});
    CHECK(has_words(bench.outcome(), "more than 1048576 bytes"));
    CHECK(bench.stopped == 1);
}

TEST_CASE("bad input: a fault or an unasked response while the ACS is served ends the session") {
    for (const std::string& text : {acs_fault("8002"), inform_response("1")}) {
        Bench bench;
        bench.start();
        bench.answer(inform_response());
        bench.answer(text);
        const SessionOutcome outcome = bench.outcome();
        CHECK(!outcome.ended_well);
        CHECK(outcome.informed);
    }
}

TEST_CASE("bad input: a connection that breaks ends the session with the world's words") {
    Bench bench;
    bench.start();
    bench.give(TransferFailed{bench.posts.back().id, TransferFault::connect, "nobody listens"});
    CHECK(has_words(bench.outcome(), "nobody listens"));
    Bench headless;
    headless.start();
    headless.give(TransferEnd{headless.posts.back().id});
    CHECK(has_words(headless.outcome(), "before it began"));
}

TEST_CASE("bad input: an ACS whose URL is none, or of another protocol, is not asked") {
    for (const std::string_view url :
         {"ftp://acs.example/", "http://", "http://a:b:c/", "tftp://a/"}) {
        Bench bench;
        bench.start({.server = {.url = std::string(url)}});
        CHECK(bench.posts.empty());
        CHECK(!bench.outcome().ended_well);
    }
}

TEST_CASE("bad input: answers to what is not out any more are not read") {
    Bench bench;
    bench.start();
    const RequestId old = bench.posts.back().id;
    bench.answer(inform_response());
    bench.give(TransferHead{.id = old, .status = 500});
    bench.give(TransferFailed{old, TransferFault::broken, "old"});
    CHECK(bench.session.busy());
    bench.answer_empty();
    CHECK(bench.outcome().ended_well);
}

TEST_CASE("a call that changes something is answered when it is durable, and not before") {
    Bench bench;
    bench.start();
    bench.answer(inform_response());
    const std::string set =
        acs_call("SetParameterValues",
                 "<ParameterList><P><Name>Device.ManagementServer.PeriodicInformInterval</Name>"
                 "<Value>60</Value></P></ParameterList><ParameterKey>k</ParameterKey>",
                 "77");
    bench.answer(set);
    const auto posts = bench.posts.size();
    CHECK(bench.session.is_storing());
    const auto pending = bench.session.take_pending();
    REQUIRE(pending);
    CHECK(std::get<ValuesCall>(*pending).parameter_key == "k");
    CHECK(!bench.session.take_pending());
    bench.now = {20'000};
    bench.give(Wake{});
    CHECK(bench.posts.size() == posts);
    bench.session.stored(bench.now, {}, true, false);
    bench.drain();
    CHECK(bench.posts.size() == posts + 1);
    CHECK(bench.said().method() == "SetParameterValuesResponse");
    CHECK(bench.said().id == "77");
    bench.answer_empty();
    const SessionOutcome outcome = bench.outcome();
    CHECK(outcome.ended_well);
    CHECK(outcome.changed);
    CHECK(!outcome.touched_acs_way);
}

TEST_CASE("a change that never becomes durable ends with the session's time") {
    Bench bench;
    bench.start();
    bench.answer(inform_response());
    bench.answer(
        acs_call("ScheduleInform", "<DelaySeconds>5</DelaySeconds><CommandKey>k</CommandKey>"));
    REQUIRE(bench.session.is_storing());
    CHECK(bench.session.deadline() == Instant{limits::cwmp_session_ms});
    bench.now = {limits::cwmp_session_ms};
    bench.give(Wake{});
    CHECK(!bench.outcome().ended_well);
}
