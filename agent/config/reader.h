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

// Reads one configuration file, changing `body` in place: when it was encrypted, it holds secrets
// in plain text afterwards. `keys` are the values of the settings that keys_of() names for the
// file, the one meant for it first; empty ones count as not set. The document says its format and
// cipher.
//
// Errors: those of the profile's FileEncryption and of the format's parser; empty, not_a_config,
// unsupported (a format that is not read, or not by this profile), not_encrypted (plain although
// its own key is set, for a profile that demands it). A position is the offset in the file as it
// came, or the line of the plain text.
Result<Document> read_config_file(std::span<uint8_t> body, const Identity& identity,
                                  const Profile& profile, std::span<const std::string_view> keys);

}  // namespace dialtone
