// SPDX-License-Identifier: Apache-2.0
//
// Two releases and one enumeration: the first knew its values up to 2, the later one up to 4.
#include "agent/store/enum_form.h"

#include <doctest/doctest.h>

namespace dialtone {
namespace {

constexpr EnumForm later = {.tag = 3, .first_highest = 2, .highest = 4, .stands_in = 2};
constexpr EnumForm first = {.tag = 3, .first_highest = 2, .highest = 2, .stands_in = 2};
constexpr uint32_t stamp = 0x01020304;

// What put_later_value() wrote, as a reader that knows none of its tags has it.
std::vector<UnknownTag> written(uint8_t value) {
    TlvWriter out("TEST", 1);
    put_later_value(out, later, value, stamp);
    const auto file = out.seal();
    auto in = TlvReader::open(file, "TEST", 1, 1000);
    REQUIRE(in);
    std::vector<UnknownTag> tags;
    while (const auto tlv = in->next())
        REQUIRE(keep_unknown(tags, *tlv));
    return tags;
}

TEST_CASE("a value of the first release stands in its own tag and nowhere else") {
    for (uint8_t value = 0; value <= 2; ++value) {
        CHECK(first_release_value(later, value) == value);
        CHECK(written(value).empty());
    }
}

TEST_CASE("a later value stands in a tag of its own, with the value that stands in for it") {
    CHECK(first_release_value(later, 3) == 2);
    CHECK(written(4) == std::vector<UnknownTag>{{131, {1, 2, 3, 4, 4}}});
}

TEST_CASE("a release that knows the later value reads it") {
    auto unknown = written(4);
    CHECK(take_later_value(unknown, later, stamp) == 4);
    CHECK(unknown.empty());
}

TEST_CASE("a release that does not know the later value keeps it for one that does") {
    auto unknown = written(4);
    CHECK(!take_later_value(unknown, first, stamp));
    CHECK(take_later_value(unknown, later, stamp) == 4);
}

TEST_CASE("a later value of another stamp counts no longer, whoever knows it") {
    for (const EnumForm& form : {first, later}) {
        auto unknown = written(3);
        CHECK(!take_later_value(unknown, form, stamp + 1));
        CHECK(unknown.empty());
    }
}

TEST_CASE("a later value beside one that needs none is no value") {
    std::vector<UnknownTag> unknown = {{131, {1, 2, 3, 4, 1}}};
    CHECK(!take_later_value(unknown, later, stamp));
    CHECK(unknown.empty());
}

TEST_CASE("other tags, and a later value of another form, stay where they are") {
    const std::vector<UnknownTag> before = {{130, {1, 2, 3, 4, 3}}, {131, {1, 2}}, {3, {}}};
    auto unknown = before;
    CHECK(!take_later_value(unknown, later, stamp));
    CHECK(unknown == before);
}

TEST_CASE("what could not be taken is said in words") {
    LaterParts parts;
    CHECK(parts.words().empty());
    parts.dropped_tag();
    CHECK(parts.words() == "1 of its parts are more than can be kept");
    parts.unknown_value("its proof", 9, "tls");
    parts.add("and so on");
    CHECK(parts.words() ==
          "its proof 9 is not known and counts as tls, and so on, 1 of its parts "
          "are more than can be kept");
}

}  // namespace
}  // namespace dialtone
