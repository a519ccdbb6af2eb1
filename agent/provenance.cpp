// SPDX-License-Identifier: Apache-2.0
#include "agent/provenance.h"

#include <vector>

namespace dialtone {
namespace {

// The length goes first, so that no two lists of texts run together to the same bytes.
void append(std::vector<uint8_t>& bytes, std::string_view text) {
    for (const uint32_t shift : {24U, 16U, 8U, 0U})
        bytes.push_back(static_cast<uint8_t>(text.size() >> shift));
    bytes.insert(bytes.end(), text.begin(), text.end());
}

}  // namespace

std::string_view origin_name(Origin origin) {
    switch (origin) {
        case Origin::profile:
            return "profile";
        case Origin::file:
            return "file";
        case Origin::acs:
            return "acs";
        case Origin::operator_:
            return "operator";
    }
    __builtin_unreachable();
}

std::string_view source_name(SourceKind kind) {
    switch (kind) {
        case SourceKind::none:
            return "none";
        case SourceKind::pnp:
            return "pnp";
        case SourceKind::dhcp:
            return "dhcp";
        case SourceKind::static_server:
            return "static";
        case SourceKind::acs:
            return "tr069";
        case SourceKind::operator_:
            return "operator";
        case SourceKind::handset:
            return "handset";
    }
    __builtin_unreachable();
}

std::string_view proof_name(Proof proof) {
    switch (proof) {
        case Proof::none:
            return "none";
        case Proof::key:
            return "key";
        case Proof::tls:
            return "tls";
        case Proof::signed_:
            return "signed";
    }
    __builtin_unreachable();
}

Sha256 plan_digest(std::span<const FileDigest> files) {
    std::vector<uint8_t> bytes;
    for (const FileDigest& file : files) {
        append(bytes, file.role);
        append(bytes, file.name);
        bytes.insert(bytes.end(), file.sha256.begin(), file.sha256.end());
    }
    return sha256_of(bytes);
}

}  // namespace dialtone
