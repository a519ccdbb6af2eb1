# SPDX-License-Identifier: Apache-2.0
"""The budgets: the project's aims, and the figures of docs/figures.md that may not grow."""

import re

from kit import SOURCE

SLACK_PERCENT = 10
VARIANTS = ("plain", "md5", "sha256")

# What a name ends with, or is, and its aim.
AIMS = (
    ("armhf: bytes of the program", 1_165_000),  # 1,035,000, and 130,000 for TR-069
    ("instructions of the first pass", 3_000_000),
    ("instructions with nothing new", 3_000_000),
    ("KiB of the largest process", 4 * 1024),
    ("TR-069, first session of 4 calls: instructions", 5_000_000),
    ("https, TLS 1.3, P-256, own authority: instructions", 43_000_000),
    ("https, TLS 1.3, P-256, Debian's bundle: instructions", 47_000_000),
)


def aim_of(name):
    return next((aim for end, aim in AIMS if name.endswith(end)), None)


def figures():
    """Name to figure, from the page's last table."""
    page = (SOURCE / "docs/figures.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \| ([\d,]+) \|", page.partition("\n## Budgets\n")[2], re.M)
    return {name: int(number.replace(",", "")) for name, number in rows}


def limit_of(name, figure):
    """An aim that was met may not be missed again; otherwise there is some slack."""
    aim, slack = aim_of(name), figure * (100 + SLACK_PERCENT) // 100
    return min(aim, slack) if aim is not None and figure <= aim else slack
