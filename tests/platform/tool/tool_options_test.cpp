// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/tool_options.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dialtone {
namespace {

using Words = std::vector<std::string>;

Result<std::string> pretend_to_read(const std::string& path, uint32_t) {
    if (path == "/run/password") return std::string("s3cret\n");
    if (path == "/run/key") return std::string("00ff\n");
    return fail(ErrorCode::not_found, "No such file or directory");
}

Result<ToolOptions> parse(const Words& words) {
    return parse_tool_options(words, pretend_to_read);
}

std::string refusal(const Words& words) {
    const auto options = parse(words);
    REQUIRE(!options);
    CHECK(options.error().code == ErrorCode::bad_usage);
    return options.error().detail;
}

bool has(const std::string& text, std::string_view piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("the tool takes its options before and after the command") {
    for (const Words& words : {Words{"--state", "/data", "--json", "status", "--follow"},
                               Words{"status", "--follow", "--json", "--state=/data"}}) {
        const auto options = parse(words);
        REQUIRE(options);
        CHECK(options->command == ToolCommand::status);
        CHECK(options->state_directory == "/data");
        CHECK(options->form == OutputForm::json);
        CHECK(options->follow);
    }
}

TEST_CASE("each command of the tool is known") {
    CHECK(parse({"explain", "--last", "3"})->last == 3);
    CHECK(parse({"explain"})->last == 1);
    CHECK(parse({"show", "config", "--mask"})->mask);
    CHECK(parse({"acs"})->command == ToolCommand::acs);
    CHECK(parse({"acs"})->last == 5);
    CHECK(parse({"acs", "--last", "2", "--follow"})->last == 2);
    CHECK(parse({"model"})->argument.empty());
    CHECK(parse({"model", "Device.LAN."})->argument == "Device.LAN.");
    CHECK(has(refusal({"model", "Device.", "LAN."}), "'LAN.' is too much after 'model'"));
    CHECK(parse({"resync"})->command == ToolCommand::resync);
    CHECK(parse({"confirm"})->command == ToolCommand::confirm);
    CHECK(parse({"factory-reset"})->command == ToolCommand::factory_reset);
    CHECK(parse({"--help"})->command == ToolCommand::help);
    CHECK(parse({"--build-info"})->command == ToolCommand::build_info);
    const auto set = parse({"set", "P47=@home=1"});
    REQUIRE(set);
    CHECK(set->command == ToolCommand::set);
    CHECK(set->argument == "P47=@home=1");
    CHECK(parse({"set", "P47=a", "P35=b c"})->argument == "P47=a\nP35=b c");
    CHECK(command_word(ToolCommand::factory_reset) == "factory-reset");
}

TEST_CASE("notify and voice take a file or standard input, lease takes an event and its family") {
    CHECK(parse({"voice"})->argument == "-");
    CHECK(parse({"voice", "lines"})->argument == "lines");
    CHECK(parse({"notify"})->argument == "-");
    CHECK(parse({"notify", "-"})->argument == "-");
    CHECK(parse({"notify", "message.sip"})->argument == "message.sip");
    CHECK(parse({"lease", "bound"})->argument == "bound");
    CHECK_FALSE(parse({"lease", "bound"})->ipv6);
    CHECK(parse({"lease", "--ipv6", "renew"})->ipv6);
    CHECK(parse({"lease", "renew"})->command == ToolCommand::lease);
}

TEST_CASE("inspect takes profile, MAC, password and key, the last two from files too") {
    const auto options =
        parse({"inspect", "cfg.xml", "--profile", "grandstream", "--mac", "00:0b:82:27:3b:89",
               "--password", "@/run/password", "--key", "@/run/key"});
    REQUIRE(options);
    CHECK(options->argument == "cfg.xml");
    CHECK(options->profile->name == "grandstream");
    CHECK(mac_text(options->identity) == "000b82273b89");
    CHECK(options->password == "s3cret");
    CHECK(options->key == "00ff");
    CHECK(parse({"inspect", "f", "--password", "@@x"})->password == "@x");
    CHECK(parse({"inspect", "--", "-f"})->argument == "-f");
}

TEST_CASE("bad input: an unknown command of the tool names the nearest") {
    CHECK(has(refusal({"stauts"}), "unknown command 'stauts', did you mean status?"));
    CHECK(has(refusal({}), "no command is given"));
    CHECK(has(refusal({"show"}), "'show' is followed by 'config'"));
    CHECK(has(refusal({"show", "cofnig"}), "'show' is followed by 'config'"));
}

TEST_CASE("bad input: a command of the tool with too little or too much") {
    CHECK(refusal({"set"}) == "'set' needs KEY=VALUE");
    CHECK(refusal({"set", "P47"}) == "'set' takes KEY=VALUE");
    CHECK(refusal({"set", "=1"}) == "'set' takes KEY=VALUE");
    CHECK(refusal({"set", "P47=1", "P35"}) == "'set' takes KEY=VALUE");
    CHECK(refusal({"set", "P47=1\nP35=2"}) == "a value of more than one line cannot be set");
    CHECK(refusal({"inspect"}) == "'inspect' needs FILE");
    CHECK(refusal({"resync", "now"}) == "'now' is too much after 'resync'");
    CHECK(refusal({"lease"}) == "'lease' needs EVENT");
    CHECK(refusal({"notify", "a", "b"}) == "'b' is too much after 'notify'");
}

TEST_CASE("bad input: an option that belongs to another command") {
    CHECK(refusal({"status", "--mask"}) == "option --mask does not belong to 'status'");
    CHECK(refusal({"resync", "--ipv6"}) == "option --ipv6 does not belong to 'resync'");
    CHECK(refusal({"explain", "--follow"}) == "option --follow does not belong to 'explain'");
    CHECK(has(refusal({"status", "--folow"}), "did you mean --follow?"));
}

TEST_CASE("bad input: values that options of the tool cannot take") {
    CHECK(has(refusal({"explain", "--last", "0"}), "from 1 to"));
    CHECK(has(refusal({"explain", "--last", "two"}), "from 1 to"));
    CHECK(has(refusal({"inspect", "f", "--key", "0g"}), "hex digits"));
    CHECK(has(refusal({"inspect", "f", "--key", "012"}), "even number"));
    CHECK(has(refusal({"inspect", "f", "--password", "@/nowhere"}), "cannot read /nowhere"));
    CHECK(has(refusal({"inspect", "f", "--mac", "xyz"}), "--mac: "));
}

}  // namespace dialtone
