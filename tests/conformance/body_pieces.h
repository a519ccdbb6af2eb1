// SPDX-License-Identifier: Apache-2.0
//
// A body piece by piece, as the real servers of the suite send it: it may fall silent after so many
// bytes and may have no end (sim::Answer).
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include "tests/conformance/behaviours.h"

namespace dialtone::conformance {

// Calls `send(piece)` for each piece of the body and `wait()` where the server falls silent. False
// as soon as `send` gives false: the client has gone.
template <typename Send, typename Wait>
bool send_body_pieces(const sim::Answer& answer, uint32_t body_bytes, Send send, Wait wait) {
    constexpr uint32_t piece_bytes = 1500;
    const bool stalls = answer.stalls_after >= 0;
    const auto silent_at = stalls ? static_cast<uint32_t>(answer.stalls_after) : UINT32_MAX;
    for (uint32_t sent = 0; sent < body_bytes || answer.endless;) {
        if (sent == silent_at) wait();
        const uint32_t left = answer.endless ? piece_bytes : body_bytes - sent;
        const uint32_t until_silence = sent < silent_at ? silent_at - sent : piece_bytes;
        const uint32_t count = std::min({piece_bytes, left, until_silence});
        if (!send(std::string(count, 'x'))) return false;
        sent += count;
    }
    if (silent_at == body_bytes) wait();
    return true;
}

}  // namespace dialtone::conformance
