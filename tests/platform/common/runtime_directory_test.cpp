// SPDX-License-Identifier: Apache-2.0
#include "platform/common/runtime_directory.h"

#include <doctest/doctest.h>

#include "tests/platform/scratch_directory.h"

namespace dialtone {

TEST_CASE("root has /run/dialtone, others a directory of their own") {
    CHECK(runtime_directory(0, "/run/user/0") == "/run/dialtone");
    CHECK(runtime_directory(1000, "/run/user/1000") == "/run/user/1000/dialtone-1000");
    CHECK(runtime_directory(1000, "") == "/tmp/dialtone-1000");
    CHECK(runtime_directory(1000, "relative") == "/tmp/dialtone-1000");
}

TEST_CASE("the control socket is named after the state directory's real path") {
    // printf /var/lib/dialtone | sha256sum
    const auto path = control_socket_path("/run/dialtone", "/var/lib/dialtone");
    REQUIRE(path);
    CHECK(*path == "/run/dialtone/6687c91b9264b9eb.control");
    CHECK(*path != *control_socket_path("/run/dialtone", "/var/lib/dialtone2"));
}

TEST_CASE("bad input: a runtime directory whose path is too long for a socket") {
    CHECK(control_socket_path("/" + std::string(100, 'x'), "/d").error().code ==
          ErrorCode::too_big);
}

TEST_CASE("the runtime directory is made for its owner alone") {
    const ScratchDirectory scratch;
    const std::string path = scratch.file("dialtone-1000");
    REQUIRE(make_runtime_directory(path));
    struct stat made = {};
    REQUIRE(::stat(path.c_str(), &made) == 0);
    CHECK((made.st_mode & 0777) == 0700);
    CHECK(make_runtime_directory(path));
}

TEST_CASE("bad input: a runtime directory that somebody else could have prepared") {
    const ScratchDirectory scratch;
    REQUIRE(::symlink("/tmp", scratch.file("link").c_str()) == 0);
    CHECK(!make_runtime_directory(scratch.file("link")));
    REQUIRE(::mkdir(scratch.file("open").c_str(), 0700) == 0);
    REQUIRE(::chmod(scratch.file("open").c_str(), 0777) == 0);
    CHECK(!make_runtime_directory(scratch.file("open")));
    scratch.write("file", "");
    CHECK(!make_runtime_directory(scratch.file("file")));
}

}  // namespace dialtone
