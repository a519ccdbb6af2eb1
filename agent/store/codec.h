// SPDX-License-Identifier: Apache-2.0
//
// The durable file of a generation. The agent writes one for each generation it makes, and reads
// the active one and its predecessor at each start; `dialtone` reads them to show them.
// record.h has the file of the boot record.
//
// On disk: one file "DTGN" in the frame of tlv.h, closed by a SHA-256 of everything before it.
//
//     1 number   u32                              once
//     2 source   kind:u8 url                      once
//     3 proof    u8                               once
//     4 item     origin:u8 key:short value        sorted by key, then origin
//     5 digest   role:short name:short sha256     oldest first
//
// where short is a text after its length as u16.
//
// A file of a later release is read whole, so that a phone keeps its configuration when its
// firmware falls back. What this asks of later releases, and what it does with what they wrote:
//     tags      their form and meaning stay for ever; what is new gets a new tag. Tags that are not
//               known are kept in Generation::unknown and written again, into the next generation
//               too; over limits::unknown_tag_bytes they are left out. What speaks of other parts
//               of the file says with which number it was written, and counts only there.
//     values    new ones of source kind, proof and origin come as enum_form.h says. Should there be
//               an unknown one all the same, the source counts as dhcp, which has the fewest
//               rights, the proof as tls, because a weaker one would let more documents change the
//               configuration, and the origin as file, unless the key has a value already.
//     digests   over limits::digests_kept the oldest are left out
//     the rest  refuses the file: a longer key or value than the limits allow, too
// 0.1.0 refuses unknown values, and unknown tags over 2 KiB or 32 in all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "agent/generation.h"
#include "agent/result.h"

namespace dialtone {

std::vector<uint8_t> encode_generation(const Generation& generation);

// `remark`, if there is one, gets words about what a later release wrote and this one could not
// take, none when there is nothing to say.
// Errors: truncated, corrupt, unsupported (a version from the future), too_big, malformed; the
// position is the offset in the file.
Result<Generation> decode_generation(std::span<const uint8_t> bytes, std::string* remark = nullptr);

}  // namespace dialtone
