// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/misbehaving_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <algorithm>
#include <new>
#include <string>
#include <string_view>

#include "tests/conformance/credentials.h"
#include "tests/conformance/ftp_service.h"
#include "tests/conformance/wire.h"

namespace dialtone::conformance {
namespace {

constexpr size_t refusal_bytes = 12;  // of the page that comes with a 401
constexpr uint32_t first_nonce = 1000;

// One conversation at a time, until the client of the test ends.
class Service {
  public:
    Service(const Behaviour& behaviour, ServerDiary& diary, int go_on)
        : behaviour_(behaviour), diary_(diary), go_on_(go_on) {}

    void run(int listener);

  private:
    void converse(Wire& wire);
    std::string read_request(Wire& wire);
    bool is_content(const std::string& request) const;
    std::string challenge() const;
    bool demand_credentials(Wire& wire, const std::string& request);
    bool answer(Wire& wire);
    bool misbehave(Wire& wire);
    bool answer_properly(Wire& wire);
    bool send_body(Wire& wire);
    bool finish(Wire& wire);
    bool send(Wire& wire, std::string_view text);
    void wait();
    std::string head() const;

    const Behaviour& behaviour_;
    ServerDiary& diary_;
    int go_on_;
    uint32_t nonce_ = first_nonce;
};

void Service::run(int listener) {
    TlsServer tls;
    const bool is_tls = behaviour_.certificate != Certificate::none &&
                        behaviour_.certificate != Certificate::missing;
    if (is_tls && !tls.load(behaviour_)) return;
    for (;;) {
        const int socket = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) continue;
        ++diary_.connections;
        Wire wire(socket, is_tls ? &tls : nullptr, diary_.is_blocked);
        if (wire.shake_hands()) converse(wire);
    }
}

std::string Service::read_request(Wire& wire) {
    std::string request;
    while (request.find("\r\n\r\n") == std::string::npos) {
        const std::string some = wire.read();
        if (some.empty()) return {};
        request += some;
        if (behaviour_.certificate == Certificate::missing) break;  // what came was TLS
    }
    const size_t kept = request.copy(diary_.last_request, sizeof diary_.last_request - 1);
    diary_.last_request[kept] = '\0';
    ++diary_.requests;
    return request;
}

void Service::converse(Wire& wire) {
    for (;;) {
        const std::string request = read_request(wire);
        if (request.empty()) return;
        if (demand_credentials(wire, request)) continue;
        const bool stays = answer(wire);
        ++diary_.answers;
        if (!stays) return;
    }
}

bool Service::is_content(const std::string& request) const {
    switch (behaviour_.demand) {
        case Demand::nothing:
            return true;
        case Demand::basic:
            return has_basic_credentials(request);
        case Demand::digest:
        case Demand::digest_stale:
        case Demand::digest_forgetful:
            return has_digest_credentials(request, nonce_);
        case Demand::unknown_scheme:
            return false;
    }
    return false;
}

std::string Service::challenge() const {
    const bool is_stale = behaviour_.demand == Demand::digest_stale && nonce_ > first_nonce;
    if (behaviour_.demand == Demand::basic) return "Basic realm=\"files\"";
    if (behaviour_.demand == Demand::unknown_scheme) return "Riddle realm=\"files\"";
    return digest_challenge(nonce_, is_stale);
}

// True when the request was answered with a 401.
bool Service::demand_credentials(Wire& wire, const std::string& request) {
    if (is_content(request)) {
        if (behaviour_.demand != Demand::digest) ++nonce_;
        return false;
    }
    std::string answer = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " + challenge();
    answer += "\r\nContent-Length: " + std::to_string(refusal_bytes) + "\r\n\r\n";
    wire.write(answer + std::string(refusal_bytes, 'x'));
    return true;
}

void Service::wait() {
    diary_.waits = true;
    uint64_t count = 0;
    static_cast<void>(!::read(go_on_, &count, sizeof count));
}

bool Service::send(Wire& wire, std::string_view text) {
    if (!behaviour_.drips) return wire.write(text);
    for (char c : text) {
        if (!wire.write({&c, 1})) return false;
    }
    return true;
}

std::string Service::head() const {
    std::string text = "HTTP/1.1 " + std::to_string(behaviour_.status) + " So it is\r\n";
    for (char c : behaviour_.fields)
        text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    if (behaviour_.framing == Framing::chunked) text += "Transfer-Encoding: chunked\r\n";
    if (behaviour_.framing == Framing::length) {
        const bool claims = behaviour_.claimed_bytes >= 0;
        const int64_t length = claims ? behaviour_.claimed_bytes : behaviour_.body_bytes;
        text += "Content-Length: " + std::to_string(length) + "\r\n";
    }
    return text + "\r\n";
}

// Each gives whether the connection stays.
bool Service::answer(Wire& wire) {
    if (behaviour_.interim_first) {
        send(wire, "HTTP/1.1 100 Continue\r\n\r\n");
        send(wire, "HTTP/1.1 103 Early Hints\r\nLink: </early>\r\nContent-Length: 7\r\n\r\n");
    }
    if (behaviour_.manner == Manner::waits) wait();
    const bool is_proper =
        behaviour_.manner == Manner::proper || behaviour_.manner == Manner::waits;
    return is_proper ? answer_properly(wire) : misbehave(wire);
}

bool Service::misbehave(Wire& wire) {
    const std::string_view start = "HTTP/1.1 200 OK\r\n";
    switch (behaviour_.manner) {
        case Manner::cut:
            send(wire, "HTTP/1.1 200 OK\r\nContent-Le");
            break;
        case Manner::field_without_colon:
            send(wire, "HTTP/1.1 200 OK\r\nthis is no field\r\nContent-Length: 0\r\n\r\n");
            break;
        case Manner::bad_length:
            send(wire, "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nxxxx");
            break;
        case Manner::two_lengths:
            send(wire, "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 2\r\n\r\nxxxx");
            break;
        case Manner::http_0_9:
            send(wire, "xxxxxxxxxxxxxxxx\n");
            break;
        case Manner::not_http:
            send(wire, "220 files.test FTP server ready\r\n");
            break;
        case Manner::endless_fields:
            send(wire, start);
            while (send(wire, "X-Filler: " + std::string(1000, 'x') + "\r\n")) {
            }
            break;
        case Manner::endless_line:
            send(wire, "HTTP/1.1 200 OK\r\nX-Filler: ");
            while (send(wire, std::string(1000, 'x'))) {
            }
            break;
        default:
            break;
    }
    return false;
}

bool Service::answer_properly(Wire& wire) {
    if (!send(wire, head())) return false;
    if (behaviour_.framing != Framing::nothing && !send_body(wire)) return false;
    return finish(wire);
}

bool Service::send_body(Wire& wire) {
    constexpr uint32_t piece_bytes = 1500;
    for (uint32_t sent = 0; sent < behaviour_.body_bytes;) {
        const uint32_t size_bytes = std::min(piece_bytes, behaviour_.body_bytes - sent);
        std::string piece(size_bytes, 'x');
        if (behaviour_.framing == Framing::chunked) {
            char size[16];
            ::snprintf(size, sizeof size, "%x\r\n", size_bytes);
            piece.insert(0, size).append("\r\n");
        }
        if (!send(wire, piece)) return false;
        sent += size_bytes;
    }
    return true;
}

bool Service::finish(Wire& wire) {
    switch (behaviour_.after) {
        case After::ends:
            return behaviour_.framing != Framing::chunked || send(wire, "0\r\n\r\n");
        case After::closes:
            wire.say_goodbye();
            break;
        case After::drops:
            break;
        case After::resets:
            wait();
            wire.reset();
            break;
        case After::waits:
            wait();
            break;
        case After::endless:
            while (send(wire, std::string(1000, 'x'))) {
            }
            break;
        case After::breaks:
            send(wire, "this is no chunk\r\n");
            break;
    }
    return false;
}

}  // namespace

MisbehavingServer::MisbehavingServer() {
    void* shared = ::mmap(nullptr, sizeof(ServerDiary), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED) diary_ = new (shared) ServerDiary{};
    go_on_.reset(::eventfd(0, EFD_CLOEXEC));
}

MisbehavingServer::~MisbehavingServer() {
    if (diary_ != nullptr) ::munmap(diary_, sizeof(ServerDiary));
}

bool MisbehavingServer::listen(Door door) {
    listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!listener_.is_open() || ::bind(listener_.get(), generic, length) < 0) return false;
    if (::getsockname(listener_.get(), generic, &length) < 0) return false;
    port_ = ntohs(address.sin_port);
    if (door == Door::refused) return true;  // the port is taken, and nobody listens
    if (::listen(listener_.get(), door == Door::mute ? 0 : 8) < 0) return false;
    if (door != Door::mute) return true;
    // A queue of length 0 has room for one connection; who comes then gets no answer at all.
    for (Descriptor& filler : fillers_) {
        filler.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
        if (!filler.is_open()) return false;
        if (::connect(filler.get(), generic, length) < 0 && errno != EINPROGRESS) return false;
    }
    return true;
}

bool MisbehavingServer::open(const Behaviour& behaviour) {
    if (diary_ == nullptr || !listen(behaviour.door)) return false;
    const bool serves = behaviour.door != Door::refused && behaviour.door != Door::mute &&
                        behaviour.door != Door::mute_after_connect;
    if (!serves) return true;
    return process_.start([&] {
        if (behaviour.protocol == Protocol::ftp) {
            serve_ftp(behaviour, *diary_, go_on_.get(), listener_.get());
        } else {
            Service(behaviour, *diary_, go_on_.get()).run(listener_.get());
        }
    });
}

void MisbehavingServer::go_on() {
    diary_->waits = false;
    const uint64_t one = 1;
    static_cast<void>(!::write(go_on_.get(), &one, sizeof one));
}

}  // namespace dialtone::conformance
