// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a public key, and behind its line as a signature of a file. Nothing fits that a
// right key did not sign, and nothing of a key is said again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/settings.h"
#include "agent/signature.h"
#include "agent/text.h"

using namespace dialtone;

namespace {

// Of tests/data/signature: P-256.pub and rsa-2048.pub, and the file that was signed with them.
constexpr std::string_view ec_key =
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAElkus+5FnPS9wsOJpp3J96Ls4LzdXNRK4NFNOCa2FUqFmA2ARSfb1"
    "Lz1CG+Tc0F8TeShgngNWbzi6BflK0IDKzQ==";
constexpr std::string_view rsa_key =
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArZdIynmgBp9JSmmTTjxdyRKisfQ6/hl47xjd3UYVhv2O"
    "cNg0mNMpPAo9TwMgdZVWNRHcAN5/bBp3sul6SyAYQJGZImTLCqG5CbQxa5CSyrS+w5IfnvdItKluPPg3JJwAieVr"
    "s0ykIYSkL/Ih46OdpMLuCIwaEMgldRT4UJj5zLNizbzdXyN+jlEW3GXv4qjJXTqyLfjfr9TivTaP6Xhzksm+kCWp"
    "6B0e9HsDtXcDuZ/WKimkgF0o6lsWKB6VXU3Tpz2+T2+1OUIuq5ML3Wi3V9BYH15yqySnwr+Mh+FWIXHOlSZKykjb"
    "qfn3HxQLyi2fkUiae5OCREmdgLayDm0GjQIDAQAB";
constexpr std::string_view signed_file = "P47=sip.example\n";

void demand(bool holds) {
    if (!holds) std::abort();
}

std::span<const uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::string_view signature(reinterpret_cast<const char*>(data), size);
    const std::string_view text = take_piece(signature, '\n');
    const std::string_view fault = public_key_fault(text);
    demand(fault.empty() == public_key_fault(text).empty());
    demand(fault.empty() || fault.starts_with("takes a "));
    const Status status = check_setting(setting_form(Setting::config_public_key), text);
    demand(!status || text.empty() || fault.empty());

    const std::string_view keys[] = {text, ec_key, rsa_key};
    const auto signer = signer_of(bytes_of(signed_file), bytes_of(signature), keys);
    demand(!signer || *signer != 0 || fault.empty());
    // The right keys fit what they have signed and no other file.
    demand(!signer_of(bytes_of(text), bytes_of(signature), std::span(keys).subspan(1)) ||
           text == signed_file);
    return 0;
}
