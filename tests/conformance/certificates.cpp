// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/certificates.h"

#include <utility>
#include <vector>

namespace dialtone::conformance {
namespace {

sim::Certificate valid_for(std::vector<std::string> names, std::string authority) {
    return {.names = std::move(names),
            .authority = std::move(authority),
            .from_s = 1'577'836'800,    // 2020
            .until_s = 4'733'510'400};  // 2120
}

}  // namespace

sim::Certificate good_certificate() {
    return valid_for({"server.test", "127.0.0.1"}, authority_file);
}

sim::Certificate self_signed_certificate() {
    return valid_for({"server.test", "127.0.0.1"}, self_signed_file);
}

sim::Certificate other_certificate() {
    return valid_for({"other.test"}, authority_file);
}

std::string file_of_certificate(const sim::Certificate& certificate) {
    const std::pair<sim::Certificate, const char*> files[] = {
        {good_certificate(), "server"},
        {self_signed_certificate(), "alone"},
        {other_certificate(), "other"},
    };
    for (const auto& [known, file] : files) {
        if (known == certificate) return file;
    }
    return {};
}

}  // namespace dialtone::conformance
