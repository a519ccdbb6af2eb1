# SPDX-License-Identifier: Apache-2.0
"""Stand-ins for the trees that our recipes are made for (trees/), each with a copy of the sources,
which a test may break, and with the compiler of armhf as theirs: a wrapper with a sysroot in which
nothing of this machine is found. Downloads come from the folder of toolchains/bootstrap.

What is not the matter of a recipe is made short: most libraries are those that toolchains/bootstrap
has built for armhf, and of the program a few sources are compiled and no link is made.
DIALTONE_RECIPES=whole has all of it built."""

import os
import pathlib
import shutil

from kit import BIN, SOURCE, KitError
from kit.processes import ask, run

HERE = pathlib.Path(__file__).resolve().parent
COPIED = ["agent", "platform", "rootfs", "toolchains", "CMakeLists.txt", "LICENSE", "README.md"]
COMPILER = "arm-linux-gnueabihf"
HIDDEN = {"cmake", "ninja"}  # a tree has its own, for who asks for them
STEP_S = 240
WHOLE_S = 3600
IS_WHOLE = os.environ.get("DIALTONE_RECIPES") == "whole"

# Sources in which nothing but an assert reads a variable.
OBJECTS = ["CMakeFiles/dialtone_agent.dir/agent/agent_life.cpp.o",
           "CMakeFiles/dialtone_platform.dir/platform/daemon/dialtoned.cpp.o"]

# Builds with the real script what the test is about: one library of each build system.
SHORT_THIRD_PARTY = """#!/bin/bash
set -euo pipefail
real=${{0%/*}}/third-party.whole
[[ $1 != --* ]] || exec "$real" "$@"
mkdir -p "$4"
cp -R {borrowed}/include {borrowed}/lib "$4"
for library in {libraries}; do
    rm -f "$4"/lib/lib${{library#lib}}.a
    "$real" "$1" "$2" "$3" "$4" "$library" > "$3-$library.log" 2>&1 || {{
        tail -n 30 "$3-$library.log" >&2
        exit 1
    }}
done
cp {borrowed}/versions "$4"
"""


def borrowed_prefix():
    """The libraries that toolchains/bootstrap has built for armhf."""
    return pathlib.Path(run([SOURCE / "toolchains/bootstrap", "--prefix", "armhf"]).strip())


def archive_folder():
    return borrowed_prefix().parent / "archives"


def first_choices():
    """(library, archive, SHA-256, licence, where its text is) of each library of the lock file."""
    rows = {}
    for line in (SOURCE / "toolchains/third-party.lock").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            library, _, _, *row = line.split()
            rows.setdefault(library, (library, *row))
    return list(rows.values())


def missing_parts():
    """A need of the test program: what toolchains/bootstrap has not brought yet."""
    if shutil.which(f"{COMPILER}-g++") is None or not borrowed_prefix().is_dir():
        return "toolchains/bootstrap armhf brings the compiler and the libraries"
    gone = [archive for _, archive, *_ in first_choices()
            if not (archive_folder() / archive).exists()]
    return f"not in {archive_folder()}, another choice was taken: {', '.join(gone)}" if gone else ""


class Tree:
    """Those that inherit say where the parts of a tree are."""

    libraries = ["tinyxml2", "libubootenv"]

    def __init__(self, folder, libraries=None):
        """`libraries`: those that are built, and not taken from others."""
        self.folder = pathlib.Path(folder)
        self.libraries = libraries or self.libraries
        self.is_whole = IS_WHOLE and libraries is None
        self.source, self.out = self.folder / "source", self.folder / "out"
        self.source.mkdir()
        for name in COPIED:
            path = SOURCE / name
            (shutil.copytree if path.is_dir() else shutil.copy)(path, self.source / name)
        (self.folder / "archives").symlink_to(archive_folder())
        self.tools = self.folder / "tools"
        self.tools.mkdir()
        for path in pathlib.Path("/usr/bin").iterdir():
            if path.name not in HIDDEN:
                (self.tools / path.name).symlink_to(path)
        if not self.is_whole:
            self.shorten()

    def shorten(self):
        script = self.source / "toolchains/third-party"
        script.rename(script.with_name("third-party.whole"))
        self.write_program(script, SHORT_THIRD_PARTY.format(borrowed=borrowed_prefix(),
                                                            libraries=" ".join(self.libraries)))

    @staticmethod
    def write_program(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        path.chmod(0o755)

    def write_compiler(self, folder, sysroot):
        sysroot.mkdir(parents=True)
        for name in ("gcc", "g++"):
            self.write_program(folder / f"arm-linux-{name}", "#!/bin/sh\nexec "
                               f"/usr/bin/{COMPILER}-{name} --sysroot='{sysroot}' \"$@\"\n")

    def edit(self, name, old, new):
        """Changes a file of the copied sources; the words have to be there."""
        path = self.source / name
        text = path.read_text("utf-8")
        if old not in text:
            raise KitError(f"{name} has no {old!r}")
        path.write_text(text.replace(old, new), "utf-8")

    def environment(self):
        """Nothing of this machine's own: what a recipe needs it has to say."""
        build = {} if self.is_whole else {"DIALTONE_TEST_OBJECTS": " ".join(OBJECTS),
                                          "DIALTONE_TEST_PROGRAM": str(BIN / "dialtoned")}
        return {"PATH": str(self.tools), "HOME": str(self.folder), "LC_ALL": "C", **build}

    def words(self):
        raise NotImplementedError

    def ask(self, *steps):
        return ask([*self.words(), *steps], limit_s=WHOLE_S if self.is_whole else STEP_S,
                   env=self.environment())


class Buildroot(Tree):
    libraries = ["zlib", "tinyxml2", "libubootenv"]
    host_libraries = "host/arm-buildroot-linux-gnueabihf/sysroot/usr/lib/dialtone"

    def __init__(self, folder, libraries=None):
        super().__init__(folder, libraries)
        self.recipes = self.source / "rootfs/recipes/buildroot"
        host = self.out / "host"
        self.write_compiler(host / "bin", host / "arm-buildroot-linux-gnueabihf/sysroot")
        share = host / "share/buildroot"
        (share / "Platform").mkdir(parents=True)
        shutil.copy(HERE / "trees/buildroot/toolchainfile.cmake", share)
        shutil.copy(HERE / "trees/buildroot/Buildroot.cmake", share / "Platform")
        (self.out / "primary").symlink_to(self.folder / "archives")
        self.configure("BUSYBOX")

    def configure(self, init, **more):
        """What the menu's choices come to."""
        values = {"BR2_HOST_CMAKE_AT_LEAST_3_25": "y", "BR2_PACKAGE_DIALTONE_PROFILE": '"fanvil"',
                  "BR2_PACKAGE_DIALTONE_BOARD": '"virtual"', f"BR2_INIT_{init}": "y", **more}
        text = "".join(f"{name} = {value}\n" for name, value in values.items())
        (self.out / "config").write_text(text, "utf-8")

    def words(self):
        return ["make", "-s", "-f", HERE / "trees/buildroot/Makefile", f"O={self.out}",
                f"BR2_EXTERNAL_DIALTONE_PATH={self.recipes}"]

    @property
    def prefix(self):
        return self.out / self.host_libraries

    def built(self, package):
        return next((self.out / "build").glob(f"{package}-[0-9c]*"))


class OpenWrt(Tree):
    def __init__(self, folder, libraries=None):
        super().__init__(folder, libraries)
        self.recipe = self.source / "rootfs/recipes/openwrt/dialtone"
        staging = self.out / "staging_dir"
        self.write_compiler(staging / "toolchain/bin", staging / "target")
        (staging / "host/bin").mkdir(parents=True)
        for name in HIDDEN:
            (staging / "host/bin" / name).symlink_to(f"/usr/bin/{name}")
        (self.out / "mirror").symlink_to(self.folder / "archives")

    def words(self):
        return ["make", "-s", "-C", self.recipe, f"TOPDIR={HERE}/trees/openwrt", f"OUT={self.out}"]

    @property
    def built(self):
        return next((self.out / "build_dir").glob("dialtone-*"))

    @property
    def prefix(self):
        return self.built / "libraries/prefix"
