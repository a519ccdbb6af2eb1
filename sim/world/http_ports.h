// SPDX-License-Identifier: Apache-2.0
//
// The phone's ports for HTTP, and what it makes of the clients that come to them. A model of the
// Linux world's http_server with libmicrohttpd; the conformance suite holds both to the same
// sequences. Knows no clock: whoever calls says what time it is.
//
// Who calls it: World, for the effects of the agent and for the clients of a test or a run.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/limits.h"
#include "sim/servers/http_client.h"

namespace dialtone::sim {

// A request that is to be told to the agent.
struct HttpAsked {
    RequestId listener = 0;
    RequestId request = 0;
    HttpMethod method = HttpMethod::get;
    std::string target = {};
    std::string authorization = {};
    std::string content_type = {};
    std::string host = {};
    std::string body = {};
    Address from = {};
    uint16_t from_port = 0;
};

class HttpPorts {
  public:
    // How long the phone waits, which tests shorten.
    void set_patience(uint32_t request_ms, uint32_t reply_ms);

    // False: too many.
    bool open(const OpenHttp& wanted);
    void close(RequestId listener);
    void reply(uint64_t now_ms, const HttpReply& reply);

    // The number of the new connection; 0: nobody listens.
    uint32_t connect(uint64_t now_ms, uint16_t port, Address from, uint16_t from_port);
    void send(uint64_t now_ms, uint32_t connection, ClientRequest request);
    // What the client has heard and not taken yet.
    std::optional<ClientNews> heard(uint32_t connection);

    std::optional<HttpAsked> next();
    void tick(uint64_t now_ms);
    std::optional<uint64_t> deadline_ms() const;

  private:
    enum class Stage : uint8_t { hears, waits, closed };
    struct Connection {
        RequestId listener = 0;
        Address from = {};
        uint16_t from_port = 0;
        Stage stage = Stage::hears;
        uint64_t deadline_ms = 0;
        bool is_first = true;
        RequestId request = 0;
        std::deque<ClientRequest> said = {};  // the first one is at hand, the others wait
        std::deque<ClientNews> news = {};
    };

    void hear(uint64_t now_ms, Connection& connection);
    uint16_t judge(uint64_t now_ms, const ClientRequest& request);
    bool is_flooded(uint64_t now_ms);
    void ask(uint64_t now_ms, Connection& connection, const ClientRequest& request);
    static void end(Connection& connection);
    static void refuse(Connection& connection, uint16_t status);
    void give_up(uint64_t now_ms, Connection& connection);

    uint32_t request_ms_ = limits::http_request_ms;
    uint32_t reply_ms_ = limits::http_reply_ms;
    std::map<RequestId, uint16_t> listeners_ = {};
    std::map<uint32_t, Connection> connections_ = {};
    std::deque<HttpAsked> asked_ = {};
    uint32_t last_connection_ = 0;
    RequestId last_request_ = 0;
    uint64_t second_began_ms_ = 0;
    uint32_t requests_in_second_ = 0;
};

}  // namespace dialtone::sim
