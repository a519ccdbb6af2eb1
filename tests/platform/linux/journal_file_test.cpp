// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/journal_file.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <filesystem>
#include <string>

#include "agent/limits.h"
#include "platform/common/read_file.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

struct Bench {
    ScratchDirectory scratch = {};
    Descriptor directory{::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};

    std::string content(std::string_view name) const {
        auto text = read_file(scratch.file(name), limits::journal_file_bytes);
        return text ? *text : "(" + text.error().detail + ")";
    }
};

JournalLine line_at(WallSeconds wall_s, std::string_view padding = {}) {
    JournalLine line = {.kind = JournalKind::rest, .at_ms = 7, .wall_s = wall_s};
    line.with("reason", padding);
    return line;
}

TEST_CASE("journal lines are appended to what is there") {
    Bench bench;
    const std::string one = encode_journal_line(line_at(100)),
                      two = encode_journal_line(line_at(200));
    JournalFile(bench.directory.get()).append(line_at(100));
    JournalFile(bench.directory.get()).append(line_at(200));
    CHECK(bench.content("journal") == one + two);
    struct stat status = {};
    REQUIRE(::stat(bench.scratch.file("journal").c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("a line that a power cut tore does not spoil the next one") {
    Bench bench;
    bench.scratch.write("journal", "12\t34\tbo");
    JournalFile(bench.directory.get()).append(line_at(100));
    CHECK(bench.content("journal") == "12\t34\tbo\n" + encode_journal_line(line_at(100)));
}

TEST_CASE(
    "a disk that takes no line, or half a line, is told of, so that the line goes elsewhere") {
    Bench bench;
    const int room_bytes = static_cast<int>(encode_journal_line(line_at(100)).size());
    const pid_t process = ::fork();
    if (process == 0) {
        ::signal(SIGXFSZ, SIG_IGN);
        JournalFile journal(bench.directory.get());
        const rlimit room = {static_cast<rlim_t>(room_bytes + 4), RLIM_INFINITY};
        ::setrlimit(RLIMIT_FSIZE, &room);
        const bool first = journal.append(line_at(100));
        const bool second = journal.append(line_at(200));
        const bool third = journal.append(line_at(300));
        ::_exit(first && !second && !third ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(process, &status, 0) == process);
    CHECK(status == 0);
    CHECK(JournalFile(-1).append(line_at(100)));  // nobody wants a journal
    bench.scratch.write("file", "");
    const Descriptor no_directory(::open(bench.scratch.file("file").c_str(), O_RDONLY));
    CHECK(!JournalFile(no_directory.get()).append(line_at(100)));
}

TEST_CASE("a full journal becomes journal.1 and both stay within their bound") {
    Bench bench;
    JournalFile journal(bench.directory.get());
    const std::string padding(300, 'x');
    for (WallSeconds wall_s = 1; wall_s <= 1000; ++wall_s)
        journal.append(line_at(wall_s, padding));
    const std::string current = bench.content("journal"), former = bench.content("journal.1");
    CHECK(current.size() <= limits::journal_file_bytes);
    CHECK(former.size() <= limits::journal_file_bytes);
    CHECK(former.size() > limits::journal_file_bytes - limits::journal_line_bytes);
    CHECK(current.ends_with(encode_journal_line(line_at(1000, padding))));
    const auto last_line = former.rfind('\n', former.size() - 2) + 1;
    CHECK(decode_journal_line(former.substr(last_line, former.size() - 1 - last_line))->wall_s +
              1 ==
          decode_journal_line(current.substr(0, current.find('\n')))->wall_s);
}

TEST_CASE("a journal that somebody removed is begun anew") {
    Bench bench;
    JournalFile journal(bench.directory.get());
    journal.append(line_at(100));
    std::filesystem::remove(bench.scratch.file("journal"));
    journal.append(line_at(200));
    CHECK(bench.content("journal") == encode_journal_line(line_at(200)));
}

TEST_CASE("bad input: a journal that is a link or a directory is left alone") {
    Bench bench;
    REQUIRE(::symlink("/dev/null", bench.scratch.file("journal").c_str()) == 0);
    JournalFile(bench.directory.get()).append(line_at(100));
    CHECK(std::filesystem::is_symlink(bench.scratch.file("journal")));
    std::filesystem::remove(bench.scratch.file("journal"));
    REQUIRE(::mkdir(bench.scratch.file("journal").c_str(), 0700) == 0);
    JournalFile(bench.directory.get()).append(line_at(100));
    CHECK(std::filesystem::is_directory(bench.scratch.file("journal")));
}

TEST_CASE("without a state directory the journal is dropped") {
    CHECK(JournalFile(-1).append(line_at(100)));
}

}  // namespace
}  // namespace dialtone
