// SPDX-License-Identifier: Apache-2.0
//
// Whom user and password go to: agent/pass/plan_trust.cpp, agent/trust/credentials.cpp.
#include <doctest/doctest.h>

#include "tests/agent/trust_phone.h"

using namespace dialtone;
using namespace dialtone::sim;
using namespace dialtone::test;

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

TEST_CASE("bad input: who hands on an encrypted file does not get the password that it sets") {
    for (const char* evil : {"http://evil.example/x", "https://evil.example/x"}) {
        for (const bool is_new : {true, false}) {
            CAPTURE(std::string(evil));
            CAPTURE(is_new);
            Site site;
            const std::string own = "http://pbx.example/gs";
            const auto with = [](std::string_view value) {
                return openssl_enc(own_key, config("<P47>" + std::string(value) +
                                                   "</P47><P1360>phone</P1360>"
                                                   "<P1361>secret</P1361>"));
            };
            PhoneOptions options = options_with({{Setting::order, "dhcp,static"},
                                                 {Setting::config_password, std::string(own_key)}});
            options.file_settings = {{Setting::static_url, own}};
            site.web.put(own_file_at(own), {.body = with("one")});
            if (!is_new) Phone(site, options).power_on();
            // The next one reaches the phone by him first.
            Answer handed_on{.body = with("two")};
            handed_on.tls_verified = std::string_view(evil).starts_with("https");
            site.web.put(own_file_at(evil), handed_on);
            name_by_dhcp(site, evil);
            Phone phone(site, options);
            phone.power_on();
            REQUIRE(value_of(phone, "P47") == "two");
            Answer prompt = locked(p47("evil"));
            prompt.tls_verified = handed_on.tls_verified;
            site.web.put(own_file_at(evil), prompt);
            phone.power_on();
            phone.power_on();
            CHECK(most_given(site, "evil.example") != AuthPolicy::on_challenge);
            // The site's own server may ask for them.
            site.web.put(own_file_at(own), locked(p47("three")));
            site.dhcp.clear();
            if (!is_new) {
                site.web.forget_requests();
                phone.power_on();
                CHECK(most_given(site, "pbx.example") == AuthPolicy::on_challenge);
            }
        }
    }
}

TEST_CASE("bad input: with trust.pin=strict the password follows no further than the pin") {
    for (const bool strict : {true, false}) {
        CAPTURE(strict);
        Site site;
        const std::string own = "https://pbx.example/gs";
        site.web.put(own_file_at(own),
                     by_tls(config("<P47>one</P47><P1360>phone</P1360><P1361>secret</P1361>"
                                   "<P212>1</P212><P237>other.example/gs</P237>")));
        PhoneOptions options = options_with({{Setting::order, "static"}});
        if (strict) options.settings.emplace_back(Setting::trust_pin, "strict");
        options.file_settings = {{Setting::static_url, own}};
        site.web.put(own_file_at("http://other.example/gs"), locked(p47("two")));
        Phone phone(site, options);
        phone.power_on();
        phone.power_on();
        CHECK((most_given(site, "other.example") == AuthPolicy::on_challenge) == !strict);
    }
}

TEST_CASE("bad input: provision.servers gives a host that TLS is known of nothing without TLS") {
    for (const char* listed : {"pbx.example", "https://pbx.example", "http://pbx.example"}) {
        CAPTURE(std::string(listed));
        Site site;
        PhoneOptions options = options_with({{Setting::order, "dhcp,static"},
                                             {Setting::provision_servers, listed},
                                             {Setting::provision_user, "phone"},
                                             {Setting::provision_password, "secret"}});
        options.file_settings = {{Setting::static_url, "https://pbx.example/gs"}};
        site.web.put(own_file_at("http://pbx.example/x"), locked(p47("evil")));
        name_by_dhcp(site, "http://pbx.example/x");
        Phone phone(site, options);
        phone.power_on();
        const bool by_any_scheme = std::string_view(listed).starts_with("http:");
        CHECK((most_given(site, "pbx.example/x") == AuthPolicy::on_challenge) == by_any_scheme);
    }
}

TEST_CASE("bad input: of two servers that ask an operator has to say whose the password is") {
    Site site;
    name_by_dhcp(site, "http://pbx.example/gs");
    site.web.put(own_file_at("http://pbx.example/gs"), locked(p47("one")));
    site.web.put(own_file_at("http://evil.example/gs"), locked(p47("evil")));
    PhoneOptions options = asks_dhcp();
    options.settings[0].second = "dhcp,static";
    options.settings.emplace_back(Setting::static_url, "http://evil.example/gs");
    options.once = false;
    Phone phone(site, options);
    phone.power_on([](sim::World& world, uint32_t reboots) {
        const std::string both = "provision.user=phone\nprovision.password=secret";
        if (reboots == 0) {
            world.plan_command(30'000, CommandKind::set, both);
            world.plan_command(31'000, CommandKind::set, both + "\nprovision.servers=pbx.example");
        }
        world.plan_power_cut(120'000);
    });
    CHECK(journal_says(site, "set provision.servers=HOST as well"));
    CHECK(value_of(phone, "P47") == "one");
    CHECK(most_given(site, "evil.example") != AuthPolicy::on_challenge);
}
