// SPDX-License-Identifier: Apache-2.0
#include "agent/settings.h"

#include <doctest/doctest.h>

#include <set>

#include "agent/limits.h"

namespace dialtone {
namespace {

Status check(Setting setting, std::string_view value) {
    return check_setting(setting_form(setting), value);
}

std::string refusal(Setting setting, std::string_view value) {
    const Status status = check(setting, value);
    if (status) return "(taken)";
    CHECK(status.error().code == ErrorCode::bad_usage);
    return status.error().detail;
}

TEST_CASE("every name that other programs rely on is a setting") {
    for (std::string_view name : {"order",
                                  "static.url",
                                  "provision.user",
                                  "provision.password",
                                  "config.password",
                                  "config.password_old",
                                  "config.key",
                                  "config.key_common",
                                  "config.prefix",
                                  "config.postfix",
                                  "pnp.enabled",
                                  "pnp.server",
                                  "pnp.transport",
                                  "pnp.interval",
                                  "dhcp.enabled",
                                  "dhcp.options",
                                  "sip.port",
                                  "http.basic_always",
                                  "tls.verify",
                                  "tls.ca",
                                  "tls.cert",
                                  "tls.key",
                                  "trust.pin",
                                  "trial.timeout",
                                  "config.public_key",
                                  "config.public_key_2",
                                  "config.require_signature",
                                  "splay",
                                  "tr069.enabled",
                                  "tr069.acs_url",
                                  "tr069.user",
                                  "tr069.password"}) {
        CAPTURE(name);
        REQUIRE(find_setting(name) != nullptr);
        CHECK(find_setting(name)->name == name);
    }
    CHECK(find_setting("static.Url") == nullptr);
    CHECK(find_setting("") == nullptr);
}

TEST_CASE("names of settings differ") {
    std::set<std::string_view> names;
    for (const SettingForm& form : all_settings())
        names.insert(form.name);
    CHECK(names.size() == setting_count);
}

TEST_CASE("every built-in default is a value its setting takes") {
    for (const SettingForm& form : all_settings()) {
        CAPTURE(form.name);
        CHECK(check_setting(form, form.initial));
    }
}

TEST_CASE("the built-in trial time is longer than the built-in splay") {
    const Settings settings;
    CHECK(settings.number(Setting::trial_timeout) > settings.number(Setting::splay));
}

TEST_CASE("passwords and keys are secret settings, and nothing else is") {
    std::set<std::string_view> secrets;
    for (const SettingForm& form : all_settings()) {
        if (form.type == SettingType::secret) secrets.insert(form.name);
    }
    CHECK(secrets ==
          std::set<std::string_view>{"provision.password", "config.password", "config.password_old",
                                     "config.key", "config.key_common", "tr069.password",
                                     "tr069.connection_request_password", "tr069.stun_password"});
}

TEST_CASE("a flag takes 0 and 1") {
    CHECK(check(Setting::tls_verify, "0"));
    CHECK(check(Setting::tls_verify, "1"));
    CHECK(refusal(Setting::tls_verify, "yes") == "tls.verify takes 0 or 1, not \"yes\"");
    CHECK(refusal(Setting::tls_verify, "") == "tls.verify takes 0 or 1, not \"\"");
}

TEST_CASE("a number takes its range and nothing but digits") {
    CHECK(check(Setting::static_interval, "60"));
    CHECK(check(Setting::static_interval, "5256000"));
    for (std::string_view value : {"", "59", "5256001", "4294967356", "99999999999999999999", "-60",
                                   "+60", " 60", "60 ", "0x60", "6e3", "60.0"}) {
        CAPTURE(value);
        CHECK(!check(Setting::static_interval, value));
    }
    CHECK(refusal(Setting::sip_port, "0") == "sip.port takes a number from 1 to 65535, not \"0\"");
}

TEST_CASE("a word is one of its words, whole") {
    for (std::string_view value : {"tftp", "ftp", "ftps", "http", "https"})
        CHECK(check(Setting::static_protocol, value));
    for (std::string_view value : {"", "htt", "HTTP", "http|https", "|", "http "})
        CHECK(!check(Setting::static_protocol, value));
    CHECK(refusal(Setting::pnp_transport, "sctp") ==
          "pnp.transport takes one of udp, tcp, not \"sctp\"");
}

TEST_CASE("a list takes its words in any order, each once") {
    for (std::string_view value : {"static", "pnp,dhcp,static,tr069", "tr069,static", "mdns,fdps"})
        CHECK(check(Setting::order, value));
    for (std::string_view value :
         {"", ",", "static,", ",static", "static,,dhcp", "static dhcp", "static, dhcp", "acs"}) {
        CAPTURE(value);
        CHECK(!check(Setting::order, value));
    }
    CHECK(refusal(Setting::order, "dhcp,static,dhcp") == "order names \"dhcp\" twice");
}

TEST_CASE("a list without words takes numbers of its range") {
    CHECK(check(Setting::dhcp_options, "66,43,160"));
    CHECK(refusal(Setting::dhcp_options, "66,255") ==
          "dhcp.options takes a comma-separated list of numbers from 1 to 254, not \"255\"");
    CHECK(!check(Setting::dhcp_options, "66,66"));
}

TEST_CASE("bad input: a value with control characters or beyond the limit is refused") {
    CHECK(refusal(Setting::static_url, "http://a/\n") == "static.url holds a control character");
    CHECK(!check(Setting::static_url, std::string_view("a\0b", 3)));
    CHECK(check(Setting::static_url, std::string(limits::setting_value_bytes, 'a')));
    CHECK(refusal(Setting::static_url, std::string(limits::setting_value_bytes + 1, 'a')) ==
          "static.url is longer than 2048 bytes");
}

TEST_CASE("a refused secret is not repeated in the error") {
    CHECK(refusal(Setting::config_password, "hunter2\x1b").find("hunter2") == std::string::npos);
}

TEST_CASE("a refused value is shown short and harmless") {
    const std::string words = refusal(Setting::sip_port, std::string(100, '9'));
    CHECK(words.find(std::string(40, '9') + "...\"") != std::string::npos);
    CHECK(words.find(std::string(41, '9')) == std::string::npos);
}

TEST_CASE("a higher layer hides a lower one until it is cleared") {
    Settings settings;
    CHECK(settings.get(Setting::static_protocol) == "http");
    CHECK(settings.layer_of(Setting::static_protocol) == Layer::initial);

    constexpr std::string_view words[] = {"tftp", "ftp", "ftps", "http", "https"};
    for (uint32_t i = layer_count - 1; i-- > 0;) {
        const auto layer = static_cast<Layer>(i);
        CAPTURE(layer_name(layer));
        REQUIRE(settings.set(layer, Setting::static_protocol, words[i]));
        CHECK(settings.get(Setting::static_protocol) == words[i]);
        CHECK(settings.layer_of(Setting::static_protocol) == layer);
    }
    settings.clear(Layer::command_line);
    CHECK(settings.get(Setting::static_protocol) == words[1]);
    CHECK(settings.layer_of(Setting::static_protocol) == Layer::operator_);
}

TEST_CASE("layers are named for people, highest first") {
    constexpr std::string_view names[] = {"command line",  "operator", "configuration",
                                          "settings file", "profile",  "built-in default"};
    for (uint32_t i = 0; i < layer_count; ++i)
        CHECK(layer_name(static_cast<Layer>(i)) == names[i]);
}

TEST_CASE("an empty value in a layer counts as set") {
    Settings settings;
    REQUIRE(settings.set(Layer::file, Setting::config_prefix, "gs_"));
    REQUIRE(settings.set(Layer::configuration, Setting::config_prefix, ""));
    CHECK(settings.get(Setting::config_prefix).empty());
    CHECK(settings.layer_of(Setting::config_prefix) == Layer::configuration);
}

TEST_CASE("a layer is asked for its own value only") {
    Settings settings;
    REQUIRE(settings.set(Layer::file, Setting::static_url, "http://a/"));
    CHECK(settings.get_in(Layer::file, Setting::static_url) == "http://a/");
    CHECK(!settings.get_in(Layer::operator_, Setting::static_url));
    CHECK(settings.get_in(Layer::initial, Setting::splay) == "600");
}

TEST_CASE("a refused value leaves the layer as it was") {
    Settings settings;
    REQUIRE(settings.set(Layer::file, Setting::splay, "20"));
    CHECK(!settings.set(Layer::file, Setting::splay, "soon"));
    CHECK(settings.number(Setting::splay) == 20);
    REQUIRE(settings.set(Layer::file, Setting::splay, "30"));
    CHECK(settings.number(Setting::splay) == 30);
}

TEST_CASE("a misspelt name has the nearest known one, a strange one has none") {
    CHECK(nearest_setting("static.ulr") == "static.url");
    CHECK(nearest_setting("config.pasword") == "config.password");
    CHECK(nearest_setting("tsl.verify") == "tls.verify");
    CHECK(nearest_setting("Order") == "order");
    CHECK(nearest_setting("firmware").empty());
    CHECK(nearest_setting("x").empty());
    CHECK(nearest_setting("").empty());
    CHECK(nearest_setting(std::string(100'000, 'a')).empty());
}

TEST_CASE("a settings file is KEY=VALUE lines with comments and blank lines") {
    const auto lines = parse_settings_file(
        "# the site's server\r\n"
        "\r\n"
        "static.url = http://10.0.0.5/gs?token=a=b \r\n"
        "\tprovision.user=phone\n"
        "config.prefix=\n"
        "  # done");
    REQUIRE(lines);
    REQUIRE(lines->size() == 3);
    CHECK((*lines)[0].setting == Setting::static_url);
    CHECK((*lines)[0].value == "http://10.0.0.5/gs?token=a=b");
    CHECK((*lines)[0].line == 3);
    CHECK((*lines)[1].setting == Setting::provision_user);
    CHECK((*lines)[1].value == "phone");
    CHECK((*lines)[1].line == 4);
    CHECK((*lines)[2].setting == Setting::config_prefix);
    CHECK((*lines)[2].value.empty());
}

TEST_CASE("an empty settings file sets nothing, and a byte order mark is no setting") {
    CHECK(parse_settings_file("").value().empty());
    CHECK(parse_settings_file("\n\n").value().empty());
    CHECK(parse_settings_file("\xef\xbb\xbfsplay=1\n").value().size() == 1);
}

TEST_CASE("bad input: a typo in a settings file is named with its line and the nearest name") {
    const auto lines = parse_settings_file("splay=10\n\nstatic.ulr=http://a/\n");
    REQUIRE(!lines);
    CHECK(lines.error().code == ErrorCode::bad_usage);
    CHECK(describe(lines.error()) ==
          "line 3: there is no setting \"static.ulr\", did you mean static.url?");
}

TEST_CASE("bad input: a settings line without an equals sign is refused and not repeated") {
    const auto lines = parse_settings_file("config.password hunter2");
    REQUIRE(!lines);
    CHECK(describe(lines.error()) == "line 1: a line is KEY=VALUE, and this one has no =");
}

TEST_CASE("bad input: a value out of range in a settings file is named with its line") {
    const auto lines = parse_settings_file("# a\nsip.port=70000\n");
    REQUIRE(!lines);
    CHECK(describe(lines.error()) ==
          "line 2: sip.port takes a number from 1 to 65535, not \"70000\"");
}

TEST_CASE("bad input: a settings file over the limit is refused") {
    const auto lines = parse_settings_file(std::string(limits::settings_file_bytes + 1, '\n'));
    REQUIRE(!lines);
    CHECK(lines.error().code == ErrorCode::too_big);
}

}  // namespace
}  // namespace dialtone
