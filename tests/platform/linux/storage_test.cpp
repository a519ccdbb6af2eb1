// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/storage.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "agent/limits.h"
#include "tests/platform/linux/event_log.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

std::vector<uint8_t> bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

size_t threads() {
    size_t count = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        static_cast<void>(task);
        ++count;
    }
    return count;
}

// A state directory with a world that works on it.
struct Bench {
    ScratchDirectory scratch = {};
    Descriptor directory{::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    std::unique_ptr<LinuxWorld> world = open_world({.state_directory = directory.get()});
    EventLog log = {};

    void step(RequestId id, StorageStep step, std::string name, std::string new_name = {},
              std::string_view text = {}) {
        world->carry_out(Storage{id, step, std::move(name), std::move(new_name), bytes_of(text)});
    }
};

TEST_CASE("storage steps are done and answered in the order they came") {
    Bench bench;
    bench.step(1, StorageStep::write, "new", "", "whole");
    bench.step(2, StorageStep::sync_file, "new");
    bench.step(3, StorageStep::rename, "new", "old");
    bench.step(4, StorageStep::sync_directory, "");
    bench.step(5, StorageStep::read, "old");
    bench.step(6, StorageStep::remove, "old");
    bench.step(7, StorageStep::read, "old");
    wait_for(*bench.world, bench.log, 7);
    CHECK(bench.log.all() ==
          "storage 1 done; storage 2 done; storage 3 done; storage 4 done; "
          "storage 5 done whole; storage 6 done; storage 7 not found; ");
}

TEST_CASE("a read that came before a write sees what was there before it") {
    Bench bench;
    bench.scratch.write("record", "before");
    bench.step(1, StorageStep::read, "record");
    bench.step(2, StorageStep::write, "record", "", "after");
    bench.step(3, StorageStep::read, "record");
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.log.all() == "storage 1 done before; storage 2 done; storage 3 done after; ");
}

TEST_CASE("a life that only reads has no second thread") {
    Bench bench;
    const size_t before = threads();
    bench.scratch.write("record", "x");
    bench.step(1, StorageStep::read, "record");
    wait_for(*bench.world, bench.log, 1);
    CHECK(threads() == before);
    bench.step(2, StorageStep::write, "record", "", "y");
    wait_for(*bench.world, bench.log, 2);
    CHECK(threads() == before + 1);
}

TEST_CASE("a written file belongs to its owner alone and replaces what was there") {
    Bench bench;
    bench.scratch.write("record", "something longer");
    bench.step(1, StorageStep::write, "record", "", "short");
    bench.step(2, StorageStep::write, "fresh", "", "x");
    bench.step(3, StorageStep::read, "record");
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.log.lines.back() == "storage 3 done short");
    struct stat status = {};
    REQUIRE(::stat(bench.scratch.file("fresh").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("removing what is not there is no failure") {
    Bench bench;
    bench.step(1, StorageStep::remove, "nothing");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "storage 1 done; ");
}

TEST_CASE("a file may be synced long after it was written") {
    Bench bench;
    bench.step(1, StorageStep::write, "one", "", "1");
    bench.step(2, StorageStep::write, "two", "", "2");
    bench.step(3, StorageStep::sync_file, "one");
    bench.step(4, StorageStep::sync_file, "three");
    wait_for(*bench.world, bench.log, 4);
    CHECK(bench.log.lines[2] == "storage 3 done");
    CHECK(bench.log.lines[3] == "storage 4 not found");
}

TEST_CASE("bad input: a name that leaves the state directory is refused") {
    for (const char* name :
         {"", ".", "..", "../up", "/etc/passwd", "a/b", ".hidden", "a b", "a\n"}) {
        CAPTURE(name);
        CHECK_FALSE(is_storage_name(name));
    }
    CHECK(is_storage_name("generation.12"));
    CHECK(is_storage_name(std::string(limits::file_name_bytes, 'a')));
    CHECK_FALSE(is_storage_name(std::string(limits::file_name_bytes + 1, 'a')));
    Bench bench;
    bench.step(1, StorageStep::read, "../record");
    bench.step(2, StorageStep::rename, "record", "../record");
    wait_for(*bench.world, bench.log, 2);
    for (const std::string& line : bench.log.lines) {
        CHECK(line.ends_with("not a name for a file of the state directory"));
    }
}

TEST_CASE("bad input: a symbolic link in the state directory is not followed") {
    Bench bench;
    bench.scratch.write("target", "secret");
    REQUIRE(::symlink(bench.scratch.file("target").c_str(), bench.scratch.file("link").c_str()) ==
            0);
    bench.step(1, StorageStep::read, "link");
    bench.step(2, StorageStep::write, "link", "", "x");
    wait_for(*bench.world, bench.log, 2);
    CHECK(bench.log.lines[0].starts_with("storage 1 failed: link: "));
    CHECK(bench.log.lines[1].starts_with("storage 2 failed: link: "));
}

TEST_CASE("bad input: what is no file, or too big to be one of ours, is not read") {
    Bench bench;
    REQUIRE(::mkfifo(bench.scratch.file("pipe").c_str(), 0600) == 0);
    REQUIRE(::mkdir(bench.scratch.file("folder").c_str(), 0700) == 0);
    bench.scratch.write("big", "");
    REQUIRE(::truncate(bench.scratch.file("big").c_str(), limits::generation_bytes + 1) == 0);
    bench.step(1, StorageStep::read, "pipe");
    bench.step(2, StorageStep::read, "folder");
    bench.step(3, StorageStep::read, "big");
    wait_for(*bench.world, bench.log, 3);
    CHECK(bench.log.lines[0] == "storage 1 failed: pipe: what is in its place is no file");
    CHECK(bench.log.lines[1] == "storage 2 failed: folder: what is in its place is no file");
    CHECK(bench.log.lines[2] == "storage 3 failed: big: File too large");
}

TEST_CASE("bad input: what is no file is not written to either, even if somebody reads it") {
    for (const StorageStep step : {StorageStep::write, StorageStep::append}) {
        Bench bench;
        const std::string path = bench.scratch.file("pipe");
        REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        const Descriptor reader(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
        bench.step(1, step, "pipe", "", "secret");
        wait_for(*bench.world, bench.log, 1);
        CHECK(bench.log.lines[0] == "storage 1 failed: pipe: what is in its place is no file");
        char byte = 0;
        CHECK(::read(reader.get(), &byte, 1) == 0);
    }
}

TEST_CASE("bad input: a medium that refuses a write is reported in the system's words") {
    Bench bench;
    rlimit before = {};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    const rlimit small = {1000, before.rlim_max};
    const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    bench.step(1, StorageStep::write, "generation", "", std::string(2000, 'x'));
    wait_for(*bench.world, bench.log, 1);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    ::signal(SIGXFSZ, old_handler);
    CHECK(bench.log.all() == "storage 1 failed: generation: File too large; ");
}

TEST_CASE("without a state directory every step fails and says so") {
    auto world = open_world();
    EventLog log;
    world->carry_out(Storage{1, StorageStep::write, "record"});
    world->carry_out(Storage{2, StorageStep::sync_directory});
    wait_for(*world, log, 2);
    CHECK(log.all() ==
          "storage 1 failed: record: Bad file descriptor; "
          "storage 2 failed: state directory: Bad file descriptor; ");
}

TEST_CASE("what was submitted is on the disk when the world ends") {
    ScratchDirectory scratch;
    const Descriptor directory(::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    auto world = open_world({.state_directory = directory.get()});
    for (RequestId id = 1; id <= 50; ++id) {
        const std::string name = "file" + std::to_string(id);
        world->carry_out(Storage{id, StorageStep::write, name, {}, bytes_of(name)});
        world->carry_out(Storage{id, StorageStep::sync_file, name});
    }
    world.reset();
    CHECK(std::filesystem::file_size(scratch.file("file50")) == 6);
}

}  // namespace
}  // namespace dialtone
