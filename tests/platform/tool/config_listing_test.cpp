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

TEST_CASE("a password that an ACS has set is masked, whichever key it lies under") {
    CHECK(is_secret_key("Services.VoiceService.1.VoiceProfile.3.Line.1.SIP.AuthPassword"));
    CHECK(is_secret_key("ManagementServer.ConnectionRequestPassword"));
    CHECK(is_secret_key("ManagementServer.STUNPassword"));
    CHECK(is_secret_key("P34"));
    CHECK(!is_secret_key("Services.VoiceService.1.VoiceProfile.3.Line.1.SIP.AuthUserName"));
}

}  // namespace dialtone
