// SPDX-License-Identifier: Apache-2.0
//
// A phone of the second vendor: other files, another format, no reboot.
#include <doctest/doctest.h>

#include "agent/agent.h"
#include "agent/transfer/plan.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/fanvil/";
const std::string common_file = server + "f0X4hw1.100.cfg";
const std::string device_file = server + "0c383e07e16c.cfg";

std::string text_file(std::string_view lines, std::string_view version = "2.0002") {
    std::string head = "<<VOIP CONFIG FILE>>Version:" + std::string(version);
    head.resize(62, ' ');
    return head + "\r\n\r\n" + std::string(lines) + "<<END OF FILE>>\r\n";
}

std::string with_number(std::string_view number, std::string_view version = "2.0002") {
    return text_file(
        "<SIP CONFIG MODULE>\r\nSIP  Port          :5060\r\n--SIP Line List--  :\r\n"
        "SIP1 Phone Number  :" +
            std::string(number) + "\r\nSIP1 Use user=phone:1\r\n",
        version);
}

PhoneOptions fanvil(std::string url = server) {
    PhoneOptions options;
    options.profile = "fanvil";
    options.mac = "0C:38:3E:07:E1:6C";
    options.settings = {{Setting::static_url, std::move(url)}, {Setting::trial_timeout, "20"}};
    return options;
}

constexpr std::string_view number_key = "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number";

std::string value_of(const Phone& phone, std::string_view key) {
    const Generation active = phone.active();
    const Item* item = active.find(key);
    return item ? item->value : "";
}

uint32_t mutating_steps_of(Site& site, Phone& phone) {
    const uint32_t before = site.disk.mutating_steps();
    phone.power_on();
    return site.disk.mutating_steps() - before;
}

}  // namespace

TEST_CASE("a Fanvil phone takes its common and its device file, without a reboot") {
    Site site;
    site.web.put_body(common_file, text_file("<GLOBAL CONFIG MODULE>\nTime Zone          :32\n"
                                             "<SIP CONFIG MODULE>\nSIP  Port          :5062\n"));
    site.web.put_body(device_file, with_number("201"));
    Phone phone(site, fanvil());
    CHECK(phone.power_on().status == 0);
    CHECK(phone.reboots() == 0);
    CHECK(count_entries(site, JournalKind::applied) == 1);
    REQUIRE(site.web.requests().size() >= 2);
    CHECK(site.web.requests()[0].url == common_file);
    CHECK(site.web.requests()[1].url == device_file);
    CHECK(site.web.requests()[0].user_agent == "Fanvil X4 2.10.2.6887 0c383e07e16c");
    CHECK(key_value_lines(phone.active()) ==
          "GLOBAL CONFIG MODULE/Time Zone=32\n"
          "SIP CONFIG MODULE/SIP  Port=5060\n"
          "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number=201\n"
          "SIP CONFIG MODULE/SIP Line List/SIP1 Use user\\=phone=1\n");
    REQUIRE(site.hook_lines.size() == 1);
    CHECK(site.hook_lines[0] == key_value_lines(phone.active()));
}

TEST_CASE("the second power-on of a Fanvil phone writes nothing but the journal") {
    Site site;
    site.web.put_body(device_file, with_number("201"));
    Phone phone(site, fanvil());
    phone.power_on();
    CHECK(mutating_steps_of(site, phone) == 0);
    CHECK(phone.power_on().status == 0);
}

TEST_CASE("a Fanvil file's version decides nothing, its values do") {
    Site site;
    site.web.put_body(device_file, with_number("201", "2.0005"));
    Phone phone(site, fanvil());
    phone.power_on();
    site.web.put_body(device_file, with_number("201", "2.0006"));
    CHECK(mutating_steps_of(site, phone) == 0);
    site.web.put_body(device_file, with_number("202", "2.0001"));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, number_key) == "202");
    CHECK(phone.record().trial == TrialState::none);
}

TEST_CASE("a Fanvil phone without a common file takes its own, and the other way round") {
    for (const std::string& only : {common_file, device_file}) {
        Site site;
        site.web.put_body(only, with_number("201"));
        Phone phone(site, fanvil());
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, number_key) == "201");
    }
}

TEST_CASE("a Fanvil common file moves the device file and gives the credentials for it") {
    Site site;
    PhoneOptions options = fanvil();
    options.file_settings = {{Setting::static_url, server}};
    options.settings.clear();
    site.web.put_body(common_file,
                      text_file("<AUTOUPDATE CONFIG MODULE>\nDefault Username   :phone\n"
                                "Default Password   :secret\nFlash Server IP    :10.0.0.9/other\n"
                                "Flash Protocol     :4\nFlash Mode         :1\n"));
    site.web.put("http://10.0.0.9/other/0c383e07e16c.cfg",
                 {.body = with_number("203"), .user = "phone", .password = "secret"});
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, number_key) == "203");
}

TEST_CASE("a URL that names the device file of a Fanvil phone brings the common file beside it") {
    Site site;
    site.web.put_body(common_file, text_file("<GLOBAL CONFIG MODULE>\nTime Zone :32\n"));
    site.web.put_body(server + "any-name.txt", with_number("204"));
    Phone phone(site, fanvil(server + "any-name.txt"));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, number_key) == "204");
    CHECK(value_of(phone, "GLOBAL CONFIG MODULE/Time Zone") == "32");
    REQUIRE(site.web.requests().size() >= 2);
    CHECK(site.web.requests()[0].url == common_file);
    CHECK(site.web.requests()[1].url == server + "any-name.txt");
}

TEST_CASE("a URL that names the common file of a Fanvil phone asks for it once") {
    Site site;
    site.web.put_body(common_file, with_number("205"));
    Phone phone(site, fanvil(common_file));
    CHECK(phone.power_on().status == 0);
    REQUIRE(site.web.requests().size() == 2);  // and once more to confirm
    CHECK(value_of(phone, number_key) == "205");
}

TEST_CASE("a Fanvil model with a common file of another name asks for that one") {
    Identity identity = *identity_from_mac("0c383e07e16c");
    identity.model = "X6";
    const auto plan = make_plan("http://10.0.0.1/p/$mac.cfg?t=1", Scheme::http,
                                *find_profile("fanvil"), identity, {});
    REQUIRE(plan);
    REQUIRE(plan->files.size() == 2);
    CHECK(plan->files[0].url == "http://10.0.0.1/p/F0V00X600000.cfg?t=1");
    CHECK(plan->files[1].url == "http://10.0.0.1/p/0c383e07e16c.cfg?t=1");
    CHECK(make_plan("http://10.0.0.1?t=1", Scheme::http, *find_profile("fanvil"), identity, {})
              ->files.size() == 1);
}

TEST_CASE("bad input: a plain Fanvil device file while its key is set is refused") {
    Site site;
    PhoneOptions options = fanvil();
    options.settings.emplace_back(Setting::config_key, std::string(64, 'a'));
    site.web.put_body(common_file, text_file(""));  // its own key is another one
    site.web.put_body(device_file, with_number("201"));
    Phone phone(site, options);
    CHECK(phone.power_on().status == 4);
    CHECK(count_entries(site, JournalKind::file_read) == 1);
    CHECK(last_entry(site, JournalKind::file_refused).field("url") == device_file);
    CHECK(last_entry(site, JournalKind::file_refused).field("reason") ==
          "the file is not encrypted although its key is set");
}

TEST_CASE("an operator sets a Fanvil key by its path") {
    Site site;
    site.web.put_body(device_file, with_number("201"));
    PhoneOptions options = fanvil();
    options.once = false;
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t) {
        world.plan_command(60'000, CommandKind::set,
                           "SIP CONFIG MODULE/SIP Line List/SIP1 Use user\\=phone=0");
        world.plan_command(61'000, CommandKind::set, "SIP1 Phone Number=0");
        world.plan_power_cut(120'000);
    });
    REQUIRE(phone.replies().size() == 2);
    CHECK(phone.replies()[0].ok);
    CHECK(!phone.replies()[1].ok);
    CHECK(value_of(phone, "SIP CONFIG MODULE/SIP Line List/SIP1 Use user=phone") == "0");
}

TEST_CASE("bad input: a broken Fanvil device file changes nothing, and its line is named") {
    Site site;
    site.web.put_body(device_file, with_number("201"));
    Phone phone(site, fanvil());
    phone.power_on();
    site.web.put_body(common_file, text_file("<GLOBAL CONFIG MODULE>\nTime Zone :32\n"));
    site.web.put_body(device_file, text_file("<SIP CONFIG MODULE\r\nSIP  Port:1\r\n"));
    CHECK(phone.power_on().status != 0);
    CHECK(value_of(phone, number_key) == "201");
    CHECK(value_of(phone, "GLOBAL CONFIG MODULE/Time Zone").empty());
    CHECK(last_entry(site, JournalKind::file_refused).field("where") == "line 3");
}

TEST_CASE("bad input: an encrypted Fanvil file is refused with words about it") {
    Site site;
    std::string noise;
    for (uint32_t i = 0; i < 64; ++i)
        noise += static_cast<char>(i * 37 % 251);
    site.web.put_body(device_file, noise);
    Phone phone(site, fanvil());
    CHECK(phone.power_on().status == 4);
    const std::string reason(last_entry(site, JournalKind::file_refused).field("reason"));
    CHECK(reason.find("encrypted files of Fanvil phones are not read") != std::string::npos);
}
