// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <algorithm>
#include <utility>

#include "agent/limits.h"
#include "platform/world.h"

namespace dialtone {
namespace {

bool read_literal(const std::string& text, Address& address) {
    if (::inet_pton(AF_INET, text.c_str(), address.octets) == 1) {
        address.octet_count = 4;
        return true;
    }
    if (::inet_pton(AF_INET6, text.c_str(), address.octets) == 1) {
        address.octet_count = 16;
        return true;
    }
    return false;
}

std::vector<Address> addresses_of(const ares_addrinfo* answer) {
    std::vector<Address> addresses;
    for (const ares_addrinfo_node* node = answer->nodes; node != nullptr; node = node->ai_next) {
        Address address;
        if (node->ai_family == AF_INET) {
            const auto* four = reinterpret_cast<const sockaddr_in*>(node->ai_addr);
            ::memcpy(address.octets, &four->sin_addr, 4);
            address.octet_count = 4;
        } else if (node->ai_family == AF_INET6) {
            const auto* six = reinterpret_cast<const sockaddr_in6*>(node->ai_addr);
            ::memcpy(address.octets, &six->sin6_addr, 16);
            address.octet_count = 16;
        } else {
            continue;
        }
        addresses.push_back(address);
        if (addresses.size() >= limits::addresses_per_name) break;
    }
    return addresses;
}

}  // namespace

Resolver::~Resolver() {
    close_channel();
}

void Resolver::on_socket(void* resolver, int descriptor, int readable, int writable) {
    auto& self = *static_cast<Resolver*>(resolver);
    const auto known = std::ranges::find(self.descriptors_, descriptor);
    if (readable == 0 && writable == 0) {
        self.loop_.forget(descriptor);
        if (known != self.descriptors_.end()) self.descriptors_.erase(known);
        return;
    }
    const uint32_t events =
        (readable != 0 ? uint32_t{EPOLLIN} : 0U) | (writable != 0 ? uint32_t{EPOLLOUT} : 0U);
    if (self.loop_.watch(descriptor, events, self) && known == self.descriptors_.end()) {
        self.descriptors_.push_back(descriptor);
    }
}

bool Resolver::open_channel() {
    if (channel_ != nullptr) return true;
    ares_options options = {};
    options.sock_state_cb = &Resolver::on_socket;
    options.sock_state_cb_data = this;
    if (::ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS) return false;
    if (::ares_init_options(&channel_, &options, ARES_OPT_SOCK_STATE_CB) != ARES_SUCCESS) {
        channel_ = nullptr;
        ::ares_library_cleanup();
        return false;
    }
    if (!servers_.empty()) ::ares_set_servers_csv(channel_, servers_.c_str());
    return true;
}

void Resolver::close_channel() {
    if (channel_ == nullptr) return;
    // Its last words go to on_socket() and on_answer().
    ::ares_destroy(std::exchange(channel_, nullptr));
    ::ares_library_cleanup();
    for (int descriptor : descriptors_)
        loop_.forget(descriptor);
    descriptors_.clear();
    due_.reset();
}

void Resolver::resolve(const Resolve& wanted) {
    Question& question = questions_.emplace_back(Question{.id = wanted.id, .name = wanted.name});
    Address address;
    if (read_literal(wanted.name, address)) {
        question.addresses.push_back(address);
        question.answered = true;
        return;
    }
    if (questions_.size() > limits::resolves || !open_channel()) {
        question.reason = "too many names are being asked for";
        question.answered = true;
        return;
    }
    ares_addrinfo_hints hints = {};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_DGRAM;
    ::ares_getaddrinfo(channel_, question.name.c_str(), nullptr, &hints, &Resolver::on_answer,
                       &question);
    timer_is_stale_ = true;
}

void Resolver::on_answer(void* question, int status, int, ares_addrinfo* answer) {
    auto& self = *static_cast<Question*>(question);
    if (status == ARES_SUCCESS) self.addresses = addresses_of(answer);
    if (self.addresses.empty()) {
        const char* words = status == ARES_SUCCESS ? "it has no address" : ::ares_strerror(status);
        self.reason = "the name " + self.name + " could not be resolved: " + words;
    }
    if (answer != nullptr) ::ares_freeaddrinfo(answer);
    self.answered = true;
}

void Resolver::ready(int descriptor, uint32_t events) {
    ares_fd_events_t event = {descriptor, ARES_FD_EVENT_NONE};
    unsigned wanted = ARES_FD_EVENT_NONE;
    // An error shows itself by the read or write that meets it.
    if ((events & ~uint32_t{EPOLLOUT}) != 0) wanted |= ARES_FD_EVENT_READ;
    if ((events & EPOLLOUT) != 0) wanted |= ARES_FD_EVENT_WRITE;
    event.events = wanted;
    ::ares_process_fds(channel_, &event, 1, ARES_PROCESS_FLAG_NONE);
    timer_is_stale_ = true;
}

void Resolver::set_timer(Instant now) {
    timer_is_stale_ = false;
    timeval wait = {};
    due_.reset();
    if (::ares_timeout(channel_, nullptr, &wait) == nullptr) return;
    // Rounded up: c-ares counts microseconds, and one too early would be asked again and again.
    const auto wait_us =
        static_cast<uint64_t>(wait.tv_sec) * 1000000 + static_cast<uint64_t>(wait.tv_usec);
    due_ = now + (wait_us + 999) / 1000;
}

void Resolver::tick(Instant now) {
    if (channel_ == nullptr) return;
    if (due_ && *due_ <= now) {
        ::ares_process_fds(channel_, nullptr, 0, ARES_PROCESS_FLAG_NONE);
        timer_is_stale_ = true;
    }
    if (std::ranges::all_of(questions_, &Question::answered)) return close_channel();
    if (timer_is_stale_) set_timer(now);
}

bool Resolver::deliver(Instant now, EventSink& sink) {
    const auto found = std::ranges::find_if(questions_, &Question::answered);
    if (found == questions_.end()) return false;
    const Question question = std::move(*found);
    questions_.erase(found);
    sink.take(now, Resolved{question.id, question.addresses, question.reason});
    return true;
}

}  // namespace dialtone
