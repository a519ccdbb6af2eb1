// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/session.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/sim/lab/acs/device_messages.h"

using namespace dialtone;
using namespace dialtone::sim::acs;

namespace {

// A device that says what a test has it say.
class Talk {
  public:
    explicit Talk(std::string_view text)
        : script_(*read_script(text)), session_(script_, [](std::string_view) {}) {}

    static HttpRequest request(std::string body) {
        HttpRequest out = {"POST", "/", "HTTP/1.1", {{"host", "a"}}, std::move(body), 1};
        if (out.body.empty()) {
            out.fields.emplace_back("content-length", "0");
        } else {
            out.fields.emplace_back("content-type", "text/xml; charset=\"utf-8\"");
            out.fields.emplace_back("soapaction", "");
        }
        return out;
    }
    HttpAnswer send(std::string body) {
        HttpRequest out = request(std::move(body));
        if (!cookie_.empty()) out.fields.emplace_back("cookie", cookie_);
        return send(out);
    }
    HttpAnswer send(const HttpRequest& request) {
        HttpAnswer answer = session_.take(request);
        for (const std::string& field : answer.fields) {
            if (field.starts_with("Set-Cookie: ")) cookie_ = field.substr(12, field.find(';') - 12);
        }
        return answer;
    }
    HttpAnswer inform() { return send(device_envelope("1", device_inform)); }
    // What was said against the device, all of it.
    std::string words() {
        std::string out;
        for (const std::string& one : session_.verdict().words)
            out += one + "\n";
        return out;
    }
    Session& session() { return session_; }

  private:
    Script script_;
    Session session_;
    std::string cookie_;
};

std::string id_in(const HttpAnswer& answer) {
    return read_envelope(answer.body).id.value_or("");
}

}  // namespace

TEST_CASE("lab acs: a session whose expectations are met has nothing against it") {
    Talk talk(
        "expect Inform event \"1 BOOT\" event \"M Reboot\" key k1 no-event \"0 BOOTSTRAP\" "
        "parameter Device.ManagementServer.ParameterKey value key retry-count 0\n"
        "call Reboot key k2\nexpect answer\ncall X_1\nexpect fault 9000|9003 \nend\n");
    const HttpAnswer first = talk.inform();
    CHECK(first.status == 200);
    CHECK(id_in(first) == "1");
    const HttpAnswer reboot = talk.send("");
    CHECK(reboot.body.find("<CommandKey>k2</CommandKey>") != std::string::npos);
    const HttpAnswer vendor = talk.send(device_envelope(id_in(reboot), "<c:RebootResponse/>"));
    const HttpAnswer last = talk.send(device_envelope(id_in(vendor), device_fault));
    CHECK(last.status == 204);
    CHECK(talk.session().is_done());
    talk.session().finish();
    CHECK(talk.words().empty());
    CHECK(talk.session().verdict().expectations == 6);
}

TEST_CASE("lab acs: a request of the device is answered with its ID, expected or not") {
    Talk talk("expect Inform\nexpect request TransferComplete CommandKey=k FaultCode=0\nend\n");
    talk.inform();
    const std::string complete =
        "<c:TransferComplete><CommandKey>k</CommandKey><FaultStruct><FaultCode>0</FaultCode>"
        "<FaultString></FaultString></FaultStruct><StartTime>2026-01-01T00:00:00Z</StartTime>"
        "<CompleteTime>2026-01-01T00:00:00Z</CompleteTime></c:TransferComplete>";
    const HttpAnswer answer = talk.send(device_envelope("9", complete));
    CHECK(id_in(answer) == "9");
    CHECK(answer.body.find("TransferCompleteResponse") != std::string::npos);
    CHECK(id_in(talk.send(device_envelope("10", "<c:GetRPCMethods/>"))) == "10");
    CHECK(talk.send("").status == 204);
    CHECK(talk.words().empty());
}

TEST_CASE("bad input: lab acs: what a device does against HTTP and TR-069 is told in words") {
    struct Row {
        std::string_view name;
        std::string_view value;  // empty: the field is taken away
        std::string_view words;
    };
    constexpr Row rows[] = {
        {"host", "", "no Host"},
        {"content-type", "application/xml", "not text/xml"},
        {"soapaction", "", "without SOAPAction"},
        {"soapaction", "urn:x", "and not empty"},
        {"cookie", "", "is not sent back"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.words);
        Talk talk("expect Inform\ncall Reboot\nend\n");
        talk.inform();
        const std::string id = id_in(talk.send(Talk::request("")));
        const std::string before = talk.words();
        CHECK(before.find("is not sent back") != std::string::npos);
        HttpRequest request = Talk::request(device_envelope(id, "<c:RebootResponse/>"));
        std::erase_if(request.fields, [&](const auto& field) { return field.first == row.name; });
        if (!row.value.empty()) request.fields.emplace_back(row.name, row.value);
        talk.send(request);
        CHECK(talk.words().substr(before.size()).find(row.words) != std::string::npos);
    }
}

TEST_CASE(
    "bad input: lab acs: an answer with another ID, of another version or to nothing is told") {
    Talk talk("expect Inform\ncall Reboot\ncall Reboot\nend\n");
    talk.inform();
    talk.send("");
    const HttpAnswer second = talk.send(device_envelope("7", "<c:RebootResponse/>"));
    CHECK(talk.words().find("its ID is '7', that of the request 'acs-2'") != std::string::npos);
    talk.send(device_envelope(id_in(second), "<c:RebootResponse/>", "1-2"));
    CHECK(talk.words().find("its namespace is cwmp-1-2") != std::string::npos);
    talk.send(device_envelope("1", "<c:RebootResponse/>"));
    CHECK(talk.words().find("RebootResponse where nothing was called came") != std::string::npos);
}

TEST_CASE("bad input: lab acs: a message outside a session, or none where one is due, is told") {
    Talk talk("expect Inform\ncall Reboot\nend\n");
    talk.send("");
    CHECK(talk.words().find("where no session is open") != std::string::npos);
    talk.inform();
    talk.send("");
    talk.send("");
    CHECK(talk.words().find("where the answer to Reboot is due") != std::string::npos);
    CHECK(talk.session().verdict().unmet == 1);
}

TEST_CASE("bad input: lab acs: a request of the device while the ACS holds requests is told") {
    Talk talk("expect Inform\nhold\ncall Reboot\nend\n");
    const HttpAnswer first = talk.inform();
    CHECK(first.body.find("HoldRequests") != std::string::npos);
    talk.send(device_envelope("9", "<c:GetRPCMethods/>"));
    CHECK(talk.words().find("while the ACS holds requests") != std::string::npos);
}

TEST_CASE("lab acs: steps that a new session leaves behind, and those never reached, are unmet") {
    Talk talk("expect Inform\ncall Reboot\nend\nexpect Inform\ncall FactoryReset\nend\n");
    talk.inform();
    talk.inform();
    CHECK(talk.session().verdict().unmet == 2);
    talk.session().finish();
    CHECK(talk.session().verdict().unmet == 4);
    CHECK(talk.words().find("line 6: end: it was not reached") != std::string::npos);
}

TEST_CASE("lab acs: instead of an answer there may be a status, a fault, a redirect, a cut") {
    Talk talk(
        "expect Inform\nanswer 503 retry-after 7\nexpect Inform\nfault 8005\nexpect Inform\n"
        "redirect 302\nexpect Inform\nreset\nexpect Inform\ntruncate 10\nexpect Inform\nend\n");
    const HttpAnswer busy = talk.inform();
    CHECK(busy.status == 503);
    CHECK(std::ranges::find(busy.fields, "Retry-After: 7") != busy.fields.end());
    CHECK(talk.inform().body.find("<FaultCode>8005</FaultCode>") != std::string::npos);
    CHECK(talk.inform().status == 302);
    CHECK(talk.inform().resets);
    CHECK(talk.inform().cut_bytes == 10);
    CHECK(talk.inform().status == 200);
    CHECK(talk.send("").status == 204);
    CHECK(talk.words().empty());
    CHECK(talk.session().is_done());
}

TEST_CASE("lab acs: user and password are asked for before anything is read") {
    Talk talk("credentials basic phone secret\nexpect Inform\nend\n");
    CHECK(talk.inform().status == 401);
    HttpRequest request = Talk::request(device_envelope("1", device_inform));
    request.fields.emplace_back("authorization", "Basic cGhvbmU6c2VjcmV0");
    CHECK(talk.send(request).status == 200);
    request.fields.back().second = "Basic cGhvbmU6c2VjcmV1";
    CHECK(talk.send(request).status == 401);
}

TEST_CASE("lab acs: a session ends with 204, or with an empty 200 where the style has it") {
    Talk talk("style empty-200 close no-cookie\nexpect Inform\n");
    const HttpAnswer first = talk.inform();
    CHECK(first.closes);
    CHECK(std::ranges::none_of(first.fields,
                               [](const auto& one) { return one.starts_with("Set-Cookie"); }));
    const HttpAnswer last = talk.send("");
    CHECK(last.status == 200);
    CHECK(last.body.empty());
    CHECK(write_answer(last).find("Content-Length: 0\r\n") != std::string::npos);
}

TEST_CASE("lab acs: each case has its own verdict, and one that needs what is not there has none") {
    Talk talk(
        "case one first\nexpect Inform parameter $root.ManagementServer.ParameterKey\n"
        "case two second\ncall GetRPCMethods\nexpect method FactoryReset\n"
        "case three third\nneeds AddObject\ncall AddObject $root.A.\nexpect status 0\n"
        "case four fourth\nneeds Reboot\ncall Reboot\nexpect answer\n"
        "case five fifth\ncall GetParameterValues $root.A\nexpect fault 9005\nend\n");
    talk.inform();
    const HttpAnswer methods = talk.send("");
    const HttpAnswer reboot = talk.send(device_envelope(
        id_in(methods),
        "<c:GetRPCMethodsResponse><MethodList e:arrayType=\"d:string[2]\"><string>GetRPCMethods"
        "</string><string>Reboot</string></MethodList></c:GetRPCMethodsResponse>"));
    CHECK(reboot.body.find("cwmp:Reboot") != std::string::npos);
    const HttpAnswer values = talk.send(device_envelope(id_in(reboot), "<c:RebootResponse/>"));
    CHECK(values.body.find("<string>Device.A</string>") != std::string::npos);
    talk.session().finish();
    const auto& cases = talk.session().cases();
    REQUIRE(cases.size() == 5);
    CHECK(cases[0].words.empty());
    REQUIRE(cases[1].words.size() == 1);
    CHECK(cases[1].words.front().find("has no 'FactoryReset'") != std::string::npos);
    CHECK(!cases[2].is_applicable);
    CHECK(cases[3].words.empty());
    CHECK(cases[3].is_applicable);
    CHECK(cases[4].words.size() == 3);
    CHECK(talk.session().verdict().expectations == 8);
}
