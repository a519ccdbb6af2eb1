// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/control_client.h"

#include <doctest/doctest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <string>
#include <vector>

#include "platform/daemon/control_listener.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

constexpr uint32_t wait_ms = 10'000;

// Accepts one client and gives it `answer` once it has said `line`; "?" if it said something else.
class PretendedDaemon {
  public:
    PretendedDaemon(const ControlListener& listener, std::string_view line,
                    std::string_view answer) {
        process_ = ::fork();
        if (process_ == 0) serve(listener, line, answer);
    }
    ~PretendedDaemon() { ::waitpid(process_, nullptr, 0); }
    PretendedDaemon(const PretendedDaemon&) = delete;
    PretendedDaemon& operator=(const PretendedDaemon&) = delete;

  private:
    [[noreturn]] static void serve(const ControlListener& listener, std::string_view line,
                                   std::string_view answer) {
        pollfd wait = {listener.descriptor(), POLLIN, 0};
        ::poll(&wait, 1, static_cast<int>(wait_ms));
        const int client = ::accept(listener.descriptor(), nullptr, nullptr);
        std::string said;
        char piece[64];
        while (!said.ends_with('\n')) {
            const ssize_t got = ::read(client, piece, sizeof piece);
            if (got <= 0) break;
            said.append(piece, static_cast<std::string::size_type>(got));
        }
        if (said != line) answer = "error ?\n";
        (void)!::write(client, answer.data(), answer.size());
        ::_exit(0);
    }

    pid_t process_ = -1;
};

}  // namespace

TEST_CASE("a command and its argument reach the daemon and its answer comes back") {
    const ScratchDirectory scratch;
    const std::string path = scratch.file("s");
    auto listener = ControlListener::at(path, std::nullopt);
    REQUIRE(listener);
    const PretendedDaemon daemon(*listener, "set P47=a b=c\n", "ok P47 is set\n");
    const auto answer = ask_daemon(path, "set", "P47=a b=c", wait_ms);
    REQUIRE(answer);
    CHECK(answer->ok);
    CHECK(answer->text == "P47 is set");
}

TEST_CASE("an answer with a list brings its lines") {
    const ScratchDirectory scratch;
    auto listener = ControlListener::at(scratch.file("s"), std::nullopt);
    REQUIRE(listener);
    const PretendedDaemon daemon(*listener, "resync\n", "ok two\n one\n \n end\nend\n");
    const auto answer = ask_daemon(scratch.file("s"), "resync", "", wait_ms);
    REQUIRE(answer);
    CHECK(answer->text == "two");
    CHECK(answer->lines == std::vector<std::string>{"one", "", "end"});
}

TEST_CASE("bad input: a list that has no end, or is none") {
    const ScratchDirectory scratch;
    auto listener = ControlListener::at(scratch.file("s"), std::nullopt);
    REQUIRE(listener);
    for (const char* said : {"ok two\n one\n", "ok two\n one\nend\nmore\n", "ok two\none\nend\n"}) {
        const PretendedDaemon daemon(*listener, "resync\n", said);
        CHECK(ask_daemon(scratch.file("s"), "resync", "", wait_ms).error().detail ==
              "the daemon left in the middle of its answer");
    }
}

TEST_CASE("a refusal of the daemon is an answer, not a failure") {
    const ScratchDirectory scratch;
    auto listener = ControlListener::at(scratch.file("s"), std::nullopt);
    REQUIRE(listener);
    const PretendedDaemon daemon(*listener, "resync\n", "error nothing to ask\n");
    const auto answer = ask_daemon(scratch.file("s"), "resync", "", wait_ms);
    REQUIRE(answer);
    CHECK(!answer->ok);
    CHECK(answer->text == "nothing to ask");
}

TEST_CASE("bad input: a daemon that leaves, babbles or does not answer") {
    const ScratchDirectory scratch;
    auto listener = ControlListener::at(scratch.file("s"), std::nullopt);
    REQUIRE(listener);
    {
        const PretendedDaemon daemon(*listener, "resync\n", "");
        CHECK(ask_daemon(scratch.file("s"), "resync", "", wait_ms).error().detail ==
              "the daemon left without an answer");
    }
    {
        const PretendedDaemon daemon(*listener, "resync\n", "what?\n");
        CHECK(!ask_daemon(scratch.file("s"), "resync", "", wait_ms));
    }
    CHECK(ask_daemon(scratch.file("s"), "resync", "", 1).error().detail ==
          "the daemon has not answered in time");
}

TEST_CASE("bad input: a value of two lines cannot be said on the control socket") {
    const auto answer = ask_daemon("/nowhere", "set", "P47=a\nfactory-reset", wait_ms);
    REQUIRE(!answer);
    CHECK(answer.error().code == ErrorCode::bad_usage);
}

TEST_CASE("the control socket is for its owner alone and goes with the daemon") {
    const ScratchDirectory scratch;
    const std::string path = scratch.file("s");
    {
        const auto dead = ControlListener::at(path, std::nullopt);
        REQUIRE(dead);  // it does not take its name along
    }
    auto listener = ControlListener::at(path, std::nullopt);
    REQUIRE(listener);
    struct stat found = {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    CHECK(S_ISSOCK(found.st_mode));
    CHECK((found.st_mode & 0777) == 0600);
    listener->remove();
    CHECK(::access(path.c_str(), F_OK) != 0);
}

TEST_CASE("bad input: what is in the control socket's place and is none stays there") {
    const ScratchDirectory scratch;
    scratch.write("file", "precious");
    REQUIRE(::symlink("file", scratch.file("link").c_str()) == 0);
    REQUIRE(::mkfifo(scratch.file("pipe").c_str(), 0600) == 0);
    for (const char* name : {"file", "link", "pipe"}) {
        const auto listener = ControlListener::at(scratch.file(name), std::nullopt);
        REQUIRE(!listener);
        CHECK(listener.error().detail.find("is no socket") != std::string::npos);
        struct stat found = {};
        CHECK(::lstat(scratch.file(name).c_str(), &found) == 0);
    }
}

TEST_CASE("stop can be said whether operators reach the socket or not") {
    const ScratchDirectory scratch;
    auto named = ControlListener::at(scratch.file("s"), std::nullopt);
    auto nameless = ControlListener::unreachable();
    REQUIRE(named);
    REQUIRE(nameless);
    for (const ControlListener* listener : {&*named, &*nameless}) {
        const auto said = listener->say_stop();
        REQUIRE(said);
        const Descriptor client(::accept(listener->descriptor(), nullptr, nullptr));
        char line[8] = {};
        CHECK(::read(client.get(), line, sizeof line) == 5);
        CHECK(std::string_view(line, 5) == "stop\n");
    }
}

}  // namespace dialtone
