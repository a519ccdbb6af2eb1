# SPDX-License-Identifier: Apache-2.0
"""The daemon as a service: state directories that cannot be trusted, and rights that it does not
need. Each phone is the real programs with a server beside it."""

import os
import pathlib
import pwd
import re
import shutil
import stat
import subprocess

import kit
from kit import SOURCE
from kit.call_filters import refuse_filters
from kit.configuration import OWN_FILE, config_file
from kit.needs import private_system
from kit.phone import Phone, runtime_file
from kit.processes import END_S, ask, children_of, run
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, KitTest, PhoneTest
from kit.waiting import wait_until

NEEDS = (private_system,)
WORKERS = SIDE_BY_SIDE

FILES = {f"/gs/{OWN_FILE}": config_file({"P47": "one.example"})}
LOST = "the configuration is kept in memory and lost at the next start"
SOMEBODY = 12345
SERVICE = "nobody"
RUNTIME = pathlib.Path("/run/dialtone")


def no_file(make):
    """Something else in the place of a file of a directory that is as it should be."""
    def prepare(state, name):
        state.mkdir(mode=0o700)
        make(state / name)
    return prepare


def link(path):
    path.symlink_to("/etc/hostname")


def device(path):
    try:
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 5))
    except PermissionError:  # in a user namespace
        os.mkfifo(path)


def loose(state, _):
    state.mkdir()
    state.chmod(0o770)


def foreign(state, _):
    state.mkdir(mode=0o755)
    os.chown(state, SOMEBODY, -1)


def foreign_file(state, name):
    state.mkdir(mode=0o700)
    (state / name).write_bytes(b"")
    os.chown(state / name, SOMEBODY, -1)


NO_FILE = "what is in its place is no file"
FOREIGN = "it belongs to somebody who is neither root nor the service's own user"
ROWS = [
    ("loose", "that its group may write to", loose, "", "its group or others may write to it"),
    ("foreign", "that belongs to somebody else", foreign, "", FOREIGN),
    ("foreign_record", "with somebody else's record", foreign_file, "record.0", FOREIGN),
    ("file", "that is a file", lambda state, _: state.write_bytes(b""), "", "Not a directory"),
    ("fifo", "that is a FIFO", lambda state, _: os.mkfifo(state), "", "Not a directory"),
] + [(f"{kind}_{name.replace('.', '_')}", f"with a {kind} in the place of its {name}",
      no_file(make), name, words)
     for kind, make, words in (("fifo", os.mkfifo, NO_FILE), ("device", device, NO_FILE),
                               ("link", link, "a symbolic link is in its place"))
     for name in ("record.0", "generation.1", "journal", "lock", "restart", "restart.new")]


class Unusable(PhoneTest):
    def phone_with(self, prepare, name):
        _, phone = self.site(FILES)
        prepare(phone.seen, name)
        return phone

    def check(self, prepare, name, words):
        """bad input: a state directory that others may have written to is left, memory is used"""
        if words == FOREIGN and os.environ.get("DIALTONE_TEST_INSIDE") == "user":
            self.skipTest("there is nobody else in this user namespace")
        phone = self.phone_with(prepare, name)
        before = phone.seen.stat()
        life = phone.live()
        self.assertEqual(life.status, 0, life.stderr)
        place = f"{phone.state}/{name}" if name else phone.state
        self.assertIn(f"dialtoned: state directory {place}: {words}; {LOST}\n", life.stderr)
        self.assertIn("The configuration is lost at the next start: state directory", life.stderr)
        self.assertIn("is safely stored and active", life.stderr)
        self.assertNotIn("The phone reboots", life.stderr)
        # It is left as it was.
        after = phone.seen.stat()
        self.assertEqual((before.st_mode, before.st_mtime_ns), (after.st_mode, after.st_mtime_ns))

    unusable = Cases(check, *((name, f"A state directory {words} is not used, the phone is "
                               "provisioned in memory.", *rest) for name, words, *rest in ROWS))

    def test_status(self):
        """A daemon in memory is found by its operator, who hears why, and can be told things."""
        phone = self.phone_with(no_file(os.mkfifo), "record.1")
        said = pathlib.Path(phone.folder, "said")
        with open(said, "wb") as file:
            self.start(phone.command("splay=0", once=False), stderr=file, text=False)
        wait_until(lambda: "The phone rests" in said.read_text("utf-8"), "a phone that rests")
        status = phone.status()
        self.assertEqual((status["running"], status["in_memory"], status["state_lasts"]),
                         (True, True, False))
        self.assertIn(f"{phone.state}/record.1: {NO_FILE}", status["state_words"])
        self.assertIn("loses it at the next start", phone.tool("status").stdout)
        self.assertEqual(phone.tool("resync").returncode, 0)
        for words in (["explain"], ["show", "config"]):
            told = phone.tool(*words)
            self.assertEqual((told.returncode, told.stdout), (1, ""))
            self.assertIn("record.1", told.stderr)
        second = ask(phone.command())
        self.assertEqual(second.returncode, 2)
        self.assertIn("another dialtoned runs for this state directory", second.stderr)

    def test_no_reboots(self):
        """A phone that loses its state at each start does not reboot for ever."""
        phone = self.phone_with(loose, "")
        for _ in range(3):
            life = phone.live()
            self.assertEqual(life.status, 0)
            self.assertNotIn("The phone reboots", life.stderr)

    def test_tmpfs(self):
        """A phone that owns its machine does not reboot for a configuration that lies in memory,
        where one that is a process does: the file outlives the process."""
        reboots = {}
        for kind in ("disk", "tmpfs"):
            for board in ("reference", "virtual"):
                _, phone = self.site(FILES)
                phone.seen.mkdir(mode=0o700)
                if kind == "tmpfs":
                    run(["mount", "-t", "tmpfs", "-o", "mode=0700", "tmpfs", phone.state])
                    self.addCleanup(run, ["umount", phone.state])
                life = phone.live(options=["--board", board])
                self.assertEqual(life.status, 0, life.stderr)
                lost = [entry["sentence"] for entry in life.of_kind("state_volatile")]
                reboots[kind, board] = (life.reboots(), len(lost), phone.status()["state_lasts"])
                if lost:
                    self.assertIn(f"the state directory {phone.state} lies on a tmpfs", lost[0])
                    self.assertIn("not kept:", phone.tool("status").stdout)
        if ask(["stat", "-f", "-c", "%T", phone.folder]).stdout.strip() == "tmpfs":
            self.skipTest("/tmp is memory here, so that there is no disk to compare with")
        self.assertEqual(reboots, {("disk", "reference"): (1, 0, True),
                                   ("disk", "virtual"): (1, 0, True),
                                   ("tmpfs", "reference"): (0, 1, False),
                                   ("tmpfs", "virtual"): (1, 0, True)})

    def test_control_socket(self):
        """bad input: what is in the control socket's place and is none stays there, with words"""
        _, phone = self.site(FILES)
        place = runtime_file(phone.state, ".control")
        place.parent.mkdir(mode=0o700, exist_ok=True)
        for make in (os.mkfifo, link, lambda path: path.write_bytes(b"x")):
            make(place)
            life = phone.live()
            self.assertEqual(life.status, 0, life.stderr)
            self.assertIn(f"control socket {place}: what is in its place is no socket; operators",
                          life.stderr)
            self.assertTrue(os.path.lexists(place))
            place.unlink()

    def test_fifo_later(self):
        """bad input: a FIFO that comes while the daemon runs makes nobody wait"""
        _, phone = self.provisioned_site(FILES)
        phone.start()
        phone.wait_for("rest")
        for name in ("journal", "record.0", "record.1"):
            (phone.seen / name).unlink()
            os.mkfifo(phone.seen / name)
        self.assertEqual(phone.tool("set", "P47=two.example").returncode, 1)
        self.assertEqual(phone.tool("status").returncode, 0)
        for name in ("journal", "record.0", "record.1"):
            (phone.seen / name).unlink()

    def test_taken_over(self):
        """What root owns is taken over for the service's own user."""
        if os.geteuid() != 0 or os.environ.get("DIALTONE_TEST_INSIDE") == "user":
            self.skipTest("only root can give something away")
        _, phone = self.provisioned_site(FILES)
        os.chmod(phone.folder, 0o755)
        life = phone.live(options=["--user", SERVICE])
        self.assertEqual((life.status, phone.status()["state_lasts"]), (0, True), life.stderr)
        user = pwd.getpwnam(SERVICE).pw_uid
        for path in [phone.seen, *phone.seen.iterdir()]:
            self.assertEqual(path.stat().st_uid, 0 if path.name == "lock" else user, path)


def status_of(process):
    lines = pathlib.Path(f"/proc/{process}/status").read_text("ascii").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class ServicePhone(Phone):
    """As dialtoned.service starts it: as a user with one right more, and a helper that is root."""

    RIGHTS = ["--inh-caps=-all,+net_raw", "--ambient-caps=-all,+net_raw",
              "--bounding-set=-all,+net_raw", "--no-new-privs"]

    def __init__(self, folder, *settings, **named):
        super().__init__(folder, *settings, **named)
        user = pwd.getpwnam(SERVICE)
        os.chmod(folder, 0o755)
        # Where the user finds it.
        shutil.copy(f"{kit.BIN}/dialtoned", f"{folder}/dialtoned")
        shutil.copy(f"{kit.BIN}/dialtoned", f"{folder}/dialtone")
        self.programs = str(folder)
        for path in (self.seen, RUNTIME):
            path.mkdir(mode=0o700, exist_ok=True)
            os.chown(path, user.pw_uid, user.pw_gid)
        self.service = ["setpriv", "--reuid", SERVICE, "--regid", str(user.pw_gid),
                        "--clear-groups", *self.RIGHTS, "env", f"RUNTIME_DIRECTORY={RUNTIME}"]
        self.socket = pathlib.Path(folder, "helper.socket")

    def command(self, *settings, **named):
        return [*self.service, *super().command(*settings, **named)]

    def helper_command(self, hooks):
        """As dialtone-helper.socket has it started for each connection."""
        daemon = super().command(f"hooks.dir={hooks}", once=False)
        return ["systemd-socket-activate", "--accept", "--inetd", f"--listen={self.socket}",
                "--setenv=RUNTIME_DIRECTORY=/run/dialtone-helper", *daemon, "--as-helper"]


class Privileges(PhoneTest):
    def setUp(self):
        if os.geteuid() != 0 or os.environ.get("DIALTONE_TEST_INSIDE") == "user":
            self.skipTest("only root can become somebody else")

    def resting(self, *options, kind=Phone):
        server = self.serve(FILES)
        phone = self.new_phone(f"static.url={server.url('gs')}", kind=kind)
        os.chmod(phone.folder, 0o755)
        process = phone.start(options=options)
        wait_until(lambda: os.path.exists(f"{phone.state}/journal"), "a journal")
        phone.wait_for("rest")
        return phone, process

    def check_agent(self, process):
        """What the agent's process has given up."""
        agent = children_of(process)[0]
        fields = status_of(agent)
        user = pwd.getpwnam(SERVICE)
        self.assertEqual(fields["Uid"].split(), [str(user.pw_uid)] * 4)
        self.assertEqual(fields["NoNewPrivs"], "1")
        self.assertEqual(fields["Seccomp"], "2")
        self.assertEqual(fields["CapEff"], f"{1 << 13:016x}")
        limits = pathlib.Path(f"/proc/{agent}/limits").read_text("ascii")
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        # Of a process that can be dumped this would be the user's.
        for one in (process, agent):
            self.assertEqual(os.stat(f"/proc/{one}/environ").st_uid, 0)

    def test_parent_is_root(self):
        """Where init starts the daemon as root, the agent's process keeps packets and no more."""
        phone, process = self.resting("--user", SERVICE)
        self.check_agent(process.pid)
        self.assertEqual(phone.tool("resync").returncode, 0)

    def test_unit(self):
        """As its unit starts it, the daemon is not root, and its helper runs its hooks as root."""
        server = self.serve(FILES)
        phone = self.new_phone(f"static.url={server.url('gs')}", kind=ServicePhone)
        hooks = pathlib.Path(phone.folder, "hooks")
        hooks.mkdir()
        hook = hooks / "10-who"
        hook.write_text(f"#!/bin/sh\nexec >> {phone.folder}/who\nid -u\ncat \"$1\"\n", "ascii")
        hook.chmod(0o755)
        self.start(phone.helper_command(hooks))
        wait_until(phone.socket.exists, "the helper's socket")
        os.chown(phone.socket, pwd.getpwnam(SERVICE).pw_uid, -1)
        phone.socket.chmod(0o600)
        process = phone.start(f"hooks.dir={hooks}", options=["--helper", str(phone.socket)])
        phone.wait_for("rest")
        self.check_agent(process.pid)
        who = pathlib.Path(phone.folder, "who").read_text("ascii")
        self.assertEqual(who, "0\nP47=one.example\n")
        self.assertEqual(phone.wait_for("hooks_ran")["fields"]["ran"], "1")
        self.assertEqual(phone.tool("resync").returncode, 0)
        # Another directory is not the helper's, whatever the daemon is told.
        process.terminate()
        process.wait(END_S)
        phone.start("hooks.dir=/bin", options=["--helper", str(phone.socket)])
        wait_until(lambda: phone.status()["running"] and "rest" in
                   [entry["kind"] for entry in phone.last_life()], "the next life's rest")
        self.told(phone, "set", "P47=two.example")
        told = phone.wait_for("hooks_ran", failed="1")
        self.assertIn("is not the hook directory", told["fields"]["reason"])

    def test_no_filter(self):
        """A kernel that has no filters of system calls costs the filter, and nothing else."""
        _, phone = self.site(FILES)
        process = self.start(phone.command("splay=0", once=False), preexec_fn=refuse_filters)
        wait_until(lambda: os.path.exists(f"{phone.state}/journal"), "a journal")
        phone.wait_for("rest")
        self.assertEqual(status_of(children_of(process.pid)[0])["Seccomp_filters"], "1")

    def test_no_helper(self):
        """bad input: a helper that is not there costs the hooks, with words, and nothing else"""
        server = self.serve(FILES)
        phone = self.new_phone(f"static.url={server.url('gs')}", kind=ServicePhone)
        life = phone.live(options=["--helper", "/run/no-such-helper"])
        self.assertEqual(life.status, 0, life.stderr)
        told = life.of_kind("hooks_ran")[0]["fields"]
        self.assertEqual(told["failed"], "1")
        self.assertIn("/run/no-such-helper cannot be reached", told["reason"])


class Units(KitTest):
    # At most; where what needs root is somebody else's part.
    EXPOSURE = {"dialtoned.service": 2.5, "dialtone-udhcpc@.service": 3.5}

    def setUp(self):
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")

    def test_exposure(self):
        """The units are no more exposed than they have to be, as systemd counts it."""
        for name, most in self.EXPOSURE.items():
            told = ask(["systemd-analyze", "security", "--offline=true",
                        SOURCE / "rootfs/services" / name])
            found = re.search(r"Overall exposure level for \S+: ([0-9.]+)", told.stdout)
            self.assertTrue(found, told.stderr)
            self.assertLessEqual(float(found[1]), most, name)

    def test_calls(self):
        """The unit leaves the agent all the system calls that its own table has."""
        allowed = set()
        for name, take in (("@system-service", allowed.update), ("@privileged", None),
                           ("@resources", None)):
            calls = self.calls_of(name)
            if take:
                take(calls)
            else:
                allowed -= calls
        allowed |= self.calls_of("@default")
        text = (SOURCE / "platform/linux/call_filter.cpp").read_text("utf-8")
        table = text[text.index("constexpr uint32_t allowed[]"):text.index("// --- the filter")]
        wanted = set(re.findall(r"__NR_(\w+)", table))
        known = self.calls_of("@known")
        self.assertEqual((wanted & known) - allowed - {"clone3"}, set())

    def calls_of(self, group):
        told = subprocess.run(["systemd-analyze", "syscall-filter", group], check=True,
                              capture_output=True, text=True).stdout
        calls = set()
        for line in map(str.strip, told.splitlines()[1:]):
            if line.startswith("@"):
                calls |= self.calls_of(line)
            elif line and not line.startswith("#"):
                calls.add(line)
        return calls
