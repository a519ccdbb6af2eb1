# SPDX-License-Identifier: Apache-2.0
"""The K-th call that fails. Lives of the real programs in which one call of the C library fails,
for each call that they make, or all of a kind from one on, or every third one. failing_calls.cpp
makes them fail, in whichever of the life's processes it is. Then the phone lives on in peace.

    tests/kit/run tests/faults/failing_calls_test.py [--all] [--only WORD] [--workers N] [--keep]

Whatever fails: the life ends; the phone holds one whole configuration; what was reported as done
stays done; no secret shows; the next life ends well and with what the server offers. A process may
be ended by a signal only for want of memory. Calls that were interrupted, or moved less than they
were asked to, are no failures: the life itself ends well.
"""

import errno
import pathlib
import shutil
import struct
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from faults.lives import SECRET, FaultyPhone, FileServers, Story, phone_with
from kit import BIN, durable
from kit.needs import private_system

NEEDS = (private_system,)
LIBRARY = BIN / "libfailing_calls.so"
PAGE_BYTES = 4096
WORKERS = 10
ABORTED = -6
MEMORY_SAMPLES = 200
QUICK_MEMORY_SAMPLES = 30

# What calls of each kind fail with, in the order of failing_calls.cpp. SHORT and EINTR are no
# failures, wherever they stand.
SHORT = "short"
ERRORS = {
    "open": [errno.EMFILE, errno.EIO, errno.ENOSPC],
    "read": [errno.EIO, errno.EINTR, SHORT],
    "receive": [errno.ECONNRESET, errno.EINTR, SHORT],
    "write": [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT],
    "send": [errno.EPIPE, errno.ENOBUFS, errno.EINTR, SHORT],
    "fsync": [errno.EIO, errno.ENOSPC],
    "rename": [errno.EIO, errno.ENOSPC],
    "remove": [errno.EIO, errno.EROFS],
    "truncate": [errno.EIO],
    "status": [errno.EIO, errno.EACCES],
    "directory": [errno.ENOSPC, errno.EACCES],
    "lock": [errno.ENOLCK, errno.EINTR],
    "socket": [errno.EMFILE, errno.ENOBUFS],
    "accept": [errno.EMFILE, errno.ECONNABORTED],
    "connect": [errno.ECONNREFUSED, errno.ENETUNREACH, errno.EADDRNOTAVAIL],
    "listen": [errno.EADDRINUSE],
    "option": [errno.ENOPROTOOPT, errno.ENOBUFS],
    "wait": [errno.EINTR],
    "descriptor": [errno.EMFILE, errno.ENOMEM],
    "random": [errno.ENOSYS, errno.EINTR],
    "process": [errno.EAGAIN, errno.ENOMEM],
    "memory": [errno.ENOMEM],
}
HARMLESS = (SHORT, errno.EINTR)


@dataclass
class Fault:
    kind: str
    mode: str  # at, from, every
    number: int
    what: object

    def environment(self):
        return f"{self.kind}:{self.mode}:{self.number}:{self.what}"

    def __str__(self):
        what = self.what if self.what == SHORT else errno.errorcode[self.what]
        return f"{self.kind} {self.mode} {self.number}: {what}"


@dataclass
class Page:
    """What the library counted, and where it struck."""

    counts: dict
    strikes: int
    process: str
    call: str


def read_page(path):
    numbers = struct.unpack_from(f"{len(ERRORS) + 2}I", path.read_bytes())
    call = path.read_bytes()[4 * len(numbers):][:32].split(b"\0")[0].decode()
    return Page(dict(zip(ERRORS, numbers)), numbers[-2], {1: "parent", 2: "child"}.get(numbers[-1]),
                call)


class StoryBench:
    """A story, its phone before it as a template, and what its calls are without a fault."""

    def __init__(self, story, servers, folder):
        self.story, self.folder = story, pathlib.Path(folder, story.name)
        self.url = servers.url(story.protocol, story.offer)
        self.number = 0
        self.template = None
        if story.before:
            self.template = phone_with(story.before, servers, self.folder / "template")
            self.fill_journal(self.template)
        phone, ended, page = self.live("counted", None)
        words = phone.end_trouble(ended, story)
        assert not words, words
        self.counts = page.counts

    @staticmethod
    def fill_journal(phone):
        """So that it begins anew in the middle of the next life."""
        journal = phone.seen / durable.JOURNAL
        lines = journal.read_bytes().splitlines(keepends=True)
        text = b""
        while len(text) < durable.JOURNAL_BYTES - 1500:
            text += lines[len(text) % len(lines)]
        journal.write_bytes(text + b"".join(lines))

    def live(self, name, fault):
        """A phone as the story begins, after a life with the fault."""
        phone = FaultyPhone(self.folder / str(name), f"static.url={self.url}")
        if self.template:
            phone.take_over(self.template)
        path = self.folder / str(name) / "page"
        path.write_bytes(bytes(PAGE_BYTES))
        environment = {"LD_PRELOAD": str(LIBRARY), "DIALTONE_FAULT_PAGE": str(path)}
        if fault:
            environment["DIALTONE_FAULT"] = fault.environment()
        return phone, phone.live(environment=environment), read_page(path)

    def try_fault(self, number, fault):
        """(what went wrong or nothing, the page)"""
        phone, ended, page = self.live(number, fault)
        if words := self.judge(phone, ended, fault, page):
            place = f"{self.story.name}, {fault} ({page.call} of the {page.process})"
            words = f"{place}: {words}\n    {ended.status} {ended.stderr.strip()}\n" \
                    f"    {phone.folder if KEEP else ' '.join(phone.journal_kinds())}"
        if not (words and KEEP):
            shutil.rmtree(phone.folder)
        return words, page

    def judge(self, phone, ended, fault, page):
        unreadable = fault.mode == "from" and fault.kind in ("open", "read", "status")
        story = replace(self.story, may_forget=unreadable)
        is_memory = fault.kind == "memory"
        if ended.status < 0 and not (is_memory and ended.status == ABORTED):
            return "the daemon was ended by a signal"
        if "ended by signal" in ended.stderr and not is_memory:
            return "the agent was ended by a signal"
        if SECRET in ended.stderr:
            return "a secret stands on standard error"
        if words := phone.trouble(story):
            return "after the fault " + words
        found = phone.held()
        reported = reports_of(phone, "2" if story.before else "1")
        kept = story.may_hold if unreadable else story.may_rest_with
        # A phone without a directory that can be used was provisioned, and told so, and lost it.
        done = ended.status == 0 and "is kept in memory" not in ended.stderr
        if (done or "applied" in reported) and found not in kept:
            return f"the configuration was reported as applied, and it holds {found or 'nothing'}"
        if fault.what in HARMLESS and page.strikes and (ended.status != 0 or found != story.offer):
            return "what is no failure was one"
        failed = fault.mode == "from" and "trial_failed" in reported
        story = replace(story, may_return=failed)
        return phone.end_trouble(phone.live(), story)


def reports_of(phone, generation):
    """What the last life said was done with this generation, or was found to be damaged."""
    reports = set()
    for entry in phone.last_life() if phone.seen.exists() else []:
        fields = entry["fields"]
        if entry["kind"] in ("applied", "trial_confirmed") and fields["generation"] == generation:
            reports.add("applied")
        if entry["kind"] in ("trial_failed", "rolled_back"):
            reports.discard("applied")
            reports.add("trial_failed")
        if entry["kind"] == "state_recovered" and fields["file"].startswith("generation"):
            reports.add("damaged")
    return reports


def samples(count, wanted):
    """`wanted` numbers of 1 to count, evenly."""
    return sorted({1 + at * count // wanted for at in range(wanted)}) if count else []


def faults_of(counts, memory_samples, faults_of_kind):
    """Drawn allocations; of the other calls what the last function says of each kind, and what is
    no failure, again and again."""
    for kind, errors in ERRORS.items():
        if kind == "memory":
            for k in samples(counts[kind], memory_samples):
                yield Fault(kind, "at", k, errno.ENOMEM)
            continue
        yield from faults_of_kind(kind, errors, counts[kind])
        if SHORT in errors:
            yield Fault(kind, "every", 1, SHORT)
        if errno.EINTR in errors:
            yield Fault(kind, "every", 3, errno.EINTR)


def each_once(kind, errors, count):
    """Each call once, the errors in turn."""
    for k in range(1, count + 1):
        yield Fault(kind, "at", k, errors[k % len(errors)])


def each_error(kind, errors, count):
    """Each call with each error, alone and with all later ones."""
    for k in range(1, count + 3):  # not every life makes as many
        for what in errors:
            yield Fault(kind, "at", k, what)
        if kind != "wait":
            yield Fault(kind, "from", k, errors[0])


CHANGE = Story("change over http", "http", "new", "old")
STORIES = [
    CHANGE,
    Story("first over http", "http", "first"),
    Story("change over https", "https", "new", "old"),
    Story("change over ftp", "ftp", "new", "old"),
    Story("change over tftp", "tftp", "new", "old"),
]
KEEP = False


def run(stories, memory_samples, faults_of_kind, workers, only):
    """True when nothing went wrong."""
    tried = struck = 0
    wrong, processes, seconds = [], {"parent": 0, "child": 0}, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dialtone-faults-") as folder, \
            ThreadPoolExecutor(workers) as pool, FileServers() as servers:
        if KEEP:
            folder = tempfile.mkdtemp(prefix="dialtone-kept-")
        for story in stories:
            bench = StoryBench(story, servers, folder)
            faults = [fault for fault in faults_of(bench.counts, memory_samples, faults_of_kind)
                      if only in str(fault)]
            for words, page in pool.map(bench.try_fault, range(len(faults)), faults):
                tried += 1
                if page.strikes:
                    struck += 1
                    processes[page.process] += 1
                if words:
                    wrong.append(words)
                    print(words, flush=True)
            print(f"{story.name}: {len(faults)} faults; calls of a life: " + ", ".join(
                f"{count} {kind}" for kind, count in bench.counts.items() if count), flush=True)
    print(f"failing calls: tried={tried} struck={struck} parent={processes['parent']} "
          f"child={processes['child']} wrong={len(wrong)} seconds={time.monotonic() - seconds:.0f}")
    if not only and struck < tried * 3 // 4:
        print("too few of them struck: the library does not do what it should")
        return False
    return not wrong and tried > 0


def main(words):
    global KEEP
    KEEP = "--keep" in words
    only = words[words.index("--only") + 1] if "--only" in words else ""
    workers = int(words[words.index("--workers") + 1]) if "--workers" in words else WORKERS
    what = (STORIES, MEMORY_SAMPLES, each_error) if "--all" in words else \
        ([CHANGE], QUICK_MEMORY_SAMPLES, each_once)
    return 0 if run(*what, workers, only) else 1
