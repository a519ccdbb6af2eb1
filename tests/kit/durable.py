# SPDX-License-Identifier: Apache-2.0
"""The names of the files in a phone's state directory, as the agent has them: from the page that
is printed of agent/store/durable_files.h, which tests/generate/docs_test.py holds to it."""

import re

from kit import SOURCE

ROW = re.compile(r"^\| `([^`]+)` \| (\w+) \| (\d+) \| (\d+) \|", re.MULTILINE)
ROWS = ROW.findall((SOURCE / "docs/durable-files.md").read_text(encoding="utf-8"))

LOCK = "lock"  # the daemon's own, which the agent does not know


def names(kind):
    """All of a kind, by number."""
    return [name for name, of, _, _ in sorted(ROWS, key=lambda row: int(row[2])) if of == kind]


def record(copy):
    return names("record")[copy]


def generation(number):
    """The slot of generation `number`."""
    slots = names("generation")
    return slots[number % len(slots)]


JOURNAL, FORMER_JOURNAL = names("journal")
JOURNAL_BYTES = max(int(most) for _, kind, _, most in ROWS if kind == "journal")


def is_ours(name):
    """Whether a phone may have written a file of this name."""
    return name == LOCK or any(name == row[0] for row in ROWS)
