# SPDX-License-Identifier: Apache-2.0
"""What a test program needs before it can run at all: functions that say what is missing, and
nothing when all is there. A test program names them: NEEDS = (root, ...); kit/run asks them."""

import os
import shutil
import sys

from kit import BIN, SOURCE
from kit.network import HERE
from kit.processes import ask, run

INSIDE = "DIALTONE_TEST_INSIDE"  # in the environment once the private system was entered
PRIVATE = ["unshare", "--mount", "--net"]
ARM_TOOLS = ("qemu-system-arm", "qemu-arm-static", "mksquashfs", "unsquashfs", "mke2fs", "debugfs",
             "e2fsck")


def private_system():
    """Starts this program again as root of namespaces of its own, in which /run is empty and the
    loopback interface is up. A plain user becomes root of a user namespace."""
    if INSIDE in os.environ:
        run(["mount", "-t", "tmpfs", "tmpfs", "/run"])
        HERE.up("lo")
        return ""
    words = PRIVATE if os.geteuid() == 0 else [*PRIVATE, "--user", "--map-root-user"]
    tried = ask([*words, "true"])
    if tried.returncode != 0:
        return f"this system lets nobody make namespaces: {tried.stderr.strip()}"
    os.environ[INSIDE] = "root" if os.geteuid() == 0 else "user"
    return os.execvp("unshare", [*words, sys.executable, *sys.argv])


def is_root_of_the_machine():
    """Not only of a user namespace."""
    return os.geteuid() == 0 and os.environ.get(INSIDE) != "user"


def root():
    return "" if is_root_of_the_machine() else "what it does needs root"


def programs(*names):
    """The need of these programs."""
    def missing():
        gone = [name for name in names if shutil.which(name) is None]
        return f"toolchains/bootstrap installs {', '.join(gone)}" if gone else ""
    return missing


def one_variable_of(*names):
    """The need of a folder that only who runs the test can name."""
    def missing():
        there = any(name in os.environ for name in names)
        return "" if there else f"nothing is named by {' or '.join(names)}"
    return missing


def armhf_programs():
    there = os.path.exists(SOURCE / "build/armhf/bin/dialtoned") or BIN.parent.name == "armhf"
    return "" if there else "build/armhf/bin/dialtoned is not there: cmake --build --preset armhf"


def image_parts():
    """What an image is made of, and an emulator runs on."""
    parts = run([SOURCE / "toolchains/bootstrap", "--image-parts"]).strip()
    gone = programs(*ARM_TOOLS)() or not os.path.exists(f"{parts}/vmlinuz")
    return "toolchains/bootstrap armhf --image brings what a machine needs" if gone else ""


