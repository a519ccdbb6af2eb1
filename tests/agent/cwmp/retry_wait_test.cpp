// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/retry_wait.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("the waits after failed sessions are those of TR-069 table 3") {
    uint32_t from_s = 5;
    for (uint32_t failures = 1; failures <= 10; ++failures, from_s *= 2) {
        CAPTURE(failures);
        CHECK(retry_wait({}, failures) == WaitRange{from_s * 1000, 2 * from_s * 1000});
    }
    CHECK(retry_wait({}, 11) == WaitRange{2'560'000, 5'120'000});
    CHECK(retry_wait({}, UINT32_MAX) == WaitRange{2'560'000, 5'120'000});
}

TEST_CASE("the minimum and the multiplier shape the waits, and a multiplier of 1000 keeps them") {
    CHECK(retry_wait({7, 1500}, 1) == WaitRange{7'000, 10'500});
    CHECK(retry_wait({7, 1500}, 2) == WaitRange{10'500, 15'750});
    CHECK(retry_wait({3, 1000}, 9) == WaitRange{3'000, 3'000});
}

TEST_CASE("the largest parameters come to no more than the cap") {
    constexpr uint32_t cap_ms = limits::cwmp_retry_cap_s * 1000;
    CHECK(retry_wait({65'535, 65'535}, 1) == WaitRange{65'535'000, cap_ms});
    CHECK(retry_wait({65'535, 65'535}, 10) == WaitRange{cap_ms, cap_ms});
}
