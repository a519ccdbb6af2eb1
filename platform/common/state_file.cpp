// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "platform/common/read_file.h"

namespace dialtone {

Descriptor open_state_file(int directory, const char* name, int flags) {
    constexpr int safe = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    Descriptor file(::openat(directory, name, (flags & ~O_TRUNC) | safe, 0600));
    if (!file.is_open()) return file;
    struct stat found = {};
    int number = ::fstat(file.get(), &found) < 0 ? errno : 0;
    if (number == 0 && !S_ISREG(found.st_mode)) number = ENXIO;
    if (number == 0 && (flags & O_TRUNC) != 0 && found.st_size > 0 &&
        ::ftruncate(file.get(), 0) < 0) {
        number = errno;
    }
    if (number == 0) return file;
    file.reset();
    errno = number;
    return file;
}

const char* state_file_words(int number) {
    if (number == ELOOP) return "a symbolic link is in its place";
    if (number == ENXIO || number == EISDIR) return "what is in its place is no file";
    return ::strerror(number);
}

Result<std::string> read_state_file(int directory, const std::string& name, uint32_t limit_bytes) {
    const Descriptor file = open_state_file(directory, name.c_str(), O_RDONLY);
    if (file.is_open()) return read_descriptor(file.get(), limit_bytes);
    return fail(errno == ENOENT ? ErrorCode::not_found : ErrorCode::io, state_file_words(errno));
}

}  // namespace dialtone
