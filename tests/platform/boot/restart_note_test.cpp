// SPDX-License-Identifier: Apache-2.0
#include "platform/boot/restart_note.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include "platform/common/descriptor.h"
#include "platform/common/read_file.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

constexpr std::string_view this_boot = "0b2c1f0e-0000-4000-8000-000000000001";
constexpr std::string_view next_boot = "0b2c1f0e-0000-4000-8000-000000000002";
constexpr std::string_view third_boot = "0b2c1f0e-0000-4000-8000-000000000003";
constexpr PhoneStart first_reboot = {ResetCause::provisioning_reboot, 1};

// A state directory, open.
struct Place {
    ScratchDirectory scratch;
    Descriptor directory{::open(scratch.path().c_str(), O_RDONLY | O_DIRECTORY)};
    int get() const { return directory.get(); }
    std::string text() const { return read_file(scratch.file("restart"), 4'096).value_or(""); }
};

void check(const PhoneStart& start, ResetCause cause, uint32_t reboots) {
    CHECK(start.reset_cause == cause);
    CHECK(start.provisioning_reboots == reboots);
}

}  // namespace

TEST_CASE("without a note the phone got its power") {
    const Place place;
    check(take_restart_note(place.get(), this_boot), ResetCause::power_on, 0);
    CHECK(place.text().empty());
}

TEST_CASE("a restart of our own is known as such, with its number, by the next boot") {
    const Place place;
    REQUIRE(leave_restart_note(place.get(), first_reboot, this_boot));
    check(take_restart_note(place.get(), next_boot), ResetCause::provisioning_reboot, 1);
}

TEST_CASE("a power cut after a restart of our own is a power-on, and counts anew") {
    const Place place;
    REQUIRE(leave_restart_note(place.get(), first_reboot, this_boot));
    (void)take_restart_note(place.get(), next_boot);
    check(take_restart_note(place.get(), third_boot), ResetCause::power_on, 0);
}

TEST_CASE("a program that starts once more in the same boot keeps the count") {
    const Place place;
    REQUIRE(leave_restart_note(place.get(), {ResetCause::provisioning_reboot, 2}, this_boot));
    (void)take_restart_note(place.get(), next_boot);
    check(take_restart_note(place.get(), next_boot), ResetCause::crash, 2);
}

TEST_CASE("a program that starts once more before the machine went down is no restart of it") {
    const Place place;
    REQUIRE(leave_restart_note(place.get(), first_reboot, this_boot));
    check(take_restart_note(place.get(), this_boot), ResetCause::crash, 1);
    check(take_restart_note(place.get(), next_boot), ResetCause::provisioning_reboot, 1);
}

TEST_CASE("a restart that was asked for takes the note away") {
    const Place place;
    REQUIRE(leave_restart_note(place.get(), first_reboot, this_boot));
    REQUIRE(leave_restart_note(place.get(), {}, this_boot));
    check(take_restart_note(place.get(), next_boot), ResetCause::power_on, 0);
    CHECK(leave_restart_note(place.get(), {}, this_boot));  // and none is none
}

TEST_CASE("a system that does not tell its boots apart counts each start as one of the machine") {
    const Place place;
    REQUIRE(leave_restart_note(place.get(), first_reboot, ""));
    check(take_restart_note(place.get(), ""), ResetCause::provisioning_reboot, 1);
    check(take_restart_note(place.get(), ""), ResetCause::power_on, 0);
}

// What a cut can leave: the old note or the new one, whole, and beside it any part of the file that
// was to become the note.
TEST_CASE("a power cut at any byte of a note leaves a start that counts no reboot too few") {
    const std::string older = "dialtone restart " + std::string(this_boot) + " running 1\n";
    const std::string newer = "dialtone restart " + std::string(this_boot) + " asked 2\n";
    for (size_t written = 0; written <= newer.size(); ++written) {
        const Place place;
        place.scratch.write("restart", older);
        place.scratch.write("restart.new", newer.substr(0, written));
        // The new note was not renamed, so the machine did not restart: it lost power.
        check(take_restart_note(place.get(), next_boot), ResetCause::power_on, 0);
        // What is left of the new note is in the way of no later restart.
        REQUIRE(leave_restart_note(place.get(), {ResetCause::provisioning_reboot, 2}, next_boot));
        check(take_restart_note(place.get(), third_boot), ResetCause::provisioning_reboot, 2);
    }
    const Place place;
    place.scratch.write("restart", newer);
    check(take_restart_note(place.get(), next_boot), ResetCause::provisioning_reboot, 2);
}

TEST_CASE("bad input: a note that is broken is none") {
    const std::string whole = "dialtone restart " + std::string(this_boot) + " asked 2\n";
    for (size_t size = 0; size < whole.size(); ++size) {
        const Place place;
        place.scratch.write("restart", whole.substr(0, size));
        check(take_restart_note(place.get(), next_boot), ResetCause::power_on, 0);
    }
    for (const std::string_view text :
         {"dialtone restart x asked 4294967296\n", "dialtone restart x asked 1001\n",
          "dialtone restart x asked -1\n", "dialtone restart x asked 1 2\n",
          "dialtone restart x wanted 1\n", "dialtone restart  asked\n", "\n"}) {
        const Place place;
        place.scratch.write("restart", text);
        check(take_restart_note(place.get(), next_boot), ResetCause::power_on, 0);
    }
    const Place place;
    place.scratch.write("restart", std::string(100'000, 'x'));
    check(take_restart_note(place.get(), next_boot), ResetCause::power_on, 0);
}

TEST_CASE("bad input: what is in the note's place and is none is not read, and nobody waits") {
    for (const bool fifo : {true, false}) {
        const Place place;
        place.scratch.write("asked", "dialtone restart x asked 2\n");
        const std::string path = place.scratch.file("restart");
        REQUIRE((fifo ? ::mkfifo(path.c_str(), 0600) : ::symlink("asked", path.c_str())) == 0);
        check(take_restart_note(place.get(), next_boot), ResetCause::power_on, 0);
        const std::string next = place.scratch.file("restart.new");
        REQUIRE((fifo ? ::mkfifo(next.c_str(), 0600) : ::symlink("asked", next.c_str())) == 0);
        const auto left = leave_restart_note(place.get(), first_reboot, this_boot);
        REQUIRE(!left);
        CHECK(left.error().detail ==
              std::string("note restart.new in the state directory: ") +
                  (fifo ? "what is in its place is no file" : "a symbolic link is in its place"));
    }
}

TEST_CASE("without a state directory no restart can be told, and a fresh start needs no note") {
    check(take_restart_note(-1, next_boot), ResetCause::power_on, 0);
    CHECK(!leave_restart_note(-1, first_reboot, this_boot));
    CHECK(leave_restart_note(-1, {}, this_boot));
}

TEST_CASE("a note that cannot be written forbids the restart and names the file") {
    const ScratchDirectory scratch;
    scratch.write("file", "");
    const Descriptor no_directory(::open(scratch.file("file").c_str(), O_RDONLY));
    const auto left = leave_restart_note(no_directory.get(), first_reboot, this_boot);
    REQUIRE(!left);
    CHECK(left.error().detail == "note restart.new in the state directory: Not a directory");
}

}  // namespace dialtone
