// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/acs.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace dialtone {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr WallSeconds now_s = 1'793'534'400;  // 2026-11-01 12:00:00 UTC

JournalEntry entry(JournalKind kind, uint64_t at_ms, Fields fields = {}) {
    return {.kind = kind, .at_ms = at_ms, .wall_s = now_s, .fields = std::move(fields)};
}

JournalEntry inform(uint64_t at_ms, Fields more = {}) {
    Fields fields = {{"url", "http://acs/"}, {"events", "0 BOOTSTRAP, 1 BOOT"}, {"id", "1"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return entry(JournalKind::acs_inform, at_ms, std::move(fields));
}

JournalEntry good_end(uint64_t at_ms, Fields more = {}) {
    Fields fields = {{"url", "http://acs/"}, {"calls", "2"}};
    fields.insert(fields.end(), more.begin(), more.end());
    return entry(JournalKind::acs_session, at_ms, std::move(fields));
}

// One session with everything, among lines of other things.
std::vector<JournalEntry> whole_session() {
    return {
        entry(JournalKind::boot, 1, {{"cause", "power-on"}}),
        inform(1'000),
        entry(JournalKind::acs_request, 1'100, {{"method", "TransferComplete"}, {"id", "2"}}),
        entry(JournalKind::acs_turn, 1'100),
        entry(JournalKind::acs_call, 1'200, {{"method", "GetParameterValues"}, {"id", "a-17"}}),
        entry(JournalKind::applying, 1'300, {{"generation", "2"}}),
        entry(JournalKind::acs_call, 1'400,
              {{"method", "SetParameterValues"},
               {"id", "a-18"},
               {"fault", "9003"},
               {"reason", "no such thing"}}),
        good_end(1'500, {{"wait_s", "3600"}}),
        entry(JournalKind::rest, 1'600),
    };
}

StateView view_of(std::vector<JournalEntry> journal) {
    StateView view;
    view.running = true;
    view.journal = std::move(journal);
    return view;
}

bool has(const std::string& text, std::string_view piece) {
    CAPTURE(text);
    return text.find(piece) != std::string::npos;
}

std::string next_of(std::vector<JournalEntry> journal) {
    const std::string text = acs_text(view_of(std::move(journal)), 1);
    const auto at = text.find("Next: ");
    REQUIRE(at != std::string::npos);
    return text.substr(at + 6);
}

}  // namespace

TEST_CASE("a session is a line a message, with time, who speaks, method, ID and result") {
    CHECK(acs_text(view_of(whole_session()), 5) ==
          "With http://acs/, 2026-11-01 12:00:00 UTC:\n"
          "     1.000 s  phone   Inform                   1            sent: 0 BOOTSTRAP, 1 BOOT\n"
          "     1.100 s  phone   TransferComplete         2            taken\n"
          "     1.100 s  phone   (empty)                               the Inform is taken, and "
          "the ACS has its turn\n"
          "     1.200 s  ACS     GetParameterValues       a-17         answered\n"
          "     1.400 s  ACS     SetParameterValues       a-18         fault 9003: no such thing\n"
          "     1.500 s  The session with the ACS http://acs/ ended well after 2 calls; the next "
          "report follows in 3600 s.\n"
          "\n"
          "Next: The next periodic report, due at 2026-11-01 13:00:00 UTC, or a session before it "
          "when there is something to tell.\n");
}

TEST_CASE("the last sessions are shown, each with its own heading") {
    auto journal = whole_session();
    journal.push_back(inform(2'000, {{"try", "2"}, {"server", "the lease"}}));
    journal.push_back(good_end(2'100));
    const std::string both = acs_text(view_of(journal), 5);
    CHECK(has(both, "With http://acs/, 2026"));
    CHECK(has(both, "With http://acs/, which the lease named, 2026-11-01 12:00:00 UTC, try 2:"));
    const std::string last = acs_text(view_of(journal), 1);
    CHECK(!has(last, "With http://acs/, 2026"));
    CHECK(has(last, "try 2"));
}

TEST_CASE("what comes next is said: a try, a report, an event, or the end of the session") {
    const auto failed = [](Fields fields) {
        fields.insert(fields.begin(), {"message", "Inform"});
        fields.insert(fields.begin(), {"reason", "it said nothing for 30 s"});
        return entry(JournalKind::acs_failed, 2'000, std::move(fields));
    };
    CHECK(next_of({inform(1), failed({{"wait_s", "60"}})}) ==
          "The next try, due at 2026-11-01 12:01:00 UTC.\n");
    CHECK(has(next_of({inform(1), failed({})}), "when there is something to tell"));
    CHECK(has(next_of({inform(1), good_end(2)}), "when there is something to tell"));
    CHECK(next_of({inform(1), good_end(2, {{"next", "it ordered a restart"}})}) ==
          "The ACS ordered a restart.\n");
    CHECK(next_of({inform(1)}) == "The session is under way.\n");
    CHECK(has(next_of({inform(9), entry(JournalKind::boot, 1)}), "as soon as the phone is online"));
    StateView stopped = view_of({inform(1), good_end(2)});
    stopped.running = false;
    CHECK(has(acs_text(stopped, 1), "Next: Nothing until dialtoned is started"));
}

TEST_CASE("a session that failed says at what, why, and when it is tried again") {
    const std::string text =
        acs_text(view_of({inform(1), entry(JournalKind::acs_failed, 2'000,
                                           {{"url", "http://acs/"},
                                            {"message", "Inform"},
                                            {"reason", "it answered with status 503"},
                                            {"wait_s", "7"}})}),
                 1);
    CHECK(has(text, "failed at Inform: it answered with status 503; the next try follows in 7 s."));
}

TEST_CASE("a session that a restart cut off says so, and goes on in no other") {
    const std::string text =
        acs_text(view_of({inform(9'000), entry(JournalKind::boot, 1, {{"cause", "crash"}}),
                          inform(1'000), good_end(1'100)}),
                 2);
    CHECK(has(text, "0.001 s  The phone started again before the session had ended."));
    const std::string after_end =
        acs_text(view_of({inform(9), good_end(10), entry(JournalKind::boot, 1)}), 1);
    CHECK(!has(after_end, "started again"));
}

TEST_CASE("without a session it is said why there may be none") {
    const std::string text = acs_text(view_of({entry(JournalKind::boot, 1)}), 5);
    CHECK(has(text, "tr069.acs_url"));
    CHECK(has(acs_json(view_of({}), 5), "\"sessions\":[],\"next\":\""));
}

TEST_CASE("whoever follows sees the lines about the ACS, and those who knock, and no others") {
    std::string followed;
    for (const JournalEntry& one : whole_session())
        followed += acs_entry_text(one, OutputForm::text);
    CHECK(has(acs_text(view_of(whole_session()), 1), followed));
    const JournalEntry knock = entry(JournalKind::connection_request_refused, 5,
                                     {{"method", "HTTP"}, {"from", "10.0.0.9"}, {"reason", "no"}});
    CHECK(has(acs_entry_text(knock, OutputForm::text), "10.0.0.9 is refused: no."));
    CHECK(acs_entry_text(entry(JournalKind::rest, 1), OutputForm::json).empty());
    CHECK(acs_entry_text(knock, OutputForm::json) == entry_text(knock, OutputForm::json));
}

TEST_CASE("programs get the same entries as JSON") {
    const std::string json = acs_json(view_of(whole_session()), 5);
    CHECK(json.starts_with("{\"sessions\":[{\"url\":\"http://acs/\",\"entries\":[{\"ms\":1000,"));
    CHECK(has(json, "\"kind\":\"acs_turn\""));
    CHECK(!has(json, "\"kind\":\"applying\""));
}

TEST_CASE("bad input: what an ACS calls itself and its methods stays within its line") {
    const std::string text = acs_entry_text(
        entry(JournalKind::acs_call, 1, {{"method", "Get\x1b[31m\nSet"}, {"id", "\r\x9b"}}),
        OutputForm::text);
    CHECK(std::ranges::count(text, '\n') == 1);
    CHECK(!has(text, "\x1b"));
    CHECK(!has(text, "\r"));
}

}  // namespace dialtone
