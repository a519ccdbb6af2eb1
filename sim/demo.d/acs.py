# SPDX-License-Identifier: Apache-2.0
"""The ACS of the demonstration: `dialtone-lab acs` with a script that asks a new phone who it is,
sets up its first account and reads back what it has set. It judges what the phone says by the
schema (docs/acs-script.md)."""

import contextlib
import re

from kit import KitError
from kit.program import Program
from kit.server import url_of
from kit.waiting import wait_until

PORT = 7547  # assigned to CWMP
PROFILE = "$root.Services.VoiceService.1.VoiceProfile.1"
LINE = f"{PROFILE}.Line.1"
# The same values by the names of TR-104, and by the keys of the phone's vendor.
PARAMETERS = {
    f"{PROFILE}.Name": "P270",
    f"{PROFILE}.SIP.ProxyServer": "P47",
    f"{LINE}.Enable": "P271",
    f"{LINE}.DirectoryNumber": "P35",
    f"{LINE}.SIP.AuthUserName": "P36",
    f"{LINE}.SIP.AuthPassword": "P34",
    f"{LINE}.CallingFeatures.CallerIDName": "P3",
}
SPELT = {("P271", "1"): "Enabled"}
ALSO = {f"{PROFILE}.Enable": "Enabled"}  # a line counts while its profile does, too
HIDDEN = ("P34",)  # it reads as an empty value
LAST_LINE = re.compile(r"^acs: (\d+) expectations, (\d+) unmet, (\d+) violations$", re.M)
LIMIT_S = 600
END_S = 5  # from the phone's end on


def quoted(text):
    return '"' + text.replace("\\", r"\\").replace('"', r"\"") + '"'


class DemoAcs(Program):
    name = "ACS"
    ready = "acs: listens at"
    port = PORT

    def __init__(self, folder, program, host, address, values):
        """`values` by the vendor's keys, secrets included."""
        super().__init__(folder, host)
        self.program, self.address = program, address
        self.script = self.folder / "acs.script"
        spelt = {name: SPELT.get((key, values[key]), values[key])
                 for name, key in PARAMETERS.items()}
        self.script.write_text(self.written({**spelt, **ALSO}), "utf-8")

    def written(self, values):
        told = [name for name in values if PARAMETERS.get(name) not in HIDDEN]
        table = PROFILE.rpartition(".")[0]
        lines = ['expect Inform event "0 BOOTSTRAP" event "1 BOOT"',
                 "call GetParameterValues $root.DeviceInfo.",
                 "expect value $root.DeviceInfo.SoftwareVersion ?*",
                 f"call AddObject {table}.", "expect instance 1",
                 f"call AddObject {PROFILE}.Line.", "expect instance 1",
                 "call SetParameterValues " +
                 " ".join(f"{name}={quoted(value)}" for name, value in values.items()) +
                 " key demonstration",
                 "expect status 0",
                 f"call GetParameterValues {' '.join(told)} "
                 "$root.ManagementServer.ParameterKey",
                 *(f"expect value {name} {quoted(values[name])}" for name in told),
                 "expect value $root.ManagementServer.ParameterKey demonstration",
                 "end"]
        return "\n".join(lines) + "\n"

    def command(self):
        return [self.program, "acs", "--script", self.script, "--address", self.address,
                "--port", str(self.port), "--seconds", str(LIMIT_S)]

    def url(self, path=""):
        return url_of("http", self.address, self.port, path)

    def finish(self):
        """It ends by itself, and judges, when the script is done."""
        with contextlib.suppress(KitError):
            wait_until(lambda: self.process.poll() is not None, "the ACS's verdict", END_S)

    def verdict(self):
        last = LAST_LINE.search(self.words())
        if not last:
            return False, "the ACS's script has not come to its end"
        count, unmet, violations = map(int, last.groups())
        return unmet == violations == 0, f"the ACS: {count} expectations, {unmet} of them unmet; " \
            f"{violations} violations of TR-069"
