// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/body_source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>

#include "agent/limits.h"
#include "platform/linux/storage.h"

namespace dialtone {

std::string BodySource::open(const TransferBody& body, int directory) {
    close();
    if (body.stored_name.empty()) {
        bytes_ = body.bytes;
        size_bytes_ = bytes_.size();
        return {};
    }
    if (!is_storage_name(body.stored_name)) return "the file to be sent has no proper name";
    file_.reset(::openat(directory, body.stored_name.c_str(),
                         O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY));
    if (!file_.is_open() && errno == ENOENT) return "the file to be sent is not there";
    struct stat status = {};
    if (!file_.is_open() || ::fstat(file_.get(), &status) < 0)
        return std::string("the file to be sent cannot be read: ") + ::strerror(errno);
    if (!S_ISREG(status.st_mode)) return "what is to be sent is no file";
    if (status.st_size > limits::stored_body_bytes) return "the file to be sent is too large";
    size_bytes_ = static_cast<uint64_t>(status.st_size);
    return {};
}

void BodySource::close() {
    file_.reset();
    bytes_ = {};
    size_bytes_ = at_ = 0;
}

int64_t BodySource::read(std::span<char> room) {
    const uint64_t left = size_bytes_ - std::min(at_, size_bytes_);
    const auto count = static_cast<size_t>(std::min<uint64_t>(room.size(), left));
    if (count == 0) return 0;
    if (!file_.is_open()) {
        std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(at_), count, room.begin());
        at_ += count;
        return static_cast<int64_t>(count);
    }
    ssize_t got = 0;
    do {
        got = ::pread(file_.get(), room.data(), count, static_cast<off_t>(at_));
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return -1;
    at_ += static_cast<uint64_t>(got);
    return got;
}

}  // namespace dialtone
