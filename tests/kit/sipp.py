# SPDX-License-Identifier: Apache-2.0
"""sipp as a PBX, with a scenario as a file. It is bound to no address, so it hears the group that
its host has joined. It ends by itself once the scenario went through, with 0 if it went well."""

import subprocess

from kit import SOURCE, TESTS, KitError
from kit.pbx import GROUP, PORT
from kit.program import Program, text_of

LIFE_S = 300  # that of a phone which is a machine, too
END_S = 10    # after the phone's life
FOLDERS = (TESTS / "integration/pbx", SOURCE / "sim/demo.d")


class Sipp(Program):
    """`scenario`: a file of FOLDERS, without its ending. `here` is the PBX's address, `url` what
    phones are told; `interface`: of the host, on which it hears the group."""

    name = "sipp"

    def __init__(self, folder, host, here, url, scenario="assign", options=(), port=PORT,
                 interface="eth0"):
        super().__init__(folder, host)
        self.scenario, self.options = scenario, options
        self.here, self.url, self.port = here, url, port
        self.kind = "tcp" if "t1" in options else "udp"
        self.log = self.folder / f"{scenario}.log"
        host.join_group(interface, GROUP)

    def command(self):
        file = next(folder / f"{self.scenario}.xml" for folder in FOLDERS
                    if (folder / f"{self.scenario}.xml").exists())
        return ["sipp", "-sf", file, "-i", "0.0.0.0", "-p", self.port, "-m", "1", "-nostdin",
                "-key", "here", self.here, "-key", "url", self.url, "-timeout", LIFE_S,
                "-timeout_error", "-trace_msg", "-message_file", self.folder / "sipp.messages",
                "-trace_err", "-error_file", self.folder / "sipp.errors", *self.options]

    def verdict(self):
        """Whether it came to the end of its scenario and all was as the scenario has it, and the
        words that say so. After the phone's life."""
        try:
            status = self.process.wait(END_S)
        except subprocess.TimeoutExpired:
            return False, "sipp still waits for what its scenario expects"
        return status == 0, f"sipp ended with status {status}: SUBSCRIBE, 200, NOTIFY, 200"

    def check(self):
        is_so, words = self.verdict()
        if not is_so:
            errors, talk = (text_of(self.folder / f"sipp.{one}") for one in ("errors", "messages"))
            raise KitError(f"{self.scenario}: {words}: {errors}\n{talk}")
