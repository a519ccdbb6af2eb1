# SPDX-License-Identifier: Apache-2.0
"""Holds docs/conformance.md against what `dialtone-lab conform` says of our own phone: both lists,
with the program of this machine and with the ARM phone's under QEMU's emulator of programs.

    tests/kit/run tests/generate/conformance_test.py            fails when the page is stale
    tests/kit/run tests/generate/conformance_test.py --write    writes it anew

Without the programs of preset armhf their half of the page is not looked at, and not written.
"""

import contextlib
import difflib
import pathlib
import shlex
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from kit import BIN, SOURCE
from kit.configuration import OWN_FILE, config_file
from kit.lan import PHONE, SERVER, Lan
from kit.machine import EMULATOR
from kit.needs import armhf_programs, private_system, programs
from kit.network import HERE
from kit.phone import Phone
from kit.processes import ask

NEEDS = (private_system,)
PAGE = SOURCE / "docs/conformance.md"
SCRIPT = SOURCE / "sim/lab/acs/scripts/conform.script"
LIMIT_S = 240
HEAD = """\
<!-- Written by tests/generate/conformance_test.py --write; do not edit. -->
# Conformance

What `dialtone-lab conform` ([acs-script.md](acs-script.md#conformance)) says of our own phone, as
it is installed. The cases of TR-069 are named after the modules of BBF.069, those of SIP plug and
play after the sentences of the vendor's text on it. The test `generate/conformance` fails when this
page is stale.
"""


class ArmPhone(Phone):
    emulator = EMULATOR


# A heading of the page, the phone, and where its programs are.
DEVICES = (("The program of this machine", Phone, BIN),
           ("The ARM phone's program, under QEMU's emulator of programs", ArmPhone,
            SOURCE / "build/armhf/bin"))


def command_of(phone, *settings):
    """For sh: a phone as it left the factory, until it is ended."""
    words = phone.command("splay=0", *settings, once=False)
    return f"rm -rf {shlex.quote(phone.state)}; exec " + " ".join(
        f'"{word}"' for word in map(str, words))


def lab(host, *words):
    ended = ask(host.inside([BIN / "dialtone-lab", "conform", *words, "--seconds", str(LIMIT_S)]),
                limit_s=LIMIT_S + 30)
    if not ended.stdout.startswith("| case |"):
        raise AssertionError(ended.stderr)
    # The counts stand in a line of their own below the table.
    return ended.stdout.replace("\nconform: ", "\n\nconform: ")


def tr069(kind, folder, where):
    phone = kind(folder, "tr069.acs_url=$ACS_URL", "tr069.connection_request_port=0",
                 programs=where)
    return lab(HERE, "--script", SCRIPT, "--device", command_of(phone))


def plug_and_play(kind, folder, where):
    with contextlib.closing(Lan(folder)) as lan:
        # The emulator of programs passes on no interface that multicast is to leave by.
        lan.hosts[PHONE].ip("route", "add", "224.0.0.0/4", "dev", "eth0")
        phone = kind(lan.scratch(), host=lan.hosts[PHONE], interface="eth0", programs=where)
        file = pathlib.Path(folder, OWN_FILE)
        file.write_bytes(config_file({"P47": "one.example"}))
        return lab(lan.hosts[SERVER], "--pnp", "--interface", "eth0", "--file", file, "--device",
                   command_of(phone, "order=pnp"))


LISTS = (("TR-069", tr069), ("SIP plug and play", plug_and_play))


def sections(devices):
    """Each device's part of the page; all lists are asked at the same time."""
    with tempfile.TemporaryDirectory(prefix="dialtone-test-") as folder, \
            ThreadPoolExecutor(len(devices) * len(LISTS)) as pool:
        asked = []
        for heading, kind, where in devices:
            for name, function in LISTS:
                own = pathlib.Path(folder, str(len(asked)))
                own.mkdir()
                asked.append((heading, name, pool.submit(function, kind, own, where)))
        told = {}
        for heading, name, future in asked:
            text = told.setdefault(heading, f"\n## {heading}\n")
            told[heading] = text + f"\n### {name}\n\n{future.result()}"
        return told


def missing_arm():
    return armhf_programs() or programs(EMULATOR[0])()


def main(words):
    missing = missing_arm()
    if missing:
        print(f"the ARM phone's half is not looked at: {missing}")
    told = sections(DEVICES[:1] if missing else DEVICES)
    there = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    if "--write" in words and not missing:
        PAGE.write_text(HEAD + "".join(told.values()), encoding="utf-8")
        return 0
    stale = [text for text in (HEAD, *told.values()) if text not in there]
    for text in stale:
        print("".join(difflib.unified_diff(there.splitlines(True), text.splitlines(True),
                                           "docs/conformance.md", "what conform says", n=0)))
        print("conformance.md is stale: tests/kit/run tests/generate/conformance_test.py --write "
              "writes it anew", file=sys.stderr)
    return 1 if stale else 0
