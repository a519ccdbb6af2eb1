# SPDX-License-Identifier: Apache-2.0
"""Leases, and answers to the agent's own question, of the DHCP servers that administrators run
besides dnsmasq: ISC dhcpd and kea. DHCPv6 too, taken by ISC dhclient, as Debian's busybox has no
udhcpc6."""

import pathlib

from kit import ROOTFS
from kit.configuration import OWN_FILE, config_file
from kit.dhcp_programs import SERVER_V6, IscDhcpd, Kea
from kit.lease import SERVER, LeaseTest, hex_of
from kit.needs import private_system
from kit.runner import SIDE_BY_SIDE
from kit.tftp import TftpServer
from kit.waiting import wait_until
from kit.web import WebServer

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
OWN_ADDRESS = "10.7.0.20"
SUB_OPTION = b"\x02"


def url_of(code):
    return f"http://{SERVER}/{code}/"


def vendor_information(text):
    """Option 43 with a sub-option, as phones' vendors ask for it."""
    return SUB_OPTION + bytes([len(text)]) + text.encode()


# Where each of them says that the configuration is, and what that sets.
NAMED = {66: url_of(66), 43: vendor_information(url_of(43)), 150: [SERVER], 160: url_of(160)}
# dhclient's variables, said as udhcpc6 says them.
DHCLIENT_SCRIPT = """\
#!/bin/sh
case $reason in
    PREINIT6) exec ip link set dev "$interface" up ;;
    BOUND6)
        export interface ipv6="$new_ip6_address" bootfile_url="$new_dhcp6_bootfile_url"
        exec sh {script} bound
        ;;
esac
"""


class DhcpServersTest(LeaseTest):
    """What is asked of every server. Those that inherit say which one it is."""

    kind = None

    def setUp(self):
        super().setUp()
        self.dhcp = self.keep(self.kind(self.folder, self.server))

    def serve_files(self, address=SERVER):
        """By HTTP, and for whom option 150 names a server by TFTP."""
        files = {f"/{code}/{OWN_FILE}" if code != 150 else f"/{OWN_FILE}":
                 config_file({"P47": f"by{code}.example"}) for code in NAMED}
        self.keep(WebServer(files, host=self.server, address=address, port=80))
        if address == SERVER:
            self.keep(TftpServer(files, self.server, address))

    def check_provisioned(self, values, *settings):
        """A new phone, which these settings lead to the configuration with these values."""
        phone = self.life_of("order=dhcp")
        life = self.check_provisions(phone, values, *settings)
        for path in pathlib.Path(self.state).iterdir():
            path.unlink()
        return life


class OfEveryServer:
    def test_options(self):
        """Options 66, 43, 150 and 160 of a lease arrive as the administrator wrote them."""
        self.dhcp.serve({66: "pbx.example.com", 43: bytes.fromhex("0103616263"),
                         150: ["10.7.0.1", "10.7.0.2"], 160: url_of(160)})
        lines = self.bind("--vendor-class", "Grandstream GXP1400")
        self.assertEqual(lines[:8], [
            "family=ipv4", "interface=p0", "news=bound",
            f"class={hex_of('Grandstream GXP1400')}", f"66={hex_of('pbx.example.com')}",
            "43=0103616263", f"160={hex_of(url_of(160))}", "150=0a0700010a070002"])
        self.check_interface()

    def test_lease(self):
        """A lease names the server in any of its options, and nobody is asked once more."""
        self.serve_files()
        self.dhcp.serve({**NAMED, 66: SERVER})
        self.bind()
        for code in NAMED:
            file_of = 150 if code == 66 else code  # a host alone
            with self.subTest(option=code):
                life = self.check_provisioned(f"P47=by{file_of}.example\n", f"dhcp.options={code}")
                self.check_words(life, "source_url", f"option {code} of the lease")
        self.assertNotIn(self.dhcp.asked_by_inform, self.dhcp.words())

    def test_inform(self):
        """The agent's own question is answered with any of the options, 66 as a URL among them."""
        self.serve_files()
        self.dhcp.serve(NAMED)
        self.phone.ip("address", "add", f"{OWN_ADDRESS}/24", "dev", "p0")
        for code in NAMED:
            with self.subTest(option=code):
                life = self.check_provisioned(f"P47=by{code}.example\n", f"dhcp.options={code}")
                self.check_words(life, "source_url", f"option {code} of {SERVER}'s answer")
        self.assertIn(self.dhcp.asked_by_inform, self.dhcp.words())

    def test_quotes(self):
        """Quotes around a URL are taken off with a remark, in a lease and in an answer."""
        self.serve_files()
        self.dhcp.serve({66: f'"{url_of(66)}"', 160: f"'{url_of(160)}'"})
        self.bind()
        for code, whose in ((160, "the lease"), (66, f"{SERVER}'s answer to DHCPINFORM")):
            with self.subTest(option=code):
                life = self.check_provisioned(f"P47=by{code}.example\n", f"dhcp.options={code}")
                self.check_words(life, "source_remark",
                                 f"option {code} of {whose} is in quotes, which are taken off")

    def test_host_in_sub_option(self):
        """HOST/PATH in a sub-option of option 43 is asked by static.protocol."""
        self.serve_files()
        self.dhcp.serve({43: vendor_information(f"{SERVER}/43/")})
        self.bind()
        life = self.check_provisioned("P47=by43.example\n", "dhcp.options=43",
                                      "static.protocol=http")
        self.check_words(life, "request", url_of(43))

    def test_beside_client(self):
        """A URL in option 66, which udhcpc makes unreadable, the agent asks for beside udhcpc."""
        self.serve_files()
        self.dhcp.serve({66: url_of(66)})
        self.assertIn(f"66={hex_of('bad')}", self.bind())
        self.check_provisioned("P47=by66.example\n", "dhcp.options=66,160")
        self.assertIn(self.dhcp.asked_by_inform, self.dhcp.words())

    def test_bootfile_url(self):
        """DHCPv6 option 59 arrives and names the server."""
        self.server.ip("address", "add", f"{SERVER_V6}/64", "dev", "s0", "nodad")
        self.phone.ip("address", "add", "fd77::aaaa/64", "dev", "p0", "nodad")
        for host, interface in ((self.server, "s0"), (self.phone, "p0")):
            self.wait_for_link_local(host, interface)
        self.serve_files(SERVER_V6)
        self.dhcp.serve_v6(f"http://[{SERVER_V6}]/160/")
        self.start_client_v6()
        self.wait_for_news("bound", family=6)
        life = self.check_provisioned("P47=by160.example\n", "dhcp.inform=0")
        self.check_words(life, "source_url", "option v6 59 of the lease")

    def wait_for_link_local(self, host, interface):
        """The kernel first looks whether another host has that address."""
        def is_there():
            shown = host.ip("-6", "address", "show", "dev", interface)
            return "fe80::" in shown and "tentative" not in shown

        wait_until(is_there, "a link-local address")

    def start_client_v6(self):
        script = pathlib.Path(self.folder, "dhclient-script")
        script.write_text(DHCLIENT_SCRIPT.format(
            script=ROOTFS / "share/dialtone/udhcpc6.script"), encoding="ascii")
        script.chmod(0o755)
        configuration = pathlib.Path(self.folder, "dhclient.conf")
        configuration.write_text("request dhcp6.bootfile-url;\n", encoding="ascii")
        variables = {**self.environment, "DIALTONE_STATE": self.state}
        exports = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
        self.start(self.phone.inside([
            "/sbin/dhclient", "-6", "-d", "-sf", script, "-cf", configuration, "-lf",
            f"{self.folder}/dhclient.leases", "--no-pid", *exports, "p0"]))


class Isc(OfEveryServer, DhcpServersTest):
    kind = IscDhcpd


class KeaServer(OfEveryServer, DhcpServersTest):
    kind = Kea
