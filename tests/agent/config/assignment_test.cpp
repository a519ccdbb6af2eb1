// SPDX-License-Identifier: Apache-2.0
#include "agent/config/assignment.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "agent/vendor/profiles.h"

using namespace dialtone;

namespace {

Result<Document> read(std::string_view text) {
    return read_assignments(text, *find_profile("grandstream"));
}

std::string refusal(std::string_view text) {
    const auto document = read(text);
    return document ? "" : document.error().detail;
}

}  // namespace

TEST_CASE("a value may hold what separates it from its key") {
    const auto document = read("P47=a=b\\=c");
    REQUIRE(document);
    REQUIRE(document->entries.size() == 1);
    CHECK(document->entries[0].key == "P47");
    CHECK(document->entries[0].value == "a=b\\=c");
}

TEST_CASE("several lines are several entries, and of two with one key the last counts") {
    const auto document = read("P47=one\nstatic.url=http://x/\nP47=two");
    REQUIRE(document);
    REQUIRE(document->entries.size() == 2);
    CHECK(document->entries[0].value == "two");
    CHECK(document->entries[1].key == "static.url");
}

TEST_CASE("bad input: one line that is wrong refuses them all, and names what is wrong") {
    CHECK(refusal("P47=one\nsplay=soon").find("splay") == 0);
    CHECK(refusal("static.ulr=http://x/\nP47=one") ==
          "there is no setting 'static.ulr', did you mean 'static.url'?");
    CHECK(refusal("P47=one\n") == "set takes KEY=VALUE");
    CHECK(refusal("=one") == "set takes KEY=VALUE");
    CHECK(refusal("") == "set takes KEY=VALUE");
    CHECK(refusal("P47=" + std::string(limits::config_value_bytes + 1, 'x')) ==
          "the key or the value is too long");
}

TEST_CASE("bad input: more keys than the limit are refused") {
    std::string lines = "P1=x";
    for (uint32_t i = 2; i <= limits::assignments; ++i)
        lines += "\nP" + std::to_string(i) + "=x";
    CHECK(refusal(lines).empty());
    CHECK(refusal(lines + "\nP999=x") == "at most 64 keys can be set at once");
}

TEST_CASE("the journal is told the keys and no values") {
    CHECK(assigned_keys("P47=secret\nconfig.password=hush\nno key") == "P47, config.password");
    CHECK(assigned_keys("hunter2").empty());
}
