// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/answer_head.h"

#include <doctest/doctest.h>

#include <initializer_list>

#include "agent/limits.h"

namespace dialtone {
namespace {

AnswerHead head_of(std::initializer_list<std::string_view> lines) {
    AnswerHead head;
    for (std::string_view line : lines)
        read_head_line(head, line);
    return head;
}

TEST_CASE("a head is read line by line") {
    AnswerHead head =
        head_of({"HTTP/1.1 302 Found\r\n", "Content-Length: 12\r\n", "location:  /x \r\n",
                 "ETAG: \"1\"\r\n", "Retry-After:5\r\n", "Content-Type: text/xml\r\n"});
    CHECK(head.began);
    CHECK_FALSE(head.complete);
    read_head_line(head, "\r\n");
    CHECK(head.complete);
    CHECK(head.status == 302);
    CHECK(head.content_length == 12);
    CHECK(head.location == "/x");
    CHECK(head.etag == "\"1\"");
    CHECK(head.retry_after == "5");
    CHECK(head.content_type == "text/xml");
}

TEST_CASE("a status line after a whole head begins a new one") {
    const AnswerHead head =
        head_of({"HTTP/1.1 100 Continue\r\n", "ETag: \"1\"\r\n", "\r\n", "HTTP/1.1 200 OK\r\n"});
    CHECK(head.status == 200);
    CHECK_FALSE(head.complete);
    CHECK(head.etag.empty());
}

TEST_CASE("a status line among the fields is a field") {
    const AnswerHead head = head_of({"HTTP/1.1 200 OK\r\n", "HTTP/1.1 404 No: way\r\n"});
    CHECK(head.status == 200);
}

TEST_CASE("a chunked body has no length whatever is said") {
    CHECK(head_of({"HTTP/1.1 200 OK", "Content-Length: 5", "Transfer-Encoding: chunked"})
              .content_length == -1);
    CHECK(head_of({"HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Length: 5"})
              .content_length == -1);
}

TEST_CASE("bad input: a length that is no number counts as not said") {
    for (const char* length : {"", "-1", "0x10", "12 13", "99999999999999999999", "many"}) {
        CAPTURE(length);
        const std::string field = std::string("Content-Length: ") + length;
        CHECK(head_of({"HTTP/1.1 200 OK", field}).content_length == -1);
    }
}

TEST_CASE("bad input: two lengths that differ contradict one another") {
    CHECK(
        head_of({"HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 6"}).contradicts_itself);
    CHECK_FALSE(
        head_of({"HTTP/1.1 200 OK", "Content-Length: 5", "Content-Length: 5"}).contradicts_itself);
}

TEST_CASE("bad input: a field over the limit counts as absent") {
    const std::string fits = "Location: " + std::string(limits::header_field_bytes, 'a');
    CHECK(head_of({"HTTP/1.1 302 Found", fits}).location.size() == limits::header_field_bytes);
    CHECK(head_of({"HTTP/1.1 302 Found", fits + 'a'}).location.empty());
}

TEST_CASE("bad input: a status that is no number is 0") {
    CHECK(head_of({"HTTP/1.1"}).status == 0);
    CHECK(head_of({"HTTP/1.1 OK"}).status == 0);
    CHECK(head_of({"HTTP/1.1 99999 OK"}).status == 0);
}

}  // namespace
}  // namespace dialtone
