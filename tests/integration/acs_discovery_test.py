# SPDX-License-Identifier: Apache-2.0
"""An ACS that DHCP names (TR-069 3.1, TR-111 part 1): dnsmasq says it, the phone finds it, and the
gateway knows the phone."""

import pathlib

from kit import ROOTFS
from kit.acs import AcsServer
from kit.dnsmasq import option
from kit.lease import SERVER, LeaseTest
from kit.needs import private_system
from kit.processes import run
from kit.runner import SIDE_BY_SIDE
from kit.waiting import wait_until

NEEDS, WORKERS = (private_system,), SIDE_BY_SIDE
FORUM = (3561).to_bytes(4, "big")
OWN_ADDRESS, SERVER_V6, PHONE_V6 = "10.7.0.20", "fd77::1", "fd77::aaaa"
STARTED = [("0 BOOTSTRAP", ""), ("1 BOOT", "")]
GATEWAY = {"ManufacturerOUI": "00AABB", "SerialNumber": "GW-1", "ProductClass": "Router"}
# The tag that dnsmasq sets for a phone with an identity of TR-111 in its question.
IDENTIFIED = "tag:cpewan-id,"
GATEWAY_INFO = "Device.GatewayInfo."
# dhclient's variables, said as udhcpc6 says them: what has no name of its own is opt and its code.
DHCLIENT_SCRIPT = """\
#!/bin/sh
case $reason in
    PREINIT6) exec ip link set dev "$interface" up ;;
    BOUND6)
        opt17=
        for one in $(printf '%s' "$new_dhcp6_vendor_opts" | tr : ' '); do
            [ ${{#one}} = 2 ] || one=0$one
            opt17=$opt17$one
        done
        export interface opt17 ipv6="$new_ip6_address"
        exec sh {script} bound
        ;;
esac
"""


def sub_options(values, width=1):
    return b"".join(code.to_bytes(width, "big") + len(value).to_bytes(width, "big") + value.encode()
                    for code, value in values.items())


def of_forum(values):
    """Option 125 (RFC 3925) with the part of the Broadband Forum."""
    part = sub_options(values)
    return FORUM + bytes([len(part)]) + part


class AcsDiscoveryTest(LeaseTest):
    def setUp(self):
        super().setUp()
        self.acs = self.keep(AcsServer(host=self.server, address=SERVER))

    def serve(self, code, value, *options, tag=""):
        named = option(f"{tag}{code}", value)
        self.serve_dhcp(named, *options)

    def start_phone(self, *settings):
        phone = self.life_of("order=dhcp", *settings)
        phone.start()
        return phone

    def check_found(self, phone, count=1):
        wait_until(lambda: self.acs.finished >= count, "a session with the ACS")
        self.assertEqual(self.acs.informs[0].events, STARTED)
        self.assertEqual(self.acs.complaints, [])
        return phone.wait_for("acs_inform")

    def check_not_found(self, phone):
        phone.wait_for("source_silent")
        self.assertEqual(self.acs.requests, [])


class Named(AcsDiscoveryTest):
    def test_option_43(self):
        """Sub-option 1 of option 43 names the ACS, and 2 the provisioning code, in a lease."""
        self.serve(43, sub_options({1: self.acs.acs_url(), 2: "shop 7"}))
        self.bind()
        told = self.check_found(self.start_phone())
        self.assertEqual(told["fields"]["server"], "option 43 of the lease")

    def test_option_43_by_inform(self):
        """The same in an answer to the agent's own question, where no lease is handed over."""
        self.serve(43, sub_options({1: self.acs.acs_url()}))
        self.phone.ip("address", "add", f"{OWN_ADDRESS}/24", "dev", "p0")
        told = self.check_found(self.start_phone())
        self.assertEqual(told["fields"]["server"],
                         f"option 43 of {SERVER}'s answer to DHCPINFORM")

    def test_option_125(self):
        """Sub-option 11 of option 125 names it, and 4 to 6 say who the gateway is."""
        self.serve(125, of_forum({11: self.acs.acs_url(), 4: GATEWAY["ManufacturerOUI"],
                                  5: GATEWAY["SerialNumber"], 6: GATEWAY["ProductClass"]}))
        self.bind("--option", "125")
        phone = self.start_phone()
        self.check_found(phone)
        phone.close()
        # An ACS that DHCP named hears an Inform and nothing else; who is set one may ask.
        self.acs.call("GetParameterValues", ("ParameterNames", [GATEWAY_INFO]))
        self.start_phone(f"tr069.acs_url={self.acs.acs_url()}")
        wait_until(lambda: self.acs.replies, "the gateway's names")
        self.assertEqual(self.acs.told_values(self.acs.replies[0]),
                         {GATEWAY_INFO + name: value for name, value in GATEWAY.items()})

    def test_option_125_by_inform(self):
        """The agent asks for option 125 where dhcp.options has it."""
        self.serve(125, of_forum({11: self.acs.acs_url()}))
        self.phone.ip("address", "add", f"{OWN_ADDRESS}/24", "dev", "p0")
        self.check_found(self.start_phone("dhcp.options=66,43,125"))

    def test_option_17_of_v6(self):
        """Option 17 of DHCPv6 names it, in a lease that dhclient has taken from dnsmasq."""
        self.server.ip("address", "add", f"{SERVER_V6}/64", "dev", "s0", "nodad")
        self.phone.ip("address", "add", f"{PHONE_V6}/64", "dev", "p0", "nodad")
        self.phone.ip("address", "add", f"{OWN_ADDRESS}/24", "dev", "p0")
        value = FORUM + sub_options({1: self.acs.acs_url()}, 2)
        self.serve("option6:17", value, "--dhcp-range=fd77::50,fd77::60,64,1h")
        self.start_client_v6()
        self.wait_for_news("bound", family=6)
        told = self.check_found(self.start_phone("dhcp.inform=0"))
        self.assertEqual(told["fields"]["server"], "option v6 17 of the lease")

    def start_client_v6(self):
        for host, interface in ((self.server, "s0"), (self.phone, "p0")):
            wait_until(lambda host=host, interface=interface: has_link_local(host, interface),
                       "a link-local address")
        script = pathlib.Path(self.folder, "dhclient-script")
        script.write_text(DHCLIENT_SCRIPT.format(
            script=ROOTFS / "share/dialtone/udhcpc6.script"), encoding="ascii")
        script.chmod(0o755)
        configuration = pathlib.Path(self.folder, "dhclient.conf")
        configuration.write_text("request dhcp6.vendor-opts;\n", encoding="ascii")
        variables = {**self.environment, "DIALTONE_STATE": self.state}
        exports = [word for name, value in variables.items() for word in ("-e", f"{name}={value}")]
        self.start(self.phone.inside([
            "/sbin/dhclient", "-6", "-d", "-sf", script, "-cf", configuration, "-lf",
            f"{self.folder}/dhclient.leases", "--no-pid", *exports, "p0"]))


class Identified(AcsDiscoveryTest):
    """A network that names its ACS to phones that say who they are."""

    def test_identity_in_inform(self):
        """The agent's own question has the phone's identity in option 125 (TR-111 part 1)."""
        self.serve(43, sub_options({1: self.acs.acs_url()}), tag=IDENTIFIED)
        self.phone.ip("address", "add", f"{OWN_ADDRESS}/24", "dev", "p0")
        self.check_found(self.start_phone())

    def test_identity_in_lease(self):
        """The DHCP client of the image says it, too, as dialtoned tells it to."""
        self.serve(43, sub_options({1: self.acs.acs_url()}), tag=IDENTIFIED)
        identity = self.identity("dhcp.options=43")
        self.assertEqual(bytes.fromhex(identity),
                         of_forum({1: "000B82", 2: "000B82273B89", 3: "GXP1628"}))
        self.bind("--vendor-identity", identity)
        told = self.check_found(self.start_phone("dhcp.inform=0"))
        self.assertEqual(told["fields"]["server"], "option 43 of the lease")

    def test_no_identity(self):
        """A phone that takes no ACS from DHCP says nothing of the kind."""
        self.serve(43, sub_options({1: self.acs.acs_url()}), tag=IDENTIFIED)
        self.assertEqual(self.identity("tr069.dhcp=0"), "")
        self.bind("--vendor-identity", "")
        self.check_not_found(self.start_phone("tr069.dhcp=0"))

    def identity(self, *settings):
        """What dialtoned has the DHCP client say."""
        phone = self.life_of(*settings)
        return run(phone.command(once=False, options=["--vendor-identity"])).strip()

    def test_class(self):
        """dslforum.org stands in the vendor class where the profile or a setting has it, and
        nowhere else."""
        self.serve(43, sub_options({1: self.acs.acs_url()}),
                   "--dhcp-vendorclass=set:known,dslforum.org", tag="tag:known,")
        self.phone.ip("address", "add", f"{OWN_ADDRESS}/24", "dev", "p0")
        phone = self.start_phone()
        self.check_not_found(phone)
        self.assertIn("vendor class: Grandstream GXP1628\n", self.dhcp.words())
        phone.close()
        self.check_found(self.start_phone("dhcp.vendor_class=dslforum.org"))


def has_link_local(host, interface):
    """The kernel first looks whether another host has that address."""
    shown = host.ip("-6", "address", "show", "dev", interface)
    return "fe80::" in shown and "tentative" not in shown
