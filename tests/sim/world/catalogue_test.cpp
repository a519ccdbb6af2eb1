// SPDX-License-Identifier: Apache-2.0
#include "sim/world/catalogue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace dialtone::sim;

namespace {

ContentId put(Catalogue& catalogue, const std::string& text) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
    return catalogue.intern(std::span(bytes, text.size()));
}

bool tears_hold(Catalogue& catalogue, const std::string& before, const std::string& now,
                const std::string& wanted) {
    const ContentId content = put(catalogue, wanted);
    const auto& torn = catalogue.tears(put(catalogue, before), put(catalogue, now));
    return std::ranges::find(torn, content) != torn.end();
}

}  // namespace

TEST_CASE("equal contents have one number, others have others") {
    Catalogue catalogue;
    CHECK(put(catalogue, "") == empty_file);
    const ContentId first = put(catalogue, "a content");
    CHECK(put(catalogue, "a content") == first);
    for (uint32_t i = 0; i < 5'000; ++i)
        CHECK(put(catalogue, std::to_string(i)) == first + 1 + i);
    for (uint32_t i = 0; i < 5'000; ++i)
        CHECK(put(catalogue, std::to_string(i)) == first + 1 + i);
}

TEST_CASE("contents whose hashes are the same are told apart") {
    NumberIndex index;
    CHECK(index.find_or_add(7, 1, [](uint32_t) { return false; }) == 1);
    CHECK(index.find_or_add(7, 2, [](uint32_t) { return false; }) == 2);
    CHECK(index.find_or_add(7, 3, [](uint32_t known) { return known == 2; }) == 2);
}

TEST_CASE("a torn write is a beginning, an end, or a mixture with what was there") {
    Catalogue catalogue;
    const std::string before = "abcdefgh";
    const std::string now = "ABCDEF";
    CHECK(tears_hold(catalogue, before, now, ""));
    CHECK(tears_hold(catalogue, before, now, "A"));
    CHECK(tears_hold(catalogue, before, now, "ABC"));
    CHECK(tears_hold(catalogue, before, now, "ABCDE"));
    CHECK(tears_hold(catalogue, before, now, "ABCdefgh"));
    CHECK(tears_hold(catalogue, before, now, "ABCdef"));
    CHECK(tears_hold(catalogue, before, now, std::string("ABC\0\0\0", 6)));
    CHECK(tears_hold(catalogue, before, now, std::string("\0\0\0DEF", 6)));
    CHECK(tears_hold(catalogue, before, now, "abcDEF"));
    CHECK(!tears_hold(catalogue, before, now, before));
    CHECK(!tears_hold(catalogue, before, now, now));
}

TEST_CASE("a write that is longer than a sector tears between sectors too") {
    Catalogue catalogue;
    const std::string before(1'300, 'a');
    const std::string now(1'300, 'b');
    CHECK(tears_hold(catalogue, before, now, std::string(512, 'b')));
    CHECK(tears_hold(catalogue, before, now, std::string(1'024, 'b') + std::string(276, 'a')));
}
