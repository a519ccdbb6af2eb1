// SPDX-License-Identifier: Apache-2.0
#include "agent/store/codec.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/agent/store/samples.h"

namespace dialtone {
namespace {

ErrorCode decode_failure(std::span<const uint8_t> bytes) {
    const auto generation = decode_generation(bytes);
    REQUIRE(!generation);
    return generation.error().code;
}

// The values of a small whole generation, for tests that change one of them.
struct Parts {
    std::vector<uint8_t> number = {0, 0, 0, 1};
    std::vector<uint8_t> source = {3, 'u'};
    std::vector<uint8_t> proof = {0};
    std::vector<std::pair<uint8_t, std::vector<uint8_t>>> more = {};

    std::vector<uint8_t> file() const {
        std::vector<Tlv> tlvs = {{1, number}, {2, source}, {3, proof}};
        for (const auto& [tag, value] : more)
            tlvs.push_back({tag, value});
        return sealed("DTGN", tlvs);
    }
};

const std::vector<uint8_t> item_a = {1, 0, 1, 'a', 'x'};
const std::vector<uint8_t> item_b = {1, 0, 1, 'b', 'x'};

TEST_CASE("a generation is read back as it was written") {
    const auto read = decode_generation(encode_generation(a_generation()));
    REQUIRE(read);
    CHECK(same(*read, a_generation()));
}

TEST_CASE("the empty generation is read back") {
    const auto read = decode_generation(encode_generation(Generation{}));
    REQUIRE(read);
    CHECK(same(*read, Generation{}));
}

TEST_CASE("tags of a later release survive a rewrite") {
    const auto read = decode_generation(encode_generation(a_generation()));
    REQUIRE(read);
    Generation next = *read;
    REQUIRE(set_item(next, "P1", Origin::file, "new"));
    const auto again = decode_generation(encode_generation(next));
    REQUIRE(again);
    CHECK(again->unknown == a_generation().unknown);
}

TEST_CASE("bad input: a generation file cut short anywhere is refused") {
    const std::vector<uint8_t> file = encode_generation(a_generation());
    for (uint32_t size = 0; size < file.size(); ++size) {
        CAPTURE(size);
        CHECK(decode_failure(std::span(file).first(size)) == ErrorCode::truncated);
    }
}

TEST_CASE("bad input: a generation file with any bit turned is refused") {
    std::vector<uint8_t> file = encode_generation(a_generation());
    for (uint32_t bit = 0; bit < file.size() * 8; ++bit) {
        const auto mask = static_cast<uint8_t>(1U << bit % 8);
        file[bit / 8] ^= mask;
        CAPTURE(bit);
        CHECK(!decode_generation(file));
        file[bit / 8] ^= mask;
    }
    CHECK(decode_generation(file));
}

TEST_CASE("the small generation that the following tests spoil is whole") {
    Parts parts;
    parts.more = {{4, item_a}, {4, item_b}};
    const auto read = decode_generation(parts.file());
    REQUIRE(read);
    CHECK(read->items.size() == 2);
}

TEST_CASE("bad input: a generation without its number, source or proof is refused") {
    CHECK(decode_failure(sealed("DTGN", {})) == ErrorCode::malformed);
    const std::vector<uint8_t> number = {0, 0, 0, 1};
    const Tlv only_number[] = {{1, number}};
    CHECK(decode_failure(sealed("DTGN", only_number)) == ErrorCode::malformed);
}

TEST_CASE("bad input: a generation with two numbers, sources or proofs is refused") {
    for (uint8_t tag : {uint8_t{1}, uint8_t{2}, uint8_t{3}}) {
        Parts parts;
        parts.more = {{tag, tag == 1 ? parts.number : tag == 2 ? parts.source : parts.proof}};
        CHECK(decode_failure(parts.file()) == ErrorCode::malformed);
    }
}

TEST_CASE("bad input: a generation whose items are out of order or repeated is refused") {
    Parts out_of_order;
    out_of_order.more = {{4, item_b}, {4, item_a}};
    CHECK(decode_failure(out_of_order.file()) == ErrorCode::malformed);
    Parts repeated;
    repeated.more = {{4, item_a}, {4, item_a}};
    CHECK(decode_failure(repeated.file()) == ErrorCode::malformed);
}

TEST_CASE("bad input: a generation with a field of a wrong length or value is refused") {
    Parts parts;
    SUBCASE("short number") {
        parts.number = {0, 0, 1};
    }
    SUBCASE("long number") {
        parts.number = {0, 0, 0, 0, 1};
    }
    SUBCASE("no source") {
        parts.source = {};
    }
    SUBCASE("unknown source") {
        parts.source = {7};
    }
    SUBCASE("no proof") {
        parts.proof = {};
    }
    SUBCASE("long proof") {
        parts.proof = {0, 0};
    }
    SUBCASE("unknown proof") {
        parts.proof = {3};
    }
    SUBCASE("empty item") {
        parts.more = {{4, {}}};
    }
    SUBCASE("unknown origin") {
        parts.more = {{4, {4, 0, 1, 'a'}}};
    }
    SUBCASE("item without a key") {
        parts.more = {{4, {1, 0, 0, 'a'}}};
    }
    SUBCASE("key longer than its item") {
        parts.more = {{4, {1, 0, 9, 'a'}}};
    }
    SUBCASE("empty digest") {
        parts.more = {{5, {}}};
    }
    SUBCASE("digest without its sum") {
        parts.more = {{5, {0, 1, 'r', 0, 1, 'n'}}};
    }
    CHECK(decode_failure(parts.file()) == ErrorCode::malformed);
}

TEST_CASE("bad input: a generation with too much of anything is refused") {
    Parts parts;
    SUBCASE("key") {
        std::vector<uint8_t> item = {1, 0, limits::config_key_bytes + 1};
        item.resize(item.size() + limits::config_key_bytes + 1, 'k');
        parts.more = {{4, item}};
    }
    SUBCASE("value") {
        std::vector<uint8_t> item = {1, 0, 1, 'k'};
        item.resize(item.size() + limits::config_value_bytes + 1, 'v');
        parts.more = {{4, item}};
    }
    SUBCASE("digests") {
        for (uint8_t i = 0; i <= limits::digests_kept; ++i) {
            std::vector<uint8_t> digest = {0, 1, i, 0, 0};
            digest.resize(digest.size() + 32);
            parts.more.push_back({5, digest});
        }
    }
    SUBCASE("unknown tags") {
        parts.more.assign(limits::unknown_tags_kept + 1, {99, {}});
    }
    CHECK(decode_failure(parts.file()) == ErrorCode::too_big);
}

TEST_CASE("bad input: a file with two digests is refused") {
    std::vector<uint8_t> digest = {0, 1, 'r', 0, 1, 'n'};
    digest.resize(digest.size() + 32);
    Parts parts;
    parts.more = {{5, digest}, {5, digest}};
    CHECK(decode_failure(parts.file()) == ErrorCode::malformed);
}

}  // namespace
}  // namespace dialtone
