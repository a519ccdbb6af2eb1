// SPDX-License-Identifier: Apache-2.0
#include "agent/result.h"

#include <doctest/doctest.h>

#include <set>

namespace dialtone {
namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return fail(ErrorCode::malformed, "odd", Position::at_line(7));
    return number / 2;
}

Result<int> quarter(int number) {
    const int halved = TRY(half(number));
    return TRY(half(halved));
}

TEST_CASE("an error is told with its line") {
    CHECK(describe(Error{ErrorCode::malformed, Position::at_line(12), "no end tag"}) ==
          "line 12: no end tag");
}

TEST_CASE("an error is told with its offset, which may be 0") {
    CHECK(describe(Error{ErrorCode::corrupt, Position::at_offset(0), "not ours"}) ==
          "offset 0: not ours");
}

TEST_CASE("an error without a position is just its detail") {
    CHECK(describe(Error{ErrorCode::empty, {}, "the file is empty"}) == "the file is empty");
}

TEST_CASE("TRY unwraps a value and hands an error on unchanged") {
    CHECK(quarter(12) == 3);
    const auto odd = quarter(6);
    REQUIRE(!odd);
    CHECK(odd.error().code == ErrorCode::malformed);
    CHECK(odd.error().where == Position::at_line(7));
    CHECK(odd.error().detail == "odd");
}

TEST_CASE("every error code has a name of its own") {
    std::set<std::string_view> names;
    const auto count = static_cast<uint32_t>(ErrorCode::io) + 1;
    for (uint32_t i = 0; i < count; ++i)
        names.insert(error_code_name(static_cast<ErrorCode>(i)));
    CHECK(names.size() == count);
    CHECK(names.count("foreign_device") == 1);
}

}  // namespace
}  // namespace dialtone
