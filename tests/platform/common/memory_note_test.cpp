// SPDX-License-Identifier: Apache-2.0
#include "platform/common/memory_note.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "platform/common/runtime_directory.h"
#include "platform/common/state_directory.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

// The runtime directory of a service of its own, as long as this lives.
struct Service {
    ScratchDirectory scratch = {};
    std::string runtime = scratch.file("run");
    std::string state = scratch.file("state");

    Service() {
        ::setenv("RUNTIME_DIRECTORY", runtime.c_str(), 1);
        REQUIRE(make_runtime_directory(runtime));
    }
    ~Service() { ::unsetenv("RUNTIME_DIRECTORY"); }

    auto hold(const std::string& words) const {
        return hold_memory_note(runtime, *real_path_to_be(state), words);
    }
};

}  // namespace

TEST_CASE("the note says why as long as its daemon lives") {
    const Service it;
    CHECK(find_memory_note(it.state) == "");
    {
        const auto note = it.hold("it belongs to somebody");
        REQUIRE(note);
        CHECK(find_memory_note(it.state) == "it belongs to somebody");
        CHECK(find_memory_note(it.state + "2") == "");
    }
    CHECK(find_memory_note(it.state) == "");
    const auto again = it.hold("shorter");
    REQUIRE(again);
    CHECK(find_memory_note(it.state) == "shorter");
}

TEST_CASE("bad input: two daemons in memory for one state directory") {
    const Service it;
    const auto first = it.hold("first");
    REQUIRE(first);
    const auto second = it.hold("second");
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::bad_usage);
    CHECK(find_memory_note(it.state) == "first");
}

TEST_CASE("bad input: a FIFO in the note's place is refused with words, and nobody waits") {
    const Service it;
    const std::string name = runtime_name(*real_path_to_be(it.state)) + ".memory";
    REQUIRE(::mkfifo((it.runtime + "/" + name).c_str(), 0600) == 0);
    const auto note = it.hold("words");
    REQUIRE(!note);
    CHECK(note.error().detail.find("is no file") != std::string::npos);
    CHECK(find_memory_note(it.state) == "");
}

}  // namespace dialtone
