# SPDX-License-Identifier: Apache-2.0
"""What the administrator wants of the phone, and the file that says so. An ACS says the same."""

import pathlib
import secrets
from xml.sax.saxutils import escape

from kit.configuration import config_file, encrypted

SECRET_KEYS = ("P34", "P2")  # SIP password, administrator's password


class ProvisioningFile:
    """The passwords in it, and the one that encrypts it, are drawn for each run."""

    def __init__(self, server, is_encrypted, folder):
        self.key_path = pathlib.Path(folder, "password")
        self.values = {
            "P271": "1",               # account 1 is active
            "P270": "Front desk",      # its name
            "P47": server,             # SIP server
            "P35": "1001",             # user
            "P36": "1001",             # authentication name
            "P3": "Reception & Hall",  # shown to others
            "P30": server,             # NTP server
        }
        self.passwords = [secrets.token_urlsafe(12) for _ in SECRET_KEYS]
        self.key = secrets.token_urlsafe(12) if is_encrypted else ""
        self.content = b""  # as the server has it

    @property
    def secrets(self):
        return [*self.passwords, *filter(None, [self.key])]

    def all_values(self):
        """With the passwords."""
        return {**self.values, **dict(zip(SECRET_KEYS, self.passwords))}

    def make(self):
        """Its content, which is as the server has it."""
        values = self.all_values()
        self.content = config_file({key: escape(value) for key, value in values.items()})
        if self.key:
            self.key_path.write_text(self.key, encoding="utf-8")
            self.content = encrypted(self.content, self.key)
        return self.content
