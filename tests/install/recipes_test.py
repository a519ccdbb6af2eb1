# SPDX-License-Identifier: Apache-2.0
"""The recipes of Buildroot and OpenWrt, held to what their upstreams ask of one (recipe_style.py),
and run in stand-ins for both trees (recipe_trees.py): from the download to the legal information,
with a foreign toolchain file, a sysroot without this machine's headers, and flags of somebody else.
What is broken on purpose has to fail. real_trees_test.py does the same in real trees."""

import json
import os
import re
import shutil

from install import recipe_style
from install.recipe_trees import (COMPILER, OBJECTS, Buildroot, OpenWrt, archive_folder,
                                  borrowed_prefix, first_choices, missing_parts)
from kit import BIN, SOURCE, processes
from kit.testcase import Cases, KitTest

NEEDS = (missing_parts,)
WORKERS = 2

RECIPES = SOURCE / "rootfs/recipes"
SERVICES = SOURCE / "rootfs/services"
PACKAGE = "rootfs/recipes/buildroot/package/dialtone"
LIBRARIES = f"{PACKAGE}-libraries/dialtone-libraries"
OPENWRT = "rootfs/recipes/openwrt/dialtone/Makefile"
UNITS = {f"usr/lib/systemd/system/{name}" for name in
         ("dialtoned.service", "dialtone-helper.socket", "dialtone-helper@.service",
          "dialtone-udhcpc@.service")}
ON_A_PHONE = {"etc/dialtone/dialtone.conf", "usr/bin/dialtone", "usr/sbin/dialtone-udhcpc",
              "usr/sbin/dialtoned", "usr/share/dialtone/udhcpc.script",
              "usr/share/dialtone/udhcpc6.script"}


def lines_of(path):
    """Without comments."""
    lines = path.read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def files_in(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*")
            if path.is_file() or path.is_symlink()}


def project_version():
    text = (SOURCE / "CMakeLists.txt").read_text("utf-8")
    return re.search(r"project\(dialtone VERSION ([0-9.]+)", text).group(1)


def asserts_in(folder):
    """Whether the asserts of the compiled sources are in their objects."""
    return all("__assert_fail" in processes.run([f"{COMPILER}-nm", folder / name])
               for name in OBJECTS)


class Style(KitTest):
    """What a reviewer's programs say."""

    def test_clean(self):
        """nothing in the recipes breaks a rule"""
        for path in sorted(RECIPES.rglob("*")):
            if path.is_file():
                self.assertEqual(recipe_style.findings(path), [], path)

    def test_executable(self):
        """bad input: a recipe that is executable"""
        copy = self.scratch_folder() / "dialtone.mk"
        shutil.copy(SOURCE / f"{PACKAGE}/dialtone.mk", copy)
        copy.chmod(0o755)
        self.assertEqual(recipe_style.findings(copy), ["dialtone.mk:0: it is executable"])

    def check_found(self, name, old, new, finding):
        """A recipe that is broken in one place gets one finding, there."""
        path = SOURCE / name
        text = path.read_text("utf-8")
        self.assertIn(old, text)
        broken = self.scratch_folder() / path.name
        broken.write_text(text.replace(old, new, 1), "utf-8")
        found = [one.split(":", 2)[2].strip() for one in recipe_style.findings(broken)]
        self.assertEqual(found, [finding])

    found = Cases(
        check_found,
        ("trailing_blank", "bad input: a recipe with a blank at the end of a line",
         f"{PACKAGE}/dialtone.mk",
         "_LICENSE = Apache-2.0\n", "_LICENSE = Apache-2.0 \n",
         "blanks or a carriage return at the end of the line"),
        ("no_line_end", "bad input: a recipe that ends within a line", f"{PACKAGE}/dialtone.mk",
         "$(eval $(cmake-package))\n", "$(eval $(cmake-package))",
         "no line end at the end of the file"),
        ("two_empty_lines", "bad input: a recipe with two empty lines", f"{PACKAGE}/Config.in",
         "\nif BR2", "\n\nif BR2", "two empty lines"),
        ("header", "bad input: a recipe with a header of 79 characters", f"{PACKAGE}/dialtone.mk",
         "#" * 80 + "\n#\n# dialtone", "#" * 79 + "\n#\n# dialtone",
         f"the header's line should be {'#' * 80!r}"),
        ("licence_in_the_header", "bad input: a recipe without an empty line behind its header",
         f"{PACKAGE}/dialtone.mk", "#" * 80 + "\n\n# SPDX", "#" * 80 + "\n# SPDX",
         "the header's line should be ''"),
        ("blanks_for_tabs", "bad input: a recipe whose commands begin with blanks",
         f"{PACKAGE}/dialtone.mk", "\t$(INSTALL) -d", "    $(INSTALL) -d", "a tab is wanted"),
        ("two_blanks", "bad input: a recipe with two blanks before a backslash",
         f"{PACKAGE}/dialtone.mk",
         "_CONF_OPTS = \\", "_CONF_OPTS =  \\", "one space before a backslash"),
        ("last_backslash", "bad input: a recipe with a backslash on a list's last line",
         f"{PACKAGE}/dialtone.mk",
         "_SERVICE=none\n", "_SERVICE=none \\\n", "a backslash before an empty line"),
        ("foreign_variable", "bad input: a recipe that sets another package's variable",
         f"{LIBRARIES}.mk", "DIALTONE_LIBRARIES_INSTALL_STAGING =", "LIBRARIES_INSTALL_STAGING =",
         "LIBRARIES_INSTALL_STAGING does not begin with DIALTONE_LIBRARIES_"),
        ("set_twice", "bad input: a recipe that sets a variable twice", f"{PACKAGE}/dialtone.mk",
         "DIALTONE_SITE_METHOD", "DIALTONE_LICENSE = MIT\nDIALTONE_SITE_METHOD",
         "DIALTONE_LICENSE is set again"),
        ("braces", "bad input: a recipe with a variable in braces", f"{PACKAGE}/dialtone.mk",
         "DESTDIR=$(TARGET_DIR)", "DESTDIR=${TARGET_DIR}", "variables are $(NAME)"),
        ("useless", "bad input: a recipe that sets a default value", f"{LIBRARIES}.mk",
         "_INSTALL_TARGET = NO", "_INSTALL_TARGET = YES", "a default value"),
        ("order", "bad input: a recipe's option with its attributes in another order",
         f"{PACKAGE}/Config.in",
         "\tselect BR2_HOST_CMAKE_AT_LEAST_3_25\n\tselect BR2_PACKAGE_DIALTONE_LIBRARIES\n",
         "\tselect BR2_HOST_CMAKE_AT_LEAST_3_25\n\tdepends on BR2_USE_WCHAR\n",
         "the order is type, default, depends on, select, help"),
        ("entry", "bad input: a recipe's option whose attribute two tabs indent",
         f"{PACKAGE}/Config.in",
         "\tbool", "\t\tbool", "entries begin the line, what belongs to them one tab later"),
        ("help", "bad input: a recipe's option with help of 63 characters", f"{PACKAGE}/Config.in",
         "\t  What it runs on: a board of platform/boards.", "\t  " + "x" * 63,
         "help is a tab, two blanks and 62 characters"),
        ("default_n", "bad input: a recipe's option with n as its default",
         f"{PACKAGE}-libraries/Config.in",
         "\tbool\n", "\tbool\n\tdefault n\n", "n is the default"),
        ("declared_twice", "bad input: a recipe's option that is declared twice",
         f"{PACKAGE}/Config.in",
         "config BR2_PACKAGE_DIALTONE_BOARD", "config BR2_PACKAGE_DIALTONE_PROFILE",
         "BR2_PACKAGE_DIALTONE_PROFILE is declared again"),
        ("short_hash", "bad input: a recipe's hash that is too short", f"{PACKAGE}/dialtone.hash",
         "sha256  cf", "sha256  c", "the hash has not the length of its kind"),
        ("one_blank", "bad input: a recipe's hash with one blank between its fields",
         f"{LIBRARIES}.hash",
         "  licences/zlib", " licences/zlib", "two blanks are between the fields"),
        ("no_name", "bad input: a recipe's hash of no file", f"{LIBRARIES}.hash",
         "  licences/zlib/LICENSE", "", "three fields are wanted"),
        ("md6", "bad input: a recipe's hash of a kind that nobody knows", f"{LIBRARIES}.hash",
         "sha256  7b69", "md6  7b69", "an unknown kind of hash"),
        ("nobody_reads", "bad input: a recipe with a variable that OpenWrt does not have", OPENWRT,
         "CMAKE_OPTIONS+=", "CMAKE_VARS+=", "nobody reads CMAKE_VARS"),
        ("maintainer", "bad input: a recipe of OpenWrt without a maintainer", OPENWRT,
         "PKG_MAINTAINER:=", "PKG_KEEPER:=", "PKG_MAINTAINER is missing or no .+ <\\S+@\\S+>"),
        ("libstdcpp", "bad input: a recipe that depends on a library it does not need", OPENWRT,
         "DEPENDS:=", "DEPENDS:=+libstdcpp ", "the C++ library is part of the program"),
        ("openwrt_blanks", "bad input: a recipe of OpenWrt whose commands begin with blanks",
         OPENWRT,
         "\t$(INSTALL_DIR) $(1)", "  $(INSTALL_DIR) $(1)", "a tab is wanted"),
    )


class Said(KitTest):
    """What the recipes say, against what the project says."""

    def test_version(self):
        """both are of the project's version"""
        for name, form in ((f"{PACKAGE}/dialtone.mk", "\nDIALTONE_VERSION = {}\n"),
                           (f"{LIBRARIES}.mk", "\nDIALTONE_LIBRARIES_VERSION = {}\n"),
                           (OPENWRT, "\nPKG_VERSION:={}\n")):
            self.assertIn(form.format(project_version()), (SOURCE / name).read_text("utf-8"))

    def test_downloads(self):
        """they download the first choices of the lock file by its hashes, and name its licences"""
        hashes = {name: digest for _, digest, name in map(
            str.split, lines_of(SOURCE / f"{LIBRARIES}.hash"))}
        buildroot = (SOURCE / f"{LIBRARIES}.mk").read_text("utf-8")
        openwrt = (SOURCE / OPENWRT).read_text("utf-8")
        named = re.search(r"PKG_LICENSE:=(.*)", openwrt).group(1).split()
        texts = []
        for library, archive, digest, licence, text in first_choices():
            pool = f"{library[:4] if library.startswith('lib') else library[0]}/{library}"
            texts.append(f"licences/{library}/{text.rsplit('/', maxsplit=1)[-1]}")
            with self.subTest(library):
                self.assertEqual(hashes.pop(archive), digest)
                self.assertIn(f",{library},{pool},{archive},{digest})", openwrt)
                self.assertIn(archive, buildroot)
                address = f"/{pool}\n" if library == "curl" else f"/{pool}/{archive}"
                self.assertIn(address, buildroot)
                spdx = licence.replace("-or-later", "+")
                self.assertRegex(buildroot, rf"\t{re.escape(spdx)} \([^)]*\b{library}\b")
                self.assertIn(licence, named)
        self.assertEqual(set(hashes), set(texts))  # what is no archive is a text
        for recipe, name in ((buildroot, "DIALTONE_LIBRARIES_LICENSE_FILES ="),
                             (openwrt, "PKG_LICENSE_FILES:=")):
            value = re.search(rf"{name}((?:.*\\\n)+.*\n)", recipe).group(1)
            listed = value.replace("\\", "").split()
            self.assertEqual([path for path in listed if path != "LICENSE"], texts)

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
        """every library of the lock file is built"""
        script = (SOURCE / "toolchains/third-party").read_text("utf-8")
        for library, *_ in first_choices():
            self.assertRegex(script, rf"(?m)^build_{re.escape(library)}\(\)")

    def test_warnings(self):
        """warnings end the project's own builds, and those of nobody else"""
        presets = json.loads((SOURCE / "CMakePresets.json").read_text("utf-8"))
        base = presets["configurePresets"][0]
        self.assertEqual((base["name"], base["cacheVariables"]["CMAKE_COMPILE_WARNING_AS_ERROR"]),
                         ("base", "ON"))
        # This build is one of them.
        commands = (BIN.parent / "compile_commands.json").read_text("utf-8")
        self.assertIn(" -Werror ", commands)

    def test_procd(self):
        """OpenWrt's script starts the daemon with options that it has, and a state that lasts"""
        script = (RECIPES / "openwrt/dialtone/files/dialtoned.init").read_text("utf-8")
        script = script.replace("/etc/dialtone/dialtone.conf", str(SERVICES / "dialtone.conf"))
        procd = ("procd_open_instance() { :; }\nprocd_close_instance() { :; }\n"
                 'procd_set_param() { [ "$1" != command ] || { shift; echo "$@"; }; }\n')
        words = processes.run(["busybox", "sh", "-euc",
                               procd + script + "\nstart_service"]).split()
        self.assertEqual(words[0], "/usr/sbin/dialtoned")
        processes.run([BIN / "dialtoned", *words[1:], "--build-info"])
        state = words[words.index("--state") + 1]
        self.assertIn(f"\n{state}/\n", (SOURCE / OPENWRT).read_text("utf-8"))  # and is kept


class Menu(KitTest):
    """Buildroot's menu, as python3-kconfiglib reads it."""

    YES = ["BR2_USE_MMU", "BR2_INSTALL_LIBSTDCPP", "BR2_TOOLCHAIN_HAS_THREADS",
           "BR2_TOOLCHAIN_GCC_AT_LEAST_12", "BR2_TOOLCHAIN_HEADERS_AT_LEAST_3_17"]

    def read(self, **values):
        """The menu of a tree in which these are other than a package would have them."""
        try:
            import kconfiglib  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("python3-kconfiglib is not installed")
        os.environ["BR2_EXTERNAL_DIALTONE_PATH"] = str(RECIPES / "buildroot")
        menu = self.scratch_folder() / "Config.in"
        wanted = {**{name: "y" for name in self.YES}, "BR2_STATIC_LIBS": "n", **values}
        menu.write_text("".join(f"config {name}\n\tbool\n\tdefault {value}\n"
                                for name, value in wanted.items()) +
                        "config BR2_HOST_CMAKE_AT_LEAST_3_25\n\tbool\n"
                        f'source "{RECIPES}/buildroot/Config.in"\n', "utf-8")
        read = kconfiglib.Kconfig(str(menu), warn_to_stderr=False)
        self.assertEqual(read.warnings, [])
        read.syms["BR2_PACKAGE_DIALTONE"].set_value(2)
        return read

    def test_chosen(self):
        """who chooses dialtone gets its libraries, and a cmake that is new enough"""
        read = self.read()
        least = re.search(r"cmake_minimum_required\(VERSION 3\.(\d+)\)",
                          (SOURCE / "CMakeLists.txt").read_text("utf-8")).group(1)
        for name in ("BR2_PACKAGE_DIALTONE", "BR2_PACKAGE_DIALTONE_LIBRARIES",
                     f"BR2_HOST_CMAKE_AT_LEAST_3_{least}"):
            self.assertEqual(read.syms[name].str_value, "y", name)
        for path in (RECIPES / "buildroot/package").rglob("*.mk"):
            for name in set(re.findall(r"BR2_PACKAGE_\w+", path.read_text("utf-8"))):
                self.assertTrue(read.syms[name].nodes, name)

    def test_not_offered(self):
        """a toolchain that lacks something is offered nothing, and told what it lacks"""
        for name in [*self.YES, "BR2_STATIC_LIBS"]:
            with self.subTest(name):
                read = self.read(**{name: "y" if name == "BR2_STATIC_LIBS" else "n"})
                self.assertEqual(read.syms["BR2_PACKAGE_DIALTONE"].str_value, "n")
                # Without fork() there is nothing that another toolchain could do.
                self.assertEqual(self.shown(read), name != "BR2_USE_MMU")
        self.assertFalse(self.shown(self.read()))

    @staticmethod
    def shown(read):
        """Whether the menu has a comment."""
        import kconfiglib  # pylint: disable=import-outside-toplevel
        return any(kconfiglib.expr_value(node.dep) for node in read.node_iter()
                   if node.item == kconfiglib.COMMENT)


class TreeTest(KitTest):
    def step(self, tree, *steps):
        """What a step that goes well says. No compiler warns: of a macro that is defined again, of
        a variable that only an assert would read."""
        done = tree.ask(*steps)
        told = done.stdout + done.stderr
        self.assertEqual(done.returncode, 0, told[-4000:])
        self.check_quiet(told)
        return told

    def check_quiet(self, told):
        self.assertNotRegex(told, r"\bwarning: ")

    def check_objects(self, folder, level):
        """Compiled with the packager's flags and ours: asserts are in although the build type says
        -DNDEBUG, _FORTIFY_SOURCE is his, warnings end nothing."""
        commands = processes.run(["ninja", "-C", folder, "-t", "commands", *OBJECTS])
        for command in (line for line in commands.splitlines() if " -c " in line):
            self.assertIn("-DNDEBUG", command)
            self.assertEqual(set(re.findall(r"FORTIFY_SOURCE=(\d)", command)), {level})
            self.assertNotIn(" -Werror ", command)
        self.assertTrue(asserts_in(folder))

    def check_library(self, work, level):
        """One that includes what others have installed, with his flags and ours."""
        ninja = (work / "libubootenv/out/build.ninja").read_text("utf-8")
        flags = re.search(r"FLAGS = (.*-std=gnu99.*)", ninja).group(1)
        self.assertIn("-fsigned-char", flags)
        self.assertEqual(set(re.findall(r"FORTIFY_SOURCE=(\d)", flags)), {level})
        self.assertNotIn("-DNDEBUG", flags)

    def check_phone(self, image, *more):
        self.assertEqual(files_in(image), ON_A_PHONE | set(more))
        self.assertTrue((image / "etc/dialtone/hooks.d").is_dir())


class InBuildroot(TreeTest):
    INITS = {"BUSYBOX": {"etc/init.d/S60dialtoned"}, "SYSV": {"etc/init.d/S60dialtoned"},
             "SYSTEMD": UNITS, "NONE": set(),
             "OPENRC": {"etc/init.d/dialtoned", "etc/runlevels/default/dialtoned"}}

    def test_builds(self):
        """the recipe downloads, builds, installs for every init, and tells what is licensed how"""
        tree = Buildroot(self.scratch_folder())
        self.step(tree, "dialtone")
        self.check_library(tree.built("dialtone-libraries") / "work", "3")
        self.check_objects(tree.built("dialtone") / "buildroot-build", "3")
        self.check_configured(tree)
        self.check_rebuilds(tree)
        for init, files in self.INITS.items():
            with self.subTest(init):
                self.check_init(tree, init, files)
        self.check_legal_info(tree)

    def check_configured(self, tree):
        """Profile and board are the menu's."""
        conf = (tree.out / "target/etc/dialtone/dialtone.conf").read_text("utf-8")
        self.assertIn("\nDIALTONE_PROFILE=fanvil\nDIALTONE_BOARD=virtual\n", conf)

    def check_rebuilds(self, tree):
        """A changed source is compiled, and a changed CMake file has CMake run again, which finds
        the libraries where they were."""
        for name in ("agent/agent_life.cpp", "CMakeLists.txt"):
            os.utime(tree.source / name)
        told = self.step(tree, "dialtone-rebuild")
        self.assertIn("Re-running CMake", told)
        self.assertIn(OBJECTS[0], told)
        self.step(tree, "dialtone-reconfigure")

    def check_init(self, tree, init, files):
        shutil.rmtree(tree.out / "target")
        (tree.built("dialtone") / ".stamp_installed").unlink()
        tree.configure(init)
        self.step(tree, "dialtone")
        self.check_phone(tree.out / "target", *files)

    def check_legal_info(self, tree):
        """The archives that were linked, and the texts of their licences: nothing but texts."""
        self.step(tree, "dialtone-legal-info", "dialtone-libraries-legal-info")
        legal = tree.out / "legal-info"
        self.assertEqual(files_in(legal / "sources/dialtone-libraries-0.1.0"),
                         {archive for _, archive, *_ in first_choices()})
        texts = legal / "licenses/dialtone-libraries-0.1.0/licences"
        self.assertEqual({name.split("/")[0] for name in files_in(texts)},
                         {library for library, *_ in first_choices()})
        for path in [*texts.rglob("*"), legal / "licenses/dialtone-custom/LICENSE"]:
            if path.is_file():
                self.assertRegex(path.read_text("utf-8"), "(?i)permission|permitted", path)
        manifest = (legal / "manifest.csv").read_text("utf-8")
        self.assertNotIn("third-party.lock", manifest)
        self.assertIn("LGPL-2.1+ (libosip2, libmicrohttpd, libubootenv)", manifest)


class InOpenWrt(TreeTest):
    def test_builds(self):
        """the recipe downloads, builds, builds again, and installs"""
        tree = OpenWrt(self.scratch_folder())
        self.step(tree, "download")
        self.assertEqual(files_in(tree.out / "dl"), {archive for _, archive, *_ in first_choices()})
        self.step(tree, "compile")
        self.check_library(tree.built / "libraries/work", "1")
        self.check_objects(tree.built / "build-openwrt", "1")
        for name in ("agent/agent_life.cpp", "CMakeLists.txt"):
            os.utime(tree.built / name)
        (tree.built / ".built").unlink()
        self.assertIn("Re-running CMake", self.step(tree, "compile"))
        self.step(tree, "install")
        self.check_phone(tree.out / "image", "etc/init.d/dialtoned")
        for name in re.search(r"LicenseFiles: (.*)", tree.ask("dumpinfo").stdout).group(1).split():
            self.assertTrue((tree.built / name).is_file(), name)


class Broken(TreeTest):
    """A recipe, or what it stands on, that is broken in one place fails in its tree."""

    def check_fails(self, kind, edits, step, words):
        tree = kind(self.scratch_folder(), ["libubootenv"])
        for name, old, new in edits:
            tree.edit(name, old, new)
        done = tree.ask(step)
        self.assertNotEqual(done.returncode, 0, done.stdout)
        self.assertIn(words, done.stdout + done.stderr)

    fails = Cases(
        check_fails,
        ("hash", "bad input: an archive with another hash is not taken by Buildroot", Buildroot,
         [(f"{LIBRARIES}.hash", "sha256  7b69", "sha256  7b68")], "dialtone-libraries-source",
         "zlib_1.3.dfsg+really1.3.2.orig.tar.gz has wrong sha256 hash"),
        ("no_hash", "bad input: an archive without a hash is not taken by Buildroot", Buildroot,
         [(f"{LIBRARIES}.hash", "  libyaml_", "  yaml_")], "dialtone-libraries-source",
         "No hash found for libyaml_0.2.5.orig.tar.gz"),
        ("openwrt_hash", "bad input: an archive with another hash is not taken by OpenWrt", OpenWrt,
         [(OPENWRT, "tar.gz,7b69", "tar.gz,7b68")], "download",
         "Hash of the downloaded file zlib_1.3.dfsg+really1.3.2.orig.tar.gz does not match"),
        ("licence_text", "bad input: a changed licence is not taken into the legal information",
         Buildroot,
         [(f"{LIBRARIES}.hash", "sha256  e32f", "sha256  e32e")], "dialtone-libraries-legal-info",
         "licences/zlib/LICENSE has wrong sha256 hash"),
        ("lock_for_licence", "bad input: the lock file is no licence", Buildroot,
         [(f"{PACKAGE}/dialtone.mk", "_FILES = LICENSE", "_FILES = toolchains/third-party.lock")],
         "dialtone-legal-info", "No hash found for toolchains/third-party.lock"),
        ("without_ninja", "bad input: a recipe that does not ask for host-ninja has none",
         Buildroot, [(f"{LIBRARIES}.mk", "_DEPENDENCIES = host-ninja", "_DEPENDENCIES =")],
         "dialtone-libraries-build", "unable to find a build program corresponding to \"Ninja\""),
        ("without_prefix", "bad input: a recipe that does not say where the libraries are",
         Buildroot, [(f"{PACKAGE}/dialtone.mk", "-DDIALTONE_PREFIX=", "-DDIALTONE_PREFIXES=")],
         "dialtone", "are not built yet"),
        ("cflags", "bad input: a folder in CFLAGS, which a toolchain file's flags replace",
         Buildroot,
         [("toolchains/third-party.whole", "    with_cmake libubootenv -DBUILD_DOC=OFF \\\n"
           '        -DCMAKE_C_STANDARD_INCLUDE_DIRECTORIES="$prefix/include"\n',
           '    CFLAGS+=" -I$prefix/include" with_cmake libubootenv -DBUILD_DOC=OFF\n')],
         "dialtone-libraries-build", "zlib.h: No such file or directory"),
        ("werror", "bad input: warnings as errors end a build that has a packager's flags",
         Buildroot,
         [("toolchains/flags.cmake", "-Wconversion -UNDEBUG", "-Wconversion -Werror")], "dialtone",
         "[-Werror=unused-variable]"),
    )

    def test_flags(self):
        """bad input: flags that ignore the packager's are noticed"""
        tree = Buildroot(self.scratch_folder(), ["libubootenv"])
        tree.edit("toolchains/flags.cmake", "-Wconversion -UNDEBUG", "-Wconversion")
        tree.edit("toolchains/flags.cmake", "dialtone_fortify(fortify_flag)",
                  "set(fortify_flag -D_FORTIFY_SOURCE=2)")
        done = tree.ask("dialtone")
        told = done.stdout + done.stderr
        self.assertRegex(told, 'warning: "_FORTIFY_SOURCE" redefined')
        self.assertRegex(told, "warning: unused variable 'taken'")
        with self.assertRaises(AssertionError):
            self.check_quiet(told)
        self.assertFalse(asserts_in(tree.built("dialtone") / "buildroot-build"))


class ToolchainFile(KitTest):
    """toolchains/third-party with toolchain files that say their flags in one way or another."""

    def check_built(self, text):
        folder = self.scratch_folder()
        sysroot, prefix = folder / "sysroot", folder / "prefix"
        sysroot.mkdir()
        for name in ("lib", "include"):
            shutil.copytree(borrowed_prefix() / name, prefix / name)
        (prefix / "lib/libubootenv.a").unlink()
        file = folder / "acme.cmake"
        file.write_text(f"set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR arm)\n"
                        f"set(CMAKE_C_COMPILER {COMPILER}-gcc)\n"
                        f"set(CMAKE_CXX_COMPILER {COMPILER}-g++)\n"
                        f"set(CMAKE_SYSROOT {sysroot})\n{text}\n", "utf-8")
        processes.run([SOURCE / "toolchains/third-party", file, archive_folder(), folder / "work",
                       prefix, "libubootenv"], limit_s=60)
        self.assertTrue((prefix / "lib/libubootenv.a").exists())
        ninja = (folder / "work/libubootenv/out/build.ninja").read_text("utf-8")
        flags = re.search(r"FLAGS = (.*-std=gnu99.*)", ninja).group(1)
        for flag in ("-DACME", "-fsigned-char", "-D_TIME_BITS=64", f"--sysroot={sysroot}"):
            self.assertIn(flag, flags)

    def test_same_bytes(self):
        """a library is the same bytes wherever it was built"""
        built = set()
        for _ in range(2):
            folder = self.scratch_folder()
            processes.run([SOURCE / "toolchains/third-party", "armhf", archive_folder(),
                           folder / "work", folder, "libyaml"], limit_s=60)
            built.add((folder / "lib/libyaml.a").read_bytes())
        self.assertEqual(len(built), 1)

    flags = Cases(
        check_built,
        ("cache", "flags that stand in the cache", 'set(CMAKE_C_FLAGS "-DACME" CACHE STRING "")'),
        ("plain", "flags that stand in a variable", 'set(CMAKE_C_FLAGS "-DACME")'),
        ("initial", "flags to begin with", 'set(CMAKE_C_FLAGS_INIT "-DACME")'),
        ("build_type", "flags of a build type that is none of ours",
         'set(CMAKE_C_FLAGS "-DACME")\nset(CMAKE_BUILD_TYPE Release)\n'
         'set(CMAKE_C_FLAGS_RELEASE "-DNDEBUG -Werror=all")'),
    )

    def test_none(self):
        """bad input: a toolchain file that is not there is named"""
        ended = processes.ask([SOURCE / "toolchains/third-party", "./acme.cmake", "/a", "/b", "/c"],
                              cwd=self.scratch_folder())
        self.assertEqual((ended.returncode, ended.stderr),
                         (1, "third-party: there is no toolchain file ./acme.cmake\n"))


class Cache(KitTest):
    """Where toolchains/bootstrap keeps the libraries, as a build tree knows it."""

    BOOTSTRAP = '#!/bin/sh\necho "${DIALTONE_CACHE:-/home}/$2"\n'
    PROJECT = f"""cmake_minimum_required(VERSION 3.25)
project(acme LANGUAGES NONE)
set(DIALTONE_TARGET host)
include({SOURCE}/toolchains/third_party.cmake)
message(STATUS "prefix ${{DIALTONE_PREFIX}}")
"""

    def setUp(self):
        self.folder = self.scratch_folder()
        bootstrap = self.folder / "toolchains/bootstrap"
        bootstrap.parent.mkdir()
        bootstrap.write_text(self.BOOTSTRAP, "utf-8")
        bootstrap.chmod(0o755)
        (self.folder / "CMakeLists.txt").write_text(self.PROJECT, "utf-8")
        for name in ("one", "two"):
            (self.folder / name / "host").mkdir(parents=True)

    def configure(self, cache=None):
        environment = {name: value for name, value in os.environ.items()
                       if name != "DIALTONE_CACHE"}
        if cache:
            environment["DIALTONE_CACHE"] = str(self.folder / cache)
        return processes.ask(["cmake", "-S", self.folder, "-B", self.folder / "build"],
                             env=environment)

    def check_prefix(self, name, done):
        self.assertIn(f"-- prefix {self.folder}/{name}/host\n", done.stdout, done.stderr)

    def test_remembered(self):
        """a build tree remembers the cache, whoever has CMake run again"""
        self.check_prefix("one", self.configure("one"))
        self.check_prefix("one", self.configure())
        self.check_prefix("two", self.configure("two"))
        self.check_prefix("two", self.configure())

    def test_none(self):
        """bad input: libraries that were never built are missed by their folder's name"""
        done = self.configure()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("/home/host", done.stderr.replace("\n", " "))
        self.assertIn("toolchains/bootstrap host", done.stderr.replace("\n", " "))
