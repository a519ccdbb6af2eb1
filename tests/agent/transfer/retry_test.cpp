// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/retry.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

using namespace dialtone;

TEST_CASE("waits grow by decorrelated jitter and stay between base and cap") {
    Rng rng(7);
    Retry retry;
    uint32_t last_ms = limits::retry_base_ms;
    uint32_t longest_ms = 0;
    for (uint32_t i = 0; i < 200; ++i) {
        const uint32_t wait_ms = retry.next_wait_ms(rng, 0);
        CHECK(wait_ms >= limits::retry_base_ms);
        CHECK(wait_ms <= limits::retry_cap_ms);
        CHECK(wait_ms <= 3 * last_ms);
        last_ms = wait_ms;
        longest_ms = wait_ms > longest_ms ? wait_ms : longest_ms;
    }
    CHECK(longest_ms > 100'000);
}

TEST_CASE("a Retry-After is waited for first, and phones that were told the same stay apart") {
    Rng rng(1);
    Retry one;
    Retry other;
    const uint32_t one_ms = one.next_wait_ms(rng, 1'000);
    const uint32_t other_ms = other.next_wait_ms(rng, 1'000);
    CHECK(one_ms >= 1'000'000 + limits::retry_base_ms);
    CHECK(other_ms >= 1'000'000 + limits::retry_base_ms);
    CHECK(one_ms != other_ms);
    CHECK(one.next_wait_ms(rng, 1'000'000) <=
          limits::retry_after_cap_s * 1000 + limits::retry_cap_ms);
}

TEST_CASE("the waits of one life with --once are short") {
    Rng rng(7);
    Retry retry;
    for (uint32_t i = 0; i < 100; ++i) {
        const uint32_t wait_ms = retry.next_once_wait_ms(rng);
        CHECK(wait_ms >= limits::once_wait_min_ms);
        CHECK(wait_ms <= limits::once_wait_max_ms);
    }
}

TEST_CASE("waits are counted until there is nothing left to wait for") {
    Rng rng(7);
    Retry retry;
    CHECK(retry.waits() == 0);
    retry.next_wait_ms(rng, 0);
    retry.next_once_wait_ms(rng);
    CHECK(retry.waits() == 2);
    retry.reset();
    CHECK(retry.waits() == 0);
}

TEST_CASE("two phones powered on together do not wait alike") {
    const uint8_t one[] = {0, 11, 130, 0, 0, 1};
    const uint8_t other[] = {0, 11, 130, 0, 0, 2};
    Rng first(one, 42);
    Rng second(other, 42);
    CHECK(first.next() != second.next());
}

TEST_CASE("a profile's rule decides how waits grow and over what they are drawn") {
    struct Row {
        RetryRule rule;
        uint32_t lows_ms[4];
        uint32_t highs_ms[4];
    };
    const Row rows[] = {
        {{5'000, 5'000, 1, RetrySpread::none},
         {5'000, 5'000, 5'000, 5'000},
         {5'000, 5'000, 5'000, 5'000}},
        {{1'000, 3'000, 2, RetrySpread::none},
         {1'000, 2'000, 3'000, 3'000},
         {1'000, 2'000, 3'000, 3'000}},
        {{1'000, 300'000, 2, RetrySpread::below}, {0, 0, 0, 0}, {1'000, 2'000, 4'000, 8'000}},
        {{10'000, 5'120'000, 2, RetrySpread::upper_half},
         {5'000, 10'000, 20'000, 40'000},
         {10'000, 20'000, 40'000, 80'000}},
    };
    for (const Row& row : rows) {
        Rng rng(7);
        for (uint32_t round = 0; round < 50; ++round) {
            Retry retry;
            for (uint32_t i = 0; i < 4; ++i) {
                const uint32_t wait_ms = retry.next_wait_ms(rng, 0, row.rule);
                CHECK(wait_ms >= row.lows_ms[i]);
                CHECK(wait_ms <= row.highs_ms[i]);
            }
        }
    }
}
