# SPDX-License-Identifier: Apache-2.0
"""What the tests inherit: things that go when a test is over, tables of cases, and what is asked of
a phone after its life."""

import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

from kit import BIN
from kit.network import Host
from kit.phone import EVENT_S, LIFE_S, Phone
from kit.processes import ask, start, stop, watches_a_folder
from kit.waiting import wait_until
from kit.web import WebServer


class Cases:
    """A table of tests: one for each row, (its name, the sentence it is told by, what else the
    method is given). It stands in a class by any name."""

    def __init__(self, method, *rows):
        self.method, self.rows = method, rows
        self.line = sys._getframe(1).f_lineno

    def expand(self):
        """(name, test) of each row."""
        for name, words, *given in self.rows:
            yield f"test_{name}", self.make(words, given)

    def make(self, words, given):
        def test(this):
            self.method(this, *given)
        test.__doc__, test.line = words, self.line
        return test


def slow(method):
    """Marks a test that waits for a bound of many seconds; it starts before the others."""
    method.is_slow = True
    return method


class KitTest(unittest.TestCase):
    maxDiff = None

    def __init_subclass__(cls, **named):
        super().__init_subclass__(**named)
        for table in [one for one in vars(cls).values() if isinstance(one, Cases)]:
            for name, test in table.expand():
                setattr(cls, name, test)

    def scratch_folder(self, mode=0o700):
        folder = tempfile.TemporaryDirectory(prefix="dialtone-test-")
        self.addCleanup(folder.cleanup)
        pathlib.Path(folder.name).chmod(mode)
        return pathlib.Path(folder.name)

    def check_usage(self, program, words, *pieces):
        """A command line that the program cannot use ends with 2 and one line."""
        ended = ask([BIN / program, *words])
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended)
        self.assertRegex(ended.stderr, rf"\A{program}: [^\n]+\n\Z")
        for piece in pieces:
            self.assertIn(piece, ended.stderr)

    def start(self, words, **options):
        """A program that ends with the test; what it says can be read."""
        process = start(words, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE,
                                  "text": True, **options})
        self.addCleanup(stop, process)
        return process

    def keep(self, thing):
        """It is closed when the test is over."""
        self.addCleanup(thing.close)
        return thing

    def host(self):
        return self.keep(Host())


class PhoneTest(KitTest):
    """With what most tests need: servers and phones that go when the test is over."""

    def serve(self, answers=None, tls=None):
        return self.keep(WebServer(answers, tls))

    def new_phone(self, *settings, kind=Phone, **named):
        return self.keep(kind(self.scratch_folder(), *settings, **named))

    def site(self, answers=None, *settings, path="gs"):
        """A server with these answers, and a phone that knows a folder of it."""
        server = self.serve(answers)
        return server, self.new_phone(f"static.url={server.url(path)}", *settings)

    def provisioned_site(self, *arguments, **named):
        """The same, and the phone has its configuration."""
        server, phone = self.site(*arguments, **named)
        phone.provision()
        return server, phone

    def followed(self, phone, *words):
        """`dialtone WORDS --follow`, which has read what there is and watches what comes."""
        follower = self.start(phone.tool_command(*words, "--follow"))
        wait_until(lambda: watches_a_folder(follower.pid), "a watch on the state directory")
        return follower

    @staticmethod
    def read_to(process, piece):
        """The lines up to the first with `piece`; after EVENT_S the process is ended instead."""
        lines, limit = [], threading.Timer(EVENT_S, process.kill)
        limit.start()
        try:
            for line in process.stdout:
                lines.append(line)
                if piece in line:
                    return lines
        finally:
            limit.cancel()
        raise AssertionError(f"{piece} never came after {lines}")

    def told(self, phone, *words):
        """What `dialtone` says that does what it is told."""
        asked = phone.tool(*words)
        self.assertEqual((asked.returncode, asked.stderr), (0, ""), words)
        return asked.stdout

    def check_config(self, phone, text):
        self.assertEqual(phone.config(), text)

    def check_words(self, life, kind, *words):
        """One entry of this kind has all these words in its sentence, and `explain` tells it."""
        sentences = [entry["sentence"] for entry in life.of_kind(kind)]
        for sentence in sentences:
            if all(word in sentence for word in words):
                return
        self.fail(f"no {kind} with {words} in the journal:\n{life.sentences()}")

    def check_end(self, life, status):
        """The exit status, the bound, and one line on standard error that says why."""
        self.assertEqual(life.status, status, life.stderr + life.sentences())
        self.assertLess(life.seconds, LIFE_S)
        self.assertRegex(life.stderr, r"\Adialtoned: [^\n]+\n\Z")
        ends = life.of_kind("finished")
        self.assertEqual([entry["fields"]["status"] for entry in ends], [str(status)])
        self.assertIn(ends[0]["fields"]["reason"], life.stderr)

    def check_life(self, phone, status, *found, settings=(), options=()):
        """One life, which ends with this status and has, if wanted, an entry of a kind with words.
        """
        life = phone.live(*settings, options=options)
        self.check_end(life, status)
        if found:
            self.check_words(life, *found)
        return life

    def check_provisions(self, phone, config, *settings):
        """A life that ends well, and with this configuration."""
        life = self.check_life(phone, 0, settings=settings)
        self.check_config(phone, config)
        return life
