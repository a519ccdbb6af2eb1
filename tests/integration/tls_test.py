# SPDX-License-Identifier: Apache-2.0
"""TLS as a phone on a desk meets it: an own authority, addresses in certificates, servers that
want to see a certificate, and what a proof of TLS is worth afterwards. Clocks are in clock_test.py.
"""

import datetime
import pathlib
import ssl
import tempfile

from kit.certificates import Authority, Keys, names, write_chain
from kit.configuration import OWN_FILE, config_file, encrypted
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest
from kit.web import Answer, redirect, tls_context

OWN = f"/gs/{OWN_FILE}"
ONE = config_file({"P47": "one.example"})
TWO = config_file({"P47": "two.example"})
WORKERS = SIDE_BY_SIDE
BOTH = names("127.0.0.1", "localhost")


def prepare(stack):
    TlsTest.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-tls-"))
    TlsTest.authority = Authority(TlsTest.folder)
    TlsTest.keys = Keys(pathlib.Path(TlsTest.folder, "keys"))


def date(offset):
    """So many days from today."""
    today = datetime.datetime.now(datetime.timezone.utc)
    return f"{today + datetime.timedelta(days=offset):%Y-%m-%d}"


def midnight(offset):
    """The same as openssl writes it."""
    return date(offset).replace("-", "") + "000000Z"


class TlsTest(PhoneTest):
    authority: Authority  # made before the tests run
    keys: Keys
    folder: str

    def tls_server(self, extensions=BOTH, answers=None, client=False, authority=None, **dates):
        certificate = (authority or self.authority).issue("server", extensions, **dates)
        context = tls_context(*certificate, self.authority.certificate if client else None)
        return self.serve(answers or {OWN: ONE}, context)

    def phone(self, server, *settings, host="127.0.0.1"):
        return self.new_phone(f"static.url={server.url('gs', address=host)}",
                              f"tls.ca={self.authority.certificate}", *settings)

    def check_refused(self, server, *words, phone=None, host="127.0.0.1", kind="request_failed"):
        """No byte of a request reaches such a server, and the journal says why."""
        phone = phone or self.phone(server, host=host)
        before = phone.config()
        life = self.check_life(phone, 4, kind, *words)
        self.assertEqual(server.requests, [])
        self.assertEqual(phone.config(), before)
        return life

    def check_certificate(self, about, *words):
        """A server whose certificate is issued so is refused."""
        self.check_refused(self.tls_server(**about), *words)


class Verified(TlsTest):
    def test_address(self):
        """A certificate that names the address 127.0.0.1 is verified with the given authority."""
        server = self.tls_server(names("127.0.0.1"))
        phone = self.phone(server)
        self.check_provisions(phone, "P47=one.example\n")
        self.assertEqual(phone.status()["proof"], "tls")

    def test_name(self):
        """A certificate that names localhost is verified for that name."""
        server = self.tls_server(names("localhost"))
        phone = self.phone(server, host="localhost")
        self.check_end(phone.live(), 0)
        self.assertEqual(phone.status()["proof"], "tls")

    def test_chain(self):
        """A server may show the authorities between its certificate and the trusted one."""
        middle = Authority(self.folder, "middle-1", self.authority)
        certificate, key = middle.issue("server", BOTH)
        chain = write_chain(f"{certificate}.chain", certificate, middle.certificate)
        server = self.serve({OWN: ONE}, tls_context(chain, key))
        self.check_end(self.phone(server).live(), 0)

    def test_several_authorities(self):
        """The file of trusted authorities may hold more than one."""
        other = Authority(self.folder, "another-1")
        server = self.tls_server()
        phone = self.new_phone(f"static.url={server.url('gs')}")
        both = pathlib.Path(other.certificate).read_text() + \
            pathlib.Path(self.authority.certificate).read_text()
        self.check_end(phone.live("tls.ca=" + phone.file("both.pem", both)), 0)

    def test_unverified(self):
        """With tls.verify=0 any certificate will do, without a warning and without proof."""
        for extensions, dates in ((BOTH, {}), (names("elsewhere"), {}),
                                  (BOTH, {"end": midnight(-2)}), (BOTH, {"begin": midnight(2)}),
                                  (BOTH, {"signer": []})):
            server = self.tls_server(extensions, **dates)
            phone = self.new_phone(f"static.url={server.url('gs')}", "tls.verify=0")
            life = self.check_life(phone, 0)
            self.assertEqual({entry["level"] for entry in life.entries}, {"info"})
            self.assertEqual(phone.status()["proof"], "none")

    def test_redirect_to_tls(self):
        """A redirect from http to https is followed; the hop without TLS costs the proof."""
        secure = self.tls_server(answers={"/there.xml": ONE})
        server = self.serve({OWN: redirect(secure.url("there.xml"))})
        phone = self.phone(server)
        self.check_provisions(phone, "P47=one.example\n")
        self.assertEqual(phone.status()["proof"], "none")

    def test_userinfo(self):
        """Credentials go to the verified server, and to it alone."""
        plain = self.serve({"/there.xml": ONE})
        server = self.tls_server(answers={
            OWN: Answer(ONE, credentials=("basic", "desk", "hush"))})
        phone = self.phone(server)
        url = f"static.url={server.url('gs', 'desk', 'hush')}"
        self.check_end(phone.live(url), 0)
        server.put(OWN, redirect(plain.url("there.xml")))
        phone.live(url, "http.basic_always=1")
        self.assertEqual({request.authorization for request in plain.requests}, {""})


class Servers(TlsTest):
    def test_rsa_under_tls_1_2(self):
        """A server with an RSA key that speaks TLS 1.2 at most is taken: it signs by PSS."""
        certificate = self.authority.issue("server", BOTH, key=self.keys.file("RSA-2048"))
        context = tls_context(*certificate)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.check_provisions(self.phone(self.serve({OWN: ONE}, context)), "P47=one.example\n")


    def test_only_1_3(self):
        """A phone that is to speak TLS 1.3 and no older one refuses a server that has no newer one
        than 1.2, and takes one that has."""
        only = "tls.minimum=1.3"
        self.check_provisions(self.phone(self.tls_server()), "P47=one.example\n", only)
        context = tls_context(*self.authority.issue("older", BOTH))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        older = self.serve({OWN: ONE}, context)
        life = self.check_life(self.phone(older, only), 4, "request_failed", "TLS")
        self.assertIn("TLS", life.sentences())
        self.assertEqual(older.requests, [])


class Refused(TlsTest):
    def test_unknown_authority(self):
        """bad input: a certificate of an unknown authority is refused before anything is asked"""
        server = self.tls_server(authority=Authority(self.folder, "unknown-1"))
        self.check_refused(server, "signed by an unknown authority")

    def test_missing_link(self):
        """bad input: a server that does not show the authority in between is refused"""
        middle = Authority(self.folder, "middle-2", self.authority)
        self.check_refused(self.tls_server(authority=middle), "signed by an unknown authority")

    def test_system_authorities(self):
        """bad input: without tls.ca only the system's authorities are trusted"""
        server = self.tls_server()
        phone = self.new_phone(f"static.url={server.url('gs')}")
        life = self.check_life(phone, 4)
        self.assertRegex(life.sentences(),
                         "signed by an unknown authority|no certificates can be read from /")
        self.assertEqual(server.requests, [])

    def test_wrong_name(self):
        """bad input: a certificate for another name or address is refused"""
        self.check_refused(self.tls_server(names("localhost")),
                           "certificate is for another name than 127.0.0.1")
        self.check_refused(self.tls_server(names("127.0.0.2")),
                           "certificate is for another name than 127.0.0.1")
        self.check_refused(self.tls_server(names("127.0.0.1")),
                           "certificate is for another name than localhost", host="localhost")

    certificate_cases = Cases(
        TlsTest.check_certificate,
        ("self_signed", "bad input: a certificate that signs itself is refused", {"signer": []},
         "signed by an unknown authority"),
        ("expired", "bad input: a certificate that has expired is refused, with its date and the "
         "clock's", {"end": midnight(-3)}, f"certificate has expired on {date(-3)}",
         "the phone's clock says"),
        ("not_for_servers", "bad input: a certificate that is made for clients is refused",
         {"extensions": BOTH + "\nextendedKeyUsage=clientAuth"},
         "certificate is not made for servers"))

    def test_no_tls(self):
        """bad input: a server that does not speak TLS on https is refused"""
        server = self.serve({OWN: ONE})
        url = server.url("gs").replace("http:", "https:")
        self.check_life(self.new_phone(f"static.url={url}"), 4, "request_failed",
                        "the TLS handshake with 127.0.0.1")

    def test_authority_file(self):
        """bad input: a file of authorities that cannot be read is named"""
        server = self.tls_server()
        phone = self.new_phone(f"static.url={server.url('gs')}", "tls.ca=/nowhere/ca.pem")
        self.check_refused(server, "no certificates can be read from /nowhere/ca.pem", phone=phone)
        phone = self.new_phone(f"static.url={server.url('gs')}")
        phone.settings.append("tls.ca=" + phone.file("ca.pem", "not a certificate"))
        self.check_refused(server, "no certificates can be read from", phone=phone)


class ClientCertificate(TlsTest):
    def setUp(self):
        self.server = self.tls_server(client=True)

    def phone_with_certificate(self, authority):
        certificate, key = authority.issue("phone", "extendedKeyUsage=clientAuth")
        return self.phone(self.server, f"tls.cert={certificate}", f"tls.key={key}")

    def test_shown(self):
        """A server that demands a certificate is shown the phone's own."""
        self.check_provisions(self.phone_with_certificate(self.authority), "P47=one.example\n")

    def test_missing(self):
        """bad input: a server that demands a certificate refuses a phone without one"""
        # It demands one, or has asked for it where a reset comes before the alert is read.
        self.check_refused(self.server, "a client certificate, and the phone has none (tls.cert)")

    def test_of_others(self):
        """bad input: a server refuses a phone whose certificate is not of its authority"""
        phone = self.phone_with_certificate(Authority(self.folder, "unknown-2"))
        self.check_refused(self.server, f"127.0.0.1 port {self.server.port}", phone=phone)

    def test_unusable(self):
        """bad input: a certificate of the phone's own that cannot be used is told of"""
        phone = self.phone(self.server, "tls.cert=/nowhere/cert.pem", "tls.key=/nowhere/key.pem")
        self.check_refused(self.server, "no certificate can be read from /nowhere/cert.pem",
                           phone=phone)


APACHE_PAGE = b"""\
<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
<html><head>
<title>403 Forbidden</title>
</head><body>
<h1>Forbidden</h1>
<p>You don't have permission to access this resource.Reason: Cannot perform Post-Handshake \
Authentication.<br /></p>
</body></html>
"""


class Folder(TlsTest):
    def test_post_handshake(self):
        """bad input: a folder of Apache that alone demands a certificate, which no client without
        post-handshake authentication can show under TLS 1.3, is told as what it is"""
        server = self.tls_server(answers={OWN: Answer(APACHE_PAGE, status=403)})
        life = self.check_life(self.phone(server), 4)
        self.assertIn("(status 403): it demands a client certificate for this folder alone, by "
                      "post-handshake authentication",
                      life.of_kind("finished")[0]["fields"]["reason"])


class Proof(TlsTest):
    def setUp(self):
        """A phone that was provisioned over verified TLS, and a server that anybody could be."""
        self.secure = self.tls_server()
        self.phone_at_hand = self.phone(self.secure)
        self.phone_at_hand.provision()
        self.plain = self.serve({OWN: TWO})

    def lured(self, status, *found, settings=()):
        """A life that is sent to the other server ends with this status."""
        return self.check_life(self.phone_at_hand, status, *found,
                               settings=(f"static.url={self.plain.url('gs')}", *settings))

    def test_no_change(self):
        """bad input: after verified TLS a server without it can change nothing"""
        phone = self.phone_at_hand
        before = phone.files()
        life = self.lured(4, "file_refused", "trust.pin", self.plain.url("gs"))
        self.check_config(phone, "P47=one.example\n")
        self.assertEqual(phone.files(), before)
        self.assertEqual(life.reboots(), 0)

    def test_no_change_unverified(self):
        """bad input: after verified TLS an unverified server can change nothing"""
        server = self.tls_server(answers={OWN: TWO}, signer=[])
        phone = self.phone_at_hand
        self.check_life(phone, 4, "file_refused", "trust.pin",
                        settings=(f"static.url={server.url('gs')}", "tls.verify=0",))
        self.check_config(phone, "P47=one.example\n")

    def test_no_change_downgrade(self):
        """bad input: a redirect from https to http can change nothing after verified TLS"""
        self.secure.put(OWN, redirect(self.plain.url("gs/" + OWN_FILE)))
        self.check_life(self.phone_at_hand, 4, "file_refused", "trust.pin")
        self.check_config(self.phone_at_hand, "P47=one.example\n")

    def test_no_change_key(self):
        """bad input: after verified TLS a file that only a key vouches for can change nothing"""
        self.plain.put(OWN, encrypted(TWO, "hush"))
        self.lured(4, "file_refused", "trust.pin", settings=("config.password=hush",))
        self.check_config(self.phone_at_hand, "P47=one.example\n")

    def test_repeat(self):
        """It may repeat what is installed, and the proof stays."""
        before = self.phone_at_hand.files()
        for content in (ONE, ONE.replace(b"<P47>", b"<!-- again --><P47>")):
            self.plain.put(OWN, content)
            self.lured(0)
            self.assertEqual(self.phone_at_hand.files(), before)
        self.assertEqual(self.phone_at_hand.status()["proof"], "tls")

    def test_unpinned(self):
        """With trust.pin=0 it may change what is installed, and the proof is gone."""
        self.lured(0, settings=("trust.pin=0",))
        self.check_config(self.phone_at_hand, "P47=two.example\n")
        self.assertEqual(self.phone_at_hand.status()["proof"], "none")

    def test_same_proof(self):
        """The same proof may change what is installed, from another server as well."""
        other = self.tls_server(answers={OWN: TWO})
        self.check_provisions(self.phone_at_hand, "P47=two.example\n",
                              f"static.url={other.url('gs')}")

    def test_not_by_its_content(self):
        """bad input: a file without proof cannot switch trust.pin or TLS off by what it says"""
        self.plain.put("/gs/cfg000b82273b89", config_file({"P8463": "0", "P237": "127.0.0.1"}))
        self.lured(4)
        self.check_config(self.phone_at_hand, "P47=one.example\n")
