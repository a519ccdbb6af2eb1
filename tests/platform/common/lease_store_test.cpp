// SPDX-License-Identifier: Apache-2.0
#include "platform/common/lease_store.h"

#include <doctest/doctest.h>

#include <filesystem>

#include "agent/limits.h"
#include "platform/common/runtime_directory.h"
#include "tests/platform/scratch_directory.h"

namespace dialtone {
namespace {

const LeaseRecord four = {false, LeaseNews::bound, "eth0", {{66, {'p'}}}};
const LeaseRecord six = {true, LeaseNews::bound, "eth0", {{59, {'q'}}}};

struct Bench {
    ScratchDirectory scratch = {};
    std::string runtime = scratch.file("run");
    std::string state = scratch.file("state");
    std::string real_state = std::filesystem::canonical(scratch.path()).string() + "/state";

    std::string path(std::string_view end) const {
        return runtime + "/" + runtime_name(real_state) + "." + std::string(end);
    }
    FoundLeases read(const std::string& interface = "eth0") const {
        return read_leases(runtime, real_state, interface);
    }
};

TEST_CASE("leases are found under the state directory's name, which need not exist yet") {
    Bench bench;
    REQUIRE(write_lease(bench.runtime, bench.state + "//", four));
    REQUIRE(::mkdir(bench.state.c_str(), 0700) == 0);
    REQUIRE(write_lease(bench.runtime, bench.state, six));
    const FoundLeases found = bench.read();
    REQUIRE(found.records.size() == 2);
    CHECK(found.records[0] == four);
    CHECK(found.records[1] == six);
    CHECK(found.remark.empty());
    CHECK(bench.read("eth1").records.empty());
    CHECK(read_leases(bench.runtime, "/other", "eth0").records.empty());
}

TEST_CASE("a lease file is its owner's alone, is replaced whole, and leaves nothing beside it") {
    Bench bench;
    REQUIRE(write_lease(bench.runtime, bench.state, four));
    LeaseRecord lost = {false, LeaseNews::lost, "eth0", {}};
    REQUIRE(write_lease(bench.runtime, bench.state, lost));
    struct stat found = {};
    REQUIRE(::stat(bench.path("eth0.lease4").c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    CHECK(std::distance(std::filesystem::directory_iterator(bench.runtime), {}) == 1);
    CHECK(bench.read().records.at(0) == lost);
}

TEST_CASE("a lease file does not follow a link that lies in its way") {
    Bench bench;
    REQUIRE(make_runtime_directory(bench.runtime));
    bench.scratch.write("target", "untouched");
    REQUIRE(::symlink(bench.scratch.file("target").c_str(), bench.path("eth0.lease4").c_str()) ==
            0);
    REQUIRE(write_lease(bench.runtime, bench.state, four));
    CHECK(std::filesystem::file_size(bench.scratch.file("target")) == 9);
    CHECK(bench.read().records.size() == 1);
}

TEST_CASE("bad input: a lease file that cannot be read is left out by name") {
    Bench bench;
    REQUIRE(write_lease(bench.runtime, bench.state, six));
    for (const std::string& text : {std::string("family=ipv4\n"), lease_text(six),
                                    std::string(limits::lease_file_bytes + 1, 'x')}) {
        bench.scratch.write("run/" + runtime_name(bench.real_state) + ".eth0.lease4", text);
        const FoundLeases found = bench.read();
        CHECK(found.records.size() == 1);
        CHECK(
            found.remark.starts_with("lease file " + bench.path("eth0.lease4") + " is left out: "));
    }
}

TEST_CASE("bad input: a runtime directory that others may write to has no leases") {
    Bench bench;
    REQUIRE(write_lease(bench.runtime, bench.state, four));
    REQUIRE(::chmod(bench.runtime.c_str(), 0777) == 0);
    CHECK(bench.read().records.empty());
    CHECK_FALSE(write_lease(bench.runtime, bench.state, four));
}

}  // namespace
}  // namespace dialtone
