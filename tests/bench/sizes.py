# SPDX-License-Identifier: Apache-2.0
"""Stripped size of the program, part by part: it is linked once more as its build links it, with a
linker map, and the map says which bytes came from where."""

import collections
import os
import pathlib
import re
import tempfile

from kit import SOURCE, KitError
from kit.processes import run

PROGRAM = "dialtoned"  # and dialtone, which is a link to it
STRIP = {"host": "strip", "armhf": "arm-linux-gnueabihf-strip"}
# Sections that a stripped file does not hold.
NOT_KEPT = re.compile(r"\.(debug|bss|tbss|symtab|strtab|shstrtab|comment|ARM\.attributes|gnu\.lto)")

LINK_S = 300
BUILD_S = 1800
OWN = ("agent", "platform")
PARTS = {
    "curl": "curl", "mbedcrypto": "mbedcrypto", "mbedx509": "mbedx509", "mbedtls": "mbedtls",
    "cares": "c-ares", "tinyxml2": "tinyxml2", "stdc++": "libstdc++", "gcc": "libgcc",
    "gcc_eh": "libgcc", "dialtone_agent": "agent", "dialtone_platform": "platform",
    "dialtone_port": "platform",
}
REST = "headers, relocations, start code"

Piece = collections.namedtuple("Piece", "section name bytes origin")
Size = collections.namedtuple("Size", "bytes parts pieces")


def program_of(preset):
    """The path of its program, or None while it is not built."""
    folder = SOURCE / "build" / preset / "bin"
    if preset == "host":
        folder = pathlib.Path(os.environ.get("DIALTONE_BIN", folder))
    return folder / PROGRAM if (folder / PROGRAM).exists() else None


def stripped_bytes(preset, path):
    with tempfile.TemporaryDirectory(prefix="dialtone-bench-") as folder:
        run([STRIP[preset], "-o", f"{folder}/stripped", str(path)])
        return os.path.getsize(f"{folder}/stripped")


def measure(preset):
    """A Size whose parts add up to the size of the stripped file. Raises KitError."""
    build = SOURCE / "build" / preset
    with tempfile.TemporaryDirectory(prefix="dialtone-bench-") as folder:
        pieces = parse_map(link_with_map(build, folder))
        total = stripped_bytes(preset, f"{folder}/{PROGRAM}")
    built = stripped_bytes(preset, build / "bin" / PROGRAM)
    if built != total:
        raise KitError(f"{preset}: {PROGRAM} has {built} bytes and {total} when it is linked "
                       "again; build it first")
    parts = collections.Counter()
    for piece in pieces:
        if not NOT_KEPT.match(piece.section):
            parts[part_of(piece.origin)] += piece.bytes
    parts[REST] += total - sum(parts.values())
    return Size(total, parts, pieces)


def without_each(preset, say):
    """Option of each feature and vendor that is in -> the program's bytes when it is built without;
    None -> with all of them. Builds in a folder of its own, which stays for the next time."""
    build = SOURCE / "build" / f"{preset}-features"
    header = SOURCE / "build" / preset / "generated/dialtone_features.h"
    options = [f"DIALTONE_{name.upper()}" for name in
               re.findall(r'\{"(\w+)", "in"\}', header.read_text(encoding="utf-8"))]
    weighed = {}
    for left_out in (None, *options):
        say(f"size of preset {preset} without {left_out or 'nothing'}")
        run(["cmake", "--preset", preset, "-S", str(SOURCE), "-B", str(build),
             "-DBUILD_TESTING=OFF",
             *(f"-D{option}={'OFF' if option == left_out else 'ON'}" for option in options)])
        run(["cmake", "--build", str(build), "--target", PROGRAM], limit_s=BUILD_S)
        weighed[left_out] = stripped_bytes(preset, build / "bin" / PROGRAM)
    return weighed


def link_with_map(build, folder):
    """The text of the map; the linked program is folder/PROGRAM."""
    commands = run(["ninja", "-C", str(build), "-t", "commands", f"bin/{PROGRAM}"])
    link = [line for line in commands.splitlines() if f" -o bin/{PROGRAM} " in line + " "]
    if not link:
        raise KitError(f"{build.name}: ninja knows no command that links {PROGRAM}")
    words = link[-1].replace(f"-o bin/{PROGRAM} ",
                             f"-o {folder}/{PROGRAM} -Wl,-Map={folder}/map ")
    run(["sh", "-c", words], limit_s=LINK_S, cwd=build)
    return pathlib.Path(folder, "map").read_text(errors="replace")


def parse_map(text):
    """The pieces of a GNU ld map that ended in the program."""
    pieces, section, waiting = [], None, None
    text = text.partition("\nLinker script and memory map\n")[2]
    for line in text.splitlines():
        if outer := re.match(r"(\.[\w.\-]+|/DISCARD/)(\s|$)", line):
            section, waiting = outer[1], None
            continue
        alone = re.match(r" (\S+)$", line)  # a long name has its numbers in the next line
        if alone:
            waiting = alone[1]
            continue
        inner = re.match(r" (\S+)?\s+0x[0-9a-f]+\s+0x([0-9a-f]+)(?: (.+))?$", line)
        if inner and section and section != "/DISCARD/":
            name, count = inner[1] or waiting, int(inner[2], 16)
            if name and count:
                pieces.append(Piece(section, name, count, inner[3] or ""))
        waiting = None
    return pieces


def part_of(origin):
    if archive := re.search(r"lib([\w+\-]+)\.a\(", origin):
        return PARTS.get(archive[1], archive[1])
    # The program's own main file; what the linker and the C library's start code add is the rest.
    return "platform" if "CMakeFiles/" in origin else REST


def function_parts(size):
    """The linker's name of each function -> its part, for what is built with one section a
    function, as everything is."""
    return {function_key(piece.name.removeprefix(".text.").removeprefix("unlikely.")):
            part_of(piece.origin) for piece in size.pieces if piece.name.startswith(".text.")}


def function_key(name):
    """One name for the forms of a function: a constructor's and destructor's variants, which share
    their code, and the clones the compiler makes."""
    return re.sub(r"([CD])[0-3](?=E|v$)", r"\g<1>2", name.split(".")[0])


def largest(size, count):
    """(bytes, object file) of the largest objects in the program."""
    objects = collections.Counter()
    for piece in size.pieces:
        match = re.search(r"lib([\w+\-]+)\.a\(([^)]+?)(?:\.c|\.cpp)?\.o\)", piece.origin)
        if match and not NOT_KEPT.match(piece.section):
            objects[f"{PARTS.get(match[1], match[1])}: {match[2]}"] += piece.bytes
    return [(total, name) for name, total in objects.most_common(count)]
