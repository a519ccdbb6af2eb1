# SPDX-License-Identifier: Apache-2.0
"""tftpd-hpa, which administrators run as a TFTP server. It changes its user for each file, which a
user namespace does not allow."""

from kit.program import FolderProgram


class TftpdHpa(FolderProgram):
    """`is_secure`: the folder is its root; without, names are absolute. An IPv6 address stands in
    brackets."""

    name = "in.tftpd"
    port, kind = 69, "udp"

    def __init__(self, folder, *options, address="127.0.0.1", is_secure=True):
        super().__init__(folder, address=address)
        self.options = [*options, *(["--secure"] if is_secure else [])]

    def command(self):
        return ["in.tftpd", "-L", "--user", "root", "--address", f"{self.address}:69",
                *self.options, self.files]
