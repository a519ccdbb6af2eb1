// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/explain.h"

#include <doctest/doctest.h>

#include "platform/common/journal_text.h"

namespace dialtone {
namespace {

JournalEntry entry(JournalKind kind, uint64_t at_ms,
                   std::vector<std::pair<std::string, std::string>> fields = {}) {
    return {.kind = kind, .at_ms = at_ms, .wall_s = 1'793'534'400, .fields = std::move(fields)};
}

JournalEntry boot(std::string_view cause, uint64_t at_ms) {
    return entry(JournalKind::boot, at_ms,
                 {{"cause", std::string(cause)}, {"mac", "000b82273b89"}});
}

// A life that ended with a missing file, and one with a reboot in it.
std::vector<JournalEntry> canned_journal() {
    return {
        boot("power-on", 2),
        entry(JournalKind::source_url, 5, {{"source", "static"}, {"url", "http://one/"}}),
        entry(JournalKind::plan_absent, 9, {{"source", "static"}, {"url", "http://one/"}}),
        boot("power-on", 3),
        entry(JournalKind::source_url, 4, {{"source", "static"}, {"url", "http://two/"}}),
        entry(JournalKind::reboot, 20, {{"reason", "so it is"}}),
        boot("provisioning", 30),
        entry(JournalKind::rest, 12'345, {{"generation", "1"}}),
    };
}

bool has(const std::string& text, std::string_view piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("a life goes from one power-on to the next, reboots included") {
    const auto journal = canned_journal();
    const auto lives = phone_lives(journal);
    REQUIRE(lives.size() == 2);
    CHECK(lives[0].entries.size() == 3);
    CHECK(lives[1].entries.size() == 5);
    CHECK(lives[0].whole);
    CHECK(lives[1].whole);
}

TEST_CASE("a journal that was turned over begins in the middle of a life") {
    auto journal = canned_journal();
    journal.erase(journal.begin());
    const auto lives = phone_lives(journal);
    REQUIRE(lives.size() == 2);
    CHECK(!lives[0].whole);
    CHECK(lives[1].whole);
    StateView view;
    view.journal = journal;
    CHECK(has(explain_text(view, 2), "after its power-on"));
}

TEST_CASE("a power-on whose line was torn is seen by the clock that began again") {
    auto journal = canned_journal();
    journal.erase(journal.begin() + 3);
    const auto lives = phone_lives(journal);
    REQUIRE(lives.size() == 2);
    CHECK(!lives[1].whole);
}

TEST_CASE("no journal has no lives") {
    CHECK(phone_lives({}).empty());
    const auto text = explain_text(StateView{}, 1);
    CHECK(has(text, "The phone is not provisioned"));
    CHECK(has(text, "The journal is empty"));
}

TEST_CASE("explain shows the last life in order, one line an event with its time") {
    StateView view;
    view.journal = canned_journal();
    view.running = true;
    const auto text = explain_text(view, 1);
    CHECK(!has(text, "http://one/"));
    CHECK(has(text, "     0.004 s  The source static names http://two/.\n"));
    CHECK(has(text, "    12.345 s  "));
    CHECK(text.find("0.004 s") < text.find("12.345 s"));
    CHECK(has(text, "\nNext: "));
}

TEST_CASE("explain shows as many lives as asked for") {
    StateView view;
    view.journal = canned_journal();
    CHECK(has(explain_text(view, 2), "http://one/"));
    CHECK(has(explain_text(view, 99), "Life 1 of 2"));
    CHECK(has(explain_text(view, 2), "2026-11-01 12:00:00 UTC"));
}

TEST_CASE("explain says in words what happens next") {
    StateView view;
    view.journal = canned_journal();
    CHECK(has(explain_text(view, 1), "Next: Nothing until dialtoned is started"));
    view.running = true;
    const auto rest = journal_sentence(view.journal.back());
    CHECK(has(explain_text(view, 1), "Next: " + rest));
}

TEST_CASE("explain as JSON has the entries with kind, level, sentence and fields") {
    StateView view;
    view.journal = canned_journal();
    const auto json = explain_json(view, 1);
    CHECK(has(json,
              R"("lives":[{"whole":true,"entries":[{"ms":3,"wall_s":1793534400,"kind":"boot")"));
    CHECK(has(json, R"("fields":{"source":"static","url":"http://two/"})"));
    CHECK(json.ends_with("}\n"));
}

TEST_CASE("times are written the same way everywhere") {
    CHECK(since_power_on(0) == "     0.000 s");
    CHECK(since_power_on(61'001) == "    61.001 s");
    CHECK(utc_text(1'793'534'400) == "2026-11-01 12:00:00 UTC");
    CHECK(utc_text(0) == "an unknown time");
}

}  // namespace dialtone
