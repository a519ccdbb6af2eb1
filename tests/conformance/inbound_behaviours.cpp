// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/inbound_behaviours.h"

#include <algorithm>

#include "agent/limits.h"

namespace dialtone::conformance {
namespace {

using namespace sim;

const ClientRequest knock = {.target = "/cr"};

// `count` times the same.
std::vector<ClientRequest> times(uint32_t count, const ClientRequest& request) {
    return std::vector<ClientRequest>(count, request);
}

std::string repeated(uint32_t count, const std::string& items) {
    std::string text;
    for (uint32_t i = 0; i < count; ++i)
        text += (text.empty() ? "" : ", ") + items;
    return text;
}

struct Table {
    const std::string flood =
        repeated(limits::http_requests_per_s, "request GET /cr host phone.test, answer 204") +
        ", answer 503, closed";
    const std::string long_target = "/" + std::string(limits::http_target_bytes - 1, 'a');
    const std::string longest_seen = "request GET " + long_target + " host phone.test, answer 204";

    const std::vector<InboundBehaviour> rows = {
        // --- requests that are whole -------------------------------------------------------------
        {.name = "a request is told with its target as it is, and answered",
         .requests = {{.target = "/cr/a%20b?x=1&y=%2F"}},
         .expected = "request GET /cr/a%20b?x=1&y=%2F host phone.test, answer 204"},
        {.name = "a request is told with its credentials and the type of its body",
         .requests = {{.method = "POST",
                       .fields = {{"authorization", "Digest username=\"acs\""},
                                  {"CONTENT-TYPE", "text/xml"}},
                       .body_bytes = 3000}},
         .status = 200,
         .body_bytes = 500,
         .expected = "request POST / host phone.test auth Digest username=\"acs\" type text/xml "
                     "body 3000, answer 200 body 500"},
        {.name = "a HEAD is answered without a body",
         .requests = {{.method = "HEAD"}, {.method = "GET"}},
         .status = 200,
         .body_bytes = 10,
         .expected = "request HEAD / host phone.test, answer 200, "
                     "request GET / host phone.test, answer 200 body 10"},
        {.name = "a PUT is told like a POST",
         .requests = {{.method = "PUT", .body_bytes = 10}},
         .expected = "request PUT / host phone.test body 10, answer 204"},
        {.name = "a chunked body is told without the coding",
         .requests = {{.method = "POST", .body_bytes = 5000, .is_chunked = true}},
         .expected = "request POST / host phone.test body 5000, answer 204"},
        {.name = "a body of the largest size is told",
         .requests = {{.method = "POST", .body_bytes = limits::http_body_bytes}},
         .expected = "request POST / host phone.test body 16384, answer 204"},
        {.name = "the longest target is told",
         .requests = {{.target = long_target}},
         .expected = longest_seen},
        {.name = "a large reply is heard whole",
         .requests = {knock},
         .status = 200,
         .body_bytes = limits::http_reply_bytes,
         .expected = "request GET /cr host phone.test, answer 200 body 65536"},
        {.name = "requests of one connection come one after the other",
         .requests = times(3, knock),
         .expected =
             "request GET /cr host phone.test, answer 204, request GET /cr host phone.test, "
             "answer 204, request GET /cr host phone.test, answer 204"},
        {.name = "a request behind a body is told for itself",
         .requests = {{.method = "POST", .body_bytes = 100}, knock},
         .expected = "request POST / host phone.test body 100, answer 204, "
                     "request GET /cr host phone.test, answer 204"},
        {.name = "pipelined requests wait for one another's answers",
         .requests = times(3, knock),
         .pipelined = true,
         .expected =
             "request GET /cr host phone.test, answer 204, request GET /cr host phone.test, "
             "answer 204, request GET /cr host phone.test, answer 204"},
        {.name = "a reply may close the connection",
         .requests = times(2, knock),
         .closes = true,
         .expected = "request GET /cr host phone.test, answer 204, closed"},
        {.name = "a client may ask for the connection to be closed",
         .requests = {{.closes = true}},
         .expected = "request GET / host phone.test, answer 204, closed"},
        {.name = "a request of HTTP/1.0 needs no host and closes the connection",
         .requests = {{.version = "HTTP/1.0"}},
         .expected = "request GET /, answer 204, closed"},
        {.name = "a request of HTTP/1.0 may keep the connection",
         .requests = times(2, {.version = "HTTP/1.0", .keeps_alive = true}),
         .expected = "request GET /, answer 204, request GET /, answer 204"},
        {.name = "a client that has said all it will say is answered",
         .requests = {{.fault = ClientFault::half_closes}},
         .expected = "request GET / host phone.test, answer 204, closed"},
        {.name = "a second reply to a request is ignored",
         .requests = times(2, knock),
         .agent = AgentManner::answers_twice,
         .expected =
             "request GET /cr host phone.test, answer 204, request GET /cr host phone.test, "
             "answer 204"},
        {.name = "a reply over its bound is the phone's own fault",
         .requests = {knock},
         .status = 200,
         .body_bytes = limits::http_reply_bytes + 1,
         .expected = "request GET /cr host phone.test, answer 500, closed"},
        // --- what takes too long -----------------------------------------------------------------
        {.name = "a request that the agent does not answer is a 503",
         .requests = {knock},
         .agent = AgentManner::never_answers,
         .is_slow = true,
         .expected = "request GET /cr host phone.test, answer 503, closed"},
        {.name = "a port that is closed ends its connections",
         .requests = {knock},
         .agent = AgentManner::closes_port,
         .expected = "request GET /cr host phone.test, closed"},
        {.name = "a kept connection on which nothing more is said is closed without a word",
         .requests = {knock},
         .is_slow = true,
         .expected = "request GET /cr host phone.test, answer 204, closed"},
        {.name = "bad input: a client that says nothing gets a 408",
         .requests = {{.fault = ClientFault::silent}},
         .is_slow = true,
         .expected = "answer 408, closed"},
        {.name = "bad input: a client that stalls in its header gets a 408",
         .requests = {{.fault = ClientFault::stalls_in_head}},
         .is_slow = true,
         .expected = "answer 408, closed"},
        {.name = "bad input: a client that stalls in its body gets a 408",
         .requests = {{.method = "POST", .body_bytes = 100, .fault = ClientFault::stalls_in_body}},
         .is_slow = true,
         .expected = "answer 408, closed"},
        {.name = "bad input: a client that drips gets a 408",
         .requests = {{.filler_bytes = 2000, .fault = ClientFault::drips}},
         .is_slow = true,
         .expected = "answer 408, closed"},
        {.name = "bad input: a second request that stalls in its header gets a 408",
         .requests = {knock, {.fault = ClientFault::stalls_in_head}},
         .is_slow = true,
         .expected = "request GET /cr host phone.test, answer 204, answer 408, closed"},
        // --- what is too much --------------------------------------------------------------------
        {.name = "bad input: a target over its bound is a 414",
         .requests = {{.target = long_target + "a"}},
         .expected = "answer 414, closed"},
        {.name = "bad input: a target without end is a 414",
         .requests = {{.target = "/" + std::string(100'000, 'a')}},
         .expected = "answer 414, closed"},
        {.name = "bad input: a header over its bound is a 431",
         .requests = {{.filler_bytes = limits::http_header_bytes}},
         .expected = "answer 431, closed"},
        {.name = "bad input: a header field without end is a 431",
         .requests = {{.filler_bytes = 100'000}},
         .expected = "answer 431, closed"},
        {.name = "bad input: a body over its bound is a 413, before it is read",
         .requests = {{.method = "POST", .body_bytes = limits::http_body_bytes + 1}},
         .expected = "answer 413, closed"},
        {.name = "bad input: a chunked body over its bound is a 413",
         .requests = {{.method = "POST",
                       .body_bytes = limits::http_body_bytes + 1,
                       .is_chunked = true}},
         .expected = "answer 413, closed"},
        {.name = "bad input: a chunked body without end is not read to its end",
         .requests = {{.method = "POST", .body_bytes = 1'000'000, .is_chunked = true}},
         .expected = "closed"},
        {.name = "bad input: a connection too many gets a 503",
         .requests = {knock},
         .idle_connections = limits::http_connections,
         .expected = "answer 503, closed"},
        {.name = "the last connection that there is room for is served",
         .requests = {knock},
         .idle_connections = limits::http_connections - 1,
         .expected = "request GET /cr host phone.test, answer 204"},
        {.name = "bad input: more requests than a second has room for get a 503",
         .requests = times(limits::http_requests_per_s + 1, knock),
         .pipelined = true,
         .expected = flood},
        // --- what is no request ------------------------------------------------------------------
        {.name = "bad input: another method is a 501",
         .requests = {{.method = "BREW"}},
         .expected = "answer 501, closed"},
        {.name = "bad input: another protocol is closed without a word",
         .requests = {{.fault = ClientFault::not_http}},
         .expected = "closed"},
        {.name = "bad input: a request without a version is a 400",
         .requests = {{.fault = ClientFault::no_version}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a later version is a 505",
         .requests = {{.fault = ClientFault::unknown_version}},
         .expected = "answer 505, closed"},
        {.name = "bad input: a request of HTTP/1.1 without a host is a 400",
         .requests = {{.fault = ClientFault::no_host}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a request with two hosts is a 400",
         .requests = {{.fault = ClientFault::two_hosts}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a header field without a colon is a 400",
         .requests = {{.fault = ClientFault::field_without_colon}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a folded header field is a 400",
         .requests = {{.fault = ClientFault::folded_field}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a blank before a field's colon is a 400",
         .requests = {{.fault = ClientFault::space_before_colon}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a length that is no number is a 400",
         .requests = {{.method = "POST", .fault = ClientFault::bad_length}},
         .expected = "answer 400, closed"},
        {.name = "bad input: two lengths that differ are a 400",
         .requests = {{.method = "POST", .fault = ClientFault::two_lengths}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a length beside chunks is a 400",
         .requests = {{.method = "POST", .fault = ClientFault::length_and_chunked}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a coding that is not known is a 501",
         .requests = {{.method = "POST", .fault = ClientFault::unknown_coding}},
         .expected = "answer 501, closed"},
        {.name = "bad input: a chunk that is none is a 400",
         .requests = {{.method = "POST", .fault = ClientFault::bad_chunk}},
         .expected = "answer 400, closed"},
        {.name = "bad input: a client that leaves in its header is forgotten",
         .requests = {{.fault = ClientFault::leaves_in_head}},
         .expected = ""},
        {.name = "bad input: a client that leaves in its body is forgotten",
         .requests = {{.method = "POST", .body_bytes = 100, .fault = ClientFault::leaves_in_body}},
         .expected = ""},
    };
};

}  // namespace

std::span<const InboundBehaviour> inbound_behaviours() {
    static const Table table;
    return table.rows;
}

const InboundBehaviour* inbound_behaviour_called(std::string_view name) {
    const auto rows = inbound_behaviours();
    const auto place = std::ranges::find(rows, name, &InboundBehaviour::name);
    return place == rows.end() ? nullptr : &*place;
}

}  // namespace dialtone::conformance
