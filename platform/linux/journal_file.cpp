// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/journal_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "agent/limits.h"
#include "agent/store/durable_files.h"
#include "platform/common/state_file.h"

namespace dialtone {
namespace {

constexpr const char* current = durable_name(DurableKind::journal, 0).data();
constexpr const char* former = durable_name(DurableKind::journal, 1).data();

}  // namespace

void JournalFile::open() {
    file_ = open_state_file(directory_, current, O_RDWR | O_APPEND | O_CREAT);
    struct stat status = {};
    if (!file_.is_open()) return;
    if (::fstat(file_.get(), &status) < 0) return file_.reset();
    size_bytes_ = static_cast<uint64_t>(status.st_size);
    char last = '\n';
    if (size_bytes_ > 0) {
        static_cast<void>(!::pread(file_.get(), &last, 1, static_cast<off_t>(size_bytes_ - 1)));
    }
    torn_ = last != '\n';
}

// False when the file was removed, for instance with all of the state directory: a new one is made.
bool JournalFile::is_still_named() const {
    struct stat status = {};
    return file_.is_open() && ::fstat(file_.get(), &status) == 0 && status.st_nlink > 0;
}

bool JournalFile::append(const JournalLine& line) {
    if (directory_ < 0) return true;
    std::string text = encode_journal_line(line);
    if (!is_still_named()) open();
    if (file_.is_open() && size_bytes_ + text.size() + 1 > limits::journal_file_bytes) {
        ::renameat(directory_, current, directory_, former);
        open();
    }
    if (!file_.is_open()) return false;
    if (torn_) text.insert(text.begin(), '\n');
    const ssize_t count = ::write(file_.get(), text.data(), text.size());
    if (count <= 0) return false;
    size_bytes_ += static_cast<uint64_t>(count);
    torn_ = static_cast<size_t>(count) != text.size();
    return !torn_;
}

}  // namespace dialtone
