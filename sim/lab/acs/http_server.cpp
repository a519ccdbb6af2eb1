// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/text.h"
#include "sim/lab/console.h"

namespace dialtone::sim::acs {
namespace {

constexpr uint32_t read_bytes = 16 * 1024;

std::unexpected<Error> refuse(std::string_view what) {
    return fail(ErrorCode::io, std::string(what) + ": " + strerror(errno));
}

void close_with_reset(int file) {
    const linger at_once = {.l_onoff = 1, .l_linger = 0};
    setsockopt(file, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(file);
}

}  // namespace

HttpServer::~HttpServer() {
    for (const Connection& one : connections_)
        close(one.file);
    if (listener_ >= 0) close(listener_);
}

Result<uint16_t> HttpServer::open(std::string_view address, uint16_t port) {
    sockaddr_in place = {};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    if (inet_pton(AF_INET, std::string(address).c_str(), &place.sin_addr) != 1)
        return fail(ErrorCode::bad_usage, quoted(address) + " is no IPv4 address");
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener_ < 0) return refuse("no socket");
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    auto* name = reinterpret_cast<sockaddr*>(&place);
    socklen_t bytes = sizeof place;
    if (bind(listener_, name, bytes) != 0) return refuse("the port cannot be had");
    if (listen(listener_, http_connections) != 0) return refuse("nobody can be listened to");
    if (getsockname(listener_, name, &bytes) != 0) return refuse("the port is not known");
    return ntohs(place.sin_port);
}

void HttpServer::serve(const Handler& handler, uint32_t wait_ms, uint32_t slow_ms) {
    const uint64_t now = console::now_ms();
    uint64_t wait = wait_ms;
    std::vector<pollfd> files = {{.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const Connection& one : connections_) {
        const bool is_due = !one.out.empty() && one.due_ms <= now;
        if (!one.out.empty() && !is_due) wait = std::min(wait, one.due_ms - now);
        const int events = one.out.empty() ? POLLIN : is_due ? POLLOUT : 0;
        files.push_back({.fd = one.file, .events = static_cast<int16_t>(events), .revents = 0});
    }
    if (poll(files.data(), files.size(), static_cast<int>(wait)) <= 0) return;
    for (uint32_t at = 0; at < connections_.size(); ++at) {
        Connection& one = connections_[at];
        const int events = files[at + 1].revents;
        if ((events & POLLOUT) != 0)
            write_to(one);
        else if ((events & (POLLIN | POLLHUP | POLLERR)) != 0)
            read_from(one, handler, slow_ms);
    }
    drop_those_over();
    if ((files.front().revents & POLLIN) != 0) accept_one();
}

void HttpServer::accept_one() {
    const int file = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (file < 0) return;
    if (connections_.size() == http_connections) {
        close(connections_.front().file);
        connections_.erase(connections_.begin());
    }
    Connection connection;
    connection.file = file;
    connection.number = ++numbers_;
    connections_.push_back(std::move(connection));
}

void HttpServer::read_from(Connection& connection, const Handler& handler, uint32_t slow_ms) {
    char bytes[read_bytes];
    const auto got = recv(connection.file, bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) {
        connection.is_over = true;
        return;
    }
    connection.in.append(bytes, static_cast<size_t>(got));
    auto request = take_request(connection.in);
    if (!request) {
        connection.in.clear();
        return answer(connection, handler.take_malformed(request.error().detail), slow_ms);
    }
    if (*request) {
        (*request)->connection = connection.number;
        connection.continues = false;
        return answer(connection, handler.take(**request), slow_ms);
    }
    const auto head = read_head(connection.in);
    if (connection.continues || !head || !*head || !(*head)->wants_continue) return;
    connection.continues = true;
    connection.out = "HTTP/1.1 100 Continue\r\n\r\n";
    connection.due_ms = 0;
}

void HttpServer::answer(Connection& connection, const HttpAnswer& answer, uint32_t slow_ms) {
    if (answer.resets) {
        connection.is_over = connection.is_cut = true;
        return;
    }
    connection.out = write_answer(answer);
    connection.closes = answer.closes || answer.cut_bytes.has_value();
    connection.due_ms = console::now_ms() + slow_ms;
    if (slow_ms == 0) write_to(connection);
}

void HttpServer::write_to(Connection& connection) {
    const auto sent =
        send(connection.file, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (sent < 0) {
        connection.is_over = errno != EAGAIN && errno != EINTR;
        return;
    }
    connection.out.erase(0, static_cast<size_t>(sent));
    connection.is_over = connection.out.empty() && connection.closes;
}

void HttpServer::drop_those_over() {
    for (const Connection& one : connections_) {
        if (one.is_over && one.is_cut)
            close_with_reset(one.file);
        else if (one.is_over)
            close(one.file);
    }
    std::erase_if(connections_, [](const Connection& one) { return one.is_over; });
}

}  // namespace dialtone::sim::acs
