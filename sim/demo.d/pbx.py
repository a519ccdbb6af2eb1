# SPDX-License-Identifier: Apache-2.0
"""The PBX that answers a phone's SIP plug and play: sipp with a scenario of ours, or the lab's own
for people who are not root."""

import os
import subprocess
import sys

from processes import DemoError, run, start, stop, wait_until

HERE = os.path.dirname(os.path.abspath(__file__))
GROUP = "224.0.1.75"
PORT = 5060
LAST_WORDS_S = 1
LIFE_S = 300  # of sipp; that of a phone which is a machine, too


class Pbx:
    """Those that inherit have a name, and say how they start and what became of it."""

    name = ""

    def __init__(self, network, host, interface, address, url, folder):
        self.network, self.host, self.interface = network, host, interface
        self.address, self.url, self.folder = address, url, folder
        self.process = None

    @property
    def log(self):
        return f"{self.folder}/pbx.log"

    def start(self):
        with open(self.log, "wb") as log:
            self.process = start(self.network.inside(self.host, self._argv()), stdout=log,
                                 stderr=log, cwd=self.folder)
        wait_until(self._is_up, f"{self.name} listens")

    def _is_up(self):
        if self.process.poll() is not None:
            raise DemoError(f"{self.name} did not start: {self._last_words()}")
        table = run(self.network.inside(self.host, ["cat", "/proc/net/udp"]), "cat")
        return f":{PORT:04X} " in table

    def _last_words(self):
        lines = self.words().strip().split("\n")
        return lines[-1] or "it says nothing"

    def words(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()

    def stop(self):
        if self.process is not None:
            stop(self.process)


class Sipp(Pbx):
    """Ends by itself once the scenario went through, with status 0 if it went well. sipp does not
    join groups; bound to no address it hears what its host has joined."""

    name = "sipp"
    scenario = f"{HERE}/assign.xml"

    def start(self):
        self.network.join_group(self.host, self.interface, GROUP)
        super().start()

    def _argv(self):
        return ["sipp", "-sf", self.scenario, "-i", "0.0.0.0", "-p", str(PORT), "-m", "1",
                "-key", "here", self.address, "-key", "url", self.url, "-nostdin",
                "-timeout", str(LIFE_S), "-timeout_error", "-trace_err", "-error_file",
                f"{self.folder}/sipp.err"]

    def verdict(self):
        """Whether all went well for it, and the words that say so. After the phone's life."""
        try:
            status = self.process.wait(LAST_WORDS_S)
        except subprocess.TimeoutExpired:
            return False, "sipp still waits for what its scenario expects"
        return status == 0, f"sipp ended with status {status}: SUBSCRIBE, 200, NOTIFY, 200"


class LabPbx(Pbx):
    """lab_pbx.py: needs neither root nor a package."""

    name = "lab PBX"

    def _argv(self):
        return [sys.executable, "-B", f"{HERE}/lab_pbx.py", self.address, self.url]

    def verdict(self):
        is_so = "answered 200" in self.words()
        return is_so, "the lab PBX sent a NOTIFY, and it was " + \
            ("answered 200" if is_so else "not answered 200")
