# SPDX-License-Identifier: Apache-2.0
"""Where the repository is, and its modules that the runner builds on. Where two have a name in
common (network, phone) the one of the demonstration counts."""

import os
import pathlib
import sys

sys.dont_write_bytecode = True
SOURCE = pathlib.Path(os.environ.get("DIALTONE_SOURCE", pathlib.Path(__file__).parents[2]))
HERE = SOURCE / "tests/hil"
sys.path[:0] = [str(SOURCE / folder) for folder in
                ("tests/hil", "sim/demo.d", "sim", "tests/integration")]
os.environ["PATH"] += ":/usr/sbin:/sbin"
