#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The phone's image (rootfs/build): the same bytes from the same input, and what must and must not
be in it."""

import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from testbed import BIN, SOURCE, skip_unless_tools_are_there

BUILD_S = 120
PROGRAM_BYTES = 1024 * 1024  # the aim for dialtoned with all its libraries but the C library
NAMES = ("vmlinuz", "initramfs.gz", "root.squashfs")


def build(output, source=SOURCE, umask=0o022, zone="UTC", **environment):
    done = subprocess.run([source / "rootfs/build", "--programs", BIN, "--output", output],
                          capture_output=True, text=True, timeout=BUILD_S, check=False,
                          umask=umask, env={**os.environ, "TZ": zone, **environment})
    if done.returncode != 0:
        raise AssertionError(done.stdout + done.stderr)
    return done.stdout


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="dialtone-image-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.said = build(cls.folder / "image")
        cls.tree = cls.folder / "tree"
        subprocess.run(["unsquashfs", "-quiet", "-no-progress", "-d", cls.tree,
                        cls.folder / "image/root.squashfs"], check=True, timeout=BUILD_S,
                       stdout=subprocess.DEVNULL)

    def test_another_day_folder_and_person_make_the_same_bytes(self):
        other = self.folder / "elsewhere"
        for name in ("rootfs", "toolchains"):
            shutil.copytree(SOURCE / name, other / name, symlinks=True)
        for path in other.rglob("*"):
            os.utime(path, (1, 1))
        temporary = self.folder / "temporary"
        temporary.mkdir()
        build(self.folder / "again", other, umask=0o077, zone="Pacific/Auckland",
              TMPDIR=str(temporary), LC_ALL="C.UTF-8", SOURCE_DATE_EPOCH="1")
        for name in NAMES:
            digests = {hashlib.sha256((self.folder / folder / name).read_bytes()).hexdigest()
                       for folder in ("image", "again")}
            self.assertEqual(len(digests), 1, name)

    def test_nobody_can_log_in(self):
        for line in (self.tree / "etc/shadow").read_text().splitlines():
            self.assertEqual(line.split(":")[1], "!", line)
        inittab = (self.tree / "etc/inittab").read_text()
        self.assertNotRegex(inittab, r"getty|askfirst|login\b.*:|/bin/sh\b")

    def test_every_program_finds_its_libraries_and_every_script_its_applets(self):
        for program in ("usr/sbin/dialtoned", "usr/bin/dialtone"):
            done = subprocess.run(["qemu-arm-static", "-L", self.tree, self.tree / program,
                                   "--help"], capture_output=True, text=True, timeout=BUILD_S,
                                  check=False)
            self.assertIn("usage", done.stdout, done.stderr)
        applets = {path.name for path in (self.tree / "bin").iterdir()}
        words = set()
        for path in [*(self.tree / "etc/init.d").iterdir(),
                     self.tree / "usr/share/dialtone/udhcpc.script",
                     self.tree / "usr/sbin/dialtone-udhcpc"]:
            text = re.sub(r"#.*|'[^']*'|\"[^\"$]*\"", "", path.read_text())
            words |= set(re.findall(r"(?:^|[;|(&]|\bdo|\bthen|until|while|exec)\s*([a-z]+)\s", text,
                                    re.MULTILINE))
        known = subprocess.run(["qemu-arm-static", self.tree / "bin/busybox", "--list"],
                               capture_output=True, text=True, timeout=BUILD_S, check=True)
        missing = (words & set(known.stdout.split())) - applets - {"test", "printf", "echo", "sh"}
        self.assertEqual(missing, set())

    def test_the_agent_is_stripped_and_keeps_to_its_size(self):
        program = self.tree / "usr/sbin/dialtoned"
        self.assertLess(program.stat().st_size, PROGRAM_BYTES)
        self.assertNotIn(b".debug_info", program.read_bytes())

    def test_the_sizes_are_printed_part_by_part_and_kept(self):
        self.assertEqual(self.said, (self.folder / "image/sizes.txt").read_text())
        sizes = dict(re.findall(r"^(\S.*?) +(\d+)$", self.said, re.MULTILINE))
        self.assertEqual(int(sizes["kernel"]),
                         (self.folder / "image/vmlinuz").stat().st_size)
        self.assertEqual(int(sizes["root, compressed"]),
                         (self.folder / "image/root.squashfs").stat().st_size)


if __name__ == "__main__":
    skip_unless_tools_are_there()
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]])
