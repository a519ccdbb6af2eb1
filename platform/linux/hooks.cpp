// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <utility>

#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr uint32_t directory_bytes = 4096;
constexpr size_t request_parts = 5;
constexpr uint32_t most_bytes[request_parts] = {
    directory_bytes, limits::generation_bytes, limits::file_name_bytes,
    limits::cwmp_file_type_bytes, limits::file_name_bytes};
constexpr size_t request_head_bytes = request_parts * sizeof(uint32_t);
constexpr size_t answer_head_bytes = 3 * sizeof(uint32_t);

void append_number(std::string& bytes, size_t number) {
    const auto value = static_cast<uint32_t>(number);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

uint32_t number_at(const std::string& bytes, size_t offset) {
    uint32_t value = 0;
    ::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// Blocks until `bytes` is full; false when the other end has gone.
bool read_fully(int socket, std::string& bytes, size_t count) {
    bytes.resize(count);
    size_t filled = 0;
    while (filled < count) {
        const ssize_t got = ::recv(socket, bytes.data() + filled, count - filled, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return false;
        filled += static_cast<size_t>(got);
    }
    return true;
}

bool send_fully(int socket, const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t count =
            ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        sent += static_cast<size_t>(count);
    }
    return true;
}

std::string request_of(const RunHooks& wanted) {
    const std::string* const parts[request_parts] = {&wanted.directory, &wanted.key_lines,
                                                     &wanted.file.stored_name, &wanted.file.type,
                                                     &wanted.file.name};
    std::string request;
    for (const std::string* part : parts)
        append_number(request, part->size());
    for (const std::string* part : parts)
        request += *part;
    return request;
}

Descriptor connect_to(const std::string& path) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (path.size() >= sizeof address.sun_path) return {};
    path.copy(address.sun_path, path.size());
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket.get(), generic, sizeof address) < 0) return {};
    return socket;
}

// Waits for the answer.
HookResult ask_helper(const std::string& path, const RunHooks& wanted) {
    const Descriptor socket = connect_to(path);
    if (!socket.is_open())
        return {0, 1, "the helper at " + path + " cannot be reached: " + ::strerror(errno)};
    std::string head, text;
    if (!send_fully(socket.get(), request_of(wanted)) ||
        !read_fully(socket.get(), head, answer_head_bytes) ||
        number_at(head, 2 * sizeof(uint32_t)) > limits::hook_text_bytes ||
        !read_fully(socket.get(), text, number_at(head, 2 * sizeof(uint32_t)))) {
        return {0, 1, "the helper at " + path + " has not answered"};
    }
    return {number_at(head, 0), number_at(head, sizeof(uint32_t)), std::move(text)};
}

HookResult answer_request(const HookService& service, const RunHooks& wanted) {
    if (wanted.directory.empty() && service.restart != nullptr) {
        const Status told = service.restart();
        return {0, told ? 0U : 1U, told ? "" : told.error().detail};
    }
    const bool hands_over = !wanted.file.stored_name.empty();
    const std::string& own = hands_over ? service.file_directory : service.directory;
    if (own.empty() || wanted.directory != own) {
        return {0, 1, wanted.directory + " is not the hook directory this phone was started with"};
    }
    if (!service.helper.empty()) return ask_helper(service.helper, wanted);
    return hands_over ? run_file_hooks(service, wanted.file) : run_hooks(service, wanted.key_lines);
}

// One request and its answer; false when there will be no more.
bool serve_request(int socket, const HookService& service) {
    std::string head;
    if (!read_fully(socket, head, request_head_bytes)) return false;
    RunHooks wanted;
    std::string* const parts[request_parts] = {&wanted.directory, &wanted.key_lines,
                                               &wanted.file.stored_name, &wanted.file.type,
                                               &wanted.file.name};
    for (size_t index = 0; index < request_parts; ++index) {
        const uint32_t bytes = number_at(head, index * sizeof(uint32_t));
        if (bytes > most_bytes[index]) return false;
        if (!read_fully(socket, *parts[index], bytes)) return false;
    }
    HookResult result = answer_request(service, wanted);
    if (result.first_failure.size() > limits::hook_text_bytes) {
        result.first_failure.resize(limits::hook_text_bytes);
    }
    std::string answer;
    append_number(answer, result.ran);
    append_number(answer, result.failed);
    append_number(answer, result.first_failure.size());
    return send_fully(socket, answer + result.first_failure);
}

}  // namespace

HookClient::HookClient(int socket) : socket_(socket) {
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

void HookClient::start(const RunHooks& wanted) {
    asked_ = true;
    if (!socket_.is_open()) return give_up();
    outgoing_ = request_of(wanted);
    send();
}

void HookClient::send() {
    const ssize_t count = ::send(socket_.get(), outgoing_.data(), outgoing_.size(), MSG_NOSIGNAL);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count < 0) return give_up();
    outgoing_.erase(0, static_cast<size_t>(count));
}

void HookClient::receive() {
    std::array<char, answer_head_bytes + limits::hook_text_bytes> bytes;
    const ssize_t count = ::recv(socket_.get(), bytes.data(), bytes.size(), 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (count <= 0) return give_up();
    incoming_.append(bytes.data(), static_cast<size_t>(count));
    if (incoming_.size() < answer_head_bytes) return;
    const uint32_t text_bytes = number_at(incoming_, 2 * sizeof(uint32_t));
    if (text_bytes > limits::hook_text_bytes) return give_up();
    if (incoming_.size() < answer_head_bytes + text_bytes) return;
    result_ = HookResult{number_at(incoming_, 0), number_at(incoming_, sizeof(uint32_t)),
                         incoming_.substr(answer_head_bytes, text_bytes)};
    incoming_.clear();
}

void HookClient::give_up() {
    outgoing_.clear();
    incoming_.clear();
    socket_.reset();
    if (asked_) result_ = HookResult{0, 1, "the process that runs hooks is gone"};
}

void HookClient::ready() {
    if (socket_.is_open() && !outgoing_.empty()) send();
    if (socket_.is_open()) receive();
}

std::optional<HookResult> HookClient::result() {
    if (!result_) return {};
    asked_ = false;
    return std::exchange(result_, std::nullopt);
}

void serve_hooks(int socket, const HookService& service) {
    while (serve_request(socket, service)) {
    }
}

Status restart_by_helper(const std::string& path) {
    const HookResult result = ask_helper(path, {});
    if (result.failed == 0) return {};
    return fail(ErrorCode::io, result.first_failure);
}

}  // namespace dialtone
