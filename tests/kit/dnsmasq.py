# SPDX-License-Identifier: Apache-2.0
"""dnsmasq, as a DHCP server, a TFTP server or both; never as a name server."""

import re

from kit.network import HERE
from kit.program import FolderProgram
from kit.server import Request

LEASE = "1h"
SENT = re.compile(r"dnsmasq-tftp\S*: (sent|file) (\S+) (to|not found)")


class Dnsmasq(FolderProgram):
    """Those that inherit say what it serves. It stays the user that it is started by."""

    name = "dnsmasq"

    def __init__(self, folder, *options, **named):
        super().__init__(folder, **named)
        self.options = options

    def command(self):
        # --no-daemon leaves the log on standard error.
        return ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=",
                "--log-facility=-", "--bind-interfaces", *self.options]


def dhcp_options(folder, interface, first, last=None, netmask=None):
    """Gives out the addresses from first to last."""
    range_ = ",".join(filter(None, (first, last or first, netmask, LEASE)))
    return [f"--interface={interface}", "--except-interface=lo", f"--dhcp-range={range_}",
            "--no-ping", "--dhcp-authoritative", f"--dhcp-leasefile={folder}/leases", "--log-dhcp"]


def option(code, value, is_forced=True):
    """`value`: text as dnsmasq takes it, or bytes."""
    value = value.hex(":") if isinstance(value, bytes) else value
    return f"--dhcp-option{'-force' if is_forced else ''}={code},{value}"


class DhcpServer(Dnsmasq):
    """`addresses`: first, and if wanted last and netmask, of those it gives out."""

    ready = "DHCP, IP range"

    def __init__(self, folder, host, interface, addresses, *options):
        super().__init__(folder, *dhcp_options(folder, interface, *addresses), *options, host=host)


class TftpProgram(Dnsmasq):
    """Each transfer is a connection of its own, and only whole ones are in the log."""

    scheme = "tftp"
    port, kind = 69, "udp"

    def __init__(self, folder, *options, host=HERE, address="127.0.0.1"):
        super().__init__(folder, *options, host=host, address=address)

    def command(self):
        return [*super().command(), f"--listen-address={self.address}", "--enable-tftp",
                f"--tftp-root={self.files}"]

    @property
    def requests(self):
        found = filter(None, map(SENT.search, self.words().splitlines()))
        return [Request("RRQ", match[2].removeprefix(str(self.files)), {}, number,
                        200 if match[1] == "sent" else 404)
                for number, match in enumerate(found, 1)]
