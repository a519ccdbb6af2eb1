// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/control_client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <utility>
#include <vector>

#include "agent/limits.h"
#include "agent/text.h"
#include "platform/common/descriptor.h"
#include "platform/common/runtime_directory.h"
#include "platform/common/state_directory.h"

namespace dialtone {
namespace {

constexpr uint32_t answer_bytes =
    limits::control_request_bytes + limits::reply_lines * (limits::reply_line_bytes + 2);
constexpr std::string_view end_of_lines = "end";

std::unexpected<Error> fail_with(std::string_view what, int number) {
    return fail(ErrorCode::io, std::string(what) + ": " + ::strerror(number));
}

uint64_t now_ms() {
    timespec now = {};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<uint64_t>(now.tv_sec) * 1000 +
           static_cast<uint64_t>(now.tv_nsec) / 1'000'000;
}

// The user the daemon was started by; the caller's own when there is no lock file.
uint32_t owner_of(const std::string& state_directory) {
    struct stat lock = {};
    if (::lstat((state_directory + "/lock").c_str(), &lock) < 0) return ::geteuid();
    return lock.st_uid;
}

std::vector<std::string> runtime_directories(uint32_t uid) {
    if (uid == ::geteuid()) return {runtime_directory(), system_runtime_directory};
    return {system_runtime_directory, runtime_directory(uid, "/run/user/" + std::to_string(uid)),
            runtime_directory(uid, "")};
}

Result<Descriptor> connect_to(const std::string& path) {
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!socket.is_open()) return fail_with("the control socket", errno);
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return fail(ErrorCode::too_big, "the control socket's path is too long");
    }
    path.copy(address.sun_path, path.size());
    const auto* generic = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(socket.get(), generic, sizeof address) == 0) return socket;
    return fail_with("the control socket " + path, errno);
}

Status send_line(const Descriptor& socket, std::string_view line) {
    while (!line.empty()) {
        const ssize_t sent = ::send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        // A daemon that refuses a client answers and hangs up without reading: read its answer.
        if (sent < 0 && errno == EPIPE) return {};
        if (sent < 0) return fail_with("the daemon cannot be told", errno);
        line.remove_prefix(static_cast<std::string_view::size_type>(sent));
    }
    return {};
}

// All that the daemon says before it hangs up.
Result<std::string> receive_answer(const Descriptor& socket, uint32_t wait_ms) {
    const uint64_t end_ms = now_ms() + wait_ms;
    std::string answer;
    while (answer.size() <= answer_bytes) {
        const uint64_t at_ms = now_ms();
        pollfd wait = {socket.get(), POLLIN, 0};
        const int left_ms = at_ms < end_ms ? static_cast<int>(end_ms - at_ms) : 0;
        const int ready = ::poll(&wait, 1, left_ms);
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0) return fail(ErrorCode::io, "the daemon has not answered in time");
        char piece[512];
        const ssize_t got = ::recv(socket.get(), piece, sizeof piece, 0);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0 && answer.ends_with('\n')) return answer;
        if (got <= 0) return fail(ErrorCode::io, "the daemon left without an answer");
        answer.append(piece, static_cast<std::string::size_type>(got));
    }
    return fail(ErrorCode::too_big, "the daemon's answer does not end");
}

// What stands behind the first line. control.h says how.
Result<std::vector<std::string>> read_lines(std::string_view text) {
    std::vector<std::string> lines;
    if (text.empty()) return lines;
    while (!text.empty()) {
        const std::string_view line = take_piece(text, '\n');
        if (line == end_of_lines && text.empty()) return lines;
        if (!line.starts_with(' ')) break;
        lines.emplace_back(line.substr(1));
    }
    return fail(ErrorCode::io, "the daemon left in the middle of its answer");
}

}  // namespace

Result<std::string> find_control_socket(const std::string& state_directory) {
    const std::string real_path = TRY(real_path_to_be(state_directory));
    std::string first;
    for (const std::string& directory : runtime_directories(owner_of(state_directory))) {
        auto path = TRY(control_socket_path(directory, real_path));
        if (::access(path.c_str(), F_OK) == 0) return path;
        if (first.empty()) first = std::move(path);
    }
    return first;
}

Result<ControlAnswer> ask_daemon(const std::string& path, std::string_view word,
                                 std::string_view argument, uint32_t wait_ms) {
    if (argument.find_first_of("\n\r") != std::string_view::npos) {
        return fail(ErrorCode::bad_usage, "a value of more than one line cannot be set");
    }
    std::string line(word);
    if (!argument.empty()) line += " " + std::string(argument);
    if (line.size() > limits::control_request_bytes) {
        return fail(ErrorCode::too_big, "the value is longer than the control socket takes");
    }
    const Descriptor socket = TRY(connect_to(path));
    TRY(send_line(socket, line + "\n"));
    const std::string answer = TRY(receive_answer(socket, wait_ms));
    std::string_view rest = answer;
    const std::string said(take_piece(rest, '\n'));
    auto lines = TRY(read_lines(rest));
    if (said.starts_with("ok"))
        return ControlAnswer{true, said.size() > 3 ? said.substr(3) : "", std::move(lines)};
    static constexpr std::string_view error_word = "error ";
    if (said.starts_with(error_word))
        return ControlAnswer{false, said.substr(error_word.size()), std::move(lines)};
    return fail(ErrorCode::io, "the daemon's answer cannot be understood");
}

}  // namespace dialtone
