// SPDX-License-Identifier: Apache-2.0
//
// Who may change what on a phone, with the whole agent against hostile servers. docs/trust.md
// names, for each cell of agent/trust's table, the test that holds it, here or beside it:
// agent_credentials has whom user and password go to, agent_clock who says what time it is.
#include <doctest/doctest.h>

#include "sim/lab/file_signing.h"
#include "tests/agent/trust_phone.h"

using namespace dialtone;
using namespace dialtone::sim;
using namespace dialtone::test;

namespace {

// A way in which a file comes to the phone.
struct Way {
    std::string_view name;
    std::string_view url;
    bool named_by_dhcp = false;
    bool tls = false;
    bool encrypted = false;
    Proof proof = Proof::none;  // of a new phone
    bool is_signed = false;
};

constexpr Way ways[] = {
    {"plain", "http://good.example/gs"},
    {"key", "http://good.example/key", false, false, true, Proof::key},
    {"tls", "https://good.example/gs", false, true, false, Proof::tls},
    {"tls of the pinned host, named by DHCP", "https://good.example/gs", true, true, false,
     Proof::tls},
    {"tls of another host, named by DHCP", "https://evil.example/gs", true, true, false,
     Proof::tls},
    {"plain, named by DHCP", "http://evil.example/gs", true},
    {"signed", "http://good.example/signed", false, false, false, Proof::signed_, true},
    {"signed, named by DHCP", "http://evil.example/signed", true, false, false, Proof::signed_,
     true},
    {"key of another host, named by DHCP", "http://evil.example/key", true, false, true,
     Proof::key},
};

// Life after life of one phone, each with the file by another way.
Departure live(Site& site, const Way& way, std::string_view value) {
    const std::string body = way.is_signed ? signed_p47(value) : p47(value);
    if (way.is_signed)
        site.web.put_body(own_file_at(way.url) + ".sig", lab_signature(lab_key, body));
    const Answer answer = way.tls ? by_tls(body) : way.encrypted ? encrypted(body) : plain(body);
    site.web.put(own_file_at(way.url), answer);
    if (way.named_by_dhcp) name_by_dhcp(site, way.url);
    PhoneOptions options = way.named_by_dhcp ? asks_dhcp() : asks_static(way.url);
    if (way.encrypted)
        options.settings.emplace_back(Setting::config_password, std::string(own_key));
    if (way.is_signed)
        options.settings.emplace_back(Setting::config_public_key, std::string(lab_key.public_key));
    return Phone(site, options).power_on();
}

Proof counted(const Way& way, const Way& installed) {
    const bool foreign = way.tls && way.named_by_dhcp && installed.proof != Proof::none &&
                         way.url.find("evil") != std::string_view::npos &&
                         installed.url.find("evil") == std::string_view::npos;
    return foreign ? Proof::none : way.proof;
}

}  // namespace

// --- files ---------------------------------------------------------------------------------------

TEST_CASE("a file changes values with no weaker proof than what is installed") {
    for (const Way& installed : ways) {
        for (const Way& arriving : ways) {
            CAPTURE(installed.name);
            CAPTURE(arriving.name);
            // A pin to evil.example makes good.example the foreign one; that is no other case.
            if (installed.url.find("evil") != std::string_view::npos && arriving.tls) continue;
            Site site;
            REQUIRE(live(site, installed, "first").status == 0);
            Phone reader(site, asks_dhcp());
            CHECK(reader.active().proof == installed.proof);
            CHECK(reader.record().trust.pin.proof == installed.proof);
            const bool may = counted(arriving, installed) >= installed.proof;
            CHECK((live(site, arriving, "second").status == 0) == may);
            CHECK(value_of(reader, "P47") == (may ? "second" : "first"));
            if (may) continue;
            CHECK(journal_says(site, "trust.pin"));
            CHECK(reader.record().trust.pin.proof == installed.proof);
        }
    }
}

TEST_CASE("an open redirect of the pinned server does not lend its name to another one") {
    Site site;
    name_by_dhcp(site, "https://good.example/gs");
    site.web.put(own_file_at("https://good.example/gs"), by_tls(p47("good")));
    Phone phone(site, asks_dhcp());
    REQUIRE(phone.power_on().status == 0);
    const std::string lure = "https://good.example/login?next=https://evil.example/cfg.xml";
    name_by_dhcp(site, lure);
    site.web.put(lure,
                 {.status = 302, .location = "https://evil.example/cfg.xml", .tls_verified = true});
    site.web.put("https://evil.example/cfg.xml", by_tls(p47("evil")));
    CHECK(phone.power_on().status == 4);
    CHECK(value_of(phone, "P47") == "good");
    const JournalEntry redirect = last_entry(site, JournalKind::redirect);
    CHECK(redirect.field("from").find("good.example") != std::string_view::npos);
    CHECK(redirect.field("to").find("evil.example") != std::string_view::npos);
    CHECK(last_entry(site, JournalKind::file_refused).field("reason") ==
          "it came from evil.example, and the phone is pinned to good.example by tls (trust.pin)");
}

TEST_CASE("a key that a file set without proof proves nothing") {
    Site site;
    const std::string rogue = "http://evil.example/gs";
    name_by_dhcp(site, rogue);
    site.web.put(rogue + "/cfg000b82273b89", plain(config("<P1359>rogue</P1359>")));
    site.web.put(own_file_at(rogue), encrypted(p47("evil"), "rogue"));
    Phone phone(site, asks_dhcp());
    REQUIRE(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "evil");
    CHECK(phone.record().trust.pin.proof == Proof::none);
    CHECK(!phone.record().trust.pin.keys_proven);
    // When the rogue is gone, the phone comes back by itself.
    const std::string rightful = "http://good.example/gs";
    name_by_dhcp(site, rightful);
    site.web.put(rightful + "/cfg000b82273b89", plain(config("<P1359></P1359>")));
    site.web.put(own_file_at(rightful), plain(p47("good")));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "good");
}

TEST_CASE("a key that a proven file set proves what it opens") {
    Site site;
    const std::string secure = "https://good.example/gs";
    site.web.put(own_file_at(secure), by_tls(config("<P1359>shared</P1359><P47>one</P47>")));
    REQUIRE(Phone(site, asks_static(secure)).power_on().status == 0);
    const std::string open = "http://good.example/gs";
    PhoneOptions options = asks_static(open);
    options.settings.emplace_back(Setting::trust_pin, "0");
    site.web.put(own_file_at(open), encrypted(p47("two"), "shared"));
    Phone phone(site, options);
    REQUIRE(phone.power_on().status == 0);
    CHECK(phone.active().proof == Proof::key);
}

TEST_CASE("a trial that fails does not lower the pin") {
    Site site;
    const std::string open = "http://good.example/gs";
    const std::string secure = "https://good.example/gs";
    site.web.put(own_file_at(open), plain(p47("one")));
    REQUIRE(Phone(site, asks_static(open)).power_on().status == 0);
    site.web.put(own_file_at(secure), by_tls(p47("two")));
    PhoneOptions options = asks_static(secure);
    options.once = false;
    options.settings.emplace_back(Setting::trial_timeout, "20");
    Phone phone(site, options);
    // After its reboot nobody answers; then the predecessor's server does.
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 1) site.web.remove(own_file_at(secure));
        if (reboots == 1) site.web.set_down(true);
        if (reboots == 2) site.web.set_down(false);
        world.plan_power_cut(100'000);
    });
    REQUIRE(value_of(phone, "P47") == "one");
    CHECK(phone.active().proof == Proof::none);
    CHECK(phone.record().trust.pin == Pin{Proof::tls, "good.example"});
    name_by_dhcp(site, "http://evil.example/gs");
    site.web.put(own_file_at("http://evil.example/gs"), plain(p47("evil")));
    Phone lured(site, asks_dhcp());
    CHECK(lured.power_on().status == 4);
    CHECK(value_of(lured, "P47") == "one");
}

TEST_CASE("the pin moves with a warning to the server that the pinned one names") {
    struct Row {
        std::string_view p212, p237;
        std::string_view strict;
        Pin pin;
        bool changes;  // the new server may
    };
    const Row rows[] = {
        {"2", "new.example/gs", "1", {Proof::tls, "new.example"}, true},
        {"2", "new.example/gs", "strict", {Proof::tls, "new.example"}, true},
        {"1", "new.example/gs", "1", {Proof::none, "new.example"}, true},
        {"1", "new.example/gs", "strict", {Proof::tls, "old.example"}, false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.p237);
        CAPTURE(row.strict);
        Site site;
        const std::string old = "https://old.example/gs";
        site.web.put(own_file_at(old),
                     by_tls(config("<P47>one</P47><P212>" + std::string(row.p212) +
                                   "</P212><P237>" + std::string(row.p237) + "</P237>")));
        // The old server is the maker's: a server that a configuration names comes before it.
        PhoneOptions options = options_with(
            {{Setting::order, "static"}, {Setting::trust_pin, std::string(row.strict)}});
        options.file_settings = {{Setting::static_url, old}};
        site.web.put(own_file_at("https://new.example/gs"), by_tls(p47("two")));
        site.web.put(own_file_at("http://new.example/gs"), plain(p47("two")));
        Phone phone(site, options);
        phone.power_on();
        CHECK(phone.record().trust.pin == row.pin);
        phone.power_on();
        CHECK(value_of(phone, "P47") == (row.changes ? "two" : "one"));
        const bool moves = row.pin.proof != Proof::tls || row.pin.host != "old.example";
        CHECK(journal_says(site, "the pin moves from") == moves);
        CHECK(journal_says(site, "does not follow to new.example") == !moves);
    }
}

TEST_CASE("a redirect service moves the phone to a customer's server, which is pinned then") {
    Site site;
    PhoneOptions options = options_with({{Setting::order, "dhcp,static"}});
    options.file_settings = {{Setting::static_url, "https://redirect.example/gs"}};
    for (const char* name : {"/cfg000b82273b89", "/cfg000b82273b89.xml"}) {
        site.web.put("https://redirect.example/gs" + std::string(name),
                     {.status = 302,
                      .location = "https://customer.example/gs" + std::string(name),
                      .tls_verified = true});
    }
    site.web.put(own_file_at("https://customer.example/gs"), by_tls(p47("customer")));
    Phone phone(site, options);
    REQUIRE(phone.power_on().status == 0);
    CHECK(phone.record().trust.pin == Pin{Proof::tls, "customer.example"});
    name_by_dhcp(site, "https://customer.example/gs");
    site.web.put(own_file_at("https://customer.example/gs"), by_tls(p47("again")));
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "again");
}

TEST_CASE("no file resets the phone, installs firmware or reads a value") {
    for (const Way& way : ways) {
        CAPTURE(way.name);
        Site site;
        const std::string hostile = config(
            "<P47>one</P47><P192>evil.example/fw</P192><P6767>3</P6767>"
            "<P271>1</P271><reset>1</reset><factory_reset>1</factory_reset>");
        const Answer answer = way.tls         ? by_tls(hostile)
                              : way.encrypted ? encrypted(hostile)
                                              : plain(hostile);
        site.web.put(own_file_at(way.url), answer);
        if (way.named_by_dhcp) name_by_dhcp(site, way.url);
        PhoneOptions options = way.named_by_dhcp ? asks_dhcp() : asks_static(way.url);
        if (way.encrypted)
            options.settings.emplace_back(Setting::config_password, std::string(own_key));
        Phone phone(site, options);
        CHECK(phone.power_on().status == 0);
        CHECK(phone.reboots() == 1);
        CHECK(value_of(phone, "P47") == "one");
        CHECK(!journal_has(site, JournalKind::factory_reset));
        for (const StartTransfer& request : site.web.requests()) {
            CHECK(request.method == HttpMethod::get);
            CHECK(request.body.bytes.empty());
            CHECK(request.url.find("fw") == std::string::npos);
            CHECK(request.url.find("one") == std::string::npos);
        }
    }
}

// --- the operator --------------------------------------------------------------------------------

TEST_CASE("an operator lifts the pin: by a static server, by trust.pin=0, by a factory reset") {
    for (const char* what : {"static.url=http://new.example/gs", "trust.pin=0", ""}) {
        CAPTURE(what);
        Site site;
        const std::string secure = "https://old.example/gs";
        name_by_dhcp(site, secure);
        site.web.put(own_file_at(secure), by_tls(p47("one")));
        REQUIRE(Phone(site, asks_dhcp()).power_on().status == 0);
        PhoneOptions options = asks_dhcp();
        options.once = false;
        Phone phone(site, options);
        phone.power_on([&](sim::World& world, uint32_t reboots) {
            const bool resets = std::string_view(what).empty();
            if (reboots == 0)
                world.plan_command(5'000, resets ? CommandKind::factory_reset : CommandKind::set,
                                   what);
            if (resets && reboots > 0) site.web.set_down(true);
            world.plan_power_cut(40'000);
        });
        CHECK(phone.record().trust.pin.proof == Proof::none);
        site.web.set_down(false);
        name_by_dhcp(site, "http://new.example/gs");
        site.web.put(own_file_at("http://new.example/gs"), plain(p47("two")));
        CHECK(Phone(site, asks_dhcp()).power_on().status == 0);
        CHECK(value_of(phone, "P47") == "two");
    }
}

TEST_CASE("a file that was judged before an operator moved the pin is not applied after it") {
    uint32_t set = 0;
    for (uint64_t at_ms = 1; at_ms < 120; ++at_ms) {
        Site site;
        const std::string old = "https://old.example/gs";
        name_by_dhcp(site, old);
        site.web.put(own_file_at(old), by_tls(p47("one")));
        REQUIRE(Phone(site, asks_dhcp()).power_on().status == 0);
        site.web.put(own_file_at(old), by_tls(p47("two")));
        PhoneOptions options = asks_dhcp();
        options.once = false;
        Phone phone(site, options);
        phone.power_on([&](sim::World& world, uint32_t reboots) {
            if (reboots == 0)
                world.plan_command(at_ms, CommandKind::set, "static.url=https://new.example/gs");
            if (reboots == 0) world.plan_power_cut(30'000);
            if (reboots > 0) world.plan_power_cut(0);
        });
        if (phone.replies().empty() || !phone.replies().front().ok) continue;
        ++set;
        CAPTURE(at_ms);
        CHECK(phone.record().trust.pin == Pin{Proof::tls, "new.example"});
        if (value_of(phone, "P47") == "one") CHECK(phone.active().proof == Proof::tls);
    }
    CHECK(set > 10);
}

// --- what PnP and DHCP name ----------------------------------------------------------------------

namespace {

constexpr std::string_view good_server = "http://good.example/key";
constexpr std::string_view evil_server = "http://evil.example/x";
constexpr std::string_view evil_https = "https://evil.example/x";

PhoneOptions with_key(PhoneOptions options) {
    options.settings.emplace_back(Setting::config_password, std::string(own_key));
    return options;
}

}  // namespace

TEST_CASE("bad input: who hands on an encrypted file is never the pinned host, nor by TLS then") {
    for (const bool is_new : {true, false}) {
        CAPTURE(is_new);
        Site site;
        const std::string recorded = openssl_enc(own_key, p47("one"));
        site.web.put(own_file_at(good_server), {.body = recorded});
        if (!is_new) Phone(site, with_key(asks_static(good_server))).power_on();
        // First by plain http, then with a certificate for a name of his own.
        site.web.put(own_file_at(evil_server), {.body = recorded});
        name_by_dhcp(site, evil_server);
        Phone phone(site, with_key(asks_dhcp()));
        phone.power_on();
        CHECK(phone.record().trust.pin.proof == Proof::key);
        CHECK(phone.record().trust.pin.host == (is_new ? "" : "good.example"));
        site.web.put(own_file_at(evil_https), by_tls(p47("evil")));
        name_by_dhcp(site, evil_https);
        phone.power_on();
        CHECK(value_of(phone, "P47") == "one");
        CHECK(phone.record().trust.pin.proof == Proof::key);
        // The rightful server goes on.
        site.web.put(own_file_at(good_server), encrypted(p47("two")));
        Phone own(site, with_key(asks_static(good_server)));
        own.power_on();
        CHECK(value_of(own, "P47") == "two");
    }
}

TEST_CASE("bad input: what changes nothing keeps no pinned phone from its own server") {
    const std::string tls = "https://good.example/gs";
    for (const bool installed_bytes : {false, true}) {
        CAPTURE(installed_bytes);
        Site site;
        site.web.put(own_file_at(tls), by_tls(p47("one")));
        Phone(site, asks_static(tls)).power_on();
        site.web.put(own_file_at(evil_server), plain(installed_bytes ? p47("one") : config("")));
        name_by_dhcp(site, evil_server);
        site.web.put(own_file_at(tls), by_tls(p47("two")));
        PhoneOptions options = asks_static(tls);
        options.settings[0].second = "dhcp,static";
        Phone phone(site, options);
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "two");
        CHECK(journal_has(site, JournalKind::plan_repeated));
        // Where nobody else has anything, there is nothing wrong.
        site.web.put(own_file_at(evil_server), plain(p47("two")));
        Phone lured(site, asks_dhcp());
        CHECK(lured.power_on().status == 0);
    }
}

TEST_CASE("bad input: one who handed a file on cannot hold the phone by having nothing then") {
    Site site;
    site.web.put(own_file_at(good_server), encrypted(p47("one")));
    PhoneOptions options = with_key(asks_static(good_server));
    Phone(site, options).power_on();
    // He has what the server offers next, before the phone asks there.
    options.settings[0].second = "dhcp,static";
    site.web.put(own_file_at(evil_server), encrypted(p47("two")));
    name_by_dhcp(site, evil_server);
    Phone phone(site, options);
    phone.power_on();
    REQUIRE(value_of(phone, "P47") == "two");
    REQUIRE(phone.active().source.url == evil_server);
    site.web.put(own_file_at(evil_server), {.status = 404});
    site.web.put(own_file_at(good_server), encrypted(p47("three")));
    phone.power_on();
    CHECK(value_of(phone, "P47") == "three");
}

TEST_CASE("bad input: TLS of a server that PnP or DHCP names pins no phone that has a server") {
    Site site;
    site.web.put(own_file_at("http://good.example/gs"), plain(p47("one")));
    name_by_dhcp(site, "http://good.example/gs");
    Phone phone(site, asks_dhcp());
    phone.power_on();
    site.web.put(own_file_at(evil_https), by_tls(p47("evil")));
    name_by_dhcp(site, evil_https);
    phone.power_on();
    CHECK(phone.record().trust.pin.proof == Proof::none);
    // It may be changed, and comes back when the rogue is gone.
    name_by_dhcp(site, "http://good.example/gs");
    phone.power_on();
    CHECK(value_of(phone, "P47") == "one");
    // The site itself may move to TLS.
    site.web.put(own_file_at("https://good.example/gs"), by_tls(p47("two")));
    name_by_dhcp(site, "https://good.example/gs");
    phone.power_on();
    CHECK(phone.record().trust.pin == Pin{Proof::tls, "good.example"});
}

TEST_CASE("bad input: PnP and DHCP do not name a file that is called after another phone") {
    const std::string tls = "https://good.example/gs";
    for (const char* name : {"cfg000b82ffffff.xml", "000B82-FFFFFF.cfg", "00:0b:82:ff:ff:ff.txt"}) {
        CAPTURE(std::string(name));
        Site site;
        site.web.put(own_file_at(tls), by_tls(p47("one")));
        Phone(site, asks_static(tls)).power_on();
        site.web.put(tls + "/" + name, by_tls(p47("another phone's")));
        name_by_dhcp(site, tls + "/" + name);
        Phone phone(site, asks_dhcp());
        CHECK(phone.power_on().status == 4);
        CHECK(value_of(phone, "P47") == "one");
        CHECK(journal_says(site, "called after another phone"));
        // A person may.
        Phone told(site, asks_static(tls + "/" + name));
        told.power_on();
        CHECK(value_of(told, "P47") == "another phone's");
    }
}

TEST_CASE("the proof of what is installed is that of its weakest file, the pin that of its best") {
    Site site;
    site.web.put(own_file_at("https://good.example/gs"), by_tls(p47("one")));
    Answer moved;
    moved.status = 302;
    moved.location = "http://good.example/cfg.xml";
    site.web.put("https://good.example/gs/cfg000b82273b89", moved);
    site.web.put("http://good.example/cfg.xml", plain(config("<P35>plain</P35>")));
    Phone phone(site, asks_static("https://good.example/gs"));
    phone.power_on();
    REQUIRE(value_of(phone, "P35") == "plain");
    CHECK(phone.active().proof == Proof::none);
    CHECK(phone.record().trust.pin.proof == Proof::tls);
}

TEST_CASE("the second pass to a server that DHCP named says that it offers what is installed") {
    Site site;
    site.web.put(own_file_at(good_server), encrypted(p47("one")));
    name_by_dhcp(site, good_server);
    Phone phone(site, with_key(asks_dhcp()));
    CHECK(phone.power_on().status == 0);
    CHECK(journal_has(site, JournalKind::plan_unchanged));
    CHECK(!journal_has(site, JournalKind::plan_repeated));
    // Later starts ask on, and there is nothing wrong.
    CHECK(phone.power_on().status == 0);
    CHECK(journal_has(site, JournalKind::plan_repeated));
}
