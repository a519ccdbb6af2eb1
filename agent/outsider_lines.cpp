// SPDX-License-Identifier: Apache-2.0
#include "agent/outsider_lines.h"

#include <algorithm>
#include <iterator>

#include "agent/limits.h"

namespace dialtone {

bool OutsiderLines::is_over(Instant now, const Count& count) {
    return now.since(count.since) >= uint64_t{limits::outsider_lines_s} * 1000;
}

bool OutsiderLines::may_write(Instant now, JournalKind kind) {
    const auto* const place = std::ranges::find(kinds, kind);
    if (place == std::end(kinds)) return true;
    Count& count = counts_[static_cast<uint32_t>(place - std::begin(kinds))];
    const bool withheld = count.lines > limits::outsider_lines;
    if (count.lines == 0 || (is_over(now, count) && !withheld)) count = {.since = now};
    ++count.lines;
    return count.lines <= limits::outsider_lines;
}

std::optional<JournalLine> OutsiderLines::take_summary(Instant now) {
    for (uint32_t i = 0; i < counts_.size(); ++i) {
        Count& count = counts_[i];
        if (count.lines <= limits::outsider_lines || !is_over(now, count)) continue;
        JournalLine summary;
        summary.kind = JournalKind::repeated;
        summary.with("count", count.lines - limits::outsider_lines)
            .with("kind", journal_form(kinds[i]).name);
        count = {};
        return summary;
    }
    return std::nullopt;
}

}  // namespace dialtone
