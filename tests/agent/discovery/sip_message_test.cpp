// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sip_message.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/agent/discovery/pnp_bench.h"

using namespace dialtone;
using namespace dialtone::test;
using namespace std::string_view_literals;

namespace {

constexpr std::string_view body = "http://10.0.0.5/cfg";

SipMessage read(std::string_view text) {
    auto message = read_sip_message(text);
    REQUIRE(message);
    return std::move(*message);
}

// notify_text() with the line that begins with `name` replaced; an empty one takes it out.
std::string with_line(std::string_view name, std::string_view line) {
    std::string text = notify_text("ua-profile", body);
    const auto at = text.find(name);
    REQUIRE(at != std::string::npos);
    const auto size = text.find("\r\n", at) + 2 - at;
    return text.replace(at, size, line.empty() ? "" : std::string(line) + "\r\n");
}

}  // namespace

TEST_CASE("a NOTIFY is read into its fields") {
    const SipMessage message = read(notify_text("ua-profile;effective-by=0", body));
    CHECK(message.request);
    CHECK(message.method == "NOTIFY");
    CHECK(message.uri == "sip:172.18.32.197:5060");
    CHECK(message.vias ==
          std::vector<std::string>{"SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bK77;rport"});
    CHECK(message.from == "<sip:10.0.0.5>;tag=1");
    CHECK(message.to == "<sip:172.18.32.197>");
    CHECK(message.call_id == "a@b");
    CHECK(message.cseq == "1 NOTIFY");
    CHECK(message.event == "ua-profile;effective-by=0");
    CHECK(message.content_type == "application/url");
    CHECK(message.body == body);
    CHECK(message.flaw.empty());
}

TEST_CASE("a response is read with or without words") {
    for (const std::string_view line : {"SIP/2.0 200 OK", "SIP/2.0 200", "SIP/2.0 200 ",
                                        "sip/2.0 200 Na und?", "SIP/2.0\t200\tOK"}) {
        const SipMessage message = read(std::string(line) + "\r\nCall-ID: x\r\n\r\n");
        CHECK(!message.request);
        CHECK(message.status == 200);
        CHECK(message.call_id == "x");
    }
}

TEST_CASE("lines may end in CR LF, LF or CR, and the blank line may be missing") {
    for (const std::string_view end : {"\r\n", "\n", "\r"}) {
        std::string text = "SIP/2.0 202 Accepted";
        for (const std::string_view line : {"Via: a", "To: b", "Call-ID: x"})
            (text += end) += line;
        for (const std::string& tail :
             {std::string(), std::string(end), std::string(end) + std::string(end),
              std::string(end) + std::string(end) + "\r"}) {
            const SipMessage message = read(text + tail);
            CHECK(message.status == 202);
            CHECK(message.call_id == "x");
        }
    }
}

TEST_CASE("folded lines, any case of names, compact forms and blanks around colons are read") {
    const SipMessage message = read(
        "NOTIFY sip:a SIP/2.0\r\n"
        "v: SIP/2.0/UDP h\r\n ;branch=z9hG4bK5\r\n"
        "F : <sip:x>\r\n"
        "t:<sip:y>;tag=2\r\n"
        "I:c\r\n"
        "CSEQ:   7   NOTIFY  \r\n"
        "o: ua-profile\r\n"
        "C: Application / URL ; charset=\"utf-8\"\r\n"
        "l: 8\r\n\r\nhttp://a");
    CHECK(message.flaw.empty());
    CHECK(message.vias[0] == "SIP/2.0/UDP h ;branch=z9hG4bK5");
    CHECK(via_branch(message.vias[0]) == "z9hG4bK5");
    CHECK(message.from == "<sip:x>");
    CHECK(message.cseq == "7   NOTIFY");
    CHECK(message.event == "ua-profile");
    CHECK(message.content_type == "application/url");
    CHECK(message.body == "http://a");
}

TEST_CASE("the content type is read in every spelling that servers have") {
    struct Row {
        std::string_view line;
        std::string_view type;
        std::string_view url = {};
    };
    constexpr Row rows[] = {
        {"Content-Type: APPLICATION/URL", "application/url"},
        {"Content-Type: application/url;", "application/url"},
        {"Content-Type: application/url; ", "application/url"},
        {"Content-Type:application/url;charset=utf-8;x=\"a;b\"", "application/url"},
        {"Content-Type:  application /url", "application/url"},
        {"Content-Type:", ""},
        {"content-type: text/plain", "text/plain"},
        {"Content-Type: message/external-body; access-type=URL; URL=\"http://a/b?c=d\"",
         "message/external-body", "http://a/b?c=d"},
        {"Content-Type: message/external-body;access-type=\"URL\";url=http://a/b",
         "message/external-body", "http://a/b"},
        {"Content-Type: message/external-body;URL = \"http://a;b=c\"", "message/external-body",
         "http://a;b=c"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.line);
        const SipMessage message = read(with_line("Content-Type", row.line));
        CHECK(message.flaw.empty());
        CHECK(message.content_type == row.type);
        CHECK(message.content_url == row.url);
    }
}

TEST_CASE("the body is kept whatever its length and type say") {
    for (const std::string_view line :
         {"", "Content-Length: 19", "Content-Length: 21", "Content-Length: 4000",
          "Content-Length: 99999999999999999999", "Content-Length: -1", "Content-Length: x",
          "Content-Length: 5", "Content-Length: 0", "l: 18", "Content-Length:"}) {
        CAPTURE(line);
        CHECK(read(with_line("Content-Length", line)).body == body);
    }
    CHECK(read(with_line("Content-Type", "")).body == body);
}

TEST_CASE("a length that ends inside the body counts as far as the end of that line") {
    const auto body_of = [](uint32_t length) {
        return read("NOTIFY sip:a SIP/2.0\r\nContent-Length: " + std::to_string(length) +
                    "\r\n\r\nhttp://a\r\nhttp://b\r\n")
            .body;
    };
    CHECK(body_of(5) == "http://a");
    CHECK(body_of(8) == "http://a");
    CHECK(body_of(10) == "http://a\r\n");
    CHECK(body_of(12) == "http://a\r\nhttp://b");
    CHECK(body_of(20) == "http://a\r\nhttp://b\r\n");
}

TEST_CASE("a request-URI without a scheme, or with one colon too many, is no flaw") {
    for (const std::string_view uri :
         {"172.18.32.197:5060", "MAC000b82273b89@172.18.32.197", "sip:MAC:000b82273b89@224.0.1.75",
          "sip:MAC%3a000b82273b89@224.0.1.75", "sip:MAC=000b82273b89@h", "sip:u@10.0.0.2:5060;ob",
          "sips:x@h", "SIP:x@h"}) {
        CAPTURE(uri);
        CHECK(read(with_line("NOTIFY", "NOTIFY " + std::string(uri) + " SIP/2.0")).flaw.empty());
    }
}

TEST_CASE("what is only echoed need not be right") {
    for (const std::string_view line :
         {"From: \"Autoprovision\" <sip:>;tag=5", "From: <sip:10.0.0.5", "From: x",
          "From: \"open <sip:a@b>;tag=1"})
        CHECK(read(with_line("From", line)).flaw.empty());
    CHECK(read(with_line("Via", "Via: nothing right")).flaw.empty());
    CHECK(read(with_line("To", "To: <sip:")).flaw.empty());
    CHECK(read(with_line("To", "To: x\r\nContact: <sip:10.0.0.5:5060")).flaw.empty());
    CHECK(read(with_line("To", "To: x\r\nContact:")).flaw.empty());
    CHECK(read(with_line("To", "To: x\r\nthis is no field at all")).flaw.empty());
}

TEST_CASE("digest credentials are read without their quotes") {
    const SipMessage message = read(
        with_line("To",
                  "To: x\r\nAuthorization: Digest username=\"u\", realm=\"dialtone\", nonce=\"n\", "
                  "uri=\"sip:a\", response=\"r\", algorithm=MD5, qop=auth, nc=00000001, "
                  "cnonce=\"c\""));
    REQUIRE(message.authorization);
    CHECK(message.authorization->user == "u");
    CHECK(message.authorization->realm == "dialtone");
    CHECK(message.authorization->nonce == "n");
    CHECK(message.authorization->uri == "sip:a");
    CHECK(message.authorization->response == "r");
    CHECK(message.authorization->algorithm == "MD5");
    CHECK(message.authorization->quality == "auth");
    CHECK(message.authorization->nonce_count == "00000001");
    CHECK(message.authorization->cnonce == "c");
    CHECK(!read(with_line("To", "To: x\r\nAuthorization: Basic dTpw")).authorization);
}

TEST_CASE("the branch of a Via is found among its other parameters") {
    CHECK(via_branch("SIP/2.0/UDP h;rport;BRANCH=a;received=1.2.3.4") == "a");
    CHECK(via_branch("SIP/2.0/UDP h ; branch=a , SIP/2.0/UDP i;branch=b") == "a");
    CHECK(via_branch("SIP/2.0/UDP h, SIP/2.0/UDP i;branch=b").empty());
    CHECK(via_branch("").empty());
    CHECK(via_branch(";;branch=").empty());
}

TEST_CASE("bad input: a request without Via, From, To, Call-ID or CSeq says which one is missing") {
    for (const std::string_view name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
        CAPTURE(name);
        CHECK(read(with_line(name, "")).flaw == "Missing " + std::string(name));
        CHECK(read(with_line(name, std::string(name) + ":")).flaw ==
              "Missing " + std::string(name));
    }
}

TEST_CASE("bad input: a CSeq that is no number below 2^31") {
    CHECK(read(with_line("CSeq", "CSeq: 2147483647 NOTIFY")).flaw.empty());
    for (const std::string_view line :
         {"CSeq: 2147483648 NOTIFY", "CSeq: 4294967297 NOTIFY", "CSeq: 36893488147419103232 NOTIFY",
          "CSeq: -1 NOTIFY", "CSeq: NOTIFY", "CSeq: 1x NOTIFY"})
        CHECK(read(with_line("CSeq", line)).flaw == "Bad CSeq");
    CHECK(read(with_line("CSeq", "CSeq: 1")).flaw == "Malformed Header Field");
}

TEST_CASE("bad input: a status that is no number from 100 to 699") {
    for (const std::string_view line :
         {"SIP/2.0 4294967496 OK", "SIP/2.0 4294967301 OK", "SIP/2.0 99 x", "SIP/2.0 700 x",
          "SIP/2.0 0200 OK", "SIP/2.0 2x0 OK", "SIP/2.0 -200 OK", "SIP/2.0 +20 OK", "SIP/2.0  "})
        CHECK(!read_sip_message(std::string(line) + "\r\n\r\n"));
}

TEST_CASE("bad input: start lines of nothing that is SIP/2.0") {
    for (const std::string_view text :
         {"", "\r\n\r\n", "\n", "x", "NOTIFY", "NOTIFY sip:a", "NOTIFY sip:a SIP/7.0\r\n\r\n",
          "NOTIFY  SIP/2.0\r\n\r\n", "NOTIFY sip:a b SIP/2.0\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
          "SIP/2.0", "SIP/2.0200 OK\r\n\r\n", " \r\n\r\n"})
        CHECK(!read_sip_message(text));
    CHECK(!read_sip_message("\0\0\0\0"sv));
    CHECK(!read_sip_message("NOTIFY sip:a SIP/2.0\r\nVia: \0\r\n\r\n"sv));
    CHECK(read_sip_message("NOTIFY sip:a SIP/2.0\r\nVia: x\r\n\r\n\0\1\2"sv));
}

TEST_CASE("bad input: any octet in any place of a NOTIFY is survived") {
    const std::string good = notify_text("ua-profile", body);
    for (uint32_t at = 0; at < good.size(); ++at) {
        for (const uint32_t octet : {0U, 1U, 9U, 10U, 13U, 32U, 34U, 58U, 59U, 60U, 127U, 255U}) {
            std::string text = good;
            text[at] = static_cast<char>(octet);
            const auto message = read_sip_message(text);
            if (message) CHECK(message->body.size() <= text.size());
        }
        CHECK_NOTHROW(static_cast<void>(read_sip_message(good.substr(0, at))));
    }
}

TEST_CASE("bad input: messages over the bounds are refused before libosip2 sees them") {
    std::string text = notify_text("ua-profile", std::string(60'000, 'x'));
    CHECK(read_sip_message(text).error().code == ErrorCode::too_big);
    std::string fields;
    for (uint32_t i = 0; i <= limits::sip_headers; ++i)
        fields += "X: y\r\n";
    CHECK(read_sip_message("NOTIFY sip:a SIP/2.0\r\n" + fields + "\r\n").error().code ==
          ErrorCode::too_big);
    std::string parameters = "Content-Type: application/url";
    for (uint32_t i = 0; i < limits::sip_parameters; ++i)
        parameters += ";a=b";
    CHECK(read(with_line("Content-Type", parameters)).flaw.empty());
    CHECK(read(with_line("Content-Type", parameters + ";a=b")).flaw == "Header Field Too Long");
    const std::string longest(limits::sip_field_bytes + 1, 'a');
    CHECK(read(with_line("Content-Type", "Content-Type: application/" + longest)).flaw ==
          "Header Field Too Long");
    CHECK(read(with_line("NOTIFY", "NOTIFY sip:" + longest + " SIP/2.0")).flaw ==
          "Header Field Too Long");
    CHECK(read(with_line("From", "From: <sip:" + longest + ">")).flaw.empty());  // only echoed
}
