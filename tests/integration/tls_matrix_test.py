# SPDX-License-Identifier: Apache-2.0
"""TLS with servers as they are: kinds of keys, versions, signatures, programs, chains and names.
What OpenSSL's client takes with its defaults the phone takes too, or it says the true reason; what
OpenSSL refuses the phone refuses, with the reason in the journal.

Pairs of values are tried, all of them; DIALTONE_TLS_MATRIX=all tries the whole product, which takes
most of an hour."""

import itertools
import os
import pathlib
import tempfile
import threading

from kit.certificates import Authority, Keys, names, write_chain
from kit.configuration import config_file
from kit.needs import private_system, programs
from kit.pairwise import pairs_of, pairwise, product
from kit.processes import ask
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest
from kit.tls_servers import (PAGE, TLS_SERVERS, HelloServer, NginxTls, OpensslServer,
                             RenegotiatingServer, alert, lighttpd_with_gnutls, old_hello)

NEEDS = (programs("nginx", "openssl", "lighttpd"), lighttpd_with_gnutls, private_system)
WORKERS = SIDE_BY_SIDE
LONG_AGO, PAST = "20200101000000Z", "20210101000000Z"
CONTENT = config_file({"P47": "one.example"})
ports = itertools.count(4000)

# --- who signs whom -------------------------------------------------------------------------------

# The keys of the server, of the authority that signs it, of the next one and of the trusted one.
KEYS = {kind: (kind,) * 4 for kind in ("RSA-2048", "RSA-3072", "RSA-4096", "P-256", "P-384")}
KEYS["mixed"] = ("P-256", "P-384", "RSA-4096", "RSA-4096")

UNKNOWN = "signed by an unknown authority"
OTHER_NAME = "certificate is for another name than "
TOO_LARGE = "the server's certificates are larger than 16 KB together"

# Names of the chains, and the words with which a phone refuses one; none: it has to take it.
CHAINS = {"ordered": "", "reversed": "", "with_root": "", "doubled": "", "missing": UNKNOWN,
          "surplus": "", "oversized": TOO_LARGE, "cross": "", "stale": "",
          "rollover": ""}

HOST = "pbx.lab.localhost"
# The host that is asked for, the subject, the subjectAltName, and whether it fits.
NAMES = {"exact": (HOST, "other", f"DNS:PBX.lab.localhost,DNS:{HOST}x", True),
         "cn_only": (HOST, HOST, "", True),
         "email_only": (HOST, HOST, "email:admin@lab.localhost", True),
         "ip": ("127.0.0.1", "other", "DNS:other,IP:127.0.0.1", True),
         "wildcard": (HOST, "other", "DNS:*.lab.localhost", True),
         "idn": ("xn--bro-hoa.lab.localhost", "Büro", "DNS:xn--bro-hoa.lab.localhost", True),
         "wrong": (HOST, "other", "DNS:other.lab.localhost", False),
         "deep": (f"a.{HOST}", "other", "DNS:*.lab.localhost", False),
         "hidden": (HOST, HOST, "DNS:other.lab.localhost", False)}
FACTORS = {"key": list(KEYS), "version": ["TLSv1.2", "TLSv1.3"], "signature": ["PKCS1", "PSS"],
           "server": list(TLS_SERVERS), "chain": list(CHAINS), "name": list(NAMES)}


def is_possible(case):
    """A key on a curve has one kind of signature, and GnuTLS shows of certificates that do not
    belong to the server's, or stand for the same authority, one or none."""
    return (case["signature"] == "PKCS1" or "RSA" in KEYS[case["key"]][-1]) and \
        not (case["server"] == "lighttpd" and case["chain"] in ("oversized", "stale"))


class Once:
    """Things that are made when first asked for, by whoever asks first."""

    def __init__(self):
        self.lock, self.locks, self.things = threading.Lock(), {}, {}

    def get(self, name, make):
        with self.lock:
            mine = self.locks.setdefault(name, threading.Lock())
        with mine:
            if name not in self.things:
                self.things[name] = make()
            return self.things[name]


class Site:
    """The authorities of one (kind of keys, kind of signature), and what servers get from them."""

    def __init__(self, folder, keys, kinds, is_pss):
        self.folder, self.made = folder, Once()
        self.key, low, high, root = (
            keys.file(kind, use) for kind, use in zip(kinds, ("server", "low", "high", "root")))
        more = {"is_pss": is_pss and "RSA" in kinds[3]}
        self.root = Authority(folder, "root", key=root, **more)
        more = {"is_pss": is_pss and "RSA" in kinds[2]}
        self.high = Authority(folder, "high", self.root, key=high, **more)
        more = {"is_pss": is_pss and "RSA" in kinds[1]}
        self.low = Authority(folder, "low", self.high, key=low, **more)

    def leaf(self, name):
        _, subject, alternative, _ = NAMES[name]
        extensions = "subjectAltName=" + alternative if alternative else "basicConstraints=CA:false"
        return self.made.get(name, lambda: self.low.issue(subject, extensions, key=self.key)[0])

    def stale_low(self):
        """The low authority's certificate of before, which has expired."""
        return self.made.get("stale", lambda: self.high.issue(
            "low", "basicConstraints=critical,CA:true", LONG_AGO, PAST, key=self.low.key)[0])

    def other_low(self):
        """The low authority's certificate for the key it had before."""
        return self.made.get("other", lambda: self.high.issue(
            "low", "basicConstraints=critical,CA:true", key=self.key)[0])

    def cross(self):
        """The root, signed by an older one, which has expired with its signature."""
        def make():
            old = Authority(self.folder, "old", key=self.low.key, end=PAST)
            return old.issue("root", "basicConstraints=critical,CA:true", LONG_AGO, PAST,
                             key=self.root.key)[0]
        return self.made.get("cross", make)

    def stranger(self, size):
        """A certificate of somewhat more than so many bytes that has nothing to do with anything.
        """
        return self.made.get(size, lambda: self.low.issue(
            f"stranger {size}", "nsComment=" + "x" * size, key=self.low.key)[0])

    def chain(self, kind, name):
        """(file, key file)"""
        leaf, low, high = self.leaf(name), self.low.certificate, self.high.certificate
        certificates = {
            "ordered": lambda: [leaf, low, high],
            "reversed": lambda: [leaf, high, low],
            "with_root": lambda: [leaf, low, high, self.root.certificate],
            "doubled": lambda: [leaf, low, leaf, low, high, high],
            "missing": lambda: [leaf, high],
            "surplus": lambda: [leaf, self.stranger(2000), low, self.stranger(2001), high],
            "oversized": lambda: [leaf, low, high, *map(self.stranger, range(9000, 9006))],
            "cross": lambda: [leaf, low, high, self.cross()],
            "stale": lambda: [leaf, self.stale_low(), low, high],
            "rollover": lambda: [leaf, self.other_low(), low, high]}[kind]()
        path = self.folder / f"{kind}-{name}.pem"
        return self.made.get(path, lambda: write_chain(path, *certificates)), self.key


# --- the tests ------------------------------------------------------------------------------------


def prepare(stack):
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-tls-matrix-"))
    TlsServersTest.folder, TlsServersTest.made = pathlib.Path(folder), Once()
    TlsServersTest.keys = Keys(TlsServersTest.folder / "keys")


def refusal_of_openssl(port, host, authority):
    """What OpenSSL's client says to it, empty when it goes on."""
    kind = "-verify_ip" if host.replace(".", "").isdigit() else "-verify_hostname"
    asked = ask(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", host,
                 "-verify_return_error", kind, host, "-CAfile", authority, "-no-CApath",
                 "-no-CAstore", "-brief"])
    return "" if asked.returncode == 0 else asked.stderr or "it fails"


class TlsServersTest(PhoneTest):
    folder: pathlib.Path  # of the whole run
    keys: Keys
    made: Once

    def site_of(self, key, signature):
        name = f"{key}-{signature}"
        return self.made.get(name, lambda: Site(self.folder / name, self.keys, KEYS[key],
                                                signature == "PSS"))

    def tls_server(self, kind, certificate, version, **more):
        server = kind(self.scratch_folder(), next(ports), certificate, version, **more)
        server.put(PAGE, CONTENT)
        return self.keep(server.start())

    def refusal_of_phone(self, server, host, authority, *settings):
        """What the phone says to it, empty when it took the page."""
        url = f"https://{host}:{server.port}/{PAGE}"
        phone = self.new_phone(f"static.url={url}", f"tls.ca={authority}", *settings)
        life = phone.live()
        if life.status == 0:
            self.assertEqual(phone.config(), "P47=one.example\n")
            self.assertEqual(phone.status()["proof"], "tls")
            return ""
        self.check_end(life, 4)
        self.check_words(life, "request_failed", f":{server.port}/{PAGE}")
        return life.of_kind("request_failed")[0]["sentence"]

    def check_case(self, case):
        site = self.site_of(case["key"], case["signature"])
        host, *_, fits = NAMES[case["name"]]
        server = self.tls_server(TLS_SERVERS[case["server"]],
                                 site.chain(case["chain"], case["name"]), case["version"])
        wanted = {words for words in (CHAINS[case["chain"]], "" if fits else OTHER_NAME) if words}
        openssl = refusal_of_openssl(server.port, host, site.root.certificate)
        told = self.refusal_of_phone(server, host, site.root.certificate)
        seen = f"{case}\nOpenSSL: {openssl or 'takes it'}\nthe phone: {told or 'takes it'}"
        self.assertEqual(bool(openssl), bool(wanted - {TOO_LARGE}), seen)
        self.assertEqual(bool(told), bool(wanted), seen)
        self.assertTrue(not told or any(words in told for words in wanted), seen)


def rows(cases):
    for number, case in enumerate(cases):
        yield f"case_{number:04}", " ".join(case.values()), case


class Matrix(TlsServersTest):
    cases = product(FACTORS, is_possible) if os.environ.get("DIALTONE_TLS_MATRIX") == "all" else \
        pairwise(FACTORS, is_possible)
    table = Cases(TlsServersTest.check_case, *rows(cases))

    def test_every_pair(self):
        """All pairs of values that can stand together do so in one of the cases."""
        tried = set().union(*map(pairs_of, self.cases))
        self.assertEqual(tried, set().union(*map(pairs_of, product(FACTORS, is_possible))))


class Addresses(TlsServersTest):
    def check_ipv6(self, kind):
        authority = self.made.get("six", lambda: Authority(self.folder, "six"))
        certificate = authority.issue("server", "subjectAltName=IP:::1")
        server = self.tls_server(TLS_SERVERS[kind], certificate, "TLSv1.3", address="[::1]")
        self.assertEqual(self.refusal_of_phone(server, "[::1]", authority.certificate), "")

    ipv6 = Cases(check_ipv6, *(
        (f"ipv6_{kind}", f"{kind} is reached by an IPv6 address: no name is sent.", kind)
        for kind in TLS_SERVERS))


# --- one thing that is wrong, or looks so ---------------------------------------------------------

IN_COMMON = "no cipher, no curve and no kind of certificate in common"
TOO_OLD = "the server speaks neither TLS 1.2 nor 1.3"
CRITICAL = "has a critical extension that is not supported"
DEMANDS = ": the server demands a client certificate, and the phone has none (tls.cert)."
RENEGOTIATES = ": the server wants to negotiate anew, as it does where a folder alone demands"
SILENT = ": the server hung up without a word: it may speak neither TLS 1.2 nor 1.3, or have no " \
    "site "
WEAK = ("-cipher", "ALL:@SECLEVEL=0")
HERE = names("127.0.0.1")


def row(name, sentence, words, openssl, **about):
    return name, sentence, words, openssl, about


class Faults(TlsServersTest):
    """Each with `openssl s_server`. `words`: with which the phone refuses it, empty: it takes it;
    `openssl`: whether its client takes it, None: it is not asked."""

    def check_fault(self, words, openssl, about):
        host, version, options = (about.pop(name, usual) for name, usual in (
            ("host", "127.0.0.1"), ("version", None), ("options", ())))
        certificate, authority = self.certificate(**about)
        server = self.tls_server(OpensslServer, certificate, version, more_words=options)
        if openssl is not None:
            refusal = refusal_of_openssl(server.port, host, authority)
            self.assertEqual(refusal == "", openssl, refusal)
        told = self.refusal_of_phone(server, host, authority)
        self.assertTrue(words in told and bool(words) == bool(told), told)
        if words != DEMANDS:
            self.assertNotIn("client certificate", told)

    def certificate(self, key="P-256", extensions=HERE, subject="server", digest="sha256", links=(),
                    signer=None):
        """((file of the chain, key file), file of the authority). `links`: what the authorities in
        between may, the upper ones first."""
        root = self.made.get("root", lambda: Authority(self.folder, "faults"))
        folder, above, chain = self.scratch_folder(), root, []
        for number, constraints in enumerate(links):
            above = Authority(folder, f"link-{number}", above, constraints=constraints)
            chain.insert(0, above.certificate)
        leaf, key = above.issue(subject, extensions, key=self.keys.file(key), digest=digest,
                                signer=signer)
        return (write_chain(folder / "chain.pem", leaf, *chain), key), \
            leaf if signer == [] else root.certificate

    protocol = Cases(
        check_fault,
        row("old", "bad input: a server that speaks TLS 1.1 at most is refused", TOO_OLD, False,
            options=("-tls1_1", *WEAK)),
        row("older", "bad input: a server that speaks TLS 1.0 at most is refused", TOO_OLD, False,
            options=("-tls1", *WEAK)),
        row("cipher", "bad input: a server whose ciphers the phone has not is refused", IN_COMMON,
            True, version="TLSv1.2", key="RSA-2048",
            options=("-cipher", "DHE-RSA-AES128-GCM-SHA256")),
        row("curve_1_3", "bad input: a server whose curves the phone has not is refused", IN_COMMON,
            True, version="TLSv1.3", options=("-groups", "X448")),
        row("curve_1_2", "bad input: curves that the phone has not are refused under TLS 1.2, too",
            IN_COMMON, True, version="TLSv1.2", options=("-groups", "X448")),
        row("no_site", "bad input: a server that has no site of the name is refused",
            "the server has no site of this name", False, host=HOST,
            options=("-servername", "other", "-servername_fatal", "-cert2", "{chain}", "-key2",
                     "{key}")),
        row("client_1_2", "bad input: a server that demands a certificate under TLS 1.2 says so",
            DEMANDS, None, version="TLSv1.2", options=("-Verify", "1")),
        row("client_1_3", "bad input: a server that demands a certificate under TLS 1.3 says so",
            DEMANDS, None, version="TLSv1.3", options=("-Verify", "1")),
        row("plain_rsa", "A server that knows no key exchange but RSA's is taken.", "", True,
            version="TLSv1.2", key="RSA-2048", options=("-cipher", "AES128-SHA256")))

    keys_and_signatures = Cases(
        check_fault,
        row("p521", "A key on P-521 is taken.", "", True, key="P-521"),
        row("ed25519", "bad input: a server with an Ed25519 key is refused", IN_COMMON, True,
            key="Ed25519"),
        row("rsa_pss_key", "bad input: a server with a key for PSS alone is refused", IN_COMMON,
            True, key="RSA-PSS"),
        row("short_key", "bad input: RSA 1024 is refused", "a key that is too short", False,
            key="RSA-1024", options=WEAK),
        row("sha1", "bad input: a signature with SHA-1 is refused", "a weak digest", False,
            digest="sha1", options=WEAK),
        row("itself", "A certificate that signs itself is taken where it is the authority.", "",
            True, signer=[]))

    extensions = Cases(
        check_fault,
        row("critical", "bad input: a critical extension that nobody knows is refused", CRITICAL,
            False, extensions=f"{HERE}\n1.2.3.4=critical,DER:0500"),
        row("limits", "bad input: an authority whose names are limited is refused, they cannot be "
            "checked", CRITICAL, True, host=HOST, extensions=names(HOST),
            links=["nameConstraints=critical,permitted;DNS:localhost"]),
        row("breach", "bad input: a server outside of its authority's limits is refused", "limits",
            False, host=HOST, extensions=names(HOST),
            links=["nameConstraints=permitted;DNS:example"]),
        row("long", "bad input: more than 8 authorities in between are refused",
            "more than 8 certificates", True, links=[""] * 9),
        row("eight", "8 authorities in between are taken.", "", True, links=[""] * 8),
        row("usage", "bad input: a key that may not sign handshakes is refused",
            "not made for this use", True, version="TLSv1.2", key="RSA-2048",
            extensions=f"{HERE}\nkeyUsage=keyEncipherment"))

    sizes = Cases(
        check_fault,
        row("many_names", "500 names in a certificate are taken.", "", True,
            extensions=HERE + "".join(f",DNS:p{n}.lab" for n in range(500))),
        row("too_many_names", "bad input: 500 names that make a certificate larger than 16 KB are "
            "refused for its size", TOO_LARGE, True,
            extensions=HERE + "".join(f",DNS:phone-{n}.of.a.large.lab.example"
                                      for n in range(500))),
        row("too_many_names_1_2", "bad input: the same under TLS 1.2", TOO_LARGE, True,
            version="TLSv1.2",
            extensions=HERE + "".join(f",DNS:phone-{n}.of.a.large.lab.example"
                                      for n in range(500))))

    # Where the phone has rules of its own: docs/decisions.md.
    names = Cases(
        check_fault,
        row("address_as_host", "bad input: an address that is written as a host's name is refused",
            "it is for 127.0.0.1 as a host's name", False,
            extensions="subjectAltName=DNS:127.0.0.1"),
        row("address_in_cn", "An address in the common name is taken where there is no other name.",
            "", False, subject="127.0.0.1", extensions="basicConstraints=CA:false"),
        row("whole_domain", "bad input: a wildcard for a whole domain is refused",
            "it is for *.localhost", False, host="pbx.localhost",
            extensions="subjectAltName=DNS:*.localhost"),
        row("part_of_label", "bad input: a wildcard for a part of a label is refused",
            "it is for p*.lab.localhost", True, host=HOST,
            extensions="subjectAltName=DNS:p*.lab.localhost"),
        row("told", "bad input: the names of a certificate for others are told",
            "another name than 127.0.0.1: it is for a.example, *.b.example and 10.0.0.5", False,
            extensions="subjectAltName=DNS:a.example,DNS:*.b.example,IP:10.0.0.5"))


# --- what the server has asked of the phone, and what it was asked --------------------------------


class Asked(TlsServersTest):
    def authority(self):
        return self.made.get("asked", lambda: Authority(self.folder, "asked"))

    def certificate(self):
        return self.made.get("asked server", lambda: self.authority().issue("server", HERE))

    def refusal(self, kind, *settings, version=None, host="127.0.0.1", **more):
        server = self.tls_server(kind, self.certificate(), version, **more)
        return self.refusal_of_phone(server, host, self.authority().certificate, *settings)

    def own_certificate(self, authority):
        certificate, key = authority.issue("phone", "extendedKeyUsage=clientAuth")
        return f"tls.cert={certificate}", f"tls.key={key}"

    def check_demand(self, version, words):
        demand = ("-Verify", "1", "-verify_return_error", "-CAfile", self.authority().certificate)
        self.assertIn(DEMANDS, self.refusal(OpensslServer, version=version, more_words=demand))
        stranger = Authority(self.scratch_folder(), "stranger")
        self.assertIn(words, self.refusal(OpensslServer, *self.own_certificate(stranger),
                                          version=version, more_words=demand))
        self.assertEqual("", self.refusal(
            OpensslServer, *self.own_certificate(self.authority()), version=version,
            more_words=demand))

    demands = Cases(
        check_demand,
        *((f"demand_{version[-1]}", f"A certificate that is demanded under {version} is shown; bad "
           "input: a phone without one is told, and one of strangers is not taken", version,
           "the server does not accept the phone's certificate") for version in
          ("TLSv1.2", "TLSv1.3")))

    def test_renegotiation(self):
        """bad input: a server that wants a certificate for a page alone, and negotiates anew under
        TLS 1.2, is told as what it is"""
        for settings in ((), self.own_certificate(self.authority())):
            self.assertIn(RENEGOTIATES, self.refusal(RenegotiatingServer, *settings,
                                                     version="TLSv1.2"))

    def check_status(self, lines, status, words, *settings):
        """nginx completes the handshake and says no by HTTP."""
        server = self.tls_server(NginxTls, self.certificate(), "TLSv1.3", lines=lines.format(
            authority=self.authority().certificate))
        phone = self.new_phone(f"static.url=https://127.0.0.1:{server.port}/{PAGE}",
                               f"tls.ca={self.authority().certificate}", *settings)
        life = self.check_life(phone, status)
        self.assertIn(words, life.of_kind("finished")[0]["fields"]["reason"])

    statuses = Cases(
        check_status,
        ("nginx_demands", "bad input: nginx that demands a certificate says so by status 400",
         "ssl_verify_client on; ssl_client_certificate {authority};", 4,
         "status 400: it demands a client certificate, and the phone has none (tls.cert)"),
        ("nginx_forbids", "bad input: a page of nginx for phones with a certificate is told as one",
         "ssl_verify_client optional; ssl_client_certificate {authority}; "
         "if ($ssl_client_verify != SUCCESS) {{ return 403; }}", 4,
         "(status 403); it has asked for a client certificate, and the phone has none (tls.cert)"),
        ("nginx_forbids_all", "bad input: nginx that forbids a page to everybody does not mention "
         "certificates", "return 403;", 4, "the server forbids it (status 403)"))

    def test_strict_by_address(self):
        """bad input: a server that serves sites by their names alone is told when it is asked by
        its address"""
        told = self.refusal(NginxTls, version="TLSv1.3", lines="ssl_reject_handshake on;")
        self.assertIn(": the server has no site of this name: it is asked by its address", told)

    def check_hello(self, words, resets, host, told):
        """A server that does no more than to hear the phone's first message."""
        server = self.keep(HelloServer(words, resets))
        heard = self.refusal_of_phone(server, host, self.authority().certificate)
        self.assertIn(told, heard)
        self.assertNotIn("client certificate", heard)

    hellos = Cases(
        check_hello,
        ("reset", "bad input: a server that resets the connection at once", b"", True, HOST,
         SILENT + "of this name"),
        ("closed", "bad input: a server that closes the connection at once", b"", False,
         "127.0.0.1", SILENT + "for an address, without a name"),
        ("alert_40", "bad input: a server asked by its address that fails in the handshake",
         alert(40), False, "127.0.0.1", "or it has no site for an address, without a name"),
        ("alert_80", "bad input: a server that has a fault, or no site of the name", alert(80),
         False, HOST, "as some do that have no site of this name"),
        ("alert_70_reset", "bad input: a server that says it is too old and resets", alert(70),
         True, HOST, TOO_OLD),
        *((f"hello_{minor}", f"bad input: a server that answers with version 3.{minor}",
           old_hello(minor), False, HOST, TOO_OLD) for minor in range(3)))
