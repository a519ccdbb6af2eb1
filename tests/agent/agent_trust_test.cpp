// SPDX-License-Identifier: Apache-2.0
//
// Who may what, with the whole agent against hostile servers: DESIGN's trust on a hostile network.
// docs/trust.md names, for each cell of agent/trust's table, the test here that holds it.
#include <doctest/doctest.h>

#include "sim/lab/file_signing.h"
#include "sim/lab/swarm/openssl_enc.h"
#include "sim/world/phone.h"

using namespace dialtone;
using namespace dialtone::sim;

namespace {

constexpr std::string_view own_key = "the operator's";
constexpr WallSeconds day_s = 86'400;

std::string config(std::string_view items) {
    return "<gs_provision version=\"1\"><config version=\"1\">" + std::string(items) +
           "</config></gs_provision>\n";
}

std::string p47(std::string_view value) {
    return config("<P47>" + std::string(value) + "</P47>");
}

// A signature counts for the phone that the file names.
std::string signed_p47(std::string_view value) {
    return "<gs_provision version=\"1\"><mac>000b82273b89</mac><config version=\"1\"><P47>" +
           std::string(value) + "</P47></config></gs_provision>\n";
}

std::string own_file_at(std::string_view folder) {
    return std::string(folder) + "/cfg000b82273b89.xml";
}

Answer plain(std::string body) {
    return {.body = std::move(body)};
}

Answer encrypted(std::string_view body, std::string_view key = own_key) {
    return {.body = openssl_enc(key, body)};
}

Answer by_tls(std::string body) {
    return {.body = std::move(body), .tls_verified = true};
}

std::string value_of(const Phone& phone, std::string_view key) {
    const Generation active = phone.active();
    const Item* item = active.find(key);
    return item ? item->value : "";
}

PhoneOptions options_with(std::vector<std::pair<Setting, std::string>> settings) {
    PhoneOptions options;
    options.settings = std::move(settings);
    options.settings.emplace_back(Setting::splay, "0");
    return options;
}

PhoneOptions asks_static(std::string_view url) {
    return options_with({{Setting::order, "static"}, {Setting::static_url, std::string(url)}});
}

PhoneOptions asks_dhcp() {
    return options_with({{Setting::order, "dhcp"}});
}

void name_by_dhcp(Site& site, std::string_view url) {
    site.dhcp.clear();
    site.dhcp.emplace_back();
    site.dhcp.back().put(66, std::string(url));
}

bool journal_says(const Site& site, std::string_view words) {
    return std::ranges::any_of(site.journal, [words](const std::string& line) {
        return line.find(words) != std::string::npos;
    });
}

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
        CHECK(journal_has(site, JournalKind::trust_moves) == moves);
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

// --- user and password ---------------------------------------------------------------------------

namespace {

Answer locked(std::string body, Challenge challenge = Challenge::basic) {
    Answer answer = plain(std::move(body));
    answer.user = "phone";
    answer.password = "secret";
    answer.challenge = challenge;
    return answer;
}

// Whether any request to `host` brought the password in whole, or may have brought a digest answer.
AuthPolicy most_given(const Site& site, std::string_view host) {
    AuthPolicy most = AuthPolicy::none;
    for (const StartTransfer& request : site.web.requests()) {
        if (request.url.find(host) == std::string::npos || request.password.empty()) continue;
        if (request.auth == AuthPolicy::digest_only) {
            if (most == AuthPolicy::none) most = AuthPolicy::digest_only;
        } else {
            most = request.auth;
        }
    }
    return most;
}

}  // namespace

TEST_CASE("user and password that a file set go to its server and no other that DHCP names") {
    for (const char* foreign :
         {"http://evil.example/gs", "https://evil.example/gs", "ftp://evil.example/gs"}) {
        for (const Challenge challenge : {Challenge::basic, Challenge::digest}) {
            CAPTURE(foreign);
            Site site;
            const std::string own = "https://pbx.example/gs";
            name_by_dhcp(site, own);
            const std::string body =
                config("<P47>one</P47><P1360>phone</P1360><P1361>secret</P1361>");
            site.web.put(own_file_at(own), by_tls(body));
            Phone phone(site, asks_dhcp());
            REQUIRE(phone.power_on().status == 0);
            Answer wanted = locked(p47("one"), challenge);
            wanted.tls_verified = true;
            site.web.put(own_file_at(foreign), wanted);
            name_by_dhcp(site, foreign);
            phone.power_on();
            const bool by_ftp = std::string_view(foreign).starts_with("ftp");
            CHECK(most_given(site, "evil.example") ==
                  (by_ftp ? AuthPolicy::none : AuthPolicy::digest_only));
            CHECK(value_of(phone, "P47") == "one");
            if (by_ftp || challenge == Challenge::basic)
                CHECK(journal_says(site, "provision.servers"));
            // The right server gets them at each boot, whoever names it.
            name_by_dhcp(site, own);
            Answer own_locked = locked(body);
            own_locked.tls_verified = true;
            site.web.put(own_file_at(own), own_locked);
            CHECK(phone.power_on().status == 0);
            CHECK(most_given(site, "pbx.example") == AuthPolicy::on_challenge);
        }
    }
}

TEST_CASE("bad input: who sets another user does not get the password of the server before him") {
    for (const char* more : {"<P1360>x</P1360>", "<P1360>x</P1360><P237>evil.example/gs</P237>"}) {
        Site site;
        const std::string own = "http://pbx.example/gs";
        name_by_dhcp(site, own);
        site.web.put(own_file_at(own), plain(config("<P1360>phone</P1360><P1361>secret</P1361>")));
        Phone phone(site, asks_dhcp());
        REQUIRE(phone.power_on().status == 0);
        const std::string foreign = "http://evil.example/gs";
        name_by_dhcp(site, foreign);
        site.web.put(own_file_at(foreign), plain(config(more)));
        REQUIRE(phone.power_on().status == 0);
        site.web.put(own_file_at(foreign), locked(p47("evil")));
        phone.power_on();
        Phone(site, options_with({{Setting::order, "static"}})).power_on();
        const AuthPolicy most = most_given(site, "evil.example");
        CHECK((most == AuthPolicy::none || most == AuthPolicy::digest_only));
    }
}

TEST_CASE("what a NOTIFY names gets no more of user and password than what DHCP names") {
    for (const bool handed_in : {false, true}) {
        CAPTURE(handed_in);
        Site site;
        const std::string own = "https://pbx.example/gs";
        site.web.put(own_file_at(own), by_tls(config("<P47>one</P47><P1360>phone</P1360>"
                                                     "<P1361>secret</P1361>")));
        REQUIRE(Phone(site, asks_static(own)).power_on().status == 0);
        const std::string foreign = "http://evil.example/gs";
        site.web.put(own_file_at(foreign), locked(p47("evil")));
        PhoneOptions options = options_with({{Setting::order, "pnp"}});
        options.once = !handed_in;
        if (!handed_in) site.pbx.add({{10, 0, 0, 66}, 4}, *find_pbx_kind("snom pnpserv"), foreign);
        Phone phone(site, options);
        phone.power_on([&](sim::World& world, uint32_t) {
            const std::string notify =
                "NOTIFY sip:phone SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9\r\n"
                "From: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: c\r\n"
                "CSeq: 1 NOTIFY\r\nEvent: ua-profile\r\n"
                "Content-Type: application/url\r\n\r\n" +
                foreign + "\r\n";
            if (handed_in) world.plan_command(30'000, CommandKind::notify, notify);
            world.plan_power_cut(200'000);
        });
        CHECK(most_given(site, "evil.example") == AuthPolicy::digest_only);
        CHECK(value_of(phone, "P47") == "one");
    }
}

TEST_CASE("what stands in the very URL that DHCP names goes to its host, Basic and FTP included") {
    for (const char* scheme : {"http", "https", "ftp"}) {
        CAPTURE(scheme);
        Site site;
        const std::string host = "://pbx.example/gs";
        name_by_dhcp(site, std::string(scheme) + "://phone:secret@pbx.example/gs");
        Answer answer = locked(p47("one"));
        answer.tls_verified = scheme == std::string_view("https");
        site.web.put(own_file_at(scheme + host), answer);
        Phone phone(site, asks_dhcp());
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "one");
    }
}

TEST_CASE("provision.servers and a static server of the same hand are given user and password") {
    struct Row {
        Setting setting;
        std::string_view value;
        bool whole;
    };
    const Row rows[] = {
        {Setting::provision_servers, "other.example, PBX.example", true},
        {Setting::provision_servers, "other.example", false},
        {Setting::static_url, "http://pbx.example/elsewhere", true},
        {Setting::static_url, "https://pbx.example/elsewhere", false},
        {Setting::static_url, "http://other.example/gs", false},
    };
    for (const Row& row : rows) {
        CAPTURE(row.value);
        Site site;
        name_by_dhcp(site, "http://pbx.example/gs");
        site.web.put(own_file_at("http://pbx.example/gs"), locked(p47("one")));
        PhoneOptions options = asks_dhcp();
        options.settings.emplace_back(row.setting, row.value);
        options.settings.emplace_back(Setting::provision_user, "phone");
        options.settings.emplace_back(Setting::provision_password, "secret");
        Phone phone(site, options);
        phone.power_on();
        CHECK((value_of(phone, "P47") == "one") == row.whole);
        CHECK(most_given(site, "pbx.example") ==
              (row.whole ? AuthPolicy::on_challenge : AuthPolicy::digest_only));
    }
}

TEST_CASE("a file that names another server takes the operator's user and password nowhere") {
    Site site;
    const std::string open = "http://old.example/gs";
    site.web.put(own_file_at(open), plain(config("<P47>one</P47><P237>evil.example/gs</P237>")));
    site.web.put(own_file_at("http://evil.example/gs"), locked(p47("evil")));
    PhoneOptions options = options_with({{Setting::order, "static"}});
    options.file_settings = {{Setting::static_url, open},
                             {Setting::provision_user, "phone"},
                             {Setting::provision_password, "secret"}};
    Phone phone(site, options);
    phone.power_on();
    phone.power_on();
    CHECK(most_given(site, "evil.example") == AuthPolicy::digest_only);
    CHECK(value_of(phone, "P47") == "one");
}

TEST_CASE("a site that changes its name takes the user and password along that it has set") {
    Site site;
    const std::string old = "http://old.example/gs";
    const std::string moved = "http://new.example/gs";
    site.web.put(own_file_at(old),
                 plain(config("<P47>one</P47><P237>new.example/gs</P237><P1360>phone</P1360>"
                              "<P1361>secret</P1361>")));
    site.web.put(own_file_at(moved), locked(p47("two")));
    PhoneOptions options = options_with({{Setting::order, "static"}});
    options.file_settings = {{Setting::static_url, old}};
    Phone phone(site, options);
    phone.power_on();
    phone.power_on();
    CHECK(value_of(phone, "P47") == "two");
}

TEST_CASE("a server that a file by TFTP names gets the user and password that it set") {
    Site site;
    const std::string own = "http://pbx.example/gs";
    site.names["boot.example"] = {{{10, 0, 0, 9}, 4}};
    site.tftp.put("cfg000b82273b89.xml",
                  config("<P47>one</P47><P237>pbx.example/gs</P237><P1360>phone</P1360>"
                         "<P1361>secret</P1361>"));
    site.web.put(own_file_at(own), locked(p47("two")));
    PhoneOptions options = options_with({{Setting::order, "static"}});
    options.file_settings = {{Setting::static_url, "tftp://boot.example/"}};
    Phone phone(site, options);
    phone.power_on();
    CHECK(phone.record().trust.pin.host == "pbx.example");
    phone.power_on();
    CHECK(value_of(phone, "P47") == "two");
}

TEST_CASE("a rogue's user and password do not lock the phone out of a server of its settings") {
    const std::string own = "http://pbx.example/gs";
    const std::string rogue = "http://10.6.6.6/evil";
    for (const std::string_view set : {"<P1360>mallory</P1360><P1361>his</P1361>",
                                       "<P1360>mallory</P1360>", "<P1361>his</P1361>"}) {
        CAPTURE(set);
        Site site;
        name_by_dhcp(site, rogue);
        site.web.put(own_file_at(rogue), plain(config("<P47>evil</P47>" + std::string(set))));
        site.web.put(own_file_at(own), locked(p47("own")));
        PhoneOptions options = asks_dhcp();
        options.file_settings = {{Setting::provision_user, "phone"},
                                 {Setting::provision_password, "secret"},
                                 {Setting::provision_servers, "pbx.example"}};
        Phone phone(site, options);
        phone.power_on();
        REQUIRE(value_of(phone, "P47") == "evil");
        site.web.remove(own_file_at(rogue));
        name_by_dhcp(site, own);
        phone.power_on();
        CHECK(value_of(phone, "P47") == "own");
    }
}

TEST_CASE("a restart that is counted keeps the pin and the servers of the password") {
    Site site;
    const std::string own = "https://good.example/gs";
    name_by_dhcp(site, own);
    site.web.put(own_file_at(own),
                 by_tls(config("<P1360>phone</P1360><P1361>secret</P1361><P47>one</P47>")));
    PhoneOptions options = asks_dhcp();
    options.once = false;
    Phone phone(site, options);
    uint32_t lives = 0;
    phone.power_on([&lives](sim::World& world, uint32_t) {
        if (++lives == 2)
            world.plan_command(400'000, CommandKind::notify,
                               "NOTIFY sip:10.0.0.2:5060 SIP/2.0\r\n"
                               "Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bK1\r\n"
                               "From: <sip:10.0.0.9>;tag=1\r\nTo: <sip:10.0.0.2>\r\n"
                               "Call-ID: 1@10.0.0.9\r\nCSeq: 1 NOTIFY\r\n"
                               "Event: check-sync;reboot=true\r\nContent-Length: 0\r\n\r\n");
        world.plan_command(900'000, CommandKind::stop);
    });
    CHECK(lives == 3);
    CHECK(phone.record().notify_reboots.left == limits::notify_reboots - 1);
    CHECK(phone.record().trust.pin.host == "good.example");
    CHECK(phone.record().trust.pin.proof == Proof::tls);
    CHECK(phone.record().trust.credential_servers ==
          std::vector<ServerName>{{"good.example", true}});
}

TEST_CASE("a password that rotates goes to the server that set the one before") {
    Site site;
    const std::string own = "http://pbx.example/gs";
    name_by_dhcp(site, own);
    site.web.put(own_file_at(own),
                 plain(config("<P1360>phone</P1360><P1361>secret</P1361><P47>one</P47>")));
    Phone phone(site, asks_dhcp());
    REQUIRE(phone.power_on().status == 0);
    site.web.put(own_file_at(own),
                 locked(config("<P1360>phone</P1360><P1361>newer</P1361><P47>two</P47>")));
    // The second pass asks with the new one already, and is turned away until the server follows.
    phone.power_on();
    CHECK(value_of(phone, "P47") == "two");
    Answer newer = locked(p47("three"));
    newer.password = "newer";
    site.web.put(own_file_at(own), newer);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "three");
}

TEST_CASE("what an operator sets at a prompt is meant for the server that asked") {
    Site site;
    name_by_dhcp(site, "http://pbx.example/gs");
    site.web.put(own_file_at("http://pbx.example/gs"), locked(p47("one")));
    PhoneOptions options = asks_dhcp();
    options.once = false;
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t) {
        world.plan_command(10'000, CommandKind::set,
                           "provision.user=phone\nprovision.password=secret");
        world.plan_power_cut(60'000);
    });
    CHECK(value_of(phone, "P47") == "one");
    const std::vector<ServerName> asked = {{"pbx.example", false}};
    CHECK(phone.record().trust.credential_servers == asked);
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

// --- the clock -----------------------------------------------------------------------------------

namespace {

constexpr WallSeconds build_s = 1'700'000'000;  // PhoneOptions
constexpr WallSeconds year_2090_s = 3'786'912'000;

const std::string tls_server = "https://pbx.example/gs";

// A server with a certificate of the days 100 to 500 after the build.
void put_dated(Site& site, std::string date = {}) {
    WebServer server;
    server.certificate = {.names = {"pbx.example"},
                          .authority = {},
                          .from_s = build_s + 100 * day_s,
                          .until_s = build_s + 500 * day_s};
    site.web.put_server("https://pbx.example", server);
    Answer answer = plain(p47("one"));
    answer.date = std::move(date);
    site.web.put(own_file_at(tls_server), answer);
}

}  // namespace

TEST_CASE("a hardware clock or a time server of 2090 is not believed, and moves no floor") {
    for (const bool by_sntp : {false, true}) {
        CAPTURE(by_sntp);
        Site site;
        put_dated(site);
        site.hardware_wall_s = by_sntp ? 0 : year_2090_s;
        site.ntp_wall_s = by_sntp ? year_2090_s : 0;
        site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
        PhoneOptions options = asks_static(tls_server);
        options.settings.emplace_back(Setting::clock_sntp, "pool.example");
        Phone phone(site, options);
        CHECK(phone.power_on().status == 0);
        CHECK(value_of(phone, "P47") == "one");
        CHECK(journal_says(site, "more than 20 years after"));
        CHECK(phone.record().trust.floor_s == build_s + 100 * day_s);
    }
}

TEST_CASE("a time server that is years ahead keeps the phone from its server until it is gone") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = 0;
    site.ntp_wall_s = build_s + 2'000 * day_s;
    site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
    PhoneOptions options = asks_static(tls_server);
    options.settings.emplace_back(Setting::clock_sntp, "pool.example");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 4);
    CHECK(journal_has(site, JournalKind::clock_doubted));
    CHECK(phone.record().trust.floor_s < build_s + 2'000 * day_s);
    site.ntp_wall_s = build_s + 200 * day_s;
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "one");
}

TEST_CASE("a clock that a certificate contradicts is asked for anew, and the pass goes on") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = build_s + 2'000 * day_s;
    site.ntp_wall_s = build_s + 200 * day_s;
    site.names["pool.example"] = {Address{{10, 0, 0, 3}, 4}};
    PhoneOptions options = asks_static(tls_server);
    options.settings.emplace_back(Setting::clock_sntp, "pool.example");
    Phone phone(site, options);
    CHECK(phone.power_on().status == 0);
    CHECK(value_of(phone, "P47") == "one");
    CHECK(journal_has(site, JournalKind::clock_doubted));
}

TEST_CASE("a phone without a clock takes a certificate of its future, and learns the time by it") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = 0;
    Phone phone(site, asks_static(tls_server));
    CHECK(phone.power_on().status == 0);
    CHECK(phone.record().trust.floor_s == build_s + 100 * day_s);
    CHECK(last_entry(site, JournalKind::finished).wall_s >= build_s + 100 * day_s);
}

TEST_CASE("the date of a static or pinned server counts within its certificate's time") {
    struct Row {
        const char* date;
        WallSeconds floor_s;
    };
    // 1'718'000'000 is Mon, 10 Jun 2024 06:13:20 GMT, 208 days after the build.
    const Row rows[] = {
        {"Mon, 10 Jun 2024 06:13:20 GMT", 1'718'000'000},
        {"Fri, 01 Jan 2090 00:00:00 GMT", build_s + 100 * day_s},
        {"Sat, 01 Jan 2000 00:00:00 GMT", build_s + 100 * day_s},
        {"soon", build_s + 100 * day_s},
    };
    for (const Row& row : rows) {
        CAPTURE(row.date);
        Site site;
        put_dated(site, row.date);
        site.hardware_wall_s = 0;
        Phone phone(site, asks_static(tls_server));
        CHECK(phone.power_on().status == 0);
        CHECK(phone.record().trust.floor_s == row.floor_s);
    }
}

TEST_CASE("the date of a server that DHCP named counts only once it is the pinned one") {
    Site site;
    put_dated(site, "Mon, 10 Jun 2024 06:13:20 GMT");
    site.hardware_wall_s = 0;
    name_by_dhcp(site, tls_server);
    PhoneOptions options = asks_dhcp();
    options.once = false;
    Phone phone(site, options);
    // Its second pass, after the reboot, found it pinned.
    phone.power_on([](sim::World& world, uint32_t) { world.plan_power_cut(60'000); });
    CHECK(phone.record().trust.floor_s == 1'718'000'000);
    Site other;
    put_dated(other, "Mon, 10 Jun 2024 06:13:20 GMT");
    other.hardware_wall_s = 0;
    name_by_dhcp(other, tls_server);
    other.web.put(own_file_at(tls_server), {.status = 404, .tls_verified = true});
    CHECK(Phone(other, asks_dhcp()).power_on().status != 0);
    CHECK(Phone(other, asks_dhcp()).record().trust.floor_s < 1'718'000'000);
}

TEST_CASE("a factory reset takes the floor back to the build") {
    Site site;
    put_dated(site);
    site.hardware_wall_s = 0;
    PhoneOptions options = asks_static(tls_server);
    REQUIRE(Phone(site, options).power_on().status == 0);
    options.once = false;
    Phone phone(site, options);
    phone.power_on([&](sim::World& world, uint32_t reboots) {
        if (reboots == 0) world.plan_command(5'000, CommandKind::factory_reset);
        if (reboots > 0) site.web.set_down(true);
        world.plan_power_cut(30'000);
    });
    CHECK(phone.record().active == 0);
    CHECK(phone.record().trust.floor_s <= build_s);
}
