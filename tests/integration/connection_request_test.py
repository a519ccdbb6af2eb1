# SPDX-License-Identifier: Apache-2.0
"""Connection requests over HTTP (TR-069 3.2.2): curl asks the real dialtoned for sessions with an
ACS, rightly and wrongly."""

import re

from kit.acs import AcsServer
from kit.needs import private_system, programs
from kit.processes import ask
from kit.testcase import Cases, PhoneTest
from kit.waiting import wait_until

NEEDS = (private_system, programs("curl"))
USER, PASSWORD = "acs", "secret-of-the-knock"
URL = "Device.ManagementServer.ConnectionRequestURL"
ASKED = [("6 CONNECTION REQUEST", "")]
CREDENTIALS = (f"tr069.connection_request_user={USER}",
               f"tr069.connection_request_password={PASSWORD}")


class ConnectionRequests(PhoneTest):
    def managed(self, *settings):
        """A phone whose first session is over, its ACS, and the URL that was offered."""
        acs = self.keep(AcsServer())
        phone = self.new_phone(f"tr069.acs_url={acs.acs_url()}", "tr069.periodic_enable=0",
                               *settings)
        phone.start()
        wait_until(lambda: acs.finished == 1, "the first session")
        return phone, acs, acs.informs[0].values[URL]

    def curl(self, url, *options, user=f"{USER}:{PASSWORD}"):
        """The last status, and all that was said."""
        proof = ["--digest", "--user", user] if user else []
        asked = ask(["curl", "--silent", "--verbose", "--max-time", "20", "--write-out",
                     "%{http_code}", *proof, *options, url])
        return asked.stdout, asked.stderr

    def check_session(self, acs, count=2):
        wait_until(lambda: acs.finished == count, "a session that the ACS has asked for")
        self.assertEqual(acs.informs[-1].events, ASKED)
        self.assertEqual(acs.complaints, [])

    def test_one_connection(self):
        """An ACS that keeps its connection asks for a session, and again."""
        phone, acs, url = self.managed(*CREDENTIALS)
        self.assertRegex(url, r"\Ahttp://127\.0\.0\.1:7547/[0-9a-f]{24}\Z")
        self.assertEqual(self.curl(url)[0], "200")
        self.check_session(acs)
        self.assertEqual(self.curl(url + "?command=x&more=1")[0], "200")
        self.check_session(acs, 3)
        phone.check_secrets(phone.settings, "")

    def test_two_connections(self):
        """The challenge and the answer may come over two connections; what was said is not taken
        again."""
        _, acs, url = self.managed(*CREDENTIALS)
        status, said = self.curl(url, "--header", "Connection: close")
        self.assertEqual(status, "200")
        self.check_session(acs)
        proof = re.search(r"> (Authorization: Digest [^\r\n]+)", said)[1]
        for _ in range(3):
            self.assertEqual(self.curl(url, "--header", proof, user="")[0], "401")
        self.assertEqual(self.curl(url)[0], "200")
        self.check_session(acs, 3)

    def test_sha256(self):
        """SHA-256 where it is set."""
        _, acs, url = self.managed(*CREDENTIALS,
                                   "tr069.connection_request_algorithm=sha256")
        status, said = self.curl(url)
        self.assertEqual(status, "200")
        self.assertIn("algorithm=SHA-256", said)
        self.check_session(acs)

    def check_refused(self, settings, status, *options, user=f"{USER}:{PASSWORD}", path=""):
        phone, acs, url = self.managed(*settings)
        asked = re.sub(r"/[0-9a-f]{24}$", path, url) if path else url
        self.assertEqual(self.curl(asked, *options, user=user)[0], status)
        if not settings:
            phone.wait_for("connection_request_off")
            self.assertEqual(len(acs.informs), 1)
            return
        # Whoever proves it is served after that, and nothing was asked for in between.
        self.assertEqual(self.curl(url)[0], "200")
        self.check_session(acs)

    refusals = Cases(
        lambda this, settings, status, options, named:
            this.check_refused(settings, status, *options, **named),
        ("no_user", "Without an answer to the challenge.", CREDENTIALS, "401", (), {"user": ""}),
        ("wrong_password", "With another password.", CREDENTIALS, "401", (),
         {"user": f"{USER}:other"}),
        ("wrong_user", "With another user.", CREDENTIALS, "401", (),
         {"user": f"other:{PASSWORD}"}),
        ("basic", "By Basic, with the right password.", CREDENTIALS, "401",
         ("--basic", "--user", f"{USER}:{PASSWORD}"), {"user": ""}),
        ("other_path", "On another path.", CREDENTIALS, "404", (), {"path": "/"}),
        ("post", "By POST.", CREDENTIALS, "405", ("--data", "x"), {}),
        ("nothing_set", "A phone without user and password for it refuses all.", (), "403", (),
         {}))

    def test_rate(self):
        """However often an ACS asks within a minute, it gets no more than five sessions."""
        _, acs, url = self.managed(*CREDENTIALS)
        statuses = [self.curl(url)[0] for _ in range(12)]
        self.assertLessEqual(set(statuses), {"200", "503"})
        self.assertEqual(statuses[0], "200")
        self.assertLessEqual(statuses.count("200"), 5)
        wait_until(lambda: acs.finished > 1, "a session")
        self.assertEqual(acs.informs[-1].events, ASKED)

    def test_port_taken(self):
        """Where the port is another program's, the next one is taken, and told."""
        holder = self.keep(AcsServer())
        phone, acs, _ = self.managed(*CREDENTIALS,
                                     f"tr069.connection_request_port={holder.port}")
        told = phone.wait_for("connection_request_port")
        self.assertEqual(told["fields"]["port"], str(holder.port + 1))
        url = acs.informs[0].values[URL]  # the first Inform has waited for the port
        self.assertRegex(url, rf"^http://127\.0\.0\.1:{holder.port + 1}/[0-9a-f]{{24}}$")
        self.assertEqual(self.curl(url)[0], "200")
        wait_until(lambda: ASKED[0] in acs.informs[-1].events, "a session that was asked for")
        self.assertEqual(acs.informs[-1].values[URL], url)
