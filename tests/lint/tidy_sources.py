#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Helps tests/lint/tidy to know which sources to judge, and whether one has changed.

    tidy_sources.py ROOT COMPILE_COMMANDS < changed paths    prints the sources to judge
    tidy_sources.py --plain COMPILE_COMMANDS                 prints them without what is precompiled
    tidy_sources.py --preprocess SOURCE COMPILE_COMMANDS     prints what the compiler sees of one
"""

import json
import os
import re
import shlex
import subprocess
import sys


def commands_by_path(compile_commands):
    with open(compile_commands, encoding="utf-8") as file:
        return {
            os.path.realpath(os.path.join(command["directory"], command["file"])): command
            for command in json.load(file)
        }


def without_precompiled(command):
    text = re.sub(r" -include \S+/cmake_pch\.hxx", "", command["command"])
    return {**command, "command": re.sub(r" -(fpch-preprocess|Winvalid-pch)\b", "", text)}


def includers(root, built, header):
    pattern = re.compile(rf'^#include "{re.escape(header)}"', re.M)
    for path in sorted(built):
        if path.startswith(os.path.realpath(root) + "/"):
            with open(path, encoding="utf-8") as file:
                if pattern.search(file.read()):
                    yield path


def sources_to_judge(root, built, changed):
    judged = set()
    for name in changed:
        path = os.path.realpath(os.path.join(root, name))
        if name.endswith(".cpp") and path in built:
            judged.add(path)
        if name.endswith(".h") and os.path.exists(path):
            beside = path[: -len(".h")] + ".cpp"
            judged.update([beside] if beside in built else list(includers(root, built, name))[:1])
    return sorted(judged)


def preprocess(source, built):
    command = built[os.path.realpath(source)]
    words = shlex.split(command["command"])
    words = [word for word in words if word != "-c"]
    at = words.index("-o")
    del words[at : at + 2]
    subprocess.run(words + ["-E", "-P"], cwd=command["directory"], check=True)


def main():
    if sys.argv[1] == "--plain":
        with open(sys.argv[-1], encoding="utf-8") as file:
            json.dump([without_precompiled(command) for command in json.load(file)], sys.stdout)
        return
    built = commands_by_path(sys.argv[-1])
    if sys.argv[1] == "--preprocess":
        preprocess(sys.argv[2], built)
        return
    changed = [line.strip() for line in sys.stdin]
    for path in sources_to_judge(sys.argv[1], built, changed):
        print(path)


if __name__ == "__main__":
    main()
