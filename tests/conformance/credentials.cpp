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

bool has_digest_credentials(std::string_view request, uint32_t nonce) {
    const std::string_view field = authorization(request);
    if (!field.starts_with("Digest ") || parameter(field, "username") != user) return false;
    const std::string uri = parameter(field, "uri");
    const std::string who = md5_hex(std::string(user) + ":files:" + password);
    const std::string method(method_of(request));
    const std::string what = md5_hex(method + ":" + uri);
    const std::string expected =
        md5_hex(who + ":" + std::to_string(nonce) + ":" + parameter(field, "nc") + ":" +
                parameter(field, "cnonce") + ":auth:" + what);
    return request.starts_with(method + " " + uri + " ") &&
           parameter(field, "response") == expected;
}

}  // namespace dialtone::conformance
