// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/reply_lines.h"
#include "platform/world.h"

namespace dialtone {
namespace {

struct Word {
    std::string_view text;
    CommandKind kind;
    bool takes_hex = false;  // the argument has more than one line and comes in hex digits
};

constexpr Word words[] = {
    {"resync", CommandKind::resync},
    {"confirm", CommandKind::confirm},
    {"set", CommandKind::set},
    {"set-lines", CommandKind::set, true},
    {"stop", CommandKind::stop},
    {"factory-reset", CommandKind::factory_reset},
    {"notify", CommandKind::notify, true},
    {"voice", CommandKind::voice, true},
    {"model", CommandKind::model},
};

constexpr std::string_view lease_word = "lease";

static_assert(limits::control_request_bytes >= 2 * limits::sip_message_bytes + 16);
static_assert(limits::control_request_bytes >= 2 * limits::voice_report_bytes + 16);
static_assert(limits::control_request_bytes >= 2 * limits::lease_file_bytes + 16);

bool may_ask(int socket) {
    ucred peer = {};
    socklen_t length = sizeof peer;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) return false;
    return peer.uid == 0 || peer.uid == ::geteuid();
}

// An answer's first line is one, whatever a reason contains.
std::string one_line(bool ok, std::string_view text) {
    std::string line = ok ? "ok " : "error ";
    line += text;
    for (char& c : line) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    return line + '\n';
}

}  // namespace

Control::Control(Loop& loop, int listener, LeaseBook* leases)
    : loop_(loop), listener_(listener), leases_(leases) {
    if (listener_ < 0) return;
    // A client that leaves before it is accepted must not make accept() wait for the next one.
    ::fcntl(listener_, F_SETFL, ::fcntl(listener_, F_GETFL) | O_NONBLOCK);
    loop_.watch(listener_, EPOLLIN, *this);
}

Control::~Control() {
    loop_.forget(listener_);
    for (const Client& client : clients_)
        loop_.forget(client.socket.get());
}

void Control::accept() {
    Client client;
    client.socket.reset(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    const int socket = client.socket.get();
    if (socket < 0) return;
    if (clients_.size() >= limits::control_clients || !loop_.watch(socket, EPOLLIN, *this)) {
        const std::string line = one_line(false, "too many others are asking, try again");
        static_cast<void>(!::send(socket, line.data(), line.size(), MSG_NOSIGNAL));
        return;
    }
    client.id = ++last_id_;
    const bool allowed = may_ask(socket);
    clients_.push_back(std::move(client));
    if (!allowed) answer(clients_.back(), false, "only root and the agent's own user may ask");
}

void Control::ready(int descriptor, uint32_t events) {
    if (descriptor == listener_) return accept();
    for (Client& client : clients_) {
        if (client.socket.get() != descriptor) continue;
        if (client.stage == Stage::hears) return push(client);
        if (client.stage == Stage::says && (events & EPOLLIN) != 0) return listen_to(client);
        return end(descriptor);  // it hung up before it was answered
    }
}

void Control::listen_to(Client& client) {
    char bytes[2048];
    const ssize_t count = ::recv(client.socket.get(), bytes, sizeof bytes, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return end(client.socket.get());
    client.said.append(bytes, static_cast<size_t>(count));
    const size_t line_bytes = client.said.find('\n');
    if (line_bytes != std::string::npos) return understand(client, line_bytes);
    if (client.said.size() > limits::control_request_bytes) {
        answer(client, false, "the line is too long");
    }
}

void Control::understand(Client& client, size_t line_bytes) {
    client.said.resize(line_bytes);
    if (line_bytes > limits::control_request_bytes) {
        return answer(client, false, "the line is too long");
    }
    const size_t space = client.said.find(' ');
    const std::string command = client.said.substr(0, space);
    client.said.erase(0, space == std::string::npos ? client.said.size() : space + 1);
    if (command == lease_word && leases_ != nullptr) return take_lease(client);
    const auto* word = std::ranges::find(words, command, &Word::text);
    if (word == std::end(words)) return answer(client, false, "there is no such command");
    if (word->takes_hex) {
        const auto bytes = bytes_of_hex(client.said);
        if (!bytes || bytes->empty()) return answer(client, false, command + " takes hex digits");
        client.said.assign(bytes->begin(), bytes->end());
    }
    client.stage = Stage::waits;
    client.command = {.id = client.id, .kind = word->kind};
    client.asks = true;
    // Only EPOLLHUP is of interest now, and epoll reports that unasked.
    loop_.watch(client.socket.get(), 0, *this);
}

void Control::take_lease(Client& client) {
    const auto text = bytes_of_hex(client.said);
    if (!text) return answer(client, false, "lease takes hex digits");
    auto record = parse_lease({reinterpret_cast<const char*>(text->data()), text->size()});
    if (!record)
        return answer(client, false, "the lease cannot be read: " + describe(record.error()));
    const Status taken = leases_->take(std::move(*record));
    answer(client, taken.has_value(), taken ? "the lease is noted" : taken.error().detail);
}

void Control::reply(Reply&& reply) {
    const auto client = std::ranges::find(clients_, reply.id, &Client::id);
    if (client != clients_.end() && client->stage == Stage::waits) {
        answer(*client, reply.ok, reply.text, bounded_lines(std::move(reply.lines)));
    }
}

void Control::answer(Client& client, bool ok, std::string_view text,
                     const std::vector<std::string>& lines) {
    client.stage = Stage::hears;
    client.asks = false;
    client.answer = one_line(ok, text);
    for (const std::string& line : lines)
        ((client.answer += ' ') += line) += '\n';
    if (!lines.empty()) client.answer += "end\n";
    push(client);
}

void Control::push(Client& client) {
    const int socket = client.socket.get();
    const ssize_t count = ::send(socket, client.answer.data(), client.answer.size(), MSG_NOSIGNAL);
    if (count < 0 && errno != EAGAIN && errno != EINTR) return end(socket);
    if (count > 0) client.answer.erase(0, static_cast<size_t>(count));
    if (client.answer.empty() || !loop_.watch(socket, EPOLLOUT, *this)) end(socket);
}

void Control::end(int descriptor) {
    loop_.forget(descriptor);
    std::erase_if(clients_,
                  [descriptor](const Client& client) { return client.socket.get() == descriptor; });
}

bool Control::deliver(Instant now, EventSink& sink) {
    const auto client = std::ranges::find(clients_, true, &Client::asks);
    if (client == clients_.end()) return false;
    client->asks = false;
    const std::string argument = client->said;
    Command command = client->command;
    command.argument = argument;
    sink.take(now, command);
    return true;
}

// A client's deadline counts from the first tick after it connected: accept() has no `now`.
void Control::tick(Instant now) {
    std::vector<int> late;
    for (Client& client : clients_) {
        const bool keeps_us = client.stage != Stage::waits;
        if (keeps_us && !client.has_deadline) client.deadline = now + limits::control_request_ms;
        client.has_deadline = keeps_us;
        if (keeps_us && client.deadline <= now) late.push_back(client.socket.get());
    }
    for (int descriptor : late)
        end(descriptor);
}

std::optional<Instant> Control::deadline() const {
    std::optional<Instant> first;
    for (const Client& client : clients_) {
        if (client.has_deadline && (!first || client.deadline < *first)) first = client.deadline;
    }
    return first;
}

void Control::finish() {
    // answer() removes a client that takes its answer at once, so clients are named by descriptor.
    std::vector<int> silent;
    std::vector<int> asking;
    for (const Client& client : clients_) {
        if (client.stage == Stage::says) silent.push_back(client.socket.get());
        if (client.stage == Stage::waits) asking.push_back(client.socket.get());
    }
    for (int descriptor : silent)
        end(descriptor);
    // Commands that the agent was not given any more, or did not answer before it left.
    for (int descriptor : asking) {
        const auto is_it = [descriptor](const Client& client) {
            return client.socket.get() == descriptor;
        };
        answer(*std::ranges::find_if(clients_, is_it), false,
               "the agent is leaving; try again in a moment");
    }
    while (!clients_.empty()) {
        pollfd wait = {clients_.front().socket.get(), POLLOUT, 0};
        if (::poll(&wait, 1, limits::control_reply_ms) <= 0) {
            end(wait.fd);
        } else {
            push(clients_.front());
        }
    }
}

}  // namespace dialtone
