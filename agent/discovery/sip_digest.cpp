// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sip_digest.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>

#include "agent/digest.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view realm = "dialtone";
constexpr uint32_t second_digits = 8;
constexpr uint32_t hash_bytes = 16;  // of a nonce

std::string md5_hex(std::string_view text) {
    return hex_of(md5_of(text));
}

template <typename Number>
void append_octets(std::vector<uint8_t>& out, Number number) {
    for (uint32_t i = 0; i < sizeof number; ++i)
        out.push_back(static_cast<uint8_t>(number >> (8 * i)));
}

uint32_t second_of(Instant now) {
    return static_cast<uint32_t>(now.ms / 1000);
}

std::optional<uint32_t> second_in(std::string_view nonce) {
    uint32_t second = 0;
    if (nonce.size() != second_digits + 2 * hash_bytes) return std::nullopt;
    const auto [end, error] =
        std::from_chars(nonce.data(), nonce.data() + second_digits, second, 16);
    if (error != std::errc() || end != nonce.data() + second_digits) return std::nullopt;
    return second;
}

}  // namespace

std::string SipDigest::nonce(uint32_t second, const Address& from) const {
    std::vector<uint8_t> seed;
    for (const uint64_t part : secret_)
        append_octets(seed, part);
    append_octets(seed, second);
    seed.insert(seed.end(), from.octets, from.octets + from.octet_count);
    const Sha256 digest = sha256_of(seed);
    const uint8_t octets[] = {static_cast<uint8_t>(second >> 24),
                              static_cast<uint8_t>(second >> 16), static_cast<uint8_t>(second >> 8),
                              static_cast<uint8_t>(second)};
    return hex_of(octets) + hex_of(std::span(digest).first(hash_bytes));
}

std::string SipDigest::challenge(Instant now, const Address& from) const {
    std::string line = "WWW-Authenticate: Digest realm=\"";
    line += realm;
    line += "\", nonce=\"";
    line += nonce(second_of(now), from);
    return line += "\", algorithm=MD5, qop=\"auth\"\r\n";
}

bool SipDigest::is_fresh(Instant now, const Address& from, std::string_view text) const {
    const auto second = second_in(text);
    if (!second || second_of(now) - *second > limits::pnp_nonce_s) return false;
    if (!same_secret(text, nonce(*second, from))) return false;
    return std::find(used_.begin(), used_.end(), text) == used_.end();
}

std::string SipDigest::expected(const SipMessage& message) const {
    const SipAuthorization& said = *message.authorization;
    const std::string secret = md5_hex(user_ + ':' + said.realm + ':' + password_);
    const std::string what = md5_hex(message.method + ':' + said.uri);
    std::string middle = ':' + said.nonce + ':';
    if (!said.quality.empty())
        middle += said.nonce_count + ':' + said.cnonce + ':' + said.quality + ':';
    return md5_hex(secret + middle + what);
}

bool SipDigest::accepts(Instant now, const Address& from, const SipMessage& message) {
    if (!enabled() || !message.authorization) return false;
    const SipAuthorization& said = *message.authorization;
    if (!is_fresh(now, from, said.nonce)) return false;
    if (said.user != user_ || said.realm != realm) return false;
    if (!said.quality.empty() && said.quality != "auth") return false;
    if (!said.algorithm.empty() && !equals_without_case(said.algorithm, "md5")) return false;
    if (!same_secret(said.response, expected(message))) return false;
    // While all that are kept are still good, forgetting one would let it be used again.
    std::erase_if(used_, [&](const std::string& one) {
        return second_of(now) - second_in(one).value_or(0) > limits::pnp_nonce_s;
    });
    if (used_.size() >= limits::pnp_nonces_used) return false;
    used_.push_back(said.nonce);
    return true;
}

}  // namespace dialtone
