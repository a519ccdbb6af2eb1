// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/http_message.h"

#include <doctest/doctest.h>

using namespace dialtone;
using namespace dialtone::sim::acs;

TEST_CASE("lab acs: a request is taken once all of it is there, and the next stays") {
    const std::string whole = "POST /a HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nxyz";
    for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
        std::string part = whole.substr(0, bytes);
        const auto request = take_request(part);
        REQUIRE(request);
        CHECK(!*request);
    }
    std::string stream = whole + "POST";
    const auto request = take_request(stream);
    REQUIRE(request);
    REQUIRE(*request);
    CHECK((*request)->method == "POST");
    CHECK((*request)->target == "/a");
    CHECK((*request)->field("host") == "b");
    CHECK((*request)->body == "xyz");
    CHECK(stream == "POST");
}

TEST_CASE("lab acs: chunks make one body") {
    std::string stream =
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nab\r\nA\r\n0123456789\r\n"
        "0\r\n\r\n";
    const auto request = take_request(stream);
    REQUIRE(request);
    REQUIRE(*request);
    CHECK((*request)->body == "ab0123456789");
    CHECK(stream.empty());
}

TEST_CASE("bad input: lab acs: what is no request of HTTP/1.1 is refused") {
    const std::string post = "POST / HTTP/1.1\r\n";
    for (std::string stream :
         {std::string("\r\n\r\n"), std::string("POST /\r\n\r\n"),
          std::string("POST / SOAP/1.1\r\n\r\n"), post + "no field\r\n\r\n",
          post + "Content-Length: -1\r\n\r\n", post + "Content-Length: 99999999\r\n\r\n",
          post + "Transfer-Encoding: gzip\r\n\r\n",
          post + "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
          post + "Transfer-Encoding: chunked\r\n\r\nx\r\n",
          post + "Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
          post + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nabc\r\n",
          std::string(http_head_bytes + 1, 'a')}) {
        CAPTURE(stream.substr(0, 80));
        CHECK(!take_request(stream));
    }
}

TEST_CASE("lab acs: an answer is chunked, closed or cut as it says") {
    HttpAnswer answer;
    answer.body = std::string(150, 'x');
    answer.is_chunked = true;
    const std::string chunked = write_answer(answer);
    CHECK(chunked.find("\r\n\r\n64\r\n") != std::string::npos);
    CHECK(chunked.ends_with("\r\n0\r\n\r\n"));
    answer.is_chunked = false;
    answer.closes = true;
    answer.cut_bytes = 2;
    const std::string cut = write_answer(answer);
    CHECK(cut.find("Connection: close\r\nContent-Length: 150\r\n\r\nxx") != std::string::npos);
    CHECK(cut.ends_with("\r\n\r\nxx"));
    CHECK(write_answer({.status = 204}).find("Content-Length") == std::string::npos);
}
