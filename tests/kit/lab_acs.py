# SPDX-License-Identifier: Apache-2.0
"""The laboratory's ACS (dialtone-lab acs), led by a script."""

import re

from kit import BIN
from kit.processes import start, stop
from kit.waiting import wait_until

LIMIT_S = 150  # a list takes 45 s by itself
LISTENS = re.compile(r"^acs: listens at (http://\S+)$", re.M)
LAST = re.compile(r"acs: (\d+) expectations, (\d+) unmet, (\d+) violations")


class LabAcs:
    """The program, with a script, on a port of its own."""

    def __init__(self, folder, script, *options, subcommand="acs"):
        path, self.log, self.told = folder / "script", folder / "acs.log", folder / "acs.out"
        path.write_text(script, encoding="utf-8")
        with self.log.open("wb") as log, self.told.open("wb") as told:
            self.process = start([BIN / "dialtone-lab", subcommand, "--script", path,
                                  "--seconds", str(LIMIT_S), *options], stdout=told, stderr=log)
        self.url = wait_until(lambda: LISTENS.search(self.log.read_text("utf-8")),
                              "an ACS that listens")[1]

    def finish(self):
        """Its exit status, the counts of its last line, and all that it told."""
        status = self.process.wait(LIMIT_S + 10)
        told = self.told.read_text("utf-8")
        last = LAST.fullmatch(told.splitlines()[-1])
        return status, tuple(int(one) for one in last.groups()), told + self.log.read_text("utf-8")

    def close(self):
        stop(self.process)
