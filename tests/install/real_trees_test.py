# SPDX-License-Identifier: Apache-2.0
"""The recipes in the trees that they are made for, where one is given:

    DIALTONE_BUILDROOT=FOLDER   a checkout of Buildroot; DIALTONE_BUILDROOT_CONFIG=FILE is another
                                configuration than the one here, BR2_DL_DIR keeps the downloads
    DIALTONE_OPENWRT=FOLDER     a checkout or SDK of OpenWrt that is configured and has its
                                toolchain; the package is linked into it while the test runs

Each takes as long as the tree's own toolchain needs, and may download what is not there yet.
recipes_test.py has what can be had without them."""

import os
import pathlib

from kit import SOURCE
from kit.needs import one_variable_of
from kit.processes import ask, run
from kit.testcase import KitTest

NEEDS = (one_variable_of("DIALTONE_BUILDROOT", "DIALTONE_OPENWRT"),)
BUILD_S = 7200
RECIPES = SOURCE / "rootfs/recipes"
# An external toolchain, so that what is built is the packages.
BUILDROOT_CONFIG = """BR2_arm=y
BR2_cortex_a7=y
BR2_TOOLCHAIN_EXTERNAL=y
BR2_TOOLCHAIN_EXTERNAL_BOOTLIN=y
BR2_FORTIFY_SOURCE_2=y
BR2_PACKAGE_DIALTONE=y
"""


class RealTree(KitTest):
    def tree(self, variable):
        if variable not in os.environ:
            self.skipTest(f"{variable} names no folder")
        return pathlib.Path(os.environ[variable]).resolve()

    def make(self, tree, *words):
        done = ask(["make", "-C", tree, *words], limit_s=BUILD_S)
        self.assertEqual(done.returncode, 0, (done.stdout + done.stderr)[-6000:])


class RealBuildroot(RealTree):
    def test_check_package(self):
        """Buildroot's own check finds nothing in the recipes"""
        tree = self.tree("DIALTONE_BUILDROOT")
        files = [path for path in (RECIPES / "buildroot").rglob("*") if path.is_file()]
        run([tree / "utils/check-package", "-b", *files], cwd=tree)

    def test_builds(self):
        """the packages are downloaded, built, built again, installed and have legal information"""
        tree, out = self.tree("DIALTONE_BUILDROOT"), self.scratch_folder()
        config = os.environ.get("DIALTONE_BUILDROOT_CONFIG")
        text = pathlib.Path(config).read_text("utf-8") if config else BUILDROOT_CONFIG
        (out / "defconfig").write_text(text, "utf-8")
        words = [f"O={out}/out", f"BR2_EXTERNAL={RECIPES}/buildroot"]
        self.make(tree, *words, f"BR2_DEFCONFIG={out}/defconfig", "defconfig")
        config = (out / "out/.config").read_text("utf-8")
        self.assertIn("\nBR2_PACKAGE_DIALTONE=y\n", config)
        for steps in (["dialtone-all-source"], ["dialtone"], ["dialtone-rebuild"],
                      ["dialtone-legal-info", "dialtone-libraries-legal-info"]):
            self.make(tree, *words, *steps)
        self.assertTrue((out / "out/target/usr/sbin/dialtoned").exists())
        licenses = out / "out/legal-info/licenses"
        self.assertTrue(list(licenses.glob("dialtone-libraries-*/licences/libosip2/COPYING")))


class RealOpenWrt(RealTree):
    def test_builds(self):
        """the package passes the tree's check, is downloaded, built, and built again"""
        tree = self.tree("DIALTONE_OPENWRT")
        link = tree / "package/dialtone-of-the-test"
        link.symlink_to(RECIPES / "openwrt/dialtone")
        self.addCleanup(link.unlink)
        config = (tree / ".config").read_text("utf-8")
        self.addCleanup((tree / ".config").write_text, config, "utf-8")
        (tree / ".config").write_text(f"{config}\nCONFIG_PACKAGE_dialtone=m\n", "utf-8")
        self.make(tree, "defconfig")
        for step in ("download", "check", "clean", "compile", "compile"):
            self.make(tree, f"package/{link.name}/{step}", "V=s")
        built = list(tree.glob("bin/**/dialtone[_-]0*"))
        self.assertTrue(built, "no package in bin/")
