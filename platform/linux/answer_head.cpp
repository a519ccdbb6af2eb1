// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/answer_head.h"

#include <charconv>

#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view blanks = " \t\r\n";  // a field comes with its line end

// -1 for anything but a number.
int64_t length_of(std::string_view text) {
    int64_t number = -1;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    return whole && number >= 0 ? number : -1;
}

void read_length(AnswerHead& head, std::string_view text) {
    const int64_t length = length_of(text);
    if (head.content_length >= 0 && head.content_length != length) head.contradicts_itself = true;
    head.content_length = length;
}

// "HTTP/1.1 200 OK": 200; 0 when there is none.
uint16_t status_of(std::string_view line) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return 0;
    const std::string_view rest = trimmed(line.substr(space), blanks);
    uint16_t status = 0;
    std::from_chars(rest.data(), rest.data() + rest.size(), status);
    return status;
}

struct KeptField {
    std::string_view name;
    std::string AnswerHead::*value;
};

constexpr KeptField kept_fields[] = {
    {"location", &AnswerHead::location},
    {"etag", &AnswerHead::etag},
    {"retry-after", &AnswerHead::retry_after},
    {"content-type", &AnswerHead::content_type},
    {"last-modified", &AnswerHead::last_modified},
    {"content-range", &AnswerHead::content_range},
    {"content-encoding", &AnswerHead::content_encoding},
    {"www-authenticate", &AnswerHead::challenges},
    {"date", &AnswerHead::date},
};

bool is_list(const KeptField& field) {
    return field.value == &AnswerHead::content_encoding || field.value == &AnswerHead::challenges;
}

void read_field(AnswerHead& head, std::string_view name, std::string_view value) {
    if (equals_without_case(name, "content-length")) read_length(head, value);
    // Then the chunks count and not the length, for curl too (RFC 9112 6.3).
    if (equals_without_case(name, "transfer-encoding")) head.is_coded = true;
    if (head.is_coded) head.content_length = -1;
    head.last_field = nullptr;
    for (const KeptField& field : kept_fields) {
        if (!equals_without_case(name, field.name)) continue;
        head.last_field = field.value;
        std::string& kept = head.*field.value;
        if (!is_list(field)) kept.clear();
        if (!kept.empty()) kept += ", ";
        kept += value;
        if (kept.size() > limits::header_field_bytes) kept.clear();
    }
}

}  // namespace

void read_head_line(AnswerHead& head, std::string_view raw) {
    const std::string_view line = trimmed(raw, blanks);
    if ((!head.began || head.complete) && line.starts_with("HTTP/")) {
        head = AnswerHead{.began = true, .status = status_of(line)};
        return;
    }
    if (line.empty()) {
        head.complete = head.began;
        return;
    }
    if (raw.starts_with(' ') || raw.starts_with('\t')) {
        if (head.last_field != nullptr) (head.*head.last_field).clear();
        return;
    }
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) return;
    read_field(head, trimmed(line.substr(0, colon), blanks),
               trimmed(line.substr(colon + 1), blanks));
}

}  // namespace dialtone
