// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_directory.h"

#include <doctest/doctest.h>

#include "tests/platform/scratch_directory.h"

namespace dialtone {

TEST_CASE("a state directory is made with its parents, closed to others, with an empty lock") {
    const ScratchDirectory scratch;
    const std::string path = scratch.file("var/lib/dialtone");
    const auto state = take_state_directory(path);
    REQUIRE(state);
    CHECK(state->created);
    struct stat found = {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0700);
    REQUIRE(::stat((path + "/lock").c_str(), &found) == 0);
    CHECK(found.st_size == 0);
}

TEST_CASE("the lock shows whether a daemon runs, and goes with it") {
    const ScratchDirectory scratch;
    CHECK(*is_daemon_running(scratch.path()) == false);
    {
        const auto state = take_state_directory(scratch.path());
        REQUIRE(state);
        CHECK(!state->created);
        CHECK(*is_daemon_running(scratch.path()) == true);
    }
    CHECK(*is_daemon_running(scratch.path()) == false);
}

TEST_CASE("bad input: a state directory that another daemon has") {
    const ScratchDirectory scratch;
    const auto first = take_state_directory(scratch.path());
    REQUIRE(first);
    const auto second = take_state_directory(scratch.path());
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::bad_usage);
    CHECK(second.error().detail.find(scratch.path()) != std::string::npos);
}

TEST_CASE("bad input: a state directory that is a file, or is not there to be read") {
    const ScratchDirectory scratch;
    scratch.write("file", "");
    const auto state = take_state_directory(scratch.file("file"));
    REQUIRE(!state);
    CHECK(state.error().code == ErrorCode::bad_usage);
    const auto running = is_daemon_running(scratch.file("nothing"));
    REQUIRE(!running);
    CHECK(running.error().code == ErrorCode::not_found);
}

TEST_CASE("looking for a daemon writes nothing") {
    const ScratchDirectory scratch;
    CHECK(is_daemon_running(scratch.path()));
    CHECK(::access(scratch.file("lock").c_str(), F_OK) != 0);
}

TEST_CASE("names of one directory lead to one real path") {
    const ScratchDirectory scratch;
    REQUIRE(::symlink(scratch.path().c_str(), scratch.file("link").c_str()) == 0);
    CHECK(*real_path_of(scratch.file("link")) == *real_path_of(scratch.path()));
}

}  // namespace dialtone
