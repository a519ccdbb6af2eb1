// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/misbehaving_server.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/conformance/body_pieces.h"
#include "tests/conformance/credentials.h"
#include "tests/conformance/ftp_service.h"
#include "tests/conformance/gzip_of.h"
#include "tests/conformance/request_text.h"
#include "tests/conformance/server_connection.h"

namespace dialtone::conformance {
namespace {

using namespace sim;

constexpr uint32_t first_nonce = 1000;

// One answer at a time, to whichever client has something to say, until the test ends.
class Service {
  public:
    Service(const Behaviour& behaviour, ServerLog& log, int go_on)
        : behaviour_(behaviour), log_(log), go_on_(go_on) {}

    void run(int listener);

  private:
    using Connections = std::vector<std::unique_ptr<ServerConnection>>;
    void wait_for_client(int listener, const Connections& open, std::vector<pollfd>& ready) const;
    bool serve(ServerConnection& connection);
    std::string read_request(ServerConnection& connection);
    bool read_body(ServerConnection& connection, const std::string& request);
    void prepare_answer(const std::string& request);
    bool is_authorised(const std::string& request) const;
    std::string challenges() const;
    bool renews_nonce();
    bool challenge_client(ServerConnection& connection, const std::string& request);
    bool answer(ServerConnection& connection);
    bool send_faulty_head(ServerConnection& connection);
    void encode_body();
    bool send_answer(ServerConnection& connection);
    bool send_body(ServerConnection& connection);
    bool end_body(ServerConnection& connection);
    bool send(ServerConnection& connection, std::string_view text);
    void wait();
    std::string head() const;

    const Behaviour& behaviour_;
    Answer answer_ = behaviour_.answer;            // to the request at hand
    uint32_t body_bytes_ = behaviour_.body_bytes;  // of it
    bool is_head_ = false;                         // the request is a HEAD
    bool gave_cookie_ = false;
    ServerLog& log_;
    int go_on_;
    uint32_t nonce_ = first_nonce;
    bool renewed_ = false;      // the nonce of the request at hand
    std::string encoded_ = {};  // the body in gzip, empty: as it is
};

void Service::run(int listener) {
    TlsServer tls;
    const bool is_tls = behaviour_.server.certificate.has_value();
    if (is_tls && !tls.load(behaviour_)) return;
    Connections open;
    std::vector<pollfd> ready;
    for (;;) {
        wait_for_client(listener, open, ready);
        for (size_t i = open.size(); i-- > 0;) {
            if (ready[i + 1].revents != 0 && !serve(*open[i]))
                open.erase(open.begin() + static_cast<ptrdiff_t>(i));
        }
        if (ready[0].revents == 0) continue;
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        ++log_.connections;
        open.push_back(
            std::make_unique<ServerConnection>(socket, is_tls ? &tls : nullptr, log_.is_blocked));
        if (!open.back()->complete_handshake()) open.pop_back();
    }
}

// The listener comes first in `ready`.
void Service::wait_for_client(int listener, const Connections& open,
                              std::vector<pollfd>& ready) const {
    ready.assign(1, {listener, POLLIN, 0});
    for (const auto& connection : open)
        ready.push_back({connection->descriptor(), POLLIN, 0});
    ::poll(ready.data(), ready.size(), -1);
}

std::string Service::read_request(ServerConnection& connection) {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
        const std::string some = connection.read();
        if (some.empty()) return {};
        request += some;
        if (behaviour_.server.without_tls) break;  // what came was TLS
    }
    const size_t kept = request.copy(log_.last_request, sizeof log_.last_request - 1);
    log_.last_request[kept] = '\0';
    ++log_.requests;
    return read_body(connection, request) ? request : std::string();
}

// What belongs to the request behind its head. False when the client has gone.
bool Service::read_body(ServerConnection& connection, const std::string& request) {
    const size_t end = request.find("\r\n\r\n");
    const std::string length(field_of(request, "Content-Length"));
    const size_t wanted = length.empty() ? 0 : std::stoul(length);
    std::string body = end == std::string::npos ? "" : request.substr(end + 4);
    while (body.size() < wanted) {
        const std::string some = connection.read();
        if (some.empty()) return false;
        body += some;
    }
    log_.last_body_bytes = static_cast<uint32_t>(std::ranges::count(body, 'y'));
    return true;
}

// The simulator's server decides the same in Web::respond().
void Service::prepare_answer(const std::string& request) {
    answer_ = behaviour_.answer;
    body_bytes_ = behaviour_.body_bytes;
    is_head_ = method_of(request) == "HEAD";
    const bool has_cookie = field_of(request, "Cookie") == answer_.cookie;
    if (!answer_.cookie.empty() && std::exchange(gave_cookie_, true) && !has_cookie)
        answer_.status = 403;
    const std::string_view range = field_of(request, "Range");
    if (range.empty()) return;
    ByteRange wanted = {.if_range = std::string(field_of(request, "If-Range"))};
    unsigned long long last = 0;
    const int read =
        ::sscanf(std::string(range).c_str(), "bytes=%" SCNu64 "-%llu", &wanted.first, &last);
    if (read == 2) wanted.last = last;
    answer_ = part_of(answer_of(behaviour_), wanted);
    body_bytes_ = static_cast<uint32_t>(answer_.body.size());
}

// Gives whether the connection stays.
bool Service::serve(ServerConnection& connection) {
    const std::string request = read_request(connection);
    if (request.empty()) return false;
    if (challenge_client(connection, request)) return true;
    prepare_answer(request);
    const bool stays = answer(connection);
    ++log_.answers;
    return stays;
}

bool Service::is_authorised(const std::string& request) const {
    if (answer_.user.empty()) return true;
    switch (answer_.challenge) {
        case Challenge::basic:
            return has_basic_credentials(request);
        case Challenge::digest:
        case Challenge::digest_stale:
        case Challenge::digest_stale_unmarked:
        case Challenge::digest_renewed:
        case Challenge::digest_renewed_always:
            return has_digest_credentials(request, nonce_, behaviour_.extra.realm);
        case Challenge::unknown_scheme:
        case Challenge::unknown_algorithm:
            return false;
    }
    __builtin_unreachable();
}

// As fields, one or several.
std::string Service::challenges() const {
    constexpr std::string_view name = "WWW-Authenticate: ";
    std::string text(behaviour_.extra.challenges);
    const bool is_stale = answer_.challenge == Challenge::digest_stale && nonce_ > first_nonce;
    if (!text.empty()) {
    } else if (answer_.challenge == Challenge::basic) {
        text = "Basic realm=\"files\"";
    } else if (answer_.challenge == Challenge::unknown_scheme) {
        text = "Riddle realm=\"files\"";
    } else {
        text = digest_challenge(nonce_, is_stale);
    }
    for (size_t at = 0; (at = text.find('@', at)) != std::string::npos;)
        text.replace(at, 1, std::to_string(nonce_));
    for (size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2 + name.size())
        text.replace(at, 1, "\r\n" + std::string(name));
    return std::string(name) + text + "\r\n";
}

// Whether a right answer only gets a new nonce.
bool Service::renews_nonce() {
    if (answer_.challenge == Challenge::digest_renewed_always) return true;
    if (answer_.challenge != Challenge::digest_renewed) return false;
    renewed_ = !renewed_;
    return renewed_;
}

// True when the request was answered with a 401.
bool Service::challenge_client(ServerConnection& connection, const std::string& request) {
    const bool is_user = is_authorised(request);
    if (answer_.user.empty()) return false;
    const bool renews = answer_.challenge == Challenge::digest_renewed ||
                        answer_.challenge == Challenge::digest_renewed_always;
    if (is_user && !renews_nonce()) {
        if (answer_.challenge != Challenge::digest && !renews) ++nonce_;
        return false;
    }
    if (renews) ++nonce_;
    const std::string page(challenge_page_bytes, 'x');
    std::string answer = "HTTP/1.1 401 Unauthorized\r\n" + challenges();
    answer += "Content-Length: " + std::to_string(page.size()) + "\r\n\r\n";
    connection.write(answer + page);
    return true;
}

void Service::wait() {
    log_.waits = true;
    uint64_t count = 0;
    static_cast<void>(!::read(go_on_, &count, sizeof count));
}

bool Service::send(ServerConnection& connection, std::string_view text) {
    if (answer_.piece_bytes > 1) return connection.write(text);
    for (char c : text) {
        if (!connection.write({&c, 1})) return false;
    }
    return true;
}

std::string Service::head() const {
    if (!behaviour_.extra.head_text.empty()) return std::string(behaviour_.extra.head_text);
    std::string text = "HTTP/1.1 " + std::to_string(answer_.status) + " So it is\r\n";
    const std::pair<std::string_view, std::string_view> fields[] = {
        {"Location", answer_.location},
        {"Retry-After", answer_.retry_after},
        {"ETag", answer_.etag},
        {"Content-Type", answer_.content_type},
        {"Last-Modified", answer_.last_modified},
        {"Content-Range", answer_.content_range},
        {"Content-Encoding", answer_.content_encoding},
        {"Set-Cookie", answer_.cookie},
        {"Connection", answer_.connection_close ? "close" : ""},
        {"Transfer-Encoding", answer_.framing == Framing::chunked ? "chunked" : ""},
    };
    for (const auto& [name, value] : fields) {
        if (!value.empty()) text.append(name).append(": ").append(value).append("\r\n");
    }
    int64_t length = answer_.stated_bytes;
    if (length < 0 && answer_.framing == Framing::length)
        length = encoded_.empty() ? body_bytes_ : static_cast<int64_t>(encoded_.size());
    if (length >= 0) text += "Content-Length: " + std::to_string(length) + "\r\n";
    return text + "\r\n";
}

// Each gives whether the connection stays.
bool Service::answer(ServerConnection& connection) {
    if (answer_.stalls_before_head) wait();
    const bool is_faulty =
        answer_.head_fault != HeadFault::none && behaviour_.extra.head_text.empty();
    return is_faulty ? send_faulty_head(connection) : send_answer(connection);
}

bool Service::send_faulty_head(ServerConnection& connection) {
    switch (answer_.head_fault) {
        case HeadFault::none:
        case HeadFault::no_response:
            break;
        case HeadFault::truncated:
            send(connection, "HTTP/1.1 200 OK\r\nContent-Le");
            break;
        case HeadFault::field_without_colon:
            send(connection, "HTTP/1.1 200 OK\r\nthis is no field\r\nContent-Length: 0\r\n\r\n");
            break;
        case HeadFault::bad_length:
            send(connection, "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nxxxx");
            break;
        case HeadFault::two_lengths:
            send(connection,
                 "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 2\r\n\r\nxxxx");
            break;
        case HeadFault::no_head:
            send(connection, "xxxxxxxxxxxxxxxx\n");
            break;
        case HeadFault::other_protocol:
            send(connection, "220 files.test FTP server ready\r\n");
            break;
        case HeadFault::endless_fields:
            send(connection, "HTTP/1.1 200 OK\r\n");
            while (send(connection, "X-Filler: " + std::string(1000, 'x') + "\r\n")) {
            }
            break;
        case HeadFault::endless_line:
            send(connection, "HTTP/1.1 200 OK\r\nX-Filler: ");
            while (send(connection, std::string(1000, 'x'))) {
            }
            break;
    }
    return false;
}

// In gzip when the answer says so, and as the answer spoils it.
void Service::encode_body() {
    encoded_.clear();
    const std::string_view coding = answer_.content_encoding;
    const bool is_gzip = coding == "gzip" || coding == "x-gzip" || coding == "GZIP";
    if (!is_gzip || answer_.gzip_fault == GzipFault::no_gzip) return;
    encoded_ = gzip_of(std::string(body_bytes_, 'x'));
    constexpr size_t trailer_bytes = 8;  // its checksum comes first
    if (answer_.gzip_fault == GzipFault::damaged) encoded_[encoded_.size() - trailer_bytes] ^= 1;
    if (answer_.gzip_fault == GzipFault::cut) encoded_.resize(encoded_.size() - 1);
}

bool Service::send_answer(ServerConnection& connection) {
    encode_body();
    if (!send(connection, head())) return false;
    const bool has_body = answer_.framing != Framing::no_body && !is_head_;
    if (has_body && !send_body(connection)) return false;
    return end_body(connection);
}

bool Service::send_body(ServerConnection& connection) {
    if (!behaviour_.extra.body_text.empty()) return send(connection, behaviour_.extra.body_text);
    const auto send_piece = [&](std::string piece) {
        if (answer_.framing == Framing::chunked) {
            char size[16];
            ::snprintf(size, sizeof size, "%zx\r\n", piece.size());
            piece.insert(0, size).append("\r\n");
        }
        return send(connection, piece);
    };
    if (encoded_.empty())
        return send_body_pieces(answer_, body_bytes_, send_piece, [this] { wait(); });
    constexpr size_t piece_bytes = 1500;
    for (size_t at = 0; at < encoded_.size(); at += piece_bytes) {
        if (!send_piece(encoded_.substr(at, piece_bytes))) return false;
    }
    return true;
}

bool Service::end_body(ServerConnection& connection) {
    switch (answer_.end) {
        case BodyEnd::stays_open:
            if (!behaviour_.extra.body_text.empty()) return true;
            return answer_.framing != Framing::chunked || send(connection, "0\r\n\r\n");
        case BodyEnd::closes:
            connection.send_close_notify();
            break;
        case BodyEnd::closes_without_notify:
            break;
        case BodyEnd::resets:
            connection.reset();
            break;
        case BodyEnd::bad_chunk:
            send(connection, "this is no chunk\r\n");
            break;
    }
    return false;
}

}  // namespace

MisbehavingServer::MisbehavingServer() {
    void* shared = ::mmap(nullptr, sizeof(ServerLog), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED) log_ = new (shared) ServerLog{};
    go_on_.reset(::eventfd(0, EFD_CLOEXEC));
}

MisbehavingServer::~MisbehavingServer() {
    if (log_ != nullptr) ::munmap(log_, sizeof(ServerLog));
}

bool MisbehavingServer::listen(Reachability reachability) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!listener_.is_open() || ::bind(listener_.get(), generic, length) < 0) return false;
    if (::getsockname(listener_.get(), generic, &length) < 0) return false;
    port_ = ntohs(address.sin_port);
    if (reachability == Reachability::refused)
        return true;  // the port is taken, and nobody listens
    const bool responds = reachability != Reachability::unresponsive;
    if (::listen(listener_.get(), responds ? 8 : 0) < 0) return false;
    if (responds) return true;
    // A queue of length 0 has room for one connection; who comes then gets no answer at all.
    for (Descriptor& filler : fillers_) {
        filler.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!filler.is_open()) return false;
        if (::connect(filler.get(), generic, length) < 0 && errno != EINPROGRESS) return false;
    }
    return true;
}

bool MisbehavingServer::open(const Behaviour& behaviour) {
    const Reachability reachability = behaviour.server.reachability;
    if (log_ == nullptr || !listen(reachability)) return false;
    if (reachability != Reachability::open) return true;
    return process_.start([&] {
        if (is_ftp(behaviour)) {
            serve_ftp(behaviour, *log_, go_on_.get(), listener_.get());
        } else {
            Service(behaviour, *log_, go_on_.get()).run(listener_.get());
        }
    });
}

void MisbehavingServer::go_on() {
    log_->waits = false;
    const uint64_t one = 1;
    static_cast<void>(!::write(go_on_.get(), &one, sizeof one));
}

}  // namespace dialtone::conformance
