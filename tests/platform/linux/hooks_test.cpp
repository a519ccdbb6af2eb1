// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/hooks.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "agent/limits.h"
#include "platform/common/descriptor.h"
#include "platform/common/read_file.h"
#include "tests/platform/linux/event_log.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

// A hook directory, a runtime directory, and a file that the hooks write to.
struct Bench {
    ScratchDirectory hooks = {};
    ScratchDirectory runtime = {};
    ScratchDirectory out = {};
    HookService service = {hooks.path(), runtime.path()};

    void add(std::string_view name, const std::string& script, mode_t mode = 0700) const {
        hooks.write(name, "#!/bin/sh\n" + script + "\n");
        REQUIRE(::chmod(hooks.file(name).c_str(), mode) == 0);
    }
    std::string said() const {
        auto text = read_file(out.file("said"), 65536);
        return text ? *text : "";
    }
    // A shell line that adds to what was said.
    std::string say(const std::string& words) const {
        return "echo " + words + " >> " + out.file("said");
    }
};

TEST_CASE("hooks run in the order of their names, each with the changed keys") {
    Bench bench;
    bench.add("20-second", "(echo second; cat \"$1\") >> " + bench.out.file("said"));
    bench.add("10-first", "(echo first $#; cat \"$1\") >> " + bench.out.file("said"));
    const HookResult result = run_hooks(bench.service, "P47=sip.example\n");
    CHECK(result.ran == 2);
    CHECK(result.failed == 0);
    CHECK(result.first_failure.empty());
    CHECK(bench.said() == "first 1\nP47=sip.example\nsecond\nP47=sip.example\n");
}

TEST_CASE("the file with the changed keys is its owner's alone and gone afterwards") {
    Bench bench;
    bench.add("look", "stat -c %a \"$1\" >> " + bench.out.file("said"));
    run_hooks(bench.service, "P2=secret\n");
    CHECK(bench.said() == "600\n");
    CHECK(std::filesystem::is_empty(bench.runtime.path()));
}

TEST_CASE("a hook gets nothing on standard input and a PATH as its environment") {
    Bench bench;
    bench.add("look", "(cat; /usr/bin/env | grep -v -e ^PWD= -e ^SHLVL= -e ^_= | cut -c 1-5) >> " +
                          bench.out.file("said"));
    run_hooks(bench.service, "");
    CHECK(bench.said() == "PATH=\n");
}

TEST_CASE("a hook that fails is named and the next one runs") {
    Bench bench;
    bench.add("10-sip", "exit 3");
    bench.add("20-tones", "kill -9 $$");
    bench.add("30-leds", bench.say("leds"));
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 3);
    CHECK(result.failed == 2);
    CHECK(result.first_failure == "10-sip ended with status 3");
    CHECK(bench.said() == "leds\n");
}

TEST_CASE("a hook that is ended by a signal is named with it") {
    Bench bench;
    bench.add("tones", "kill -9 $$");
    CHECK(run_hooks(bench.service, "").first_failure == "tones was ended by signal 9");
}

TEST_CASE("bad input: a hook that does not end is ended with all it started") {
    Bench bench;
    bench.service.run_ms = 100;
    bench.add("10-hangs", "(while :; do :; done) & while :; do :; done");
    bench.add("20-next", bench.say("next"));
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 2);
    CHECK(result.first_failure == "10-hangs still ran after 100 ms and was ended");
    CHECK(bench.said() == "next\n");
}

TEST_CASE("bad input: a hook that is no program fails by name") {
    Bench bench;
    bench.hooks.write("text", "#!/nonexistent/interpreter\n");
    REQUIRE(::chmod(bench.hooks.file("text").c_str(), 0700) == 0);
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 0);
    CHECK(result.failed == 1);
    CHECK(result.first_failure == "text could not be started: No such file or directory");
}

TEST_CASE("bad input: a hook that everybody may change is not started") {
    Bench bench;
    bench.add("open", bench.say("open"), 0777);
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 0);
    CHECK(result.failed == 1);
    CHECK(result.first_failure == "open may be changed by everybody and was not started");
    CHECK(bench.said().empty());
}

TEST_CASE("files that are not executable, hidden ones and folders are no hooks") {
    Bench bench;
    bench.add("README", bench.say("readme"), 0600);
    bench.add(".swap", bench.say("swap"));
    REQUIRE(::mkdir(bench.hooks.file("folder").c_str(), 0700) == 0);
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 0);
    CHECK(result.failed == 0);
    CHECK(bench.said().empty());
}

TEST_CASE("a hook directory that is not there is no failure") {
    Bench bench;
    bench.service.directory += "/nonexistent";
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 0);
    CHECK(result.failed == 0);
}

TEST_CASE("a hook directory that cannot be read is a failure, and so is one program in it") {
    Bench bench;
    bench.service.directory = std::string(5'000, 'x');
    HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 0);
    CHECK(result.failed == 1);
    CHECK(result.first_failure.ends_with(" cannot be read: File name too long"));

    Bench other;
    REQUIRE(::symlink("round", other.hooks.file("round").c_str()) == 0);
    result = run_hooks(other.service, "");
    CHECK(result.ran == 0);
    CHECK(result.failed == 1);
    CHECK(result.first_failure == "round could not be looked at and was not started");
}

TEST_CASE("bad input: more hooks than the limit are left out by name") {
    Bench bench;
    for (uint32_t i = 0; i <= limits::hook_programs; ++i)
        bench.add(std::to_string(100 + i), ":");
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == limits::hook_programs);
    CHECK(result.failed == 1);
    CHECK(result.first_failure == "132 was left out, there are too many hooks");
}

TEST_CASE("a runtime directory that takes no file fails and no hook runs") {
    Bench bench;
    bench.add("10-sip", bench.say("sip"));
    bench.service.runtime_directory += "/nonexistent";
    const HookResult result = run_hooks(bench.service, "");
    CHECK(result.ran == 0);
    CHECK(result.failed == 1);
    CHECK(bench.said().empty());
}

// The supervisor's place: a process that serves hooks for a world in this one.
class Parent {
  public:
    explicit Parent(const HookService& service) {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        agent_end = ends[0];
        process_ = ::fork();
        REQUIRE(process_ >= 0);
        if (process_ == 0) {
            ::close(ends[0]);
            serve_hooks(ends[1], service);
            ::_exit(0);
        }
        ::close(ends[1]);
    }
    // Its status, once the agent's end is closed.
    int wait() const {
        int status = -1;
        ::waitpid(process_, &status, 0);
        return status;
    }
    void kill() const {
        ::kill(process_, SIGKILL);
        wait();
    }
    int agent_end = -1;

  private:
    pid_t process_ = -1;
};

TEST_CASE("the agent's process has hooks run by its parent") {
    Bench bench;
    bench.add("10-sip", "wc -c < \"$1\" >> " + bench.out.file("said"));
    const Parent parent(bench.service);
    {
        HookClient client(parent.agent_end);
        auto world = open_world({.hooks = &client});
        EventLog log;
        const std::string lines(1'000'000, 'x');  // far more than a socket holds
        world->carry_out(RunHooks{7, bench.hooks.path(), lines});
        world->carry_out(RunHooks{8, bench.hooks.path(), "P47=x\n"});
        wait_for(*world, log, 2);
        CHECK(log.all() == "hooks 7 ran 1 failed 0 ; hooks 8 ran 1 failed 0 ; ");
        CHECK(bench.said() == "1000000\n6\n");
    }
    CHECK(parent.wait() == 0);
}

// Programs that take a file, and the state directory with one.
struct FileBench : Bench {
    ScratchDirectory state = {};
    FileBench() {
        service.directory = "/nowhere";
        service.file_directory = hooks.path();
        service.state_directory = state.path();
        state.write("staged.1", "RIFF");
    }
};

TEST_CASE("a file that is handed over comes with its path, its type and its name") {
    FileBench bench;
    bench.add("10-look", "(cat \"$1\"; echo; echo $1; /usr/bin/env | grep ^DIALTONE | sort) > " +
                             bench.out.file("said"));
    const Parent parent(bench.service);
    HookClient client(parent.agent_end);
    auto world = open_world({.hooks = &client});
    EventLog log;
    world->carry_out(
        RunHooks{7, bench.hooks.path(), "", {"staged.1", "5 Ringer File", "ring.wav"}});
    wait_for(*world, log, 1);
    const std::string path = bench.state.file("staged.1");
    CHECK(log.all() == "hooks 7 ran 1 failed 0 ; ");
    CHECK(bench.said() == "RIFF\n" + path + "\nDIALTONE_FILE=" + path +
                              "\nDIALTONE_FILE_NAME=ring.wav\n"
                              "DIALTONE_FILE_TYPE=5 Ringer File\n");
}

TEST_CASE("a program that does not take a file is named with its status") {
    FileBench bench;
    bench.add("10-tones", "exit 3");
    const HookResult result = run_file_hooks(bench.service, {"staged.1", "4 Tone File", "tones"});
    CHECK(result.ran == 1);
    CHECK(result.failed == 1);
    CHECK(result.first_failure == "10-tones ended with status 3");
}

TEST_CASE("bad input: nothing but a downloaded file is handed over, and no name that is a place") {
    FileBench bench;
    bench.add("10-look", bench.say("ran"));
    bench.state.write("record.0", "x");
    REQUIRE(::symlink("/etc/passwd", bench.state.file("staged.0").c_str()) == 0);
    const HandedFile cases[] = {
        {"record.0", "4 Tone File", "tones"},       {"../staged.1", "4 Tone File", "tones"},
        {"staged.0", "4 Tone File", "tones"},       {"staged.1", "4 Tone\nFile", "tones"},
        {"staged.1", "4 Tone File", "../../tones"}, {"staged.1", "4 Tone File", ""},
    };
    for (const HandedFile& file : cases) {
        CAPTURE(file.stored_name);
        const HookResult result = run_file_hooks(bench.service, file);
        CHECK(result.ran == 0);
        CHECK(result.failed == 1);
    }
    CHECK(bench.said().empty());
}

TEST_CASE("bad input: a directory of one kind of hooks is not run as the other") {
    FileBench bench;
    bench.add("10-look", bench.say("ran"));
    const Parent parent(bench.service);
    HookClient client(parent.agent_end);
    auto world = open_world({.hooks = &client});
    EventLog log;
    world->carry_out(RunHooks{7, bench.hooks.path(), "P47=a\n"});
    world->carry_out(RunHooks{8, "/nowhere", "", {"staged.1", "4 Tone File", "tones"}});
    wait_for(*world, log, 2);
    CHECK(log.all().find("ran 1") == std::string::npos);
    CHECK(bench.said().empty());
}

TEST_CASE("bad input: the parent runs no directory but its own") {
    Bench bench;
    const Parent parent(bench.service);
    HookClient client(parent.agent_end);
    auto world = open_world({.hooks = &client});
    EventLog log;
    world->carry_out(RunHooks{7, "/tmp", ""});
    wait_for(*world, log, 1);
    CHECK(log.all() ==
          "hooks 7 ran 0 failed 1 /tmp is not the hook directory this phone was started with; ");
}

// What the service manager has beside the daemon: each connection gets a process that serves it.
class Helper {
  public:
    explicit Helper(const HookService& service, uint32_t connections) {
        sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
        path.copy(address.sun_path, path.size());
        const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
        REQUIRE(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address),
                       sizeof address) == 0);
        REQUIRE(::listen(listener.get(), 4) == 0);
        process_ = ::fork();
        REQUIRE(process_ >= 0);
        for (uint32_t i = 0; process_ == 0 && i < connections; ++i) {
            const Descriptor connection(::accept(listener.get(), nullptr, nullptr));
            serve_hooks(connection.get(), service);
        }
        if (process_ == 0) ::_exit(0);
    }
    ~Helper() {
        int status = -1;
        ::waitpid(process_, &status, 0);
        CHECK(status == 0);
    }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;

  private:
    ScratchDirectory scratch_ = {};
    pid_t process_ = -1;

  public:
    const std::string path = scratch_.file("socket");  // made before the constructor's body
};

TEST_CASE("a parent that is not root has hooks run by a helper") {
    Bench bench;
    bench.add("10-sip", "wc -c < \"$1\" >> " + bench.out.file("said"));
    const Helper helper(bench.service, 1);
    HookService of_parent = bench.service;
    of_parent.runtime_directory = "/nowhere";
    of_parent.helper = helper.path;
    const Parent parent(of_parent);
    HookClient client(parent.agent_end);
    auto world = open_world({.hooks = &client});
    EventLog log;
    world->carry_out(RunHooks{7, bench.hooks.path(), std::string(1'000'000, 'x')});
    wait_for(*world, log, 1);
    CHECK(log.all() == "hooks 7 ran 1 failed 0 ; ");
    CHECK(bench.said() == "1000000\n");
}

TEST_CASE("bad input: a helper runs no directory but its own") {
    Bench bench;
    const Helper helper(bench.service, 1);
    HookService of_parent = bench.service;
    of_parent.directory = "/tmp";
    of_parent.helper = helper.path;
    const Parent parent(of_parent);
    HookClient client(parent.agent_end);
    auto world = open_world({.hooks = &client});
    EventLog log;
    world->carry_out(RunHooks{7, "/tmp", ""});
    wait_for(*world, log, 1);
    CHECK(log.all() ==
          "hooks 7 ran 0 failed 1 /tmp is not the hook directory this phone was started with; ");
}

TEST_CASE("a helper restarts the machine, and says why it could not") {
    Bench bench;
    HookService service = bench.service;
    service.restart = []() -> Status { return {}; };
    {
        const Helper helper(service, 1);
        CHECK(restart_by_helper(helper.path));
    }
    service.restart = []() -> Status { return fail(ErrorCode::io, "no reboot(8) here"); };
    {
        const Helper helper(service, 1);
        const auto told = restart_by_helper(helper.path);
        REQUIRE(!told);
        CHECK(told.error().detail == "no reboot(8) here");
    }
    const auto told = restart_by_helper("/nowhere/socket");
    REQUIRE(!told);
    CHECK(told.error().detail ==
          "the helper at /nowhere/socket cannot be reached: No such file or directory");
}

TEST_CASE("bad input: the agent's process cannot have the machine restarted through its hooks") {
    Bench bench;
    const Parent parent(bench.service);
    HookClient client(parent.agent_end);
    auto world = open_world({.hooks = &client});
    EventLog log;
    world->carry_out(RunHooks{7, "", ""});
    wait_for(*world, log, 1);
    CHECK(log.all().starts_with("hooks 7 ran 0 failed 1  is not the hook directory"));
}

TEST_CASE("a parent that is gone is a failed hook and no busy loop") {
    Bench bench;
    const Parent parent(bench.service);
    HookClient client(parent.agent_end);
    auto world = open_world({.hooks = &client});
    EventLog log;
    parent.kill();
    CHECK(what_else(*world).empty());
    world->carry_out(RunHooks{7, bench.hooks.path(), ""});
    wait_for(*world, log, 1);
    CHECK(log.all() == "hooks 7 ran 0 failed 1 the process that runs hooks is gone; ");
}

TEST_CASE("bad input: a request that cannot be ends the service") {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const Descriptor one(ends[0]), other(ends[1]);
    uint32_t head[5];
    std::ranges::fill(head, 0xffffffff);
    REQUIRE(::write(one.get(), head, sizeof head) == sizeof head);
    serve_hooks(other.get(), {});
    CHECK(true);  // it came back
}

}  // namespace
}  // namespace dialtone
