// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/config_listing.h"

#include <doctest/doctest.h>

namespace dialtone {

TEST_CASE("a configuration is listed one line a key, and nothing in it controls the terminal") {
    Generation generation;
    generation.items.push_back({.key = "P270", .origin = Origin::file, .value = "desk\x1b[2J"});
    generation.items.push_back(
        {.key = "P3", .origin = Origin::operator_, .value = "a\xe2\x80\xae\nb"});
    CHECK(config_text(generation) == "P270=desk\\x1B[2J\nP3=a\\xE2\\x80\\xAE\\nb\n");
}

}  // namespace dialtone
