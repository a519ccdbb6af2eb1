// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/http_server.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "agent/text.h"
#include "platform/linux/socket_address.h"
#include "platform/world.h"

namespace dialtone {
namespace {

constexpr RequestId world_bit = 0x8000'0000;  // of the numbers that are the world's

// What libmicrohttpd has for one connection: the header, twice over, and the answer's header.
constexpr size_t connection_memory_bytes = size_t{4} * limits::http_header_bytes;

constexpr std::string_view too_late =
    "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
constexpr std::string_view too_many =
    "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    "Content-Length: 0\r\n\r\n";

// Best effort: what the client does not take at once is lost.
void say(int descriptor, std::string_view text) {
    static_cast<void>(!::send(descriptor, text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

// A connection that is closed while something of it is unread is reset, and its last words with it.
void discard_unread(int descriptor) {
    char bytes[1024];
    for (uint32_t i = 0; i < limits::http_header_bytes / sizeof bytes; ++i) {
        if (::recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT) <= 0) return;
    }
}

std::string field_of(MHD_Connection* handle, const char* name) {
    const char* value = nullptr;
    size_t length = 0;
    ::MHD_lookup_connection_value_n(handle, MHD_HEADER_KIND, name,
                                    std::char_traits<char>::length(name), &value, &length);
    if (value == nullptr || length > limits::header_field_bytes) return {};
    return {value, length};
}

// RFC 9112 3.2, 6.3: of these only one can be meant.
struct FieldCounts {
    uint32_t hosts = 0;
    uint32_t lengths = 0;
    uint32_t credentials = 0;
};

MHD_Result count_field(void* counts, MHD_ValueKind, const char* name, const char*) {
    auto& all = *static_cast<FieldCounts*>(counts);
    if (equals_without_case(name, "host")) ++all.hosts;
    if (equals_without_case(name, "content-length")) ++all.lengths;
    if (equals_without_case(name, "authorization")) ++all.credentials;
    return MHD_YES;
}

bool contradicts_itself(MHD_Connection* handle) {
    FieldCounts counts;
    ::MHD_get_connection_values(handle, MHD_HEADER_KIND, &count_field, &counts);
    return counts.hosts > 1 || counts.lengths > 1 || counts.credentials > 1;
}

uint64_t stated_length(MHD_Connection* handle) {
    const std::string text = field_of(handle, "Content-Length");
    uint64_t length = 0;
    std::from_chars(text.data(), text.data() + text.size(), length);
    return length;
}

size_t header_bytes(MHD_Connection* handle) {
    const auto* info = ::MHD_get_connection_info(handle, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    return info == nullptr ? 0 : info->header_size;
}

// Which descriptors libmicrohttpd waits for, and for what.
struct Sets {
    fd_set reads, writes, exceptions;

    explicit Sets(MHD_Daemon* daemon) {
        FD_ZERO(&reads);
        FD_ZERO(&writes);
        FD_ZERO(&exceptions);
        int highest = -1;
        ::MHD_get_fdset2(daemon, &reads, &writes, &exceptions, &highest, FD_SETSIZE);
    }
    uint32_t events_of(int descriptor) const {
        return (FD_ISSET(descriptor, &reads) ? uint32_t{EPOLLIN} : 0U) |
               (FD_ISSET(descriptor, &writes) ? uint32_t{EPOLLOUT} : 0U);
    }
    void keep(int descriptor, uint32_t events) {
        if (descriptor < 0) return;
        const uint32_t broken = EPOLLHUP | EPOLLERR;
        if ((events & (EPOLLIN | broken)) == 0) FD_CLR(descriptor, &reads);
        if ((events & (EPOLLOUT | broken)) == 0) FD_CLR(descriptor, &writes);
        FD_CLR(descriptor, &exceptions);
    }
};

}  // namespace

std::unique_ptr<HttpPort> make_http_server(Loop& loop, const Clock& clock, HttpPatience patience) {
    return std::make_unique<HttpServer>(loop, clock, patience);
}

HttpServer::~HttpServer() {
    for (Listener& listener : listeners_)
        stop(listener);
}

// --- ports
// -----------------------------------------------------------------------------------------

void HttpServer::open(const OpenHttp& wanted) {
    close(wanted.listener);
    if (listeners_.size() >= limits::http_listeners) {
        failures_.push_back({wanted.listener, "too many ports listen for HTTP"});
        return;
    }
    Listener& listener = listeners_.emplace_back(*this);
    const Status started = start(listener, wanted);
    if (started) return opened_.push_back(wanted.listener);
    failures_.push_back({wanted.listener, started.error().detail});
    stop(listener);
    listeners_.pop_back();
}

Status HttpServer::start(Listener& listener, const OpenHttp& wanted) {
    listener.id = wanted.listener;
    listener.socket = TRY(ListeningSocket::open(
        {.socket = wanted.listener, .octet_count = wanted.octet_count, .port = wanted.port}, 0,
        listener));
    constexpr unsigned flags =
        MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_SUPPRESS_DATE_NO_CLOCK;
    void* self = &listener;
    listener.daemon = ::MHD_start_daemon(
        flags, 0, nullptr, nullptr, &HttpServer::on_request, self,        //
        MHD_OPTION_CONNECTION_LIMIT, unsigned{limits::http_connections},  //
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, connection_memory_bytes,      //
        MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,                              //
        MHD_OPTION_URI_LOG_CALLBACK, &HttpServer::on_target, self,        //
        MHD_OPTION_NOTIFY_COMPLETED, &HttpServer::on_answered, self,      //
        MHD_OPTION_NOTIFY_CONNECTION, &HttpServer::on_connection, self, MHD_OPTION_END);
    const bool began =
        listener.daemon != nullptr && loop_.watch(listener.socket->descriptor(), EPOLLIN, listener);
    if (began) return {};
    return fail(ErrorCode::io, "the system has no room for another port");
}

void HttpServer::close(RequestId id) {
    const auto listener = std::ranges::find(listeners_, id, &Listener::id);
    if (listener == listeners_.end()) return;
    stop(*listener);
    listeners_.erase(listener);
}

void HttpServer::stop(Listener& listener) {
    if (listener.socket) loop_.forget(listener.socket->descriptor());
    if (listener.daemon == nullptr) return;
    // libmicrohttpd ends the program when a suspended connection is left.
    for (Connection& connection : connections_) {
        const bool is_suspended =
            connection.stage == Stage::asks || connection.stage == Stage::waits;
        if (connection.listener == &listener && is_suspended)
            ::MHD_resume_connection(connection.handle);
    }
    ::MHD_stop_daemon(std::exchange(listener.daemon, nullptr));
}

RequestId HttpServer::Listener::admit(Descriptor connection) {
    const int descriptor = connection.get();
    if (home.connections_.size() >= limits::http_connections || descriptor >= FD_SETSIZE) {
        say(descriptor, too_many);
        ::shutdown(descriptor, SHUT_WR);
        discard_unread(descriptor);
        return 0;
    }
    SocketAddress from;
    ::getpeername(descriptor, from.generic(), &from.length_bytes);
    home.connections_.push_back({.listener = this,
                                 .descriptor = descriptor,
                                 .from = address_in(from),
                                 .from_port = port_in(from),
                                 .deadline = home.clock_.now() + home.patience_.request_ms});
    // It closes the descriptor, now if there is no room for it.
    connection.release();
    if (::MHD_add_connection(daemon, descriptor, from.generic(), from.length_bytes) == MHD_YES)
        return world_bit;
    std::erase_if(home.connections_,
                  [descriptor](const Connection& one) { return one.descriptor == descriptor; });
    return 0;
}

// --- libmicrohttpd's turns
// -------------------------------------------------------------------------

void HttpServer::Listener::ready(int descriptor, uint32_t events) {
    if (descriptor != socket->descriptor()) return home.run(*this, descriptor, events);
    const auto taken = socket->take(events, {});
    if (taken) return home.run(*this, -1, 0);
    home.failures_.push_back({id, taken.error().detail, true});
    home.loop_.forget(descriptor);
}

// Lets it work with the one descriptor that is ready, and with what was resumed.
void HttpServer::run(Listener& listener, int descriptor, uint32_t events) {
    Sets sets(listener.daemon);
    for (const Connection& connection : connections_) {
        if (connection.listener != &listener) continue;
        sets.keep(connection.descriptor, connection.descriptor == descriptor ? events : 0);
    }
    ::MHD_run_from_select2(listener.daemon, &sets.reads, &sets.writes, &sets.exceptions,
                           FD_SETSIZE);
    watch(listener);
}

// A suspended connection is not watched: epoll would tell of its end again and again.
void HttpServer::watch(Listener& listener) {
    const Sets sets(listener.daemon);
    for (const Connection& connection : connections_) {
        if (connection.listener != &listener) continue;
        const uint32_t events = sets.events_of(connection.descriptor);
        if (events == 0) {
            loop_.forget(connection.descriptor);
        } else {
            loop_.watch(connection.descriptor, events, listener);
        }
    }
}

HttpServer::Connection& HttpServer::connection_of(MHD_Connection* handle) {
    const auto* info = ::MHD_get_connection_info(handle, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return *static_cast<Connection*>(info->socket_context);
}

void HttpServer::on_connection(void* listener, MHD_Connection* handle, void** context,
                               MHD_ConnectionNotificationCode code) {
    HttpServer& self = static_cast<Listener*>(listener)->home;
    const auto* info = ::MHD_get_connection_info(handle, MHD_CONNECTION_INFO_CONNECTION_FD);
    const auto place =
        std::ranges::find(self.connections_, info->connect_fd, &Connection::descriptor);
    if (place == self.connections_.end()) return;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        place->handle = handle;
        *context = &*place;
        return;
    }
    self.loop_.forget(info->connect_fd);
    self.connections_.erase(place);
}

void* HttpServer::on_target(void*, const char* target, MHD_Connection* handle) {
    Connection& connection = connection_of(handle);
    connection.exchange = {.began = true};
    connection.exchange.target = target;
    return &connection;
}

void HttpServer::on_answered(void* listener, MHD_Connection* handle, void**,
                             MHD_RequestTerminationCode code) {
    HttpServer& self = static_cast<Listener*>(listener)->home;
    Connection& connection = connection_of(handle);
    connection.exchange = {};
    connection.is_first = false;
    connection.request = 0;
    if (connection.stage == Stage::leaves || code != MHD_REQUEST_TERMINATED_COMPLETED_OK) return;
    connection.stage = Stage::hears;
    connection.deadline = self.clock_.now() + self.patience_.request_ms;
}

MHD_Result HttpServer::on_request(void* listener, MHD_Connection* handle, const char*,
                                  const char* method, const char*, const char* bytes, size_t* count,
                                  void**) {
    HttpServer& self = static_cast<Listener*>(listener)->home;
    return self.hear(connection_of(handle), method, bytes, count);
}

// --- one request
// -----------------------------------------------------------------------------------

// Called when the header is there, for each piece of the body, and when the request is whole.
MHD_Result HttpServer::hear(Connection& connection, std::string_view method, const char* bytes,
                            size_t* count) {
    Exchange& exchange = connection.exchange;
    if (!exchange.is_judged) {
        exchange.is_judged = true;
        const uint16_t status = judge(connection, method);
        if (status != 0) refuse(connection, status);
        return MHD_YES;
    }
    if (exchange.is_refused) return MHD_YES;
    if (*count != 0) {
        take_body(connection, {bytes, *count});
        *count = 0;
        return exchange.body_bytes > limits::http_discard_bytes ? MHD_NO : MHD_YES;
    }
    if (exchange.body_bytes > limits::http_body_bytes) {
        refuse(connection, MHD_HTTP_CONTENT_TOO_LARGE);
        return MHD_YES;
    }
    ::MHD_suspend_connection(connection.handle);
    connection.stage = Stage::asks;
    connection.deadline = clock_.now() + patience_.reply_ms;
    connection.request = ++last_request_ | world_bit;
    return MHD_YES;
}

bool HttpServer::is_flooded() {
    const Instant now = clock_.now();
    if (now.since(second_began_) >= 1'000) {
        second_began_ = now;
        requests_in_second_ = 0;
    }
    return ++requests_in_second_ > limits::http_requests_per_s;
}

// By its header: the status of a request that is not taken, 0 for one that is.
uint16_t HttpServer::judge(Connection& connection, std::string_view method) {
    Exchange& exchange = connection.exchange;
    MHD_Connection* handle = connection.handle;
    if (is_flooded()) return MHD_HTTP_SERVICE_UNAVAILABLE;
    if (contradicts_itself(handle)) return MHD_HTTP_BAD_REQUEST;
    if (exchange.target.size() > limits::http_target_bytes) return MHD_HTTP_URI_TOO_LONG;
    if (header_bytes(handle) > limits::http_header_bytes)
        return MHD_HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE;
    const auto known = method_called(method);
    if (!known) return MHD_HTTP_NOT_IMPLEMENTED;
    if (stated_length(handle) > limits::http_body_bytes) return MHD_HTTP_CONTENT_TOO_LARGE;
    exchange.method = *known;
    exchange.authorization = field_of(handle, "Authorization");
    exchange.content_type = field_of(handle, "Content-Type");
    exchange.host = field_of(handle, "Host");
    return 0;
}

void HttpServer::take_body(Connection& connection, std::string_view bytes) {
    Exchange& exchange = connection.exchange;
    exchange.body_bytes += bytes.size();
    if (exchange.body_bytes > limits::http_body_bytes) return;
    exchange.body.insert(exchange.body.end(), bytes.begin(), bytes.end());
}

// With the world's own answer, and the end of the connection.
void HttpServer::refuse(Connection& connection, uint16_t status) {
    connection.exchange.is_refused = true;
    answer(connection, {.status = status, .closes = true});
}

void HttpServer::answer(Connection& connection, const HttpReply& reply) {
    const bool fits = reply.fields.size() <= limits::http_reply_fields &&
                      reply.body.size() <= limits::http_reply_bytes;
    MHD_Response* response =
        ::MHD_create_response_from_buffer_copy(fits ? reply.body.size() : 0, reply.body.data());
    bool is_whole = fits && response != nullptr;
    for (const auto& [name, value] : reply.fields) {
        is_whole = is_whole && ::MHD_add_response_header(response, name.c_str(), value.c_str());
    }
    if (!is_whole && response != nullptr) {  // the agent's own fault
        ::MHD_destroy_response(response);
        response = ::MHD_create_response_from_buffer_copy(0, nullptr);
    }
    if (response == nullptr) return end(connection);
    if (reply.closes || !is_whole) ::MHD_add_response_header(response, "Connection", "close");
    const unsigned status = is_whole ? reply.status : unsigned{MHD_HTTP_INTERNAL_SERVER_ERROR};
    const bool is_queued = ::MHD_queue_response(connection.handle, status, response) == MHD_YES;
    ::MHD_destroy_response(response);
    if (!is_queued) return end(connection);
    connection.stage = Stage::answers;
    connection.deadline = clock_.now() + patience_.request_ms;
}

// libmicrohttpd closes it as soon as it finds its end.
void HttpServer::end(Connection& connection) {
    connection.stage = Stage::leaves;
    ::shutdown(connection.descriptor, SHUT_RDWR);
}

HttpServer::Connection* HttpServer::find_request(RequestId request) {
    for (Connection& connection : connections_) {
        const bool is_open = connection.stage == Stage::asks || connection.stage == Stage::waits;
        if (is_open && connection.request == request) return &connection;
    }
    return nullptr;
}

void HttpServer::reply(HttpReply&& reply) {
    Connection* connection = find_request(reply.request);
    if (connection == nullptr) return;
    Listener& listener = *connection->listener;
    MHD_Connection* handle = connection->handle;
    answer(*connection, reply);
    ::MHD_resume_connection(handle);
    run(listener, -1, 0);
}

// --- its time
// --------------------------------------------------------------------------------------

// What was to happen by now has not.
void HttpServer::give_up(Connection& connection) {
    switch (connection.stage) {
        case Stage::hears:
            if (connection.is_first || connection.exchange.began)
                say(connection.descriptor, too_late);
            return end(connection);
        case Stage::asks:
        case Stage::waits:
            return reply({.request = connection.request,
                          .status = MHD_HTTP_SERVICE_UNAVAILABLE,
                          .closes = true});
        case Stage::answers:
            return end(connection);
        case Stage::leaves:
            return;
    }
}

void HttpServer::tick(Instant now) {
    // One at a time, as others may be closed with it. The next one is due at once.
    const auto late = std::ranges::find_if(connections_, [now](const Connection& connection) {
        return connection.stage != Stage::leaves && connection.deadline <= now;
    });
    if (late != connections_.end()) give_up(*late);
}

std::optional<Instant> HttpServer::deadline() const {
    std::optional<Instant> first;
    for (const Connection& connection : connections_) {
        if (connection.stage == Stage::leaves) continue;
        if (!first || connection.deadline < *first) first = connection.deadline;
    }
    return first;
}

HttpServer::Connection* HttpServer::oldest_asking() {
    Connection* oldest = nullptr;
    for (Connection& connection : connections_) {
        if (connection.stage != Stage::asks) continue;
        if (oldest == nullptr || connection.request < oldest->request) oldest = &connection;
    }
    return oldest;
}

bool HttpServer::deliver(Instant now, EventSink& sink) {
    if (!failures_.empty()) {
        const Failure failure = std::move(failures_.front());
        failures_.erase(failures_.begin());
        close(failure.listener);
        sink.take(now, SocketFailed{failure.listener, failure.reason, failure.opened});
        return true;
    }
    if (!opened_.empty()) {
        const RequestId listener = opened_.front();
        opened_.erase(opened_.begin());
        sink.take(now, HttpOpened{listener});
        return true;
    }
    Connection* connection = oldest_asking();
    if (connection == nullptr) return false;
    connection->stage = Stage::waits;
    // The sink may answer, and the connection may be gone then.
    const Exchange exchange = std::move(connection->exchange);
    sink.take(now, HttpRequest{.listener = connection->listener->id,
                               .request = connection->request,
                               .method = exchange.method,
                               .target = exchange.target,
                               .authorization = exchange.authorization,
                               .content_type = exchange.content_type,
                               .host = exchange.host,
                               .body = exchange.body,
                               .from = connection->from,
                               .from_port = connection->from_port});
    return true;
}

}  // namespace dialtone
