// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4) of files and plans. Whether a server offers something new is decided by
// these digests; they are taken of the bytes as they came, before anything is decrypted.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "agent/provenance.h"

namespace dialtone {

Sha256 sha256_of(std::span<const uint8_t> bytes);

// One digest for all files of a plan, in their order: two plans have the same one when they hold
// the same bytes under the same roles and names. Names the plans that were rolled back.
Sha256 plan_digest(std::span<const FileDigest> files);

// 64 lower-case hex digits.
std::string digest_text(const Sha256& digest);

}  // namespace dialtone
