# SPDX-License-Identifier: Apache-2.0
"""What the tests of this folder have in common: phones whose configuration says whether it is
whole, file servers for every protocol, hooks that remember what they were told, and what has to be
so after a life that something happened to.

Everything is on the loopback interface of a network namespace of the test's own.
"""

import pathlib
import shutil
from dataclasses import dataclass, field

from kit import CERTIFICATES, durable
from kit.closing import Keeper
from kit.configuration import OWN_FILE, config_file, listing
from kit.ftp import FtpServer
from kit.phone import Phone
from kit.server import url_of
from kit.tftp import TftpServer
from kit.web import WebServer, tls_context

SECRET = "hush"  # all secrets contain it, and nothing else does

# No key of these means anything to the agent but P34, a password.
KEYS = [f"P{key}" for key in range(5000, 5040)]
OLD = {"P47": "old.example", "P35": "kept", "P34": "hush-sip"} | {key: "old " * 9 for key in KEYS}
NEW = {"P47": "new.example", "P36": "added"} | {key: "new " * 9 for key in KEYS}
LOST = NEW | {"P237": "127.0.0.1:9/lost"}  # the server's path, where nobody is


# The values of the file that the server has, and what the phone holds then.
CONFIGURATIONS = {"old": (OLD, listing(OLD)), "new": (NEW, listing(OLD | NEW)),
                  "first": (NEW, listing(NEW)), "lost": (LOST, listing(OLD | LOST))}


class FileServers(Keeper):
    """The configurations, served by each protocol that is asked for, until close()."""

    def __init__(self):
        super().__init__()
        self.files = {f"/{name}/{OWN_FILE}": config_file(values)
                      for name, (values, _) in CONFIGURATIONS.items()}
        self.servers = {}

    def url(self, protocol, name):
        """Of the folder with the configuration `name`; the server is there once this returns."""
        if protocol not in self.servers:
            self.servers[protocol] = self.keep(self.start(protocol))
        user = "" if protocol == "tftp" else f"desk:{SECRET}-url@"
        server = self.servers[protocol]
        return url_of(protocol, server.address, server.port, name, user)

    def start(self, protocol):
        if protocol in ("ftp", "tftp"):
            return {"ftp": FtpServer, "tftp": TftpServer}[protocol](self.files)
        certificate = CERTIFICATES / "server.pem", CERTIFICATES / "server.key"
        return WebServer(self.files, tls_context(*certificate) if protocol == "https" else None)


@dataclass
class Story:
    """What a phone goes through: it holds the configuration `before`, and is offered `offer`."""

    name: str
    protocol: str
    offer: str
    before: str = ""
    settings: list = field(default_factory=list)
    # A disk that gives nothing any more makes a phone a new one: it may forget what was before.
    may_forget: bool = False
    # A trial that nothing could get through has failed, and the predecessor returns.
    may_return: bool = False

    @property
    def may_hold(self):
        return {self.before, self.offer} | ({"", "first"} if self.may_forget else set())

    @property
    def may_rest_with(self):
        return {self.offer} | ({"first"} if self.may_forget else set()) | \
            ({self.before} if self.may_return else set())

    @property
    def may_end_with(self):
        return (0, 4, 5) if self.may_return else (0,)


def phone_with(configuration, servers, folder):
    """A phone that came by that configuration over http."""
    phone = FaultyPhone(folder, f"static.url={servers.url('http', configuration)}")
    ended = phone.live()
    assert ended.status == 0 and phone.held() == configuration, ended
    return phone


class FaultyPhone(Phone):
    """One phone in a folder of its own, whose hooks remember what they are told."""

    def __init__(self, folder, *settings, **named):
        super().__init__(folder, **named)
        self.told = pathlib.Path(folder, "told")
        hooks = pathlib.Path(folder, "hooks")
        hooks.mkdir(parents=True)
        self.file("hooks/remember", f"#!/bin/sh\nexec cat \"$1\" >> '{self.told}'\n", 0o755)
        self.settings = [f"hooks.dir={hooks}", f"tr069.password={SECRET}-acs",
                         f"provision.password={SECRET}-web", f"tls.ca={CERTIFICATES}/authority.pem",
                         "trial.timeout=30", *settings]

    def check_secrets(self, settings, stderr):
        """trouble() looks for them."""

    def take_over(self, other):
        """What another phone has on its disk, and what its hooks were told."""
        shutil.copytree(other.state, self.state)
        shutil.copy(other.told, self.told)

    def held(self):
        """The name of the configuration that is held, none if there is none; anything else is
        words about what is wrong."""
        if not self.seen.exists():
            return ""
        shown = self.tool("show", "config")
        if shown.returncode != 0:
            return f"no configuration can be shown: {shown.stderr}"
        for name, (_, text) in CONFIGURATIONS.items():
            if shown.stdout == text:
                return name
        if not shown.stdout:
            return ""
        lines = shown.stdout.splitlines()
        old = sum("old" in line for line in lines)
        return f"a mixture of {len(lines)} lines, {old} of them old"

    def heard(self):
        """What the hooks know: the listing of everything they were told, one over the other."""
        values = {}
        if self.told.exists():
            for line in self.told.read_text(encoding="utf-8").splitlines():
                key, _, value = line.partition("=")
                values[key] = value
        return listing({key: value for key, value in values.items() if value})

    def trouble(self, story):
        """What is wrong with the phone as it stands, in words; none when it holds one whole
        configuration and no secret shows."""
        found = self.held()
        if found not in story.may_hold:
            return f"it holds {found or 'nothing'}"
        if self.seen.exists() and (told := self.status()["trouble"]):
            return f"its status says: {told}"
        if self.seen.exists() and SECRET.encode() in self.journal():
            return "a secret stands in the journal"
        return ""

    def end_trouble(self, ended, story):
        """The same for a phone that was left in peace for a life that ended so."""
        words = self.trouble(story)
        if ended.status not in story.may_end_with or words:
            return f"its next life ends with {ended.status} ({ended.stderr.strip()}): {words}"
        return self.rest_trouble(story)

    def rest_trouble(self, story):
        """The same for one that rests."""
        trial = self.status()["trial"]
        if self.held() not in story.may_rest_with or trial != "none":
            return f"it rests with {self.held()}, trial {trial}"
        if not story.may_forget and self.heard() != self.config():
            return "the hooks were told something else than what is active"
        return self.strangers()

    def strangers(self):
        """Words about files that are none of the agent's."""
        strangers = {path.name for path in self.seen.iterdir() if not durable.is_ours(path.name)}
        return f"it left {strangers} behind" if strangers else ""
