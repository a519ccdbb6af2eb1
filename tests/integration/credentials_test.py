# SPDX-License-Identifier: Apache-2.0
"""Who gets the user and password of a phone: the server that gave them, those that it names, those
that an operator lists, and nobody else who answers first on a hostile LAN."""

from kit import attacker
from kit.attacker import ONE, AttackedTest, CuriousFtp, CuriousWeb, take_over
from kit.configuration import OWN_FILE, config_file
from kit.ftp import FtpServer
from kit.lan import HTTP, HTTP_PORT, OTHER, SERVER
from kit.needs import private_system
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases
from kit.web import Answer, basic_words, redirect

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
prepare = attacker.prepare
USER, SECRET = "desk", "hush-hush-7"
# A file that sets the user and the password for its server.
WITH_LOGIN = {"P47": "one.example", "P1360": USER, "P1361": SECRET}
TWO = config_file({"P47": "two.example"})


class Credentials(AttackedTest):
    """Who gets the user and password that a file has set."""

    def phone_with_login(self, *settings):
        return self.phone_of_verified_server(*settings, file=config_file(WITH_LOGIN))

    def curious(self, challenge):
        host = self.lan.hosts[OTHER]
        return self.keep(CuriousFtp(host, OTHER) if challenge == "ftp" else
                         CuriousWeb(host, OTHER, challenge))

    def check_learns_nothing(self, source, challenge, *settings):
        """A server that this source names asks for user and password so."""
        phone = self.phone_with_login(*settings)
        evil = self.curious(challenge)
        self.name_by(source, evil.folder_url)
        life = self.check_life(phone, 0, settings=(f"order={source},static",))
        self.check_words(life, "source_url", source, evil.folder_url)
        self.check_untouched(phone, life)
        self.assertEqual(evil.learnt(), [])
        self.assertNotIn(SECRET, str([request.fields for request in evil.requests]))
        if challenge in ("basic", "ftp"):
            self.assertIn("provision.servers", life.sentences())

    curious_cases = Cases(
        check_learns_nothing,
        ("pnp_basic", "bad input: a server that PnP names and that asks by Basic learns nothing",
         "pnp", "basic"),
        ("pnp_both", "bad input: a server that PnP names and that asks by Basic or Digest learns "
         "nothing", "pnp", "both"),
        ("pnp_digest", "bad input: a server that PnP names and that asks by Digest gets no more "
         "than such an answer", "pnp", "digest"),
        ("pnp_unasked", "bad input: a server that PnP names gets nothing unasked "
         "(http.basic_always)", "pnp", "", "http.basic_always=1"),
        ("pnp_ftp", "bad input: an FTP server that PnP names hears of no user but an anonymous one",
         "pnp", "ftp"),
        ("dhcp_basic", "bad input: a server that option 66 of an answer to DHCPINFORM names, and "
         "that asks by Basic, learns nothing", "dhcp", "basic"),
        ("dhcp_ftp", "bad input: an FTP server that option 66 names hears of no user but an "
         "anonymous one", "dhcp", "ftp"))

    def test_taken_address(self):
        """bad input: who takes the right server's address, and has no TLS, learns nothing"""
        phone = self.phone_with_login()
        self.lan.hosts[SERVER].ip("link", "set", "eth0", "down")
        take_over(self.lan.hosts[OTHER], SERVER)
        evil = self.keep(CuriousWeb(self.lan.hosts[OTHER], SERVER, "basic"))
        self.name_by("pnp", evil.folder_url)
        life = self.check_life(phone, 4, settings=("order=pnp,static",))
        self.assertTrue(evil.requests)
        self.check_untouched(phone, life)
        self.assertEqual(evil.learnt(), [])

    def test_open_redirect(self):
        """bad input: a server to which a page of the right one sends the phone on learns nothing"""
        phone = self.phone_with_login()
        evil = self.curious("basic")
        self.good.put("/login.xml", redirect(evil.file_url))
        self.name_by("pnp", self.good.url("login.xml"))
        life = phone.live("order=pnp,static")
        self.assertTrue(evil.requests)
        self.check_untouched(phone, life)
        self.assertEqual(evil.learnt(), [])

    def test_login_of_his_own(self):
        """bad input: a server that PnP names with a user of its own learns no other"""
        phone = self.phone_with_login()
        evil = self.curious("basic")
        self.name_by("pnp", evil.url("gs", "x", "y"))
        life = self.check_life(phone, 0, settings=("order=pnp,static",))
        self.check_untouched(phone, life)
        self.assertEqual(set(evil.learnt()), {"x:y"})

    def test_of_url(self):
        """bad input: user and password of the server's own URL are for it alone"""
        self.good = self.secure_web()
        self.good.offer(Answer(ONE, credentials=("basic", USER, SECRET)))
        phone = self.lan.phone(self.trusting())
        url = f"static.url={self.good.url('gs', USER, SECRET)}"
        self.check_provisions(phone, "P47=one.example\n", url)
        self.remember(phone)
        evil = self.curious("basic")
        self.name_by("pnp", evil.folder_url)
        life = self.check_life(phone, 0, settings=("order=pnp,static", url))
        self.check_untouched(phone, life)
        self.assertEqual(evil.learnt(), [])

    def check_half(self, order, more):
        """Nothing vouches for the phone, so that a file of the attacker's may add values to it. The
        password is still another server's, which gave it."""
        phone = self.phone_of_plain_server(file=config_file(WITH_LOGIN))
        phone.settings.clear()
        evil = self.curious("basic")
        challenge = evil.answers[f"/gs/{OWN_FILE}"]
        evil.offer(config_file({"P47": "evil.example", **more}))
        self.name_by("pnp", evil.folder_url)
        self.check_end(phone.live("order=pnp"), 0)
        self.assertIn("P47=evil.example\n", phone.config())
        evil.offer(challenge)
        evil.forget()
        phone.live(f"order={order}")
        self.assertTrue(evil.requests)
        self.assertEqual([login for login in evil.learnt() if SECRET in login], [])

    halves = Cases(
        check_half,
        ("user_of_his_own", "bad input: who sets another user by a file of his own does not get "
         "the password that the right server has set", "pnp", {"P1360": "x"}),
        ("server_of_his_own", "bad input: who makes himself the static server by a file of his "
         "own does not get the user and password that the right one has set", "static",
         {"P212": "1", "P237": f"{OTHER}:{HTTP}/gs"}),
        ("both", "bad input: who sets another user and makes himself the static server learns no "
         "password", "static", {"P1360": "x", "P212": "1", "P237": f"{OTHER}:{HTTP}/gs"}))

    def test_of_operator(self):
        """bad input: what an operator sets after one server's 401 is not for another server"""
        phone = self.provisioned_by_operator()
        evil = self.curious("basic")
        self.name_by("pnp", evil.folder_url)
        self.check_life(phone, 4, settings=("order=pnp",))
        self.assertTrue(evil.requests)
        self.assertEqual(evil.learnt(), [])

    def provisioned_by_operator(self):
        """By a server that option 66 names and that wants a user, whom an operator then sets."""
        self.good = self.lan.web(port=HTTP_PORT)
        self.good.offer(Answer(ONE, credentials=("basic", USER, SECRET)))
        dhcp = self.lan.dhcp(f"--dhcp-option-force=66,{SERVER}")
        phone = self.lan.phone()
        daemon = phone.start("order=dhcp")
        failed = phone.wait_for("request_failed")
        self.assertIn("user and password", failed["sentence"])
        phone.wait_for("nothing_found")
        self.told(phone, "set", f"provision.user={USER}", f"provision.password={SECRET}")
        phone.wait_for("rest")
        self.assertIn("P47=one.example\n", phone.config())
        phone.close()
        phone.daemons.remove(daemon)
        dhcp.stop()
        return phone


class Welcome(AttackedTest):
    """The same user and password where they belong."""

    def pbx(self, *answers, port=HTTP_PORT):
        """A web server that gives one answer after the other, the last one for ever."""
        web = self.lan.web(port=port)
        rest = list(answers)
        web.offer(lambda _: rest.pop(0) if len(rest) > 1 else rest[0])
        return web

    def asks(self, content):
        return Answer(content, credentials=("basic", USER, SECRET))

    def test_option_66(self):
        """A PBX that option 66 names at each boot gives user and password, asks for them by Basic
        from then on, over http, and gets them."""
        web = self.pbx(config_file(WITH_LOGIN), self.asks(config_file(WITH_LOGIN)))
        self.lan.dhcp(f"--dhcp-option-force=66,{SERVER}")
        phone = self.lan.phone("order=dhcp")
        self.check_end(phone.live(), 0)
        web.offer(self.asks(TWO))
        self.check_life(phone, 0, "source_url", "dhcp", SERVER)
        self.assertIn("P47=two.example\n", phone.config())

    def test_better_scheme(self):
        """The server that gave them gets them over TLS, too."""
        self.pbx(config_file(WITH_LOGIN))
        secure = self.secure_web()
        secure.offer(self.asks(TWO))
        phone = self.lan.phone(self.trusting())
        self.check_end(phone.live("order=static", f"static.url=http://{SERVER}/gs"), 0)
        self.lan.pbx("assigns", secure.folder_url)
        self.check_end(phone.live("order=pnp"), 0)
        self.assertIn("P47=two.example\n", phone.config())

    def check_userinfo(self, source, scheme):
        """The very URL has user and password."""
        if scheme == "ftp":
            host = self.lan.hosts[SERVER]
            self.keep(FtpServer({f"gs/{OWN_FILE}": ONE}, only="1:1", host=host,
                                address=SERVER))
            url = f"ftp://1:1@{SERVER}/gs"
        else:
            web = self.lan.web()
            web.offer(Answer(ONE, credentials=("basic", "admin", "123456")))
            url = web.url("gs", "admin", "123456")
        if source == "pnp":
            self.lan.pbx("assigns", url)
        else:
            self.lan.dhcp(f"--dhcp-option-force=66,{url}")
        self.check_provisions(self.lan.phone(f"order={source}"), "P47=one.example\n")

    userinfo_cases = Cases(
        check_userinfo,
        ("pnp_http", "http://admin:123456@SERVER that PnP names gets its own user and password.",
         "pnp", "http"),
        ("pnp_ftp", "So does ftp://1:1@SERVER.", "pnp", "ftp"),
        ("dhcp_http", "http://admin:123456@SERVER in option 66 does.", "dhcp", "http"),
        ("dhcp_ftp", "So does ftp://1:1@SERVER there.", "dhcp", "ftp"))

    def test_listed_server(self):
        """A server that provision.servers lists gets them whoever names it."""
        web = self.pbx(self.asks(ONE))
        self.lan.pbx("assigns", web.folder_url)
        phone = self.lan.phone("order=pnp", f"provision.user={USER}",
                               f"provision.password={SECRET}")
        life = self.check_life(phone, 4)
        self.assertIn("provision.servers", life.sentences())
        self.check_provisions(phone, "P47=one.example\n",
                              f"provision.servers=other.example,{SERVER}")

    def test_digest(self):
        """A server that asks by Digest gets its answer whoever names it."""
        web = self.pbx(Answer(ONE, credentials=("digest", USER, SECRET)))
        self.lan.pbx("assigns", web.folder_url)
        phone = self.lan.phone("order=pnp", f"provision.user={USER}",
                               f"provision.password={SECRET}")
        self.check_provisions(phone, "P47=one.example\n")

    def test_rotation(self):
        """A password that rotates: the old one fetches the file with the new one."""
        new = config_file({**WITH_LOGIN, "P1361": "hush-hush-8"})
        words = [basic_words(USER, SECRET), basic_words(USER, "hush-hush-8")]
        web = self.pbx(config_file(WITH_LOGIN))
        self.lan.pbx("assigns", web.folder_url)
        phone = self.lan.phone("order=pnp")
        self.check_end(phone.live(), 0)

        def answer(request):
            if request.authorization == words[-1]:
                words[:] = words[-1:]  # the old one counts no more
            return new if request.authorization in words else \
                Answer(b"no", 401, {"WWW-Authenticate": attacker.CHALLENGES["basic"]})

        web.offer(answer)
        self.check_end(phone.live(), 0)
        self.assertIn("P1361=hush-hush-8\n", phone.config())
        self.assertEqual(len(words), 1)
        self.check_life(phone, 0, "plan_unchanged")

    def test_moves_to_tls(self):
        """A site that moves from http to https names the new URL in its file, and the user and
        password go there."""
        self.good = self.secure_web()
        self.good.offer(self.asks(TWO))
        moved = {**WITH_LOGIN, "P212": "2", "P237": f"{SERVER}:{self.good.port}/gs"}
        old = self.pbx(config_file(moved))
        phone = self.lan.phone(self.trusting(), "order=static")
        self.check_end(phone.live(f"static.url=http://{SERVER}/gs"), 0)
        old.stop()
        self.check_end(phone.live(), 0)
        self.assertIn("P47=two.example\n", phone.config())
        self.assertEqual(phone.status()["proof"], "tls")
