# SPDX-License-Identifier: Apache-2.0
"""The phone's image (rootfs/build): the same bytes from the same input, and what must and must not
be in it."""

import hashlib
import os
import pathlib
import re
import shutil
import tempfile

from kit import SOURCE
from kit.needs import image_parts
from kit.processes import ask, run
from kit.testcase import KitTest
from qemu.testbed import BUILD_S, build_image

NEEDS = (image_parts,)
# Daemon and tool with all their libraries but the C library. The aim, which TR-069 misses, is in
# bench/budget.py.
PROGRAM_BYTES = 1_400_000
NAMES = ("vmlinuz", "initramfs.gz", "root.squashfs")


def prepare(stack):
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="dialtone-image-"))
    ImageTest.folder = pathlib.Path(folder)
    ImageTest.tree = ImageTest.folder / "tree"
    ImageTest.said = build_image(ImageTest.folder / "image")
    run(["unsquashfs", "-quiet", "-no-progress", "-d", ImageTest.tree,
         ImageTest.folder / "image/root.squashfs"], limit_s=BUILD_S)


class ImageTest(KitTest):
    folder: pathlib.Path
    tree: pathlib.Path
    said: str

    def test_another_day_folder_and_person_make_the_same_bytes(self):
        other = self.folder / "elsewhere"
        for name in ("rootfs", "toolchains"):
            shutil.copytree(SOURCE / name, other / name, symlinks=True)
        for path in other.rglob("*"):
            os.utime(path, (1, 1))
        temporary = self.folder / "temporary"
        temporary.mkdir()
        build_image(self.folder / "again", source=other, umask=0o077, env={
            **os.environ, "TZ": "Pacific/Auckland", "TMPDIR": str(temporary),
            "LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": "1"})
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
            done = ask(["qemu-arm-static", "-L", self.tree, self.tree / program, "--help"])
            self.assertIn("usage", done.stdout, done.stderr)
        applets = {path.name for path in (self.tree / "bin").iterdir()}
        words = set()
        for path in [*(self.tree / "etc/init.d").iterdir(),
                     self.tree / "usr/share/dialtone/udhcpc.script",
                     self.tree / "usr/sbin/dialtone-udhcpc"]:
            text = re.sub(r"#.*|'[^']*'|\"[^\"$]*\"", "", path.read_text())
            words |= set(re.findall(r"(?:^|[;|(&]|\bdo|\bthen|until|while|exec)\s*([a-z]+)\s", text,
                                    re.MULTILINE))
        known = run(["qemu-arm-static", self.tree / "bin/busybox", "--list"])
        missing = (words & set(known.split())) - applets - {"test", "printf", "echo", "sh"}
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
