# SPDX-License-Identifier: Apache-2.0
"""Draws a capture and a phone's journal as a ladder diagram.

    python3 sim/ladder CAPTURE [--journal FILE] [--host NAME=ADDRESS ...] [--svg FILE]
                       [--power-on SECONDS] [--title TEXT] [--subtitle TEXT] [--colour]

The first host is the phone; without --host it is whoever sends first. Without --svg the diagram
is printed for a terminal of 100 columns.
"""

import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
sys.path[0] = str(pathlib.Path(__file__).resolve().parents[1])  # instead of this folder

from ladder.diagram import Host, build_diagram, summary
from ladder.journal import last_life, parse_journal
from ladder.pcap import BadCapture, read_packets
from ladder.svg import draw_svg
from ladder.terminal import draw_terminal


def arguments():
    parser = argparse.ArgumentParser(prog="ladder", description=__doc__.split("\n", 1)[0])
    parser.add_argument("capture")
    parser.add_argument("--journal")
    parser.add_argument("--host", action="append", default=[], metavar="NAME=ADDRESS")
    parser.add_argument("--svg", metavar="FILE")
    parser.add_argument("--power-on", type=float, metavar="SECONDS", help="since 1970")
    parser.add_argument("--title", default="A phone provisions itself")
    parser.add_argument("--subtitle", default="")
    parser.add_argument("--colour", action="store_true")
    return parser.parse_args()


def main():
    given = arguments()
    try:
        packets = read_packets(given.capture)
        entries = []
        if given.journal:
            text = pathlib.Path(given.journal).read_text(encoding="utf-8", errors="replace")
            entries = last_life(parse_journal(text))
    except (BadCapture, OSError) as error:
        sys.exit(f"ladder: {error}")
    hosts = [Host(*host.split("=", 1)) for host in given.host if "=" in host]
    power_on_us = None if given.power_on is None else int(given.power_on * 1e6)
    diagram = build_diagram(packets, entries, hosts, power_on_us)
    if given.svg:
        pathlib.Path(given.svg).write_text(
            draw_svg(diagram, given.title, given.subtitle or summary(diagram)), encoding="utf-8")
    else:
        sys.stdout.reconfigure(encoding="utf-8")
        sys.stdout.write(draw_terminal(diagram, given.colour))


if __name__ == "__main__":
    main()
