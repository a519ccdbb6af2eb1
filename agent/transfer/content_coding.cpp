// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/content_coding.h"

#include <algorithm>

#include "agent/text.h"

namespace dialtone {
namespace {

// IANA's registry of content codings, the two that are read at the beginning.
constexpr std::string_view codings[] = {"gzip",     "x-gzip",     "deflate", "br",  "zstd",
                                        "compress", "x-compress", "dcb",     "dcz", "exi"};
constexpr auto read_codings = 2;

}  // namespace

ContentCoding content_coding(std::string_view fields, std::string_view content_type) {
    uint32_t count = 0;
    bool is_gzip = true;
    while (!fields.empty()) {
        const std::string_view name = trimmed(take_piece(fields, ','));
        const auto* const place = std::ranges::find_if(
            codings, [name](std::string_view known) { return equals_without_case(name, known); });
        if (place == std::end(codings)) continue;
        ++count;
        is_gzip = is_gzip && place < codings + read_codings;
    }
    if (count == 0) return ContentCoding::none;
    if (count > 1 || !is_gzip) return ContentCoding::other;
    return lowered(content_type).find("gzip") == std::string::npos ? ContentCoding::gzip
                                                                   : ContentCoding::none;
}

}  // namespace dialtone
