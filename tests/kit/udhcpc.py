# SPDX-License-Identifier: Apache-2.0
"""The DHCP client of the phone's image: busybox udhcpc with the image's scripts, which set up the
interface and tell dialtoned of the lease."""

import os

from kit import BIN, ROOTFS
from kit.processes import start


def environment(folder, tool=BIN / "dialtone"):
    """What the scripts are told: `dialtone`, and where the name servers are written down."""
    return {"DIALTONE": str(tool), "DIALTONE_RESOLV_CONF": f"{folder}/resolv.conf",
            "DIALTONE_UDHCPC_SCRIPT": f"{ROOTFS}/share/dialtone/udhcpc.script"}


def command(interface, state, *options):
    return [f"{ROOTFS}/sbin/dialtone-udhcpc", "--interface", interface, "--state", str(state),
            *options]


def start_udhcpc(host, interface, state, folder, *options, tool=BIN / "dialtone", prefix=()):
    """It keeps the lease until it is stopped."""
    return start([*prefix, *host.inside(command(interface, state, *options))],
                 f"{folder}/udhcpc.log", env={**os.environ, **environment(folder, tool)})
