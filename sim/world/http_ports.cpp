// SPDX-License-Identifier: Apache-2.0
#include "sim/world/http_ports.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "agent/text.h"

namespace dialtone::sim {
namespace {

constexpr RequestId world_bit = 0x8000'0000;  // of the numbers that are the world's

// What the phone makes of a fault.
enum class Manner : uint8_t {
    heard,     // the request is as good as any
    answered,  // by the world, which closes the connection
    closed,    // without a word
    late,      // it is never whole
};

struct FaultRow {
    ClientFault fault;
    Manner manner;
    uint16_t status = 0;
};

constexpr FaultRow fault_rows[] = {
    {ClientFault::none, Manner::heard},
    {ClientFault::half_closes, Manner::heard},
    {ClientFault::silent, Manner::late},
    {ClientFault::stalls_in_head, Manner::late},
    {ClientFault::stalls_in_body, Manner::late},
    {ClientFault::drips, Manner::late},
    {ClientFault::leaves_in_head, Manner::closed},
    {ClientFault::leaves_in_body, Manner::closed},
    {ClientFault::not_http, Manner::closed},
    {ClientFault::no_version, Manner::answered, 400},
    {ClientFault::unknown_version, Manner::answered, 505},
    {ClientFault::no_host, Manner::answered, 400},
    {ClientFault::two_hosts, Manner::answered, 400},
    {ClientFault::field_without_colon, Manner::answered, 400},
    {ClientFault::folded_field, Manner::answered, 400},
    {ClientFault::space_before_colon, Manner::answered, 400},
    {ClientFault::bad_length, Manner::answered, 400},
    {ClientFault::two_lengths, Manner::answered, 400},
    {ClientFault::length_and_chunked, Manner::answered, 400},
    {ClientFault::unknown_coding, Manner::answered, 501},
    {ClientFault::bad_chunk, Manner::answered, 400},
};

const FaultRow& row_of(ClientFault fault) {
    return *std::find_if(std::begin(fault_rows), std::end(fault_rows),
                         [fault](const FaultRow& row) { return row.fault == fault; });
}

bool has_host(const ClientRequest& request) {
    return request.version == "HTTP/1.1";
}

constexpr std::string_view host = "phone.test";

std::string field_of(const ClientRequest& request, std::string_view wanted) {
    for (const auto& [name, value] : request.fields) {
        if (equals_without_case(name, wanted))
            return value.size() > limits::header_field_bytes ? "" : value;
    }
    return {};
}

uint64_t header_bytes(const ClientRequest& request) {
    uint64_t bytes = request.method.size() + request.target.size() + request.version.size() + 6;
    for (const auto& [name, value] : request.fields)
        bytes += name.size() + value.size() + 4;
    if (has_host(request)) bytes += host.size() + 8;
    return bytes + request.filler_bytes;
}

// Whether the connection serves another request (RFC 9112 9.3).
bool keeps_connection(const ClientRequest& request) {
    if (request.closes || request.fault == ClientFault::half_closes) return false;
    return request.version == "HTTP/1.1" || request.keeps_alive;
}

}  // namespace

void HttpPorts::set_patience(uint32_t request_ms, uint32_t reply_ms) {
    request_ms_ = request_ms;
    reply_ms_ = reply_ms;
}

bool HttpPorts::open(const OpenHttp& wanted) {
    close(wanted.listener);
    if (listeners_.size() >= limits::http_listeners) return false;
    listeners_[wanted.listener] = wanted.port;
    return true;
}

void HttpPorts::close(RequestId listener) {
    listeners_.erase(listener);
    for (auto& [number, connection] : connections_) {
        if (connection.listener == listener) end(connection);
    }
    std::erase_if(asked_, [listener](const HttpAsked& one) { return one.listener == listener; });
}

uint32_t HttpPorts::connect(uint64_t now_ms, uint16_t port, Address from, uint16_t from_port) {
    const auto place = std::find_if(listeners_.begin(), listeners_.end(),
                                    [port](const auto& entry) { return entry.second == port; });
    if (place == listeners_.end()) return 0;
    uint32_t open = 0;
    for (const auto& [number, connection] : connections_)
        open += connection.stage == Stage::closed ? 0 : 1;
    Connection& connection = connections_[++last_connection_];
    connection.listener = place->first;
    connection.from = from;
    connection.from_port = from_port;
    connection.deadline_ms = now_ms + request_ms_;
    if (open >= limits::http_connections) refuse(connection, 503);
    return last_connection_;
}

void HttpPorts::send(uint64_t now_ms, uint32_t number, ClientRequest request) {
    const auto place = connections_.find(number);
    if (place == connections_.end() || place->second.stage == Stage::closed) return;
    place->second.said.push_back(std::move(request));
    if (place->second.said.size() == 1) hear(now_ms, place->second);
}

std::optional<ClientNews> HttpPorts::heard(uint32_t number) {
    const auto place = connections_.find(number);
    if (place == connections_.end() || place->second.news.empty()) return std::nullopt;
    ClientNews news = std::move(place->second.news.front());
    place->second.news.pop_front();
    if (news.is_closed) connections_.erase(place);
    return news;
}

void HttpPorts::end(Connection& connection) {
    if (connection.stage == Stage::closed) return;
    connection.stage = Stage::closed;
    connection.said.clear();
    connection.news.push_back({.is_closed = true});
}

void HttpPorts::refuse(Connection& connection, uint16_t status) {
    connection.news.push_back({.status = status});
    end(connection);
}

bool HttpPorts::is_flooded(uint64_t now_ms) {
    if (now_ms - second_began_ms_ >= 1'000) {
        second_began_ms_ = now_ms;
        requests_in_second_ = 0;
    }
    return ++requests_in_second_ > limits::http_requests_per_s;
}

// The status of a request that is not taken, 0 for one that is.
uint16_t HttpPorts::judge(uint64_t now_ms, const ClientRequest& request) {
    if (is_flooded(now_ms)) return 503;
    if (request.target.size() > limits::http_target_bytes) return 414;
    if (header_bytes(request) > limits::http_header_bytes) return 431;
    if (!method_called(request.method)) return 501;
    return request.body_bytes > limits::http_body_bytes ? 413 : 0;
}

// The request at hand.
void HttpPorts::hear(uint64_t now_ms, Connection& connection) {
    const ClientRequest& request = connection.said.front();
    const FaultRow& row = row_of(request.fault);
    if (row.manner == Manner::late) return;
    if (row.manner == Manner::closed) return end(connection);
    if (row.manner == Manner::answered) return refuse(connection, row.status);
    const uint16_t status = judge(now_ms, request);
    // One whose length is not said before shows its size as it comes.
    if (status == 413 && request.is_chunked && request.body_bytes > limits::http_discard_bytes)
        return end(connection);
    if (status != 0) return refuse(connection, status);
    ask(now_ms, connection, request);
}

void HttpPorts::ask(uint64_t now_ms, Connection& connection, const ClientRequest& request) {
    connection.stage = Stage::waits;
    connection.deadline_ms = now_ms + reply_ms_;
    connection.request = ++last_request_ | world_bit;
    asked_.push_back({.listener = connection.listener,
                      .request = connection.request,
                      .method = *method_called(request.method),
                      .target = request.target,
                      .authorization = field_of(request, "Authorization"),
                      .content_type = field_of(request, "Content-Type"),
                      .host = has_host(request) ? std::string(host) : "",
                      .body = std::string(request.body_bytes, 'z'),
                      .from = connection.from,
                      .from_port = connection.from_port});
}

void HttpPorts::reply(uint64_t now_ms, const HttpReply& reply) {
    const auto place =
        std::find_if(connections_.begin(), connections_.end(), [&reply](const auto& entry) {
            return entry.second.stage == Stage::waits && entry.second.request == reply.request;
        });
    if (place == connections_.end()) return;
    Connection& connection = place->second;
    std::erase_if(asked_, [&](const HttpAsked& one) { return one.request == reply.request; });
    const bool fits = reply.fields.size() <= limits::http_reply_fields &&
                      reply.body.size() <= limits::http_reply_bytes;
    if (!fits) return refuse(connection, 500);
    const ClientRequest request = std::move(connection.said.front());
    connection.said.pop_front();
    ClientNews news = {.status = reply.status, .fields = reply.fields};
    if (request.method != "HEAD") news.body.assign(reply.body.begin(), reply.body.end());
    connection.news.push_back(std::move(news));
    if (reply.closes || !keeps_connection(request)) return end(connection);
    connection.stage = Stage::hears;
    connection.is_first = false;
    connection.deadline_ms = now_ms + request_ms_;
    if (!connection.said.empty()) hear(now_ms, connection);
}

std::optional<HttpAsked> HttpPorts::next() {
    if (asked_.empty()) return std::nullopt;
    HttpAsked asked = std::move(asked_.front());
    asked_.pop_front();
    return asked;
}

// What was to happen by now has not.
void HttpPorts::give_up(uint64_t now_ms, Connection& connection) {
    if (connection.stage == Stage::waits)
        return reply(now_ms, {.request = connection.request, .status = 503, .closes = true});
    const bool began =
        !connection.said.empty() && connection.said.front().fault != ClientFault::silent;
    if (connection.is_first || began) return refuse(connection, 408);
    end(connection);
}

void HttpPorts::tick(uint64_t now_ms) {
    for (auto& [number, connection] : connections_) {
        const bool is_open = connection.stage != Stage::closed;
        if (is_open && connection.deadline_ms <= now_ms) give_up(now_ms, connection);
    }
}

std::optional<uint64_t> HttpPorts::deadline_ms() const {
    std::optional<uint64_t> first;
    for (const auto& [number, connection] : connections_) {
        if (connection.stage == Stage::closed) continue;
        if (!first || connection.deadline_ms < *first) first = connection.deadline_ms;
    }
    return first;
}

}  // namespace dialtone::sim
