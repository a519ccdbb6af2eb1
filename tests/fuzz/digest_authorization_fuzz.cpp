// SPDX-License-Identifier: Apache-2.0
//
// Any text as an Authorization field: read within its bounds, and never taken for proof of a
// password that it was not made with.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/cwmp/digest_check.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view field(reinterpret_cast<const char*>(data), size);
    const auto said = read_digest_authorization(field);
    if (!said) {
        demand(!said.error().detail.empty());
    } else {
        demand(said->username.size() + said->nonce.size() + said->uri.size() <= size);
    }
    DigestCheck check;
    check.set_secret({1, 2, 3, 4});
    check.set_credentials({.user = said ? said->username : "acs",
                           .password = "a password that no corpus has",
                           .algorithms = {DigestAlgorithm::md5, DigestAlgorithm::sha256}});
    const auto judgement = check.judge({1'000}, HttpMethod::get, said ? said->uri : "/", field);
    demand(!judgement.accepted && !judgement.is_stale && !judgement.reason.empty());
    return 0;
}
