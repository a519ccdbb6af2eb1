// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/model.h"

#include <doctest/doctest.h>

namespace dialtone {
namespace {

using Lines = std::vector<std::string>;

// A daemon that tells `lines`, two at a time.
struct Daemon {
    Lines lines = {};
    std::vector<std::string> asked = {};

    Result<ControlAnswer> operator()(std::string_view argument) {
        asked.emplace_back(argument);
        const auto first = static_cast<uint32_t>(std::stoul(asked.back()));
        ControlAnswer answer{.ok = true, .text = std::to_string(lines.size())};
        for (uint32_t at = first; at < lines.size() && at < first + 2; ++at)
            answer.lines.push_back(lines[at]);
        return answer;
    }
};

}  // namespace

TEST_CASE("a tree of several parts is put together") {
    Daemon daemon{.lines = {"a", "b", "c", "d", "e"}};
    const auto whole = read_model("Device.", std::ref(daemon));
    REQUIRE(whole);
    CHECK(whole->ok);
    CHECK(whole->lines == daemon.lines);
    CHECK(daemon.asked == Lines{"0 Device.", "2 Device.", "4 Device."});
}

TEST_CASE("what the daemon refuses is handed on, and it is asked once") {
    uint32_t asked = 0;
    const auto whole = read_model("", [&](std::string_view argument) -> Result<ControlAnswer> {
        ++asked;
        CHECK(argument == "0");
        return ControlAnswer{.text = "there is nothing called so"};
    });
    REQUIRE(whole);
    CHECK(!whole->ok);
    CHECK(whole->text == "there is nothing called so");
    CHECK(asked == 1);
}

TEST_CASE("a tree that changes while it is read is not put together") {
    Daemon daemon{.lines = {"a", "b", "c"}};
    const auto whole = read_model("", [&](std::string_view argument) {
        auto answer = daemon(argument);
        daemon.lines.emplace_back("new");
        return answer;
    });
    REQUIRE(!whole);
    CHECK(whole.error().detail == "the tree has changed while it was read; say it again");
}

TEST_CASE("bad input: a daemon whose parts come to no end is left") {
    const auto no_lines = [](std::string_view argument) -> Result<ControlAnswer> {
        if (argument != "0") return ControlAnswer{.ok = true, .text = "9"};
        return ControlAnswer{.ok = true, .text = "9", .lines = {"a"}};
    };
    CHECK(!read_model("", no_lines));
    const auto no_count = [](std::string_view) -> Result<ControlAnswer> {
        return ControlAnswer{.ok = true, .text = "many", .lines = {"a"}};
    };
    CHECK(read_model("", no_count)->lines == Lines{"a"});
}

TEST_CASE("people see access, notification, name and value") {
    CHECK(model_text({"RO - Device.A.", "RW 2 Device.A.B one two", "RO 0 Device.A.C ",
                      "RW 1 Device.A.D x\x1b"}) ==
          "RO  -        Device.A.\n"
          "RW  active   Device.A.B = one two\n"
          "RO  off      Device.A.C = \n"
          "RW  passive  Device.A.D = x?\n");
}

TEST_CASE("programs get the same as JSON, an object without a value") {
    CHECK(model_json({"RO - Device.A.", "RW 2 Device.A.B one two"}) ==
          "{\"names\":[{\"path\":\"Device.A.\",\"writable\":false},"
          "{\"path\":\"Device.A.B\",\"writable\":true,\"notification\":\"active\","
          "\"value\":\"one two\"}]}\n");
}

}  // namespace dialtone
