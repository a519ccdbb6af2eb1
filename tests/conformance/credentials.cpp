// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/credentials.h"

#include <mbedtls/base64.h>

#include "agent/digest.h"
#include "agent/hex.h"
#include "tests/conformance/behaviours.h"
#include "tests/conformance/request_text.h"

namespace dialtone::conformance {
namespace {

std::string md5_hex(const std::string& text) {
    return hex_of(md5_of(text));
}

std::string_view authorization(std::string_view request) {
    return field_of(request, "Authorization");
}

// The value of NAME= in a Digest field, with or without quotes.
std::string parameter(std::string_view field, std::string_view name) {
    for (const char before : {' ', ','}) {
        const size_t begin = field.find(before + std::string(name) + "=");
        if (begin == std::string_view::npos) continue;
        std::string_view rest = field.substr(begin + name.size() + 2);
        const bool quoted = rest.starts_with('"');
        if (quoted) rest.remove_prefix(1);
        return std::string(rest.substr(0, rest.find(quoted ? '"' : ',')));
    }
    return {};
}

}  // namespace

bool has_basic_credentials(std::string_view request) {
    const std::string text = std::string(user) + ":" + password;
    uint8_t encoded[128];
    size_t length = 0;
    ::mbedtls_base64_encode(encoded, sizeof encoded, &length,
                            reinterpret_cast<const uint8_t*>(text.data()), text.size());
    const std::string expected(reinterpret_cast<const char*>(encoded), length);
    return authorization(request) == "Basic " + expected;
}

std::string digest_challenge(uint32_t nonce, bool is_stale) {
    return "Digest realm=\"files\", nonce=\"" + std::to_string(nonce) +
           "\", qop=\"auth\", algorithm=MD5" + (is_stale ? ", stale=true" : "");
}

bool has_digest_credentials(std::string_view request, uint32_t nonce, std::string_view realm) {
    const std::string_view field = authorization(request);
    const std::string algorithm = parameter(field, "algorithm");
    const bool is_sha256 = algorithm.starts_with("SHA-256");
    const auto hash = [is_sha256](const std::string& text) {
        return is_sha256 ? hex_of(sha256_of(text)) : md5_hex(text);
    };
    const std::string place = std::string(user) + ":" + std::string(realm);
    const bool is_hashed = parameter(field, "userhash") == "true";
    const std::string name = is_hashed ? hash(place) : user;
    if (!field.starts_with("Digest ") || parameter(field, "username") != name) return false;
    if (parameter(field, "nonce") != std::to_string(nonce)) return false;
    const std::string uri = parameter(field, "uri");
    const std::string method(method_of(request));
    const std::string qop = parameter(field, "qop");
    std::string what = method + ":" + uri;
    if (qop == "auth-int") what += ":" + hash("");
    std::string who = hash(place + ":" + password);
    std::string once = std::to_string(nonce);
    if (algorithm.ends_with("-sess"))
        who = hash(who + ":" + once + ":" + parameter(field, "cnonce"));
    if (!qop.empty())
        once += ":" + parameter(field, "nc") + ":" + parameter(field, "cnonce") + ":" + qop;
    return request.starts_with(method + " " + uri + " ") &&
           parameter(field, "response") == hash(who + ":" + once + ":" + hash(what));
}

}  // namespace dialtone::conformance
