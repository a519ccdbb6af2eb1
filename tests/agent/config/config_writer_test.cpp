// SPDX-License-Identifier: Apache-2.0
//
// What the phone writes as a configuration file, it reads again as the same.
#include "agent/config/config_writer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config_format.h"
#include "agent/config/reader.h"
#include "agent/limits.h"
#include "agent/rng.h"

using namespace dialtone;

namespace {

using Values = std::map<std::string, std::string>;

Generation generation_of(const Values& values, Origin origin = Origin::file,
                         const Generation& base = {}) {
    Document document;
    for (const auto& [key, value] : values)
        document.entries.push_back({.key = key, .value = value});
    auto next = overlay(base, {&document, 1}, origin);
    REQUIRE(next);
    return std::move(*next);
}

Document read(std::string text, const Profile& profile) {
    auto document = read_config_file({reinterpret_cast<uint8_t*>(text.data()), text.size()}, {},
                                     profile, {}, Carriage::proven);
    if (!document) FAIL(describe(document.error()) << "\n" << text);
    return std::move(*document);
}

Values values_of(const Document& document) {
    Values out;
    for (const Entry& entry : document.entries)
        out[entry.key] = entry.value;
    return out;
}

// What is read of what is written.
Values there_and_back(const Values& values, std::string_view name) {
    const Profile& profile = *find_profile(name);
    const auto text = write_config_file(generation_of(values), profile, true);
    REQUIRE(text);
    return values_of(read(*text, profile));
}

std::string text_of(Rng& rng, std::span<const std::string_view> pieces, uint32_t most) {
    std::string out;
    for (uint32_t left = rng.below(most + 1); left > 0; --left)
        out += pieces[rng.below(static_cast<uint32_t>(pieces.size()))];
    return out;
}

constexpr std::string_view harmless_pieces[] = {"a", "Z", "0",   " ",    ":",       "/",
                                                "#", "<", ">",   "&",    "\"",      "'",
                                                "-", "=", "]]>", "<!--", "\xC3\xBC"};
constexpr std::string_view all_pieces[] = {
    "a",  " ",  ":",  "/",  "#",    "<",    ">",    "&",        "\"",
    "--", "\t", "\n", "\r", "\x01", "\x7F", "\xFF", "\xC3\xBC", "\xEF\xBF\xBF"};

std::string key_of(Rng& rng, std::string_view profile) {
    if (profile == "grandstream") {
        constexpr std::string_view items[] = {"account.1.name", "a.b/1", "a.b/2", "Action URI"};
        return rng.below(3) == 0 ? std::string(items[rng.below(4)])
                                 : "P" + std::to_string(rng.below(60));
    }
    constexpr std::string_view modules[] = {"SIP CONFIG MODULE", "SIP", "M 2"};
    constexpr std::string_view lists[] = {"", "SIP Line List/", "A/", "-x/", "x-/"};
    constexpr std::string_view names[] = {"SIP1 Phone Number", "b", "a/b", "Z  z"};
    return std::string(modules[rng.below(3)]) + "/" + std::string(lists[rng.below(5)]) +
           std::string(names[rng.below(4)]);
}

}  // namespace

TEST_CASE("what is written reads as the same values, whatever stands in them") {
    for (const std::string_view profile : {"grandstream", "fanvil"}) {
        Rng rng(11);
        for (uint32_t round = 0; round < 300; ++round) {
            Values values;
            for (uint32_t left = rng.below(12); left > 0; --left) {
                std::string value = text_of(rng, harmless_pieces, 12);
                while (value.starts_with(' '))
                    value.erase(0, 1);
                while (value.ends_with(' '))
                    value.pop_back();
                values[key_of(rng, profile)] = std::move(value);
            }
            CHECK(there_and_back(values, profile) == values);
        }
    }
}

TEST_CASE("bad input: a value that a format cannot say is left out and harms no other") {
    for (const std::string_view profile : {"grandstream", "fanvil"}) {
        Rng rng(12);
        for (uint32_t round = 0; round < 300; ++round) {
            Values values;
            for (uint32_t left = rng.below(12); left > 0; --left)
                values[key_of(rng, profile)] = text_of(rng, all_pieces, 6);
            for (const auto& [key, value] : there_and_back(values, profile)) {
                REQUIRE(values.contains(key));
                CHECK(values[key] == value);
            }
        }
    }
    CHECK(there_and_back({{"P1", " "}, {"P2", "a\nb\tc\rd "}, {"P3", "\x01"}}, "grandstream") ==
          Values{{"P2", "a\nb\tc\rd "}});
    CHECK(there_and_back({{"M/a", "x\ny"}, {"M/b:c", "x"}, {"M/#d", "x"}, {"M/e", "x"}},
                         "fanvil") == Values{{"M/e", "x"}});
}

TEST_CASE("a configuration that was read, written and read again means the same") {
    const Values grandstream = {{"P47", "sip.example:5060"}, {"P34", "a&<b"}, {"P270", ""}};
    const Values fanvil = {{"SIP CONFIG MODULE/SIP  Port", "5060"},
                           {"SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number", "201"},
                           {"AUTOUPDATE CONFIG MODULE/Flash Mode", "0"}};
    for (const auto& [name, values] :
         {std::pair("grandstream", grandstream), std::pair("fanvil", fanvil)}) {
        const Profile& profile = *find_profile(name);
        const Generation before = generation_of(values);
        const auto text = write_config_file(before, profile, true);
        REQUIRE(text);
        const Document document = read(*text, profile);
        CHECK(document.warnings.empty());
        const auto after = overlay(before, {&document, 1}, Origin::file);
        REQUIRE(after);
        CHECK(after->same_meaning(before));
    }
}

TEST_CASE("the value that counts is written, whoever has set it, and no setting by its name") {
    Generation generation = generation_of({{"P47", "file"}, {"P35", "file"}});
    generation = generation_of({{"P47", "acs"}, {"tr069.acs_url", "http://acs.example/"}},
                               Origin::acs, generation);
    const Profile& profile = *find_profile("grandstream");
    const auto text = write_config_file(generation, profile, true);
    REQUIRE(text);
    CHECK(values_of(read(*text, profile)) == Values{{"P47", "acs"}, {"P35", "file"}});
}

TEST_CASE("without secrets a file says that there are some, and reads as the rest") {
    const std::string number = "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number";
    const std::string password = "SIP CONFIG MODULE/SIP Line List/SIP1 Register Pswd";
    const Profile& fanvil = *find_profile("fanvil");
    auto text =
        write_config_file(generation_of({{number, "201"}, {password, "sesame"}}), fanvil, false);
    REQUIRE(text);
    CHECK(text->find("sesame") == std::string::npos);
    const Document document = read(*text, fanvil);
    CHECK(values_of(document) == Values{{number, "201"}});
    REQUIRE(document.warnings.size() == 1);
    CHECK(document.warnings.front().detail.find("###") != std::string::npos);

    const Profile& grandstream = *find_profile("grandstream");
    text = write_config_file(generation_of({{"P47", "a"}, {"P34", "sesame"}}), grandstream, false);
    REQUIRE(text);
    CHECK(text->find("sesame") == std::string::npos);
    CHECK(values_of(read(*text, grandstream)) == Values{{"P47", "a"}});
}

TEST_CASE("a configuration that no phone would read again is not written") {
    Values values;
    constexpr uint32_t too_many = limits::config_file_bytes / limits::config_value_bytes;
    for (uint32_t number = 0; number < too_many; ++number)
        values["P" + std::to_string(number)] = std::string(limits::config_value_bytes, 'x');
    const auto text = write_config_file(generation_of(values), *find_profile("grandstream"), true);
    REQUIRE(!text);
    CHECK(text.error().code == ErrorCode::too_big);
}
