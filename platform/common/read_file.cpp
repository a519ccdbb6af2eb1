// SPDX-License-Identifier: Apache-2.0
#include "platform/common/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "platform/common/descriptor.h"

namespace dialtone {
namespace {

std::unexpected<Error> fail_with_errno(int number) {
    const auto code = number == ENOENT ? ErrorCode::not_found : ErrorCode::io;
    return fail(code, ::strerror(number));
}

}  // namespace

// Reads to the end, or to one byte over the limit, which is enough to know.
Result<std::string> read_descriptor(int descriptor, uint32_t limit_bytes) {
    std::string content;
    char piece[4096];
    while (content.size() <= limit_bytes) {
        const ssize_t got = ::read(descriptor, piece, sizeof piece);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_with_errno(errno);
        if (got == 0) return content;
        content.append(piece, static_cast<std::string::size_type>(got));
    }
    return fail(ErrorCode::too_big, "is bigger than " + std::to_string(limit_bytes) + " bytes");
}

Result<std::string> read_file(const std::string& path, uint32_t limit_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.is_open()) return fail_with_errno(errno);
    return read_descriptor(file.get(), limit_bytes);
}

Result<std::string> read_file_at_once(const std::string& path, uint32_t limit_bytes) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file.is_open()) return fail_with_errno(errno);
    return read_descriptor(file.get(), limit_bytes);
}

}  // namespace dialtone
