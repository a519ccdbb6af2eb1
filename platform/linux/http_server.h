// SPDX-License-Identifier: Apache-2.0
//
// The phone's ports for HTTP (RFC 9110, 9112): OpenHttp, CloseHttp and HttpReply; HttpOpened,
// HttpRequest and SocketFailed come back. libmicrohttpd does the framing and nothing else: it has
// no socket, thread, timer or loop of its own. Connections are accepted here, and handed to it one
// ready descriptor at a time. While the agent thinks about a request, its connection is suspended.
//
// Bounds: limits::http_*. A request that is over one, or is none, is answered here and its
// connection closed: 400 no HTTP, 408 not whole in time, 413 body, 414 target, 431 header, 501
// another method, 503 too many connections or requests, or no reply of the agent. A kept connection
// on which nothing more is said is closed without a word.
//
// Called by world.cpp as an HttpPort, when the program listens at all.
#pragma once

#include <microhttpd.h>
#include <sys/select.h>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platform/linux/http_port.h"
#include "platform/linux/listening_socket.h"

namespace dialtone {

class HttpServer final : public HttpPort {
  public:
    HttpServer(Loop& loop, const Clock& clock, HttpPatience patience)
        : loop_(loop), clock_(clock), patience_(patience) {}
    ~HttpServer() override;

    void open(const OpenHttp& wanted) override;
    void close(RequestId listener) override;
    void reply(HttpReply&& reply) override;

    bool deliver(Instant now, EventSink& sink) override;
    void tick(Instant now) override;
    std::optional<Instant> deadline() const override;

  private:
    enum class Stage : uint8_t {
        hears,    // a request, until it is whole
        asks,     // the request is whole and to be delivered
        waits,    // for the agent's reply
        answers,  // the client is to take the answer
        leaves,   // nothing more is heard or said
    };
    // What is known of the request at hand.
    struct Exchange {
        bool began = false;      // its request line was read
        bool is_judged = false;  // its header was
        bool is_refused = false;
        HttpMethod method = HttpMethod::get;
        std::string target = {};
        std::string authorization = {};
        std::string content_type = {};
        std::string host = {};
        std::vector<uint8_t> body = {};
        uint64_t body_bytes = 0;  // with those that were not kept
    };
    struct Listener;
    struct Connection {
        Listener* listener = nullptr;
        int descriptor = -1;
        MHD_Connection* handle = nullptr;
        Address from = {};
        uint16_t from_port = 0;
        Stage stage = Stage::hears;
        Instant deadline = {};
        bool is_first = true;  // request of the connection
        RequestId request = 0;
        Exchange exchange = {};
    };
    // A port, and its connections as libmicrohttpd holds them.
    struct Listener final : Watcher, ConnectionOwner {
        explicit Listener(HttpServer& server) : home(server) {}
        void ready(int descriptor, uint32_t events) override;
        RequestId admit(Descriptor connection) override;

        HttpServer& home;
        RequestId id = 0;
        std::unique_ptr<Socket> socket = {};
        MHD_Daemon* daemon = nullptr;
    };
    struct Failure {
        RequestId listener = 0;
        std::string reason = {};
        bool opened = false;
    };

    Status start(Listener& listener, const OpenHttp& wanted);
    void stop(Listener& listener);
    void run(Listener& listener, int descriptor, uint32_t events);
    void watch(Listener& listener);
    void end(Connection& connection);
    void give_up(Connection& connection);
    bool is_flooded();
    uint16_t judge(Connection& connection, std::string_view method);
    void take_body(Connection& connection, std::string_view bytes);
    void refuse(Connection& connection, uint16_t status);
    void answer(Connection& connection, const HttpReply& reply);
    MHD_Result hear(Connection& connection, std::string_view method, const char* bytes,
                    size_t* count);
    Connection* find_request(RequestId request);
    Connection* oldest_asking();

    static Connection& connection_of(MHD_Connection* handle);
    static MHD_Result on_request(void* listener, MHD_Connection* handle, const char* url,
                                 const char* method, const char* version, const char* bytes,
                                 size_t* count, void** request);
    static void* on_target(void* listener, const char* target, MHD_Connection* handle);
    static void on_answered(void* listener, MHD_Connection* handle, void** request,
                            MHD_RequestTerminationCode code);
    static void on_connection(void* listener, MHD_Connection* handle, void** context,
                              MHD_ConnectionNotificationCode code);

    Loop& loop_;
    const Clock& clock_;
    HttpPatience patience_;
    std::list<Listener> listeners_;      // the loop and libmicrohttpd keep pointers to them
    std::list<Connection> connections_;  // and to these
    std::vector<Failure> failures_;
    std::vector<RequestId> opened_;  // listeners, to be delivered
    RequestId last_request_ = 0;
    Instant second_began_ = {};
    uint32_t requests_in_second_ = 0;
};

}  // namespace dialtone
