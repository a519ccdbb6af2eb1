// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/proof.h"

#include <charconv>
#include <span>

#include "agent/digest.h"
#include "agent/text.h"

namespace dialtone::sim::acs {
namespace {

constexpr std::string_view realm = "dialtone-lab";

std::string hexadecimal(std::span<const uint8_t> bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (const uint8_t byte : bytes) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

std::string md5(const std::string& text) {
    return hexadecimal(md5_of(text));
}

std::string base64(std::string_view text) {
    constexpr std::string_view letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (size_t at = 0; at < text.size(); at += 3) {
        uint32_t bits = 0;
        for (size_t place = 0; place < 3; ++place) {
            const bool is_there = at + place < text.size();
            bits = bits << 8 | (is_there ? static_cast<uint8_t>(text[at + place]) : 0U);
        }
        for (uint32_t place = 0; place < 4; ++place) {
            const bool is_pad = at + place > text.size();
            out += is_pad ? '=' : letters[bits >> (18 - 6 * place) & 63];
        }
    }
    return out;
}

// The value of one parameter, without its quotes; empty where it is not there.
std::string parameter(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        list = trimmed(list, " ,\t");
        const std::string_view name = trimmed(take_piece(list, '='));
        std::string value;
        if (list.starts_with('"')) {
            list.remove_prefix(1);
            value = std::string(take_piece(list, '"'));
        } else {
            value = std::string(trimmed(take_piece(list, ',')));
        }
        if (equals_without_case(name, wanted)) return value;
    }
    return {};
}

}  // namespace

bool ProofCheck::is_digest_right(const HttpRequest& request, std::string_view authorization) {
    if (!begins_without_case(authorization, "Digest ")) return false;
    const std::string_view list = authorization.substr(7);
    const std::string count = parameter(list, "nc");
    uint32_t number = 0;
    const auto [end, fault] =
        std::from_chars(count.data(), count.data() + count.size(), number, 16);
    const std::string nonce = "nonce-" + std::to_string(nonces_);
    if (fault != std::errc() || end != count.data() + count.size() || number <= last_count_ ||
        parameter(list, "nonce") != nonce || parameter(list, "username") != script_.user ||
        parameter(list, "realm") != realm || parameter(list, "uri") != request.target ||
        parameter(list, "qop") != "auth")
        return false;
    const std::string secret =
        md5(script_.user + ":" + std::string(realm) + ":" + script_.password);
    const std::string asked = md5(request.method + ":" + request.target);
    const std::string wanted = md5(secret + ":" + nonce + ":" + count + ":" +
                                   parameter(list, "cnonce") + ":auth:" + asked);
    if (parameter(list, "response") != wanted) return false;
    last_count_ = number;
    return true;
}

std::string ProofCheck::challenge(const HttpRequest& request) {
    if (script_.proof == Proof::none) return {};
    const std::string_view given = request.field("authorization").value_or("");
    if (script_.proof == Proof::basic) {
        if (given == "Basic " + base64(script_.user + ":" + script_.password)) return {};
        return "WWW-Authenticate: Basic realm=\"" + std::string(realm) + "\"";
    }
    if (nonces_ != 0 && is_digest_right(request, given)) return {};
    ++nonces_;
    last_count_ = 0;
    return "WWW-Authenticate: Digest realm=\"" + std::string(realm) + "\", qop=\"auth\", nonce=\"" +
           "nonce-" + std::to_string(nonces_) + "\"";
}

}  // namespace dialtone::sim::acs
