# SPDX-License-Identifier: Apache-2.0
"""What a phone maker gets: `cmake --install` in its two components, the pkg-config file, service
files. The recipes of Buildroot and OpenWrt have a test of their own."""

import os
import pathlib
import re
import shlex
import shutil

from kit import BIN, SOURCE, processes
from kit.testcase import KitTest

SERVICES = SOURCE / "rootfs/services"
COMMAND_S = 120

ON_A_PHONE = ["etc/dialtone/dialtone.conf", "usr/bin/dialtone", "usr/sbin/dialtone-udhcpc",
              "usr/sbin/dialtoned", "usr/share/dialtone/udhcpc.script",
              "usr/share/dialtone/udhcpc6.script"]
MAC = ["--mac", "000B82273B89"]


def run(*words, **more):
    return processes.run(words, limit_s=COMMAND_S, **more)


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def lines_of(path):
    """Without comments."""
    lines = path.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def project_version():
    text = (SOURCE / "CMakeLists.txt").read_text("utf-8")
    return re.search(r"project\(dialtone VERSION ([0-9.]+)", text).group(1)


class Folder(KitTest):
    def setUp(self):
        self.folder = self.scratch_folder()

    def install(self, component, prefix="/usr"):
        run("cmake", "--install", BIN.parent, "--component", component, "--prefix", prefix,
            env={**os.environ, "DESTDIR": str(self.folder)})


class Install(Folder):
    def test_phone(self):
        """the component `phone` is what an image needs, and runs from where it was put"""
        self.install("phone")
        self.assertEqual(files_in(self.folder), ON_A_PHONE)
        self.assertTrue((self.folder / "etc/dialtone/hooks.d").is_dir())
        told = run(self.folder / "usr/sbin/dialtoned", "--build-info")
        self.assertIn(project_version(), told)
        self.assertEqual(os.readlink(self.folder / "usr/bin/dialtone"), "../sbin/dialtoned")
        told = run(self.folder / "usr/bin/dialtone", "--build-info")
        self.assertIn("program=dialtone\n", told)
        for name in ("usr/sbin/dialtone-udhcpc", "usr/share/dialtone/udhcpc.script"):
            self.assertTrue(os.access(self.folder / name, os.X_OK), name)

    def test_development(self):
        """with pkg-config alone a program drives the agent in a world of its own"""
        self.install("development")
        pkgconfig = next(self.folder.rglob("dialtone.pc")).parent
        environment = {**os.environ, "PKG_CONFIG_PATH": str(pkgconfig)}
        words = run("pkg-config", "--cflags", "--libs", "dialtone", env=environment)
        self.assertEqual(run("pkg-config", "--modversion", "dialtone", env=environment).strip(),
                         project_version())
        self.assertTrue(run("pkg-config", "--variable=hooksdir", "dialtone",
                            env=environment).strip().endswith("/dialtone/hooks.d"))
        program = self.folder / "own_world"
        run("g++", "-std=c++23", "-fno-exceptions", "-fno-rtti", "-o", program,
            SOURCE / "tests/install/own_world.cpp", *shlex.split(words), cwd=self.folder)
        ended = processes.ask([program])
        self.assertEqual(ended.returncode, 3, ended)  # a link, and nobody who names a server
        self.assertIn("pnp", ended.stdout)


class Services(Folder):
    def accepted(self, command):
        """whether the daemon takes this command line"""
        words = shlex.split(command)
        self.assertEqual(words[0], "/usr/sbin/dialtoned")
        run(BIN / "dialtoned", *words[1:], "--build-info")

    def variables(self):
        return dict(line.split("=", 1) for line in lines_of(SERVICES / "dialtone.conf"))

    def test_systemd(self):
        """the systemd units are such, and start the daemon with options that it has"""
        unit = (SERVICES / "dialtoned.service").read_text("utf-8")
        command = re.search(r"^ExecStart=((?:.*\\\n)*.*)$", unit, re.M).group(1)
        for name, value in self.variables().items():
            command = re.sub(rf"\$\{{?{name}\}}?", value, command)
        self.assertNotIn("$", command)
        self.accepted(command.replace("\\\n", " "))
        # Who does root's part is started with the same options, and listens where the daemon asks.
        helper = (SERVICES / "dialtone-helper@.service").read_text("utf-8")
        for option in re.findall(r"--(?:profile|board|interface) \S+", unit):
            self.assertIn(option, helper)
        self.assertIn("--as-helper $DIALTONE_OPTIONS", helper)
        socket = (SERVICES / "dialtone-helper.socket").read_text("utf-8")
        path = re.search(r"--helper (\S+)", unit).group(1)
        self.assertIn(f"ListenStream={path}\nSocketUser=dialtone\nSocketMode=0600\n", socket)
        if shutil.which("systemd-analyze") is None:
            self.skipTest("systemd-analyze is not installed")
        placed = []
        for name in ("dialtone-helper@.service", "dialtone-helper.socket", "dialtoned.service",
                     "dialtone-udhcpc@.service"):
            text = (SERVICES / name).read_text("utf-8")
            placed.append(self.folder / name.replace("udhcpc@", "udhcpc@eth0"))
            placed[-1].write_text(text.replace("/usr/sbin/", str(BIN) + "/").replace(
                f"{BIN}/dialtone-udhcpc", str(SOURCE / "rootfs/usr/sbin/dialtone-udhcpc")), "utf-8")
        told = run("systemd-analyze", "verify", "--man=no", *placed[1:])
        self.assertEqual(told, "")

    def test_openrc(self):
        """the OpenRC script sets a command line that the daemon takes"""
        script = (SERVICES / "dialtoned.openrc").read_text("utf-8")
        self.assertTrue(script.startswith("#!/sbin/openrc-run\n"))
        text = script.replace("/etc/dialtone/dialtone.conf", str(SERVICES / "dialtone.conf"))
        self.accepted(run("busybox", "sh", "-euc", text + '\necho "$command" $command_args',
                          env={**os.environ, "RC_SVCNAME": "dialtoned"}))

    def test_busybox(self):
        """the script for busybox init starts one daemon, and stops it in good order"""
        conf = self.folder / "dialtone.conf"
        text = (SERVICES / "dialtone.conf").read_text("utf-8")
        options = f"{' '.join(MAC)} --board virtual --state {self.folder}/state --set pnp.enabled=0"
        # Only an image has the user.
        for old, new in (("=eth0", "=lo"), ("DIALTONE_USER=dialtone", "DIALTONE_USER="),
                         ("DIALTONE_OPTIONS=", f'DIALTONE_OPTIONS="{options}"')):
            text = text.replace(old, new)
        conf.write_text(text, "utf-8")
        (self.folder / "bin").mkdir()
        (self.folder / "bin/start-stop-daemon").symlink_to(shutil.which("busybox"))
        environment = {**os.environ, "DIALTONE_CONF": str(conf),
                       "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
                       "DIALTONE_DAEMON": str(BIN / "dialtoned"),
                       "DIALTONE_PID_FILE": str(self.folder / "pid")}
        script = ["busybox", "sh", SERVICES / "S60dialtoned"]
        self.assertEqual(run(*script, "start", env=environment), "Starting dialtoned: OK\n")
        process = int((self.folder / "pid").read_text("ascii"))
        try:
            self.assertEqual(os.readlink(f"/proc/{process}/exe"), str(BIN / "dialtoned"))
        finally:
            told = run(*script, "stop", env=environment)
        self.assertEqual(told, "Stopping dialtoned: OK\n")
        self.assertFalse(pathlib.Path(f"/proc/{process}").exists())
        self.assertEqual(run(*script, "stop", env=environment), "Stopping dialtoned: not running\n")
