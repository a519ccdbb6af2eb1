// SPDX-License-Identifier: Apache-2.0
#include "platform/common/output.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>

#include "agent/harmless_text.h"

namespace dialtone {

bool write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::string_view::size_type>(written));
    }
    return true;
}

std::string one_line(std::string_view text) {
    std::string line;
    while (!text.empty()) {
        const uint32_t bytes = harmless_bytes(text);
        line += bytes > 0 ? text.substr(0, bytes) : "?";
        text.remove_prefix(std::max({bytes, character_bytes(text), 1U}));
    }
    return line;
}

void complain(std::string_view program, std::string_view sentence) {
    std::string line(program);
    line += ": ";
    line += one_line(sentence);
    line += '\n';
    // When standard error cannot be written there is no other place to say so.
    (void)write_all(STDERR_FILENO, line);
}

}  // namespace dialtone
