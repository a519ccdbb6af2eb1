// SPDX-License-Identifier: Apache-2.0
#include "sim/world/medium.h"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace dialtone;
using namespace dialtone::sim;

namespace {

std::string text_of(std::span<const uint8_t> bytes) {
    return {bytes.begin(), bytes.end()};
}

// A directory written by hand: "a=one b=two"; a file without a byte is "a=".
class Bench {
  public:
    DiskStep write(std::string_view name, std::string_view text) {
        return {
            .step = StorageStep::write, .name = catalogue.name_id(name), .content = content(text)};
    }
    DiskStep on(StorageStep step, std::string_view name, std::string_view new_name = "a") {
        return {
            .step = step, .name = catalogue.name_id(name), .new_name = catalogue.name_id(new_name)};
    }
    ContentId content(std::string_view text) {
        const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
        return catalogue.intern(std::span(bytes, text.size()));
    }
    void carry_out(Medium& medium, const DiskStep& step) {
        medium.begin(step);
        medium.finish(step);
    }
    std::string shown(const Image& image) {
        std::string out;
        for (NameId name = 0; name < catalogue.name_count(); ++name) {
            if (image.files[name] == no_file) continue;
            out += (out.empty() ? "" : " ") + catalogue.name(name) + "=" +
                   text_of(catalogue.bytes(image.files[name]));
        }
        return out;
    }
    std::set<std::string> all(const Medium& medium) {
        std::set<std::string> out;
        medium.each_image([&](const Image& image) { return out.insert(shown(image)).second; });
        return out;
    }

    Catalogue catalogue = {};
};

}  // namespace

TEST_CASE("a write of one byte over one byte, its name long there: as enumerated by hand") {
    Bench bench;
    Image start;
    start.files[bench.catalogue.name_id("a")] = bench.content("X");
    Medium medium(bench.catalogue, start);
    medium.begin(bench.write("a", "Y"));
    // Lost, whole, cut off, or what stood in the sector before: zeros or something stale.
    CHECK(bench.all(medium) ==
          std::set<std::string>{"a=X", "a=Y", "a=", std::string("a=\0", 3), "a=\x5a"});
    medium.finish(bench.write("a", "Y"));
    CHECK(bench.all(medium).size() == 5);
    bench.carry_out(medium, bench.on(StorageStep::sync_file, "a"));
    CHECK(bench.all(medium) == std::set<std::string>{"a=Y"});
}

TEST_CASE("a new file whose bytes are synced is there or not until its directory is synced") {
    Bench bench;
    Medium medium(bench.catalogue, {});
    bench.carry_out(medium, bench.write("a", "Y"));
    CHECK(bench.all(medium) ==
          std::set<std::string>{"", "a=", "a=Y", std::string("a=\0", 3), "a=\x5a"});
    bench.carry_out(medium, bench.on(StorageStep::sync_file, "a"));
    CHECK(bench.all(medium) == std::set<std::string>{"", "a=Y"});
    bench.carry_out(medium, bench.on(StorageStep::sync_directory, "a"));
    CHECK(bench.all(medium) == std::set<std::string>{"a=Y"});
}

TEST_CASE("a directory that is synced says nothing of the bytes") {
    Bench bench;
    Medium medium(bench.catalogue, {});
    bench.carry_out(medium, bench.write("a", "Y"));
    bench.carry_out(medium, bench.on(StorageStep::sync_directory, "a"));
    CHECK(bench.all(medium) ==
          std::set<std::string>{"a=", "a=Y", std::string("a=\0", 3), "a=\x5a"});
}

TEST_CASE("names that are removed come back in any company") {
    Bench bench;
    Image start;
    for (std::string_view name : {"a", "b"})
        start.files[bench.catalogue.name_id(name)] = bench.content(name);
    Medium medium(bench.catalogue, start);
    bench.carry_out(medium, bench.on(StorageStep::remove, "a"));
    bench.carry_out(medium, bench.on(StorageStep::remove, "b"));
    CHECK(bench.all(medium) == std::set<std::string>{"", "a=a", "b=b", "a=a b=b"});
    bench.carry_out(medium, bench.on(StorageStep::sync_directory, "a"));
    CHECK(bench.all(medium) == std::set<std::string>{""});
}

TEST_CASE("a file renamed over another may be under either name, and never under neither") {
    Bench bench;
    Image start;
    start.files[bench.catalogue.name_id("a")] = bench.content("old");
    start.files[bench.catalogue.name_id("b")] = bench.content("new");
    Medium medium(bench.catalogue, start);
    bench.carry_out(medium, bench.on(StorageStep::rename, "b", "a"));
    CHECK(bench.all(medium) == std::set<std::string>{"a=new", "a=old b=new"});
}

TEST_CASE("the writes of two files are lost independently") {
    Bench bench;
    Image start;
    for (std::string_view name : {"a", "b"})
        start.files[bench.catalogue.name_id(name)] = bench.content("X");
    Medium medium(bench.catalogue, start);
    bench.carry_out(medium, bench.write("a", "Y"));
    bench.carry_out(medium, bench.write("b", "Y"));
    const auto images = bench.all(medium);
    CHECK(images.size() == 25);
    CHECK(images.contains("a=X b=Y"));
    CHECK(images.contains("a=Y b=X"));
}

TEST_CASE("of two writes of one file that are not synced either may be the last that counts") {
    Bench bench;
    Image start;
    start.files[bench.catalogue.name_id("a")] = bench.content("X");
    Medium medium(bench.catalogue, start);
    bench.carry_out(medium, bench.write("a", "Y"));
    bench.carry_out(medium, bench.write("a", "Z"));
    const auto images = bench.all(medium);
    CHECK(images.contains("a=X"));
    CHECK(images.contains("a=Y"));
    CHECK(images.contains("a=Z"));
    CHECK(medium.seen().files[0] == bench.content("Z"));
}

TEST_CASE("a step that changes nothing of what may be found says so") {
    Bench bench;
    Medium medium(bench.catalogue, {});
    CHECK(!medium.begin(bench.on(StorageStep::remove, "a")));
    CHECK(!medium.finish(bench.on(StorageStep::sync_directory, "a")));
    CHECK(medium.begin(bench.write("a", "Y")));
    CHECK(!medium.begin(bench.on(StorageStep::sync_file, "a")));
    CHECK(medium.finish(bench.on(StorageStep::sync_file, "a")));
    CHECK(!medium.finish(bench.on(StorageStep::sync_file, "a")));
}

TEST_CASE("more than is enumerated does not pass for all there is") {
    Bench bench;
    Medium medium(bench.catalogue, {});
    for (std::string_view name : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
        CHECK(!medium.overflowed());
        medium.begin(bench.write(name, "Y"));
    }
    CHECK(medium.overflowed());
}

TEST_CASE("an append that was not synced may be there whole, in part or not at all") {
    Bench bench;
    Image start;
    start.files[bench.catalogue.name_id("a")] = bench.content("X");
    Medium medium(bench.catalogue, start);
    DiskStep step = bench.write("a", "XYZ");
    step.step = StorageStep::append;
    bench.carry_out(medium, step);
    const auto left = bench.all(medium);
    for (const char* image : {"a=X", "a=XY", "a=XYZ"})
        CHECK(left.contains(image));
    bench.carry_out(medium, bench.on(StorageStep::sync_file, "a"));
    CHECK(bench.all(medium) == std::set<std::string>{"a=XYZ"});
}
