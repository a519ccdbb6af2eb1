// SPDX-License-Identifier: Apache-2.0
//
// Keeps the journal's history from whoever can have lines written at will: of each kind that anyone
// on the network can cause, only the first ones of an hour are written, the others counted and told
// in one line. The agent asks it for each line.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>

#include "agent/journal.h"

namespace dialtone {

class OutsiderLines {
  public:
    // False: it is counted, and is not to be written.
    bool may_write(Instant now, JournalKind kind);
    // What was counted in an hour that is over, kind by kind.
    std::optional<JournalLine> take_summary(Instant now);

  private:
    struct Count {
        Instant since = {};
        uint32_t lines = 0;  // of this hour, written or not
    };

    static bool is_over(Instant now, const Count& count);

    static constexpr JournalKind kinds[] = {
        JournalKind::notified,           JournalKind::check_waits,
        JournalKind::check_begins,       JournalKind::redirect,
        JournalKind::connection_request, JournalKind::connection_request_refused,
        JournalKind::stun_binding};
    std::array<Count, std::size(kinds)> counts_ = {};
};

}  // namespace dialtone
