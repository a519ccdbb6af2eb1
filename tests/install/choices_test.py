# SPDX-License-Identifier: Apache-2.0
"""The choices of third-party.lock: which archives toolchains/bootstrap takes, with stand-ins for
apt and Debian's archive, and what toolchains/third-party builds of them."""

import hashlib
import io
import os
import shutil
import tarfile

from kit import SOURCE
from kit.processes import ask
from kit.testcase import KitTest

COPIED = ["bootstrap", "third-party", "mbedtls_config.h", "armhf.cmake", "arm64.cmake",
          "print_toolchain.cmake"]

# The archive is a folder, `pool`; what lies there can be had, by the suite that lists the package.
APT_GET = """#!/bin/sh
case "$*" in
    indextargets*REPO_URI*) echo "Debian http://mirror.example/debian" ;;
    *update) [ ! -e "$0.offline" ] || { echo 'E: no route to the host' >&2; exit 100; } ;;
    *source*zlib) echo "'http://mirror.example/pool/zlib/zlib_1.2.dsc' zlib_1.2.dsc 9 SHA256:0" ;;
esac
"""
APT_HELPER = """#!/bin/sh
while [ "$1" != download-file ]; do shift; done
echo "$2" >> "$0.asked"
cp "${0%/bin/*}/pool/$3" "$3" 2>/dev/null && exit
echo "E: Failed to fetch $2  404  Not Found"
exit 100
"""
# Builds nothing and says what it would have built.
BUILDER = """#!/bin/bash
here=${0%/*}
[[ $1 != --choices ]] || exec "$here/recipes" "$@"
mkdir -p "$4"
"$here/recipes" --choices "$2" > "$4/versions"
"""
CONFIGURE = "#!/bin/sh\n"
MAKEFILE = "libz.a:\n\tcp story libz.a\n"
PATCH = """Says another word.

For: zlib 1.1 1.2

--- a/story
+++ b/story
@@ -1 +1 @@
-plain
+patched
"""


def archive_of(version, extra=""):
    """The bytes of a library's source, and their SHA-256."""
    packed = io.BytesIO()
    files = {"configure": CONFIGURE, "Makefile": MAKEFILE, "story": "plain\n", "zlib.h": version,
             "zconf.h": extra, "texts/LICENSE": f"of {version}\n"}
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"zlib-{version}/{name}")
            entry.size, entry.mode = len(text), 0o755
            archive.addfile(entry, io.BytesIO(text.encode()))
    return packed.getvalue()


class Choices(KitTest):
    """zlib in the versions 1.3 and 1.2, as the lock file prefers them."""

    def setUp(self):
        self.folder = self.scratch_folder()
        self.tools, self.cache = self.folder / "toolchains", self.folder / "cache"
        self.archives, self.pool = self.cache / "archives", self.folder / "pool"
        for folder in (self.tools / "patches", self.archives, self.pool, self.folder / "bin"):
            folder.mkdir(parents=True)
        for name in COPIED:
            shutil.copy(SOURCE / "toolchains" / name, self.tools)
        (self.tools / "patches/zlib-word.patch").write_text(PATCH, "utf-8")
        for name, text in (("apt-get", APT_GET), ("apt-helper", APT_HELPER)):
            self.write_program(self.folder / "bin" / name, text)
        self.bytes = {version: archive_of(version) for version in ("1.3", "1.2")}
        (self.tools / "third-party.lock").write_text("# choices\n" + "".join(
            f"zlib {version} zlib {self.name(version)} {hashlib.sha256(packed).hexdigest()} Zlib "
            "texts/LICENSE\n"
            for version, packed in self.bytes.items()), "utf-8")

    @staticmethod
    def write_program(path, text):
        path.write_text(text, "utf-8")
        path.chmod(0o755)

    @staticmethod
    def name(version):
        return f"zlib_{version}.orig.tar.gz"

    def put(self, folder, *versions):
        for version in versions:
            (folder / self.name(version)).write_bytes(self.bytes[version])

    def ask(self, program, *words):
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        return ask([self.tools / program, *words],
                   env={**os.environ, "PATH": path, "DIALTONE_CACHE": str(self.cache)})


class Bootstrap(Choices):
    def setUp(self):
        super().setUp()
        (self.tools / "third-party").rename(self.tools / "recipes")
        self.write_program(self.tools / "third-party", BUILDER)

    def bootstrap(self, target="host"):
        return self.ask("bootstrap", "--libraries", target)

    def built(self, target="host"):
        """The versions that the cache's folder names."""
        folder = self.ask("bootstrap", "--prefix", target).stdout.strip()
        with open(f"{folder}/versions", encoding="utf-8") as versions:
            return versions.read()

    def asked(self):
        asked = self.folder / "bin/apt-helper.asked"
        return asked.read_text("utf-8").splitlines() if asked.exists() else []

    def check_built(self, version, *words, errors=""):
        ended = self.bootstrap()
        self.assertEqual((ended.returncode, ended.stderr), (0, errors), ended)
        self.assertEqual(self.built(), f"zlib {version}\n")
        for word in (f"    zlib {version}\n", *words):
            self.assertIn(word, ended.stdout)

    def check_fails(self, *words):
        ended = self.bootstrap()
        self.assertEqual(ended.returncode, 1, ended)
        for word in words:
            self.assertIn(word, ended.stderr)
        self.assertEqual(list(self.cache.glob("host-*")), [])

    def go_offline(self):
        (self.folder / "bin/apt-get.offline").touch()

    def test_first(self):
        """the first choice is fetched when it is to be had, and the second is not asked for"""
        self.put(self.pool, "1.3", "1.2")
        self.check_built("1.3", "bootstrap: zlib_1.3.orig.tar.gz fetched")
        self.assertEqual(self.asked(), ["http://mirror.example/pool/zlib/zlib_1.3.orig.tar.gz"])

    def test_first_in_the_cache(self):
        """what is in the cache asks nobody"""
        self.put(self.archives, "1.3", "1.2")
        self.go_offline()
        self.check_built("1.3")
        self.assertEqual(self.asked(), [])

    def test_second(self):
        """a first choice that the archive has no longer gives way to the second, in words"""
        self.put(self.pool, "1.2")
        self.check_built("1.2", errors=(
            "bootstrap: zlib 1.3 cannot be had: Failed to fetch "
            "http://mirror.example/pool/zlib/zlib_1.3.orig.tar.gz  404  Not Found\n"
            "bootstrap: zlib 1.2 is built instead; toolchains/outdated says what it lacks\n"))

    def test_first_before_the_cache(self):
        """a first choice that can be fetched comes before a second one that is there"""
        self.put(self.pool, "1.3")
        self.put(self.archives, "1.2")
        self.check_built("1.3")

    def test_offline(self):
        """without a network the choice is made among the archives of the cache"""
        self.put(self.archives, "1.2")
        self.go_offline()
        self.check_built("1.2", errors=(
            "E: no route to the host\n"
            "bootstrap: zlib 1.3 cannot be had: the Debian archive does not answer (offline?)\n"
            "bootstrap: zlib 1.2 is built instead; toolchains/outdated says what it lacks\n"))

    def test_none(self):
        """it fails when no choice can be had, and names them all"""
        self.check_fails("bootstrap: zlib 1.3 cannot be had: Failed to fetch http://mirror.example",
                         "bootstrap: zlib 1.2 cannot be had: Failed to fetch http://mirror.example",
                         f"files put into {self.archives} by hand are taken")

    def test_other_bytes_from_the_archive(self):
        """bad input: other bytes from the archive end the run, and no second choice is taken"""
        self.put(self.pool, "1.2")
        (self.pool / self.name("1.3")).write_bytes(archive_of("1.3", "altered"))
        self.check_fails("bootstrap: http://mirror.example/pool/zlib/zlib_1.3.orig.tar.gz\n",
                         "has the SHA-256", "but the lock file wants", "nothing else is built")
        self.assertEqual(list(self.archives.iterdir()), [])

    def test_other_bytes_in_the_cache(self):
        """bad input: other bytes in the cache are not used, and are fetched anew"""
        self.put(self.pool, "1.3")
        (self.archives / self.name("1.3")).write_bytes(archive_of("1.3", "altered"))
        self.check_built("1.3", errors=(
            f"bootstrap: {self.archives}/zlib_1.3.orig.tar.gz has another SHA-256 than the lock "
            "file, not used\n"))
        self.assertEqual((self.archives / self.name("1.3")).read_bytes(), self.bytes["1.3"])

    def test_other_bytes_and_no_network(self):
        """bad input: other bytes in the cache are built neither when nothing can be fetched"""
        (self.archives / self.name("1.3")).write_bytes(archive_of("1.3", "altered"))
        self.go_offline()
        self.check_fails("not used", "zlib 1.3 cannot be had", "zlib 1.2 cannot be had")

    def test_targets_differ(self):
        """a folder that was built with another choice than the archives would give now is named"""
        self.put(self.archives, "1.2")
        self.go_offline()
        self.bootstrap()
        self.put(self.archives, "1.3")
        ended = self.bootstrap()
        self.assertEqual(ended.returncode, 0, ended)
        self.assertRegex(ended.stderr, r"\Abootstrap: \S+/host-\w+ has zlib 1\.2, built anew it "
                                       r"would have 1\.3\n\Z")

    def test_patches_name_the_folder(self):
        """the versions that a patch is for are part of the folder's name, other words are not"""
        patch = self.tools / "patches/zlib-word.patch"
        names = [self.ask("bootstrap", "--prefix", "host").stdout]
        for text in (PATCH.replace("another", "a second"), PATCH.replace(" 1.2", "")):
            patch.write_text(text, "utf-8")
            names.append(self.ask("bootstrap", "--prefix", "host").stdout)
        self.assertEqual(names[0], names[1])
        self.assertNotEqual(names[1], names[2])

    def test_toolchain_words_name_the_folder(self):
        """what is read of a toolchain file is part of the folder's name"""
        words = self.tools / "print_toolchain.cmake"
        names = [self.ask("bootstrap", "--prefix", "host").stdout]
        words.write_text(words.read_text("utf-8") + "message(more)\n", "utf-8")
        names.append(self.ask("bootstrap", "--prefix", "host").stdout)
        self.assertNotEqual(*names)


class Recipes(Choices):
    def build(self):
        """The folder that gets what was built; its libz.a is the library's story."""
        prefix = self.folder / "prefix"
        for folder in (prefix / "lib", prefix / "include", self.folder / "work"):
            folder.mkdir(parents=True)
        ended = self.ask("third-party", "host", self.archives, self.folder / "work", prefix, "zlib")
        return ended, prefix

    def check_built(self, version, story):
        ended, prefix = self.build()
        self.assertEqual(ended.returncode, 0, ended)
        self.assertEqual((prefix / "include/zlib.h").read_text("utf-8"), version)
        self.assertEqual((prefix / "lib/libz.a").read_text("utf-8"), story)

    def test_first(self):
        """the first choice is built when its archive is there, without the patch for another"""
        self.put(self.archives, "1.3", "1.2")
        self.check_built("1.3", "plain\n")

    def test_second(self):
        """the second choice is built when its archive alone is there, with the patch for it"""
        self.put(self.archives, "1.2")
        self.check_built("1.2", "patched\n")

    def test_patch_for_all(self):
        """a patch that names no version is for all of them"""
        (self.tools / "patches/zlib-word.patch").write_text(PATCH.replace("For: ", ""), "utf-8")
        self.put(self.archives, "1.3")
        self.check_built("1.3", "patched\n")

    def test_other_bytes(self):
        """bad input: an archive of other bytes is not built"""
        self.put(self.archives, "1.2")
        (self.archives / self.name("1.3")).write_bytes(archive_of("1.3", "altered"))
        self.check_built("1.2", "patched\n")

    def test_none(self):
        """without an archive it says which library"""
        ended, _ = self.build()
        self.assertEqual(ended.returncode, 1, ended)
        self.assertIn("no archive that the lock file names for zlib is in", ended.stderr)


class Licences(Choices):
    """The texts that go along with an image."""

    def licences(self):
        return self.ask("third-party", "--licences", self.archives, self.folder / "texts")

    def test_put(self):
        """each library's text is that of the choice that would be built"""
        self.put(self.archives, "1.2")
        ended = self.licences()
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual((self.folder / "texts/zlib/LICENSE").read_text("utf-8"), "of 1.2\n")

    def test_none(self):
        """bad input: a licence text that is not in the archive is missed"""
        lock = self.tools / "third-party.lock"
        lock.write_text(lock.read_text("utf-8").replace("texts/LICENSE", "COPYING"), "utf-8")
        self.put(self.archives, "1.3")
        ended = self.licences()
        self.assertEqual(ended.returncode, 1)
        self.assertIn(f"third-party: {self.name('1.3')} has no COPYING\n", ended.stderr)

    def test_no_archive(self):
        """bad input: without an archive there is no licence text"""
        ended = self.licences()
        self.assertEqual((ended.returncode, ended.stderr), (
            1, "third-party: no archive that the lock file names for zlib is in "
               f"{self.archives}\n"))
