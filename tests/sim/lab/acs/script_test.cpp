// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/script.h"

#include <doctest/doctest.h>

using namespace dialtone;
using namespace dialtone::sim::acs;

namespace {

Script read(std::string_view text) {
    auto script = read_script(text);
    if (!script) FAIL(describe(script.error()));
    return std::move(*script);
}

}  // namespace

TEST_CASE("lab acs: a script has settings, then steps, and comments anywhere") {
    const Script script = read(
        "# how\nstyle no-cookie id-null chunked\nversion 1-2\nprefixes soap=SOAP-ENV cwmp=cwm\n"
        "credentials digest user \"pass word\"\nslow 20\n\n"
        "expect Inform event \"M Reboot\" key k* parameter Device.A value 1 # what\nend\n");
    CHECK(!script.has_cookie);
    CHECK(script.style.has_null_id);
    CHECK(script.is_chunked);
    CHECK(script.style.version == "1-2");
    CHECK(script.style.soap == "SOAP-ENV");
    CHECK(script.style.cwmp == "cwm");
    CHECK(script.password == "pass word");
    CHECK(script.slow_ms == 20);
    REQUIRE(script.steps.size() == 2);
    const Step& inform = script.steps.front();
    CHECK(inform.line == 8);
    REQUIRE(inform.conditions.size() == 2);
    CHECK(inform.conditions[0].name == "M Reboot");
    CHECK(inform.conditions[0].pattern == "k*");
    CHECK(inform.conditions[1].pattern == "1");
}

TEST_CASE("lab acs: the arguments of a call stand in the order of the schema") {
    const Script script = read(
        "expect Inform\n"
        "call SetParameterValues Device.A=unsignedInt:300 Device.B=a:b \"Device.C=none: x\" key k\n"
        "call GetParameterNames Device. next-level\ncall SetParameterAttributes Device.A=2\n"
        "call Download CommandKey=1 \"FileType=1 Firmware Upgrade Image\"\n");
    const auto& values = script.steps[1].arguments;
    REQUIRE(values.size() == 2);
    CHECK(values[0].name == "ParameterList");
    REQUIRE(values[0].items.size() == 3);
    CHECK(values[0].items[0].type == "unsignedInt");
    CHECK(values[0].items[0].text == "300");
    CHECK(values[0].items[1].type == "string");
    CHECK(values[0].items[1].text == "a:b");
    CHECK(values[0].items[2].type.empty());
    CHECK(values[1].name == "ParameterKey");
    CHECK(values[1].text == "k");
    CHECK(script.steps[2].arguments[1].text == "1");
    CHECK(script.steps[3].arguments[0].items[0].text == "2");
    CHECK(script.steps[4].arguments[1].text == "1 Firmware Upgrade Image");
}

TEST_CASE("bad input: lab acs: a script's errors name the line and what may stand there") {
    struct Row {
        std::string_view text;
        std::string_view words;
    };
    constexpr Row rows[] = {
        {"", "it has no step"},
        {"case a b", "line 1: the first step has to be 'expect Inform'"},
        {"case a", "line 1: a sentence about the case is missing"},
        {"expect Inform\nneeds", "line 2: a method is missing"},
        {"end", "line 1: the first step has to be 'expect Inform'"},
        {"expect Inform\nhodl", "line 2: 'hodl' is no step; there are expect, case, needs, call"},
        {"style tidy", "line 1: 'tidy' is no style; there are no-cookie"},
        {"style", "line 1: a style is missing"},
        {"version 2-0", "line 1: '2-0' is no version; there are 1-0, 1-1, 1-2"},
        {"prefixes soup=a", "line 1: 'soup' is no namespace; there are soap"},
        {"prefixes soap=1", "line 1: '1' is no prefix"},
        {"credentials plain a b", "line 1: 'plain' is no kind of proof"},
        {"credentials basic a", "line 1: a password is missing"},
        {"slow 1h", "line 1: '1h' is no time in ms"},
        {"expect Inform\nstyle close", "line 2: 'style' has to stand before the first step"},
        {"expect Inform soon", "line 1: 'soon' is no condition of an Inform"},
        {"expect Inform event", "line 1: an event's code is missing"},
        {"expect Inform\nexpect", "line 2: what is expected is missing"},
        {"expect Inform\nexpect luck", "line 2: 'luck' is no expectation; there are Inform"},
        {"expect Inform\nexpect no status 1", "line 2: 'no' stands before"},
        {"expect Inform\nexpect request Reboot", "line 2: 'Reboot' is no request of a device"},
        {"expect Inform\nexpect name A maybe", "line 2: 'maybe' is no access"},
        {"expect Inform\ncall", "line 2: a method is missing"},
        {"expect Inform\ncall a<b", "line 2: 'a<b' is no method's name"},
        {"expect Inform\ncall SetParameterValues A", "line 2: 'A' is not NAME=TYPE:VALUE"},
        {"expect Inform\ncall SetParameterAttributes A", "line 2: 'A' is not NAME=NOTIFICATION"},
        {"expect Inform\ncall GetParameterValues", "line 2: a parameter's name is missing"},
        {"expect Inform\ncall Reboot now", "line 2: 'now' is one word too many"},
        {"expect Inform\ncall X_1 A", "line 2: 'A' is not FIELD=TEXT"},
        {"expect Inform\nanswer 99", "line 2: '99' is no HTTP status"},
        {"expect Inform\nfault 9000", "line 2: '9000' is no fault code of an ACS"},
        {"expect Inform\ncall Reboot key \"a", "line 2: a quote that does not end"},
    };
    for (const Row& row : rows) {
        CAPTURE(row.text);
        const auto script = read_script(row.text);
        REQUIRE(!script);
        CHECK(describe(script.error()).find(row.words) == 0);
    }
    std::string long_one = "expect Inform\n";
    for (uint32_t count = 0; count < script_steps; ++count)
        long_one += "hold\n";
    CHECK(read_script(long_one).error().code == ErrorCode::too_big);
    CHECK(read_script(std::string(script_bytes + 1, '#')).error().code == ErrorCode::too_big);
}

TEST_CASE("lab acs: a pattern has any text, any byte and alternatives") {
    CHECK(fits("", ""));
    CHECK(!fits("", "a"));
    CHECK(fits("a", "a"));
    CHECK(!fits("a", "ab"));
    CHECK(fits("*", ""));
    CHECK(!fits("?*", ""));
    CHECK(fits("?*", "a"));
    CHECK(fits("a*b*c", "aXbXbc"));
    CHECK(!fits("a*b*c", "aXbXb"));
    CHECK(fits("0|1", "1"));
    CHECK(!fits("0|1", "2"));
    CHECK(fits("|a", ""));
    CHECK(fits("a\\*", "a*"));
    CHECK(!fits("a\\*", "ab"));
    CHECK(fits("a\\|b|c", "a|b"));
}
