// SPDX-License-Identifier: Apache-2.0
#include "platform/common/secret_arguments.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dialtone {
namespace {

std::string blanked(std::vector<std::string> words) {
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    blank_secret_arguments(arguments);
    std::string line;
    for (const std::string& word : words)
        line += (line.empty() ? "" : " ") + word;
    return line;
}

}  // namespace

TEST_CASE("the value of a secret setting is blanked in the process list") {
    CHECK(blanked({"--set", "config.password=abc"}) == "--set config.password=***");
    CHECK(blanked({"--set=tr069.password=abcd"}) == "--set=tr069.password=****");
}

TEST_CASE("the value of a misspelt or vendor key is blanked in the process list") {
    CHECK(blanked({"--set", "config.pasword=abc"}) == "--set config.pasword=***");
    CHECK(blanked({"set", "P1359=abc"}) == "set P1359=***");
}

TEST_CASE("userinfo and query of a URL are blanked in the process list") {
    CHECK(blanked({"--set", "static.url=http://me:pw@s/d?t=1"}) ==
          "--set static.url=http://*****@s/d?***");
    CHECK(blanked({"--set", "static.server=me:p@ss@s/d"}) == "--set static.server=*******@s/d");
}

TEST_CASE("what is no secret stays in the process list") {
    CHECK(blanked({"--profile", "grandstream", "--set", "static.url=http://s/d", "--once"}) ==
          "--profile grandstream --set static.url=http://s/d --once");
    CHECK(blanked({"--set", "config.password=@/run/password"}) ==
          "--set config.password=@/run/password");
    CHECK(blanked({"--state=/data"}) == "--state=/data");
}

TEST_CASE("password and key of inspect are blanked in the process list") {
    CHECK(blanked({"inspect", "f", "--password", "abc", "--key=00ff"}) ==
          "inspect f --password *** --key=****");
    CHECK(blanked({"--password", "@/run/password"}) == "--password @/run/password");
    CHECK(blanked({"--password", "@@abc"}) == "--password *****");
    CHECK(blanked({"--password"}) == "--password");
}

}  // namespace dialtone
