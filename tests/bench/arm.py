#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the phone costs as a machine (docs/arm.md): sizes of its image, memory and wake-ups read
inside the guest, instructions of one provisioning, time to boot.

    tests/bench/arm.py            prints the section of docs/figures.md; about five minutes
    tests/bench/arm.py --write    also puts it there
    tests/bench/arm.py --cuts     fifty power cuts in the middle of an apply (tests/qemu)

Needs root, the programs of preset armhf and `toolchains/bootstrap armhf --image`. Instructions:
with QEMU's -icount shift=0 an instruction takes a nanosecond of the guest's time, so the
nanoseconds that its kernel says the processor was busy for are instructions, the kernel's own among
them.
"""

import contextlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])

from bench.page import PAGE, table, verdict
from kit import SOURCE, TESTS
from kit.configuration import OWN_FILE, config_file
from kit.runner import SKIPPED
from qemu.testbed import MACHINE_NEEDS, MachineTest, build_image

HEADING = "## As ARM, in QEMU"
NEXT_HEADING = "## Budgets"
IDLE_S = 60
COUNTED = ("-icount", "shift=0")
CUTS = 50
AIM_BYTES, AIM_KIB = 1_000_000, 4 * 1024
# Of others there are bytes of the stripped program, of its libraries, and KiB of its largest
# process, on a 64-bit Debian 12 with glibc: measured once, beside this project's facts.
PEERS = (("swupdate 2022.12", 612_744, 63_652_288, 16_868, "installing"),
         ("rauc 1.8", 354_144, 24_944_744, 10_576, "--version"),
         ("mender-client 3.4", 10_275_080, 14_034_192, 16_412, "--version"),
         ("easycwmp 1.8.6", 90_680, 19_986_344, 10_916, "after a session"))


def say(words):
    print(f"bench: {words}", file=sys.stderr, flush=True)


class Figures(MachineTest):
    """Uses the tests' network and machine; its one test measures."""

    found = {}

    @classmethod
    def prepare(cls, stack):
        super().prepare(stack)
        cls.images = {}
        for name, line in (("idle", f"::once:/etc/init.d/figures rest {IDLE_S}"),
                           ("counted", ""), ("warm", "::sysinit:/etc/init.d/figures warm"),
                           ("without", "::once:/etc/init.d/figures settle none")):
            cls.images[name] = cls.build_variant(name, line)
        cls.found["sizes"] = pathlib.Path(cls.image, "sizes.txt").read_text(encoding="utf-8")

    @classmethod
    def build_variant(cls, name, line):
        overlay = pathlib.Path(cls.folder, f"overlay-{name}")
        shutil.copytree(SOURCE / "rootfs/figures", overlay)
        inittab = (SOURCE / "rootfs/etc/inittab").read_text(encoding="utf-8")
        if name == "without":
            inittab = re.sub(r"(?m)^.*init\.d/(dialtone|console|dhcp)$\n", "", inittab)
        (overlay / "etc/inittab").write_text(inittab + line + "\n", encoding="utf-8")
        output = pathlib.Path(cls.folder, f"image-{name}")
        build_image(output, "--overlay", overlay)
        return str(output)

    def run_machine(self, image, until, *options):
        """One power-on; the figures that it told, {(point, name): number}."""
        phone = self.machine(*options, settings=[f"static.url={self.server.url()}"])
        phone.image = self.images[image]
        phone.power_on()
        phone.wait_for(until, limit_s=400)
        phone.power_cut()
        lines = list(phone.lines)
        found = (re.match(r"figure (\w+) (\w+) (\d+)$", text.strip()) for _, text in lines)
        return {(match[1], match[2]): int(match[3]) for match in found if match}, lines

    def test_figures(self):
        self.server = self.serve()
        self.server.put(f"/{OWN_FILE}", config_file(
            {f"P{9000 + i}": "x" * 24 for i in range(96)} | {"P47": "sip.example"}))
        say(f"memory and wake-ups, {IDLE_S} s of rest")
        idle, lines = self.run_machine("idle", "figure later complete")
        self.found["idle"], self.found["lines"] = idle, lines
        self.found["instructions"] = []
        for words, image, point in (("instructions of one provisioning", "counted", "stored"),
                                    ("the same with the programs in memory", "warm", "stored"),
                                    ("the same boot without the agent", "without", "none")):
            say(words)
            self.found["instructions"].append(
                self.run_machine(image, f"figure {point} complete", *COUNTED)[0])


# --- the section ----------------------------------------------------------------------------------


def print_sizes(text):
    sizes = [(name.strip(), int(count), name.startswith(" "))
             for name, count in re.findall(r"(?m)^( *\S.*?) +(\d+)$", text)]
    rows = [[("· " if is_part else "") + name, f"{count:,}"] for name, count, is_part in sizes]
    whole = sum(count for _, count, is_part in sizes if not is_part)
    agent = next(count for name, count, _ in sizes if name.startswith("dialtoned"))
    return (table(["part of the image", "bytes"], rows) +
            f"\nAll of it: {whole:,} bytes. Parts of a compressed file are given as they are "
            f"before. The program with all its libraries but the C library: {agent:,} of "
            f"{AIM_BYTES:,} bytes, {verdict(agent, AIM_BYTES)}.\n")


def print_memory(idle):
    names = ("Rss", "Pss", "Anonymous", "Private_Dirty")
    rows = [[who, *(f"{idle['rest', f'{who}_{name}']:,}" for name in names),
             idle["later", f"{who}_voluntary_ctxt_switches"] -
             idle["rest", f"{who}_voluntary_ctxt_switches"],
             f"{(idle['later', f'{who}_ns'] - idle['rest', f'{who}_ns']) / 1e6:.2f}"]
            for who in ("supervisor", "agent")]
    largest = max(idle["rest", f"{who}_Rss"] for who in ("supervisor", "agent"))
    together = sum(idle["rest", f"{who}_Pss"] for who in ("supervisor", "agent"))
    return (table(["at rest, KiB", *names, f"wake-ups in {IDLE_S} s", "ms of processor"], rows) +
            f"\nRead inside the guest from /proc, provisioned over http and confirmed. The larger "
            f"process: {largest:,} KiB of {AIM_KIB:,}, {verdict(largest, AIM_KIB)}; both together, "
            f"shared pages counted once: {together:,} KiB. A wake-up is a voluntary context "
            f"switch; there is no deadline in these {IDLE_S} s, so each would be one too many.\n")


def print_instructions(counted, warm, without):
    whole = counted["stored", "busy"] - without["none", "busy"]
    rows = [[f"{who}, {words} to stored", *(f"{one['stored', f'{who}_ns'] / 1e6:,.2f} M"
                                           for one in (counted, warm))]
            for who, words in (("supervisor", "exec"), ("agent", "fork"))]
    rows += [["whole machine until then, minus the same boot without the agent",
              f"{whole / 1e6:,.2f} M", ""],
             ["that boot", f"{without['none', 'busy'] / 1e6:,.2f} M", ""]]
    return (table(["first pass, http, 97 keys in 4 KiB, armhf", "instructions, from the flash",
                   "programs in memory"], rows) +
            "\nWith -icount shift=0: a nanosecond of the guest is an instruction, the kernel's "
            "work for a process counts as its own: system calls, the interrupts that come while it "
            "runs, and page faults, each of which unpacks a piece of the compressed root unless "
            "it is in memory already. The whole machine also has the console's "
            "`dialtone status --follow`, the hooks and the shells that start everything.\n")


def print_boot(lines):
    began_us = lines[0][0]
    rows = []
    for words, pattern in (("kernel's first line", "Booting Linux"),
                           ("first program", "Run /init as init process"),
                           ("agent started", "The phone started after power-on"),
                           ("configuration stored and active", "is safely stored and active"),
                           ("machine restarts", "reboot: Restarting system"),
                           ("agent started again", "The phone started after provisioning"),
                           ("at rest", "The phone rests")):
        at_us = next(at for at, text in lines if pattern in text)
        rows.append([words, f"{(at_us - began_us) / 1e6:.1f}"])
    return (table(["seconds since the kernel's first line", ""], rows) +
            "\nOf an emulated processor on the machine above: good for comparing with one another "
            "only.\n")


def print_peers():
    rows = [[name, f"{program:,}", f"{libraries:,}", f"{memory:,} ({when})"]
            for name, program, libraries, memory, when in PEERS]
    return (table(["for comparison", "bytes of the program", "of its libraries", "RSS, KiB"],
                  rows) +
            "\nDebian 12's packages on amd64 (easycwmp built with -Os), the C library among the "
            "libraries; measured once, not by this script.\n")


def section(found):
    return (f"{HEADING}\n\n" + print_sizes(found["sizes"]) + "\n" + print_memory(found["idle"]) +
            "\n" + print_instructions(*found["instructions"]) + "\n" +
            print_boot(found["lines"]) + "\n" + print_peers())


def write(text):
    page = PAGE.read_text(encoding="utf-8")
    heading = HEADING if HEADING in page else f"\n{NEXT_HEADING}\n"
    before = page[:page.index(heading)].rstrip("\n") + "\n\n"
    after = page[page.index(f"\n{NEXT_HEADING}\n") + 1:]
    PAGE.write_text(before + text + "\n" + after, encoding="utf-8")


def main():
    for missing in filter(None, (need() for need in MACHINE_NEEDS)):
        print(f"skipped: {missing}")
        return SKIPPED
    if "--cuts" in sys.argv:
        return subprocess.run([TESTS / "kit/run", TESTS / "qemu/power_cut_test.py"], check=False,
                              env={**os.environ, "DIALTONE_POWER_CUTS": str(CUTS)}).returncode
    with contextlib.ExitStack() as stack:
        Figures.prepare(stack)
        result = unittest.TextTestRunner(stream=sys.stderr).run(
            unittest.defaultTestLoader.loadTestsFromTestCase(Figures))
    if not result.wasSuccessful():
        return 1
    text = section(Figures.found)
    print(text)
    if "--write" in sys.argv:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
