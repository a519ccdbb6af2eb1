# SPDX-License-Identifier: Apache-2.0
"""The diagram with box-drawing characters, for a terminal of 100 columns."""

import unicodedata

from ladder.diagram import Message, Note, Pause, seconds

COLUMNS = 100
FIRST, LAST = 13, 92  # columns of the first and the last lifeline
STYLES = {
    "light": "2", "request": "34", "good": "32", "other": "33", "bad": "1;31", "tls": "35",
    "sealed": "35", "calm": "", "power": "1", "time": "2", "life": "2", "host": "1",
}
RESET = "\033[0m"


def is_wide(character):
    return unicodedata.east_asian_width(character) in "WF" or unicodedata.combining(character)


class Line:
    """One line of cells; whoever writes last is seen."""

    def __init__(self):
        self.cells = [(" ", "")] * COLUMNS

    def put(self, column, text, style=""):
        for offset, character in enumerate(text):
            if 0 <= column + offset < COLUMNS:
                self.cells[column + offset] = ("?" if is_wide(character) else character, style)

    def text(self, colour):
        if not colour:
            return "".join(character for character, _ in self.cells).rstrip()
        out, current = "", ""
        for character, style in self.cells:
            code = STYLES.get(style, "")
            if code != current and (character != " " or not code):
                out += (RESET if current else "") + (f"\033[{code}m" if code else "")
                current = code
            out += character
        return out.rstrip() + (RESET if current else "")


class Drawing:
    def __init__(self, diagram):
        self.diagram = diagram
        count = len(diagram.hosts)
        steps = max(count - 1, 1)
        self.columns = [FIRST + (LAST - FIRST) * i // steps for i in range(count)]
        self.lines = []
        self.is_off = False  # the phone, between a reboot and the boot after it

    def lifelines(self):
        line = Line()
        for index, column in enumerate(self.columns):
            off = index == 0 and self.is_off
            line.put(column, "┆" if off else "│", "life")
        self.lines.append(line)
        return line

    def hosts(self):
        for text_of in (lambda host: host.name, lambda host: host.address):
            line = Line()
            for host, column in zip(self.diagram.hosts, self.columns):
                text = text_of(host)
                start = max(0, min(column - len(text) // 2, COLUMNS - len(text)))
                line.put(start, text, "host" if text is host.name else "time")
            self.lines.append(line)

    def put_time(self, line, at_us):
        line.put(0, seconds(at_us).rjust(10), "time")

    def message(self, row):
        line = self.lifelines()
        self.put_time(line, row.at_us)
        left, right = sorted((self.columns[row.source], self.columns[row.target]))
        shaft = "╌" if row.tone == "light" else "─"
        for column in range(left + 1, right):
            is_crossing = column in self.columns
            line.put(column, "┼" if is_crossing else shaft, row.tone)
        is_right = self.columns[row.target] == right
        line.put(left, "├" if is_right else "│", "life")
        line.put(right, "│" if is_right else "┤", "life")
        line.put(right - 1 if is_right else left + 1, "▶" if is_right else "◀", row.tone)
        room = right - left - 9
        texts = [row.label, row.detail]
        if row.detail and len(row.label) + 3 + len(row.detail) <= room:
            texts = [f"{row.label} · {row.detail}"]
        for number, text in enumerate(filter(None, texts)):
            shown = f" {clipped(text, room)} "
            if number:
                line = self.lifelines()
            line.put(left + (right - left - len(shown)) // 2 + 1, shown,
                     row.tone if not number else "light")

    def note(self, row):
        if row.kind == "boot":
            self.is_off = False
        line = self.lifelines()
        self.put_time(line, row.at_us)
        line.put(self.columns[0], "●", row.tone)
        self.is_off = self.is_off or row.kind == "reboot"
        start, room = self.columns[0] + 2, self.room_of_notes()
        texts = ([(row.title, row.tone)] if row.title else []) + [(t, "calm") for t in row.lines]
        if len(texts) == 2 and row.title and len(row.title) + 2 + len(row.lines[0]) <= room:
            line.put(start, row.title + ":", row.tone)
            line.put(start + len(row.title) + 1, f" {row.lines[0]} ")
            return
        for number, (text, style) in enumerate(texts):
            if number:
                line = self.lifelines()
            line.put(start, clipped(text, room) + " ", style)

    def room_of_notes(self):
        """Notes may lie over other lifelines, but end before the last one."""
        return (self.columns[-1] if len(self.columns) > 1 else COLUMNS) - self.columns[0] - 3

    def pause(self, row):
        line = self.lifelines()
        line.put(0, "⋮".rjust(10), "time")
        line.put(self.columns[0] + 2, f"{seconds(row.length_us)} of silence", "light")


def clipped(text, room):
    return text if len(text) <= room else text[:max(room - 1, 0)] + "…"


def draw_terminal(diagram, colour=False):
    """Lines of at most COLUMNS characters; escape sequences for colour only if asked for."""
    drawing = Drawing(diagram)
    drawing.hosts()
    drawing.lifelines()
    draw = {Message: drawing.message, Note: drawing.note, Pause: drawing.pause}
    for row in diagram.rows:
        draw[type(row)](row)
    drawing.lifelines()
    return "\n".join(line.text(colour) for line in drawing.lines) + "\n"
