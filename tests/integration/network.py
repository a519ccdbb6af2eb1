# SPDX-License-Identifier: Apache-2.0
"""Hosts with a network of their own each, joined by cables (veth pairs).

A host is a process that holds a network namespace open until its standard input ends. So nothing
has a name that could stay behind: when the test is over, or is killed, the holders end, and the
namespaces with all that is in them go.
"""

import os
import subprocess
import sys
import tempfile
import unittest

COMMAND_S = 10


def enter_private_system(marker):
    """Starts this program again as root of namespaces of its own, in which /run is empty. A plain
    user becomes root of a user namespace. The program ends with 77 where that is not allowed."""
    if marker in os.environ:
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True, timeout=COMMAND_S)
        return
    words = ["unshare", "--mount", "--net"]
    if os.geteuid() != 0:
        words += ["--user", "--map-root-user"]
    tried = subprocess.run([*words, "true"], capture_output=True, text=True, check=False,
                           timeout=COMMAND_S)
    if tried.returncode != 0:
        print(f"this system lets nobody make namespaces: {tried.stderr.strip()}")
        sys.exit(77)
    os.environ[marker] = "root" if os.geteuid() == 0 else "user"
    os.execvp("unshare", [*words, sys.executable, *sys.argv])


class Host:
    """Made by Network.host()."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo ready; exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       start_new_session=True)
        if self.holder.stdout.readline() != b"ready\n":
            self.close()
            raise unittest.SkipTest("this system lets nobody make a network namespace")
        self.ip("link", "set", "lo", "up")

    def inside(self, words):
        """The command line `words`, to be run on this host."""
        return ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net", "--", *map(str, words)]

    def run(self, *words, **options):
        options = {"capture_output": True, "text": True, "timeout": COMMAND_S, "check": True,
                   **options}
        return subprocess.run(self.inside(words), **options)

    def ip(self, *words):
        return self.run("ip", *words).stdout

    def close(self):
        self.holder.stdin.close()
        self.holder.stdout.close()
        self.holder.wait(COMMAND_S)


class Network:
    """`test` is the TestCase with which it goes."""

    def __init__(self, test):
        self.test = test

    def host(self):
        host = Host()
        self.test.addCleanup(host.close)
        return host

    def cable(self, here, name, there, other_name):
        """Joins two hosts by interfaces of these names, which are up afterwards."""
        here.ip("link", "add", name, "type", "veth", "peer", "name", other_name,
                "netns", there.holder.pid)
        here.ip("link", "set", name, "up")
        there.ip("link", "set", other_name, "up")


def scratch_folder(test):
    folder = tempfile.TemporaryDirectory(prefix="dialtone-test-")
    test.addCleanup(folder.cleanup)
    return folder.name
