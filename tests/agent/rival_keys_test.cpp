// SPDX-License-Identifier: Apache-2.0
#include "agent/rival_keys.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <utility>

#include "agent/phone.h"
#include "agent/rng.h"

namespace dialtone {
namespace {

const Profile& phone(std::string_view name = "grandstream") {
    return *find_profile(name);
}

Generation overlaid(const Generation& base, std::vector<Entry> entries, Origin origin) {
    const Document document = {.entries = std::move(entries)};
    auto next = overlay(base, std::span(&document, 1), origin);
    REQUIRE(next);
    return *next;
}

Generation after_files(const Generation& base, std::vector<Entry> entries, const Profile& profile) {
    Generation next = overlaid(base, std::move(entries), Origin::file);
    let_files_win(next, base, profile);
    return next;
}

std::string setting_of(const Generation& generation, const Profile& profile, Setting setting) {
    PhoneFacts facts;
    facts.profile = &profile;
    return std::string(facts.settings_with(generation).get(setting));
}

const std::string interval_name = "tr069.periodic_interval";
const std::string fanvil_interval = "TR069 CONFIG MODULE/Periodix Interval";

TEST_CASE("a file wins over the ACS with another value than the last file had, and only then") {
    const auto after = [](std::vector<Entry> last, std::vector<Entry> now) {
        Generation base = overlaid({}, std::move(last), Origin::file);
        base = overlaid(base, {{"P1", "acs"}}, Origin::acs);
        Generation next = overlaid(base, std::move(now), Origin::file);
        let_files_win(next, base, phone());
        return next.find("P1")->value;
    };
    CHECK(after({{"P1", "one"}}, {{"P1", "one"}}) == "acs");
    CHECK(after({{"P1", "one"}}, {{"P2", "two"}}) == "acs");
    CHECK(after({{"P1", "one"}}, {}) == "acs");
    CHECK(after({{"P1", "one"}}, {{"P1", "two"}}) == "two");
    CHECK(after({{"P1", "one"}}, {{"P1", "acs"}}) == "acs");
    CHECK(after({}, {{"P1", "one"}}) == "one");
}

// Against a model of one key: what counts is what spoke last, where a file speaks only when it says
// something else than the file before it.
TEST_CASE("whatever files, the ACS and an operator say, in any order, the last new word counts") {
    constexpr uint32_t keys = 3, steps = 4'000;
    Rng rng{7};
    Generation generation;
    struct Expected {
        std::string file = {}, acs = {}, operator_ = {};
    };
    Expected expected[keys];
    for (uint32_t step = 0; step < steps; ++step) {
        const auto who = static_cast<Origin>(1 + rng.below(3));
        std::vector<Entry> entries;
        for (uint32_t key = 0; key < keys; ++key) {
            if (rng.below(2) == 0) continue;
            const std::string value = std::to_string(rng.below(3));
            entries.push_back({"P" + std::to_string(key), value});
            Expected& one = expected[key];
            if (who == Origin::file && value != std::exchange(one.file, value)) one.acs.clear();
            if (who == Origin::acs) one.acs = value;
            if (who == Origin::operator_) one.operator_ = value;
        }
        Generation next = overlaid(generation, std::move(entries), who);
        if (who == Origin::file) let_files_win(next, generation, phone());
        generation = std::move(next);
        for (uint32_t key = 0; key < keys; ++key) {
            const Expected& one = expected[key];
            const std::string& counts = !one.operator_.empty() ? one.operator_
                                        : !one.acs.empty()     ? one.acs
                                                               : one.file;
            const Item* item = generation.find("P" + std::to_string(key));
            CHECK((item != nullptr ? item->value : std::string()) == counts);
        }
        // Now and then an operator has never said anything.
        if (step % 50 != 0) continue;
        generation = {};
        std::ranges::fill(expected, Expected{});
    }
}

TEST_CASE("a vendor's key that is a setting and the setting's name are rivals, and no others") {
    using Names = std::vector<std::string>;
    CHECK(rival_names(phone(), "P4507") == Names{"P4507", interval_name});
    CHECK(rival_names(phone(), interval_name) == Names{interval_name, "P4507"});
    CHECK(rival_names(phone(), "P47") == Names{"P47"});
    CHECK(rival_names(phone(), "tr069.root") == Names{"tr069.root"});
    const std::string module = "AUTOUPDATE CONFIG MODULE/";
    CHECK(rival_names(phone("fanvil"), module + "PNP Interval") ==
          Names{module + "PNP Interval", "pnp.interval", module + "Sip Pnp List/PNP Interval"});
}

TEST_CASE("both spellings of an account's key are rivals, of that account alone") {
    using Names = std::vector<std::string>;
    const std::string listed = "SIP CONFIG MODULE/SIP Line List/SIP12 Register Addr";
    const std::string bare = "SIP CONFIG MODULE/SIP12 Register Addr";
    CHECK(rival_names(phone("fanvil"), listed) == Names{listed, bare});
    CHECK(rival_names(phone("fanvil"), bare) == Names{bare, listed});
    for (const std::string_view key :
         {"SIP CONFIG MODULE/SIP0 Register Addr", "SIP CONFIG MODULE/SIP21 Register Addr",
          "SIP CONFIG MODULE/SIPx Register Addr", "SIP CONFIG MODULE/SIP Register Addr",
          "SIP CONFIG MODULE/SIP1 Register Address"})
        CHECK(rival_names(phone("fanvil"), key) == Names{std::string(key)});
}

TEST_CASE("a file that says another value by the vendor's key takes back the setting of an ACS") {
    const auto after = [](std::vector<Entry> last, std::vector<Entry> now) {
        Generation base = overlaid({}, std::move(last), Origin::file);
        base = overlaid(base, {{interval_name, "600"}}, Origin::acs);
        CHECK(setting_of(base, phone(), Setting::tr069_periodic_interval) == "600");
        const Generation next = after_files(base, std::move(now), phone());
        return setting_of(next, phone(), Setting::tr069_periodic_interval);
    };
    CHECK(after({{"P4507", "3000"}}, {{"P4507", "3000"}}) == "600");
    CHECK(after({{"P4507", "3000"}}, {{"P47", "pbx.example"}}) == "600");
    CHECK(after({{"P4507", "3000"}}, {{"P4507", "3001"}}) == "3001");
    CHECK(after({}, {{"P4507", "3000"}}) == "3000");
    CHECK(after({}, {}) == "600");
}

TEST_CASE("the same of a key that the ACS has set under its own name") {
    Generation base = overlaid({}, {{fanvil_interval, "3000"}}, Origin::file);
    base = overlaid(base, {{fanvil_interval, "600"}}, Origin::acs);
    const Profile& fanvil = phone("fanvil");
    const auto interval = [&](const std::string& now) {
        return setting_of(after_files(base, {{fanvil_interval, now}}, fanvil), fanvil,
                          Setting::tr069_periodic_interval);
    };
    CHECK(interval("3000") == "600");
    CHECK(interval("4000") == "4000");
}

TEST_CASE("a file's other spelling of a key takes back what an ACS has set under the first one") {
    const std::string listed = "SIP CONFIG MODULE/SIP Line List/SIP1 Register Addr";
    const std::string bare = "SIP CONFIG MODULE/SIP1 Register Addr";
    const Generation base = overlaid({}, {{listed, "acs.example"}}, Origin::acs);
    const Generation next = after_files(base, {{bare, "file.example"}}, phone("fanvil"));
    CHECK(next.find(listed) == nullptr);
    CHECK(next.find(bare)->value == "file.example");
    // And a file that goes on with what it said leaves the ACS's word alone.
    const Generation again = overlaid(next, {{listed, "acs.example"}}, Origin::acs);
    CHECK(after_files(again, {{bare, "file.example"}}, phone("fanvil")).find(listed) != nullptr);
}

TEST_CASE("what an ACS says by one spelling counts more than what a file says by another") {
    const std::string module = "AUTOUPDATE CONFIG MODULE/";
    Generation generation =
        overlaid({}, {{module + "Sip Pnp List/PNP Interval", "7"}}, Origin::file);
    generation = overlaid(generation, {{module + "PNP Interval", "9"}}, Origin::acs);
    CHECK(setting_of(generation, phone("fanvil"), Setting::pnp_interval) == "9");
}

TEST_CASE("an operator's value stays, whatever files and an ACS say by other names") {
    Generation base = overlaid({}, {{interval_name, "600"}}, Origin::acs);
    base = overlaid(base, {{"P4507", "700"}}, Origin::operator_);
    const Generation next = after_files(base, {{"P4507", "800"}}, phone());
    CHECK(setting_of(next, phone(), Setting::tr069_periodic_interval) == "700");
    CHECK(next.find(interval_name) == nullptr);
}

}  // namespace
}  // namespace dialtone
