// SPDX-License-Identifier: Apache-2.0
#include "agent/store/codec.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "tests/agent/store/first_release.h"
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
    SUBCASE("no proof") {
        parts.proof = {};
    }
    SUBCASE("long proof") {
        parts.proof = {0, 0};
    }
    SUBCASE("empty item") {
        parts.more = {{4, {}}};
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
    SUBCASE("items") {
        for (uint32_t i = 0; i <= limits::config_entries; ++i) {
            const auto high = static_cast<uint8_t>(i >> 8);
            parts.more.push_back({4, {1, 0, 2, high, static_cast<uint8_t>(i)}});
        }
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

// --- files of a later release ----------------------------------------------------------------

Generation read_with_remark(std::span<const uint8_t> file, std::string_view remark) {
    std::string words = "left over";
    auto read = decode_generation(file, &words);
    REQUIRE(read);
    CHECK(words == remark);
    return std::move(*read);
}

TEST_CASE("a file that this release takes as it is gets no remark") {
    read_with_remark(encode_generation(a_generation()), "");
}

TEST_CASE("an unknown proof counts as the strongest, so that no more documents than before count") {
    Parts parts;
    parts.proof = {3};
    const Generation read =
        read_with_remark(parts.file(), "its proof 3 is not known and counts as tls");
    CHECK(read.proof == Proof::tls);
}

TEST_CASE("an unknown source counts as one that anybody may name, its URL stays") {
    Parts parts;
    parts.source = {7, 'u'};
    const Generation read =
        read_with_remark(parts.file(), "its source 7 is not known and counts as dhcp");
    CHECK(read.source == Source{SourceKind::dhcp, "u"});
}

TEST_CASE("a value of an unknown origin counts as a file's") {
    Parts parts;
    parts.more = {{4, {4, 0, 1, 'a', 'x'}}, {4, {9, 0, 1, 'b', 'y'}}};
    const Generation read = read_with_remark(
        parts.file(), "the origin of 2 of its values is not known and counts as file");
    CHECK(read.items == std::vector<Item>{{"a", Origin::file, "x"}, {"b", Origin::file, "y"}});
}

TEST_CASE("a value of an unknown origin does not replace one that is known") {
    Parts parts;
    parts.more = {{4, {1, 0, 1, 'a', 'x'}}, {4, {4, 0, 1, 'a', 'y'}}, {4, {5, 0, 1, 'a', 'z'}}};
    const Generation read =
        read_with_remark(parts.file(), "2 of its parts are more than can be kept");
    CHECK(read.items == std::vector<Item>{{"a", Origin::file, "x"}});
}

TEST_CASE("10 KiB of tags that are not known are kept, and written again") {
    Parts parts;
    parts.more.assign(10, {99, std::vector<uint8_t>(1024 - tlv_head_bytes, 7)});
    const Generation read = read_with_remark(parts.file(), "");
    CHECK(read.unknown.size() == 10);
    Generation next = overlay(read, {}, Origin::file).value();
    ++next.number;
    CHECK(decode_generation(encode_generation(next)).value().unknown == read.unknown);
}

TEST_CASE("tags that are not known and over the bound are left out, the configuration is not") {
    Parts parts;
    parts.more = {{4, item_a}, {99, std::vector<uint8_t>(limits::unknown_tag_bytes)}, {98, {1}}};
    const Generation read =
        read_with_remark(parts.file(), "1 of its parts are more than can be kept");
    CHECK(read.items.size() == 1);
    CHECK(read.unknown == std::vector<UnknownTag>{{98, {1}}});
}

TEST_CASE("of more digests than are kept the oldest are left out") {
    Parts parts;
    for (uint8_t i = 0; i <= limits::digests_kept; ++i) {
        std::vector<uint8_t> digest = {0, 1, i, 0, 0};
        digest.resize(digest.size() + 32);
        parts.more.push_back({5, digest});
    }
    const Generation read =
        read_with_remark(parts.file(), "1 of its parts are more than can be kept");
    REQUIRE(read.digests.size() == limits::digests_kept);
    CHECK(read.digests.front().role == std::string(1, '\x01'));
}

TEST_CASE("a proof that came later is kept beside the one that stands in for it") {
    Parts parts;
    parts.number = {0, 0, 0, 1};
    parts.proof = {2};
    parts.more = {{131, {0, 0, 0, 1, 4}}};
    const Generation read = read_with_remark(parts.file(), "");
    CHECK(read.proof == Proof::tls);
    CHECK(read.unknown == std::vector<UnknownTag>{{131, {0, 0, 0, 1, 4}}});
    CHECK(encode_generation(read) == parts.file());
}

TEST_CASE("a proof that came later does not outlive the generation that it was written with") {
    Parts parts;
    parts.number = {0, 0, 0, 2};
    parts.proof = {0};
    parts.more = {{131, {0, 0, 0, 1, 4}}, {130, {0, 0, 0, 1, 7}}};
    const Generation read = read_with_remark(parts.file(), "");
    CHECK(read.proof == Proof::none);
    CHECK(read.unknown.empty());
}

TEST_CASE("a signed configuration is verified by TLS for 0.1.0, and signed again after it") {
    Generation generation = a_generation();
    generation.proof = Proof::signed_;
    const auto file = encode_generation(generation);
    CHECK(first_release_reads_generation(file));
    CHECK(read_with_remark(file, "").proof == Proof::signed_);
    Parts parts;
    parts.number = {0, 0, 0, 1};
    parts.proof = {2};
    parts.more = {{131, {0, 0, 0, 1, 3}}};
    const Generation read = read_with_remark(parts.file(), "");
    CHECK(read.proof == Proof::signed_);
    CHECK(read.unknown.empty());
    CHECK(encode_generation(read) == parts.file());
}

TEST_CASE("a signature does not outlive the generation that it was written with") {
    Parts parts;
    parts.number = {0, 0, 0, 2};
    parts.proof = {0};
    parts.more = {{131, {0, 0, 0, 1, 3}}};
    const Generation read = read_with_remark(parts.file(), "");
    CHECK(read.proof == Proof::none);
    CHECK(read.unknown.empty());
}

TEST_CASE("0.1.0 reads every generation that has nothing of a later release") {
    Generation most = a_generation();
    most.source.kind = SourceKind::handset;
    most.proof = Proof::tls;
    CHECK(first_release_reads_generation(encode_generation(most)));
    CHECK(first_release_reads_generation(encode_generation(Generation{})));
}

TEST_CASE("0.1.0 refuses what it is known to refuse") {
    Parts parts;
    CHECK(first_release_reads_generation(parts.file()));
    SUBCASE("an unknown proof") {
        parts.proof = {3};
    }
    SUBCASE("an unknown source") {
        parts.source = {7};
    }
    SUBCASE("an unknown origin") {
        parts.more = {{4, {4, 0, 1, 'a'}}};
    }
    SUBCASE("more unknown tags than it keeps") {
        parts.more.assign(33, {99, {}});
    }
    SUBCASE("unknown tags that are longer than it keeps") {
        parts.more = {{99, std::vector<uint8_t>(2048)}};
    }
    CHECK(!first_release_reads_generation(parts.file()));
}

}  // namespace
}  // namespace dialtone
