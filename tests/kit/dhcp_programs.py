# SPDX-License-Identifier: Apache-2.0
"""ISC dhcpd and kea, as an administrator sets them up, on the interface s0 of a host at 10.7.0.1,
with the options a test names.

    IscDhcpd(folder, host).serve({66: "http://10.7.0.1/", 43: bytes.fromhex("0103616263"),
                                  150: ["10.7.0.1"]})

`options` are CODE: value, a value being text, bytes, or a list of addresses. What a server calls
its options, and how it is told of those it has no name for, is this file's business.
"""

import json

from kit.program import Program

SUBNET, NETMASK, SERVER = "10.7.0.0", "255.255.255.0", "10.7.0.1"
SUBNET_V6, SERVER_V6 = "fd77::/64", "fd77::1"
FIRST, LAST = ".50", ".60"  # of the addresses given away
BOOTFILE_URL = 59           # of DHCPv6
# Option 66 and 43 have names everywhere, 150 and 160 nowhere.
ISC_NAMES = {66: "tftp-server-name", 43: "vendor-encapsulated-options", 150: "phone-servers",
             160: "phone-url"}


class DhcpProgram(Program):
    asked_by_inform = ""  # what its log has after a DHCPINFORM

    def put(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="ascii")
        return path

    def serve_by(self, *words):
        """Returns when it serves."""
        self.command = lambda: words
        self.start()


class IscDhcpd(DhcpProgram):
    name = "dhcpd"
    ready = "Server starting service"
    asked_by_inform = "DHCPINFORM from"

    def serve(self, options):
        lines = ["authoritative;", "ping-check false;", "default-lease-time 3600;",
                 f"option {ISC_NAMES[150]} code 150 = array of ip-address;",
                 f"option {ISC_NAMES[160]} code 160 = text;",
                 f"subnet {SUBNET} netmask {NETMASK} {{", f"range 10.7.0{FIRST} 10.7.0{LAST};",
                 f"option routers {SERVER};"]
        lines += [f"option {ISC_NAMES[code]} {self.value(value)};"
                  for code, value in options.items()]
        self.set_up("-4", [*lines, "}"])

    def serve_v6(self, url):
        self.set_up("-6", ["authoritative;", f"subnet6 {SUBNET_V6} {{",
                          "range6 fd77::50 fd77::60;",
                          f"option dhcp6.bootfile-url {self.value(url)};", "}"])

    def set_up(self, family, lines):
        leases = self.put("dhcpd.leases", "")
        configuration = self.put("dhcpd.conf", "".join(f"{line}\n" for line in lines))
        self.serve_by("dhcpd", family, "-f", "-d", "--no-pid", "-cf", configuration, "-lf",
                      leases, "s0")

    @staticmethod
    def value(value):
        if isinstance(value, bytes):
            return value.hex(":")
        return ", ".join(value) if isinstance(value, list) else json.dumps(value)


class Kea(DhcpProgram):
    name = "kea"
    asked_by_inform = "DHCPINFORM"

    def serve(self, options):
        self.ready = "DHCP4_STARTED"
        self.set_up("4", {
            "interfaces-config": {"interfaces": ["s0"], "dhcp-socket-type": "raw"},
            "valid-lifetime": 3600,
            "option-def": [
                {"name": "phone-servers", "code": 150, "type": "ipv4-address", "array": True},
                {"name": "phone-url", "code": 160, "type": "string"}],
            "subnet4": [{
                "id": 1, "subnet": f"{SUBNET}/24",
                "pools": [{"pool": f"10.7.0{FIRST} - 10.7.0{LAST}"}],
                "option-data": [{"name": "routers", "data": SERVER},
                                *(self.data(*option) for option in options.items())]}]})

    def serve_v6(self, url):
        self.ready = "DHCP6_STARTED"
        self.set_up("6", {
            "interfaces-config": {"interfaces": ["s0"]},
            "server-id": {"type": "LL", "persist": False},
            "subnet6": [{"id": 1, "subnet": SUBNET_V6, "interface": "s0",
                         "pools": [{"pool": "fd77::50 - fd77::60"}],
                         "option-data": [self.data(BOOTFILE_URL, url)]}]})

    def set_up(self, family, configuration):
        configuration["lease-database"] = {"type": "memfile", "persist": False}
        configuration["loggers"] = [{
            "name": f"kea-dhcp{family}", "output_options": [{"output": "stderr"}],
            "severity": "DEBUG", "debuglevel": 50}]
        path = self.put("kea.json", json.dumps({f"Dhcp{family}": configuration}))
        self.serve_by("env", "KEA_LOCKFILE_DIR=none", f"KEA_PIDFILE_DIR={self.folder}",
                 f"kea-dhcp{family}", "-c", path)

    @staticmethod
    def data(code, value):
        if isinstance(value, bytes):
            return {"code": code, "csv-format": False, "data": value.hex()}
        # A comma in a text would end it.
        text = ", ".join(value) if isinstance(value, list) else value.replace(",", "\\,")
        return {"code": code, "data": text}
