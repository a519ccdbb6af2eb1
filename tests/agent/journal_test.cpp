// SPDX-License-Identifier: Apache-2.0
#include "agent/journal.h"

#include <doctest/doctest.h>

#include "agent/limits.h"

namespace dialtone {
namespace {

JournalLine line_of(JournalKind kind) {
    return {.kind = kind, .at_ms = 1234, .wall_s = 1'763'700'000};
}

// As a reader sees it: encoded, the LF taken off, decoded.
JournalEntry read_back(const JournalLine& line) {
    std::string text = encode_journal_line(line);
    CHECK(text.size() <= limits::journal_line_bytes);
    REQUIRE(text.ends_with('\n'));
    text.pop_back();
    CHECK(text.find('\n') == std::string::npos);
    auto entry = decode_journal_line(text);
    REQUIRE(entry);
    return *entry;
}

std::string sentence_of(const JournalLine& line) {
    return journal_sentence(read_back(line));
}

TEST_CASE("a journal line is tab-separated text") {
    CHECK(
        encode_journal_line(line_of(JournalKind::answer).with("status", 200).with("url", "a b")) ==
        "1234\t1763700000\tanswer\tstatus=200\turl=a b\n");
    CHECK(encode_journal_line(line_of(JournalKind::link_down)) == "1234\t1763700000\tlink_down\n");
}

TEST_CASE("every kind of line is read back as it was written") {
    for (uint32_t i = 0; i < journal_kind_count; ++i) {
        const auto kind = static_cast<JournalKind>(i);
        CAPTURE(journal_form(kind).name);
        const JournalEntry entry =
            read_back(line_of(kind).with("reason", "x = y").with("next", ""));
        CHECK(entry.kind == kind);
        CHECK(entry.at_ms == 1234);
        CHECK(entry.wall_s == 1'763'700'000);
        CHECK(entry.fields.size() == 2);
        CHECK(entry.field("reason") == "x = y");
        CHECK(entry.field("next").empty());
        CHECK(entry.field("nothing").empty());
    }
}

TEST_CASE("the largest and smallest times are read back") {
    const JournalLine line{.kind = JournalKind::rest, .at_ms = UINT64_MAX, .wall_s = INT64_MIN};
    CHECK(read_back(line).at_ms == UINT64_MAX);
    CHECK(read_back(line).wall_s == INT64_MIN);
}

TEST_CASE("every byte comes back out of a field") {
    for (int byte = 0; byte < 256; ++byte) {
        CAPTURE(byte);
        const std::string value{static_cast<char>(byte), 'x', static_cast<char>(byte)};
        CHECK(read_back(line_of(JournalKind::finished).with("reason", value)).field("reason") ==
              value);
    }
}

TEST_CASE("backslash, tab, newline and control characters are escaped, whole UTF-8 is not") {
    const auto line =
        line_of(JournalKind::finished).with("reason", "\\\t\n\r\x1b\x7f\xff gr\xc3\xbc\xc3\x9f");
    CHECK(encode_journal_line(line) ==
          "1234\t1763700000\tfinished\treason=\\\\\\t\\n\\r\\x1B\\x7F\\xFF gr\xc3\xbc\xc3\x9f\n");
}

TEST_CASE("text that would steer a terminal is escaped although it is UTF-8") {
    for (std::string_view text : {"\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6", "\xe2\x80\xa8"}) {
        const std::string line =
            encode_journal_line(line_of(JournalKind::finished).with("reason", text));
        CHECK(line.find(text) == std::string::npos);
        CHECK(read_back(line_of(JournalKind::finished).with("reason", text)).field("reason") ==
              text);
    }
}

TEST_CASE("a long field is cut, between two characters, with a mark") {
    std::string value;
    while (value.size() <= limits::journal_field_bytes)
        value += "\xe2\x82\xac";  // 3 bytes
    const JournalLine line = line_of(JournalKind::finished).with("reason", value);
    const std::string& kept = line.fields[0].second;
    CHECK(kept.size() <= limits::journal_field_bytes);
    CHECK(kept.size() > limits::journal_field_bytes - 6);
    CHECK(kept.ends_with("\xe2\x82\xac..."));
    const std::string exact(limits::journal_field_bytes, 'a');
    CHECK(line_of(JournalKind::finished).with("reason", exact).fields[0].second == exact);
}

TEST_CASE("a long line is cut without breaking an escape, and is read back") {
    for (uint32_t shift = 0; shift < 8; ++shift) {
        JournalLine line = line_of(JournalKind::request_failed);
        line.with("url", std::string(shift, 'a'));
        for (std::string_view name : {"reason", "next", "more"})
            line.with(name, std::string(limits::journal_field_bytes, '\x01'));
        const JournalEntry entry = read_back(line);
        CHECK(entry.field("reason").ends_with("\x01..."));
        CHECK(entry.field("more").empty());
    }
}

TEST_CASE("bad input: a journal line that was torn or altered is refused") {
    for (std::string_view text : {"",
                                  "\t",
                                  "1234",
                                  "1234\t",
                                  "1234\t5",
                                  "1234\t5\t",
                                  "1234\t5\tnonsense",
                                  "x\t5\trest",
                                  "1234\tx\trest",
                                  "-1\t5\trest",
                                  "01\t5\trest",
                                  "1\t05\trest",
                                  "+1\t5\trest",
                                  " 1\t5\trest",
                                  "1\t5\trest\t",
                                  "1\t5\trest\twait_s",
                                  "1\t5\trest\t=5",
                                  "1\t5\trest\tWait=5",
                                  "1\t5\trest\twait s=5",
                                  "1\t5\trest\twait_s=\\",
                                  "1\t5\trest\twait_s=\\q",
                                  "1\t5\trest\twait_s=\\x",
                                  "1\t5\trest\twait_s=\\x1",
                                  "1\t5\trest\twait_s=\\x1b",
                                  "1\t5\trest\twait_s=\\x41",
                                  "1\t5\trest\twait_s=\x1b",
                                  "1\t5\trest\twait_s=\xff",
                                  "1\t5\trest\na=b",
                                  "18446744073709551616\t5\trest",
                                  "1\t9223372036854775808\trest",
                                  "1\t5\trest\t\ta=b"}) {
        CAPTURE(text);
        const auto entry = decode_journal_line(text);
        REQUIRE(!entry);
        CHECK(entry.error().code == ErrorCode::malformed);
    }
}

TEST_CASE("bad input: a journal line over the limit is refused") {
    const std::string text = "1\t5\trest\treason=" + std::string(limits::journal_line_bytes, 'a');
    CHECK(!decode_journal_line(text));
}

TEST_CASE("a start is told with the configuration that is active") {
    JournalLine line = line_of(JournalKind::boot)
                           .with("profile", "grandstream")
                           .with("model", "GXP1628")
                           .with("version", "1.0.2.7")
                           .with("mac", "000b82273b89")
                           .with("cause", "power-on");
    CHECK(sentence_of(line) ==
          "The phone started after power-on: a GXP1628 with firmware 1.0.2.7 and MAC 000b82273b89, "
          "profile grandstream.");
    CHECK(sentence_of(line.with("generation", 7)) ==
          "The phone started after power-on: a GXP1628 with firmware 1.0.2.7 and MAC 000b82273b89, "
          "profile grandstream; configuration 7 is active.");
}

TEST_CASE("a refused file is told with its line, the reason and what happens next") {
    CHECK(sentence_of(line_of(JournalKind::file_refused)
                          .with("url", "http://10.0.0.5/cfg000b82273b89.xml")
                          .with("where", "line 12")
                          .with("reason", "the <mac> element names another phone")
                          .with("next", "the configuration stays as it is")) ==
          "The file http://10.0.0.5/cfg000b82273b89.xml cannot be used: line 12: the <mac> element "
          "names another phone; the configuration stays as it is.");
}

TEST_CASE("a piece of a sentence is left out when its field is missing, empty or 0") {
    CHECK(sentence_of(line_of(JournalKind::rest)) == "The phone rests.");
    CHECK(sentence_of(line_of(JournalKind::rest).with("generation", 0).with("wait_s", "")) ==
          "The phone rests.");
    CHECK(sentence_of(line_of(JournalKind::rest).with("generation", 8).with("wait_s", 600)) ==
          "The phone rests with configuration 8 and asks again in 600 s.");
    CHECK(sentence_of(line_of(JournalKind::hooks_ran).with("ran", 3).with("failed", 0)) ==
          "Hook programs that were told what changed: 3.");
}

TEST_CASE("a missing field that the sentence needs is called unknown") {
    CHECK(sentence_of(line_of(JournalKind::source_next)) ==
          "The chain goes on with the source (unknown).");
}

TEST_CASE("every sentence is whole, with no field and with all of them") {
    for (uint32_t i = 0; i < journal_kind_count; ++i) {
        const JournalForm& form = journal_form(static_cast<JournalKind>(i));
        CAPTURE(form.name);
        JournalEntry entry{.kind = form.kind};
        for (int filled = 0; filled < 2; ++filled) {
            const std::string sentence = journal_sentence(entry);
            CAPTURE(sentence);
            CHECK(sentence.find_first_of("{}<>") == std::string::npos);
            CHECK(sentence.ends_with('.'));
            CHECK(sentence.find("  ") == std::string::npos);
            CHECK(sentence.find(" .") == std::string::npos);
            CHECK(((sentence[0] >= 'A' && sentence[0] <= 'Z') || sentence[0] == '('));
            if (filled == 1) CHECK(sentence.find("(unknown)") == std::string::npos);
            for (auto at = form.sentence.find('{'); at != std::string_view::npos;
                 at = form.sentence.find('{', at + 1)) {
                const auto end = form.sentence.find('}', at);
                entry.fields.emplace_back(form.sentence.substr(at + 1, end - at - 1), "something");
            }
        }
    }
}

TEST_CASE("what a server wrote cannot steer the terminal of whoever reads the sentence") {
    const std::string sentence = sentence_of(line_of(JournalKind::request_failed)
                                                 .with("url", "http://a/")
                                                 .with("reason", "\x1b[2J{url}<b>\n"));
    CHECK(sentence == "The file http://a/ could not be fetched: \\x1B[2J{url}<b>\\n.");
}

}  // namespace
}  // namespace dialtone
