// SPDX-License-Identifier: Apache-2.0
#include "agent/trust/pin.h"

#include <algorithm>

namespace dialtone {
namespace {

// Where the proof is the server's own, a server without TLS cannot bring it.
Proof expected_of(const ServerName& server, Proof proof) {
    return proof == Proof::tls && !server.by_tls ? Proof::none : proof;
}

// Whoever forges a NOTIFY may have a certificate for a server of his own. Only the first one that a
// new phone meets, and the pinned one, count by their name.
bool host_counts(const Delivery& delivery, const Pin& pin) {
    if (!is_named_by_anyone(delivery.named_by) || pin.is_new()) return true;
    return !pin.host.empty() && delivery.server.host == pin.host;
}

bool tls_counts(const Delivery& delivery, const Pin& pin) {
    return delivery.by_verified_tls && host_counts(delivery, pin);
}

std::string pin_words(const Pin& pin) {
    const std::string_view host = pin.host.empty() ? "no server" : std::string_view(pin.host);
    return std::string(host) + " (" + std::string(proof_name(pin.proof)) + ")";
}

}  // namespace

bool is_named_by_anyone(SourceKind named_by) {
    return grant_of(party_of(named_by), Right::lifts_proof) == Grant::no;
}

Party tls_file_of(SourceKind named_by) {
    return is_named_by_anyone(named_by) ? Party::file_tls_named : Party::file_tls;
}

Proof proof_of(const Delivery& delivery, const Pin& pin) {
    return std::max(delivery.content, tls_counts(delivery, pin) ? Proof::tls : Proof::none);
}

bool is_relayed(const Delivery& delivery, const Pin& pin) {
    const bool is_pinned_host =
        delivery.by_verified_tls && !pin.host.empty() && delivery.server.host == pin.host;
    return is_named_by_anyone(delivery.named_by) && delivery.content != Proof::none &&
           !is_pinned_host;
}

bool is_of_own_server(const Delivery& delivery, const Pin& pin) {
    if (pin.proof == Proof::none || !is_named_by_anyone(delivery.named_by)) return true;
    return tls_counts(delivery, pin);
}

Pin pin_after(const Pin& pin, const Delivery& delivered) {
    const Proof proof = proof_of(delivered, pin);
    if (proof < pin.proof) return pin;
    Pin next = pin;
    next.proof = proof;
    const bool is_first = pin.is_new() && delivered.content == Proof::none;
    if (!is_named_by_anyone(delivered.named_by) || tls_counts(delivered, pin) || is_first)
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
