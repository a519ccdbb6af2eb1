// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/control.h"

#include <doctest/doctest.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "agent/hex.h"
#include "agent/limits.h"
#include "tests/platform/linux/event_log.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

using namespace std::string_literals;

sockaddr_un name_of(const std::string& path) {
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    return name;
}

// A client of the control socket.
class Client {
  public:
    explicit Client(const std::string& path)
        : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const sockaddr_un name = name_of(path);
        const auto* generic = reinterpret_cast<const sockaddr*>(&name);
        REQUIRE(::connect(socket_.get(), generic, sizeof name) == 0);
    }
    void say(std::string_view text) const {
        CHECK(::send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
              static_cast<ssize_t>(text.size()));
    }
    // Everything until the world hangs up.
    std::string hear() const {
        std::string heard;
        char bytes[256];
        ssize_t count = 0;
        while ((count = ::recv(socket_.get(), bytes, sizeof bytes, 0)) > 0) {
            heard.append(bytes, static_cast<size_t>(count));
        }
        return heard;
    }
    // What is there by now. False when the world has hung up.
    bool hear_some(std::string& heard) const {
        char bytes[256];
        const ssize_t count = ::recv(socket_.get(), bytes, sizeof bytes, MSG_DONTWAIT);
        if (count > 0) heard.append(bytes, static_cast<size_t>(count));
        return count != 0;
    }
    void hang_up() { socket_.reset(); }

  private:
    Descriptor socket_;
};

struct Bench {
    ScratchDirectory scratch = {};
    std::string path = scratch.file("control");
    Descriptor listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
    std::unique_ptr<LinuxWorld> world = {};
    EventLog log = {};

    Bench() {
        const sockaddr_un name = name_of(path);
        const auto* generic = reinterpret_cast<const sockaddr*>(&name);
        REQUIRE(::bind(listener.get(), generic, sizeof name) == 0);
        REQUIRE(::listen(listener.get(), 16) == 0);
        world = open_world({.control_listener = listener.get()});
    }
    void pass_time() const { CHECK(what_else(*world).empty()); }
};

TEST_CASE("a command is told and its reply is one line") {
    Bench bench;
    Client client(bench.path);
    client.say("set P47=sip.example net\n");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "command 1 2 P47=sip.example net; ");
    bench.world->carry_out(Reply{1, true, "set\nand kept"});
    CHECK(client.hear() == "ok set and kept\n");
}

TEST_CASE("a reply with a list is its line, the list and an end") {
    Bench bench;
    Client client(bench.path);
    client.say("resync\n");
    wait_for(*bench.world, bench.log, 1);
    bench.world->carry_out(Reply{1, true, "two of them", {"one", "", "two\nlines"}});
    CHECK(client.hear() == "ok two of them\n one\n \n two lines\nend\n");
}

TEST_CASE("the longest list is heard whole by a client that takes its time") {
    Bench bench;
    Client client(bench.path);
    client.say("resync\n");
    wait_for(*bench.world, bench.log, 1);
    const std::string line(limits::reply_line_bytes + 1, 'x');
    bench.world->carry_out(
        Reply{1, false, "no", std::vector<std::string>(limits::reply_lines + 1, line)});
    std::string heard;
    while (client.hear_some(heard))
        bench.world->wait(bench.world->now() + 1, bench.log);
    CHECK(heard.starts_with("error no\n xxx"));
    CHECK(heard.ends_with("\n ... and 2 more lines\nend\n"));
    CHECK(heard.size() < limits::reply_lines * (limits::reply_line_bytes + 2) + 20);
}

TEST_CASE("every command of the control socket is known by its word") {
    Bench bench;
    const char* words[] = {"resync", "confirm", "set", "factory-reset", "stop"};
    RequestId id = 0;
    for (const char* word : words) {
        Client client(bench.path);
        client.say(std::string(word) + "\n");
        wait_for(*bench.world, bench.log, ++id);
        CHECK(bench.log.lines.back() ==
              "command " + std::to_string(id) + " " + std::to_string(id - 1) + " ");
        bench.world->carry_out(Reply{id, false, "no"});
        CHECK(client.hear() == "error no\n");
    }
}

TEST_CASE("a NOTIFY comes whole through the control socket, whatever bytes it has") {
    Bench bench;
    Client client(bench.path);
    client.say("notify 4e4f544946590D0A0d0A00ff\n");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "command 1 5 NOTIFY\r\n\r\n\0\xff; "s);
    bench.world->carry_out(Reply{1, true, "it will be checked"});
    CHECK(client.hear() == "ok it will be checked\n");
}

TEST_CASE("several values to be set come as lines in hex digits") {
    Bench bench;
    Client client(bench.path);
    client.say("set-lines " + hex_of(std::string_view("P47=a b\nP35=c")) + "\n");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "command 1 2 P47=a b\nP35=c; ");
}

TEST_CASE("the longest NOTIFY fits into one control line") {
    Bench bench;
    Client client(bench.path);
    client.say("notify " + hex_of(std::string(limits::sip_message_bytes, 'N')) + "\n");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all().size() ==
          std::string_view("command 1 5 ; ").size() + limits::sip_message_bytes);
}

TEST_CASE("bad input: a NOTIFY on the control socket that is not in hex digits") {
    Bench bench;
    for (const char* line : {"notify\n", "notify \n", "notify 4e4\n", "notify NOTIFY\n"}) {
        Client client(bench.path);
        client.say(line);
        bench.pass_time();
        CHECK(client.hear() == "error notify takes hex digits\n");
    }
}

TEST_CASE("a lease on the control socket is told and answered without the agent") {
    Bench bench;
    Client client(bench.path);
    client.say("lease " +
               hex_of("family=ipv4\ninterface=eth0\nnews=renewed\n66=687474703a2f2f70\n") + "\n");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "lease renewed 66=http://p; ");
    CHECK(client.hear() == "ok the lease is noted\n");
}

TEST_CASE("bad input: a lease on the control socket that cannot be read") {
    Bench bench;
    Client odd(bench.path), torn(bench.path);
    odd.say("lease 123\n");
    torn.say("lease " + hex_of("family=ipv4\ninterface=eth0\nnews=bo") + "\n");
    bench.pass_time();
    CHECK(odd.hear() == "error lease takes hex digits\n");
    CHECK(torn.hear() == "error the lease cannot be read: line 3: the last line has no end\n");
}

TEST_CASE("a command that comes in pieces is one command") {
    Bench bench;
    Client client(bench.path);
    client.say("res");
    bench.pass_time();
    client.say("ync\n");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.all() == "command 1 0 ; ");
}

TEST_CASE("bad input: an unknown command is refused without the agent") {
    Bench bench;
    for (const char* line : {"reboot\n", "\n", "RESYNC\n", " resync\n"}) {
        Client client(bench.path);
        client.say(line);
        bench.pass_time();
        CHECK(client.hear() == "error there is no such command\n");
    }
}

TEST_CASE("bad input: a control line over the limit is refused") {
    Bench bench;
    Client client(bench.path);
    client.say("set A=" + std::string(limits::control_request_bytes, 'x'));
    bench.pass_time();
    CHECK(client.hear() == "error the line is too long\n");
}

TEST_CASE("more clients than the limit are told to come again") {
    Bench bench;
    std::vector<std::unique_ptr<Client>> clients;
    clients.reserve(limits::control_clients);
    for (uint32_t i = 0; i < limits::control_clients; ++i) {
        clients.push_back(std::make_unique<Client>(bench.path));
    }
    Client late(bench.path);
    bench.pass_time();
    CHECK(late.hear() == "error too many others are asking, try again\n");
    clients.clear();
    bench.pass_time();
    Client next(bench.path);
    next.say("resync\n");
    wait_for(*bench.world, bench.log, 1);
    CHECK(bench.log.lines.size() == 1);
}

TEST_CASE("a client that leaves before its answer harms nobody") {
    Bench bench;
    Client client(bench.path);
    client.say("resync\n");
    wait_for(*bench.world, bench.log, 1);
    client.hang_up();
    bench.pass_time();
    bench.world->carry_out(Reply{1, true, "asked"});
    bench.world->carry_out(Reply{99, true, "nobody asked"});
    bench.pass_time();
}

TEST_CASE("a client that says nothing is let go after its time") {
    ScratchDirectory scratch;
    Loop loop;
    const Descriptor listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_un name = name_of(scratch.file("control"));
    const auto* generic = reinterpret_cast<const sockaddr*>(&name);
    REQUIRE(::bind(listener.get(), generic, sizeof name) == 0);
    REQUIRE(::listen(listener.get(), 1) == 0);
    Control control(loop, listener.get(), nullptr);
    CHECK_FALSE(control.deadline());
    Client client(scratch.file("control"));
    loop.poll(1000);
    control.tick({5});
    REQUIRE(control.deadline());
    CHECK(*control.deadline() == Instant{5 + limits::control_request_ms});
    control.tick(*control.deadline());
    CHECK_FALSE(control.deadline());
    CHECK(client.hear().empty());
}

TEST_CASE("the reply to a stop is given before the life ends") {
    Bench bench;
    Client client(bench.path), other(bench.path);
    client.say("stop\n");
    wait_for(*bench.world, bench.log, 1);
    bench.world->carry_out(Reply{1, true, "stopping"});
    bench.world->carry_out(Exit{0, "stopped"});
    bench.world->wait({}, bench.log);
    CHECK(bench.world->departure());
    CHECK(client.hear() == "ok stopping\n");
    CHECK(other.hear().empty());
}

TEST_CASE("a command that is under way when the agent restarts is answered") {
    Bench bench;
    Client one(bench.path), other(bench.path);
    one.say("resync\n");
    other.say("set P47=late\n");
    wait_for(*bench.world, bench.log, 2);
    bench.world->carry_out(Reboot{});
    bench.world->wait({}, bench.log);
    CHECK(bench.world->departure());
    CHECK(one.hear() == "error the agent is leaving; try again in a moment\n");
    CHECK(other.hear() == "error the agent is leaving; try again in a moment\n");
}

}  // namespace
}  // namespace dialtone
