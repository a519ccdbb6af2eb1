// SPDX-License-Identifier: Apache-2.0
//
// Any lines as the heads of HTTP answers: what is kept stays
// within its bounds and holds no line end.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/limits.h"
#include "agent/transfer/content_coding.h"
#include "platform/linux/answer_head.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void check(const AnswerHead& head) {
    for (const std::string& value :
         {head.location, head.etag, head.retry_after, head.content_type, head.last_modified,
          head.content_range, head.content_encoding, head.challenges}) {
        demand(value.size() <= limits::header_field_bytes);
        demand(value.find('\n') == std::string::npos);
    }
    demand(head.content_length >= -1);
    static_cast<void>(content_coding(head.content_encoding, head.content_type));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    AnswerHead head;
    while (!rest.empty()) {
        const size_t end = std::min(rest.find('\n'), rest.size() - 1) + 1;
        read_head_line(head, rest.substr(0, end));
        check(head);
        rest.remove_prefix(end);
    }
    return 0;
}
