// SPDX-License-Identifier: Apache-2.0
//
// Signed configuration files, and what an attacker who can alter them and their signatures makes of
// a phone: pass/plan_run.cpp, config/signed_file.cpp.
#include <doctest/doctest.h>

#include "agent/agent.h"
#include "agent/limits.h"
#include "agent/transfer/plan.h"
#include "sim/lab/file_signing.h"
#include "sim/lab/swarm/openssl_enc.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

const std::string server = "http://10.0.0.1/gs";
const std::string own_file = server + "/cfg000b82273b89.xml";
const std::string common_file = server + "/cfg.xml";
constexpr std::string_view own_mac = "<mac>000b82273b89</mac>";
constexpr std::string_view other_mac = "<mac>000b82ffffff</mac>";

std::string file_with(std::string_view mac, std::string_view values, uint32_t serial = 0) {
    std::string text = "<gs_provision version=\"1\">" + std::string(mac) + "<config version=\"1\">";
    if (serial != 0) text += "<serial>" + std::to_string(serial) + "</serial>";
    return text + std::string(values) + "</config></gs_provision>\n";
}

std::string sip_server(std::string_view name, uint32_t serial = 0) {
    return file_with(own_mac, "<P47>" + std::string(name) + "</P47>", serial);
}

using SettingValues = std::vector<std::pair<Setting, std::string>>;

const SettingValues one_key = {{Setting::config_public_key, std::string(lab_key.public_key)}};

// A phone that knows a key, and the server with its files.
struct SignedSite {
    explicit SignedSite(SettingValues settings = one_key, std::string url = server) {
        options.settings = {{Setting::static_url, std::move(url)},
                            {Setting::order, "static"},
                            {Setting::trial_timeout, "20"}};
        options.settings.insert(options.settings.end(), settings.begin(), settings.end());
    }

    void put(const std::string& url, const std::string& body, std::string signature) {
        site.web.put_body(url, body);
        site.web.put_body(signature_url(url), std::move(signature));
    }
    void put_signed(const std::string& url, const std::string& body, const LabKey& key = lab_key) {
        put(url, body, lab_signature(key, body));
    }
    void put_unsigned(const std::string& url, const std::string& body) {
        site.web.put_body(url, body);
        site.web.remove(signature_url(url));
    }
    void set(Setting setting, std::string value) {
        options.settings.emplace_back(setting, std::move(value));
    }
    uint8_t power_on() { return Phone(site, options).power_on().status; }
    Generation active() { return Phone(site, options).active(); }
    std::string value(std::string_view key = "P47") {
        const Generation generation = active();
        const Item* item = generation.find(key);
        return item ? item->value : "";
    }
    std::string refusal() const {
        return std::string(last_entry(site, JournalKind::file_refused).field("reason"));
    }
    // Asks again. Nothing changes, and the words say why.
    void check_refused(std::string_view words) {
        const std::string before = key_value_lines(active());
        const uint32_t steps = site.disk.mutating_steps();
        CHECK(power_on() == 4);
        CHECK(key_value_lines(active()) == before);
        CHECK(site.disk.mutating_steps() == steps);
        CHECK_MESSAGE(refusal().find(words) != std::string::npos, refusal());
        CHECK(last_entry(site, JournalKind::file_refused).field("next") ==
              "the configuration stays as it is");
    }

    Site site = {};
    PhoneOptions options = {};
};

constexpr std::string_view is_wrong = "its signature is wrong: another key made it";

}  // namespace

TEST_CASE("without a public key nobody asks for signatures") {
    SignedSite lab(SettingValues{});
    lab.put_signed(own_file, sip_server("one"));
    CHECK(lab.power_on() == 0);
    for (const StartTransfer& request : lab.site.web.requests())
        CHECK(request.url.find(".sig") == std::string::npos);
    CHECK(lab.active().proof == Proof::none);
}

TEST_CASE("with a public key each file that is there is followed by its signature") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("one"));
    CHECK(lab.power_on() == 0);
    REQUIRE(lab.site.web.requests().size() >= 3);
    CHECK(lab.site.web.requests()[0].url == server + "/cfg000b82273b89");
    CHECK(lab.site.web.requests()[1].url == own_file);
    CHECK(lab.site.web.requests()[2].url == own_file + ".sig");
    CHECK(lab.value() == "one");
    CHECK(lab.active().proof == Proof::signed_);
    CHECK(last_entry(lab.site, JournalKind::file_read).field("signature") == "config.public_key");
}

TEST_CASE("a signature is asked for with the file's query, credentials and scheme") {
    const std::string url = "http://10.0.0.1/gs/phone.php?mac=000b82273b89";
    SignedSite lab(one_key, "http://u:p@10.0.0.1/gs/phone.php?mac=$mac");
    const std::string body = sip_server("one");
    const std::string signature = "http://10.0.0.1/gs/phone.php.sig?mac=000b82273b89";
    lab.site.web.put(url, {.body = body, .user = "u", .password = "p"});
    lab.site.web.put(signature,
                     {.body = lab_signature(lab_key, body), .user = "u", .password = "p"});
    CHECK(lab.power_on() == 0);
    CHECK(lab.active().proof == Proof::signed_);
}

TEST_CASE("signatures are taken from TFTP and FTP servers as well") {
    for (const std::string scheme : {"tftp", "ftp"}) {
        CAPTURE(scheme);
        SignedSite lab(one_key, scheme + "://10.0.0.1/gs/");
        const std::string body = sip_server("one");
        const std::string name = "gs/cfg000b82273b89.xml";
        if (scheme == "tftp") {
            lab.site.tftp.put(name, body);
            lab.site.tftp.put(name + ".sig", lab_signature(lab_key, body));
        } else {
            lab.put_signed("ftp://10.0.0.1/" + name, body);
        }
        CHECK(lab.power_on() == 0);
        CHECK(lab.active().proof == Proof::signed_);
    }
}

TEST_CASE("an encrypted file is signed as it lies on the server, and its declaration is obeyed") {
    SignedSite lab;
    lab.set(Setting::config_password, "hush");
    // Latin-1, which an encrypted file without another proof may not be.
    const std::string file = openssl_enc(
        "hush", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" + sip_server("caf\xE9"));
    lab.put_unsigned(own_file, file);
    CHECK(lab.power_on() == 4);
    lab.put(own_file, file, lab_signature(lab_key, sip_server("caf\xE9")));
    lab.check_refused(is_wrong);
    lab.put_signed(own_file, file);
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "caf\xC3\xA9");
    CHECK(lab.active().proof == Proof::signed_);
}

TEST_CASE("a signature that does not fit refuses the file, and changes nothing") {
    const std::string body = sip_server("two");
    struct Wrong {
        const char* what;
        std::string signature;
        std::string_view words = is_wrong;
    };
    const Wrong wrongs[] = {
        {"another key", lab_signature(other_lab_key, body)},
        {"of another file", lab_signature(lab_key, sip_server("three"))},
        {"of the other phone's file", lab_signature(lab_key, file_with(other_mac, ""))},
        {"of the file before", lab_signature(lab_key, sip_server("one"))},
        {"cut", lab_signature(lab_key, body).substr(0, 200)},
        {"longer", lab_signature(lab_key, body) + "x"},
        {"garbage", std::string(256, '\x5a')},
        {"a page", "<html><body>Log in</body></html>"},
        {"too long", std::string(limits::signature_bytes + 1, 'x'),
         "the file is larger than the 1 KiB it may have"},
    };
    for (const bool pinned : {true, false}) {
        SignedSite lab;
        lab.put_signed(own_file, sip_server("one"));
        CHECK(lab.power_on() == 0);
        if (!pinned) lab.set(Setting::trust_pin, "0");
        for (const Wrong& wrong : wrongs) {
            CAPTURE(wrong.what);
            lab.put(own_file, body, wrong.signature);
            if (wrong.signature.size() > limits::signature_bytes) {
                CHECK(lab.power_on() == 4);
                CHECK(last_entry(lab.site, JournalKind::request_failed).field("reason") ==
                      wrong.words);
            } else {
                lab.check_refused(wrong.words);
            }
            CHECK(lab.value() == "one");
        }
    }
}

TEST_CASE("an empty signature is a wrong one") {
    SignedSite lab;
    lab.put(own_file, sip_server("one"), "");
    lab.check_refused(is_wrong);
}

TEST_CASE("bad input: one byte of the file altered, and its signature left") {
    SignedSite lab;
    const std::string body = sip_server("one");
    std::string altered = body;
    altered[altered.find("one")] = 'O';
    lab.put(own_file, altered, lab_signature(lab_key, body));
    lab.check_refused(is_wrong);
}

TEST_CASE("bad input: whoever alters the file and takes its signature away changes nothing") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("one"));
    CHECK(lab.power_on() == 0);
    lab.put_unsigned(own_file, sip_server("evil"));
    lab.check_refused("it came with none, and what is installed came with signed (trust.pin)");
}

TEST_CASE("bad input: a signature that the server does not give counts as none") {
    for (const uint16_t status : {uint16_t{403}, uint16_t{404}, uint16_t{410}}) {
        CAPTURE(status);
        SignedSite lab;
        lab.site.web.put_body(own_file, sip_server("one"));
        lab.site.web.put(own_file + ".sig", {.status = status});
        CHECK(lab.power_on() == 0);
        CHECK(lab.value() == "one");
        CHECK(lab.active().proof == Proof::none);
        lab.put_signed(own_file, sip_server("two"));
        CHECK(lab.power_on() == 0);
        CHECK(lab.active().proof == Proof::signed_);
        lab.site.web.put_body(own_file, sip_server("evil"));
        lab.site.web.put(own_file + ".sig", {.status = status});
        lab.check_refused("trust.pin");
    }
}

TEST_CASE(
    "bad input: a server that asks for a password for the signature, or fails, ends the try") {
    for (const uint16_t status : {uint16_t{401}, uint16_t{500}, uint16_t{503}}) {
        CAPTURE(status);
        SignedSite lab;
        lab.site.web.put_body(own_file, sip_server("one"));
        lab.site.web.put(own_file + ".sig", {.status = status});
        CHECK(lab.power_on() == 4);
        CHECK(lab.value() == "");
        CHECK(last_entry(lab.site, JournalKind::request_failed).field("url") == own_file + ".sig");
    }
}

namespace {

// What a server may say of a signature, or not at all.
const Answer no_signatures[] = {
    {.status = 400},
    {.status = 401},
    {.status = 405},
    {.status = 500},
    {.status = 503},
    {.body = std::string(limits::signature_bytes + 1, 'x')},
    {.stalls_before_head = true},
};

}  // namespace

TEST_CASE("bad input: whatever a server says of an installed file's signature, nothing follows") {
    for (const Answer& answer : no_signatures) {
        CAPTURE(answer.status);
        SignedSite lab;
        lab.put_signed(own_file, sip_server("one"));
        CHECK(lab.power_on() == 0);
        const uint32_t steps = lab.site.disk.mutating_steps();
        lab.site.journal.clear();
        lab.site.web.put(own_file + ".sig", answer);
        CHECK(lab.power_on() == 0);
        CHECK(lab.site.disk.mutating_steps() == steps);
        CHECK(journal_has(lab.site, JournalKind::plan_unchanged));
        // Nobody is told of a password, or of a fault that is none.
        CHECK(!journal_has(lab.site, JournalKind::request_failed));
        CHECK(!journal_has(lab.site, JournalKind::file_refused));
    }
}

TEST_CASE("an installed file beside a new one waits for its signature, and is never refused") {
    const std::string all = server + "/cfg000b82273b89";
    for (const bool demanded : {true, false}) {
        for (const Answer& answer : no_signatures) {
            CAPTURE(demanded);
            CAPTURE(answer.status);
            SignedSite lab;
            if (demanded) lab.set(Setting::config_require_signature, "1");
            if (demanded) lab.set(Setting::trust_pin, "0");
            lab.put_signed(all, sip_server("one"));
            CHECK(lab.power_on() == 0);
            lab.put_signed(common_file, file_with("", "<P35>all</P35>"));
            lab.site.journal.clear();
            lab.site.web.put(all + ".sig", answer);
            CHECK(lab.power_on() == 4);
            CHECK(lab.value("P35") == "");
            CHECK(last_entry(lab.site, JournalKind::request_failed).field("url") == all + ".sig");
            CHECK(journal_has(lab.site, JournalKind::plan_unreachable));
            CHECK(!journal_has(lab.site, JournalKind::plan_refused));
            lab.put_signed(all, sip_server("one"));
            CHECK(lab.power_on() == 0);
            CHECK(lab.value("P35") == "all");
            CHECK(lab.active().proof == Proof::signed_);
        }
    }
}

TEST_CASE("another phone's signed file counts neither as it is nor as a file for all") {
    const std::string theirs = file_with(other_mac, "<P47>theirs</P47>");
    for (const std::string& url : {own_file, common_file}) {
        SignedSite lab;
        lab.put_signed(url, theirs);
        lab.check_refused("names another phone");
    }
}

TEST_CASE("a signed file for one phone counts only with that phone's MAC address in it") {
    SignedSite lab;
    lab.put_signed(own_file, file_with("", "<P47>any</P47>"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.active().proof == Proof::none);
    CHECK(last_entry(lab.site, JournalKind::file_warning).field("reason") ==
          "its signature counts only with the phone's own MAC address in the file");
    lab.put_signed(own_file, sip_server("one"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.active().proof == Proof::signed_);
    lab.put_signed(own_file, file_with("", "<P47>evil</P47>"));
    lab.check_refused("trust.pin");
}

TEST_CASE("a signed file for many phones counts without a MAC address, under its own name") {
    SignedSite lab;
    lab.put_signed(common_file, file_with("", "<P47>all</P47>"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "all");
    CHECK(lab.active().proof == Proof::signed_);
    SignedSite named(one_key, server + "/all.xml");
    named.put_signed(server + "/all.xml", file_with("", "<P47>all</P47>"));
    CHECK(named.power_on() == 0);
    CHECK(named.active().proof == Proof::none);
}

// --- serials
// --------------------------------------------------------------------------------

TEST_CASE("an older file that is signed is not taken again, nor one without a serial") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("old", 6));
    CHECK(lab.power_on() == 0);
    lab.put_signed(own_file, sip_server("new", 7));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "new");
    CHECK(lab.value("serial") == "7");
    lab.put_signed(own_file, sip_server("old", 6));
    lab.check_refused("its serial is 6, and what is installed has 7");
    lab.put_signed(own_file, sip_server("bare"));
    lab.check_refused("it is signed and has no serial, and what is installed has 7");
    lab.put_signed(own_file, sip_server("same", 7));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "same");
    lab.put_signed(own_file, sip_server("newer", 20'261'130));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value("serial") == "20261130");
}

TEST_CASE("an older file is not taken under another name either") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("old", 6));
    CHECK(lab.power_on() == 0);
    lab.put_signed(own_file, sip_server("new", 7));
    CHECK(lab.power_on() == 0);
    lab.site.web.remove(own_file);
    lab.put_signed(common_file, sip_server("old", 6));
    lab.check_refused("its serial is 6, and what is installed has 7");
}

TEST_CASE("files for one phone and files for many have rows of serials of their own") {
    SignedSite lab;
    const std::string all = server + "/cfg000b82273b89";
    lab.put_signed(all, sip_server("own", 3));
    lab.put_signed(common_file, file_with("", "<P35>all</P35>", 900));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value("serial") == "3");
    CHECK(lab.value("serial.common") == "900");
    lab.put_signed(all, sip_server("other", 4));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "other");
    CHECK(lab.value("serial.common") == "900");
    lab.put_signed(common_file, file_with("", "<P35>older</P35>", 899));
    lab.check_refused("its serial is 899, and what is installed has 900");
}

TEST_CASE("the highest serial of a plan is kept") {
    SignedSite lab;
    lab.put_signed(server + "/cfg000b82273b89", file_with(own_mac, "<P35>one</P35>", 8));
    lab.put_signed(own_file, sip_server("one", 5));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value("serial") == "8");
}

TEST_CASE("a new serial alone writes nothing and reboots nothing") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("one", 7));
    CHECK(lab.power_on() == 0);
    lab.put_signed(own_file, sip_server("one", 8));
    const uint32_t steps = lab.site.disk.mutating_steps();
    CHECK(lab.power_on() == 0);
    CHECK(lab.site.disk.mutating_steps() == steps);
}

TEST_CASE("a serial without a signature that counts is nothing") {
    SignedSite lab;
    lab.put_unsigned(own_file, sip_server("rogue", 999'999));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value("serial") == "");
    lab.put_signed(own_file, sip_server("one", 1));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "one");
    CHECK(lab.value("serial") == "1");
}

TEST_CASE("a serial goes back with the configuration that failed its trial") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("one", 1));
    CHECK(lab.power_on() == 0);
    lab.put_signed(own_file, sip_server("two", 2));
    Phone phone(lab.site, lab.options);
    phone.power_on([&](sim::World&, uint32_t reboots) { lab.site.web.set_down(reboots == 1); });
    CHECK(lab.value() == "one");
    CHECK(lab.value("serial") == "1");
}

TEST_CASE("an operator who lifts trust.pin may let a serial fall") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("new", 7));
    CHECK(lab.power_on() == 0);
    lab.put_signed(own_file, sip_server("old", 6));
    lab.set(Setting::trust_pin, "0");
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "old");
    CHECK(lab.value("serial") == "6");
}

// --- keys
// -----------------------------------------------------------------------------------

TEST_CASE("a key is changed by way of two: the old one, both, the new one") {
    const SettingValues both = {
        {Setting::config_public_key, std::string(lab_key.public_key)},
        {Setting::config_public_key_2, std::string(other_lab_key.public_key)}};
    const SettingValues new_key = {
        {Setting::config_public_key, std::string(other_lab_key.public_key)}};
    SignedSite lab;
    const SettingValues before = lab.options.settings;
    const auto keys = [&](const SettingValues& settings) {
        lab.options.settings.assign(before.begin(), before.end() - 1);
        lab.options.settings.insert(lab.options.settings.end(), settings.begin(), settings.end());
    };
    lab.put_signed(own_file, sip_server("one", 1));
    CHECK(lab.power_on() == 0);
    lab.put_signed(own_file, sip_server("two", 2), other_lab_key);
    lab.check_refused(is_wrong);
    keys(both);
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "two");
    CHECK(last_entry(lab.site, JournalKind::file_read).field("signature") == "config.public_key_2");
    lab.put_signed(own_file, sip_server("three", 3));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "three");
    keys(new_key);
    lab.put_signed(own_file, sip_server("four", 4));
    lab.check_refused(is_wrong);
    lab.put_signed(own_file, sip_server("four", 4), other_lab_key);
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "four");
    CHECK(lab.active().proof == Proof::signed_);
}

TEST_CASE("no configuration sets keys, or whether signatures are demanded") {
    for (const Profile* profile : all_profiles()) {
        for (const KeySetting& row : profile->key_settings) {
            CHECK(row.setting != Setting::config_public_key);
            CHECK(row.setting != Setting::config_public_key_2);
            CHECK(row.setting != Setting::config_require_signature);
            CHECK(row.setting != Setting::trust_pin);
        }
    }
}

// --- config.require_signature
// ---------------------------------------------------------------

TEST_CASE("where signatures are demanded a new phone takes signed files alone") {
    SignedSite lab;
    lab.set(Setting::config_require_signature, "1");
    lab.put_unsigned(own_file, sip_server("evil"));
    lab.check_refused("it has no signature (config.require_signature)");
    lab.put_signed(own_file, file_with("", "<P47>evil</P47>"));
    lab.check_refused(
        "its signature counts only with the phone's own MAC address in the file "
        "(config.require_signature)");
    lab.put_signed(own_file, sip_server("one"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "one");
}

TEST_CASE("where signatures are demanded verified TLS is not enough") {
    const std::string url = "https://pbx.example/gs";
    SignedSite lab(one_key, url);
    lab.set(Setting::config_require_signature, "1");
    lab.site.web.put(url + "/cfg.xml",
                     {.body = file_with("", "<P47>tls</P47>"), .tls_verified = true});
    lab.check_refused("it has no signature");
}

TEST_CASE("bad input: an unsigned file for all beside the phone's signed one refuses the plan") {
    SignedSite lab;
    lab.set(Setting::config_require_signature, "1");
    lab.put_signed(own_file, sip_server("one"));
    lab.put_unsigned(server + "/cfg000b82273b89", file_with("", "<P35>evil</P35>"));
    lab.check_refused("it has no signature");
    CHECK(last_entry(lab.site, JournalKind::file_refused).field("url") ==
          server + "/cfg000b82273b89");
}

TEST_CASE("an unsigned file beside a signed one counts as long as signatures are not demanded") {
    SignedSite lab;
    lab.put_unsigned(server + "/cfg000b82273b89", file_with("", "<P35>plain</P35>"));
    lab.put_signed(own_file, sip_server("one"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value("P35") == "plain");
    CHECK(lab.active().proof == Proof::none);  // as its weakest file
    lab.put_unsigned(server + "/cfg000b82273b89", file_with("", "<P35>evil</P35>"));
    lab.check_refused("trust.pin");
    // What it repeats is still taken, and the signed file may go on changing.
    lab.put_unsigned(server + "/cfg000b82273b89", file_with("", "<P35>plain</P35>"));
    lab.put_signed(own_file, sip_server("two"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "two");
}

TEST_CASE("signatures that are demanded and no key to check them refuse every file") {
    SignedSite lab({{Setting::config_require_signature, "1"}});
    lab.put_signed(own_file, sip_server("one"));
    lab.check_refused("it has no signature (config.require_signature)");
}

TEST_CASE("where signatures are demanded DHCP does not name another SIP server") {
    SignedSite lab;
    lab.options.settings[1].second = "dhcp,static";
    lab.set(Setting::config_require_signature, "1");
    lab.set(Setting::dhcp_sip_server, "1");
    lab.site.dhcp.emplace_back();
    lab.site.dhcp.back().put(66, server);
    lab.site.dhcp.back().put(120, std::string("\x01\x0a\x06\x06\x06", 5));
    lab.put_signed(own_file, sip_server("one"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "one");
}

// --- what was installed before
// ---------------------------------------------------------------

TEST_CASE("a signed file changes what verified TLS installed, and verified TLS nothing signed") {
    const std::string url = "https://pbx.example/gs";
    const std::string file = url + "/cfg000b82273b89.xml";
    SignedSite lab(one_key, url);
    const auto put = [&](const std::string& body, bool is_signed) {
        lab.site.web.put(file, {.body = body, .tls_verified = true});
        lab.site.web.put(file + ".sig", {.status = static_cast<uint16_t>(is_signed ? 200 : 404),
                                         .body = lab_signature(lab_key, body),
                                         .tls_verified = true});
    };
    put(sip_server("tls"), false);
    CHECK(lab.power_on() == 0);
    CHECK(lab.active().proof == Proof::tls);
    put(sip_server("signed"), true);
    CHECK(lab.power_on() == 0);
    CHECK(lab.active().proof == Proof::signed_);
    put(sip_server("tls again"), false);
    lab.check_refused("it came with tls, and what is installed came with signed (trust.pin)");
}

TEST_CASE("a phone with a signed configuration rests when the files are as they were") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("one", 3));
    CHECK(lab.power_on() == 0);
    const uint32_t steps = lab.site.disk.mutating_steps();
    CHECK(lab.power_on() == 0);
    CHECK(lab.site.disk.mutating_steps() == steps);
    // The signature of a file that is known is not looked at: nothing would follow from it.
    lab.put(own_file, sip_server("one", 3), "garbage");
    CHECK(lab.power_on() == 0);
    CHECK(lab.site.disk.mutating_steps() == steps);
}

TEST_CASE("a known file that counts again beside a new one is held to its signature") {
    SignedSite lab;
    const std::string first = server + "/cfg000b82273b89";
    lab.put_signed(first, file_with(own_mac, "<P47>first</P47><P35>one</P35>"));
    lab.put_signed(own_file, sip_server("own"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "own");
    lab.put(first, file_with(own_mac, "<P47>first</P47><P35>one</P35>"), "garbage");
    lab.put_signed(own_file, sip_server("next"));
    lab.check_refused(is_wrong);
    lab.put_signed(first, file_with(own_mac, "<P47>first</P47><P35>one</P35>"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value() == "next");
}

TEST_CASE("a factory reset forgets serials, the operator's keys stay with the settings file") {
    SignedSite lab;
    lab.put_signed(own_file, sip_server("new", 7));
    CHECK(lab.power_on() == 0);
    PhoneOptions resident = lab.options;
    resident.once = false;
    resident.settings.emplace_back(Setting::splay, "0");
    lab.put_signed(own_file, sip_server("old", 6));
    Phone(lab.site, resident).power_on([](sim::World& world, uint32_t reboots) {
        if (reboots == 0) world.plan_command(100'000, CommandKind::factory_reset);
        world.plan_command(400'000, CommandKind::stop);
    });
    CHECK(lab.value() == "old");
}

// --- Fanvil
// ------------------------------------------------------------------------------------

TEST_CASE("a Fanvil file names its phone in a line before the first module") {
    const std::string folder = "http://10.0.0.1/fanvil/";
    const std::string device = folder + "0c383e07e16c.cfg";
    const std::string common = folder + "f0X4hw1.100.cfg";
    constexpr std::string_view number_key = "SIP CONFIG MODULE/SIP Line List/SIP1 Phone Number";
    const auto text = [](std::string_view claims, std::string_view values) {
        return "<<VOIP CONFIG FILE>>Version:2.0002\r\n" + std::string(claims) +
               std::string(values) + "<<END OF FILE>>\r\n";
    };
    const auto number = [&](std::string_view claims, std::string_view digits) {
        return text(claims, "<SIP CONFIG MODULE>\r\n--SIP Line List--  :\r\nSIP1 Phone Number :" +
                                std::string(digits) + "\r\n");
    };
    SignedSite lab(one_key, folder);
    lab.options.profile = "fanvil";
    lab.options.mac = "0C383E07E16C";
    lab.set(Setting::config_require_signature, "1");
    lab.put_signed(common, text("serial :4\r\n", "<GLOBAL CONFIG MODULE>\r\nTime Zone :32\r\n"));
    lab.put_signed(device, number("", "201"));
    lab.check_refused("its signature counts only with the phone's own MAC address in the file");
    lab.put_signed(device, number("mac :0c383e07e16d\r\n", "201"));
    lab.check_refused("names another phone");
    lab.put_signed(device, number("mac :0c383e07e16c\r\nserial :9\r\n", "201"));
    CHECK(lab.power_on() == 0);
    CHECK(lab.value(number_key) == "201");
    CHECK(lab.value("serial") == "9");
    CHECK(lab.value("serial.common") == "4");
    CHECK(lab.active().proof == Proof::signed_);
    lab.put_signed(device, number("mac :0c383e07e16c\r\nserial :8\r\n", "200"));
    lab.check_refused("its serial is 8, and what is installed has 9");
}
