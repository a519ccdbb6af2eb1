// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/model_write.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "agent/cwmp/model_values.h"
#include "agent/rng.h"
#include "agent/text.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

const std::string profiles = "Device.Services.VoiceService.1.VoiceProfile.";
const std::string profile = profiles + "1.";
const std::string line = profile + "Line.1.";

std::vector<Entry> of_account_1() {
    return {{.key = "P271", .value = "1"},
            {.key = "P47", .value = "pbx.example"},
            {.key = "P35", .value = "101"},
            {.key = "P30", .value = "ntp.example"}};
}

// A phone whose ACS writes to it.
struct Written : ManagedPhone {
    explicit Written(std::string_view name = "grandstream") : ManagedPhone(name) {
        if (name == "grandstream") configure(of_account_1());
    }

    auto change(const std::vector<ParameterWrite>& writes) const {
        return change_of(writes, facts());
    }
    void take(const ModelChange& change) { configure(change.document.entries, Origin::acs); }
    // The keys that were written, with their values.
    std::map<std::string, std::string> write(const std::vector<ParameterWrite>& writes) {
        const auto made = change(writes);
        REQUIRE(made);
        take(*made);
        std::map<std::string, std::string> out;
        for (const Entry& entry : made->document.entries)
            out.emplace(entry.key, entry.value);
        return out;
    }
    uint32_t fault(const ParameterWrite& write) const {
        const auto made = change({write});
        REQUIRE(!made);
        REQUIRE(made.error().size() == 1);
        CHECK(!made.error().front().reason.empty());
        return made.error().front().code;
    }
    bool has(std::string_view path) const { return Model(facts()).has(path); }
    std::string value(std::string_view path) const {
        const Model model(facts());
        const auto found = model.parameters_at(path);
        REQUIRE(found.size() == 1);
        return kept_value(found.front(), KeyValues(facts()));
    }
    uint32_t add(std::string_view path, uint32_t next_instance = 1) {
        const auto added = add_object(path, next_instance, facts());
        if (!added) return 0;
        take(added->change);
        CHECK(has(std::string(path) + std::to_string(added->instance) + '.'));
        return added->instance;
    }
    void remove(std::string_view path) {
        const auto removed = delete_object(path, facts());
        REQUIRE(removed);
        take(*removed);
        CHECK(!has(path));
    }
};

using Keys = std::map<std::string, std::string>;

}  // namespace

TEST_CASE("the SIP server that an ACS sets is the vendor's key of that account") {
    Written phone;
    CHECK(phone.write({{profile + "SIP.ProxyServer", "string", "new.example"}}) ==
          Keys{{"P47", "new.example"}});
    CHECK(phone.value(profile + "SIP.ProxyServer") == "new.example");
    Written fanvil("fanvil");
    REQUIRE(fanvil.add(profiles) == 1);
    CHECK(fanvil.write({{profile + "SIP.ProxyServer", "", "pbx.example"}}) ==
          Keys{{"SIP CONFIG MODULE/SIP Line List/SIP1 Register Addr", "pbx.example"}});
}

TEST_CASE("server and port of one key go together, in either order and with what is there") {
    Written phone;
    CHECK(phone.write({{profile + "SIP.ProxyServerPort", "unsignedInt", "5080"}}) ==
          Keys{{"P47", "pbx.example:5080"}});
    CHECK(phone.write({{profile + "SIP.ProxyServer", "string", "2001:db8::1"}}) ==
          Keys{{"P47", "[2001:db8::1]:5080"}});
    CHECK(phone.value(profile + "SIP.ProxyServer") == "2001:db8::1");
    CHECK(phone.write({{profile + "SIP.ProxyServerPort", "", "5060"},
                       {profile + "SIP.ProxyServer", "", "a.example"}}) ==
          Keys{{"P47", "a.example"}});
}

TEST_CASE("the phone uses an account once both its profile and its line are enabled") {
    Written phone;
    CHECK(phone.write({{line + "Enable", "string", "Disabled"}}).at("P271") == "0");
    CHECK(phone.value(profile + "Enable") == "Enabled");
    CHECK(phone.value(line + "Enable") == "Disabled");
    CHECK(phone.write({{profile + "Enable", "", "Quiescent"}, {line + "Enable", "", "Enabled"}})
              .count("P271") == 0);
    CHECK(phone.write({{profile + "Enable", "", "Enabled"}}).at("P271") == "1");
}

TEST_CASE("what a file says of an account counts more than what an ACS has enabled") {
    Written phone;
    phone.write({{line + "Enable", "", "Disabled"}});
    phone.write({{line + "Enable", "", "Enabled"}});
    CHECK(phone.active.find("P271")->value == "1");
    phone.configure({{.key = "P271", .value = "0"}}, Origin::operator_);
    CHECK(phone.value(line + "Enable") == "Disabled");
    CHECK(phone.value(profile + "Enable") == "Enabled");
}

TEST_CASE("what has no key of the vendor's is kept under the account's own path") {
    Written phone;
    CHECK(phone.write({{line + "CallingFeatures.DoNotDisturbEnable", "boolean", " true "},
                       {profile + "DigitMap", "string", "x.T"}}) ==
          Keys{{"Services.VoiceService.1.VoiceProfile.1.DigitMap", "x.T"},
               {"Services.VoiceService.1.VoiceProfile.1.Line.1.CallingFeatures.DoNotDisturbEnable",
                "1"}});
    CHECK(phone.value(line + "CallingFeatures.DoNotDisturbEnable") == "1");
}

TEST_CASE("what is equal to what is there makes no entry") {
    Written phone;
    CHECK(phone
              .write({{profile + "SIP.ProxyServer", "", "pbx.example"},
                      {profile + "SIP.ProxyServerPort", "", "5060"},
                      {profile + "Enable", "", "Enabled"},
                      {line + "DirectoryNumber", "", "101"},
                      {profile + "DTMFMethod", "", "InBand"},
                      {"Device.ManagementServer.PeriodicInformInterval", "", "3600"},
                      {"Device.ManagementServer.Password", "", "hush"}})
              .empty());
}

TEST_CASE("what an operator has set is refused with who did, and its own value is taken") {
    Written phone;
    phone.configure({{.key = "P35", .value = "201"},
                     {.key = "P47", .value = "op.example:5070"},
                     {.key = "P30", .value = "op.example"}},
                    Origin::operator_);
    const auto reason = [&phone](const ParameterWrite& write) {
        CHECK(phone.fault(write) == 9001);
        return phone.change({write}).error().front().reason;
    };
    CHECK(reason({line + "DirectoryNumber", "", "202"}) ==
          "an operator has set P35, and counts more than an ACS");
    CHECK(reason({profile + "SIP.ProxyServer", "", "new.example"}).starts_with("an operator"));
    CHECK(reason({profile + "SIP.ProxyServerPort", "", "5060"}).starts_with("an operator"));
    CHECK(reason({"Device.X_000B82_Config.P30", "", "a.example"}).starts_with("an operator"));
    CHECK(phone.write({{line + "DirectoryNumber", "", "201"},
                       {profile + "SIP.ProxyServer", "", "op.example"},
                       {profile + "SIP.ProxyServerPort", "", "5070"},
                       {profile + "Name", "", "one"}}) == Keys{{"P270", "one"}});
}

TEST_CASE("a setting that the command line or an operator has fixed is refused, with who did") {
    Written phone;
    const auto fix = [&phone](Setting setting, std::string_view value) {
        REQUIRE(phone.phone.given_settings.set(Layer::command_line, setting, value));
        phone.phone.settings = phone.phone.settings_with(phone.active);
    };
    fix(Setting::tr069_periodic_interval, "600");
    fix(Setting::clock_sntp, "a.example");
    fix(Setting::tr069_password, "of the command line");
    phone.configure({{.key = "tr069.user", .value = "op"}}, Origin::operator_);
    const std::string server = "Device.ManagementServer.";
    for (const auto& [path, value, who] :
         {std::tuple(server + "PeriodicInformInterval", "700",
                     "the command line has set tr069.periodic_interval"),
          std::tuple(std::string("Device.Time.NTPServer2"), "b.example",
                     "the command line has set clock.sntp"),
          std::tuple(server + "Password", "other", "the command line has set tr069.password"),
          std::tuple(server + "Username", "acs", "the operator has set tr069.user")}) {
        CAPTURE(path);
        CHECK(phone.fault({path, "", value}) == 9001);
        CHECK(phone.change({{path, "", value}}).error().front().reason ==
              std::string(who) + ", and counts more than an ACS");
    }
    CHECK(phone
              .write({{server + "PeriodicInformInterval", "", "600"},
                      {"Device.Time.NTPServer1", "", "a.example"},
                      {server + "Username", "", "op"}})
              .empty());
}

TEST_CASE("what a settings file says an ACS may change") {
    Written phone;
    phone.set(Setting::tr069_periodic_interval, "600");
    phone.write({{"Device.ManagementServer.PeriodicInformInterval", "", "700"}});
    CHECK(phone.phone.settings.number(Setting::tr069_periodic_interval) == 700);
}

TEST_CASE("a vendor's key for a setting that is fixed is refused as the setting is") {
    Written phone;
    phone.configure({{.key = "P8463", .value = "1"}});
    REQUIRE(phone.phone.given_settings.set(Layer::command_line, Setting::tls_verify, "1"));
    phone.phone.settings = phone.phone.settings_with(phone.active);
    CHECK(phone.fault({"Device.X_000B82_Config.P8463", "", "0"}) == 9001);
}

TEST_CASE("both enables of an account that an operator has switched off are refused together") {
    Written phone;
    phone.configure({{.key = "P271", .value = "0"}}, Origin::operator_);
    CHECK(phone.change({{profile + "Enable", "", "Enabled"}}));
    const auto both =
        phone.change({{profile + "Enable", "", "Enabled"}, {line + "Enable", "", "Enabled"}});
    REQUIRE(!both);
    REQUIRE(both.error().size() == 1);
    CHECK(both.error().front().path == line + "Enable");
    CHECK(both.error().front().code == 9001);
}

TEST_CASE("an account that an operator has set up is not deleted") {
    Written phone;
    phone.configure({{.key = "P47", .value = "op.example"}}, Origin::operator_);
    const auto removed = delete_object(profile, phone.facts());
    REQUIRE(!removed);
    CHECK(removed.error().code == 9001);
    CHECK(removed.error().reason.starts_with("an operator has set P47"));
}

TEST_CASE("a parameter and the vendor's key for the same setting say the same") {
    const std::string interval = "Device.ManagementServer.PeriodicInformInterval";
    const std::string key = "Device.X_000B82_Config.P4507";
    Written phone;
    phone.configure({{.key = "P4507", .value = "3000"}});
    CHECK(phone.value(interval) == "3000");
    CHECK(phone.write({{interval, "", "600"}}) ==
          Keys{{"P4507", "600"}, {"tr069.periodic_interval", "600"}});
    CHECK(phone.value(key) == "600");
    CHECK(phone.write({{key, "", "700"}}) ==
          Keys{{"P4507", "700"}, {"tr069.periodic_interval", "700"}});
    CHECK(phone.value(interval) == "700");
}

TEST_CASE("a vendor's key for a setting counts, where its value is one that the setting has") {
    Written phone;
    phone.configure({{.key = "P4506", .value = "1"}});
    phone.write({{"Device.ManagementServer.PeriodicInformEnable", "", "0"}});
    CHECK(phone.active.find("P4506")->value == "0");
    phone.write({{"Device.X_000B82_Config.P4506", "", "2"}});
    CHECK(phone.value("Device.ManagementServer.PeriodicInformEnable") == "0");
}

TEST_CASE("parameters that are settings of the agent are written under the settings' names") {
    Written phone;
    CHECK(phone.write({{"Device.ManagementServer.PeriodicInformInterval", "unsignedInt", "600"},
                       {"Device.ManagementServer.PeriodicInformEnable", "boolean", "0"}}) ==
          Keys{{"tr069.periodic_enable", "0"}, {"tr069.periodic_interval", "600"}});
    CHECK(phone.phone.settings.number(Setting::tr069_periodic_interval) == 600);
    CHECK(!phone.phone.settings.flag(Setting::tr069_periodic_enable));
    CHECK(phone.write({{"Device.Time.NTPServer2", "", "b.example"}}) ==
          Keys{{"clock.sntp", ",b.example"}});
    CHECK(phone.write({{"Device.Time.NTPServer1", "", "a.example"}}) ==
          Keys{{"clock.sntp", "a.example,b.example"}});
    CHECK(phone.write({{"Device.Time.NTPServer2", "", ""}}) == Keys{{"clock.sntp", "a.example"}});
}

TEST_CASE("a change of the way to the ACS is told apart from others") {
    Written phone;
    const auto touches = [&phone](std::string path, std::string value) {
        const auto made = phone.change({{std::move(path), "", std::move(value)}});
        REQUIRE(made);
        return made->touches_acs_way;
    };
    CHECK(touches("Device.ManagementServer.URL", "https://other.example/"));
    CHECK(touches("Device.ManagementServer.Username", "u"));
    CHECK(touches("Device.ManagementServer.Password", "p"));
    CHECK(!touches("Device.ManagementServer.Password", "hush"));  // it is there
    CHECK(!touches("Device.ManagementServer.PeriodicInformInterval", "7"));
    CHECK(!touches(profile + "SIP.ProxyServer", "other.example"));
    phone.configure({{.key = "P8463", .value = "1"}});
    CHECK(touches("Device.X_000B82_Config.P8463", "0"));
}

TEST_CASE("keys of the vendor can be written under their own object") {
    Written phone;
    CHECK(phone.write({{"Device.X_000B82_Config.P30", "string", "other.example"}}) ==
          Keys{{"P30", "other.example"}});
    CHECK(phone.value("Device.X_000B82_Config.P30") == "other.example");
}

TEST_CASE("a command reads false, and each true of it is another value of its key") {
    Written phone;
    const std::string key = "Services.VoiceService.1.VoiceProfile.1.Reset";
    CHECK(phone.write({{profile + "Reset", "boolean", "1"}}) == Keys{{key, "1"}});
    CHECK(phone.write({{profile + "Reset", "boolean", "true"}}) == Keys{{key, "2"}});
    CHECK(phone.write({{profile + "Reset", "boolean", "false"}}).empty());
    CHECK(phone.value(profile + "Reset") == "0");
}

TEST_CASE("bad input: each wrong value has the fault of what is wrong with it") {
    const Written phone;
    CHECK(phone.fault({"Device.Nothing", "", ""}) == 9005);
    CHECK(phone.fault({"Device.LAN.", "", ""}) == 9005);
    CHECK(phone.fault({"", "", ""}) == 9005);
    CHECK(phone.fault({profiles + "2.Name", "", ""}) == 9005);
    CHECK(phone.fault({"Device.LAN.IPAddress", "string", "10.0.0.2"}) == 9008);  // though equal
    CHECK(phone.fault({"Device.ManagementServer.ParameterKey", "", ""}) == 9008);
    CHECK(phone.fault({profile + "Reset", "int", "1"}) == 9006);
    CHECK(phone.fault({profile + "SIP.ProxyServerPort", "dateTime", "5060"}) == 9006);
    CHECK(phone.fault({profile + "Name", "boolean", "1"}) == 9006);
    CHECK(phone.fault({profile + "SIP.ProxyServerPort", "string", "65536"}) == 9007);
    CHECK(phone.fault({profile + "SIP.ProxyServerPort", "string", ""}) == 9007);
    CHECK(phone.fault({profile + "SIP.ProxyServerPort", "string", "-1"}) == 9007);
    CHECK(phone.fault({profile + "SIP.ProxyServerPort", "string", "0x50"}) == 9007);
    CHECK(phone.fault({profile + "SIP.ProxyServer", "", "a.example:5060"}) == 9007);
    CHECK(phone.fault({profile + "SIP.ProxyServer", "", "[::1]"}) == 9007);
    CHECK(phone.fault({profile + "SIP.ProxyServer", "", "a b"}) == 9007);
    CHECK(phone.fault({profile + "SIP.ProxyServerTransport", "", "SCTP"}) == 9007);  // no such one
    CHECK(phone.fault({profile + "DTMFMethod", "", "Loud"}) == 9007);
    CHECK(phone.fault({profile + "DTMFMethod", "", ""}) == 9007);
    CHECK(phone.fault({profile + "Enable", "", "1"}) == 9007);
    CHECK(phone.fault({profile + "DigitMapEnable", "boolean", "yes"}) == 9007);
    CHECK(phone.fault({profile + "Name", "", std::string(65, 'n')}) == 9007);
    CHECK(phone.fault({profile + "Name", "", "a\nb"}) == 9007);
    CHECK(phone.fault({profile + "Name", "", "\xff"}) == 9007);
    CHECK(phone.fault({"Device.ManagementServer.PeriodicInformInterval", "", "0"}) == 9007);
    CHECK(phone.fault({"Device.ManagementServer.PeriodicInformTime", "", "tomorrow"}) == 9007);
    CHECK(phone.fault({"Device.ManagementServer.PeriodicInformTime", "", "2026-13-01T00:00:00Z"}) ==
          9007);
    CHECK(phone.fault({"Device.ManagementServer.URL", "", ""}) == 9007);
    CHECK(phone.fault({"Device.ManagementServer.URL", "", "ftp://acs.example/"}) == 9007);
    CHECK(phone.fault({"Device.ManagementServer.URL", "", "http://u:p@acs.example/"}) == 9007);
}

TEST_CASE("bad input: a list with one fault changes nothing, and all of its faults are told") {
    const Written phone;
    const auto made = phone.change({{profile + "Name", "", "x"},
                                    {"Device.Nothing", "", ""},
                                    {"Device.LAN.IPAddress", "", ""},
                                    {profile + "Enable", "", "Maybe"}});
    REQUIRE(!made);
    REQUIRE(made.error().size() == 3);
    CHECK(made.error()[0].path == "Device.Nothing");
    CHECK(made.error()[1].code == 9008);
    CHECK(made.error()[2].code == 9007);
}

TEST_CASE("bad input: a list that names a parameter twice, or too many of them, is refused whole") {
    const Written phone;
    const auto twice = phone.change({{profile + "Name", "", "x"}, {profile + "Name", "", "x"}});
    REQUIRE(!twice);
    CHECK(twice.error().size() == 1);
    CHECK(twice.error().front().path.empty());
    CHECK(twice.error().front().code == 9003);
    std::vector<ParameterWrite> many(limits::cwmp_names + 1);
    for (uint32_t i = 0; i < many.size(); ++i)
        many[i].path = std::to_string(i);
    const auto too_many = phone.change(many);
    REQUIRE(!too_many);
    CHECK(too_many.error().front().code == 9004);
}

TEST_CASE("dates have a fraction, a zone, or neither") {
    Written phone;
    for (const std::string_view text :
         {"2026-12-01T00:00:00Z", "2026-12-01T00:00:00.125Z", "2026-12-01T00:00:00+02:00",
          "0001-01-01T00:00:00", "9999-12-31T23:59:59Z"}) {
        phone.write(
            {{"Device.ManagementServer.PeriodicInformTime", "dateTime", std::string(text)}});
        CHECK(phone.value("Device.ManagementServer.PeriodicInformTime") == text);
    }
}

TEST_CASE("a VoiceProfile that is added takes a free account, and has no line yet") {
    Written phone;
    CHECK(phone.add(profiles) == 2);
    CHECK(!phone.has(profiles + "2.Line.1."));
    CHECK(phone.add(profiles + "2.Line.") == 1);
    CHECK(phone
              .write({{profiles + "2.SIP.ProxyServer", "", "b.example"},
                      {profiles + "2.Line.1.SIP.AuthPassword", "", "hush"},
                      {profiles + "2.Line.1.Enable", "", "Enabled"},
                      {profiles + "2.Enable", "", "Enabled"}})
              .at("P401") == "1");
    CHECK(phone.active.find("P402")->value == "b.example");
    CHECK(phone.active.find("P406")->value == "hush");
}

TEST_CASE("bad input: no account is left, a line is there already, or a table is no table") {
    Written phone;
    CHECK(phone.add(profiles) == 2);
    CHECK(phone.add(profiles) == 3);
    const auto code = [&phone](std::string_view path) {
        const auto added = add_object(path, 1, phone.facts());
        return added ? 0 : added.error().code;
    };
    CHECK(code(profiles) == 9004);
    CHECK(code(profile + "Line.") == 9004);
    CHECK(code("Device.Services.VoiceService.") == 9001);
    CHECK(code(profile) == 9005);
    CHECK(code(profiles + "9.Line.") == 9005);
    CHECK(code("Device.Nothing.") == 9005);
    CHECK(code(profile + "Line") == 9005);
    CHECK(code("") == 9005);
}

TEST_CASE("a VoiceProfile that goes takes its values along, and its number comes never again") {
    Written phone;
    phone.write({{profile + "DigitMap", "", "x.T"}});
    phone.remove(profile);
    CHECK(phone.active.find("P47")->value.empty());
    CHECK(phone.active.find("P271")->value == "0");
    CHECK(phone.active.find("P30")->value == "ntp.example");
    const uint32_t next = phone.add(profiles);
    CHECK(next == 65);
    CHECK(phone.value(profiles + "65.DigitMap").empty());
    CHECK(phone.value(profiles + "65.SIP.ProxyServer").empty());
    CHECK(phone.add(profiles + "65.Line.") == 2);
}

TEST_CASE("a file that sets up a deleted account again makes a row of another number") {
    Written phone;
    phone.remove(profile);
    phone.active.items.clear();
    phone.configure(
        {{.key = profile_state_key(1), .value = "-1"}, {.key = line_state_key(1), .value = "-1"}},
        Origin::acs);
    phone.configure(of_account_1());
    CHECK(!phone.has(profile));
    CHECK(phone.value(profiles + "65.Line.2.DirectoryNumber") == "101");
}

TEST_CASE("a VoiceProfile stays when an ACS empties what its account was known by") {
    Written phone;
    phone.write({{profile + "SIP.ProxyServer", "", ""},
                 {line + "DirectoryNumber", "", ""},
                 {line + "Enable", "", "Disabled"}});
    CHECK(phone.value(line + "DirectoryNumber").empty());
    CHECK(phone.value(profile + "SIP.ProxyServer").empty());
}

TEST_CASE("a line that goes leaves its profile, and the phone does not use the account") {
    Written phone;
    phone.remove(line);
    CHECK(phone.value(profile + "SIP.ProxyServer") == "pbx.example");
    CHECK(phone.active.find("P271")->value == "0");
    CHECK(phone.active.find("P35")->value.empty());
    CHECK(phone.value(profile + "Enable") == "Enabled");
    CHECK(phone.add(profile + "Line.") == 2);
    CHECK(phone.write({{profile + "Line.2.Enable", "", "Enabled"}}).at("P271") == "1");
}

TEST_CASE("bad input: what is no row of a table, or is the phone's, cannot be deleted") {
    const Written phone;
    const auto code = [&phone](std::string_view path) {
        const auto deleted = delete_object(path, phone.facts());
        return deleted ? 0 : deleted.error().code;
    };
    CHECK(code("Device.Services.VoiceService.1.") == 9001);
    CHECK(code("Device.Services.VoiceService.2.") == 9005);
    CHECK(code(profiles) == 9005);
    CHECK(code(profiles + "2.") == 9005);
    CHECK(code(profiles + "1") == 9005);
    CHECK(code("Device.LAN.") == 9005);
    CHECK(code("Device.") == 9005);
    CHECK(code("") == 9005);
    CHECK(code("Device.LAN.IPAddress") == 9005);
}

// --- properties ----------------------------------------------------------------------------------

namespace {

std::string random_text(Rng& rng, const ModelRow& row) {
    constexpr std::string_view letters =
        "abcXYZ019 -_.,:;=&<>\"'[]/\\#@\xC3\xA4";  // the last two are one letter
    constexpr std::string_view host_letters = "abcXYZ019-_.";
    const bool is_host = row.range.kind == RangeKind::host;
    const std::string_view from = is_host ? host_letters : letters;
    const uint32_t most = std::min(row.range.high, 40U);
    std::string out;
    for (uint32_t left = rng.below(most + 1); left > 0; --left) {
        const uint32_t at = rng.below(static_cast<uint32_t>(from.size()));
        out += static_cast<uint8_t>(from[at]) >= 0x80U ? from.substr(from.size() - 2)
                                                       : from.substr(at, 1);
    }
    return is_host && rng.below(8) == 0 ? "2001:db8::" + std::to_string(rng.below(10)) : out;
}

std::string random_value(Rng& rng, const ModelRow& row) {
    if (row.setting == Setting::tr069_acs_url && row.keeping == Keeping::setting)
        return "https://acs" + std::to_string(rng.below(100)) + ".example/a?b=c";
    if (row.range.kind == RangeKind::words) {
        std::vector<std::string> words;
        std::string_view left = row.range.words;
        while (!left.empty())
            words.emplace_back(take_piece(left, '|'));
        if (row.range.words.ends_with('|')) words.emplace_back();
        return words[rng.below(static_cast<uint32_t>(words.size()))];
    }
    switch (row.type) {
        case ValueType::boolean:
            return std::to_string(rng.below(2));
        case ValueType::integer:
        case ValueType::unsigned_int: {
            const bool bounded = row.range.kind == RangeKind::number;
            const int64_t low = bounded ? row.range.low : 0;
            const int64_t high = std::min<int64_t>(bounded ? row.range.high : 100'000, 100'000);
            return std::to_string(low + rng.below(static_cast<uint32_t>(high - low + 1)));
        }
        case ValueType::date_time:
            return "20" + std::to_string(10 + rng.below(80)) + "-01-01T00:00:00Z";
        case ValueType::string:
            break;
    }
    return random_text(rng, row);
}

// One of the writable parameters, with a value that it takes.
ParameterWrite random_write(Rng& rng, const Model& model,
                            const std::vector<ModelParameter>& writable) {
    const ModelParameter& one = writable[rng.below(static_cast<uint32_t>(writable.size()))];
    const ModelRow row =
        one.vendor_key.empty()
            ? *one.row
            : ModelRow{.name = "", .range = {.high = 40, .kind = RangeKind::letters}};
    return {model.path_of(one), "", random_value(rng, row)};
}

std::vector<ModelParameter> writable_of(const Model& model) {
    auto out = model.parameters_at("");
    std::erase_if(out, [](const ModelParameter& one) { return !Model::is_writable(one); });
    return out;
}

void check_names(const Written& phone) {
    const Model model(phone.facts());
    std::set<std::string> parameters;
    for (const ModelName& name : model.names_at("", false)) {
        if (!name.path.ends_with('.')) parameters.insert(name.path);
    }
    std::set<std::string> readable;
    for (const ModelParameter& one : model.parameters_at(""))
        readable.insert(model.path_of(one));
    CHECK(parameters == readable);
}

// As the phone keeps the counters of its tables.
struct SeenInstances {
    std::map<std::string, uint32_t> next = {};
};

void add_or_delete(Rng& rng, Written& phone, SeenInstances& seen) {
    std::vector<std::string> tables;
    std::vector<std::string> rows;
    for (const ModelName& name : Model(phone.facts()).names_at("", false)) {
        if (!name.writable || !name.path.ends_with('.')) continue;
        const std::string above = name.path.substr(0, name.path.size() - 1);
        (is_digit(above.back()) ? rows : tables).push_back(name.path);
    }
    if (rng.below(2) == 0 && !rows.empty()) {
        const std::string& row = rows[rng.below(static_cast<uint32_t>(rows.size()))];
        return phone.remove(row);
    }
    const std::string& table = tables[rng.below(static_cast<uint32_t>(tables.size()))];
    const uint32_t instance = phone.add(table, seen.next[table]);
    if (instance == 0) return;
    CAPTURE(table);
    CHECK(instance >= seen.next[table]);
    seen.next[table] = instance + 1;
}

// Every row that is there for the first time has a number that its table has not had.
void note_instances(const Written& phone, std::set<std::string>& there,
                    std::set<std::string>& gone) {
    std::set<std::string> now;
    for (const ModelName& name : Model(phone.facts()).names_at("", false)) {
        if (name.writable && name.path.ends_with('.') && is_digit(name.path[name.path.size() - 2]))
            now.insert(name.path);
    }
    for (const std::string& row : there) {
        if (!now.contains(row)) gone.insert(row);
    }
    for (const std::string& row : now) {
        CAPTURE(row);
        CHECK(!gone.contains(row));
    }
    there = std::move(now);
}

}  // namespace

TEST_CASE("whatever values an ACS writes, it reads them again, for both vendors and all roots") {
    for (const std::string_view vendor : {"grandstream", "fanvil"}) {
        for (const std::string_view root : {"igd", "device1", "device2"}) {
            Rng rng(7);
            Written phone(vendor);
            phone.set(Setting::tr069_root, root);
            phone.phone.voice.codecs = {{"G.722", 64'000, "20", false}};
            phone.phone.voice.buttons = {"1"};
            phone.phone.voice.sip_transports = "UDP,TCP,TLS,SCTP";
            const std::string name(root_name(Model(phone.facts()).root()));
            const std::string table = name + "Services.VoiceService.1.VoiceProfile.";
            while (const uint32_t instance = phone.add(table)) {
                phone.add(table + std::to_string(instance) + ".Line.");
                if (instance == 3) break;
            }
            for (uint32_t round = 0; round < 60; ++round) {
                const Model model(phone.facts());
                const auto writable = writable_of(model);
                std::map<std::string, ParameterWrite> writes;
                for (uint32_t count = 1 + rng.below(20); count > 0; --count) {
                    ParameterWrite write = random_write(rng, model, writable);
                    writes.insert_or_assign(write.path, std::move(write));
                }
                std::vector<ParameterWrite> list;
                list.reserve(writes.size());
                for (const auto& [path, write] : writes)
                    list.push_back(write);
                phone.write(list);
                for (const ParameterWrite& write : list) {
                    CAPTURE(write.path);
                    const bool is_command =
                        write.path.ends_with("Reset") || write.path.ends_with("ResetStatistics");
                    CHECK(phone.value(write.path) == (is_command ? "0" : write.value));
                }
                CHECK(phone.change(list)->document.entries.size() <=
                      static_cast<uint32_t>(std::ranges::count_if(list, [](const auto& write) {
                          return write.path.ends_with("Reset") ||
                                 write.path.ends_with("ResetStatistics");
                      })));
            }
            check_names(phone);
        }
    }
}

TEST_CASE("whatever rows come and go, names and values agree, and no number comes twice") {
    for (uint32_t seed = 1; seed <= 8; ++seed) {
        Rng rng(seed);
        Written phone;
        phone.phone.voice.sip_transports = "UDP,TCP,TLS,SCTP";
        SeenInstances seen;
        std::set<std::string> there;
        std::set<std::string> gone;
        for (uint32_t round = 0; round < 40; ++round) {
            add_or_delete(rng, phone, seen);
            // A file sets up the second account, whoever deleted it; and an ACS writes anything.
            if (rng.below(8) == 0) phone.configure({{.key = "P404", .value = "1"}}, Origin::acs);
            for (uint32_t count = rng.below(4); count > 0; --count) {
                const Model model(phone.facts());
                const auto writable = writable_of(model);
                phone.write({random_write(rng, model, writable)});
            }
            check_names(phone);
            note_instances(phone, there, gone);
        }
    }
}
