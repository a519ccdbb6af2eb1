// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/request_check.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

namespace {

StartTransfer post() {
    return {.id = 1,
            .url = "https://acs/cwmp",
            .method = HttpMethod::post,
            .headers = {{"Content-Type", "text/xml"}, {"SOAPAction", ""}}};
}

std::string flaw_with_field(std::string name, std::string value) {
    StartTransfer wanted = post();
    wanted.headers.emplace_back(std::move(name), std::move(value));
    return request_flaw(wanted);
}

}  // namespace

TEST_CASE("a request within its bounds has no flaw") {
    CHECK(request_flaw(post()).empty());
    CHECK(flaw_with_field("X-Note", "a\tb").empty());
    StartTransfer wanted = post();
    wanted.body.bytes.resize(limits::request_body_bytes);
    CHECK(request_flaw(wanted).empty());
}

TEST_CASE("bad input: a field that is no field, or too long, or one too many, is not sent") {
    CHECK(flaw_with_field("", "x") == "a field of the request has no proper name");
    CHECK(flaw_with_field("X Y", "x") == "a field of the request has no proper name");
    CHECK(flaw_with_field("X-A:", "x") == "a field of the request has no proper name");
    CHECK(flaw_with_field("X-A", "x\r\nX-B: y") ==
          "a field of the request contains a control character");
    CHECK(flaw_with_field("X-A", std::string(limits::request_field_bytes - 3, 'x')).empty());
    CHECK(flaw_with_field("X-A", std::string(limits::request_field_bytes - 2, 'x')) ==
          "the field X-A of the request is too long");
    StartTransfer wanted = post();
    wanted.headers.resize(limits::request_fields + 1, {"X-A", "x"});
    CHECK(request_flaw(wanted) == "the request has too many fields");
}

TEST_CASE(
    "bad input: a field that the world writes is not the caller's, and its value stays secret") {
    for (const char* name : {"Authorization", "cookie", "HOST", "Content-Length", "Range",
                             "If-Range", "Transfer-Encoding", "Expect", "Connection"}) {
        CAPTURE(name);
        const std::string flaw = flaw_with_field(name, "correct horse");
        CHECK(flaw == "the field " + std::string(name) + " is not the caller's to send");
    }
}

TEST_CASE("bad input: two bodies, or a body where none goes, are not sent") {
    StartTransfer wanted = post();
    wanted.body = {.bytes = {1}, .stored_name = "log"};
    CHECK(request_flaw(wanted) == "a request has one body");
    wanted.body = {.stored_name = "log"};
    wanted.method = HttpMethod::head;
    CHECK(request_flaw(wanted) == "a body goes with PUT and POST alone");
}

TEST_CASE("bad input: a part goes with GET alone, forwards, and by a strong tag") {
    StartTransfer wanted = post();
    wanted.range = ByteRange{.first = 1};
    CHECK(request_flaw(wanted) == "a part of a file can only be read");
    wanted.method = HttpMethod::get;
    CHECK(request_flaw(wanted).empty());
    wanted.range->last = 0;
    CHECK(request_flaw(wanted) == "the part ends before it begins");
    wanted.range = ByteRange{.if_range = "W/\"1\""};
    CHECK(request_flaw(wanted) == "a part needs a strong entity tag");
    wanted.range = ByteRange{.if_range = "\"1\"\r\nX-A: b"};
    CHECK(request_flaw(wanted) == "the entity tag of the part is of no use");
}

TEST_CASE("bad input: FTP reads whole files and no more") {
    StartTransfer wanted = {.id = 1, .url = "ftp://h/f"};
    CHECK(request_flaw(wanted).empty());
    wanted.session = 1;
    CHECK(request_flaw(wanted) == "FTP reads whole files and no more");
    wanted = {.id = 1, .url = "ftps://h/f", .range = ByteRange{.first = 1}};
    CHECK(request_flaw(wanted) == "FTP reads whole files and no more");
}
