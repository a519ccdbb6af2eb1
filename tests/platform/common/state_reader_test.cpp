// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_reader.h"

#include <doctest/doctest.h>

#include "agent/store/codec.h"
#include "agent/store/durable_files.h"
#include "platform/common/state_directory.h"
#include "platform/tool/config_listing.h"
#include "tests/agent/store/samples.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

std::string_view text_of(const std::vector<uint8_t>& bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string line(JournalKind kind, uint64_t at_ms) {
    JournalLine line;
    line.kind = kind;
    line.at_ms = at_ms;
    line.wall_s = 1'793'534'400;
    line.with("reason", "x");
    return encode_journal_line(line);
}

void fill(const ScratchDirectory& scratch) {
    Record record;
    record.sequence = 5;
    record.active = 7;
    scratch.write("record.1", text_of(encode_record(record)));
    Generation generation;
    generation.number = 7;
    REQUIRE(set_item(generation, "P47", Origin::file, "a\nb"));
    REQUIRE(set_item(generation, "P34", Origin::file, "hunter2"));
    REQUIRE(set_item(generation, "a=b", Origin::operator_, "\\"));
    scratch.write(generation_name(7), text_of(encode_generation(generation)));
    scratch.write("journal.1", line(JournalKind::rest, 1));
    scratch.write("journal",
                  line(JournalKind::rest, 2) + "torn\n" + line(JournalKind::rest, 3) + "17\t");
}

}  // namespace

TEST_CASE("a state directory is read whole and left as it was") {
    const ScratchDirectory scratch;
    fill(scratch);
    const auto view = read_state(scratch.path());
    REQUIRE(view);
    CHECK(!view->running);
    CHECK(view->active_error == "");
    CHECK(view->record.active == 7);
    REQUIRE(view->active);
    CHECK(view->active->find("P47")->value == "a\nb");
    CHECK(::access(scratch.file("lock").c_str(), F_OK) != 0);
}

TEST_CASE("the journal is read oldest first, without what a power cut tore") {
    const ScratchDirectory scratch;
    fill(scratch);
    const auto journal = read_journal(scratch.path());
    REQUIRE(journal.size() == 3);
    CHECK(journal[0].at_ms == 1);
    CHECK(journal[1].at_ms == 2);
    CHECK(journal[2].at_ms == 3);
}

TEST_CASE("the staged files that a power cut has left are found by their numbers") {
    const ScratchDirectory scratch;
    CHECK(find_staged_files(open_directory(scratch.path())->get()) == 0);
    scratch.write("staged.1", "half of some firmw");
    scratch.write("staged.7", "none of ours");
    CHECK(find_staged_files(open_directory(scratch.path())->get()) == 2);
}

TEST_CASE("an empty state directory is that of a new phone") {
    const ScratchDirectory scratch;
    const auto view = read_state(scratch.path());
    REQUIRE(view);
    CHECK(view->record.active == 0);
    CHECK(!view->active);
    CHECK(view->active_error.empty());
    CHECK(view->journal.empty());
}

TEST_CASE("bad input: a generation that is damaged is reported with its file") {
    const ScratchDirectory scratch;
    fill(scratch);
    scratch.write(generation_name(7), "DTGN");
    const auto view = read_state(scratch.path());
    REQUIRE(view);
    CHECK(!view->active);
    CHECK(view->active_error.find(generation_name(7) + ": ") != std::string::npos);
    Generation other;
    other.number = 6;
    scratch.write(generation_name(7), text_of(encode_generation(other)));
    CHECK(read_generation(scratch.path(), 7).error().code == ErrorCode::corrupt);
}

TEST_CASE("bad input: FIFOs and links in the files' places are read past, and nobody waits") {
    for (const bool fifos : {true, false}) {
        const ScratchDirectory scratch;
        const ScratchDirectory other;
        fill(other);
        for (const DurableFile& file : durable_files) {
            const std::string path = scratch.file(file.name);
            const int made = fifos ? ::mkfifo(path.c_str(), 0600)
                                   : ::symlink(other.file(file.name).c_str(), path.c_str());
            REQUIRE(made == 0);
        }
        const auto view = read_state(scratch.path());
        REQUIRE(view);
        CHECK(view->record.active == 0);
        CHECK(view->journal.empty());
        CHECK(!read_generation(scratch.path(), 7));
    }
}

TEST_CASE("bad input: a state directory that is not there") {
    const auto view = read_state("/nowhere/at/all");
    REQUIRE(!view);
    CHECK(view.error().code == ErrorCode::not_found);
    CHECK(view.error().detail.find("/nowhere/at/all") != std::string::npos);
}

TEST_CASE("show config prints sorted lines, with line feeds, backslashes and = escaped") {
    const ScratchDirectory scratch;
    fill(scratch);
    const auto view = read_state(scratch.path());
    REQUIRE(view);
    CHECK(key_value_lines(*view->active) == "P34=hunter2\nP47=a\\nb\na\\=b=\\\\\n");
}

TEST_CASE("show config --mask hides secrets and nothing else") {
    const ScratchDirectory scratch;
    fill(scratch);
    const auto view = read_state(scratch.path());
    REQUIRE(view);
    CHECK(key_value_lines(masked_generation(*view->active)) == "P34=***\nP47=a\\nb\na\\=b=\\\\\n");
}

TEST_CASE("show config as JSON says who set each value") {
    Generation generation;
    generation.number = 2;
    REQUIRE(set_item(generation, "P47", Origin::file, "one"));
    REQUIRE(set_item(generation, "P47", Origin::operator_, "two"));
    CHECK(config_json(generation) ==
          "{\"generation\":2,\"values\":{\"P47\":{\"value\":\"two\",\"origin\":\"operator\"}}}\n");
}

TEST_CASE("secret are the keys of any profile and the settings of type secret") {
    CHECK(is_secret_key("P34"));
    CHECK(is_secret_key("P1359"));
    CHECK(is_secret_key("config.password"));
    CHECK(!is_secret_key("P47"));
    CHECK(!is_secret_key("static.url"));
}

TEST_CASE("a masked URL loses its userinfo and its query, other values keep their at signs") {
    CHECK(masked_value("static.url", "http://me:pw@s/d?token=1") == "http://***@s/d?***");
    CHECK(masked_value("P237", "me:pw@s/d") == "http://***@s/d");
    CHECK(masked_value("P47", "sip:100@pbx") == "sip:100@pbx");
    CHECK(masked_value("P47", "http://s/d") == "http://s/d");
}

}  // namespace dialtone
