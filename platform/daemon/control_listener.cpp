// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/control_listener.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/limits.h"

namespace dialtone {
namespace {

std::unexpected<Error> fail_about(const std::string& path, int number) {
    return fail(ErrorCode::io, "control socket " + path + ": " + ::strerror(number));
}

// Between the kernel's making the name and a chmod() others could connect: hence the mask.
int bind_privately(int socket, const sockaddr_un& address) {
    const mode_t before = ::umask(0177);
    const int bound = ::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int number = errno;
    ::umask(before);
    errno = number;
    return bound;
}

}  // namespace

Result<ControlListener> ControlListener::at(const std::string& path,
                                            std::optional<uint32_t> owner) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) {
        return fail(ErrorCode::too_big, "control socket " + path + ": the path is too long");
    }
    path.copy(address.sun_path, path.size());
    ControlListener listener;
    listener.socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!listener.socket_.is_open()) return fail_about(path, errno);
    struct stat found = {};
    if (::lstat(path.c_str(), &found) == 0 && !S_ISSOCK(found.st_mode))
        return fail(ErrorCode::io,
                    "control socket " + path + ": what is in its place is no socket");
    if (::unlink(path.c_str()) < 0 && errno != ENOENT) return fail_about(path, errno);
    if (bind_privately(listener.socket_.get(), address) < 0) return fail_about(path, errno);
    listener.path_ = path;
    const bool owned = !owner || ::lchown(path.c_str(), *owner, static_cast<gid_t>(-1)) == 0;
    if (owned && ::listen(listener.socket_.get(), limits::control_clients) == 0) return listener;
    const int number = errno;
    listener.remove();
    return fail_about(path, number);
}

Result<ControlListener> ControlListener::unreachable() {
    ControlListener listener;
    listener.socket_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sa_family_t family = AF_UNIX;  // alone: the kernel draws an abstract name
    const auto* address = reinterpret_cast<const sockaddr*>(&family);
    if (!listener.socket_.is_open() || ::bind(listener.socket_.get(), address, sizeof family) < 0 ||
        ::listen(listener.socket_.get(), limits::control_clients) < 0) {
        return fail_about("without a name", errno);
    }
    return listener;
}

Result<Descriptor> ControlListener::say_stop() const {
    static constexpr std::string_view words = "stop\n";
    sockaddr_un address = {};
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size_bytes = sizeof address;
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.is_open() || ::getsockname(socket_.get(), generic, &size_bytes) < 0 ||
        ::connect(socket.get(), generic, size_bytes) < 0 ||
        ::send(socket.get(), words.data(), words.size(), MSG_NOSIGNAL) < 0) {
        return fail_about(path_, errno);
    }
    return socket;
}

void ControlListener::remove() {
    socket_.reset();
    if (!path_.empty()) ::unlink(path_.c_str());
    path_.clear();
}

}  // namespace dialtone
