// SPDX-License-Identifier: Apache-2.0
//
// A small HTTP/1.1 server over poll(2): one listening socket, few connections, one request at a
// time on each. Its answers may be late, cut or not there at all, as the caller has it.
//
// Who calls it: the acs and conform subcommands. With pnp/sockets.h it is the one place of the
// laboratory that opens sockets of the machine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/result.h"
#include "sim/lab/acs/http_message.h"

namespace dialtone::sim::acs {

inline constexpr uint32_t http_connections = 8;

class HttpServer {
  public:
    struct Handler {
        std::function<HttpAnswer(const HttpRequest&)> take;
        std::function<HttpAnswer(std::string_view why)> take_malformed;
    };

    HttpServer() = default;
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Listens at an IPv4 address; port 0 is any that is free. Returns the port. Errors: bad_usage
    // for an address that is none, io.
    Result<uint16_t> open(std::string_view address, uint16_t port);

    // Serves what comes within `wait_ms`, and returns after the first thing that came. An answer
    // leaves `slow_ms` after its request.
    void serve(const Handler& handler, uint32_t wait_ms, uint32_t slow_ms);

  private:
    struct Connection {
        int file = -1;
        uint32_t number = 0;
        bool continues = false;  // told to go on with the body that is under way
        bool is_over = false;
        bool is_cut = false;  // to be closed by a reset
        std::string in;
        std::string out;
        uint64_t due_ms = 0;  // when `out` may leave
        bool closes = false;  // once `out` is gone
    };

    void accept_one();
    void read_from(Connection& connection, const Handler& handler, uint32_t slow_ms);
    void answer(Connection& connection, const HttpAnswer& answer, uint32_t slow_ms);
    static void write_to(Connection& connection);
    void drop_those_over();

    int listener_ = -1;
    uint32_t numbers_ = 0;
    std::vector<Connection> connections_;
};

}  // namespace dialtone::sim::acs
