// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/journal_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/limits.h"
#include "platform/common/state_file.h"

namespace dialtone {

std::optional<JournalEntry> JournalTail::take_line() {
    for (;;) {
        const auto end = buffer_.find('\n');
        if (end == std::string::npos) break;
        auto entry = decode_journal_line(std::string_view(buffer_).substr(0, end));
        const bool usable = entry && !passing_over_;
        passing_over_ = false;
        buffer_.erase(0, end + 1);
        if (usable) return std::move(*entry);
    }
    if (buffer_.size() > limits::journal_line_bytes) {
        buffer_.clear();
        passing_over_ = true;
    }
    return std::nullopt;
}

bool JournalTail::read_more() {
    char piece[limits::journal_line_bytes];
    const ssize_t got = ::read(file_.get(), piece, sizeof piece);
    if (got <= 0) return false;
    buffer_.append(piece, static_cast<std::string::size_type>(got));
    return true;
}

bool JournalTail::was_turned_over() const {
    struct stat mine = {};
    struct stat named = {};
    if (::fstat(file_.get(), &mine) < 0 || ::stat(path_.c_str(), &named) < 0) return false;
    return mine.st_ino != named.st_ino || mine.st_dev != named.st_dev;
}

bool JournalTail::was_cut() const {
    struct stat mine = {};
    const off_t at = ::lseek(file_.get(), 0, SEEK_CUR);
    return ::fstat(file_.get(), &mine) == 0 && at > mine.st_size;
}

std::optional<JournalEntry> JournalTail::next() {
    for (;;) {
        if (auto entry = take_line()) return entry;
        if (!file_.is_open()) {
            file_ = open_state_file(AT_FDCWD, path_.c_str(), O_RDONLY);
            if (!file_.is_open()) return std::nullopt;
        }
        if (read_more()) continue;
        if (old_file_) {
            // Read out after it was turned over. A torn line at its end stays unread.
            old_file_ = false;
            passing_over_ = false;
            buffer_.clear();
            file_.reset();
        } else if (was_turned_over()) {
            old_file_ = true;  // something may have been written since the read above
        } else if (was_cut()) {
            buffer_.clear();
            ::lseek(file_.get(), 0, SEEK_SET);
        } else {
            return std::nullopt;
        }
    }
}

}  // namespace dialtone
