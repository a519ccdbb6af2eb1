# SPDX-License-Identifier: Apache-2.0
"""What the site was asked, in order: filled by its servers, read by scenario_run.py."""

import threading
import time
from dataclasses import dataclass


@dataclass
class Request:
    at_s: float        # monotonic
    server: str        # its name in the scenario; "pbx"
    method: str        # GET, RETR, RRQ, SUBSCRIBE
    target: str        # as it stood in the request, the query included
    status: int = 0    # what it gets
    user_agent: str = ""
    text: str = ""     # all that was said before the body, but for fields that carry credentials

    @property
    def path(self):
        return "/" + self.target.partition("?")[0].lstrip("/")

    def __str__(self):
        status = f" -> {self.status}" if self.status else ""
        return f"{self.method} {self.target} at {self.server}{status}"


class Seen:
    """`passed_over`: patterns of paths that are noted and never judged."""

    def __init__(self, log, passed_over=()):
        self.log, self.passed_over = log, passed_over
        self.began_s = time.monotonic()
        self.requests = []
        self.at = 0  # of the first that was not judged yet
        self.changed = threading.Condition()

    def add(self, request):
        request.at_s = time.monotonic()
        is_judged = not any(one.search(request.path) for one in self.passed_over)
        with self.changed:
            self.note(f"{request}{'' if is_judged else ' (passed over)'}")
            if is_judged:
                self.requests.append(request)
                self.changed.notify_all()

    def note(self, words):
        """A line of the site's log, with its time."""
        self.log.write(f"{time.monotonic() - self.began_s:8.3f} s  {words}\n")
        self.log.flush()

    def next(self, until_s):
        """The next one to be judged; None when there was none until then."""
        with self.changed:
            while self.at >= len(self.requests):
                left_s = until_s - time.monotonic()
                if left_s <= 0 or not self.changed.wait(left_s):
                    if self.at >= len(self.requests):
                        return None
            self.at += 1
            return self.requests[self.at - 1]
