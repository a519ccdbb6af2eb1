#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A phone that has no clock of its own, and a server with a certificate: its time is never before
its own build, a time server helps further, and without either the refusal says why."""

import datetime
import os
import socket
import struct
import subprocess
import threading
import time
import unittest

from testbed import OWN_FILE, RESTS, SERVER_ADDRESS, MachineTest, config_file, skip_unless_root, \
    skip_unless_tools_are_there, socket_inside, tls_context

NO_CLOCK = ("-rtc", "base=1970-01-01T00:00:00")
NTP_EPOCH_S = 2208988800
CONFIGURATION = """[ca]
default_ca = this
[this]
database = {folder}/index
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
policy = any
[any]
commonName = supplied
[server]
subjectAltName = IP:{address}
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
"""


class Authority:
    """Signs certificates for the server that count from a day of the test's choice."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder)
        for name, text in (("index", ""), ("index.attr", "unique_subject = no\n"),
                           ("serial", "01\n"), ("cnf", CONFIGURATION.format(
                               folder=folder, address=SERVER_ADDRESS))):
            with open(f"{folder}/{name}", "w", encoding="utf-8") as file:
                file.write(text)
        self._request("authority", "Test authority")
        self._sign("authority", "authority", datetime.datetime(2015, 1, 1), "-selfsign")

    def server_context(self, name, begin):
        self._request(name, SERVER_ADDRESS)
        self._sign(name, "server", begin, "-cert", f"{self.folder}/authority.crt")
        return tls_context(f"{self.folder}/{name}.crt", f"{self.folder}/{name}.key")

    def certificate(self):
        with open(f"{self.folder}/authority.crt", "rb") as file:
            return file.read()

    def _request(self, name, common_name):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-subj", f"/CN={common_name}", "-keyout", f"{self.folder}/{name}.key",
                "-out", f"{self.folder}/{name}.csr")

    def _sign(self, name, extensions, begin, *how):
        openssl("ca", "-batch", "-notext", "-config", f"{self.folder}/cnf", "-keyfile",
                f"{self.folder}/authority.key", *how, "-extensions", extensions, "-startdate",
                begin.strftime("%Y%m%d%H%M%SZ"), "-enddate", "20450101000000Z", "-in",
                f"{self.folder}/{name}.csr", "-out", f"{self.folder}/{name}.crt")


def openssl(*words):
    done = subprocess.run(["openssl", *words], capture_output=True, text=True, timeout=60,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {words[0]}: {done.stderr}")


class TimeServer:
    """Answers SNTP (RFC 4330) with the right time."""

    def __init__(self, network):
        self.socket = socket_inside(network.path("server"), socket.SOCK_DGRAM,
                                    (SERVER_ADDRESS, 123))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                question, peer = self.socket.recvfrom(512)
            except OSError:
                return
            now = int((time.time() + NTP_EPOCH_S) * 2**32)
            head = struct.pack(">BBbbII4s", 4 << 3 | 4, 1, 6, -20, 0, 0, b"LOCL")
            self.socket.sendto(head + struct.pack(">Q", now) + question[40:48] +
                               struct.pack(">QQ", now, now), peer)

    def close(self):
        self.socket.close()


class ClockTest(MachineTest):
    def setUp(self):
        self.authority = Authority(f"{self.folder}/authority-{self._testMethodName}")
        # Valid since a minute ago, which is after the phone's build: later than its floor.
        self.young = self.authority.server_context(
            "young", datetime.datetime.utcnow() - datetime.timedelta(seconds=5))
        self.server = self.serve(tls=self.young)
        self.server.put(f"/{OWN_FILE}", config_file(P47="sip.example"))
        self.phone = self.machine(*NO_CLOCK)

    def tell_server(self, *settings):
        self.tell(self.phone, f"static.url={self.server.address()}",
                  "tls.ca=/factory/authority.crt", *settings,
                  **{"authority.crt": self.authority.certificate()})

    def test_without_a_time_server_a_young_certificate_is_refused_and_an_older_one_taken(self):
        old = self.authority.server_context("old", datetime.datetime(2020, 1, 1))
        self.tell_server()
        self.phone.power_on()
        self.phone.wait_for("The phone's clock stood at .*, which cannot be; it goes on from")
        at = self.phone.wait_for("could not be fetched: .*certificate is valid only from 20")
        self.assertRegex(self.phone.lines[at][1], "the phone's clock says 20[2-9][0-9]-")
        self.server.tls = old
        for pattern in ("is safely stored and active", "s  The phone reboots", RESTS):
            at = self.phone.wait_for(pattern, since=at)
        self.phone.power_cut()

    def test_a_time_server_makes_the_young_certificate_valid(self):
        clock = TimeServer(self.network)
        self.addCleanup(clock.close)
        self.tell_server(f"clock.sntp={SERVER_ADDRESS}")
        self.phone.power_on()
        at = 0
        for pattern in (f"The time server {SERVER_ADDRESS} set the clock",
                        "is safely stored and active"):
            at = self.phone.wait_for(pattern, since=at)
        self.assertNotIn("valid only from", self.phone.console())
        self.phone.power_cut()


if __name__ == "__main__":
    skip_unless_tools_are_there()
    skip_unless_root()
    unittest.main()
