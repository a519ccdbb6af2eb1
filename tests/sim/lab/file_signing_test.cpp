// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/file_signing.h"

#include <doctest/doctest.h>

#include "agent/signature.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

bool fits(const LabKey& key, std::string_view signature, std::string_view file) {
    const auto bytes = [](std::string_view text) {
        return std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size());
    };
    const std::string_view keys[] = {key.public_key};
    return signer_of(bytes(file), bytes(signature), keys).has_value();
}

int draw_nothing(void*, unsigned char*, size_t) {
    return -1;
}

}  // namespace

TEST_CASE("what the laboratory signs fits its key and its file alone, and is always the same") {
    for (const LabKey& key : {lab_key, other_lab_key}) {
        const std::string signature = lab_signature(key, "one");
        CHECK(fits(key, signature, "one"));
        CHECK(!fits(key, signature, "two"));
        CHECK(lab_signature(key, "one") == signature);
        CHECK(public_key_fault(key.public_key) == "");
    }
    CHECK(!fits(other_lab_key, lab_signature(lab_key, "one"), "one"));
}

TEST_CASE("bad input: what is no private key signs nothing, nor does one without random numbers") {
    CHECK(!sign_file("hush", "one", draw_nothing, nullptr));
    CHECK(!sign_file(lab_key.public_key, "one", draw_nothing, nullptr));
    CHECK(!sign_file(other_lab_key.private_pem, "one", draw_nothing, nullptr));
}
