// SPDX-License-Identifier: Apache-2.0
//
// Where a value of the configuration comes from: who set it, how the server behind it was learnt,
// and what vouches for the document it stood in.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "agent/digest.h"

namespace dialtone {

// Who set a value. The order is the precedence between values of one key, lowest first.
enum class Origin : uint8_t { profile, file, acs, operator_ };
std::string_view origin_name(Origin origin);

// How a URL was learnt, and whom a trial asks.
enum class SourceKind : uint8_t { none, pnp, dhcp, static_server, acs, operator_, handset };
std::string_view source_name(SourceKind kind);

struct Source {
    SourceKind kind = SourceKind::none;
    std::string url = {};  // as it was given, userinfo included; empty for an operator
    bool operator==(const Source&) const = default;
};

// What vouches for a document, weakest first.
enum class Proof : uint8_t { none, key, tls, signed_ };
inline constexpr Proof strongest_proof = Proof::signed_;
std::string_view proof_name(Proof proof);

// Whether a server offers something new is decided by these; they are taken of the bytes as they
// came, before anything is decrypted.
struct FileDigest {
    std::string role = {};
    std::string name = {};
    Sha256 sha256 = {};
    bool operator==(const FileDigest&) const = default;
};

// One digest for all files of a plan, in their order: two plans have the same one when they hold
// the same bytes under the same roles and names. Names the plans that were rolled back.
Sha256 plan_digest(std::span<const FileDigest> files);

}  // namespace dialtone
