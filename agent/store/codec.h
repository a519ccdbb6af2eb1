// SPDX-License-Identifier: Apache-2.0
//
// The durable file of a generation. The agent writes one for each generation it makes, and reads
// the active one and its predecessor at each start; `dialtone` reads them to show them.
// record.h has the file of the boot record.
//
// On disk: one file "DTGN" in the frame of tlv.h, closed by a SHA-256 of everything before it.
// Unknown tags survive a rewrite: they are kept in `unknown` and written again.
//
//     1 number   u32                              once
//     2 source   kind:u8 url                      once
//     3 proof    u8                               once
//     4 item     origin:u8 key:short value        sorted by key, then origin
//     5 digest   role:short name:short sha256     oldest first
//
// where short is a text after its length as u16.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "agent/generation.h"
#include "agent/result.h"

namespace dialtone {

std::vector<uint8_t> encode_generation(const Generation& generation);

// Errors: truncated, corrupt, unsupported (a version from the future), too_big, malformed; the
// position is the offset in the file.
Result<Generation> decode_generation(std::span<const uint8_t> bytes);

}  // namespace dialtone
