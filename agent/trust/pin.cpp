// SPDX-License-Identifier: Apache-2.0
#include "agent/trust/pin.h"

#include <algorithm>

namespace dialtone {
namespace {

// Where the proof is the server's own, a server without TLS cannot bring it.
Proof expected_of(const ServerName& server, Proof proof) {
    return proof == Proof::tls && !server.by_tls ? Proof::none : proof;
}

std::string pin_words(const Pin& pin) {
    const std::string_view host = pin.host.empty() ? "no server" : std::string_view(pin.host);
    return std::string(host) + " (" + std::string(proof_name(pin.proof)) + ")";
}

}  // namespace

Party tls_file_of(SourceKind named_by) {
    const bool by_anyone = grant_of(party_of(named_by), Right::lifts_proof) == Grant::no;
    return by_anyone ? Party::file_tls_named : Party::file_tls;
}

Proof proof_of(const Delivery& delivery, const Pin& pin) {
    const Grant grant = grant_of(tls_file_of(delivery.named_by), Right::lifts_proof);
    const bool host_counts =
        grant != Grant::pinned || pin.proof == Proof::none || delivery.server.host == pin.host;
    const bool tls_counts = delivery.by_verified_tls && host_counts;
    return std::max(delivery.content, tls_counts ? Proof::tls : Proof::none);
}

Pin pin_after(const Pin& pin, const Delivery& delivered) {
    const Proof proof = proof_of(delivered, pin);
    if (proof < pin.proof) return pin;
    Pin next = pin;
    next.proof = proof;
    next.host = delivered.server.host;
    return next;
}

Pin pin_moved(const Pin& pin, const ServerName& server, bool strict) {
    const Proof proof = expected_of(server, pin.proof);
    if (strict && proof < pin.proof) return pin;
    Pin next = pin;
    next.proof = proof;
    next.host = server.host;
    return next;
}

Pin pin_named_by_operator(const Pin& pin, const std::optional<ServerName>& server) {
    if (server) return pin_moved(pin, *server, false);
    return {.keys_proven = pin.keys_proven};
}

std::string pin_change_words(const Pin& before, const Pin& after) {
    const bool asks_for_less = after.proof < before.proof;
    const bool moves = before.proof >= Proof::tls && before.host != after.host;
    if (!asks_for_less && !moves) return {};
    return "the pin moves from " + pin_words(before) + " to " + pin_words(after);
}

}  // namespace dialtone
