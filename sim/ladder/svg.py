# SPDX-License-Identifier: Apache-2.0
"""The diagram as a picture: SVG without script, style sheet or outside reference, so that it looks
the same in a README, a browser and a printer. Its height follows from the run, its width from the
number of hosts; any size it is shown at is fine."""

from xml.sax.saxutils import escape

from ladder.diagram import Message, Note, Pause, seconds

FONT = "Inter, 'Helvetica Neue', 'Segoe UI', Roboto, Arial, 'DejaVu Sans', sans-serif"

PAPER, CARD, HAIR = "#fbfaf7", "#ffffff", "#e4e0d8"
INK, SOFT, FAINT = "#2c2f36", "#6c717c", "#9a9da5"
BARE, CONFIGURED = "#b9bcc3", "#6f9f86"  # the phone's lifeline without and with a configuration

TONES = {  # of arrows: line, words
    "light": ("#b4b6bc", "#8b8e97"),
    "request": ("#4a78a8", "#2f587f"),
    "good": ("#5b9377", "#3b6e55"),
    "other": ("#b48a45", "#8a6527"),
    "bad": ("#b9564f", "#963d37"),
    "tls": ("#8a74ab", "#69548a"),
    "sealed": ("#6d5593", "#533d77"),
}
NOTES = {  # of notes: fill, edge, dot
    "calm": ("#f3f2ee", "#dedbd3", "#9a9da5"),
    "good": ("#e9f2ec", "#c3dccd", "#5b9377"),
    "bad": ("#f8e9e7", "#e8c5c1", "#b9564f"),
    "power": ("#f8f1e2", "#e8d6b2", "#c1974d"),
}

LEFT, RIGHT, STEP = 158, 132, 370  # first lifeline, room beside the last one, between lifelines
LEAST_WIDTH = 920
GUTTER = 98  # right edge of the times
HEAD = 176  # where the first row begins
CARD_WIDTH, CARD_HEIGHT = 168, 54
NOTE_LINE, NOTE_PAD, NOTE_GAP = 18, 9, 12
BREAK = 46  # of the phone's lifeline, at a reboot

NARROW, WIDE = set("iljtfr.,:;|!'()[]/\\ I·-"), set("mwMWGOQ@%—…")


def text_width(text, size, bold=False):
    """Roughly, and rather too much: which face is used is decided where it is looked at."""
    units = 0
    for character in text:
        if character in NARROW:
            units += 34
        elif character in WIDE:
            units += 90
        else:
            units += 68 if character.isupper() else 58
    return units * size * (108 if bold else 102) / 10000


def fitted(text, size, room):
    """`text`, shortened to about `room`."""
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text + "…"


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


class Picture:
    def __init__(self, diagram):
        self.diagram = diagram
        count = len(diagram.hosts)
        steps = max(count - 1, 1)
        self.width = max(LEAST_WIDTH, LEFT + RIGHT + steps * STEP)
        step = (self.width - LEFT - RIGHT) / steps
        self.columns = [LEFT + step * index for index in range(count)]
        self.y = HEAD
        self.body = []  # drawn over the lifelines
        self.life = []  # (y, state) where the phone's lifeline changes
        self.told = ""  # the time shown last; what happens at once shows it once
        self.state = self.was = "bare"
        self.set_state(HEAD - 40, "bare")

    # --- elements ---

    def add(self, element):
        self.body.append(element)

    def text(self, x, y, text, size=13, fill=INK, anchor="start", weight=400, halo=False, title=""):
        halo_style = f' stroke="{PAPER}" stroke-width="7" stroke-linejoin="round" ' \
                     'paint-order="stroke"' if halo else ""
        hint = f"<title>{escape(title)}</title>" if title else ""
        strong = f' font-weight="{weight}"' if weight != 400 else ""
        side = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.add(f'<text x="{number(x)}" y="{number(y)}" font-size="{size}" fill="{fill}"{strong}'
                 f"{side}{halo_style}>{escape(text)}{hint}</text>")

    def time(self, y, at_us):
        text = seconds(at_us)
        if text != self.told:
            self.text(GUTTER, y, text, 11.5, FAINT, "end")
        self.told = text

    def set_state(self, y, state):
        self.life.append((y, state))
        self.state = state

    # --- rows ---

    def message(self, row):
        is_light = row.tone == "light"
        line, words = TONES[row.tone]
        y = self.y + (15 if is_light else 27)
        start, end = self.columns[row.source], self.columns[row.target]
        way = 1 if end > start else -1
        tip = end - way * 4
        self.time(y + 4, row.at_us)
        dashes = ' stroke-dasharray="2 4"' if is_light else ""
        self.add(f'<path d="M{number(start + way * 3)} {number(y)}H{number(tip - way * 5)}" '
                 f'stroke="{line}" stroke-width="{1.2 if is_light else 1.7}"{dashes}/>')
        self.arrow_head(tip, y, way, line, is_light)
        middle, room = (start + end) / 2, abs(end - start) - 56
        if is_light:
            self.text(middle, y + 4, fitted(row.label, 11.5, room), 11.5, words, "middle",
                      halo=True, title=row.label)
            self.y += 30
            return
        self.text(middle, y - 8, fitted(row.label, 13.5, room), 13.5, words, "middle", 600,
                  halo=True, title=row.label)
        if row.detail:
            self.text(middle, y + 17, fitted(row.detail, 11.5, room), 11.5, SOFT, "middle",
                      halo=True, title=row.detail)
        self.y += 56 if row.detail else 44

    def arrow_head(self, tip, y, way, line, is_light):
        if is_light:
            self.add(f'<path d="M{number(tip - way * 6)} {number(y - 3.5)}'
                     f'L{number(tip)} {number(y)}L{number(tip - way * 6)} {number(y + 3.5)}" '
                     f'stroke="{line}" stroke-width="1.2" stroke-linejoin="round" '
                     'stroke-linecap="round"/>')
            return
        self.add(f'<path d="M{number(tip)} {number(y)}L{number(tip - way * 10)} {number(y - 4.6)}'
                 f'Q{number(tip - way * 7.5)} {number(y)} {number(tip - way * 10)} '
                 f'{number(y + 4.6)}Z" fill="{line}"/>')

    def note(self, row):
        fill, edge, dot = NOTES[row.tone]
        texts = ([(row.title, 13.5, 600, INK)] if row.title else []) + \
            [(line, 12, 400, SOFT) for line in row.lines]
        x = self.columns[0]
        room = (self.columns[-1] if len(self.columns) > 1 else self.width) - x - 70
        texts = [(fitted(text, size, room), size, *style) for text, size, *style in texts]
        widest = max(text_width(text, size, weight > 400) for text, size, weight, _ in texts)
        height = NOTE_LINE * len(texts) + 2 * NOTE_PAD - 3
        top = self.y + 4
        self.add(f'<rect x="{number(x - 15)}" y="{number(top)}" width="{number(widest + 52)}" '
                 f'height="{number(height)}" rx="10" fill="{fill}" stroke="{edge}"/>')
        middle = top + NOTE_PAD + 8
        self.add(f'<circle cx="{number(x)}" cy="{number(middle)}" r="4.5" fill="{dot}"/>')
        self.time(middle + 4, row.at_us)
        for index, (text, size, weight, colour) in enumerate(texts):
            self.text(x + 18, middle + 4.5 + NOTE_LINE * index, text, size, colour, weight=weight)
        self.y = top + height + NOTE_GAP - 4
        self.note_state(row, top, top + height)

    def note_state(self, row, top, bottom):
        """What the phone is after this note."""
        if row.kind == "reboot":
            self.was = self.state
            self.set_state(bottom, "off")
            self.y += BREAK - NOTE_GAP
        elif row.kind == "boot" and self.state == "off":
            self.set_state(top, self.was)
        elif row.kind in ("applied", "plan_unchanged", "finished", "rest") and row.tone == "good":
            self.set_state(top, "configured")

    def pause(self, row):
        y = self.y + 20
        self.add(f'<path d="M{GUTTER + 14} {number(y)}H{number(self.width - 60)}" stroke="{HAIR}" '
                 'stroke-dasharray="1 5" stroke-linecap="round" stroke-width="2"/>')
        self.text(self.columns[0] + 18, y + 4, f"{seconds(row.length_us)} of silence", 11.5, FAINT,
                  halo=True)
        self.y += 40

    # --- the frame around the rows ---

    def heads(self, title, subtitle):
        out, self.body = self.body, []
        self.text(40, 50, title, 22, INK, weight=600)
        self.text(40, 74, fitted(subtitle, 13.5, self.width - 80), 13.5, SOFT)
        for index, (host, x) in enumerate(zip(self.diagram.hosts, self.columns)):
            left, top = x - CARD_WIDTH / 2, HEAD - 76
            self.add(f'<rect x="{number(left)}" y="{number(top)}" width="{CARD_WIDTH}" '
                     f'height="{CARD_HEIGHT}" rx="12" fill="{CARD}" stroke="{HAIR}"/>')
            self.add(host_sign(left + 17, top + 15, index == 0))
            self.text(left + 52, top + 24, fitted(host.name, 14, CARD_WIDTH - 58), 14, INK,
                      weight=600)
            self.text(left + 52, top + 41, fitted(host.address, 11.5, CARD_WIDTH - 58), 11.5, SOFT)
        self.body, heads = out, self.body
        return heads

    def lifelines(self, bottom):
        for x in self.columns[1:]:
            yield f'<path d="M{number(x)} {HEAD - 22}V{number(bottom)}" stroke="#d3d1ca" ' \
                  'stroke-width="1.6"/>'
            yield life_end(x, bottom, "#d3d1ca")
        x = self.columns[0]
        stretches = zip(self.life, self.life[1:] + [(bottom, "")])
        for (top, state), (end, _) in stretches:
            top = max(top, HEAD - 22)
            if state == "off":
                yield from broken_life(x, top, end, self.colour_of(self.was))
            elif end > top:
                yield f'<path d="M{number(x)} {number(top)}V{number(end)}" ' \
                      f'stroke="{self.colour_of(state)}" stroke-width="2.4"/>'
        if self.state != "off":
            yield life_end(x, bottom, self.colour_of(self.state))

    @staticmethod
    def colour_of(state):
        return CONFIGURED if state == "configured" else BARE


def life_end(x, bottom, colour):
    return f'<path d="M{number(x - 9)} {number(bottom)}H{number(x + 9)}" stroke="{colour}" ' \
           'stroke-width="2.4" stroke-linecap="round"/>'


def broken_life(x, top, end, colour):
    """No power: the line ends, a zigzag, dots, and it begins again."""
    low = end - 8
    for y in (top, low):
        yield f'<path d="M{number(x)} {number(y)}v8" stroke="{colour}" stroke-width="2.4"/>'
    zigzag = min(top + BREAK / 2, (top + end) / 2)
    yield f'<path d="M{number(x - 9)} {number(zigzag + 4)}l6 -8l6 8l6 -8" ' \
          f'stroke="{NOTES["power"][2]}" stroke-width="1.8" stroke-linecap="round" ' \
          'stroke-linejoin="round"/>'
    if low > zigzag + 16:
        yield f'<path d="M{number(x)} {number(zigzag + 13)}V{number(low)}" stroke="{BARE}" ' \
              'stroke-width="2" stroke-dasharray="0.1 6" stroke-linecap="round"/>'


def host_sign(x, y, is_phone):
    """24 by 24: a desk phone, or a rack."""
    start = f'<g transform="translate({number(x)} {number(y)})" fill="none" stroke="{SOFT}" ' \
            'stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">'
    if is_phone:
        return start + '<rect x="2" y="2" width="6" height="20" rx="3"/>' \
            '<path d="M8 4h11a3 3 0 0 1 3 3v10a3 3 0 0 1 -3 3h-11"/>' \
            '<path d="M12 8h6"/><path d="M12 12.5h.01M15 12.5h.01M18 12.5h.01' \
            'M12 16h.01M15 16h.01M18 16h.01"/></g>'
    return start + '<rect x="2" y="2.5" width="20" height="8" rx="2.5"/>' \
        '<rect x="2" y="13.5" width="20" height="8" rx="2.5"/>' \
        '<path d="M6 6.5h.01M6 17.5h.01M10 6.5h8M10 17.5h8"/></g>'


def draw_svg(diagram, title, subtitle, footer="Drawn from the capture and the phone's journal."):
    picture = Picture(diagram)
    draw = {Message: picture.message, Note: picture.note, Pause: picture.pause}
    for row in diagram.rows:
        draw[type(row)](row)
    bottom = picture.y + 20
    picture.text(40, bottom + 40, footer, 11.5, FAINT)
    height = bottom + 66
    heads = picture.heads(title, subtitle)
    width, height = number(picture.width), number(height)
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="{FONT}" fill="none" '
        'style="font-variant-numeric: tabular-nums">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(subtitle)}</desc>",
        f'<rect x="0.5" y="0.5" width="{number(picture.width - 1)}" '
        f'height="{number(float(height) - 1)}" rx="18" fill="{PAPER}" stroke="{HAIR}"/>',
        *picture.lifelines(bottom),
        *heads,
        *picture.body,
        "</svg>",
    ]) + "\n"
