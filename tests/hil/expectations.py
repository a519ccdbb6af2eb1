# SPDX-License-Identifier: Apache-2.0
"""Holds what a site was asked to what a scenario wants to be seen: rows in order, each so often,
and nothing else. Pure: fed with requests, it says when everything was seen and what is wrong."""


class Unexpected(Exception):
    """What was seen and what was wanted, for a person."""


class Row:
    """One Expectation as the requests it stands for: [(server, path, status)], and how often they
    have come so far."""

    def __init__(self, about, vendor, names, fill):
        self.about = about
        self.wanted = self._wanted(about, vendor, names, fill)
        self.count = self.at = 0  # whole times; requests of the one that has begun

    @staticmethod
    def _wanted(about, vendor, names, fill):
        if about.subscribe:
            return [("pbx", None, 0)]
        if about.fetch.startswith("/"):
            return [(about.of, fill(about.fetch), about.status)]
        folder = fill(about.folder).rstrip("/")
        return [(about.of, f"{folder}/{name}".rstrip("/"), about.status if is_own else 404)
                for name, is_own in vendor.requests(about.fetch, names)]

    @property
    def is_enough(self):
        return self.at == 0 and self.count >= self.about.times[0]

    def takes(self, request, before_s):
        """Whether the request is the row's next one; it counts then. `before_s`: when the one
        before came. Raises Unexpected for one that comes too soon."""
        if self.count >= self.about.times[1]:
            return False
        server, path, status = self.wanted[self.at]
        if request.server != server or request.status != status or \
                (path is not None and request.path != path):
            return False
        pause_s = request.at_s - before_s
        if self.at == 0 and pause_s < self.about.pause_s:
            raise Unexpected(f"{request} came {pause_s:.1f} s after the one before, which is less "
                             f"than {self.about.pause_s} s")
        self.at += 1
        if self.at == len(self.wanted):
            self.count, self.at = self.count + 1, 0
        return True

    def next_words(self):
        server, path, status = self.wanted[self.at]
        what = f"{path} at {server} -> {status}" if path else "a SUBSCRIBE"
        return what if self.count < self.about.times[0] or self.at else f"perhaps {what}"


class Expectations:
    """The rows of one `see`, after what may still come of the one before."""

    def __init__(self, rows, left_over=None):
        self.rows = ([left_over] if left_over else []) + rows
        self.at = 0

    def is_over(self):
        """Everything that has to come has come; the last row may still go on."""
        return all(row.is_enough for row in self.rows[self.at:])

    def take(self, request, before_s=0):
        """`before_s`: when the request before came. Raises Unexpected."""
        for at in range(self.at, len(self.rows)):
            if self.rows[at].takes(request, before_s):
                self.at = at
                return
            if not self.rows[at].is_enough:
                break
        raise Unexpected(f"asked for {request}; expected: {self.words()}")

    def words(self):
        """What may come now."""
        rows = []
        for row in self.rows[self.at:]:
            if row.count < row.about.times[1]:
                rows.append(row.next_words())
            if not row.is_enough:
                break
        return ", or ".join(rows) or "nothing more"

    def last(self):
        """The row that may still go on when everything has been seen."""
        return self.rows[-1] if self.rows else None
