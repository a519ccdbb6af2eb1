# SPDX-License-Identifier: Apache-2.0
"""What the tests of the phone as a machine share: a network of namespaces with the phone's tap and
a server, the image, and a phone that is judged by its console, its disk and the server's log."""

import atexit
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(os.environ.get("DIALTONE_SOURCE", pathlib.Path(__file__).parents[2]))
BIN = pathlib.Path(os.environ.get("DIALTONE_BIN", SOURCE / "build/armhf/bin"))
sys.path[:0] = [str(SOURCE / "sim/demo.d"), str(SOURCE / "sim")]

from arm_phone import CABLE_MAC, SYSROOT, TAP
from ladder.journal import parse_journal
from machine import MAC, Machine, tap_network
from network import PREFIX_LENGTH, Network
from processes import stop_all

OWN_FILE = "cfg000b82273b89.xml"
PHONE_ADDRESS, SERVER_ADDRESS = "172.18.32.197", "172.18.0.10"
RESTS = "s  The phone rests with configuration"
TOOLS = ("qemu-system-arm", "qemu-arm-static", "mksquashfs", "unsquashfs", "mke2fs", "debugfs",
         "e2fsck")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def skip_unless_tools_are_there():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    parts = subprocess.run([SOURCE / "toolchains/bootstrap", "--image-parts"], text=True,
                           capture_output=True, timeout=20, check=True).stdout.strip()
    if missing or not os.path.exists(f"{parts}/vmlinuz"):
        skip(f"toolchains/bootstrap armhf --image brings {', '.join(missing) or 'the kernel'}")


def skip_unless_root():
    if os.geteuid() != 0:
        skip("taps and namespaces of its own need root")
