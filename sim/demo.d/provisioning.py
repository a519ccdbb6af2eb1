# SPDX-License-Identifier: Apache-2.0
"""What the administrator wants of the phone, and the file that says so."""

import secrets
from xml.sax.saxutils import escape

from processes import run

MAC = "000B82273B89"
FILE_NAME = "cfg000b82273b89.xml"
SECRET_KEYS = ("P34", "P2")  # SIP password, administrator's password


def wanted_values(server):
    return {
        "P271": "1",               # account 1 is active
        "P270": "Front desk",      # its name
        "P47": server,             # SIP server
        "P35": "1001",             # user
        "P36": "1001",             # authentication name
        "P3": "Reception & Hall",  # shown to others
        "P30": server,             # NTP server
    }


class ProvisioningFile:
    """The passwords in it, and the one that encrypts it, are drawn for each run."""

    def __init__(self, server, is_encrypted, folder):
        self.folder = folder
        self.values = wanted_values(server)
        self.passwords = [secrets.token_urlsafe(12) for _ in SECRET_KEYS]
        self.key = secrets.token_urlsafe(12) if is_encrypted else ""
        self.content = b""  # as the server has it

    @property
    def secrets(self):
        return [*self.passwords, *filter(None, [self.key])]

    @property
    def key_path(self):
        return f"{self.folder}/password"

    def write(self, path):
        plain = f"{self.folder}/plain.xml" if self.key else path
        with open(plain, "w", encoding="utf-8") as file:
            file.write(self._text())
        if self.key:
            with open(self.key_path, "w", encoding="utf-8") as file:
                file.write(self.key)
            run(["openssl", "enc", "-aes-256-cbc", "-md", "sha256", "-salt", "-in", plain,
                 "-out", path, "-pass", f"file:{self.key_path}"], "openssl enc")
        with open(path, "rb") as file:
            self.content = file.read()

    def _text(self):
        values = {**self.values, **dict(zip(SECRET_KEYS, self.passwords))}
        rows = "".join(f"    <{key}>{escape(value)}</{key}>\n" for key, value in values.items())
        return ('<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n'
                f"  <mac>{MAC.lower()}</mac>\n  <config version=\"1\">\n{rows}  </config>\n"
                "</gs_provision>\n")
