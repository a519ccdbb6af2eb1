// SPDX-License-Identifier: Apache-2.0
#include "platform/common/state_file.h"

#include <doctest/doctest.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "platform/common/state_directory.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

struct Place {
    ScratchDirectory scratch = {};
    Descriptor directory = std::move(*open_directory(scratch.path()));

    void put(const std::string& kind) const {
        const std::string path = scratch.file("it");
        if (kind == "fifo") REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
        if (kind == "link") REQUIRE(::symlink("target", path.c_str()) == 0);
        if (kind == "directory") REQUIRE(::mkdir(path.c_str(), 0700) == 0);
        if (kind == "socket") {
            sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
            path.copy(address.sun_path, path.size());
            const Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
            REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address),
                           sizeof address) == 0);
        }
    }
};

}  // namespace

TEST_CASE("bad input: what is in a file's place and is none is not opened, in any way, at once") {
    for (const std::string kind : {"fifo", "link", "directory", "socket"}) {
        const Place place;
        place.scratch.write("target", "precious");
        place.put(kind);
        // A reader whom a writer would not wait for.
        const Descriptor reader(kind == "fifo" ? ::open(place.scratch.file("it").c_str(),
                                                        O_RDONLY | O_NONBLOCK | O_CLOEXEC)
                                               : -1);
        for (const int flags :
             {O_RDONLY, O_RDWR, O_WRONLY | O_CREAT | O_TRUNC, O_RDWR | O_APPEND | O_CREAT}) {
            const Descriptor file = open_state_file(place.directory.get(), "it", flags);
            const std::string words = state_file_words(errno);
            CHECK(!file.is_open());
            CHECK(words == (kind == "link" ? "a symbolic link is in its place"
                                           : "what is in its place is no file"));
        }
        CHECK(!read_state_file(place.directory.get(), "it", 100));
        CHECK(*read_state_file(place.directory.get(), "target", 100) == "precious");
    }
}

TEST_CASE("bad input: a device in a file's place is not opened") {
    const Descriptor devices = std::move(*open_directory("/dev"));
    for (const char* name : {"null", "zero", "tty"}) {
        const auto content = read_state_file(devices.get(), name, 10);
        REQUIRE(!content);
        CHECK(content.error().code == ErrorCode::io);
    }
}

TEST_CASE("a file is made for its owner alone, emptied when asked, and read up to a bound") {
    const Place place;
    const int directory = place.directory.get();
    CHECK(read_state_file(directory, "a", 5).error().code == ErrorCode::not_found);
    CHECK(open_state_file(directory, "a", O_WRONLY | O_CREAT).is_open());
    struct stat found = {};
    REQUIRE(::stat(place.scratch.file("a").c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    place.scratch.write("a", "12345");
    CHECK(*read_state_file(directory, "a", 5) == "12345");
    CHECK(read_state_file(directory, "a", 4).error().code == ErrorCode::too_big);
    CHECK(open_state_file(directory, "a", O_WRONLY | O_TRUNC).is_open());
    CHECK(read_state_file(directory, "a", 5)->empty());
}

}  // namespace dialtone
