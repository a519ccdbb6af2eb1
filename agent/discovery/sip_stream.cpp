// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sip_stream.h"

#include <algorithm>
#include <string_view>

#include "agent/discovery/sip_message.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

// Where the first blank line at or after `from` ends; 0: nowhere.
uint32_t end_of_head(std::string_view text, uint32_t from) {
    for (auto at = text.find('\n', from); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
        const std::string_view rest = text.substr(at + 1);
        if (rest.starts_with("\r\n")) return static_cast<uint32_t>(at + 3);
        if (rest.starts_with('\n')) return static_cast<uint32_t>(at + 2);
    }
    return 0;
}

}  // namespace

SipStream::Taken SipStream::take(std::span<const uint8_t> bytes) {
    Taken taken;
    while (!bytes.empty() && !taken.broken) {
        const auto room =
            std::min<uint64_t>(bytes.size(), limits::sip_message_bytes - buffer_.size());
        const auto count = static_cast<uint32_t>(room);
        buffer_.append(reinterpret_cast<const char*>(bytes.data()), count);
        bytes = bytes.subspan(count);
        while (cut_message(taken)) {
        }
        taken.broken = taken.broken || buffer_.size() >= limits::sip_message_bytes;
    }
    return taken;
}

// Moves the message at the front of the buffer out, if it is whole.
bool SipStream::cut_message(Taken& taken) {
    if (wanted_ == 0) {
        buffer_.erase(0, std::min(buffer_.find_first_not_of("\r\n"), buffer_.size()));
        if (buffer_.empty()) return false;
        const uint32_t end = end_of_head(buffer_, searched_);
        searched_ = static_cast<uint32_t>(std::max<uint64_t>(buffer_.size(), 2) - 2);
        if (end == 0) return false;
        const auto head = read_sip_head(std::string_view(buffer_).substr(0, end));
        const bool said = head && head->find("content-length") != nullptr;
        const auto length = head ? head->content_length() : std::nullopt;
        const uint64_t size = uint64_t{end} + length.value_or(0);
        taken.broken = !head || (said && !length) || size > limits::sip_message_bytes;
        if (taken.broken) return false;
        wanted_ = static_cast<uint32_t>(size);
    }
    if (buffer_.size() < wanted_) return false;
    taken.messages.push_back(buffer_.substr(0, wanted_));
    buffer_.erase(0, wanted_);
    wanted_ = searched_ = 0;
    return true;
}

}  // namespace dialtone
