// SPDX-License-Identifier: Apache-2.0
#include "platform/daemon/options.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "agent/limits.h"

namespace dialtone {
namespace {

using Words = std::vector<std::string>;

// Stands for the file system: one file there, one too big, nothing else.
Result<std::string> pretend_to_read(const std::string& path, uint32_t) {
    if (path == "/run/password") return std::string("s3cret\n");
    if (path == "/run/two-line-ends") return std::string("a\n\n");
    if (path == "/sys/class/net/eth0/address") return std::string("00:0b:82:27:3b:8a\n");
    if (path == "/sys/class/net/tun0/address") return std::string("\n");
    if (path == "/run/big") return fail(ErrorCode::too_big, "is bigger than 2048 bytes");
    return fail(ErrorCode::not_found, "No such file or directory");
}

Result<DaemonOptions> parse(const Words& more) {
    Words words = {"--profile", "grandstream", "--mac", "000B82273B89", "--interface", "eth0"};
    words.insert(words.end(), more.begin(), more.end());
    return parse_daemon_options(words, pretend_to_read);
}

// The sentence for a command line of `words` alone.
std::string refusal(const Words& words) {
    const auto options = parse_daemon_options(words, pretend_to_read);
    REQUIRE(!options);
    CHECK(options.error().code == ErrorCode::bad_usage);
    return options.error().detail;
}

std::string refusal_with(const Words& more) {
    const auto options = parse(more);
    REQUIRE(!options);
    CHECK(options.error().code == ErrorCode::bad_usage);
    return options.error().detail;
}

bool has(const std::string& text, std::string_view piece) {
    return text.find(piece) != std::string::npos;
}

}  // namespace

TEST_CASE("a short command line takes everything else from the profile") {
    const auto options = parse({});
    REQUIRE(options);
    CHECK(options->mode == DaemonOptions::Mode::run);
    CHECK(options->profile->name == "grandstream");
    CHECK(options->identity.model == options->profile->default_model);
    CHECK(options->identity.version == options->profile->default_version);
    CHECK(mac_text(options->identity) == "000b82273b89");
    CHECK(options->interface == "eth0");
    CHECK(options->state_directory == "/var/lib/dialtone");
    CHECK(options->settings_file.empty());
    CHECK(!options->once);
    CHECK(options->settings.layer_of(Setting::static_url) == Layer::initial);
}

TEST_CASE("every option of the daemon is taken") {
    const auto options =
        parse({"--model", "GXP2170", "--version=1.0.11.3", "--state", "/data/d", "--settings",
               "/etc/d.conf", "--once", "--user", "phone", "--helper", "/run/helper", "--set",
               "static.url=http://s/cfg", "--set=splay=0"});
    REQUIRE(options);
    CHECK(options->identity.model == "GXP2170");
    CHECK(options->identity.version == "1.0.11.3");
    CHECK(options->state_directory == "/data/d");
    CHECK(options->settings_file == "/etc/d.conf");
    CHECK(options->once);
    CHECK(options->user == "phone");
    CHECK(options->helper == "/run/helper");
    CHECK(options->settings.get(Setting::static_url) == "http://s/cfg");
    CHECK(options->settings.layer_of(Setting::static_url) == Layer::command_line);
    CHECK(options->settings.get(Setting::splay) == "0");
}

TEST_CASE("root's helper takes the daemon's own command line") {
    const auto options =
        parse({"--settings", "/etc/d.conf", "--as-helper", "--board", "reference"});
    REQUIRE(options);
    CHECK(options->mode == DaemonOptions::Mode::helper);
    CHECK(options->profile->name == "grandstream");
    CHECK(options->board == &reference_board);
    CHECK(options->settings_file == "/etc/d.conf");
    CHECK(has(refusal({"--as-helper"}), "--profile is missing"));
    CHECK(has(refusal_with({"--helper="}), "--helper is empty"));
}

TEST_CASE("whoever asks for the vendor class needs neither MAC nor interface") {
    const Words asked = {"--vendor-class", "--profile", "fanvil",     "--model",    "X6",
                         "--board",        "reference", "--settings", "/etc/d.conf"};
    const auto options = parse_daemon_options(asked, pretend_to_read);
    REQUIRE(options);
    CHECK(options->mode == DaemonOptions::Mode::vendor_class);
    CHECK(options->identity.model == "X6");
    CHECK(options->settings_file == "/etc/d.conf");
    const auto as_the_daemon = parse({"--vendor-class"});
    REQUIRE(as_the_daemon);
    CHECK(mac_text(as_the_daemon->identity) == "000b82273b89");
    CHECK(has(refusal({"--vendor-class"}), "--profile is missing"));
    CHECK(has(refusal_with({"--vendor-class", "--mac", "1"}), "--mac"));
}

TEST_CASE("whoever asks for the vendor identity needs the MAC, which is in it") {
    const auto options = parse({"--vendor-identity"});
    REQUIRE(options);
    CHECK(options->mode == DaemonOptions::Mode::vendor_identity);
    CHECK(mac_text(options->identity) == "000b82273b89");
    CHECK(has(refusal({"--vendor-identity", "--profile", "fanvil"}), "--mac is missing"));
}

TEST_CASE("a setting's value is read from a file without its last line feed") {
    const auto options = parse(
        {"--set", "config.password=@/run/password", "--set", "provision.user=@/run/two-line-ends"});
    REQUIRE(!options);  // a line feed is left, and no user has one in its name
    const auto one = parse({"--set", "config.password=@/run/password"});
    REQUIRE(one);
    CHECK(one->settings.get(Setting::config_password) == "s3cret");
}

TEST_CASE("two at signs stand for one at the beginning of a value") {
    const auto options = parse({"--set", "config.password=@@home"});
    REQUIRE(options);
    CHECK(options->settings.get(Setting::config_password) == "@home");
}

TEST_CASE("an equals sign in a value belongs to the value") {
    const auto options = parse({"--set", "static.url=http://s/?a=b"});
    REQUIRE(options);
    CHECK(options->settings.get(Setting::static_url) == "http://s/?a=b");
}

TEST_CASE("a board gives interface and MAC address, and the command line has the last word") {
    const auto own = parse_daemon_options(Words{"--profile", "grandstream", "--board", "reference"},
                                          pretend_to_read);
    REQUIRE(own);
    CHECK(own->board == &reference_board);
    CHECK(own->interface == "eth0");
    CHECK(mac_text(own->identity) == "000b82273b8a");
    const auto given = parse({"--board=reference"});
    REQUIRE(given);
    CHECK(mac_text(given->identity) == "000b82273b89");
    CHECK(has(daemon_help(), "reference: "));
}

TEST_CASE("bad input: a board that is unknown, or has no MAC address to give") {
    CHECK(has(refusal_with({"--board", "acme"}), "unknown board 'acme'"));
    const Words words = {"--profile", "grandstream", "--board", "reference", "--interface"};
    auto elsewhere = words;
    elsewhere.push_back("eth9");
    CHECK(refusal(elsewhere) ==
          "--mac is missing, and the board reference has none: /sys/class/net/eth9/address: "
          "No such file or directory");
    auto without = words;
    without.push_back("tun0");
    CHECK(has(refusal(without), "--mac"));
}

TEST_CASE("help and build information ask for nothing else") {
    const auto help = parse_daemon_options(Words{"--help"}, pretend_to_read);
    REQUIRE(help);
    CHECK(help->mode == DaemonOptions::Mode::help);
    const auto build = parse_daemon_options(Words{"--build-info"}, pretend_to_read);
    REQUIRE(build);
    CHECK(build->mode == DaemonOptions::Mode::build_info);
    CHECK(has(daemon_help(), "--build-info"));
}

TEST_CASE("bad input: a command line without profile, MAC or interface says which is missing") {
    CHECK(has(refusal({}), "--profile is missing (known profiles: "));
    CHECK(has(refusal({"--profile", "grandstream"}), "--mac is missing"));
    CHECK(has(refusal({"--profile", "grandstream", "--mac", "000B82273B89"}),
              "--interface is missing"));
}

TEST_CASE("bad input: an unknown profile names the nearest and all known ones") {
    const auto sentence = refusal({"--profile", "grandstrem"});
    CHECK(has(sentence, "unknown profile 'grandstrem', did you mean grandstream?"));
    CHECK(has(sentence, "known profiles: "));
}

TEST_CASE("bad input: an unknown option names the nearest") {
    CHECK(has(refusal_with({"--onse"}), "unknown option '--onse', did you mean --once?"));
    CHECK(has(refusal_with({"--quite-different"}), "unknown option '--quite-different' (--help"));
    CHECK(has(refusal_with({"-x"}), "unknown option '-x'"));
}

TEST_CASE("bad input: an option without its value, or with one it does not take") {
    CHECK(refusal_with({"--model"}) == "option --model needs a value");
    CHECK(refusal_with({"--once=1"}) == "option --once takes no value");
    CHECK(refusal_with({"--state", ""}) == "--state is empty");
    CHECK(has(refusal_with({"eth1"}), "'eth1' is no option"));
}

TEST_CASE("bad input: a MAC address or interface that cannot be") {
    CHECK(has(refusal_with({"--mac", "000B82273B8"}), "--mac: "));
    CHECK(has(refusal_with({"--interface", "a/b"}), "no interface's name"));
    CHECK(has(refusal_with({"--interface", "eth0 eth1"}), "has a blank in it"));
    CHECK(has(refusal_with({"--interface", "sixteen-letters-"}), "longer than 15 letters"));
}

TEST_CASE("bad input: an unknown setting on the command line names the nearest") {
    CHECK(has(refusal_with({"--set", "static.ulr=http://s/"}),
              "unknown setting 'static.ulr', did you mean static.url?"));
    CHECK(has(refusal_with({"--set", "static.url"}), "is not of the form KEY=VALUE"));
}

TEST_CASE("bad input: a setting's value that it cannot take") {
    CHECK(has(refusal_with({"--set", "tls.verify=perhaps"}), "tls.verify"));
    CHECK(has(refusal_with({"--set", "sip.port=99999"}), "sip.port"));
}

TEST_CASE("bad input: a setting's file that is missing or too big") {
    CHECK(refusal_with({"--set", "config.password=@/nowhere"}) ==
          "--set config.password: cannot read /nowhere: No such file or directory");
    CHECK(has(refusal_with({"--set", "config.password=@/run/big"}), "is bigger than"));
}

TEST_CASE("bad input: more settings than a command line may carry") {
    Words words;
    for (uint32_t i = 0; i <= limits::settings_on_command_line; ++i) {
        words.push_back("--set");
        words.push_back("splay=1");
    }
    CHECK(has(refusal_with(words), "more than 64 times"));
}

TEST_CASE("bad input: a refused secret is not repeated in the sentence") {
    const std::string password(limits::setting_value_bytes + 1, 'q');
    CHECK(!has(refusal_with({"--set", "config.password=" + password}), "qqq"));
    CHECK(!has(refusal_with({"--set", "config.pasword=hunter2"}), "hunter2"));
}

}  // namespace dialtone
