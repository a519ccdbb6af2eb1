// SPDX-License-Identifier: Apache-2.0
//
// From the bytes a server sent to a Document: what are they, which key opens them, which parser
// reads them. Called by the agent for each file of a plan and by `dialtone inspect`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "agent/document.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

struct ReadKeys {
    std::vector<std::string_view> passwords = {};  // config.password, config.password_old; empty
                                                   // ones count as not set
    std::vector<std::string_view> keys = {};       // config.key and config.key_common in hex, the
                                                   // one meant for this file first
};

// Reads one configuration file, changing `body` in place: when it was encrypted, it holds secrets
// in plain text afterwards. The document says its format and cipher.
//
// Errors: those of decrypt_openssl() and of the format's parser; empty, not_a_config, unsupported
// (a format or an encryption that is not read, or not by this profile), not_encrypted (plain
// although the password, or the key meant for this file, is set, for a profile that demands it). A
// position is the offset in the file as it came, or the line of the plain text.
Result<Document> read_config_file(std::span<uint8_t> body, const Identity& identity,
                                  const Profile& profile, const ReadKeys& keys);

}  // namespace dialtone
