// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/tftp_service.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <map>
#include <new>
#include <optional>
#include <utility>
#include <vector>

namespace dialtone::conformance {
namespace {

constexpr uint16_t known_port = 69;

// A socket on a port that the system chooses; the port.
uint16_t bind_loopback(Descriptor& socket) {
    socket.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!socket.is_open() || ::bind(socket.get(), generic, length) < 0) return 0;
    if (::getsockname(socket.get(), generic, &length) < 0) return 0;
    return ntohs(address.sin_port);
}

// Carries datagrams between the sockets and the server, which thinks in ports of its own and in
// numbers of the client's sockets.
class Carrier {
  public:
    Carrier(const TftpBehaviour& behaviour, TftpDiary& diary, int known)
        : behaviour_(behaviour), diary_(diary), known_(known) {
        server_.set_manners(behaviour.manners);
        if (behaviour.error >= 0) {
            server_.put_error(tftp_file, static_cast<uint16_t>(behaviour.error), "no");
        } else {
            server_.put(tftp_file, tftp_body(behaviour.body_bytes));
        }
    }
    void run() {
        for (;;)
            step();
    }

  private:
    uint64_t now_ms() const {
        timespec now = {};
        ::clock_gettime(CLOCK_MONOTONIC, &now);
        return (static_cast<uint64_t>(now.tv_sec) * 1'000'000 +
                static_cast<uint64_t>(now.tv_nsec) / 1'000) *
               behaviour_.hurry / 1'000;
    }
    void step();
    int sleep_ms() const;
    void receive(int socket, uint16_t to_port);
    void collect();
    void send_due();
    void keep_diary();

    const TftpBehaviour& behaviour_;
    TftpDiary& diary_;
    int known_;
    sim::TftpServer server_ = {};
    std::map<uint16_t, Descriptor> sockets_ = {};  // by the server's own port
    std::vector<sockaddr_in> clients_ = {};        // number 1 is the first
    uint64_t sequence_ = 0;
    std::map<std::pair<uint64_t, uint64_t>, sim::TftpServer::Outgoing> coming_ = {};
};

int Carrier::sleep_ms() const {
    std::optional<uint64_t> due = server_.deadline_ms();
    if (!coming_.empty()) {
        const uint64_t first_ms = coming_.begin()->first.first;
        due = std::min(due.value_or(first_ms), first_ms);
    }
    if (!due) return -1;
    const uint64_t now = now_ms();
    if (*due <= now) return 0;
    return static_cast<int>((*due - now) / behaviour_.hurry + 1);
}

void Carrier::step() {
    std::vector<pollfd> watched = {{known_, POLLIN, 0}};
    std::vector<uint16_t> ports = {known_port};
    for (const auto& [port, socket] : sockets_) {
        watched.push_back({socket.get(), POLLIN, 0});
        ports.push_back(port);
    }
    ::poll(watched.data(), watched.size(), sleep_ms());
    for (size_t i = 0; i < watched.size(); ++i) {
        if (watched[i].revents != 0) receive(watched[i].fd, ports[i]);
    }
    const auto due = server_.deadline_ms();
    if (due && *due <= now_ms()) server_.tick(now_ms());
    collect();
    send_due();
    keep_diary();
}

void Carrier::receive(int socket, uint16_t to_port) {
    uint8_t bytes[2048];
    sockaddr_in from = {};
    socklen_t length = sizeof from;
    auto* client = reinterpret_cast<sockaddr*>(&from);
    const ssize_t count = ::recvfrom(socket, bytes, sizeof bytes, MSG_DONTWAIT, client, &length);
    if (count < 0) return;
    const auto known = std::ranges::find(clients_, from.sin_port, &sockaddr_in::sin_port);
    const auto number = static_cast<RequestId>(known - clients_.begin()) + 1;
    if (known == clients_.end()) clients_.push_back(from);
    server_.take(now_ms(), number, to_port, {bytes, static_cast<size_t>(count)});
}

void Carrier::collect() {
    while (auto out = server_.next()) {
        Descriptor& socket = sockets_[out->from_port];
        if (!socket.is_open()) bind_loopback(socket);
        const auto key = std::pair(out->at_ms, ++sequence_);
        coming_[key] = std::move(*out);
    }
}

void Carrier::send_due() {
    const uint64_t now = now_ms();
    while (!coming_.empty() && coming_.begin()->first.first <= now) {
        const sim::TftpServer::Outgoing& out = coming_.begin()->second;
        const sockaddr_in& to = clients_[out.socket - 1];
        ::sendto(sockets_[out.from_port].get(), out.bytes.data(), out.bytes.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), sizeof to);
        coming_.erase(coming_.begin());
    }
}

void Carrier::keep_diary() {
    diary_.requests = static_cast<uint32_t>(server_.requests().size());
    const auto& errors = server_.errors();
    const size_t count = std::min(errors.size(), std::size(diary_.errors));
    for (size_t i = 0; i < count; ++i)
        diary_.errors[i] = errors[i];
    diary_.error_count = static_cast<uint32_t>(count);
}

}  // namespace

TftpService::TftpService() {
    void* shared = ::mmap(nullptr, sizeof(TftpDiary), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED) diary_ = new (shared) TftpDiary{};
}

TftpService::~TftpService() {
    if (diary_ != nullptr) ::munmap(diary_, sizeof(TftpDiary));
}

bool TftpService::open(const TftpBehaviour& behaviour) {
    port_ = bind_loopback(known_);
    if (diary_ == nullptr || port_ == 0) return false;
    if (behaviour.is_down) {
        known_.reset(-1);
        return true;
    }
    return process_.start([&] { Carrier(behaviour, *diary_, known_.get()).run(); });
}

std::string TftpService::errors() const {
    std::string text;
    for (uint32_t i = 0; i < diary_->error_count; ++i)
        text += (i == 0 ? "" : " ") + std::to_string(diary_->errors[i]);
    return text;
}

}  // namespace dialtone::conformance
