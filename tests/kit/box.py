# SPDX-License-Identifier: Apache-2.0
"""A phone that is a few processes: dialtoned, the DHCP client of the image and if wanted a SIP
stack, in a box of process numbers and a /run of its own. To end the box is to cut the power: all of
it is gone at once, and only the state directory stays.

    python3 -m kit.box FOLDER on|off

does the same as a power switch, for a box that describe() has put into the folder. It is what the
test of the device `phone` gives the runner as the command that switches the socket.
"""

import json
import os
import pathlib
import select
import signal
import shlex
import subprocess
import sys

from kit import udhcpc
from kit.processes import ask, children_of, run, start, state_of
from kit.waiting import wait_until

OFF_S = 10

INSIDE = """\
exec 2>&1
mount -t tmpfs tmpfs /run
ip link set dev "$INTERFACE" up
for program in "$DHCP" "$SIP"; do
    [ -z "$program" ] || sh -c "$program" &
done
"$@" &
wait $!
echo "dialtoned ended with status $?"
wait
"""


class Box:
    """`enter`: the words before a command line that bring it onto the phone's network. `emulator`:
    those before a program of another machine."""

    def __init__(self, folder, enter, programs, interface, arguments, emulator=(), has_sip=False):
        self.folder, self.enter, self.interface = str(folder), list(enter), interface
        self.programs, self.emulator = str(programs), list(emulator)
        self.arguments, self.has_sip = list(arguments), has_sip
        self.process = None
        os.makedirs(self.state, mode=0o700, exist_ok=True)

    @property
    def state(self):
        return f"{self.folder}/state"

    @property
    def console(self):
        return f"{self.folder}/console.log"

    def words(self):
        """The command line of the whole phone."""
        apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
        return [*self.enter, *apart, "sh", "-c", INSIDE, "box", *self.emulator,
                f"{self.programs}/dialtoned", "--interface", self.interface,
                "--state", self.state, *self.arguments]

    def environment(self):
        tool = self.tool_script()
        sip = [sys.executable, "-m", "kit.sip_stack", tool, self.state]
        return {**os.environ, **udhcpc.environment(self.folder, tool), "INTERFACE": self.interface,
                "DHCP": self.background(udhcpc.command(self.interface, self.state), "udhcpc"),
                "SIP": self.background(sip, "sip") if self.has_sip else ""}

    def background(self, words, name):
        """What the shell of INSIDE starts beside dialtoned."""
        return f"exec {shlex.join(words)} > '{self.folder}/{name}.log' 2>&1"

    def tool_script(self):
        """dialtone as one word, whatever machine it is made for."""
        if not self.emulator:
            return f"{self.programs}/dialtone"
        path = pathlib.Path(self.folder, "dialtone")
        path.write_text(f"#!/bin/sh\nexec {' '.join(self.emulator)} '{self.programs}/dialtone' "
                        '"$@"\n', encoding="utf-8")
        path.chmod(0o755)
        return str(path)

    def power_on(self, stays=False):
        """`stays`: even when this process ends."""
        self.process = start(self.words(), self.console, None if stays else "KILL",
                             env=self.environment(),
                             stderr=subprocess.DEVNULL)  # unshare's own

    def power_off(self):
        if self.process is not None:
            cut(self.process.pid)
            self.process.wait(OFF_S)
            self.process = None
            self.unplug()

    def unplug(self):
        """The address and the link go with the power."""
        for words in (("address", "flush"), ("link", "set", "down")):
            run([*self.enter, "ip", *words[:2], "dev", self.interface, *words[2:]])

    def tool(self, *words):
        """What `dialtone` says about the state directory."""
        done = ask([*self.emulator, f"{self.programs}/dialtone", "--state", self.state, *words])
        return done.stdout + done.stderr

    # --- for another process that has the switch -------------------------------------------------

    def describe(self):
        """Writes down what `box.py` needs to know."""
        about = {"enter": self.enter, "programs": self.programs, "interface": self.interface,
                 "arguments": self.arguments, "has_sip": self.has_sip}
        pathlib.Path(self.folder, "box.json").write_text(json.dumps(about), encoding="utf-8")


def cut(pid):
    """Ends the box whose command has this number: its first process, with which the kernel ends all
    others before it is gone, then the command. Returns when nothing is left."""
    try:
        os.kill(pid, signal.SIGSTOP)  # so that no first process is born while one is looked for
        wait_until(lambda: state_of(pid) in "TZ", "the box stands still", OFF_S)
    except ProcessLookupError:
        return
    for one in (*children_of(pid), pid):
        end(one)


def end(pid):
    descriptor = os.pidfd_open(pid)
    try:
        os.kill(pid, signal.SIGKILL)
        select.select([descriptor], [], [], OFF_S)
    finally:
        os.close(descriptor)


def switch(folder, verb):
    box = Box(folder, **json.loads(pathlib.Path(folder, "box.json").read_text(encoding="utf-8")))
    path = pathlib.Path(folder, "pid")
    if verb == "off" and path.exists():
        cut(int(path.read_text(encoding="ascii")))
        path.unlink()
        box.unplug()
    if verb == "on" and not path.exists():
        box.power_on(stays=True)
        path.write_text(str(box.process.pid), encoding="ascii")


if __name__ == "__main__":
    switch(*sys.argv[1:])
