# SPDX-License-Identifier: Apache-2.0
"""coturn, as a STUN server for plain bindings: no relay, no users."""

from kit.program import Program

PORT = 3478


class Coturn(Program):
    name, port, kind = "turnserver", PORT, "udp"

    def __init__(self, folder, host, address):
        super().__init__(folder, host)
        self.address = address

    def command(self):
        # Its own files stay in the folder; --log-file=stdout leaves the log to whoever starts it.
        return ["turnserver", "-n", "--stun-only", "--no-tls", "--no-dtls", "--no-tcp", "--no-cli",
                f"--listening-ip={self.address}", f"--listening-port={PORT}",
                "--log-file=stdout", "--simple-log", f"--pidfile={self.folder}/turnserver.pid",
                f"--userdb={self.folder}/turndb"]
