# SPDX-License-Identifier: Apache-2.0
"""Writes a folder as a cpio archive of the kind the kernel unpacks (newc), always the same bytes
for the same names, modes and contents.

    python3 cpio.py FOLDER > ARCHIVE

Everything belongs to root and is from the second 1; numbers of files are those of their place. A
device "console" is added to dev/: the kernel wants it before the first program runs, and only root
could make one in a folder.
"""

import os
import stat
import sys

CONSOLE = ("dev/console", stat.S_IFCHR | 0o600, b"", (5, 1))
TRAILER = ("TRAILER!!!", 0, b"", (0, 0))


def entries(folder):
    """(name, mode, content, device numbers) of everything inside, sorted by name."""
    found = [CONSOLE]
    for here, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(here, name)
            mode = os.lstat(path).st_mode
            content = b""
            if stat.S_ISLNK(mode):
                content = os.readlink(path).encode()
            elif stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    content = file.read()
            found.append((os.path.relpath(path, folder), mode, content, (0, 0)))
    return sorted(found)


def padded(data):
    return data + bytes(-len(data) % 4)


def record(number, name, mode, content, device):
    links = 2 if stat.S_ISDIR(mode) else 1
    fields = (number, mode, 0, 0, links, 1, len(content), 0, 0, *device, len(name) + 1, 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields)
    return padded(head + name.encode() + b"\0") + padded(content)


def main():
    out = sys.stdout.buffer
    for number, entry in enumerate([*entries(sys.argv[1]), TRAILER]):
        out.write(record(number, *entry))


if __name__ == "__main__":
    main()
