# SPDX-License-Identifier: Apache-2.0
"""The way of a lease to the agent with the real peers: dnsmasq hands it out, busybox udhcpc takes
it, the scripts of rootfs/ set up the interface and call `dialtone lease`."""

import json
import os
import pathlib
import re
import signal
import stat
import unittest

from kit import BIN, ROOTFS
from kit.configuration import OWN_FILE, config_file
from kit.lease import SERVER, LeaseTest, hex_of
from kit.needs import is_root_of_the_machine, private_system
from kit.phone import Phone
from kit.processes import ask, run, wait_for_end
from kit.web import WebServer

NEEDS = (private_system,)
APPLETS = ("ip", "grep", "cat", "tr", "sh")
URL = "http://10.7.0.1/gs/$mac"
FANVIL_MAC = "0c383e07e16c"
FANVIL_FILE = (b"<<VOIP CONFIG FILE>>Version:2.0002\r\n\r\n<SIP CONFIG MODULE>\r\n"
               b"SIP1 Phone Number  :201\r\n<<END OF FILE>>\r\n")


class FanvilPhone(Phone):
    profile, mac = "fanvil", FANVIL_MAC


class Udhcpc(LeaseTest):
    def test_options(self):
        """Every option that may name a server arrives as the server sent it, 66 as udhcpc's word
        `bad`; the interface, the route and the name server are the lease's."""
        self.serve_dhcp(f"--dhcp-option-force=66,{URL}", "--dhcp-option-force=43,01:03:61:62:63",
                        "--dhcp-option-force=67,boot $(reboot)",
                        "--dhcp-option-force=120,sip.example.com",
                        "--dhcp-option-force=150,10.7.0.1,10.7.0.2",
                        f"--dhcp-option-force=160,{URL}", "--dhcp-option-force=200,a b;c'd\"e`f",
                        "--dhcp-option=option:dns-server,10.7.0.9",
                        "--dhcp-option=option:domain-name,phones.example")
        lines = self.bind("--vendor-class", "Grandstream GXP1400", "--option", "200")
        self.assertEqual(lines[:3], ["family=ipv4", "interface=p0", "news=bound"])
        self.assertEqual(lines[3], f"class={hex_of('Grandstream GXP1400')}")
        self.assertEqual(lines[4:11], [
            f"66={hex_of('bad')}", "43=0103616263", f"160={hex_of(URL)}", "150=0a0700010a070002",
            f"120={hex_of('sip.example.com')}", f"67={hex_of('boot $(reboot)')}",
            f"200={hex_of(chr(39).join(['a b;c', 'd' + chr(34) + 'e`f']))}"])
        self.assertEqual(stat.S_IMODE(self.lease_path().stat().st_mode), 0o600)
        self.check_interface()
        self.assertEqual(self.resolv_conf.read_text(encoding="ascii"),
                         "search phones.example\nnameserver 10.7.0.9\n")

    def test_question(self):
        """The server is asked for the options and told the vendor class."""
        self.serve_dhcp()
        self.bind("--vendor-class", "Fanvil X4 {x}", "--option", "131")
        words = self.dhcp.words()
        self.assertIn("vendor class: Fanvil X4 {x}\n", words)
        for code in (1, 3, 6, 43, 66, 120, 131, 150, 160):
            self.assertRegex(words, rf"requested options:.* {code}\b")

    def test_agents_vendor_class(self):
        """Unless it is told one, the client has the class that dialtoned would name by itself, as
        it is configured on this machine."""
        self.serve_dhcp()
        settings = self.folder / "settings"
        settings.write_text("dhcp.vendor_class=ours {model}\n", encoding="ascii")
        configuration = self.folder / "dialtone.conf"
        self.environment["DIALTONE_CONF"] = str(configuration)
        self.environment["DIALTONE_DAEMON"] = str(BIN / "dialtoned")
        for profile, options, told in (
                ("fanvil", "--model X6", []),
                ("grandstream", "--model GXP2170", ["Grandstream GXP2170"]),
                ("fanvil", f"--settings {settings}", ["ours X4"])):
            with self.subTest(profile=profile, options=options):
                configuration.write_text(
                    f"DIALTONE_PROFILE={profile}\nDIALTONE_BOARD=reference\n"
                    f"DIALTONE_OPTIONS='{options}'\n", encoding="ascii")
                before = len(self.dhcp.words())
                self.start_client("--", "-q").wait(10)
                words = self.dhcp.words()[before:]
                self.assertIn("DHCPACK", words)
                named = re.findall(r"vendor class: (.*)\n", words)
                self.assertEqual(sorted(set(named)), told)

    def test_no_vendor_class(self):
        """With an empty vendor class none is told, not even udhcpc's own; option 66 as a bare name
        arrives."""
        self.serve_dhcp("--dhcp-option-force=66,pbx.example.com")
        self.assertIn(f"66={hex_of('pbx.example.com')}", self.bind())
        self.assertNotIn("vendor class", self.dhcp.words())

    def test_life(self):
        """A lease is bound, renewed without touching the address, released and bound again."""
        self.serve_dhcp(f"--dhcp-option-force=160,{URL}")
        client = self.start_client()
        self.wait_for_news("bound")
        address = self.phone.ip("-4", "-o", "address", "show", "dev", "p0")
        watch = self.start(self.phone.inside(["ip", "-4", "monitor", "address"]))
        client.send_signal(signal.SIGUSR1)
        self.assertIn(f"160={hex_of(URL)}", self.wait_for_news("renewed"))
        self.assertEqual(self.phone.ip("-4", "-o", "address", "show", "dev", "p0"), address)
        client.send_signal(signal.SIGUSR2)
        self.assertEqual(self.wait_for_news("lost"), ["family=ipv4", "interface=p0", "news=lost"])
        self.assertEqual(self.phone.ip("-4", "-o", "address", "show", "dev", "p0"), "")
        client.send_signal(signal.SIGUSR1)
        self.wait_for_news("bound")
        watch.terminate()
        changes, _ = wait_for_end(watch, 5)
        self.assertEqual(changes.count("Deleted"), 1, changes)

    def test_no_server(self):
        """bad input: where no DHCP server answers, the lease is lost"""
        self.start_client("--", "-n", "-q", "-t", "1", "-T", "1")
        self.wait_for_news("lost")

    def test_wrapper_refuses(self):
        """bad input: command lines that dialtone-udhcpc cannot use"""
        for words, piece in (([], "--interface is missing"),
                             (["--interface"], "needs a value"),
                             (["--inteface", "p0"], "'--inteface' is no option"),
                             (["--interface", "p0", "--option", "255"], "from 1 to 254"),
                             (["--interface", "p0", "--option", "066"], "from 1 to 254"),
                             (["--interface", "p0", "--option", "1;reboot"], "from 1 to 254")):
            ended = ask([ROOTFS / "sbin/dialtone-udhcpc", *words])
            self.assertEqual(ended.returncode, 2, ended)
            self.assertIn(piece, ended.stderr)


class Scripts(LeaseTest):
    """The scripts with an environment of the test's, run by the shells that phones have."""

    def script(self, name, event, shell=("sh",), path=os.environ["PATH"], **variables):
        environment = {**os.environ, **self.environment, "DIALTONE_STATE": self.state,
                       "interface": "p0", **variables}
        # What enters the namespace is found before the path changes.
        return run(self.phone.inside(["env", f"PATH={path}", *shell,
                                      ROOTFS / f"share/dialtone/{name}", event]), env=environment)

    def applets(self):
        """A folder with nothing but busybox."""
        folder = pathlib.Path(self.folder, "applets")
        folder.mkdir(exist_ok=True)
        for name in APPLETS:
            if not (folder / name).exists():
                (folder / name).symlink_to("/usr/bin/busybox")
        return str(folder)

    def test_busybox_alone(self):
        """bad input: values with everything that means something to a shell change nothing"""
        marker = pathlib.Path(self.folder, "executed")
        evil = f"$(touch {marker})`touch {marker}`;touch {marker}\n*'\" -n |&"
        bound = {"ip": "10.7.0.55", "mask": "24", "router": f"10.7.0.1 {evil}",
                 "dns": f"10.7.0.8 {evil}", "domain": evil, "bootfile": evil, "tftp": evil,
                 "broadcast": evil, "sname": evil, "optx": evil, "opt9": evil}
        six = {"ipv6": "fd77::55", "dns": f"fd77::8 {evil}", "bootfile_url": evil}
        path = self.applets()
        for shell in (("/bin/dash",), ("/bin/bash", "--posix"), ("/usr/bin/busybox", "sh")):
            with self.subTest(shell=shell):
                self.script("udhcpc.script", "bound", shell, path, **bound)
                self.script("udhcpc6.script", "bound", shell, path, **six)
                self.assertFalse(marker.exists())
                self.assertEqual(self.lease_lines()[3:],
                                 [f"66={hex_of(evil)}", f"67={hex_of(evil)}"])
                self.assertIn(" 10.7.0.55/24 ", self.phone.ip("-4", "address", "show", "dev", "p0"))
                self.assertEqual(self.resolv_conf.read_text(encoding="ascii"),
                                 "nameserver 10.7.0.8\n")
                self.assertEqual(self.lease_lines(family=6)[3:], [f"59={hex_of(evil)}"])
                self.assertIn(" fd77::55/128 ",
                              self.phone.ip("-6", "address", "show", "dev", "p0"))
                self.script("udhcpc.script", "deconfig", shell, path)
                self.script("udhcpc6.script", "deconfig", shell, path)
                self.assertNotRegex(self.phone.ip("address", "show", "dev", "p0"),
                                    r"10\.7\.0\.55|fd77::55")
                self.assertEqual(self.lease_lines()[2:], ["news=lost"])
                self.resolv_conf.unlink()

    def test_another_router(self):
        """A renewed lease with other routers replaces the routes, the first one being the best."""
        bound = {"ip": "10.7.0.55", "mask": "24", "router": "10.7.0.1"}
        self.script("udhcpc.script", "bound", **bound)
        self.script("udhcpc.script", "renew", **{**bound, "router": "10.7.0.3 10.7.0.2"})
        routes = [line.split() for line in self.phone.ip("-4", "route").splitlines()
                  if line.startswith("default")]
        self.assertEqual([line[2] for line in routes], ["10.7.0.3", "10.7.0.2"])

    def test_another_address(self):
        """A lease with another address replaces the address; those that the phone made itself from
        IPv6 advertisements stay."""
        self.phone.ip("-6", "address", "add", "fd77::aaaa/64", "dev", "p0", "nodad")
        for last in (55, 56):
            self.script("udhcpc.script", "bound", ip=f"10.7.0.{last}", mask="24")
            self.script("udhcpc6.script", "bound", ipv6=f"fd77::{last}")
        shown = self.phone.ip("address", "show", "dev", "p0")
        self.assertNotIn("10.7.0.55/", shown)
        self.assertNotIn("fd77::55/", shown)
        for text in ("10.7.0.56/24", "fd77::56/128", "fd77::aaaa/64"):
            self.assertIn(text, shown)


class Daemon(LeaseTest):
    """`dialtone lease` beside a daemon."""

    def setUp(self):
        super().setUp()
        self.life = self.life_of("order=static")

    def lease(self, event, *words, state=None, **variables):
        return ask([BIN / "dialtone", "--state", state or self.state, *words, "lease", event],
                   env={**os.environ, **variables})

    def start_daemon(self):
        daemon = self.life.start()
        self.life.wait_for("boot")
        return daemon

    def test_told(self):
        """A running daemon is told each event, and says so."""
        self.start_daemon()
        for event in ("bound", "renew", "deconfig", "leasefail", "nak"):
            told = self.lease(event, "--json", interface="p0")
            self.assertEqual((told.returncode, told.stderr), (0, ""))
            self.assertEqual(json.loads(told.stdout), {"ok": True, "text": "the lease is noted"})

    def test_other_interface(self):
        """bad input: a daemon takes no lease of another interface"""
        self.start_daemon()
        told = self.lease("bound", interface="eth1")
        self.assertEqual((told.returncode, told.stdout), (1, ""))
        self.assertIn("the lease is of eth1, and the phone uses p0", told.stderr)

    def test_nobody(self):
        """Without a daemon the lease is written down, and that is no failure."""
        told = self.lease("bound", interface="p0", tftp="pbx")
        self.assertEqual((told.returncode, told.stdout, told.stderr), (0, "", ""))
        self.assertEqual(self.lease_lines()[2:], ["news=bound", f"66={hex_of('pbx')}"])
        through_link = f"{self.folder}/link"
        os.mkdir(self.state)
        os.symlink(self.state, through_link)
        self.assertEqual(self.lease("renew", interface="p0", state=through_link).returncode, 0)
        self.assertEqual(self.lease_lines()[2:], ["news=renewed"])
        path = self.lease_path()
        self.assertEqual(list(path.parent.glob(f"{path.name[:16]}*lease*")), [path])

    def test_refused(self):
        """bad input: `dialtone lease` without what a DHCP client gives ends with 2"""
        for event, variables, piece in (("bound", {}, "interface"),
                                        ("bound", {"interface": "../x"}, "interface"),
                                        ("born", {"interface": "p0"}, "'born' is no event")):
            told = self.lease(event, **variables)
            self.assertEqual((told.returncode, told.stdout), (2, ""), told)
            self.assertIn(piece, told.stderr)
            self.assertFalse(self.lease_path().exists())

    def test_broken_file(self):
        """bad input: a lease file that cannot be read is named and left out"""
        self.lease("bound", interface="p0")
        self.lease_path().write_text("family=ipv4\nnonsense", encoding="ascii")
        daemon = self.start_daemon()
        daemon.terminate()
        _, stderr = wait_for_end(daemon)
        self.assertIn(f"lease file {self.lease_path()} is left out", stderr)


class Provisioning(LeaseTest):
    """A phone whose server only DHCP knows."""

    def setUp(self):
        super().setUp()
        self.keep(WebServer({f"/{OWN_FILE}": config_file({"P47": "dhcp.example"})},
                            host=self.server, address=SERVER, port=80))
        self.life = self.life_of("order=dhcp", "dhcp.options=66,160")

    def provision(self, *settings):
        return self.check_provisions(self.life, "P47=dhcp.example\n", *settings)

    def test_lease(self):
        """A lease that was there before the agent names the server, and nobody is asked."""
        self.serve_dhcp("--dhcp-option-force=160,http://10.7.0.1/")
        self.bind()
        before = self.dhcp.words()
        self.provision("dhcp.inform=0")
        self.assertNotIn("DHCPINFORM", self.dhcp.words()[len(before):])

    def test_inform(self):
        """What udhcpc made unreadable the agent asks for itself, beside udhcpc."""
        self.serve_dhcp("--dhcp-option-force=66,http://10.7.0.1/")
        self.assertIn(f"66={hex_of('bad')}", self.bind())
        self.provision()
        self.assertIn("DHCPINFORM(s0)", self.dhcp.words())

    @unittest.skipUnless(is_root_of_the_machine(), "a user namespace has one user")
    def test_other_user(self):
        """The same as a user with no other right than the one to ask."""
        os.chmod(self.folder, 0o711)
        self.serve_dhcp("--dhcp-option-force=66,http://10.7.0.1/")
        self.bind()
        self.check_life(self.life, 0, options=["--user", "nobody"])
        self.assertIn("DHCPINFORM(s0)", self.dhcp.words())


class SortedByClass(LeaseTest):
    """A phone whose DHCP server tells the phones of one class alone where their files are."""

    def setUp(self):
        super().setUp()
        self.keep(WebServer({f"/{FANVIL_MAC}.cfg": FANVIL_FILE}, host=self.server, address=SERVER,
                            port=80))
        self.serve_dhcp("--dhcp-vendorclass=set:fanvil,Fanvil",
                        "--dhcp-option-force=tag:fanvil,66,http://10.7.0.1/")

    def fanvil_phone(self):
        return self.life_of("order=dhcp", kind=FanvilPhone)

    def test_class_of_client(self):
        """Where a server sorts by vendor class, the agent's own question names the one that the
        DHCP client has named: no setting is needed for a URL in option 66."""
        self.assertIn(f"66={hex_of('bad')}", self.bind("--vendor-class", "Fanvil X4"))
        self.check_provisions(self.fanvil_phone(), "SIP CONFIG MODULE/SIP1 Phone Number=201\n")
        words = self.dhcp.words()
        self.assertIn("DHCPINFORM(s0)", words)
        self.assertGreater(words.count("vendor class: Fanvil X4\n"), 2)

    def test_class_of_client_after_the_start(self):
        """The same where the agent runs before the client has its lease."""
        phone = self.fanvil_phone()
        phone.start()
        phone.wait_for("boot")
        self.bind("--vendor-class", "Fanvil X4")
        phone.wait_for("applied")
        self.assertEqual(phone.config(), "SIP CONFIG MODULE/SIP1 Phone Number=201\n")

    def test_other_class(self):
        """bad input: with another class of the operator's the server tells nothing, and the journal
        that nobody did"""
        self.bind("--vendor-class", "Fanvil X4")
        self.check_life(self.fanvil_phone(), 3, "source_silent", "answered DHCPINFORM without one",
                        settings=("dhcp.vendor_class=mine",))
