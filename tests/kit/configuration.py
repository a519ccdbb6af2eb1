# SPDX-License-Identifier: Apache-2.0
"""The configuration files of the phone that the tests play with, as a server has them."""

from kit.processes import run

MAC = "000B82273B89"
OWN_FILE = "cfg000b82273b89.xml"
FIRST_FILE = "cfg000b82273b89"  # asked for before it; encrypted or binary, seldom there


def config_file(values, mac=MAC.lower()):
    """A Grandstream XML file; `values` is a dict or the inside of <config> as it stands."""
    if isinstance(values, dict):
        values = "".join(f"<{key}>{value}</{key}>\n" for key, value in values.items())
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1">\n'
            f"<mac>{mac}</mac>\n<config version=\"1\">\n{values}</config>\n"
            "</gs_provision>\n").encode()


def padded(values, size):
    """A configuration file of exactly `size` bytes."""
    file = config_file(values)
    comment = b"<!--" + b"p" * (size - len(file) - len("<!---->")) + b"-->"
    return file.replace(b"</gs_provision>", comment + b"</gs_provision>")


def listing(values):
    """What `dialtone show config` prints of them."""
    return "".join(f"{key}={value}\n" for key, value in sorted(values.items()))


def encrypted(plain, password, *options):
    """As `openssl enc` does it; `options`: of its own, SHA-256 and a salt without."""
    return run(["openssl", "enc", "-aes-256-cbc", *(options or ("-md", "sha256")), "-pass",
                f"pass:{password}"], input=plain, text=False)
