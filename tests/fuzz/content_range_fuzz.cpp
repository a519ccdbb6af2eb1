// SPDX-License-Identifier: Apache-2.0
//
// Any text as a Content-Range: what is read is a part of something, and written again it is the
// same.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "agent/transfer/content_range.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

std::string written(const ContentRange& range) {
    const std::string total = range.total < 0 ? "*" : std::to_string(range.total);
    if (range.first < 0) return "bytes */" + total;
    return "bytes " + std::to_string(range.first) + "-" + std::to_string(range.last) + "/" + total;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const ContentRange range = parse_content_range({reinterpret_cast<const char*>(data), size});
    demand(range.first >= -1 && range.total >= -1);
    demand((range.first < 0) == (range.last < 0));
    demand(range.last >= range.first);
    demand(range.total < 0 || range.total > range.last);
    const ContentRange again = parse_content_range(written(range));
    demand(again.first == range.first && again.last == range.last && again.total == range.total);
    return 0;
}
