# SPDX-License-Identifier: Apache-2.0
"""What a device under test is to a scenario: something with a cable and a power switch. Whatever
more one can do stands in `abilities`; whatever one can tell of itself is for the report."""

import pathlib


class Device:
    name = ""
    boot_s = 0            # from power, or a restart of its own, to its first question, at most
    abilities = frozenset()  # words of scenario.NEEDS
    interface = "eth0"    # of the site's end of the cable

    def __init__(self, site, given, folder):
        """`given`: the runner's command line. `folder`: of its own, for this scenario; what is
        left in its `report` goes to the reader of a failure."""
        self.site, self.given, self.folder = site, given, folder
        self.settings = {}

    @classmethod
    def why_not(cls, given):  # pylint: disable=unused-argument
        """Why it cannot be used at all, for a person; empty if it can."""
        return ""

    def plug_in(self):
        """The cable between it and the site. It has no power yet."""
        raise NotImplementedError

    def tell(self, settings):
        """{key: value} of settings of the agent, before the first power-on; only with the ability
        `settings`."""
        self.settings = settings

    def keep(self, name, text):
        """A file for the report."""
        pathlib.Path(self.folder, name).write_text(text, encoding="utf-8")

    def secrets_in(self, text, place):
        """Findings."""
        return [f"the {what} stands {place}" for what, secret in
                self.site.contents.secrets().items() if secret in text]

    def power(self, verb):
        """on or off; returns when it is so. Raises KitError."""
        raise NotImplementedError

    def findings(self):
        """What it finds wrong with itself, a line each, after the last step; it may lose power."""
        return []

    def report(self):
        """Writes what it can tell into its folder, after findings()."""

    def stop(self):
        """Without power and unplugged, whatever it does."""


def mac_with_colons(mac):
    return ":".join(mac[at:at + 2] for at in range(0, 12, 2)).lower()
