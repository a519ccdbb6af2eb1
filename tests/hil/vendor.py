# SPDX-License-Identifier: Apache-2.0
"""What differs from vendor to vendor as a server sees it: the files that a phone asks for, what its
configuration looks like, how it names itself. One row a vendor; docs/hil.md says how to add one."""

import re
from dataclasses import dataclass

from kit.configuration import encrypted


@dataclass(frozen=True)
class Vendor:
    """Names have {mac} (lower case) and {model_lower} or {model} in braces."""

    name: str
    model: str                # unless the command line names another
    own_file: str             # the one that is made for this phone
    before: tuple             # asked for first, and absent here, when a URL names a folder
    before_named: tuple       # the same when a URL names the phone's own file
    after: tuple              # asked for besides when its own file is absent; "": the folder itself
    user_agent: str           # what its requests say, a regular expression
    passed_over: tuple = ()   # paths that no scenario is about: firmware and the like
    encryption: tuple = ()    # options of openssl enc -aes-256-cbc; (): unpublished
    content: str = ""         # with {mac}, {server}, {secret}
    broken_bytes: int = 0     # a file that is cut after so many of them is broken

    def names(self, mac, model):
        """{word: value} for the texts of a scenario."""
        words = {"mac": mac, "model": model, "model_lower": model.lower()}
        return {**words, "own_file": self.own_file.format(**words)}

    def requests(self, kind, names):
        """[(file name, whether it is the phone's own)] of one pass over a folder, in order."""
        rows = {
            "file": [*self.before_named, self.own_file],
            "folder": [*self.before, self.own_file],
            "nothing": [*self.before, self.own_file, *self.after],
        }
        return [(row.format(**names), row == self.own_file) for row in rows[kind]]

    def patterns(self):
        return [re.compile(one) for one in self.passed_over]

    def agent_pattern(self, names):
        return re.compile(self.user_agent.format(**names))


GRANDSTREAM = Vendor(
    name="grandstream", model="GXP1628", own_file="cfg{mac}.xml",
    before=("cfg{mac}",), before_named=(), after=("cfg{model_lower}.xml", "cfg.xml", ""),
    user_agent=r"^Grandstream Model HW {model} SW \S+ DevId {mac}$",
    passed_over=(r"\.bin$", r"/phonebook\.xml$", r"/gs_screen\.xml$"),
    encryption=("-md", "sha256", "-salt"),
    content='<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n'
            '<mac>{mac}</mac>\n<config version="1">\n<P271>1</P271>\n<P47>{server}</P47>\n'
            "<P35>1001</P35>\n<P34>{secret}</P34>\n</config>\n</gs_provision>\n",
    broken_bytes=150)

FANVIL = Vendor(
    name="fanvil", model="X4", own_file="{mac}.cfg",
    before=("f0{model}hw1.100.cfg",), before_named=("f0{model}hw1.100.cfg",), after=("",),
    user_agent=r"^Fanvil {model} \S+ {mac}$",
    passed_over=(r"\.(z|bin|wav|rom)$",),
    content="<<VOIP CONFIG FILE>>Version:2.0002\n\n<SIP CONFIG MODULE>\n--SIP Line List--  :\n"
            "SIP1 Phone Number       :1001\nSIP1 Register Addr      :{server}\n"
            "SIP1 Register Pswd      :{secret}\n<<END OF FILE>>\n",
    broken_bytes=110)

VENDORS = {vendor.name: vendor for vendor in (GRANDSTREAM, FANVIL)}


class Contents:
    """The files of one run, by the words that scenarios call them. They differ from run to run, so
    that a phone which was in the laboratory before has not seen them."""

    WORDS = ("one", "two", "broken", "encrypted")

    def __init__(self, vendor, names, salt):
        self.vendor, self.names, self.salt = vendor, names, salt
        self.key = f"key-{salt}"
        self.secret = f"secret-{salt}"

    def secrets(self):
        """{what it is: the text}, none of which may be seen in the open."""
        return {"password": self.secret, "file's key": self.key}

    def of(self, word):
        """Bytes."""
        if word == "encrypted":
            return self._encrypted(self._plain("one"))
        if word == "broken":
            return self._plain("broken")[:self.vendor.broken_bytes]
        return self._plain(word)

    def _plain(self, word):
        return self.vendor.content.format(**self.names, secret=self.secret,
                                          server=f"{word}-{self.salt}.example").encode()

    def _encrypted(self, plain):
        return encrypted(plain, self.key, *self.vendor.encryption)
