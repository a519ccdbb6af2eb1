# SPDX-License-Identifier: Apache-2.0
"""What a phone does with a server that means well: the programs as a person runs them, from the
first configuration to operators, trials and returns."""

import itertools
import json
import os
import pathlib
import signal
import threading
import time

from kit import durable
from kit.configuration import OWN_FILE, config_file, encrypted
from kit.processes import children_of, wait_for_end
from kit.runner import SIDE_BY_SIDE
from kit.testcase import PhoneTest
from kit.waiting import wait_until
from kit.web import Answer, WebServer, basic_words, redirect

OWN = f"/gs/{OWN_FILE}"
ONE = config_file({"P47": "one.example", "P35": "201"})
TWO = config_file({"P47": "two.example"})

WORKERS = SIDE_BY_SIDE
PLAN = ["/gs/cfg000b82273b89", "/gs/cfg000b82273b89.xml", "/gs/cfggxp1628.xml", "/gs/cfg.xml"]


def files_asked(paths):
    """What one look at a folder asks for, when only the own file is there."""
    return [path for path in paths if path != "/gs/cfg000b82273b89"]


class FirstProvisioning(PhoneTest):
    def test_first(self):
        """A new phone fetches, applies, reboots, finds the same and rests."""
        server, phone = self.site({OWN: ONE})
        life = self.check_provisions(phone, "P35=201\nP47=one.example\n")
        self.assertEqual(files_asked(server.paths()), [OWN, OWN])
        self.assertEqual(life.reboots(), 1)
        self.assertEqual(life.kinds().count("applied"), 1)
        # The second pass, after the reboot, sees by its digest that nothing is new.
        after = life.kinds()[life.kinds().index("reboot"):]
        self.assertIn("file_unchanged", after)
        self.assertIn("plan_unchanged", after)
        status = phone.status()
        self.assertEqual((status["generation"], status["trial"], status["running"]),
                         (1, "none", False))

    def test_state_directory(self):
        """DIR holds the generation, two copies of the record, the journal and an empty lock."""
        server, phone = self.provisioned_site({OWN: ONE})
        names = sorted(path.name for path in phone.seen.iterdir())
        self.assertEqual(names, sorted([durable.generation(1), durable.JOURNAL, durable.LOCK,
                                        *durable.names("record")]))
        self.assertEqual((phone.seen / durable.LOCK).read_bytes(), b"")
        for path in [phone.seen, *phone.seen.iterdir()]:
            self.assertEqual(path.stat().st_mode & 0o077, 0, f"{path} is for others to see")

    def test_unchanged(self):
        """A later life that changes nothing writes nothing but the journal."""
        server, phone = self.provisioned_site({OWN: ONE})
        for answer in (ONE, ONE.replace(b"\n<P35>", b"\n\n<!-- moved --><P35>")):
            server.put(OWN, answer)
            before, directory = phone.files(), phone.seen.stat().st_mtime_ns
            journal = phone.journal()
            life = self.check_life(phone, 0)
            self.assertEqual(phone.files(), before)
            self.assertEqual(phone.seen.stat().st_mtime_ns, directory)
            self.assertTrue(phone.journal().startswith(journal))
            self.assertEqual(life.reboots(), 0)

    def test_user_agent(self):
        """The server sees the profile's user agent with model, firmware and MAC."""
        server, phone = self.site({OWN: ONE})
        phone.live(options=["--model", "GXP2170", "--version", "9.8.7.6"])
        self.assertEqual({request.fields["user-agent"] for request in server.requests},
                         {"Grandstream Model HW GXP2170 SW 9.8.7.6 DevId 000b82273b89"})

    def test_plan_order(self):
        """The files of the profile are asked for in its order until the first XML is there."""
        server, phone = self.site({"/gs/cfg.xml": ONE})
        self.assertEqual(phone.live().status, 0)
        self.assertEqual(server.paths(), PLAN * 2)

    def test_overlay(self):
        """Keys that a later file does not name keep their value; an emptied one is empty."""
        server, phone = self.provisioned_site(
            {OWN: config_file({"P47": "one", "P35": "201", "P36": "me"})})
        server.put(OWN, config_file({"P47": "two", "P36": "", "P3": "A=B\\C"}))
        phone.provision()
        self.check_config(phone, "P3=A=B\\\\C\nP35=201\nP36=\nP47=two\n")

    def test_steering(self):
        """What the first file of a plan sets, the later ones of the same plan need already."""
        _, phone = self.site({
            "/gs/cfg000b82273b89": config_file({"P1360": "inner", "P1361": "inner-secret"}),
            OWN: Answer(ONE, credentials=("digest", "inner", "inner-secret"))})
        life = self.check_life(phone, 0)
        self.assertEqual(life.kinds().count("applied"), 1)
        self.assertIn("P47=one.example\n", phone.config())
        self.assertNotIn(b"inner-secret", phone.journal())
        self.assertNotIn("inner-secret", phone.tool("show", "config", "--mask").stdout)


class FolderOrFile(PhoneTest):
    def asked(self, path, *settings):
        """What an empty server is asked for when static.url is `path` there."""
        server, phone = self.site({}, *settings, path=path)
        self.check_life(phone, 3, "plan_absent", "None of the phone's files exists")
        return server.paths()

    def test_folder(self):
        """A URL without an extension is a folder, with a slash or without one at its end."""
        self.assertEqual(self.asked("gs"), [*PLAN, "/gs"])
        self.assertEqual(self.asked("gs/"), [*PLAN, "/gs/"])
        self.assertEqual(self.asked(""), [path[3:] for path in PLAN] + ["/"])
        self.assertEqual(self.asked("a.b/gs")[:2], ["/a.b" + path for path in PLAN[:2]])

    def test_file(self):
        """An extension, a query or one of the profile's own names makes a URL a file."""
        for path in ("gs/any.xml", "gs/get?mac={mac}", "gs/CFG000B82273B89", "gs/Cfg.Xml"):
            wanted = "/" + path.replace("{mac}", "000b82273b89")
            self.assertEqual(self.asked(path), [wanted])

    def test_names(self):
        """The MAC fills its placeholders; prefix and postfix wrap each name."""
        self.assertEqual(self.asked("at/$MAC/gs")[0], "/at/000B82273B89/gs/cfg000b82273b89")
        asked = self.asked("gs", "config.prefix=site-", "config.postfix=.old")
        self.assertEqual(asked[1], "/gs/site-cfg000b82273b89.xml.old")

    def test_folder_is_a_file(self):
        """A folder in which no file is found is asked for once as a file."""
        server, phone = self.site({"/provision": ONE}, path="provision")
        self.check_end(phone.live(), 0)
        self.assertEqual(server.paths()[4], "/provision")
        self.check_config(phone, "P35=201\nP47=one.example\n")

    def test_no_scheme(self):
        """An address without a scheme is one of http; static.server and static.path make one."""
        server = self.serve({OWN: ONE})
        self.check_end(self.new_phone(f"static.url=127.0.0.1:{server.port}/gs").live(), 0)
        phone = self.new_phone(f"static.server=127.0.0.1:{server.port}", "static.path=gs")
        self.check_end(phone.live(), 0)


class Credentials(PhoneTest):
    def check_secrets(self, phone, *secrets):
        """None of them in the journal, in what the tool shows masked, or on standard error."""
        shown = phone.journal().decode() + phone.tool("explain").stdout + \
            phone.tool("status").stdout + phone.tool("show", "config", "--mask").stdout
        for secret in secrets:
            self.assertNotIn(secret, shown)

    def test_userinfo(self):
        """User and password in the URL answer a challenge, Basic or Digest."""
        for scheme in ("basic", "digest"):
            server = self.serve({OWN: Answer(ONE, credentials=(scheme, "us er", "p@ss:w/rd"))})
            phone = self.new_phone(f"static.url={server.url('gs', 'us er', 'p@ss:w/rd')}")
            life = self.check_provisions(phone, "P35=201\nP47=one.example\n")
            self.assertEqual(server.requests[1].authorization, "")  # not before it is asked
            self.check_secrets(phone, "p@ss:w/rd", "p%40ss", "us%20er", "us er")
            self.assertNotIn("p%40ss", life.stderr + phone.tool("status", "--json").stdout)

    def test_settings(self):
        """provision.user and provision.password serve any URL without userinfo of its own."""
        for scheme in ("basic", "digest"):
            server = self.serve({OWN: Answer(ONE, credentials=(scheme, "desk", "hush-hush"))})
            phone = self.new_phone("provision.user=desk", "provision.password=hush-hush")
            self.check_end(phone.live(f"static.url={server.url('gs')}"), 0)
            self.check_secrets(phone, "hush-hush")
            self.check_life(phone, 4,
                            settings=(f"static.url={server.url('gs', 'desk', 'something-else')}",))
            self.check_secrets(phone, "something-else")

    def test_from_file(self):
        """--set KEY=@FILE takes a value from a file."""
        _, phone = self.site({OWN: Answer(ONE, credentials=("basic", "desk", "from a file"))},
                             "provision.user=desk")
        path = phone.file("password", "from a file\n")
        self.check_end(phone.live(f"provision.password=@{path}"), 0)

    def test_basic_always(self):
        """With http.basic_always the first request carries Basic unasked."""
        server, phone = self.site({OWN: ONE}, "provision.user=desk", "provision.password=hush",
                                  "http.basic_always=1")
        self.check_end(phone.live(), 0)
        self.assertEqual({request.authorization for request in server.requests},
                         {basic_words("desk", "hush")})

    def test_basic_always_and_digest(self):
        """A server that asks for Digest all the same gets it; the password alone is blamed for what
        it is."""
        answer = Answer(ONE, credentials=("digest", "desk", "hush"))
        server, phone = self.site({OWN: answer}, "provision.user=desk", "http.basic_always=1")
        self.check_end(phone.live("provision.password=hush"), 0)
        asked = [request.authorization.split(" ")[0] for request in server.requests
                 if request.path == OWN]
        self.assertEqual(asked[:2], ["Basic", "Digest"])
        self.check_life(phone, 4, "request_failed", "does not accept the user and password",
                        settings=("provision.password=wrong",))
        answer = Answer(status=401, fields={"WWW-Authenticate": "Negotiate"})
        server.put(OWN, answer)
        self.check_life(phone, 4, "request_failed", "the server wants Negotiate, which this phone",
                        settings=("provision.password=hush",))

    def test_never_unasked(self):
        """Without it no credentials go to a server that did not ask."""
        server = self.serve({OWN: ONE})
        phone = self.new_phone(f"static.url={server.url('gs', 'desk', 'hush')}")
        self.check_end(phone.live(), 0)
        self.assertEqual({request.authorization for request in server.requests}, {""})


class Redirects(PhoneTest):
    def test_same_server(self):
        """Relative and absolute redirects are followed and keep the credentials."""
        kept = Answer(ONE, credentials=("basic", "desk", "hush"))
        server = self.serve({"/gs/moved/there.xml": kept})
        for target in ("moved/there.xml", "../gs/./moved/there.xml", "/gs/moved/there.xml",
                       server.url("gs/moved/there.xml")):
            for status in (301, 302, 303, 307, 308):
                server.put(OWN, redirect(target, status))
                phone = self.new_phone(f"static.url={server.url('gs', 'desk', 'hush')}")
                self.check_provisions(phone, "P35=201\nP47=one.example\n")

    def other_server(self, answer):
        """At another address: a port says nothing of who a server is."""
        return self.keep(WebServer({"/there.xml": answer}, address="127.0.0.2"))

    def test_other_server(self):
        """A redirect to another server is followed without credentials."""
        other = self.other_server(ONE)
        server = self.serve({OWN: redirect(other.url("there.xml"))})
        phone = self.new_phone("provision.user=desk", "provision.password=hush",
                               "http.basic_always=1")
        for url in (server.url("gs"), server.url("gs", "desk", "hush")):
            other.forget()
            self.check_life(phone, 0, "redirect", f"127.0.0.1:{server.port}/", "status 302",
                            other.url("there.xml"), settings=(f"static.url={url}",))
            self.assertTrue(other.requests)
            self.assertEqual({request.authorization for request in other.requests}, {""})

    def test_other_server_asks(self):
        """The other server may ask for credentials and is given none."""
        other = self.other_server(Answer(ONE, credentials=("basic", "desk", "hush")))
        server = self.serve({OWN: redirect(other.url("there.xml"))})
        phone = self.new_phone(f"static.url={server.url('gs', 'desk', 'hush')}",
                               "provision.user=desk", "provision.password=hush")
        self.check_end(phone.live(), 4)
        self.assertEqual({request.authorization for request in other.requests}, {""})


class EncryptedFiles(PhoneTest):
    PASSWORD = "open sesame 7"

    def test_openssl(self):
        """Files as `openssl enc` writes them: MD5, SHA-256, PBKDF2, with and without salt."""
        server, phone = self.site({}, f"config.password={self.PASSWORD}")
        digests = {"MD5": ["-md", "md5"], "SHA-256": ["-md", "sha256"], "PBKDF2": ["-pbkdf2"]}
        cases = itertools.product(digests.items(), ([], ["-nosalt"]))
        for number, ((name, options), salt) in enumerate(cases):
            plain = config_file({"P47": f"{number}.example"})
            server.put(OWN, encrypted(plain, self.PASSWORD, *options, *salt))
            self.check_life(phone, 0, "file_read", "AES-256-CBC, " + name,
                            "no salt" if salt else "encryption")
            self.check_config(phone, f"P47={number}.example\n")
            self.assertEqual(phone.status()["proof"], "key")
        self.assertNotIn(self.PASSWORD.encode(), phone.journal())

    def test_old_password(self):
        """While a site changes its password, the one before opens files too."""
        server, phone = self.site({}, "config.password=the new one",
                                  f"config.password_old={self.PASSWORD}")
        server.put(OWN, encrypted(ONE, self.PASSWORD))
        self.check_end(phone.live(), 0)
        server.put(OWN, encrypted(TWO, "the new one"))
        self.check_provisions(phone, "P35=201\nP47=two.example\n")

    def test_password_from_first_file(self):
        """The password of the encrypted file may stand in the plan's first file."""
        server, phone = self.site({"/gs/cfg000b82273b89": config_file({"P1359": self.PASSWORD})},
                                  "trust.pin=0")
        server.put(OWN, encrypted(ONE, self.PASSWORD, "-md", "md5"))
        self.check_end(phone.live(), 0)
        self.assertIn("P47=one.example\n", phone.config())
        self.assertIn("P1359=***\n", phone.tool("show", "config", "--mask").stdout)
        self.assertNotIn(self.PASSWORD.encode(), phone.journal())


class Trial(PhoneTest):
    def test_confirmed(self):
        """A second configuration is on trial until its server answers, a 404 too."""
        server, phone = self.provisioned_site({OWN: ONE})
        requests = itertools.count()

        def once_and_gone(_):
            return TWO if next(requests) == 0 else Answer(status=404)

        server.put(OWN, once_and_gone)
        life = self.check_life(phone, 0, "trial_begins", "Configuration 2 is on trial")
        self.check_words(life, "trial_confirmed", "its server's answer")
        self.check_config(phone, "P35=201\nP47=two.example\n")
        self.assertEqual(phone.status()["trial"], "none")

    def old_and_new(self):
        """The server of a phone's configuration, one that dies once it has given another, and the
        phone."""
        good, bad = self.serve({OWN: ONE}), self.serve()
        phone = self.new_phone("trial.timeout=2")
        phone.provision(f"static.url={good.url('gs')}")
        bad.put(OWN, Answer(TWO, before=bad.hang_up))
        return good, bad, phone

    def test_return(self):
        """The server that gave the new one dies; the old one's answers: back to the old, 5."""
        good, bad, phone = self.old_and_new()
        before = phone.config()
        good.forget()
        life = self.check_life(phone, 5, settings=(f"static.url={bad.url('gs')}",))
        self.assertLess(life.seconds, 2 + 10)
        self.check_config(phone, before)
        self.assertEqual(life.reboots(), 2)
        self.check_words(life, "trial_failed", "Nothing answered configuration 2")
        self.check_words(life, "rolled_back", "Configuration 2 is withdrawn")
        self.assertIn(OWN, good.paths())
        self.assertEqual(phone.status()["generation"], 1)
        # The same files are not taken again at once.
        bad.start()
        self.check_life(phone, 4, "plan_was_rolled_back", "failed their trial before",
                        settings=(f"static.url={bad.url('gs')}",))
        self.check_config(phone, before)

    def test_same_server_returns(self):
        """The one server is away for the time of the trial and back for the old one: 5."""
        server, phone = self.provisioned_site({OWN: ONE}, "trial.timeout=2")
        before = phone.config()
        server.put(OWN, Answer(TWO, before=server.hang_up))
        process = self.start(phone.command())
        phone.wait_for("trial_failed")
        server.put(OWN, ONE)
        server.start()
        wait_for_end(process)
        self.assertEqual(process.returncode, 5)
        self.check_config(phone, before)

    def test_both_unreachable(self):
        """When the old one's server is silent as well, the new one stays: 4."""
        good, bad, phone = self.old_and_new()
        good.hang_up()
        life = self.check_life(phone, 4, settings=(f"static.url={bad.url('gs')}",))
        self.check_config(phone, "P35=201\nP47=two.example\n")
        self.check_words(life, "return_failed", "configuration 2 stays")
        self.assertEqual(phone.status()["trial"], "none")

    def test_two_reboots(self):
        """A server that offers something else at every request costs two reboots."""
        numbers = itertools.count(1)
        server, phone = self.site({OWN: lambda _: config_file({"P47": f"v{next(numbers)}"})})
        life = self.check_life(phone, 0)
        self.assertEqual(life.reboots(), 2)
        self.check_words(life, "plan_held_back", "waits for the next power-on")
        self.check_config(phone, "P47=v2\n")


class Hooks(PhoneTest):
    def setUp(self):
        """A phone with a program among its hooks that appends what it is told to a file."""
        self.server, self.phone = self.site({OWN: ONE})
        directory = pathlib.Path(self.phone.folder, "hooks.d")
        directory.mkdir()
        self.phone.settings.append(f"hooks.dir={directory}")
        self.heard = directory.parent / "told"
        self.hook("10-tell", f"cat \"$1\" >> {self.heard}\necho . >> {self.heard}\n")
        (directory / "20-no-program").write_text("exit 1\n")

    def hook(self, name, script):
        self.phone.file(f"hooks.d/{name}", f"#!/bin/sh\n{script}", 0o755)

    def test_keys(self):
        """A hook gets a file with the keys that changed, and no others, once each time."""
        life = self.phone.provision()
        self.check_words(life, "hooks_ran", "1")
        self.assertEqual(self.heard.read_text(), "P35=201\nP47=one.example\n.\n")
        self.server.put(OWN, config_file({"P47": "two", "P35": "201", "P34": "line 1&#10;line 2"}))
        self.phone.provision()
        self.assertEqual(self.heard.read_text(),
                         "P35=201\nP47=one.example\n.\nP34=line 1\\nline 2\nP47=two\n.\n")
        self.phone.provision()
        self.assertEqual(self.heard.read_text().count("."), 3)  # one.example has one

    def test_key_file(self):
        """The file with the keys, which may be passwords, is for the hook's eyes and then gone."""
        self.hook("10-tell",
                  f"stat -c '%a %u' \"$1\" > {self.heard}\necho \"$1\" >> {self.heard}\n")
        self.phone.provision()
        rights, path = self.heard.read_text().splitlines()
        self.assertEqual(rights, f"600 {os.geteuid()}")
        self.assertFalse(os.path.exists(path))

    def test_failing(self):
        """A hook that fails is named in the journal and stops nothing."""
        self.hook("05-fails", "exit 7\n")
        life = self.phone.provision()
        self.check_words(life, "hooks_ran", "05-fails ended with status 7")
        self.assertIn("P47=one.example\n", self.heard.read_text())


class Operator(PhoneTest):
    def setUp(self):
        """A server, and a daemon that has provisioned itself, confirmed it and rests."""
        self.server, self.phone = self.site({OWN: ONE})
        self.process = self.phone.start()
        self.phone.wait_for("rest")

    def check_stopped(self):
        """SIGTERM is obeyed at once, with status 0."""
        self.process.send_signal(signal.SIGTERM)
        wait_for_end(self.process, 10)
        self.assertEqual(self.process.returncode, 0)

    def test_set(self):
        """`set` changes a value at once and wins over what files say of the same key."""
        self.told(self.phone, "set", "P47=operator.example")
        self.check_config(self.phone, "P35=201\nP47=operator.example\n")
        self.assertEqual(self.phone.status()["trial"], "none")
        self.server.put(OWN, config_file({"P47": "file.example", "P35": "202"}))
        self.told(self.phone, "resync")
        self.phone.wait_for("trial_confirmed")
        self.check_config(self.phone, "P35=202\nP47=operator.example\n")
        self.check_stopped()

    def test_set_asks_nobody(self):
        """A value that no pass uses is stored within 100 ms, without a question to anybody."""
        self.server.forget()
        before = len(self.phone.last_life())
        seconds = []
        for number in range(5):
            began_s = time.monotonic()
            self.told(self.phone, "set", f"P47=operator{number}.example")
            seconds.append(time.monotonic() - began_s)
        self.assertLess(min(seconds), 0.1)
        self.check_stopped()
        self.assertEqual(self.server.paths(), [])
        kinds = [entry["kind"] for entry in self.phone.last_life()[before:]]
        self.assertEqual((kinds.count("pass_begins"), kinds.count("applied")), (0, 5))

    def test_set_several(self):
        """Several values in one `set` are all stored, or none is."""
        before = len(self.phone.last_life())
        self.told(self.phone, "set", "P47=a b", "P270=desk")
        self.check_config(self.phone, "P270=desk\nP35=201\nP47=a b\n")
        self.assertEqual(self.phone.tool("set", "P47=c", "splay=soon").returncode, 1)
        self.check_config(self.phone, "P270=desk\nP35=201\nP47=a b\n")
        kinds = [entry["kind"] for entry in self.phone.last_life()[before:]]
        self.assertEqual(kinds.count("applied"), 1)
        self.check_stopped()

    def test_set_refused(self):
        """A wrong name is refused with the nearest one, and nothing changes."""
        before = self.phone.files()
        for words, hint in (("static.ulr=http://x/", "static.url"), ("order=static,nowhere", "pnp"),
                            ("splay=soon", "86400"), ("nonsense=1", "nonsense")):
            asked = self.phone.tool("set", words)
            self.assertEqual(asked.returncode, 1, asked.stderr)
            self.assertRegex(asked.stderr, r"\Adialtone: [^\n]+\n\Z")
            self.assertIn(hint, asked.stderr)
        self.assertEqual(self.phone.files(), before)
        self.phone.wait_for("operator_refused")

    def test_resync(self):
        """`resync` asks the server now."""
        self.server.forget()
        self.told(self.phone, "resync")
        self.phone.wait_for("rest", count=2)
        self.assertEqual(files_asked(self.server.paths()), [OWN])

    def test_confirm(self):
        """`confirm` ends a trial whose server does not answer."""
        self.server.put(OWN, Answer(TWO, before=self.server.hang_up))
        self.phone.tool("resync")
        self.phone.wait_for("trial_begins")
        self.assertEqual(self.phone.status()["trial"], "trying")
        self.told(self.phone, "confirm")
        self.phone.wait_for("trial_confirmed", by="an operator")
        self.assertEqual(self.phone.status()["trial"], "none")
        self.assertEqual(self.told(self.phone, "confirm"), "nothing is on trial\n")

    def test_factory_reset(self):
        """`factory-reset` forgets every generation, tells the hooks, and the phone starts anew."""
        self.server.answers.clear()
        self.told(self.phone, "factory-reset")
        self.phone.wait_for("plan_absent")
        self.check_config(self.phone, "")
        self.assertFalse([name for name in durable.names("generation")
                          if (self.phone.seen / name).exists()])
        self.check_stopped()

    def test_command_meets_reboot(self):
        """A command that waits while the phone reboots is answered with words that say so."""
        asked = threading.Event()
        self.server.put(OWN, Answer(TWO, before=lambda: asked.wait(20)))
        self.phone.tool("resync")
        waiting = self.start(self.phone.tool_command("resync"))
        wait_until(lambda: len(control_sockets(self.process)) > 1, "a connection to the daemon")
        asked.set()
        _, stderr = wait_for_end(waiting)
        self.phone.wait_for("trial_confirmed")
        if waiting.returncode != 0:
            self.assertRegex(stderr, r"\Adialtone: .*reboot[^\n]*\n\Z")

    def test_json(self):
        """The commands answer with JSON too."""
        self.assertTrue(json.loads(self.phone.tool("resync", "--json").stdout)["ok"])
        refused = json.loads(self.phone.tool("set", "splay=x", "--json").stdout)
        self.assertFalse(refused["ok"])
        self.assertTrue(self.phone.status()["running"])

    def test_second_daemon(self):
        """A second daemon with the same state directory is refused: 2."""
        life = self.phone.live()
        self.assertEqual(life.status, 2)
        self.assertIn("another dialtoned uses the state directory", life.stderr)


class Alone(PhoneTest):
    """An operator's phone that is started otherwise, or not at all."""

    def test_set_url(self):
        """An operator's static.url is asked from then on, and after a restart."""
        server, other = self.serve({OWN: ONE}), self.serve({OWN: TWO})
        phone = self.new_phone()
        path = phone.file("settings", f"static.url = {server.url('gs')}\n")
        options = ["--settings", path]
        self.check_end(phone.live(options=options), 0)
        phone.start(options=options)
        phone.wait_for("rest")
        self.told(phone, "set", f"static.url={other.url('gs')}")
        phone.tool("resync")
        phone.wait_for("trial_confirmed")
        self.assertIn("P47=two.example\n", phone.config())
        self.assertIn(OWN, other.paths())

    def test_no_daemon(self):
        """Commands that need a daemon say so when none runs; reading ones do without."""
        _, phone = self.provisioned_site({OWN: ONE})
        for words in (["set", "P47=x"], ["resync"], ["confirm"], ["factory-reset"]):
            asked = phone.tool(*words)
            self.assertEqual(asked.returncode, 1)
            self.assertIn("no dialtoned runs with the state directory", asked.stderr)
        for words in (["status"], ["explain"], ["show", "config"]):
            self.told(phone, *words)


class Secrets(PhoneTest):
    def test_arguments(self):
        """Secrets on the command line are gone from the process list; the rest stays."""
        server = self.serve({OWN: Answer(ONE, credentials=("basic", "desk", "secret-one"))})
        phone = self.new_phone("provision.user=desk", "provision.password=secret-one",
                               "config.password_old=secret-two", "config.key=aabbccdd",
                               "tr069.password=secret-three")
        url = server.url("gs", "somebody", "secret-four") + "?token=secret-five"
        process = phone.start(f"static.url={url}", f"tr069.acs_url={url}")
        phone.wait_for("boot")
        for number in [process.pid, *children_of(process.pid)]:
            shown = pathlib.Path(f"/proc/{number}/cmdline").read_bytes()
            self.assertNotIn(b"secret", shown)
            self.assertNotIn(b"aabbccdd", shown)
            self.assertNotIn(b"somebody", shown)
            self.assertIn(b"provision.user=desk\0", shown)
            self.assertIn(phone.state.encode(), shown)
        phone.wait_for("nothing_found")
        everything = phone.journal() + phone.tool("explain", "--json").stdout.encode()
        for secret in (b"secret", b"aabbccdd", b"somebody"):
            self.assertNotIn(secret, everything)

    def test_operator(self):
        """A secret that an operator sets reaches neither the journal nor the masked listing."""
        _, phone = self.site({OWN: ONE})
        phone.start()
        phone.wait_for("rest")
        for words in ("P34=very-secret-1", "provision.password=very-secret-2",
                      "static.url=http://me:very-secret-3@127.0.0.1:9/?k=very-secret-4"):
            self.told(phone, "set", words)
        phone.wait_for("operator_command", key="static.url")
        self.assertNotIn(b"very-secret", phone.journal())
        self.assertNotIn("very-secret", phone.tool("show", "config", "--mask").stdout)
        self.assertNotIn("very-secret", phone.tool("status").stdout)
        self.assertIn("P34=very-secret-1\n", phone.config())


def control_sockets(process):
    """The sockets of this machine that bear the name of the daemon's control socket: one that
    listens, and one for each client."""
    held = {os.readlink(path) for path in pathlib.Path(f"/proc/{process.pid}/fd").iterdir()}
    with open("/proc/net/unix", encoding="utf-8") as table:
        rows = [line.split() for line in table if line.rstrip().endswith(".control")]
    names = {row[-1] for row in rows if f"socket:[{row[-2]}]" in held}
    return [row for row in rows if row[-1] in names]


class ExitCodes(PhoneTest):
    def test_bad_usage(self):
        """2 for a command line that cannot be meant, and no state directory is made."""
        phone = self.new_phone()
        good = phone.command()[1:]
        for more, hint in (
                (["--mac", "12345"], "--mac"), (["--set", "static.ulr=x"], "static.url"),
                (["--set", "splay=x"], "splay"), (["--profile", "grandstraem"], "grandstream"),
                (["--wat"], "--wat"), (["--set", "provision.password=@/nowhere"], "/nowhere")):
            self.check_usage("dialtoned", good + more, hint)
        self.check_usage("dialtoned", good[2:], "--profile")
        self.assertFalse(os.path.exists(phone.state))

    def test_no_source(self):
        """3 without any URL, and where no file of the plan exists; an older one stays active."""
        self.check_end(self.new_phone().live(), 3)
        server, phone = self.provisioned_site({OWN: ONE})
        server.answers.clear()
        self.check_end(phone.live(), 3)
        self.check_config(phone, "P35=201\nP47=one.example\n")

    def test_explain(self):
        """`explain` tells in sentences what was tried, why it failed and what comes next."""
        server, phone = self.site({OWN: b"<html><body>log in</body></html>"})
        self.check_end(phone.live(), 4)
        told = phone.tool("explain").stdout
        places = [told.index(words) for words in (
            "The phone is not provisioned: no configuration is active.",
            "The source static names " + server.url("gs"),
            f"There is no file {server.url('gs')}/cfg000b82273b89 on the server",
            f"The file {server.url('gs')}/{OWN_FILE} cannot be used: line 1: an HTML page",
            "Nothing is taken over from", "This life ends with exit status 4", "Next: ")]
        self.assertEqual(places, sorted(places))
