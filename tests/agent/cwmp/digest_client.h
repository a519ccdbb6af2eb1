// SPDX-License-Identifier: Apache-2.0
//
// A client of HTTP digest authentication, as an ACS is one: what it answers to a challenge. A test
// changes what it likes before it is written out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "agent/cwmp/digest_check.h"

namespace dialtone {

// The value of a parameter in quotes.
inline std::string quoted_in(std::string_view challenge, std::string_view name) {
    const std::string beginning = std::string(name) + "=\"";
    const auto at = challenge.find(beginning);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = challenge.substr(at + beginning.size());
    return std::string(rest.substr(0, rest.find('"')));
}

struct DigestClient {
    DigestAlgorithm algorithm = DigestAlgorithm::md5;
    std::string password = "hush-knock";
    HttpMethod method = HttpMethod::get;
    DigestAuthorization said = {.username = "acs",
                                .uri = "/path",
                                .qop = "auth",
                                .nc = "00000001",
                                .cnonce = "0a4f113b",
                                .algorithm = "MD5"};

    void take(std::string_view challenge) {
        said.realm = quoted_in(challenge, "realm");
        said.nonce = quoted_in(challenge, "nonce");
    }
    void sign() { said.response = digest_response(algorithm, said, password, method); }
    // As it is: nothing is signed here.
    std::string text() const {
        std::string out = "Digest username=\"" + said.username + "\", realm=\"" + said.realm +
                          "\", nonce=\"" + said.nonce + "\", uri=\"" + said.uri + "\"";
        if (said.algorithm) out += ", algorithm=" + *said.algorithm;
        return out + ", response=\"" + said.response + "\", qop=" + said.qop + ", nc=" + said.nc +
               ", cnonce=\"" + said.cnonce + "\"";
    }
    std::string answer(std::string_view challenge) {
        take(challenge);
        sign();
        return text();
    }
};

}  // namespace dialtone
