# SPDX-License-Identifier: Apache-2.0
"""Daemon and tool as a person at a terminal and a script meet them: what they print where, with
which exit status, what they leave alone, and how the daemon takes signals and users."""

import json
import os
import pathlib
import pwd
import signal
import subprocess

from kit import BIN, durable
from kit.configuration import MAC, OWN_FILE, config_file, encrypted
from kit.processes import COMMAND_S, ask, children_of
from kit.testcase import PhoneTest
from kit.waiting import wait_until

VALUES = {"P271": "1", "P47": "sip.example", "P34": "hunter2"}
LINES = "P271=1\nP34=hunter2\nP47=sip.example\n"


def call(program, *words):
    return ask([BIN / program, *words])


def tree(folder):
    """Everything that reading must not change."""
    found = {}
    for path in [pathlib.Path(folder), *sorted(pathlib.Path(folder).iterdir())]:
        about = path.stat()
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (content, about.st_ino, about.st_mtime_ns, about.st_ctime_ns)
    return found


class CommandLine(PhoneTest):
    def test_daemon_refuses(self):
        """bad input: each command line the daemon cannot use ends with 2 and one line"""
        phone = ["--profile", "grandstream", "--mac", MAC, "--interface", "lo"]
        self.check_usage("dialtoned", [], "--profile is missing", "grandstream")
        self.check_usage("dialtoned", ["--profle", "x"], "did you mean --profile?")
        self.check_usage("dialtoned", ["--profile", "grandstrem"], "did you mean grandstream?")
        self.check_usage("dialtoned", phone[:2], "--mac is missing")
        self.check_usage("dialtoned", [*phone, "--mac", "12"], "--mac")
        self.check_usage("dialtoned", [*phone, "--set", "static.ulr=x"], "static.url")
        self.check_usage("dialtoned", [*phone, "--set", "tls.verify=2"], "tls.verify")
        self.check_usage("dialtoned", [*phone, "--set", "tls.ca=@/nowhere"], "/nowhere")
        self.check_usage("dialtoned", [*phone, "--user", "no-such-user"], "no-such-user")

    def test_tool_refuses(self):
        """bad input: each command line the tool cannot use ends with 2 and one line"""
        self.check_usage("dialtone", [], "no command")
        self.check_usage("dialtone", ["stauts"], "did you mean status?")
        self.check_usage("dialtone", ["show"], "'config'")
        self.check_usage("dialtone", ["status", "--mask"], "--mask")
        self.check_usage("dialtone", ["explain", "--last", "0"], "--last")
        self.check_usage("dialtone", ["set", "P47"], "KEY=VALUE")
        self.check_usage("dialtone", ["inspect"], "FILE")

    def test_names(self):
        """One program: the beginning of the name it is started by says which of the two it is."""
        for name, program in (("dialtoned", "dialtoned"), ("./dialtoned-armhf", "dialtoned"),
                              ("dialtone", "dialtone"), ("/x/dialtone.old", "dialtone")):
            for file in ("dialtoned", "dialtone"):
                ended = ask([name, "--build-info"], executable=BIN / file)
                self.assertIn(f"program={program}\n", ended.stdout)

    def test_other_names(self):
        """bad input: a name that means neither of the two programs ends with 2 and one line"""
        for name in ("provision", "dialton", ""):
            ended = ask([name, "--build-info"], executable=BIN / "dialtone")
            self.assertEqual((ended.returncode, ended.stdout), (2, ""))
            self.assertIn("called dialtoned or dialtone", ended.stderr)

    def test_line_feeds(self):
        """bad input: a command line with line feeds is still answered by one line"""
        self.check_usage("dialtone", ["a\nb"], "a?b")
        self.check_usage("dialtoned", ["--set", "a\nb=c"])

    def test_help(self):
        """--help and --build-info go to standard output and end with 0."""
        for program in ("dialtoned", "dialtone"):
            helped = call(program, "--help")
            self.assertEqual((helped.returncode, helped.stderr), (0, ""))
            self.assertTrue(helped.stdout.startswith(f"usage: {program} "))
            built = call(program, "--build-info")
            self.assertEqual((built.returncode, built.stderr), (0, ""))
            self.assertIn(f"program={program}\n", built.stdout)


class Reading(PhoneTest):
    def test_writes_nothing(self):
        """Reading commands work with the daemon stopped and leave the state directory alone."""
        _, phone = self.provisioned_site({"/" + OWN_FILE: config_file(VALUES)}, path="")
        before = tree(phone.state)
        for words in (["status"], ["explain"], ["explain", "--last", "9"], ["show", "config"],
                      ["show", "config", "--mask"], ["status", "--json"], ["explain", "--json"],
                      ["show", "config", "--json"]):
            told = self.told(phone, *words)
            if "--json" in words:
                json.loads(told)
        self.assertEqual(tree(phone.state), before)
        self.assertEqual(phone.config(), LINES)
        self.assertEqual(phone.tool("show", "config", "--mask").stdout,
                         LINES.replace("hunter2", "***"))
        self.assertIn("daemon:        not running\n", phone.tool("status").stdout)

    def test_no_state(self):
        """bad input: a state directory that is not there is named, and is not made"""
        for words in (["status"], ["status", "--follow"], ["explain"], ["show", "config"],
                      ["resync"]):
            asked = call("dialtone", "--state", "/nowhere/at/all", *words)
            self.assertEqual((asked.returncode, asked.stdout), (1, ""), words)
            self.assertRegex(asked.stderr, r"\Adialtone: [^\n]*/nowhere/at/all[^\n]*\n\Z")
        self.assertFalse(os.path.exists("/nowhere"))

    def test_reader_gone(self):
        """Output that nobody reads does not end in a crash."""
        ended = subprocess.run(f"{BIN}/dialtone --help | true; exit ${{PIPESTATUS[0]}}",
                               shell=True, executable="/bin/bash", timeout=COMMAND_S, check=False)
        self.assertIn(ended.returncode, (0, 1, 128 + signal.SIGPIPE))


class Follow(PhoneTest):
    def test_live(self):
        """status --follow shows a life as it happens, from a journal that is not there yet."""
        _, phone = self.site({"/" + OWN_FILE: config_file(VALUES)}, path="")
        os.mkdir(phone.state)
        follower = self.followed(phone, "status")
        life = phone.live()
        lines = self.read_to(follower, "exit status 0")
        self.assertEqual(len(lines), len(life.entries))
        for line, entry in zip(lines, life.entries):
            self.assertRegex(line, r"\A *\d+\.\d{3} s  \S.*\.\n\Z")
            self.assertTrue(line.endswith("  " + entry["sentence"] + "\n"), line)

    def test_running(self):
        """With a daemon running, status --follow begins with the present life."""
        _, phone = self.provisioned_site({"/" + OWN_FILE: config_file(VALUES)}, path="")
        phone.start()
        phone.wait_for("rest")
        follower = self.followed(phone, "status", "--json")
        first = json.loads(follower.stdout.readline())
        self.assertEqual((first["kind"], first["fields"]["cause"]), ("boot", "power-on"))
        self.read_to(follower, '"rest"')
        self.assertEqual(phone.tool("resync").returncode, 0)
        lines = [json.loads(line) for line in self.read_to(follower, '"rest"')]
        self.assertEqual(lines[0]["kind"], "operator_command")
        self.assertIn("plan_unchanged", [line["kind"] for line in lines])

    def test_turned_over(self):
        """status --follow goes on in the next file when the journal is turned over."""
        phone = self.new_phone("order=static", "static.url=http://127.0.0.1:9/")
        os.mkdir(phone.state)
        journal = pathlib.Path(phone.state, durable.JOURNAL)
        line = "{}\t1793534400\trest\tgeneration=1\n"
        journal.write_text(line.format(1), encoding="ascii")
        follower = self.followed(phone, "status")
        with journal.open("a", encoding="ascii") as file:
            file.write(line.format(2))
        journal.rename(journal.with_name(durable.FORMER_JOURNAL))
        journal.write_text(line.format(3), encoding="ascii")
        times = [self.read_to(follower, " s  ")[-1].split()[0] for _ in range(2)]
        self.assertEqual(times, ["0.002", "0.003"])


class Inspect(PhoneTest):
    def setUp(self):
        self.phone = self.new_phone()

    def inspect(self, path, *words):
        return call("dialtone", "inspect", path, *words)

    def test_good(self):
        """inspect prints sorted lines alone on standard output, the kind of file beside them."""
        path = self.phone.file("cfg.xml", config_file(VALUES))
        for words in ([], ["--profile", "grandstream"], ["--mac", MAC]):
            told = self.inspect(path, *words)
            self.assertEqual((told.returncode, told.stdout), (0, LINES))
            self.assertIn("Grandstream XML", told.stderr)
        told = json.loads(self.inspect(path, "--json").stdout)
        self.assertEqual(told["values"], VALUES)
        self.assertEqual(told["format"], "Grandstream XML")
        self.assertIn("cipher", told)

    def test_encrypted(self):
        """inspect reads an encrypted file with a password from a file, and names the cipher."""
        path = self.phone.file("cfg.enc", encrypted(config_file(VALUES), "s3cret", "-md", "md5"))
        password = self.phone.file("password", "s3cret\n")
        told = self.inspect(path, "--password", f"@{password}")
        self.assertEqual((told.returncode, told.stdout), (0, LINES))
        self.assertIn("AES-256-CBC", told.stderr)

    def test_unused_secret(self):
        """inspect says when it was given a secret that this vendor's files do not know."""
        path = self.phone.file("cfg.xml", config_file(VALUES))
        told = self.inspect(path, "--profile", "grandstream", "--key", "00ff")
        self.assertEqual((told.returncode, told.stdout), (0, LINES))
        self.assertIn("--key is not used", told.stderr)

    def check_bad(self, path, place, *words):
        told = self.inspect(path, *words)
        self.assertEqual((told.returncode, told.stdout), (1, ""), told)
        self.assertRegex(told.stderr, rf"\A{path}:{place}: [^\n]+\n\Z")

    def test_bad(self):
        """bad input: inspect names file and line, for binaries file and offset, and ends with 1"""
        text = config_file(VALUES)
        file = self.phone.file
        self.check_bad(file("broken.xml", text[:-20]), r"\d+")
        self.check_bad(file("other.xml", text), "3", "--mac", "000b82000001")
        self.check_bad(file("empty.xml", b""), "1")
        self.check_bad(file("page.xml", b"<html><body>Log in</body></html>"), "1")
        self.check_bad(file("noise.bin", b"\x01\x80\xff\0" * 9), r"\d+")
        self.check_bad(file("big.xml", b" " * 300_000), r"\d+")

    def test_missing(self):
        """bad input: inspect of a file that is not there"""
        told = self.inspect(f"{self.phone.folder}/none.xml")
        self.assertEqual((told.returncode, told.stdout), (1, ""))
        self.assertIn("none.xml: No such file or directory", told.stderr)

    def test_arguments(self):
        """Password and key of inspect are not in the process list while it waits for its file."""
        pipe = f"{self.phone.folder}/pipe"
        os.mkfifo(pipe)
        waiting = self.start([str(BIN / "dialtone"), "inspect", pipe, "--password", "hunter2",
                               "--key=00c0ffee"])
        line = pathlib.Path(f"/proc/{waiting.pid}/cmdline")
        shown = wait_until(lambda: b"inspect" in line.read_bytes() and
                           b"hunter2" not in line.read_bytes() and line.read_bytes(),
                           "a blanked command line")
        self.assertIn(b"--password\0*******\0--key=********\0", shown)
        pathlib.Path(pipe).write_bytes(config_file(VALUES))
        waiting.communicate(timeout=COMMAND_S)


class Daemon(PhoneTest):
    def resting(self, *options):
        _, phone = self.site({"/" + OWN_FILE: config_file(VALUES)}, path="")
        os.chmod(phone.folder, 0o755)  # for a user that it may be told to become
        process = phone.start(options=options)
        wait_until(lambda: os.path.exists(f"{phone.state}/journal"), "a journal")
        phone.wait_for("rest")
        return phone, process

    def test_signals(self):
        """SIGTERM and SIGINT end the daemon in good order: status 0, lock and socket let go."""
        for number in (signal.SIGTERM, signal.SIGINT):
            phone, process = self.resting()
            self.assertIn("daemon:        running\n", phone.tool("status").stdout)
            process.send_signal(number)
            process.communicate(timeout=COMMAND_S)
            self.assertEqual(process.returncode, 0)
            self.assertIn("daemon:        not running\n", phone.tool("status").stdout)
            self.assertEqual(phone.last_life()[-1]["kind"], "finished")
            self.assertEqual(os.stat(f"{phone.state}/lock").st_size, 0)

    def test_crash(self):
        """An agent that is killed is started again by its parent and goes on where it was."""
        phone, process = self.resting()
        os.kill(children_of(process.pid)[0], signal.SIGKILL)
        phone.wait_for("boot", cause="crash")
        phone.wait_for("rest", count=2)
        self.assertEqual(phone.config(), LINES)
        self.assertIsNone(process.poll())

    def test_privileges(self):
        """The agent's process can gain no privileges, and with --user is that user."""
        user = pwd.getpwnam("nobody")
        if os.geteuid() != 0:
            self.skipTest("only root can become somebody else")
        phone, process = self.resting("--user", "nobody")
        status = pathlib.Path(f"/proc/{children_of(process.pid)[0]}/status")
        fields = dict(line.split(":\t", 1) for line in status.read_text("ascii").splitlines()
                      if ":\t" in line)
        self.assertEqual(fields["NoNewPrivs"], "1")
        self.assertEqual(fields["Uid"].split(), [str(user.pw_uid)] * 4)
        self.assertEqual(fields["Gid"].split(), [str(user.pw_gid)] * 4)
        self.assertEqual(fields["Groups"].split(), [])
        # CAP_NET_RAW alone is kept, for DHCPINFORM beside the phone's DHCP client.
        self.assertEqual(fields["CapEff"], f"{1 << 13:016x}")
        self.assertEqual(phone.tool("resync").returncode, 0)
