// SPDX-License-Identifier: Apache-2.0
#include "agent/generation.h"

#include <doctest/doctest.h>

#include "agent/limits.h"
#include "agent/store/codec.h"
#include "tests/agent/store/samples.h"

namespace dialtone {
namespace {

Document document_of(std::vector<Entry> entries) {
    return {.entries = std::move(entries)};
}

Generation overlaid(const Generation& base, std::vector<Entry> entries, Origin origin) {
    const Document document = document_of(std::move(entries));
    auto next = overlay(base, std::span(&document, 1), origin);
    REQUIRE(next);
    return *next;
}

TEST_CASE("the value of the highest origin counts") {
    const Generation generation = a_generation();
    REQUIRE(generation.find("P47") != nullptr);
    CHECK(generation.find("P47")->origin == Origin::operator_);
    CHECK(generation.find("P47", Origin::file)->value == "sip.example");
    CHECK(generation.find("P47", Origin::acs) == nullptr);
    CHECK(generation.find("P4") == nullptr);
    CHECK(generation.find("P9") == nullptr);
    CHECK(generation.find("") == nullptr);
    CHECK(Generation{}.find("P47") == nullptr);
}

TEST_CASE("an overlay replaces what it names and keeps the rest") {
    const Generation base =
        overlaid({}, {{"P1", "one"}, {"P2", "two"}, {"P3", "three"}}, Origin::file);
    const Generation next = overlaid(base, {{"P2", "new"}, {"P0", "zero"}}, Origin::file);
    CHECK(key_value_lines(next) == "P0=zero\nP1=one\nP2=new\nP3=three\n");
    CHECK(key_value_lines(base) == "P1=one\nP2=two\nP3=three\n");
}

TEST_CASE("of several documents the later one wins, of several entries the last") {
    const Document documents[] = {document_of({{"P1", "a"}, {"P2", "a"}, {"P1", "b"}}),
                                  document_of({{"P2", "c"}})};
    const auto next = overlay({}, documents, Origin::file);
    REQUIRE(next);
    CHECK(key_value_lines(*next) == "P1=b\nP2=c\n");
    CHECK(next->items.size() == 2);
}

TEST_CASE("a file does not replace the operator's value but is remembered under it") {
    Generation base;
    REQUIRE(set_item(base, "P47", Origin::operator_, "mine"));
    const Generation next = overlaid(base, {{"P47", "theirs"}}, Origin::file);
    CHECK(next.find("P47")->value == "mine");
    REQUIRE(next.find("P47", Origin::file) != nullptr);
    CHECK(next.find("P47", Origin::file)->value == "theirs");
    CHECK(changed_keys(base, next).empty());
    CHECK(!next.same_meaning(base));
}

TEST_CASE("an overlay keeps number, source, proof, digests and unknown tags") {
    const Generation next = overlaid(a_generation(), {}, Origin::file);
    CHECK(same(next, a_generation()));
}

TEST_CASE("bad input: an overlay over the limits is refused") {
    std::vector<Entry> many;
    many.reserve(limits::config_entries);
    for (uint32_t i = 0; i < limits::config_entries; ++i)
        many.push_back({"P" + std::to_string(i), ""});
    Generation full = overlaid({}, many, Origin::file);

    const Document one_more = document_of({{"P99999", ""}});
    const auto next = overlay(full, std::span(&one_more, 1), Origin::file);
    REQUIRE(!next);
    CHECK(next.error().code == ErrorCode::too_big);
    CHECK(set_item(full, "P1", Origin::file, "changed"));
    CHECK(!set_item(full, "P1", Origin::operator_, "one too many"));
    CHECK(full.items.size() == limits::config_entries);
}

TEST_CASE("bad input: an overlay that would not fit into its file is refused") {
    std::vector<Entry> big;
    const std::string value(limits::config_value_bytes, 'v');
    const uint32_t fitting = limits::generation_items_bytes / (limits::config_value_bytes + 13);
    big.reserve(fitting);
    for (uint32_t i = 0; i < fitting; ++i)
        big.push_back({"P" + std::to_string(1000 + i), value});
    const Generation full = overlaid({}, big, Origin::file);
    CHECK(encode_generation(full).size() <= limits::generation_bytes);
    CHECK(decode_generation(encode_generation(full)));

    const Document one_more = document_of({{"P1", value}});
    const auto next = overlay(full, std::span(&one_more, 1), Origin::file);
    REQUIRE(!next);
    CHECK(next.error().code == ErrorCode::too_big);
}

TEST_CASE("bad input: a key without a name, a long key and a long value are refused") {
    Generation generation;
    CHECK(!set_item(generation, "", Origin::file, "x"));
    CHECK(!set_item(generation, std::string(limits::config_key_bytes + 1, 'k'), Origin::file, "x"));
    CHECK(
        !set_item(generation, "k", Origin::file, std::string(limits::config_value_bytes + 1, 'v')));
    CHECK(generation.items.empty());
    CHECK(set_item(generation, std::string(limits::config_key_bytes, 'k'), Origin::file,
                   std::string(limits::config_value_bytes, 'v')));
}

TEST_CASE("set_item adds in order and replaces") {
    Generation generation;
    REQUIRE(set_item(generation, "P9", Origin::file, "nine"));
    REQUIRE(set_item(generation, "P1", Origin::operator_, "one"));
    REQUIRE(set_item(generation, "P1", Origin::file, "uno"));
    REQUIRE(set_item(generation, "P9", Origin::file, "neuf"));
    CHECK(generation.items == std::vector<Item>{{"P1", Origin::file, "uno"},
                                                {"P1", Origin::operator_, "one"},
                                                {"P9", Origin::file, "neuf"}});
}

TEST_CASE("a digest is replaced by role and name") {
    Generation generation = a_generation();
    const FileDigest news[] = {{"mac-xml", "cfg000b82273b89.xml", sum_of(50)},
                               {"mac-xml", "other.xml", sum_of(60)}};
    set_digests(generation, news);
    CHECK(generation.digests.size() == 3);
    CHECK(generation.digest("mac-xml", "cfg000b82273b89.xml")->sha256 == sum_of(50));
    CHECK(generation.digest("mac-xml", "other.xml")->sha256 == sum_of(60));
    CHECK(generation.digest("common-xml", "cfg.xml")->sha256 == sum_of(99));
    CHECK(generation.digest("common-xml", "other.xml") == nullptr);
}

TEST_CASE("the oldest digests make room, and the newest renewed one is no old one") {
    Generation generation;
    for (uint8_t i = 0; i < limits::digests_kept; ++i) {
        const FileDigest one{"role", "file" + std::to_string(i), sum_of(i)};
        set_digests(generation, std::span(&one, 1));
    }
    const FileDigest renewed{"role", "file0", sum_of(0)};
    set_digests(generation, std::span(&renewed, 1));
    const FileDigest added{"role", "new", sum_of(9)};
    set_digests(generation, std::span(&added, 1));
    CHECK(generation.digests.size() == limits::digests_kept);
    CHECK(generation.digest("role", "file0") != nullptr);
    CHECK(generation.digest("role", "file1") == nullptr);
    CHECK(generation.digest("role", "new") != nullptr);
}

TEST_CASE("bad input: the digest of a file with an endless name is not kept") {
    Generation generation;
    const FileDigest digest{"role", std::string(70'000, 'n'), sum_of(1)};
    set_digests(generation, std::span(&digest, 1));
    CHECK(generation.digests.empty());
}

TEST_CASE("two generations mean the same when every value and who set it is the same") {
    Generation other = a_generation();
    other.number = 99;
    other.source.url += "x";
    other.digests.pop_back();
    CHECK(a_generation().same_meaning(other));
    SUBCASE("value") {
        other.items[0].value += "x";
    }
    SUBCASE("origin") {
        other.items[0].origin = Origin::file;
    }
    SUBCASE("item") {
        other.items.pop_back();
    }
    CHECK(!a_generation().same_meaning(other));
}

TEST_CASE("changed keys are those whose counting value is new, other or gone") {
    Generation before;
    Generation now;
    for (const auto& [key, value] : {std::pair("same", "1"), std::pair("other", "1"),
                                     std::pair("gone", "1"), std::pair("z.gone", "1")})
        REQUIRE(set_item(before, key, Origin::file, value));
    for (const auto& [key, value] :
         {std::pair("same", "1"), std::pair("other", "2"), std::pair("new", "3")})
        REQUIRE(set_item(now, key, Origin::file, value));
    REQUIRE(set_item(now, "same", Origin::operator_, "1"));

    std::string text;
    for (const KeyChange& change : changed_keys(before, now))
        text += key_value_line(change.key, change.value) + "\n";
    CHECK(text == "gone=\nnew=3\nother=2\nz.gone=\n");
    CHECK(changed_keys(now, now).empty());
    CHECK(changed_keys({}, {}).empty());
}

TEST_CASE("a key and value line escapes backslash and line ends, and = in the key") {
    CHECK(key_value_line("P47", "sip.example") == "P47=sip.example");
    CHECK(key_value_line("a=b\\", "c=d\\e\nf\rg\th") == "a\\=b\\\\=c=d\\\\e\\nf\\rg\th");
    CHECK(key_value_line("k", "") == "k=");
}

TEST_CASE("key and value lines show each counting value once, sorted") {
    const std::string binary("\0\xff", 2);
    CHECK(key_value_lines(a_generation()) ==
          "P2=admin\nP270=Account=name\\nline two\\\\\nP47=\nP8=" + binary + "\n");
    CHECK(key_value_lines({}).empty());
}

}  // namespace
}  // namespace dialtone
