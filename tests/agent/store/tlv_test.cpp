// SPDX-License-Identifier: Apache-2.0
#include "agent/store/tlv.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

namespace dialtone {
namespace {

constexpr uint32_t no_limit = 1'000'000;

std::vector<uint8_t> two_values() {
    TlvWriter out("TEST", 3);
    out.put(1, ByteWriter().text("one").view());
    out.put(2, {});
    return out.seal();
}

ErrorCode open_failure(std::span<const uint8_t> file, uint32_t limit_bytes = no_limit) {
    const auto in = TlvReader::open(file, "TEST", 3, limit_bytes);
    REQUIRE(!in);
    return in.error().code;
}

TEST_CASE("the frame is magic, version, values and a checksum of everything before it") {
    const std::vector<uint8_t> file = two_values();
    const std::vector<uint8_t> head = {'T', 'E', 'S', 'T', 3, 1, 0,    0, 0, 3, 'o', 'n',
                                       'e', 2,   0,   0,   0, 0, 0xff, 0, 0, 0, 32};
    REQUIRE(file.size() == head.size() + 32);
    CHECK(std::vector<uint8_t>(file.begin(), file.begin() + static_cast<int>(head.size())) == head);
    // sha256sum of the 23 bytes above
    CHECK(file[23] == 0x79);
    CHECK(file[54] == 0x4c);
}

TEST_CASE("values are read back in their order with their offsets") {
    const std::vector<uint8_t> file = two_values();
    auto in = TlvReader::open(file, "TEST", 3, no_limit);
    REQUIRE(in);
    const auto one = in->next();
    REQUIRE(one);
    CHECK(one->tag == 1);
    CHECK(one->offset == 5);
    CHECK(ByteReader(one->value).rest_as_text() == "one");
    const auto two = in->next();
    REQUIRE(two);
    CHECK(two->tag == 2);
    CHECK(two->offset == 13);
    CHECK(two->value.empty());
    CHECK(!in->next());
    CHECK(!in->next());
}

TEST_CASE("a file without values is whole") {
    const auto file = TlvWriter("TEST", 1).seal();
    auto in = TlvReader::open(file, "TEST", 3, no_limit);
    REQUIRE(in);
    CHECK(!in->next());
}

TEST_CASE("bad input: a durable file cut short anywhere is refused") {
    const std::vector<uint8_t> file = two_values();
    for (uint32_t size = 0; size < file.size(); ++size) {
        CAPTURE(size);
        CHECK(open_failure(std::span(file).first(size)) == ErrorCode::truncated);
    }
}

TEST_CASE("bad input: a durable file with any bit turned is refused") {
    const std::vector<uint8_t> file = two_values();
    for (uint32_t bit = 0; bit < file.size() * 8; ++bit) {
        CAPTURE(bit);
        std::vector<uint8_t> spoilt = file;
        spoilt[bit / 8] = static_cast<uint8_t>(spoilt[bit / 8] ^ 1U << bit % 8);
        // One bit of the version makes an older one of it, which nothing but the checksum tells.
        CHECK(!TlvReader::open(spoilt, "TEST", 3, no_limit));
    }
}

TEST_CASE("bad input: a durable file with bytes behind its checksum is refused") {
    std::vector<uint8_t> file = two_values();
    file.push_back(0);
    CHECK(open_failure(file) == ErrorCode::corrupt);
}

TEST_CASE("bad input: a durable file of another kind, a later version or too long is refused") {
    const std::vector<uint8_t> file = two_values();
    CHECK(!TlvReader::open(file, "TEXT", 3, no_limit));
    const auto later = TlvReader::open(file, "TEST", 2, no_limit);
    REQUIRE(!later);
    CHECK(later.error().code == ErrorCode::unsupported);
    CHECK(later.error().where == Position::at_offset(4));
    CHECK(open_failure(file, static_cast<uint32_t>(file.size()) - 1) == ErrorCode::too_big);
    CHECK(TlvReader::open(file, "TEST", 3, static_cast<uint32_t>(file.size())));
}

TEST_CASE("numbers are big-endian") {
    ByteWriter out;
    out.u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f);
    const auto bytes = out.view();
    REQUIRE(bytes.size() == 15);
    for (uint8_t i = 0; i < 15; ++i)
        CHECK(bytes[i] == i + 1);
    ByteReader in(bytes);
    CHECK(in.u8() == 1);
    CHECK(in.u16() == 0x0203);
    CHECK(in.u32() == 0x04050607);
    CHECK(in.u64() == 0x08090a0b0c0d0e0f);
    CHECK(in.whole());
}

TEST_CASE("a value is whole only when all of it was read and nothing beyond") {
    const std::vector<uint8_t> three = {0, 1, 'x'};
    ByteReader some(three);
    CHECK(some.u16() == 1);
    CHECK(!some.whole());

    ByteReader exact(three);
    CHECK(exact.short_text() == "x");
    CHECK(exact.whole());

    ByteReader beyond(three);
    CHECK(beyond.u32() == 0);
    CHECK(beyond.u8() == 0);
    CHECK(!beyond.whole());
}

TEST_CASE("a short text longer than its value is not read") {
    const std::vector<uint8_t> bytes = {0xff, 0xff, 'x'};
    ByteReader in(bytes);
    CHECK(in.short_text().empty());
    CHECK(!in.whole());
}

TEST_CASE("tags of a later release are kept up to a bound") {
    std::vector<UnknownTag> unknown;
    for (uint32_t i = 0; i < limits::unknown_tags_kept; ++i)
        CHECK(keep_unknown(unknown, {.tag = 99, .value = {}, .offset = 5}));
    CHECK(!keep_unknown(unknown, {.tag = 99, .value = {}, .offset = 5}));
    CHECK(unknown.size() == limits::unknown_tags_kept);

    const std::vector<uint8_t> most(limits::unknown_tag_bytes - tlv_head_bytes);
    unknown.clear();
    CHECK(keep_unknown(unknown, {.tag = 99, .value = most, .offset = 5}));
    CHECK(!keep_unknown(unknown, {.tag = 99, .value = {}, .offset = 5}));
    CHECK(unknown.size() == 1);
}

}  // namespace
}  // namespace dialtone
