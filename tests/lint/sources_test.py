#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The self-test of sources.py: every rule must catch a bad tree, and leave a good one alone."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import sources  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
# Split, so that the rule does not find its own test.
SLEEP = "sleep" "("
HEADER = SPDX + "#pragma once\n"
TEST = SPDX + "#include <doctest/doctest.h>\n"


def findings(files, built=None):
    """What sources.py says of a tree {path: text}; every .cpp counts as built unless told."""
    with tempfile.TemporaryDirectory() as root:
        for path, text in files.items():
            full = os.path.join(root, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        if built is None:
            built = [path for path in files if path.endswith(".cpp")]
        return list(sources.findings(root, built))


class Sources(unittest.TestCase):
    def good(self, files):
        self.assertEqual(findings(files), [])

    def bad(self, path, text, what):
        """Exactly one finding, in that file, with those words."""
        found = findings({path: text}, built=[path])
        self.assertEqual(len(found), 1, found)
        self.assertIn(what, found[0])
        self.assertTrue(found[0].startswith(path + ":"), found[0])

    def test_a_clean_tree_has_no_findings(self):
        self.good({
            "agent/url.h": HEADER + "#include <cstdint>\n#include <string>\n"
                                    "struct Url {\n    std::string host = {};\n"
                                    "    uint32_t size() const { return 1; }\n};\n",
            "agent/transfer/url.cpp": SPDX + '#include "agent/url.h"\n#include <mbedtls/md.h>\n'
                                      "size_t f(size_t n) {\n    size_t local = n;\n"
                                      "    return local;\n}\n",
            "agent/agent_life.cpp": SPDX + '#include "agent/transfer/url.cpp"\n'
                                    '#include "agent/jobs.h"\n',
            "agent/jobs.h": HEADER + '#include "agent/config/reader.h"\n',
            "agent/config/reader.h": HEADER,
            "agent/pass/pass.cpp": SPDX + '#include "agent/discovery/pnp.h"\n'
                                          '#include "agent/url.h"\n',
            "agent/discovery/pnp.h": HEADER,
            "platform/linux/loop.cpp": SPDX + "#include <unistd.h>\n#include <ctime>\n"
                                              '#include "agent/url.h"\n',
            "sim/world/world.cpp": SPDX + '#include "platform/world.h"\n'
                                          '#include "sim/servers/web.h"\n',
            "sim/servers/web.h": HEADER,
            "platform/world.h": HEADER,
            "platform/daemon/life.cpp": SPDX + '#include "platform/linux/loop.h"\n'
                                               '#include "platform/world.h"\n',
            "platform/linux/loop.h": HEADER,
        })

    def test_a_system_header_in_the_agent_is_found(self):
        for name in ("unistd.h", "sys/socket.h", "ctime", "chrono", "random", "cstdio", "thread",
                     "filesystem", "mbedtls/net_sockets.h", "curl/curl.h"):
            self.bad("agent/a.cpp", SPDX + f"#include <{name}>\n", "not a header for pure code")
        self.bad("sim/a.cpp", SPDX + "#include <ctime>\n", "not a header for pure code")

    def test_a_costly_header_in_the_platform_is_found(self):
        self.bad("platform/linux/a.cpp", SPDX + "#include <iostream>\n", "too much flash")

    def test_an_include_against_the_direction_is_found(self):
        for path, name in (("agent/a.cpp", "platform/world.h"), ("agent/a.cpp", "sim/world/a.h"),
                           ("agent/store/a.cpp", "agent/transfer/url.h"),
                           ("agent/store/a.cpp", "agent/agent.h"),
                           ("agent/url.h", "agent/store/record.h"),
                           ("agent/url.h", "agent/agent_state.h"),
                           ("agent/url.h", "agent/jobs.h"),
                           ("agent/jobs.cpp", "agent/pass/pass.h"),
                           ("agent/transfer/a.cpp", "agent/config/reader.h"),
                           ("agent/store/a.cpp", "agent/pass/pass.h"),
                           ("agent/cwmp/a.cpp", "agent/discovery/pnp.h"),
                           ("agent/phone.cpp", "agent/agent.h"),
                           ("agent/other/a.cpp", "agent/address.h"),
                           ("platform/linux/a.cpp", "sim/world/a.h"),
                           ("platform/linux/a.cpp", "tests/help.h"),
                           ("platform/linux/a.cpp", "platform/daemon/options.h"),
                           ("platform/linux/a.cpp", "platform/tool/status.h"),
                           ("platform/tool/a.cpp", "platform/linux/loop.h"),
                           ("platform/common/a.cpp", "platform/linux/loop.h"),
                           ("platform/boot/a.cpp", "platform/boards/board.h"),
                           ("platform/live.cpp", "platform/linux/loop.h"),
                           ("platform/other/a.cpp", "platform/common/output.h"),
                           ("sim/a.cpp", "platform/linux/loop.h"),
                           ("sim/servers/a.cpp", "sim/world/world.h"),
                           ("sim/world/a.cpp", "sim/lab/console.h"),
                           ("sim/lab/crash/a.cpp", "sim/lab/swarm/swarm.h"),
                           ("sim/new/a.cpp", "sim/world/world.h")):
            start = HEADER if path.endswith(".h") else SPDX
            self.bad(path, start + f'#include "{name}"\n', "must not know it")

    def test_the_arrows_lead_in_no_circle(self):
        for arrows in (sources.AGENT_ARROWS, sources.PLATFORM_ARROWS, sources.SIM_ARROWS):
            self.assertIsNone(sources.circle_of(arrows))
        self.assertEqual(sources.circle_of({"a": {"b"}, "b": {"c"}, "c": {"b"}}), "b")
        self.assertEqual(sources.circle_of({"a": {"a"}}), "a")

    def test_every_folder_of_agent_and_platform_stands_in_the_list_of_arrows(self):
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        for top, arrows in (("agent", sources.AGENT_ARROWS), ("platform", sources.PLATFORM_ARROWS)):
            folders = {entry.name for entry in os.scandir(os.path.join(root, top))
                       if entry.is_dir()}
            self.assertLessEqual(folders, set(arrows))

    def test_an_include_path_not_from_the_root_is_found(self):
        self.bad("agent/a.cpp", SPDX + '#include "url.h"\n', "from the repository root")

    def test_a_line_that_is_too_long_is_found(self):
        self.bad("agent/a.cpp", SPDX + "// " + "x" * 98 + "\n", "101 columns")
        self.bad("a.cmake", SPDX.replace("//", "#") + "#" * 101 + "\n", "101 columns")
        self.good({"agent/a.cpp": SPDX + "// " + "ü" * 97 + "\n"})

    def test_a_function_that_is_too_long_is_found(self):
        body = "    f();\n"
        for start in ("void g() {\n", "Thing::Thing(int a) : a_{a}, b_(a) {\n",
                      'TEST_CASE("it works {") {\n', "auto g() -> int\n{\n"):
            good = "namespace n {\n" + start + body * 60 + "}\n}\n"
            self.good({"tests/a.cpp": TEST + good})
            self.bad("tests/a.cpp", TEST + good.replace(body, body * 2, 20), "a function of")
        self.good({"agent/a.cpp": SPDX + "constexpr int table[] = {\n" + "    1,\n" * 90 + "};\n"})

    def test_a_method_that_is_too_long_is_found(self):
        method = "    void g() {\n" + "        f();\n" * 70 + "    }\n"
        self.bad("agent/a.cpp", SPDX + "class A {\n  public:\n" + method + "};\n",
                 "a function of 72 lines")

    def test_a_leftover_is_found(self):
        for word in ("TO" "DO", "FIX" "ME", "XX" "X"):
            self.bad("agent/a.cpp", SPDX + f"// {word} later\n", "leftover " + word)
            self.bad("docs/a.md", f"{word}: later\n", "leftover " + word)

    def test_a_missing_licence_line_is_found(self):
        self.bad("agent/a.cpp", "int a;\n", "SPDX")
        self.bad("tests/do", "#!/bin/bash\necho\n", "SPDX")
        self.bad("a.cmake", "set(a b)\n", "SPDX")

    def test_a_header_without_pragma_once_is_found(self):
        self.bad("agent/a.h", SPDX, "pragma once")

    def test_floating_point_is_found(self):
        self.bad("agent/a.cpp", SPDX + "int f() { return static_cast<double>(1); }\n", "floating")
        self.bad("sim/a.cpp", SPDX + "auto x = 0.5;\n", "floating")
        self.good({"agent/a.cpp": SPDX + '// 0.5 s\nauto x = "1.5"; auto y = 1\'000;\n'})

    def test_an_unordered_container_is_found(self):
        self.bad("agent/a.cpp", SPDX + "std::unordered_map<int, int> m;\n", "unordered")

    def test_a_machine_dependent_member_is_found(self):
        for member in ("size_t n_ = 0;", "size_t n_{0};", "long n_;", "std::vector<size_t> n_;"):
            self.bad("agent/a.cpp", SPDX + "#include <vector>\nclass A {\n  private:\n    " + member
                     + "\n};\n", "in state")
        good = ("    static constexpr size_t n = 1;\n"
                "    size_t size() const { size_t k = 0; return k; }\n")
        self.good({"agent/a.cpp": SPDX + "struct A {\n" + good + "};\n"})

    def test_a_sleep_in_a_test_is_found(self):
        self.bad("tests/a.cpp", SPDX + "void f() { " + SLEEP + "1); }\n", "sleeps")
        self.bad("tests/a.cpp", SPDX + "void f() { std::this_thread::sleep_for(x); }\n", "sleeps")
        shell = "#!/bin/bash\n# SPDX-License-Identifier: Apache-2.0\n"
        self.bad("tests/a.sh", shell + "sleep 1\n", "sleeps")
        python = shell.replace("/bin/bash", "/usr/bin/python3")
        self.bad("tests/a.py", python + "time." + SLEEP + "1)\n", "sleeps")

    def test_a_generated_header_has_its_readers(self):
        for path in ("platform/common/a.cpp", "agent/vendor/a.cpp", "tests/a.cpp"):
            self.good({path: SPDX + '#include "dialtone_features.h"\n'})
        for path, name in (("agent/pnp.cpp", "dialtone_features.h"),
                           ("agent/vendor/a.cpp", "dialtone_build.h"),
                           ("sim/a.cpp", "dialtone_features.h")):
            self.bad(path, SPDX + f'#include "{name}"\n', "must not know it")

    def test_a_name_without_its_header_is_found(self):
        for line, header in (("std::string a;", "string"), ("uint8_t a;", "cstdint"),
                             ("auto a = std::move(b);", "utility"),
                             ("std::ranges::sort(a);", "algorithm")):
            self.bad("agent/a.cpp", SPDX + line + "\n", f"without <{header}>")
            self.good({"agent/a.cpp": SPDX + '#include "agent/b.h"\n' + line + "\n",
                       "agent/b.h": HEADER + '#include "agent/c.h"\n',
                       "agent/c.h": HEADER + f"#include <{header}>\n"})
        self.good({"agent/a.cpp": SPDX + "#include <string>\nstd::string_view a;\n"})
        self.good({"agent/a.cpp": SPDX + "// std::string and uint8_t\n"})

    def test_a_precompiled_header_that_the_rule_does_not_know_is_found(self):
        text = SPDX.replace("//", "#") + "set(a <string> <list>)\n"
        self.bad("toolchains/precompiled.cmake", text, "<list> is not in PRECOMPILED_NAMES")

    def test_a_file_nobody_builds_is_found(self):
        files = {"agent/a.cpp": SPDX + '#include "agent/a.h"\n', "agent/a.h": HEADER,
                 "agent/b.h": HEADER, "agent/c.cpp": SPDX}
        self.assertEqual(findings(files, built=["agent/a.cpp"]),
                         ["agent/b.h:1: nobody builds this file",
                          "agent/c.cpp:1: nobody builds this file"])


if __name__ == "__main__":
    unittest.main()
