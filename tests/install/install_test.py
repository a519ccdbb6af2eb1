# SPDX-License-Identifier: Apache-2.0
"""What a phone maker gets: `cmake --install` in its two components, the pkg-config file, service
files, and the recipes of Buildroot and OpenWrt as far as a machine without these can tell."""

import os
import pathlib
import re
import shlex
import shutil

from kit import BIN, SOURCE, processes
from kit.testcase import KitTest

SERVICES = SOURCE / "rootfs/services"
RECIPES = SOURCE / "rootfs/recipes"
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


# What Buildroot and OpenWrt would bring, as far as the recipes use it: the macros that end a
# recipe print its variables and commands instead of running them.
BUILDROOT = """
qstrip = $(strip $(subst ",,$(1)))
SED = sed -i -e
BR2_CMAKE = cmake
HOST_DIR = /host
TARGET_DIR = /target
BR2_PACKAGE_DIALTONE_ARCHIVES = "/dl/dialtone"
BR2_PACKAGE_DIALTONE_PROFILE = "fanvil"
BR2_PACKAGE_DIALTONE_BOARD = "reference"
BR2_INIT_SYSTEMD = y
define cmake-package
all: @D = /output/build/dialtone
all:
	@echo 'version $(DIALTONE_VERSION)'
	@echo 'site $(DIALTONE_SITE)'
	@echo 'options $(DIALTONE_CONF_OPTS)'
	$(foreach hook,$(DIALTONE_PRE_CONFIGURE_HOOKS),$(call $(hook)))
	$(DIALTONE_INSTALL_TARGET_CMDS)
endef
include $(BR2_EXTERNAL_DIALTONE_PATH)/external.mk
"""


class Recipes(Folder):
    def test_buildroot(self):
        """the recipe of Buildroot says what the project says, and asks for options it has"""
        makefile = self.folder / "Makefile"
        makefile.write_text(BUILDROOT, "utf-8")
        told = run("make", "-n", "-f", makefile, f"BR2_EXTERNAL_DIALTONE_PATH={RECIPES}/buildroot")
        self.assertIn(f"version {project_version()}", told)
        self.assertIn(f"site {SOURCE}", told)
        self.assertIn("-DDIALTONE_SERVICE=systemd", told)
        self.assertIn("toolchains/bootstrap --libraries /host/share/buildroot/toolchainfile.cmake",
                      told)
        self.assertIn("DESTDIR=/target cmake --install", told)
        self.assertIn("DIALTONE_PROFILE=fanvil", told)
        known = (SOURCE / "CMakeLists.txt").read_text("utf-8") + \
            (SOURCE / "toolchains/install.cmake").read_text("utf-8")
        for option in re.findall(r"-D(\w+)=", told):
            self.assertRegex(known, rf"(option|set)\({option}\b")

    def test_buildroot_menu(self):
        """the menu of Buildroot can be read, and its entries are the recipe's"""
        try:
            import kconfiglib  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("python3-kconfiglib is not installed")
        os.environ["BR2_EXTERNAL_DIALTONE_PATH"] = str(RECIPES / "buildroot")
        needs = ["BR2_USE_MMU", "BR2_INSTALL_LIBSTDCPP", "BR2_TOOLCHAIN_GCC_AT_LEAST_12",
                 "BR2_TOOLCHAIN_HEADERS_AT_LEAST_3_17"]
        menu = self.folder / "Config.in"
        menu.write_text("".join(f"config {name}\n\tbool\n\tdefault y\n" for name in needs) +
                        'config BR2_DL_DIR\n\tstring\n\tdefault "/dl"\n'
                        f'source "{RECIPES}/buildroot/Config.in"\n', "utf-8")
        read = kconfiglib.Kconfig(str(menu), warn_to_stderr=False)
        self.assertEqual(read.warnings, [])
        read.syms["BR2_PACKAGE_DIALTONE"].set_value(2)
        self.assertEqual(read.syms["BR2_PACKAGE_DIALTONE"].str_value, "y")
        recipe = (RECIPES / "buildroot/package/dialtone/dialtone.mk").read_text("utf-8")
        for name in set(re.findall(r"BR2_PACKAGE_DIALTONE\w+", recipe)):
            self.assertIn(name, read.syms)
            self.assertTrue(read.syms[name].nodes, name)

    def test_openwrt(self):
        """the recipe of OpenWrt says what the project says"""
        top = self.folder
        (top / "include").mkdir()
        (top / "rules.mk").write_text("INCLUDE_DIR:=$(TOPDIR)/include\nBUILD_DIR:=/build\n"
                                      "DL_DIR:=/dl\nARCH:=mips\nINSTALL_DIR:=install -d\n"
                                      "CP:=cp -fpR\nTARGET_CC_NOCACHE:=mips-cc\n", "utf-8")
        (top / "include/cmake.mk").write_text("", "utf-8")
        (top / "include/package.mk").write_text(
            "PKG_BUILD_DIR:=$(BUILD_DIR)/$(PKG_NAME)-$(PKG_VERSION)\n"
            "define BuildPackage\nall:\n\t@echo 'version $$(PKG_VERSION)'\n"
            "\t@echo 'options $$(CMAKE_OPTIONS)'\n\t$$(call Build/Prepare)\n"
            "\t$$(call Package/$(1)/install,/image)\nendef\n", "utf-8")
        recipe = RECIPES / "openwrt/dialtone"
        told = run("make", "-n", "-C", recipe, f"TOPDIR={top}")
        self.assertIn(f"version {project_version()}", told)
        self.assertIn("bootstrap --libraries /build/dialtone-", told)
        self.assertIn("--component phone", told)
        self.assertIn("CMAKE_C_COMPILER mips-cc", told)
        for name in re.findall(r"\./(files/\S+)", told):
            self.assertTrue((recipe / name).exists(), name)
        conf = SERVICES / "dialtone.conf"
        script = (recipe / "files/dialtoned.init").read_text("utf-8")
        script = script.replace("/etc/dialtone/dialtone.conf", str(conf))
        words = run("busybox", "sh", "-euc",
                    "procd_open_instance() { :; }\nprocd_close_instance() { :; }\n"
                    'procd_set_param() { [ "$1" != command ] || { shift; echo "$@"; }; }\n' +
                    script + "\nstart_service")
        self.assertEqual(words.split()[0], "/usr/sbin/dialtoned")
        run(BIN / "dialtoned", *words.split()[1:], "--build-info")

    def test_patches(self):
        """every patch is of a library and versions of the lock file, and names its test"""
        lock = lines_of(SOURCE / "toolchains/third-party.lock")
        choices = {tuple(line.split()[:2]) for line in lock}
        libraries = {library for library, _ in choices}
        for path in (SOURCE / "toolchains/patches").iterdir():
            self.assertIn(path.name.split("-")[0], libraries)
            head = path.read_text("utf-8").partition("\n--- a/")[0]
            for library, *versions in map(str.split, re.findall(r"(?m)^For: (.+)$", head)):
                self.assertTrue(path.name.startswith(f"{library}-"), path.name)
                self.assertLessEqual({(library, version) for version in versions}, choices)
            named = re.findall(r"tests/\S+_test\.(?:py|cpp)", head)
            self.assertTrue(named, path.name)
            for test in named:
                self.assertTrue((SOURCE / test).exists(), (path.name, test))

    def test_archives(self):
        """every library of the lock file is built, and the recipes name no library beside it"""
        script = (SOURCE / "toolchains/third-party").read_text("utf-8")
        for library, *_ in map(str.split, lines_of(SOURCE / "toolchains/third-party.lock")):
            self.assertRegex(script, rf"(?m)^build_{re.escape(library)}\(\)")
