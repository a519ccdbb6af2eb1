// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/journal_tail.h"

#include <doctest/doctest.h>
#include <stdio.h>

#include "agent/limits.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

std::string line(uint64_t at_ms) {
    JournalLine line;
    line.kind = JournalKind::rest;
    line.at_ms = at_ms;
    return encode_journal_line(line);
}

uint64_t next_ms(JournalTail& tail) {
    const auto entry = tail.next();
    return entry ? entry->at_ms : 0;
}

void turn_over(const ScratchDirectory& scratch) {
    REQUIRE(::rename(scratch.file("journal").c_str(), scratch.file("journal.1").c_str()) == 0);
}

}  // namespace

TEST_CASE("a tail waits for a journal that is not there yet, and for whole lines") {
    const ScratchDirectory scratch;
    JournalTail tail(scratch.path());
    CHECK(!tail.next());
    const std::string whole = line(7);
    scratch.write("journal", whole.substr(0, 4));
    CHECK(!tail.next());
    scratch.append("journal", whole.substr(4));
    CHECK(next_ms(tail) == 7);
    CHECK(!tail.next());
}

TEST_CASE("a tail follows the journal into the next file and loses nothing") {
    const ScratchDirectory scratch;
    JournalTail tail(scratch.path());
    scratch.write("journal", line(1));
    CHECK(next_ms(tail) == 1);
    scratch.append("journal", line(2));
    turn_over(scratch);
    scratch.write("journal", line(3));
    CHECK(next_ms(tail) == 2);
    CHECK(next_ms(tail) == 3);
    CHECK(!tail.next());
}

TEST_CASE("a tail passes over lines that do not decode or are too long") {
    const ScratchDirectory scratch;
    JournalTail tail(scratch.path());
    scratch.write("journal",
                  "noise\n" + std::string(5 * limits::journal_line_bytes, 'x') + "\n" + line(4));
    CHECK(next_ms(tail) == 4);
}

TEST_CASE("a tail begins again in a journal that was cut") {
    const ScratchDirectory scratch;
    JournalTail tail(scratch.path());
    scratch.write("journal", line(1) + line(2));
    CHECK(next_ms(tail) == 1);
    CHECK(next_ms(tail) == 2);
    scratch.write("journal", line(3));
    CHECK(next_ms(tail) == 3);
}

TEST_CASE("a torn end of the old file does not spoil the new one") {
    const ScratchDirectory scratch;
    JournalTail tail(scratch.path());
    scratch.write("journal", line(1) + "12\t");
    CHECK(next_ms(tail) == 1);
    turn_over(scratch);
    scratch.write("journal", line(2));
    CHECK(next_ms(tail) == 2);
}

}  // namespace dialtone
