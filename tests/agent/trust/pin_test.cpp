// SPDX-License-Identifier: Apache-2.0
#include "agent/trust/pin.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace dialtone;

namespace {

const ServerName good = {"good.example", true};
const ServerName good_plain = {"good.example", false};
const ServerName evil = {"evil.example", true};
const ServerName evil_plain = {"evil.example", false};
const ServerName other = {"other.example", true};
const ServerName other_plain = {"other.example", false};

Delivery by_tls(const ServerName& server, SourceKind named_by) {
    return {named_by, server, true, Proof::none};
}

Delivery plain(Proof content, SourceKind named_by = SourceKind::static_server) {
    return {named_by, good_plain, false, content};
}

constexpr SourceKind all_sources[] = {
    SourceKind::none, SourceKind::pnp,       SourceKind::dhcp,   SourceKind::static_server,
    SourceKind::acs,  SourceKind::operator_, SourceKind::handset};

}  // namespace

TEST_CASE(
    "verified TLS proves a file, but of a pinned phone not from a foreign host that PnP or "
    "DHCP named") {
    for (const SourceKind source : all_sources) {
        for (const Pin& pin : {Pin{}, Pin{Proof::none, good.host}, Pin{Proof::key, good.host},
                               Pin{Proof::tls, good.host}}) {
            const bool by_anyone = source == SourceKind::pnp || source == SourceKind::dhcp;
            const bool counts = !by_anyone || pin.is_new();
            CAPTURE(source_name(source));
            CHECK(proof_of(by_tls(good, source), pin) == Proof::tls);
            CHECK(proof_of(by_tls(evil, source), pin) == (counts ? Proof::tls : Proof::none));
            Delivery encrypted = by_tls(evil, source);
            encrypted.content = Proof::key;
            CHECK(proof_of(encrypted, pin) == (counts ? Proof::tls : Proof::key));
            CHECK(proof_of({source, good, false, Proof::none}, pin) == Proof::none);
            CHECK(proof_of({source, good, false, Proof::key}, pin) == Proof::key);
        }
        // Nobody knows by whom a key or a signature came first.
        const bool by_anyone = is_named_by_anyone(source);
        CHECK(proof_of(by_tls(evil, source), {Proof::key, ""}) ==
              (by_anyone ? Proof::none : Proof::tls));
    }
}

TEST_CASE("the pin rises to the proof of what is installed, and never falls by a weaker one") {
    for (const Proof before : {Proof::none, Proof::key, Proof::tls}) {
        const Pin pin{before, "old.example"};
        Delivery plain_file = plain(Proof::none);
        Delivery key_file = plain(Proof::key);
        plain_file.named_by = key_file.named_by = SourceKind::static_server;
        const Pin after_plain = pin_after(pin, plain_file);
        CHECK(after_plain.proof == before);
        CHECK((after_plain.host == good.host) == (before == Proof::none));
        const Pin after_key = pin_after(pin, key_file);
        CHECK(after_key.proof == std::max(before, Proof::key));
        CHECK((after_key.host == good.host) == (before <= Proof::key));
        const Pin after_tls = pin_after(pin, by_tls(good, SourceKind::static_server));
        CHECK(after_tls.proof == Proof::tls);
        CHECK(after_tls.host == good.host);
    }
}

TEST_CASE("who hands on what a key or a signature proves is not the pinned host for it") {
    for (const Proof content : {Proof::key, Proof::signed_}) {
        for (const SourceKind source : {SourceKind::pnp, SourceKind::dhcp}) {
            const Delivery by_http{source, evil_plain, false, content};
            const Delivery by_https{source, evil, true, content};
            CHECK(pin_after({}, by_http) == Pin{content, ""});
            CHECK(pin_after({content, ""}, by_https) == Pin{content, ""});
            CHECK(pin_after({content, good.host}, by_http) == Pin{content, good.host});
            CHECK(is_relayed(by_http, {}));
            CHECK(is_relayed(by_https, {}));
            CHECK(pin_after({}, by_https) == Pin{Proof::tls > content ? Proof::tls : content,
                                                 evil.host});  // the first that a new phone meets
            CHECK(!is_relayed(by_https, {Proof::tls, evil.host}));
            CHECK(is_relayed(by_https, {content, ""}));
            CHECK(!is_relayed({SourceKind::static_server, evil, false, content}, {}));
        }
    }
    CHECK(!is_relayed({SourceKind::pnp, evil_plain, false, Proof::none}, {}));
}

TEST_CASE("a server that PnP or DHCP names does not become the host of a plain phone's first one") {
    const Pin first{Proof::none, good.host};
    CHECK(pin_after(first, {SourceKind::pnp, evil_plain, false, Proof::none}) == first);
    CHECK(pin_after(first, by_tls(evil, SourceKind::pnp)) == first);
    CHECK(pin_after(first, by_tls(good, SourceKind::pnp)) == Pin{Proof::tls, good.host});
}

TEST_CASE("on a pinned phone PnP and DHCP name its own server only as the pinned host by TLS") {
    const Pin pin{Proof::tls, good.host};
    CHECK(is_of_own_server(by_tls(good, SourceKind::pnp), pin));
    CHECK(!is_of_own_server(by_tls(evil, SourceKind::pnp), pin));
    CHECK(!is_of_own_server({SourceKind::dhcp, good_plain, false, Proof::signed_}, pin));
    CHECK(is_of_own_server({SourceKind::static_server, evil_plain, false, Proof::none}, pin));
    CHECK(is_of_own_server({SourceKind::pnp, evil_plain, false, Proof::none}, {}));
}

TEST_CASE("the pin is the host that delivered, wherever the URL led first") {
    CHECK(pin_after({}, by_tls(other, SourceKind::pnp)) == Pin{Proof::tls, other.host});
}

TEST_CASE("the pin moves to the server that the pinned one names") {
    struct Row {
        Proof before;
        ServerName named;
        bool strict;
        Pin after;
    };
    const Row rows[] = {
        {Proof::tls, other, false, {Proof::tls, other.host}},
        {Proof::tls, other, true, {Proof::tls, other.host}},
        {Proof::tls, other_plain, false, {Proof::none, other.host}},
        {Proof::tls, other_plain, true, {Proof::tls, good.host}},
        {Proof::tls, good_plain, false, {Proof::none, good.host}},
        // A key is the file's, whichever server has it.
        {Proof::key, other_plain, false, {Proof::key, other.host}},
        {Proof::key, other_plain, true, {Proof::key, other.host}},
        {Proof::none, other_plain, true, {Proof::none, other.host}},
        {Proof::none, other, false, {Proof::none, other.host}},
    };
    for (const Row& row : rows) {
        const Pin before{row.before, good.host};
        CAPTURE(row.named.host);
        CAPTURE(row.strict);
        CHECK(pin_moved(before, row.named, row.strict) == row.after);
    }
}

TEST_CASE("a signature is the file's, whoever delivers it and whatever server it names") {
    const Pin pin{Proof::signed_, good.host};
    Delivery by_anyone{SourceKind::dhcp, evil, false, Proof::signed_};
    CHECK(proof_of(by_anyone, pin) == Proof::signed_);
    CHECK(proof_of(by_tls(good, SourceKind::dhcp), pin) == Proof::tls);
    CHECK(pin_moved(pin, other_plain, true) == Pin{Proof::signed_, other.host});
    CHECK(pin_after(pin, by_tls(evil, SourceKind::static_server)) == pin);
}

TEST_CASE("an operator who names a server moves the pin, and one who names none lifts it") {
    const Pin pin{Proof::tls, good.host};
    CHECK(pin_named_by_operator(pin, other) == Pin{Proof::tls, other.host});
    CHECK(pin_named_by_operator(pin, other_plain) == Pin{Proof::none, other.host});
    CHECK(pin_named_by_operator(pin, std::nullopt) == Pin{});
}

TEST_CASE("an administrator is told when the pin asks for less, or moves from a proven server") {
    const Pin tls{Proof::tls, good.host};
    CHECK(pin_change_words(tls, tls).empty());
    CHECK(pin_change_words({}, tls).empty());
    CHECK(pin_change_words({Proof::key, good.host}, {Proof::key, other.host}).empty());
    CHECK(pin_change_words(tls, {Proof::tls, other.host}) ==
          "the pin moves from good.example (tls) to other.example (tls)");
    CHECK(pin_change_words(tls, {}) == "the pin moves from good.example (tls) to no server (none)");
}
