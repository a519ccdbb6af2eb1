// SPDX-License-Identifier: Apache-2.0
//
// Where a value of the configuration comes from: who set it, how the server behind it was learnt,
// and what vouches for the document it stood in.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

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
enum class Proof : uint8_t { none, key, tls };
std::string_view proof_name(Proof proof);

using Sha256 = std::array<uint8_t, 32>;

struct FileDigest {
    std::string role = {};
    std::string name = {};
    Sha256 sha256 = {};
    bool operator==(const FileDigest&) const = default;
};

}  // namespace dialtone
