// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_directory.h"

#include <doctest/doctest.h>
#include <sys/sysmacros.h>

#include <vector>

#include "agent/store/durable_files.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

// Everything that this program keeps in a state directory.
std::vector<std::string> all_names() {
    std::vector<std::string> names = {"lock", "restart", "restart.new"};
    for (const DurableFile& file : durable_files)
        names.emplace_back(file.name);
    return names;
}

constexpr uid_t somebody = 12345;

// One way in which a file may be of no use, what does it, and the words that name it.
struct Fault {
    const char* words;
    bool needs_root;
    void (*cause)(const std::string& path);
};

constexpr Fault faults[] = {
    {"what is in its place is no file", false,
     [](const std::string& path) {
         ::unlink(path.c_str());
         REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
     }},
    {"what is in its place is no file", false,
     [](const std::string& path) {
         ::unlink(path.c_str());
         REQUIRE(::mkdir(path.c_str(), 0700) == 0);
     }},
    {"what is in its place is no file", true,
     [](const std::string& path) {
         ::unlink(path.c_str());
         // As /dev/zero; in a user namespace no device can be made, and a FIFO does as well.
         if (::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 5)) < 0)
             REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
     }},
    {"a symbolic link is in its place", false,
     [](const std::string& path) {
         ::unlink(path.c_str());
         REQUIRE(::symlink("/etc/passwd", path.c_str()) == 0);
     }},
    {"a symbolic link is in its place", false,
     [](const std::string& path) {
         ::unlink(path.c_str());
         REQUIRE(::symlink("nowhere", path.c_str()) == 0);
     }},
    {"it has another name somewhere else", false,
     [](const std::string& path) { REQUIRE(::link(path.c_str(), (path + "-2").c_str()) == 0); }},
    {"its group or others may write to it", false,
     [](const std::string& path) { REQUIRE(::chmod(path.c_str(), 0620) == 0); }},
    {"its group or others may write to it", false,
     [](const std::string& path) { REQUIRE(::chmod(path.c_str(), 0602) == 0); }},
    {"it belongs to somebody who is neither root nor the service's own user", true,
     [](const std::string& path) { REQUIRE(::chown(path.c_str(), somebody, 0) == 0); }},
};

}  // namespace

TEST_CASE("bad input: a state directory with a file that somebody else may have put there") {
    for (const std::string& name : all_names()) {
        for (const Fault& fault : faults) {
            if (fault.needs_root && ::geteuid() != 0) continue;
            const ScratchDirectory scratch;
            scratch.write(name, "x");
            REQUIRE(take_state_directory(scratch.path(), {}));
            fault.cause(scratch.file(name));
            const auto state = take_state_directory(scratch.path(), {});
            REQUIRE(!state);
            CHECK(state.error().code == ErrorCode::io);
            CHECK(state.error().detail ==
                  "state directory " + scratch.file(name) + ": " + fault.words);
        }
    }
}

TEST_CASE("bad input: a state directory that others may write to, or that belongs to somebody") {
    const ScratchDirectory scratch;
    for (const mode_t mode : {0770, 0707, 0777, 01777}) {
        REQUIRE(::chmod(scratch.path().c_str(), mode) == 0);
        const auto state = take_state_directory(scratch.path(), {});
        REQUIRE(!state);
        CHECK(state.error().detail ==
              "state directory " + scratch.path() + ": its group or others may write to it");
    }
    REQUIRE(::chmod(scratch.path().c_str(), 0755) == 0);
    CHECK(take_state_directory(scratch.path(), {}));
    if (::geteuid() != 0) return;
    REQUIRE(::chown(scratch.path().c_str(), somebody, 0) == 0);
    const auto state = take_state_directory(scratch.path(), {});
    REQUIRE(!state);
    CHECK(state.error().detail.find("it belongs to somebody") != std::string::npos);
    CHECK(take_state_directory(scratch.path(), Account{somebody, 0}));
}

TEST_CASE("what root owns is taken over for the service's own user, but for the lock") {
    if (::geteuid() != 0) {
        MESSAGE("only root can give something away");
        return;
    }
    const ScratchDirectory scratch;
    const Account account = {somebody, 4321};
    for (const std::string& name : all_names())
        scratch.write(name, "x");
    scratch.write("note-of-a-person", "x");
    for (uint32_t starts = 0; starts < 2; ++starts) {
        REQUIRE(take_state_directory(scratch.path(), account));
        struct stat found = {};
        for (const std::string& name : all_names()) {
            REQUIRE(::stat(scratch.file(name).c_str(), &found) == 0);
            CHECK(found.st_uid == (name == "lock" ? 0 : somebody));
        }
        REQUIRE(::stat(scratch.file("note-of-a-person").c_str(), &found) == 0);
        CHECK(found.st_uid == 0);
        REQUIRE(::stat(scratch.path().c_str(), &found) == 0);
        CHECK(found.st_uid == somebody);
        CHECK(found.st_gid == 4321);
    }
}

TEST_CASE("a state directory is made with its parents, closed to others, with an empty lock") {
    const ScratchDirectory scratch;
    const std::string path = scratch.file("var/lib/dialtone");
    const auto state = take_state_directory(path, {});
    REQUIRE(state);
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
        const auto state = take_state_directory(scratch.path(), {});
        REQUIRE(state);
        CHECK(*is_daemon_running(scratch.path()) == true);
    }
    CHECK(*is_daemon_running(scratch.path()) == false);
}

TEST_CASE("bad input: a state directory that another daemon has") {
    const ScratchDirectory scratch;
    const auto first = take_state_directory(scratch.path(), {});
    REQUIRE(first);
    const auto second = take_state_directory(scratch.path(), {});
    REQUIRE(!second);
    CHECK(second.error().code == ErrorCode::bad_usage);
    CHECK(second.error().detail.find(scratch.path()) != std::string::npos);
}

TEST_CASE("bad input: a state directory that is a file, or is not there to be read") {
    const ScratchDirectory scratch;
    scratch.write("file", "");
    const auto state = take_state_directory(scratch.file("file"), {});
    REQUIRE(!state);
    CHECK(state.error().code == ErrorCode::io);  // no mistake of a command line: it works in memory
    CHECK(state.error().detail == "state directory " + scratch.file("file") + ": Not a directory");
    const auto running = is_daemon_running(scratch.file("nothing"));
    REQUIRE(!running);
    CHECK(running.error().code == ErrorCode::not_found);
}

TEST_CASE("bad input: a FIFO in the lock's place makes nobody wait who looks for a daemon") {
    const ScratchDirectory scratch;
    REQUIRE(::mkfifo(scratch.file("lock").c_str(), 0600) == 0);
    const auto running = is_daemon_running(scratch.path());
    REQUIRE(!running);
    CHECK(running.error().detail.find("what is in its place is no file") != std::string::npos);
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
