// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/journal_echo.h"

#include <unistd.h>

#include <utility>

#include "platform/linux/journal_text.h"
#include "platform/linux/output.h"

namespace dialtone {

void JournalEcho::carry_out(Effect&& effect) {
    if (const auto* line = std::get_if<JournalLine>(&effect)) {
        JournalEntry entry{.kind = line->kind, .at_ms = line->at_ms, .wall_s = line->wall_s};
        for (const auto& [name, value] : line->fields)
            entry.fields.emplace_back(name, value);
        (void)write_all(STDERR_FILENO, entry_line(entry));
    }
    world_.carry_out(std::move(effect));
}

}  // namespace dialtone
