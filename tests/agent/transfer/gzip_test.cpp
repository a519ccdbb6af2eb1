// SPDX-License-Identifier: Apache-2.0
//
// zlib makes what is decoded here; the fuzz target compares with what zlib reads.
#include "agent/transfer/gzip.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/rng.h"
#include "tests/conformance/gzip_of.h"

using namespace dialtone;
using namespace std::string_literals;

namespace {

struct Decoded {
    bool holds = true;
    bool is_whole = false;
    bool was_gzip = true;
    std::string text = {};
};

Decoded decoded(std::string_view input, size_t piece_bytes = SIZE_MAX, size_t room = 16 * 1024) {
    const auto decoder = std::make_unique<GzipDecoder>();
    std::vector<uint8_t> output;
    Decoded result;
    while (result.holds && !input.empty()) {
        const std::string_view piece = input.substr(0, piece_bytes);
        input.remove_prefix(piece.size());
        decoder->give({reinterpret_cast<const uint8_t*>(piece.data()), piece.size()});
        do {
            const size_t before = output.size();
            result.holds = decoder->decode(room, output);
            REQUIRE(output.size() - before <= room);
        } while (decoder->has_more());
    }
    result.is_whole = decoder->is_whole();
    result.was_gzip = decoder->was_gzip();
    result.text.assign(output.begin(), output.end());
    return result;
}

bool gives(const Decoded& result, std::string_view text) {
    return result.holds && result.is_whole && result.text == text;
}

std::string random_text(uint32_t bytes) {
    Rng rng(7);
    std::string text;
    for (uint32_t i = 0; i < bytes; ++i)
        text += static_cast<char>(rng.below(256));
    return text;
}

std::string words(uint32_t count) {
    std::string text;
    for (uint32_t i = 0; i < count; ++i)
        text += "<P" + std::to_string(i) + ">" + std::to_string(i * 7919 % 1000) + "</P>\n";
    return text;
}

// A member: its head, a DEFLATE stream, checksum and size as they may be.
std::string member_of(std::string_view deflated) {
    return "\x1f\x8b\x08\0\0\0\0\0\0\x03"s.append(deflated).append(8, '\0');
}

TEST_CASE("what zlib packs at any level comes back in whatever pieces") {
    const std::string texts[] = {"",
                                 "x",
                                 "P237=10.0.0.5\n",
                                 std::string(100'000, 'x'),
                                 words(4'000),
                                 random_text(70'000),
                                 random_text(40'000) + random_text(40'000)};
    for (const std::string& text : texts) {
        for (const int level : {0, 1, 6, 9}) {
            const std::string packed = gzip_of(text, level);
            CAPTURE(text.size());
            CAPTURE(level);
            CHECK(gives(decoded(packed), text));
            CHECK(gives(decoded(packed, 1), text));
            CHECK(gives(decoded(packed, 1500, 999), text));
        }
    }
}

TEST_CASE("no more is decoded at a time than there is room for") {
    const std::string packed = gzip_of(std::string(300'000, 'x'));
    CHECK(gives(decoded(packed, SIZE_MAX, 1), std::string(300'000, 'x')));
    CHECK(packed.size() < 1000);
}

TEST_CASE("the optional parts of a member's header are passed over") {
    const std::string packed = gzip_of("hello");
    const std::pair<uint8_t, std::string> parts[] = {{0x04, "\x03\0abc"s},
                                                     {0x08, "name.xml\0"s},
                                                     {0x10, "a comment\0"s},
                                                     {0x02, "zz"},
                                                     {0x1e, "\0\0name\0\0zz"s}};
    for (const auto& [flags, part] : parts) {
        std::string member = packed;
        member[3] = static_cast<char>(flags);
        member.insert(10, part);
        CAPTURE(flags);
        CHECK(gives(decoded(member), "hello"));
        CHECK(gives(decoded(member, 1), "hello"));
    }
}

TEST_CASE("members one after another are one file, and what follows them is left out") {
    const std::string two = gzip_of("one, ") + gzip_of("two");
    CHECK(gives(decoded(two), "one, two"));
    CHECK(gives(decoded(two, 1), "one, two"));
    CHECK(gives(decoded(two + "\0\0\0\0"s), "one, two"));
    CHECK(gives(decoded(two + "rubbish", 3), "one, two"));
    CHECK_FALSE(decoded(two + "\x1f").is_whole);
    CHECK_FALSE(decoded(two + "\x1f\x8c").holds);
}

TEST_CASE("nothing at all is an empty file") {
    CHECK(gives(decoded(""), ""));
}

TEST_CASE("bad input: a file that ends early is not whole, wherever that is") {
    for (const int level : {0, 1, 9}) {
        const std::string packed = gzip_of(words(40), level);
        for (size_t end = 1; end < packed.size(); ++end) {
            const Decoded result = decoded(packed.substr(0, end));
            CAPTURE(end);
            CHECK(result.holds);
            CHECK_FALSE(result.is_whole);
        }
    }
}

TEST_CASE("bad input: no flipped bit goes unnoticed") {
    const std::string text = words(40);
    const std::string packed = gzip_of(text);
    for (size_t bit = 0; bit < packed.size() * 8; ++bit) {
        std::string flipped = packed;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
        const Decoded result = decoded(flipped);
        CAPTURE(bit);
        const bool is_taken = result.holds && result.is_whole;
        CHECK((!is_taken || result.text == text));
    }
}

TEST_CASE("bad input: what begins otherwise is no gzip") {
    for (const std::string& text :
         {"<"s, "P237=1\n"s, "\x1f"s + "x", "\x1f\x8b\x09"s, "\x78\x9c"s, std::string(100, '\0')}) {
        const Decoded result = decoded(text);
        CHECK_FALSE(result.holds);
        CHECK_FALSE(result.was_gzip);
    }
}

TEST_CASE("bad input: what breaks DEFLATE is refused") {
    const std::pair<std::string_view, std::string> streams[] = {
        {"a block of the fourth kind", "\x07"s},
        {"a stored block whose length does not fit", "\x01\x05\x00\x05\x00hello"s},
        {"a copy from before the beginning", "\x03\x02"s},
        {"too many literals", "\xfd\xff\x00"s},
        {"too many distances", "\x05\xfe\xff\x00"s},
        {"more codes than there are", "\x05\x00\xf2\xff\xff\xff\xff\xff\xff"s},
        {"no codes of lengths", "\x05\x00\x00\x00\x00\x00\x00\x00"s},
    };
    for (const auto& [what, stream] : streams) {
        CAPTURE(what);
        const Decoded result = decoded(member_of(stream));
        CHECK_FALSE(result.holds);
        CHECK(result.was_gzip);
    }
}

TEST_CASE("bad input: flags that nobody knows are refused") {
    std::string packed = gzip_of("hello");
    packed[3] = '\x20';
    CHECK_FALSE(decoded(packed).holds);
}

}  // namespace
