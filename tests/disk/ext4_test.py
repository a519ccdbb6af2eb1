# SPDX-License-Identifier: Apache-2.0
"""The disk model held against ext4. The real daemon goes through stories of `dialtone-lab crash` on
a file system whose every write is recorded (QEMU's blklogwrites under a loop device); then the
power is cut after every write, and with any of the writes lost that were not flushed; what e2fsck
and debugfs find is given to recorded_check: it has to be among what the model has at that moment,
the oracles judge it, and the agent is booted on it. A daemon that does not sync has to be caught.

    tests/kit/run tests/disk/ext4_test.py [--all] [--only WORD] [--keep]

Needs root, /dev/fuse and loop devices; says so and ends with 77 where they are missing.
"""

import contextlib
import ctypes
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from disk.write_log import WriteLog
from kit import BIN, KitError, durable
from kit.closing import Closing
from kit.configuration import OWN_FILE
from kit.needs import private_system, programs, root
from kit.network import HERE
from kit.phone import Phone, with_variables
from kit.processes import ask, run, start, stop
from kit.waiting import wait_until
from kit.web import Answer, WebServer


def devices():
    """Of file systems in user space, and of loops."""
    gone = [path for path in ("/dev/fuse", "/dev/loop-control") if not os.path.exists(path)]
    return f"there is no {gone[0]}" if gone else ""


NEEDS = (private_system, root, devices,
         programs("qemu-storage-daemon", "mkfs.ext4", "debugfs"))
ADDRESS = "10.0.0.1"
COMMAND_S, STORY_S = 60, 60
WORKERS = 2
SEED = 4
MIB = 1024 * 1024
TRIAL_S = 3


def call(*words, **more):
    return run(words, limit_s=COMMAND_S, **more)


@dataclass
class Story:
    """`scenario` is one of `dialtone-lab crash --list`."""

    scenario: str
    before: str = ""            # the mark of the configuration that the phone has
    offer: str = "one"          # and of the one that the server has
    offer_afterwards: str = ""  # once a command is answered
    commands: tuple = ()
    is_silent_in_trials: bool = False
    more_keys: int = 0          # in every configuration: its generation has several blocks


LARGE_KEYS = 700
STORIES = [
    Story("first-apply"),
    Story("configuration-apply", "one", "two"),
    Story("trial-return", "one", "two", is_silent_in_trials=True),
    Story("operator-set", "one", "one", "one", ("set P270=front desk", "set P270=reception")),
    Story("factory-reset", "more", "more", "two", ("factory-reset",)),
    Story("configuration-apply", "one", "two", more_keys=LARGE_KEYS),
]


@dataclass
class Form:
    """How the file system is made and mounted, and whether somebody else writes and syncs too."""

    name: str
    make: tuple = ()
    mount: str = "defaults"
    neighbour: bool = False
    lies: bool = False  # nothing is synced, and all of it is said to be: this has to be caught


FORMS = [
    Form("with a neighbour", neighbour=True),
    Form("by default"),
    Form("blocks of 1 KiB, with a neighbour", ("-b", "1024"), neighbour=True),
    Form("data=writeback, with a neighbour", mount="data=writeback", neighbour=True),
    Form("noauto_da_alloc, with a neighbour", mount="noauto_da_alloc", neighbour=True),
    Form("nodelalloc, with a neighbour", mount="nodelalloc", neighbour=True),
]
LYING = Form("without a sync", lies=True)


class Offer:
    """What the server has: as the story says, and nothing while it is to be silent."""

    def __init__(self):
        self.mark, self.more_keys = "", 0
        self.is_silent = lambda: False
        self.server = WebServer(address=ADDRESS, port=80)
        self.server.answers = self  # asked in get()

    def get(self, path, *_):
        if self.is_silent():
            return Answer(raw=b"")
        if not path.endswith(OWN_FILE) or not self.mark:
            return Answer(status=404)
        return call(BIN / "recorded_check", "--file", self.mark, self.more_keys).encode()


class Neighbour(Closing):
    """Another program on the same file system, which writes and syncs as it likes: whatever the
    agent has not synced yet may reach the medium with it."""

    def __init__(self, folder):
        self.is_over = threading.Event()
        self.folder = folder
        self.thread = threading.Thread(target=self.work)
        self.thread.start()

    def work(self):
        syncfs = ctypes.CDLL(None).syncfs
        directory = os.open(self.folder, os.O_RDONLY)
        count = 0
        while not self.is_over.wait(0.001):
            pathlib.Path(self.folder, "neighbour").write_text(str(count) * 50, encoding="ascii")
            syncfs(directory)
            count += 1
        os.close(directory)

    def close(self):
        self.is_over.set()
        self.thread.join()


class DiskPhone(Phone):
    """dialtoned with its state on the mounted disk, and a trace of its steps."""

    def __init__(self, folder, mounted):
        super().__init__(folder, state=mounted / "state")
        self.told, self.log = folder / "trace", folder / "disk.log"
        hooks = folder / "hooks"
        hooks.mkdir()
        # One line for each key, in one piece, in the order of everything else.
        self.file("hooks/tell", "#!/bin/sh\n"
                  f"at=$(stat -c %s '{self.log}' 2>/dev/null || echo 0)\n"
                  f"sed \"s/^/told\\t$at\\t/\" \"$1\" >> '{self.told}'\n", 0o755)
        self.settings = [f"static.url=http://{ADDRESS}/gs", "splay=0", f"trial.timeout={TRIAL_S}",
                         f"hooks.dir={hooks}"]
        self.process = None

    def power_on(self, is_recorded, lies=False):
        environment = {"DIALTONE_RECORD_LIES": "1"} if lies else {}
        if is_recorded:
            environment.update(LD_PRELOAD=str(BIN / "libstep_recorder.so"),
                               DIALTONE_RECORD=str(self.told), DIALTONE_RECORD_LOG=str(self.log))
        self.process = start([*with_variables(environment), *self.command(once=False)],
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kinds(self):
        """Of the journal."""
        return self.journal_kinds() if self.seen.exists() else []

    def is_on_trial(self):
        found = [kind for kind in self.kinds() if kind in
                 ("trial_begins", "trial_confirmed", "trial_failed")]
        return bool(found) and found[-1] == "trial_begins"

    def wait_for_rest(self):
        def rests():
            if self.process.poll() is not None:
                raise KitError(f"the phone has ended: {self.kinds()}")
            return self.kinds()[-1:] == ["rest"]

        wait_until(rests, "the phone's rest", STORY_S)

    def stop(self):
        if self.process:
            stop(self.process, limit_s=COMMAND_S)
            self.process = None


class Recording:
    """One story on one form of file system."""

    def __init__(self, story, form, offer, folder, stack):
        self.story, self.form, self.offer, self.folder = story, form, offer, folder
        self.stack = stack
        self.disk, self.base = folder / "disk", folder / "base"
        self.mounted = folder / "mounted"
        self.mounted.mkdir(parents=True)
        self.phone = DiskPhone(folder, self.mounted)

    def make(self):
        """The disk as it is before, with a phone that has its first configuration."""
        self.offer.more_keys = self.story.more_keys
        with open(self.disk, "wb") as disk:
            disk.truncate(10 * MIB)
        call("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0",
             *self.form.make, self.disk)
        call("mount", "-o", f"loop,{self.form.mount}", self.disk, self.mounted)
        (self.mounted / "state").mkdir(mode=0o700)
        if self.story.before:
            self.offer.mark = self.story.before
            self.phone.power_on(is_recorded=False)
            self.phone.wait_for_rest()
            self.phone.stop()
            (self.mounted / "state" / durable.JOURNAL).unlink()
        call("umount", self.mounted)
        self.phone.told.write_bytes(b"")
        shutil.copyfile(self.disk, self.base)

    def record(self):
        """The story itself. Afterwards `folder` has the log of the disk and the trace."""
        export = self.folder / "export"
        export.touch()
        self.phone.log.touch()
        daemon = start([
            "qemu-storage-daemon",
            "--blockdev", f"driver=file,node-name=disk,filename={self.disk}",
            "--blockdev", f"driver=file,node-name=log,filename={self.phone.log}",
            "--blockdev", "driver=blklogwrites,node-name=logged,file=disk,log=log,"
                          "log-sector-size=512",
            "--export", f"type=fuse,id=export,node-name=logged,mountpoint={export},writable=on"])
        self.stack.callback(stop, daemon)
        wait_until(lambda: os.path.ismount(export), "the disk's export", COMMAND_S)
        call("mount", "-o", f"loop,{self.form.mount}", export, self.mounted)
        self.stack.callback(call, "umount", "-q", self.mounted, allowed=(0, 1, 32))
        with Neighbour(self.mounted) if self.form.neighbour else contextlib.nullcontext():
            try:
                self.live()
            finally:
                self.phone.stop()
        call("umount", self.mounted)
        stop(daemon, limit_s=COMMAND_S)

    def live(self):
        story, phone = self.story, self.phone
        self.offer.mark = story.offer
        self.offer.is_silent = phone.is_on_trial if story.is_silent_in_trials else lambda: False
        phone.power_on(is_recorded=True, lies=self.form.lies)
        phone.wait_for_rest()
        for command in story.commands:
            self.offer.mark = story.offer_afterwards
            call(*phone.tool_command(*command.split(" ", 1)))
            phone.wait_for_rest()
        self.offer.is_silent = lambda: False

    # --- cuts -------------------------------------------------------------------------------------

    def cut(self, wanted):
        """What the file system holds after cuts, evenly chosen: `cuts` and `images`, and how many
        distinct disks there were."""
        log = WriteLog(self.phone.log)
        chance = random.Random(SEED)
        counts = samples(len(log.writes), wanted)
        images, cuts = {}, []
        shutil.copyfile(self.base, self.folder / "before")
        self.extract(self.folder / "before", self.folder / "start")
        with ThreadPoolExecutor(WORKERS) as pool, open(self.folder / "replay", "w+b") as replay:
            replay.write(self.base.read_bytes())
            done, jobs = 0, []
            for number, count in enumerate(counts):
                done = self.advance(log, replay, log.last_flush(count), done)
                pending = log.writes[done:count]
                for lost in subsets(pending, chance):
                    path = self.folder / f"cut-{number}-{len(lost)}"
                    replay.flush()
                    shutil.copyfile(self.folder / "replay", path)
                    with open(path, "r+b") as disk:
                        for at, write in enumerate(pending):
                            if at not in lost:
                                log.apply(disk, write)
                    position = log.writes[count - 1].end if count else log.sector
                    jobs.append((position, pool.submit(self.look_at, path)))
            for position, job in jobs:
                found, folder = job.result()
                if found in images:
                    shutil.rmtree(folder)
                else:
                    images[found] = len(images)
                    folder.rename(self.image_folder(images[found]))
                cuts.append(f"{position} {images[found]}\n")
        (self.folder / "cuts").write_text("".join(cuts), encoding="ascii")
        log.close()
        return len(log.writes), len(cuts)

    @staticmethod
    def advance(log, replay, count, done):
        for write in log.writes[done:count]:
            log.apply(replay, write)
        return max(count, done)

    def image_folder(self, number):
        folder = self.folder / "images" / str(number)
        folder.parent.mkdir(exist_ok=True)
        return folder

    def look_at(self, disk):
        """(what identifies the state directory's content, where it lies)"""
        folder = disk.with_suffix(".files")
        self.extract(disk, folder)
        found = tuple((path.name, path.read_bytes()) for path in sorted(folder.iterdir())
                      if re.fullmatch(r"(record|generation)\.\d", path.name))
        return found, folder

    @staticmethod
    def extract(disk, folder):
        """Repairs the disk as a start would, by its journal, takes the files out and removes it."""
        call("e2fsck", "-fy", disk, allowed=(0, 1))
        folder.mkdir()
        call("debugfs", "-R", f"rdump /state {folder}", disk)
        disk.unlink()
        if (folder / "state").exists():
            for path in (folder / "state").iterdir():
                path.rename(folder / path.name)
            (folder / "state").rmdir()

    def check(self):
        """(whether all is well, the words of recorded_check)"""
        done = ask([BIN / "recorded_check", self.story.scenario, self.folder,
                    self.story.more_keys], 300)
        return done.returncode == 0, done.stdout + done.stderr


def samples(count, wanted):
    if count < wanted:
        return range(count + 1)
    return sorted({at * count // wanted for at in range(wanted + 1)})


def subsets(pending, chance):
    """Sets of places in `pending` whose writes are lost: none, and of several unflushed ones some
    by chance."""
    free = [at for at, write in enumerate(pending) if write.size and not write.is_kept]
    yield set()
    if len(free) > 1:
        yield {at for at in free if chance.random() < 0.5} or {free[0]}


def record_all(plans, keep):
    wrong = all_cuts = 0
    began_s = time.monotonic()
    offer = Offer()
    for number, (story, form, wanted) in enumerate(plans):
        folder = pathlib.Path(tempfile.mkdtemp(prefix=f"dialtone-ext4-{number}-"))
        with contextlib.ExitStack() as stack:
            if not keep:
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
            recording = Recording(story, form, offer, folder, stack)
            recording.make()
            recording.record()
            writes, cuts = recording.cut(wanted)
            is_well, words = recording.check()
            all_cuts += cuts
            is_right = is_well != form.lies
            wrong += not is_right
            if form.lies and is_right:
                words = "caught: " + words.splitlines()[-1] + "\n"
            print(f"{form.name}, {writes} writes, {folder}\n{words}", end="", flush=True)
    print(f"ext4: recordings={len(plans)} cuts={all_cuts} wrong={wrong} "
          f"seconds={time.monotonic() - began_s:.0f}")
    offer.server.close()
    return wrong == 0 and all_cuts > 0


def main(words):
    HERE.add_address("lo", f"{ADDRESS}/32")
    plans = [(story, FORMS[0], 50) for story in STORIES[:2] + STORIES[4:]]
    plans.append((STORIES[1], LYING, 40))
    if "--all" in words:
        plans = [(story, form, 300) for form in [*FORMS, LYING] for story in STORIES]
    if "--only" in words:
        word = words[words.index("--only") + 1]
        plans = [plan for plan in plans if word in f"{plan[0].scenario} {plan[1].name}"]
    return 0 if record_all(plans, "--keep" in words) else 1
