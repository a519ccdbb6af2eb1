// SPDX-License-Identifier: Apache-2.0
#include "agent/provenance.h"

namespace dialtone {

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
            return "acs";
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
    }
    __builtin_unreachable();
}

}  // namespace dialtone
