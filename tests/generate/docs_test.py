# SPDX-License-Identifier: Apache-2.0
"""Holds the generated pages and the generated parts of pages against their sources.

    tests/kit/run tests/generate/docs_test.py            fails when a page is stale
    tests/kit/run tests/generate/docs_test.py --write    writes them anew

Whole pages come from the programs NAME_doc; the table of bad inputs in docs/testing.md, between
its two marks, comes from the names of the tests.
"""

import re
import sys

from kit import BIN, SOURCE, TESTS
from kit.processes import run

PAGES = {"durable-files.md": "durable_files_doc", "settings.md": "settings_doc",
         "state-machines.md": "state_machines_doc", "tr069.md": "tr069_doc",
         "trust.md": "trust_doc"}
BEGIN, END = "<!-- bad inputs: generated -->\n", "<!-- bad inputs: end -->\n"
NAME = re.compile(r'"bad input: ((?:[^"\\]|\\.|"\s*")+)"')  # a literal, or a docstring's begin


def bad_inputs():
    """Rows of (what arrives and what it gets, where it is tested), sorted."""
    rows = []
    paths = [path for end in ("*_test.*", "*behaviours.cpp") for path in TESTS.rglob(end)]
    for path in sorted(paths):
        if path.name == "docs_test.py":
            continue
        text = path.read_text(encoding="utf-8")
        for match in NAME.finditer(text):
            words = re.sub(r'"\s*"', "", match.group(1)).split("\n")[0].strip().rstrip(".")
            rows.append((words, path.relative_to(SOURCE).as_posix()))
    return sorted(set(rows))


def bad_input_table():
    lines = ["| input, and what it gets | tested in |\n", "|---|---|\n"]
    lines += [f"| {words} | `{path}` |\n" for words, path in bad_inputs()]
    return "".join(lines)


def generated():
    """Every page this program answers for, as (path, text that should be there)."""
    for page, program in PAGES.items():
        yield SOURCE / "docs" / page, run([BIN / program])
    testing = SOURCE / "docs/testing.md"
    text = testing.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    yield testing, head + BEGIN + bad_input_table() + END + rest.split(END)[1]


def missing_trust_tests():
    """Cells of docs/trust.md whose test is none, or is not in the file that is named."""
    page = (SOURCE / "docs/trust.md").read_text(encoding="utf-8")
    for row in page.split("## The test of each cell")[1].splitlines():
        if not row.startswith("| ") or row.startswith("| who"):
            continue
        found = re.fullmatch(r"\| (.+?) \| (.+?) \| (.+) \(`(.+)`\) \|", row)
        path = SOURCE / found.group(4) if found else None
        text = re.sub(r'"\s*"', "", path.read_text(encoding="utf-8")) if path else ""
        if not found or f'"{found.group(3)}"' not in text:
            yield row


def main(words):
    stale = [f"a cell of trust.md without its test: {row}" for row in missing_trust_tests()]
    for path, text in generated():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if "--write" in words:
            path.write_text(text, encoding="utf-8")
        else:
            stale.append(path.name)
    if len(bad_inputs()) < 20:
        stale.append("hardly any bad input is tested, or their names are not found")
    for name in stale:
        print(f"{name} is stale: tests/kit/run tests/generate/docs_test.py --write writes it anew",
              file=sys.stderr)
    return 1 if stale else 0
