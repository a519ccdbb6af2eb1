// SPDX-License-Identifier: Apache-2.0
//
// From the bytes a server sent to a Document: what are they, which key opens them, which format
// reads them. Called for each file of a plan and by `dialtone inspect`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

// What vouches for a file besides the key that may open it.
enum class Carriage : uint8_t {
    open,    // nothing: anybody on the way may have altered it
    proven,  // a verified server, or the file is the operator's own
};

// Reads one configuration file, changing `body` in place: when it was encrypted, it holds secrets
// in plain text afterwards. `keys` are the values of the settings that keys_of() names for the
// file, the one meant for it first; empty ones count as not set. The document says its format and
// cipher.
//
// An encrypted file that came by Carriage::open is strict UTF-8 without control characters,
// whatever it declares, because garbage in it is the trace of an altered block. What is wrong with
// it is not said (cipher.h, PlaintextJudge); `dialtone inspect` says it of the operator's own copy.
//
// `keys_are_proven`: else anybody may have set them, and no plain file is refused for them.
//
// Errors: those of the profile's FileEncryption and of the format's parser; empty, not_a_config,
// unsupported (a format that is not read, or not by this profile), not_encrypted (plain although
// its own key is set, for a profile that demands it). A position is the offset in the file as it
// came, or the line of the plain text.
Result<Document> read_config_file(std::span<uint8_t> body, const Identity& identity,
                                  const Profile& profile, std::span<const std::string_view> keys,
                                  Carriage carriage, bool keys_are_proven = true);

}  // namespace dialtone
