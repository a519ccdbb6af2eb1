# SPDX-License-Identifier: Apache-2.0
"""toolchains/outdated against stand-ins for apt: what it says of a library, and when it fails."""

import os
import shutil

from kit import SOURCE
from kit.processes import ask
from kit.testcase import Cases, KitTest

LOCK = """# several lines of one library are choices
fresh 1.2.0 fresh fresh.tar.gz 00 MIT
stale 3.0 stale-src stale.tar.gz 00 MIT
twice 2.4 twice twice-2.4.tar.gz 00 MIT
twice 2.2 twice twice-2.2.tar.gz 00 MIT
"""
BOOTSTRAP = """#!/bin/sh
[ "$1" = --prefix ] && echo "$DIALTONE_CACHE/$2-1234"
"""
APT_GET = """#!/bin/sh
echo "$@" >> "$0.asked"
case "$*" in
    indextargets*) echo http://mirror.example/debian/; echo http://mirror.example/debian-security ;;
    *update*) [ ! -e "$0.offline" ] || exit 100 ;;
esac
"""
# As madison prints it: package, version, where.
APT_CACHE = """#!/bin/sh
for package; do :; done
row() { [ "$1" != "$package" ] || echo " $1 | $2 | http://mirror.example/debian $3/main Sources"; }
row fresh 1.2.0+dfsg-2 stable
row fresh 1.3.0~rc2-1 unstable
row fresh 1:1.1.dfsg+really1.2.1-3 testing
row stale-src 3.0-4 stable
row stale-src 3.0.1-1+deb13u1 stable-security
row stale-src 2.9-1 stable-updates
row twice 2.2-1 stable
row twice 2.5-1 unstable
"""
TAKEN = "fresh | 1.1.9 | reads too far | taken | any server"


class Outdated(KitTest):
    def setUp(self):
        self.folder = self.scratch_folder()
        self.tools = self.folder / "toolchains"
        (self.tools / "patches").mkdir(parents=True)
        shutil.copy(SOURCE / "toolchains/outdated", self.tools)
        (self.tools / "bootstrap").write_text(BOOTSTRAP, "utf-8")
        (self.tools / "bootstrap").chmod(0o755)
        (self.tools / "third-party.lock").write_text(LOCK, "utf-8")
        (self.tools / "patches/stale-crash.patch").write_text("", "utf-8")
        (self.folder / "bin").mkdir()
        for name, text in (("apt-get", APT_GET), ("apt-cache", APT_CACHE)):
            program = self.folder / "bin" / name
            program.write_text(text, "utf-8")
            program.chmod(0o755)

    def build(self, target, versions):
        """As toolchains/third-party leaves it."""
        folder = self.folder / f"cache/{target}-1234"
        folder.mkdir(parents=True)
        (folder / "versions").write_text(versions, "utf-8")

    def ask(self, *words, fixes=TAKEN, is_offline=False):
        (self.tools / "known-fixes").write_text(fixes, "utf-8")
        if is_offline:
            (self.folder / "bin/apt-get.offline").touch()
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return ask([self.tools / "outdated", *words],
                   env={**os.environ, "PATH": path, "DIALTONE_CACHE": str(self.folder / "cache")})

    def test_behind(self):
        """a library is behind when a released suite or a security update has a newer release"""
        ended = self.ask()
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertRegex(ended.stdout,
                         r"(?m)^fresh +1\.2\.0 +none +1\.2\.0 in stable, 1\.2\.1 in testing$")
        self.assertRegex(ended.stdout,
                         r"(?m)^stale +3\.0 +none +BEHIND, 3\.0\.1 in stable-security$")
        self.assertIn("1 of 3 libraries behind", ended.stdout)
        self.assertEqual(self.ask("--fail").returncode, 1)

    def test_choices(self):
        """it names the choices of a library, and those that the cache was built with"""
        self.build("host", "fresh 1.2.0\ntwice 2.2\n")
        self.build("armhf", "fresh 1.2.0\ntwice 2.4\n")
        told = self.ask().stdout
        self.assertRegex(told, r"(?m)^fresh +1\.2\.0 +1\.2\.0 +1\.2\.0 in stable")
        self.assertRegex(told, r"(?m)^twice +2\.4 else 2\.2 +2\.2, 2\.4 +2\.2 in stable, "
                               r"2\.5 in unstable$")

    def test_second_choice_is_behind(self):
        """a second choice that a released suite has a newer version of is behind, too"""
        apt_cache = self.folder / "bin/apt-cache"
        apt_cache.write_text(APT_CACHE + "row twice 2.3-1 stable-security\n", "utf-8")
        ended = self.ask()
        self.assertRegex(ended.stdout, r"(?m)^twice .* BEHIND with 2\.2, 2\.3 in stable-security")
        self.assertIn("2 of 3 libraries behind", ended.stdout)

    def test_fix_that_is_not_in_what_was_built(self):
        """a fix that the second choice has not got is open only if the cache was built with that"""
        fix = "twice | 2.3 | crashes | taken | any server"
        ended = self.ask("--fail", fixes=fix, is_offline=True)
        self.assertEqual(ended.returncode, 0, ended.stdout)
        self.assertIn("\n    not in 2.2\n", ended.stdout)
        self.build("host", "twice 2.2\n")
        ended = self.ask("--fail", fixes=fix, is_offline=True)
        self.assertEqual(ended.returncode, 1, ended.stdout)
        self.assertIn("\n    not in 2.2, WHICH IS BUILT\n", ended.stdout)

    def test_once_a_day(self):
        """the archive and its security updates are asked for once"""
        self.ask()
        self.ask()
        asked = (self.folder / "bin/apt-get.asked").read_text("utf-8").splitlines()
        self.assertEqual(sum(line.endswith("update") for line in asked), 1, asked)
        sources = (self.folder / "cache/apt/outdated/sources.list").read_text("utf-8")
        self.assertIn("http://mirror.example/debian-security stable-security main", sources)

    def test_offline(self):
        """without a network it says so, and what it knows of the fixes"""
        ended = self.ask("--fail", is_offline=True)
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertIn("The Debian archive does not answer", ended.stdout)
        self.assertRegex(ended.stdout, r"(?m)^stale +3\.0 +none +not known$")
        self.assertIn("taken: any server", ended.stdout)

    def test_no_apt(self):
        """on a machine without apt, too"""
        (self.folder / "bin/apt-get").write_text("#!/bin/sh\nexit 127\n", "utf-8")
        self.assertIn("names none", self.ask().stdout)

    def row(self, fix, words):
        ended = self.ask("--fail", fixes=fix, is_offline=True)
        self.assertEqual(ended.returncode, 1 if words else 0, ended.stdout)
        self.assertIn(words, ended.stdout)

    ROWS = Cases(row,
        ("patched", "a patch that is there mends it",
         "stale | 3.1 | crashes | patched | stale-crash.patch", ""),
        ("not_reached", "what no input reaches fails nothing",
         "stale | 3.1 | crashes | not reached | it is not compiled in", ""),
        ("open", "what reaches us and is not mended", "stale | 3.1 | crashes | open | any server",
         "1 rows of known-fixes open, wrong"),
        ("taken_and_older", "the lock file has not got what is taken",
         "stale | 3.1 | crashes | taken | any server", "WRONG: the lock file has 3.0"),
        ("no_patch", "the patch is not there", "stale | 3.1 | crashes | patched | other.patch",
         "WRONG: there is no other.patch"),
        ("patch_for_the_second_choice", "a patch mends the choice that has not got the fix",
         "twice | 2.3 | crashes | taken | 2.2 has stale-crash.patch", ""),
        ("no_patch_for_the_second_choice", "the patch for the second choice is not there",
         "twice | 2.3 | crashes | taken | 2.2 has other.patch", "WRONG: there is no other.patch"),
        ("patch_left_over", "the lock file needs the patch no longer",
         "stale | 3.0 | crashes | patched | stale-crash.patch", "which needs no patch"),
        ("no_library", "a library of another time", "gone | 1 | crashes | taken | x",
         "WRONG: is no library of third-party.lock"),
        ("no_stand", "a word that says nothing", "stale | 3.1 | crashes | soon | x",
         "WRONG: 'soon' is none of taken"),
        ("columns", "a line that lacks a column", "stale | 3.1 | crashes | open",
         "WRONG: five columns"),
    )

    def test_usage(self):
        """what it cannot use it answers with what it can"""
        ended = self.ask("--what")
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertIn("toolchains/outdated --fail", ended.stderr)


class Ours(KitTest):
    def test_known_fixes(self):
        """nothing that reaches a phone is open, and the table contradicts nothing"""
        folder = self.scratch_folder()
        (folder / "apt-get").write_text("#!/bin/sh\nexit 1\n", "utf-8")
        (folder / "apt-get").chmod(0o755)
        ended = ask([SOURCE / "toolchains/outdated", "--fail"], env={
            **os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "DIALTONE_CACHE": str(folder)})
        self.assertEqual(ended.returncode, 0, ended.stdout)
