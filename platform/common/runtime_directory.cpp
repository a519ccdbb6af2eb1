// SPDX-License-Identifier: Apache-2.0
#include "platform/common/runtime_directory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/digest.h"
#include "agent/hex.h"

namespace dialtone {
namespace {

constexpr uint32_t name_digits = 16;

}  // namespace

std::string runtime_directory(uint32_t uid, std::string_view xdg_runtime_dir) {
    if (uid == 0) return system_runtime_directory;
    std::string directory(xdg_runtime_dir.starts_with('/') ? xdg_runtime_dir : "/tmp");
    return directory + "/dialtone-" + std::to_string(uid);
}

std::string runtime_directory() {
    const char* service = ::getenv("RUNTIME_DIRECTORY");
    if (service != nullptr && *service == '/') return service;
    const char* xdg = ::getenv("XDG_RUNTIME_DIR");
    return runtime_directory(::geteuid(), xdg == nullptr ? "" : xdg);
}

Status make_runtime_directory(const std::string& directory) {
    const auto words = [&](std::string_view what) {
        return "runtime directory " + directory + ": " + std::string(what);
    };
    if (::mkdir(directory.c_str(), 0700) < 0 && errno != EEXIST) {
        return fail(ErrorCode::io, words(::strerror(errno)));
    }
    struct stat found = {};
    if (::lstat(directory.c_str(), &found) < 0) {
        return fail(ErrorCode::io, words(::strerror(errno)));
    }
    if (!S_ISDIR(found.st_mode)) return fail(ErrorCode::io, words("is no directory"));
    const bool is_own = found.st_uid == ::geteuid();
    const bool is_service = ::geteuid() == 0 && directory == system_runtime_directory;
    if (!is_own && !is_service) return fail(ErrorCode::io, words("belongs to somebody else"));
    if ((found.st_mode & 022) != 0) return fail(ErrorCode::io, words("others may write to it"));
    return {};
}

std::string runtime_name(std::string_view real_path) {
    return hex_of(sha256_of(real_path)).substr(0, name_digits);
}

Result<std::string> control_socket_path(std::string_view directory, std::string_view real_path) {
    std::string path(directory);
    path += '/';
    path += runtime_name(real_path);
    path += ".control";
    if (path.size() >= sizeof(sockaddr_un::sun_path)) {
        return fail(ErrorCode::too_big, "the control socket's path " + path + " is too long");
    }
    return path;
}

}  // namespace dialtone
