// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/http_client.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <charconv>
#include <utility>

#include "agent/text.h"

namespace dialtone::conformance {
namespace {

using sim::ClientFault;
using sim::ClientNews;
using sim::ClientRequest;

constexpr std::string_view line_end = "\r\n";

std::string chunked(const std::string& body) {
    constexpr size_t piece_bytes = 1000;
    std::string text;
    for (size_t at = 0; at < body.size(); at += piece_bytes) {
        const std::string piece = body.substr(at, piece_bytes);
        char size[16];
        const auto [end, error] = std::to_chars(size, size + sizeof size, piece.size(), 16);
        text.append(size, end).append(line_end).append(piece).append(line_end);
    }
    return text + "0\r\n\r\n";
}

// Fields that are wrong, for the faults that have one.
std::string_view faulty_fields(ClientFault fault) {
    switch (fault) {
        case ClientFault::two_hosts:
            return "Host: other.test\r\n";
        case ClientFault::field_without_colon:
            return "this is no field\r\n";
        case ClientFault::folded_field:
            return "X-Folded: one\r\n two\r\n";
        case ClientFault::space_before_colon:
            return "X-Space : one\r\n";
        case ClientFault::bad_length:
            return "Content-Length: many\r\n";
        case ClientFault::two_lengths:
            return "Content-Length: 4\r\nContent-Length: 2\r\n";
        case ClientFault::length_and_chunked:
            return "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n";
        case ClientFault::unknown_coding:
            return "Transfer-Encoding: gzip\r\n";
        case ClientFault::bad_chunk:
            return "Transfer-Encoding: chunked\r\n";
        default:
            return {};
    }
}

std::string request_line(const ClientRequest& request) {
    std::string line = request.method + " " + request.target;
    if (request.fault == ClientFault::no_version) return line + "\r\n";
    if (request.fault == ClientFault::unknown_version) return line + " HTTP/3.0\r\n";
    return line + " " + request.version + "\r\n";
}

std::string head_text(const ClientRequest& request) {
    std::string text = request_line(request);
    const bool has_host = request.version == "HTTP/1.1" && request.fault != ClientFault::no_host;
    if (has_host) text += "Host: phone.test\r\n";
    for (const auto& [name, value] : request.fields)
        text.append(name).append(": ").append(value).append(line_end);
    if (request.filler_bytes != 0)
        text += "X-Filler: " + std::string(request.filler_bytes, 'x') + "\r\n";
    if (request.closes) text += "Connection: close\r\n";
    if (request.keeps_alive) text += "Connection: keep-alive\r\n";
    if (request.is_chunked) {
        text += "Transfer-Encoding: chunked\r\n";
    } else if (request.body_bytes != 0) {
        text += "Content-Length: " + std::to_string(request.body_bytes) + "\r\n";
    }
    return text.append(faulty_fields(request.fault)).append(line_end);
}

}  // namespace

std::string request_text(const ClientRequest& request) {
    switch (request.fault) {
        case ClientFault::silent:
            return {};
        case ClientFault::not_http:
            return "EHLO client.test\r\n\r\n";
        case ClientFault::stalls_in_head:
        case ClientFault::leaves_in_head:
            return request_line(request) + "Host: pho";
        default:
            break;
    }
    const std::string head = head_text(request);
    if (request.fault == ClientFault::bad_chunk) return head + "this is no chunk\r\n";
    const std::string body(request.body_bytes, 'z');
    const std::string whole = head + (request.is_chunked ? chunked(body) : body);
    const bool is_cut = request.fault == ClientFault::stalls_in_body ||
                        request.fault == ClientFault::leaves_in_body;
    return is_cut ? whole.substr(0, head.size() + request.body_bytes / 2) : whole;
}

HttpClient::HttpClient(uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    // The loopback answers at once, or says that it is on its way.
    const bool began = ::connect(socket_.get(), generic, sizeof address) == 0;
    REQUIRE((began || errno == EINPROGRESS));
}

void HttpClient::send(const ClientRequest& request) {
    unsent_ += request_text(request);
    awaits_body_.push_back(request.method != "HEAD");
    drips_ = request.fault == ClientFault::drips;
    half_closes_ = request.fault == ClientFault::half_closes;
    leaves_ = request.fault == ClientFault::leaves_in_head ||
              request.fault == ClientFault::leaves_in_body;
    push();
}

void HttpClient::push() {
    while (!unsent_.empty()) {
        const size_t count = drips_ ? 1 : unsent_.size();
        const ssize_t sent = ::send(socket_.get(), unsent_.data(), count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) unsent_.clear();
        if (sent < 0) return;
        unsent_.erase(0, static_cast<size_t>(sent));
        if (drips_) return;
    }
    if (std::exchange(half_closes_, false)) ::shutdown(socket_.get(), SHUT_WR);
    if (std::exchange(leaves_, false)) hang_up();
}

void HttpClient::receive() {
    char bytes[4096];
    while (socket_.is_open() && !is_over_) {
        const ssize_t got = ::recv(socket_.get(), bytes, sizeof bytes, 0);
        if (got < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
        if (got > 0) {
            heard_.append(bytes, static_cast<size_t>(got));
        } else {
            is_over_ = true;
        }
    }
}

std::optional<ClientNews> HttpClient::take_answer() {
    const size_t end = heard_.find("\r\n\r\n");
    if (end == std::string::npos) return std::nullopt;
    ClientNews news;
    std::string_view head = std::string_view(heard_).substr(0, end);
    std::string_view line = take_piece(head, '\n');
    line.remove_prefix(line.find(' ') + 1);
    std::from_chars(line.data(), line.data() + line.size(), news.status);
    size_t length = 0;
    while (!head.empty()) {
        std::string_view field = trimmed(take_piece(head, '\n'), " \r");
        const std::string name(take_piece(field, ':'));
        const std::string value(trimmed(field));
        if (name == "Content-Length") length = std::stoul(value);
        news.fields.emplace_back(name, value);
    }
    if (!awaits_body_.empty() && !awaits_body_.front()) length = 0;
    if (heard_.size() < end + 4 + length) return std::nullopt;
    news.body = heard_.substr(end + 4, length);
    heard_.erase(0, end + 4 + length);
    if (!awaits_body_.empty()) awaits_body_.pop_front();
    return news;
}

std::optional<ClientNews> HttpClient::next() {
    if (!socket_.is_open()) return std::nullopt;
    push();
    receive();
    if (auto news = take_answer()) return news;
    if (!is_over_ || std::exchange(has_told_end_, true)) return std::nullopt;
    return ClientNews{.is_closed = true};
}

}  // namespace dialtone::conformance
