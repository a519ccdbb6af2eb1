# SPDX-License-Identifier: Apache-2.0
"""The kit of the tests, of the demonstration and of the bench: networks, servers and phones. One
noun a module; docs/testing.md says where to find what.

To import it is to have the repository's Python at hand: the folders of tests/ by their names
(`hil.box`) and the packages of sim/ (`ladder`), for this program and for those it starts. A program
of tests/ or sim/ that a person starts names this folder's parent, once, and imports the kit.
"""

import os
import pathlib
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
TESTS = SOURCE / "tests"
ROOTFS = SOURCE / "rootfs/usr"
BIN = pathlib.Path(os.environ.get("DIALTONE_BIN", SOURCE / "build/host/bin"))
CERTIFICATES = TESTS / "data/tls"

PATH = [str(TESTS), str(SOURCE / "sim")]
sys.path += [folder for folder in PATH if folder not in sys.path]
sys.dont_write_bytecode = True
os.environ.update(PYTHONPATH=":".join(PATH), PYTHONDONTWRITEBYTECODE="1")
if "/usr/sbin" not in os.environ["PATH"].split(":"):
    os.environ["PATH"] += ":/usr/sbin:/sbin"


class KitError(Exception):
    """What went wrong, in words for a person."""
