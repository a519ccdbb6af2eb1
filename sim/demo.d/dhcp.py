# SPDX-License-Identifier: Apache-2.0
"""The DHCP of the demonstration: dnsmasq that gives out one address and names the provisioning
server in option 66, and on the phone busybox udhcpc with the script of the phone's image."""

import os

from processes import DemoError, start, stop, wait_until

LEASE = "1h"
NETMASK = "255.255.0.0"
VENDOR_CLASS = "Grandstream GXP1628"


class DhcpServer:
    name = "dnsmasq"

    def __init__(self, network, host, interface, offered, url, folder):
        self.network, self.host, self.interface = network, host, interface
        self.offered, self.url, self.folder = offered, url, folder
        self.process = None

    @property
    def log(self):
        return f"{self.folder}/dhcp.log"

    def start(self):
        argv = ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=",
                f"--interface={self.interface}", "--except-interface=lo", "--bind-interfaces",
                f"--dhcp-range={self.offered},{self.offered},{NETMASK},{LEASE}", "--no-ping",
                "--dhcp-authoritative", f"--dhcp-leasefile={self.folder}/leases",
                f"--dhcp-option=66,{self.url}", "--log-facility=-"]
        with open(self.log, "wb") as log:
            self.process = start(self.network.inside(self.host, argv), stdout=log, stderr=log)
        wait_until(self._is_up, "dnsmasq listens")

    def _is_up(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            words = file.read()
        if self.process.poll() is not None:
            last = words.strip().split("\n")[-1]
            raise DemoError(f"dnsmasq did not start: {last or 'it says nothing'}")
        return "DHCP, IP range" in words and "started" in words

    def stop(self):
        if self.process is not None:
            stop(self.process)


class DhcpClient:
    """What the phone's image runs beside dialtoned; it gets the address, and tells dialtoned."""

    def __init__(self, network, host, interface, root, programs, state, folder):
        self.network, self.host, self.interface = network, host, interface
        self.image = f"{root}/rootfs/usr"
        self.programs, self.state, self.folder = programs, state, folder
        self.process = None

    def start(self):
        environment = {**os.environ, "DIALTONE": f"{self.programs}/dialtone",
                       "DIALTONE_RESOLV_CONF": f"{self.folder}/resolv.conf",
                       "DIALTONE_UDHCPC_SCRIPT": f"{self.image}/share/dialtone/udhcpc.script"}
        argv = [f"{self.image}/sbin/dialtone-udhcpc", "--interface", self.interface,
                "--state", self.state, "--vendor-class", VENDOR_CLASS]
        with open(f"{self.folder}/udhcpc.log", "wb") as log:
            self.process = start(self.network.inside(self.host, argv), stdout=log, stderr=log,
                                 env=environment)

    def stop(self):
        if self.process is not None:
            stop(self.process)
