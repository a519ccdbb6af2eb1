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
uint16_t bind_loopback(Descriptor& socket, uint32_t host = INADDR_LOOPBACK) {
    socket.reset(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(host);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (!socket.is_open() || ::bind(socket.get(), generic, length) < 0) return 0;
    if (::getsockname(socket.get(), generic, &length) < 0) return 0;
    return ntohs(address.sin_port);
}

// Carries datagrams between the sockets and the server, which thinks in ports of its own and in
// numbers of the client's sockets.
class DatagramRelay {
  public:
    DatagramRelay(const TftpBehaviour& behaviour, TftpLog& log, int known)
        : behaviour_(behaviour), log_(log), known_(known) {
        server_.set_behaviour(behaviour.server);
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
               behaviour_.speed_up / 1'000;
    }
    void step();
    int sleep_ms() const;
    void receive(int socket, uint16_t to_port);
    void collect();
    void send_due();
    void update_log();

    const TftpBehaviour& behaviour_;
    TftpLog& log_;
    int known_;
    sim::TftpServer server_ = {};
    std::map<uint16_t, Descriptor> sockets_ = {};  // by the server's own port
    std::vector<sockaddr_in> clients_ = {};        // number 1 is the first
    uint64_t sequence_ = 0;
    std::map<std::pair<uint64_t, uint64_t>, sim::TftpServer::Outgoing> outgoing_ = {};
};

int DatagramRelay::sleep_ms() const {
    std::optional<uint64_t> due = server_.deadline_ms();
    if (!outgoing_.empty()) {
        const uint64_t first_ms = outgoing_.begin()->first.first;
        due = std::min(due.value_or(first_ms), first_ms);
    }
    if (!due) return -1;
    const uint64_t now = now_ms();
    if (*due <= now) return 0;
    return static_cast<int>((*due - now) / behaviour_.speed_up + 1);
}

void DatagramRelay::step() {
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
    // Before the client can have the answer to what is counted here.
    update_log();
    send_due();
}

void DatagramRelay::receive(int socket, uint16_t to_port) {
    uint8_t bytes[2048];
    sockaddr_in from = {};
    socklen_t length = sizeof from;
    auto* client = reinterpret_cast<sockaddr*>(&from);
    const ssize_t count = ::recvfrom(socket, bytes, sizeof bytes, MSG_DONTWAIT, client, &length);
    if (count < 0) return;
    const auto known = std::ranges::find(clients_, from.sin_port, &sockaddr_in::sin_port);
    const auto number = static_cast<RequestId>(known - clients_.begin()) + 1;
    if (known == clients_.end()) clients_.push_back(from);
    server_.receive(now_ms(), number, to_port, {bytes, static_cast<size_t>(count)});
}

void DatagramRelay::collect() {
    while (auto out = server_.next()) {
        Descriptor& socket = sockets_[out->from_port];
        constexpr uint32_t other = INADDR_LOOPBACK + 1;  // sim::tftp_other_address
        if (!socket.is_open())
            bind_loopback(socket, behaviour_.server.from_other_address ? other : INADDR_LOOPBACK);
        const auto key = std::pair(out->at_ms, ++sequence_);
        outgoing_[key] = std::move(*out);
    }
}

void DatagramRelay::send_due() {
    const uint64_t now = now_ms();
    while (!outgoing_.empty() && outgoing_.begin()->first.first <= now) {
        const sim::TftpServer::Outgoing& out = outgoing_.begin()->second;
        const sockaddr_in& to = clients_[out.socket - 1];
        ::sendto(sockets_[out.from_port].get(), out.bytes.data(), out.bytes.size(), 0,
                 reinterpret_cast<const sockaddr*>(&to), sizeof to);
        outgoing_.erase(outgoing_.begin());
    }
}

void DatagramRelay::update_log() {
    log_.requests = static_cast<uint32_t>(server_.requests().size());
    const auto& errors = server_.errors();
    const size_t count = std::min(errors.size(), std::size(log_.errors));
    for (size_t i = 0; i < count; ++i)
        log_.errors[i] = errors[i];
    log_.error_count = static_cast<uint32_t>(count);
}

}  // namespace

TftpService::TftpService() {
    void* shared =
        ::mmap(nullptr, sizeof(TftpLog), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared != MAP_FAILED) log_ = new (shared) TftpLog{};
}

TftpService::~TftpService() {
    if (log_ != nullptr) ::munmap(log_, sizeof(TftpLog));
}

bool TftpService::open(const TftpBehaviour& behaviour) {
    port_ = bind_loopback(known_);
    if (log_ == nullptr || port_ == 0) return false;
    if (behaviour.is_down) {
        known_.reset(-1);
        return true;
    }
    return process_.start([&] { DatagramRelay(behaviour, *log_, known_.get()).run(); });
}

std::string TftpService::errors() const {
    std::string text;
    for (uint32_t i = 0; i < log_->error_count; ++i)
        text += (i == 0 ? "" : " ") + std::to_string(log_->errors[i]);
    return text;
}

}  // namespace dialtone::conformance
