#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads every source of the repository and fails on what the house rules forbid.

    sources.py ROOT COMPILE_COMMANDS

Each rule is a function that yields findings "path:line: what is wrong". sources_test.py feeds every
rule a bad tree. The C++ is read by a small scanner that knows comments, strings and braces, not by
a compiler: it judges layout and words, and those it can tell.
"""

import json
import os
import re
import sys

COLUMNS = 100
FUNCTION_LINES = 70
CODE_FOLDERS = ("agent", "platform", "sim", "tests")
SKIPPED_FOLDERS = {".git", ".cache", "build", "__pycache__"}

# The standard headers a pure file may use: containers, values and algorithms. Everything that
# touches time, files, threads, chance, streams or locales is left out on purpose.
PURE_HEADERS = set(
    """algorithm array bit bitset cassert charconv climits compare concepts cstddef cstdint cstring
    deque expected functional initializer_list iterator limits list map memory new numeric optional
    queue ranges set span string string_view tuple type_traits utility variant vector""".split())
# Third-party headers that are pure over memory.
PURE_LIBRARIES = re.compile(r"tinyxml2\.h|osipparser2/|osip2/|"
                            r"mbedtls/(?!net_sockets|timing|entropy|threading|debug)")
# What a program of the laboratory has of the machine it runs on; the ACS meets devices that are no
# part of this program, on sockets and as processes.
MACHINE_FILES = {"sim/lab/console.cpp", "sim/lab/acs/http_server.cpp", "sim/lab/pnp/sockets.cpp",
                 "sim/lab/acs/device_process.cpp"}
# Inside agent/: which parts the files of a part may include, besides their own and the vocabulary,
# which is every file of agent/ itself but the four coordinators below. Siblings never see one
# another; what one of them found, its owner hands on as a value.
COORDINATORS = ("agent", "inbox", "jobs")
AGENT_ARROWS = {
    "vocabulary": {"trust"},
    "clock": set(),
    "config": set(),
    "discovery": {"trust"},
    "store": {"clock", "trust"},
    "transfer": {"trust"},
    "trust": set(),
    "vendor": {"config"},
    "cwmp": {"clock", "config", "store", "transfer", "trust"},
    "dect": {"transfer", "config"},
    "firmware": {"transfer", "config"},
    "items": {"transfer", "config"},
    "pass": {"clock", "config", "discovery", "store", "transfer", "trust"},
    "inbox": {"pass"},
    "jobs": {"config", "store", "transfer"},
    "agent": {"clock", "config", "cwmp", "dect", "discovery", "firmware", "inbox", "items", "jobs",
              "pass", "store", "transfer", "trust", "vendor"},
}
# Inside platform/: which folders the files of a folder may include, besides their own and the port
# (platform/world.h). A program's folder knows the world it starts; the world knows no program.
PLATFORM_ARROWS = {
    "common": set(),
    "boot": {"common"},
    "boards": {"boot", "common"},
    "linux": {"common"},
    "daemon": {"boards", "boot", "linux", "common"},
    "tool": {"common"},
    "program": {"daemon", "tool", "common"},
}
# Which folders of sim/ each one knows besides itself. A folder that is not named knows none.
SIM_ARROWS = {
    "sim/servers": set(),
    "sim/world": {"sim/servers"},
    "sim/lab": set(),
    "sim/lab/vendor": set(),
    "sim/lab/acs": {"sim/lab"},
    "sim/lab/pnp": {"sim/lab", "sim/lab/acs"},
    "sim/lab/crash": {"sim/lab", "sim/lab/vendor", "sim/world"},
    "sim/lab/fleet": {"sim/lab", "sim/lab/swarm", "sim/lab/vendor", "sim/world"},
    "sim/lab/managed": {"sim/lab", "sim/servers", "sim/world"},
    "sim/lab/swarm": {"sim/lab", "sim/lab/vendor", "sim/servers", "sim/world"},
}
# Streams, expressions and locales cost hundreds of kilobytes of a phone's flash.
COSTLY_HEADERS = {"iostream", "ostream", "istream", "fstream", "sstream", "iomanip", "regex",
                  "locale", "codecvt"}

# Headers that CMake and the programs it runs write, and who may include them.
GENERATED_HEADERS = {"dialtone_build.h": ("platform/", "tests/"),
                     "dialtone_features.h": ("platform/", "agent/vendor/", "tests/")}
# The headers that toolchains/precompiled.cmake has read beforehand, and the names that need them: a
# build without precompiled headers must not be the first to miss an include.
PRECOMPILED_NAMES = {
    "algorithm": r"\bstd::(find(_if(_not)?|_first_of)?|(stable_)?sort|min|max|minmax|clamp|"
                 r"copy(_n|_if|_backward)?|(all|any|none)_of|count(_if)?|equal|search|"
                 r"remove(_if|_copy_if)?|replace(_if)?|transform|reverse|(lower|upper)_bound|"
                 r"equal_range|binary_search|(min|max)_element|fill(_n)?|rotate|unique|for_each|"
                 r"mismatch|lexicographical_compare|generate|partition|includes|is_sorted|"
                 r"adjacent_find|nth_element|ranges::\w+)\b",
    "array": r"\bstd::(array|to_array)\b",
    "cstdint": r"\bu?int(8|16|32|64)_t\b",
    "deque": r"\bstd::deque\b",
    "doctest/doctest.h": r"\b(TEST_CASE|SUBCASE|CHECK|REQUIRE)\b",
    "expected": r"\bstd::(un)?expected\b",
    "functional": r"\bstd::(function|invoke|less|greater|hash)\b",
    "map": r"\bstd::(multi)?map\b",
    "memory": r"\bstd::(unique_ptr|make_unique|shared_ptr|make_shared|addressof)\b",
    "optional": r"\bstd::(optional|nullopt|make_optional)\b",
    "span": r"\bstd::(span|as_bytes|as_writable_bytes)\b",
    "string": r"\bstd::(string|to_string)\b",
    "string_view": r"\bstd::string_view\b",
    "utility": r"\bstd::(move|pair|make_pair|swap|exchange|forward|as_const|to_underlying|"
               r"unreachable)\b",
    "variant": r"\bstd::(variant|visit|get_if|holds_alternative|monostate)\b",
    "vector": r"\bstd::vector\b",
}
# What the standard says a header brings with it.
BROUGHT_HEADERS = {"string": "string_view", "stdint.h": "cstdint"}

# Split, so that this file does not find itself.
LEFTOVER = re.compile(r"\b(FIX" r"ME|TO" r"DO|XX" r"X)\b")
FLOATING = re.compile(r"\b(float|double)\b|\b\d+\.\d|\bstd::(sqrt|pow|floor|ceil|round)\b")
UNORDERED = re.compile(r"\bunordered_\w+")
WIDE = re.compile(r"\b(size_t|ssize_t|ptrdiff_t|intptr_t|uintptr_t|time_t|long)\b")
SLEEPS = {
    ".cpp": re.compile(r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until)\s*\("),
    ".h": re.compile(r"\b(sleep|usleep|nanosleep|sleep_for|sleep_until)\s*\("),
    ".py": re.compile(r"\bsleep\s*\("),
    ".sh": re.compile(r"\bu?sleep\s+[\"$0-9.]"),
}


class Source:
    """One text file: its raw lines, and for C++ the same lines without comments and strings."""

    def __init__(self, root, path):
        self.path = path
        self.folder = path.split("/")[0]
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
            self.text = file.read()
        self.lines = self.text.split("\n")
        self.kind = kind_of(path, self.text)
        self.is_cpp = self.kind in (".cpp", ".h")
        self.code = strip_cpp(self.text).split("\n") if self.is_cpp else self.lines
        self.includes = self.find_includes() if self.is_cpp else []

    def find_includes(self):
        """(line, name, is_quoted) of each include."""
        found = []
        for number, line in enumerate(self.lines, 1):
            if match := re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line):
                found.append((number, match.group(2), match.group(1) == '"'))
        return found


def kind_of(path, text):
    name = os.path.basename(path)
    extension = os.path.splitext(name)[1]
    if name == "CMakeLists.txt":
        return ".cmake"
    if not extension and text.startswith("#!"):
        return ".py" if "python" in text.split("\n", 1)[0] else ".sh"
    return extension


def strip_cpp(text):
    """The same text with comments, string contents and preprocessor lines blanked; lines stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^(\s]*)\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|'
        r"(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", re.S | re.M)

    def blank(match):
        kept = '""' if match.group()[0] in 'R"' else " "
        return kept + "\n" * match.group().count("\n")

    return pattern.sub(blank, text)


class Scope:
    """A pair of braces: what stands before it, and what kind of thing that makes it."""

    def __init__(self, kind, line):
        self.kind, self.line = kind, line


def scope_kind(header, outer):
    if outer not in ("file", "namespace", "class"):
        return "inner"
    if re.match(r"(inline\s+)?namespace\b|extern\s*\"\"", header):
        return "namespace"
    if re.search(r"\benum\b", header):
        return "inner"
    if re.search(r"\b(class|struct|union)\b", header) and "(" not in header:
        return "class"
    return "function" if "(" in header else "inner"


def walk_scopes(source):
    """Yields ("statement", line, text, scope kind) and ("function", first line, last line, "")."""
    stack, header, header_line = [Scope("file", 1)], "", 0
    for number, line in enumerate(source.code, 1):
        for character in line + " ":
            if character == ":" and header in ("public", "private", "protected"):
                header = ""
                continue
            if character not in "{};":
                if not header and not character.isspace():
                    header_line = number
                if header or not character.isspace():
                    header += character
                continue
            text, header = header.strip(), ""
            if character == ";":
                if text:
                    yield "statement", header_line, text, stack[-1].kind
            elif character == "{":
                kind = scope_kind(text, stack[-1].kind)
                if kind == "inner" and stack[-1].kind == "class" and text:
                    yield "statement", header_line, text, "class"
                stack.append(Scope(kind, header_line if text else number))
            elif len(stack) > 1:
                closed = stack.pop()
                if closed.kind == "function":
                    yield "function", closed.line, number, ""


# --- rules ---------------------------------------------------------------------------------------


def rule_pure_headers(source):
    if source.folder not in ("agent", "sim") or source.path in MACHINE_FILES:
        return
    for number, name, quoted in source.includes:
        if quoted or name in PURE_HEADERS or PURE_LIBRARIES.match(name):
            continue
        yield number, f"<{name}> is not a header for pure code"


def rule_costly_headers(source):
    if source.folder != "platform":
        return
    for number, name, _ in source.includes:
        if name in COSTLY_HEADERS:
            yield number, f"<{name}> costs too much flash"


def sim_include_is_allowed(path, name):
    if not name.startswith("sim/"):
        return name.startswith("agent/") or name == "platform/world.h"
    here, there = os.path.dirname(path), os.path.dirname(name)
    return here == there or there in SIM_ARROWS.get(here, ())


def circle_of(arrows):
    """A part that leads back to itself along the arrows, or None."""
    def reached(start):
        found, waiting = set(), list(arrows[start])
        while waiting:
            part = waiting.pop()
            if part not in found:
                found.add(part)
                waiting.extend(arrows[part])
        return found

    return next((part for part in sorted(arrows) if part in reached(part)), None)


def agent_part(path):
    """Which part of agent/ a path is: a folder's name, a coordinator's, or "vocabulary"."""
    parts = path.split("/")
    if len(parts) > 2:
        return parts[1]
    name = re.split(r"[._]", parts[1])[0]
    return name if name in COORDINATORS else "vocabulary"


def agent_include_is_allowed(path, name):
    part, wanted = agent_part(path), agent_part(name)
    if part not in AGENT_ARROWS:
        return False
    return wanted in ("vocabulary", part) or wanted in AGENT_ARROWS[part]


def platform_include_is_allowed(path, name):
    """Within platform/. Its own files, the port, know none of its folders."""
    parts, wanted = path.split("/"), name.split("/")
    if len(wanted) == 2:
        return True
    return len(parts) > 2 and (parts[1] == wanted[1]
                               or wanted[1] in PLATFORM_ARROWS.get(parts[1], ()))


def include_is_allowed(path, name):
    here, there = path.split("/")[0], name.split("/")[0]
    if here == "tests":
        return True
    if here == "sim":
        return sim_include_is_allowed(path, name)
    if here == "platform":
        if there == "platform":
            return platform_include_is_allowed(path, name)
        return there == "agent"
    if here == "agent" and there == "agent":
        return agent_include_is_allowed(path, name)
    return there == here


def rule_include_direction(source):
    for number, name, quoted in source.includes:
        if not quoted or source.folder not in CODE_FOLDERS:
            continue
        if name in GENERATED_HEADERS:
            if not source.path.startswith(GENERATED_HEADERS[name]):
                yield number, f'"{name}": {source.path} must not know it'
        elif "/" not in name:
            yield number, f'"{name}": include paths are written from the repository root'
        elif not include_is_allowed(source.path, name):
            yield number, f'"{name}": {source.path} must not know it'


def rule_columns(source):
    if source.kind not in (".cpp", ".h", ".py", ".sh", ".cmake"):
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS:
            yield number, f"{len(line)} columns, {COLUMNS} are allowed"


def rule_function_length(source):
    if not source.is_cpp:
        return
    for what, first, last, _ in walk_scopes(source):
        if what == "function" and last - first + 1 > FUNCTION_LINES:
            yield first, f"a function of {last - first + 1} lines, {FUNCTION_LINES} are allowed"


def rule_leftovers(source):
    for number, line in enumerate(source.lines, 1):
        if match := LEFTOVER.search(line):
            yield number, f"a leftover {match.group()}"


def rule_licence(source):
    if source.kind not in (".cpp", ".h", ".py", ".sh", ".cmake", ".in"):
        return
    first = 1 if source.lines[0].startswith("#!") else 0
    line = source.lines[first] if len(source.lines) > first else ""
    if not re.fullmatch(r"(//|#) SPDX-License-Identifier: Apache-2\.0", line):
        yield first + 1, "the first line must be the SPDX licence line"


def rule_pragma_once(source):
    if source.kind == ".h" and source.folder in CODE_FOLDERS:
        if "#pragma once" not in source.lines:
            yield 1, "a header without #pragma once"


def rule_same_on_every_machine(source):
    if source.folder not in ("agent", "sim") or not source.is_cpp:
        return
    for number, line in enumerate(source.code, 1):
        if FLOATING.search(line):
            yield number, "floating point"
        if UNORDERED.search(line):
            yield number, "an unordered container"


def rule_state_width(source):
    if source.folder not in ("agent", "sim") or not source.is_cpp:
        return
    for what, number, text, scope in walk_scopes(source):
        if what != "statement" or scope != "class":
            continue
        if re.match(r"(static|using|friend|typedef|static_assert|template)\b", text):
            continue
        match = WIDE.search(text)
        if match and "(" not in text:
            yield number, f"{match.group()} in state differs between machines"


def rule_no_sleep(source):
    if source.folder != "tests" or source.kind not in SLEEPS:
        return
    for number, line in enumerate(source.code, 1):
        bare = re.sub(r"(^|\s)#.*", "", line) if not source.is_cpp else line
        if SLEEPS[source.kind].search(bare):
            yield number, "a test that sleeps; wait for what can be observed"


LINE_RULES = (rule_pure_headers, rule_costly_headers, rule_include_direction, rule_columns,
              rule_function_length, rule_leftovers, rule_licence, rule_pragma_once,
              rule_same_on_every_machine, rule_state_width, rule_no_sleep)


def files_nobody_builds(sources, built):
    """C++ files that no compile command names and no built file includes, however far."""
    known = {source.path: source for source in sources if source.is_cpp}
    waiting = [path for path in built if path in known]
    reached = set(waiting)
    while waiting:
        for _, name, quoted in known[waiting.pop()].includes:
            if quoted and name in known and name not in reached:
                reached.add(name)
                waiting.append(name)
    for path in sorted(set(known) - reached):
        if path.split("/")[0] != "toolchains":
            yield f"{path}:1: nobody builds this file"


def names_without_header(sources):
    """Names of precompiled headers in files that include them neither themselves nor by the
    project's own headers."""
    known = {source.path: source for source in sources if source.is_cpp}
    for path in sorted(known):
        included = headers_reached(known, path)
        for header, pattern in PRECOMPILED_NAMES.items():
            if header in included:
                continue
            for number, line in enumerate(known[path].code, 1):
                if match := re.search(pattern, line):
                    yield f"{path}:{number}: {match.group()} without <{header}>"
                    break


def headers_reached(known, path):
    """The names of all <headers> that a file includes, however far."""
    waiting, seen, headers = [path], {path}, set()
    while waiting:
        for _, name, quoted in known[waiting.pop()].includes:
            if not quoted:
                headers.update((name, BROUGHT_HEADERS.get(name, name)))
            elif name in known and name not in seen:
                seen.add(name)
                waiting.append(name)
    return headers


def precompiled_without_names(sources):
    """Headers that are precompiled, and whose names the rule above does not know."""
    for source in sources:
        if source.path not in ("toolchains/precompiled.cmake", "tests/CMakeLists.txt"):
            continue
        for number, line in enumerate(source.lines, 1):
            for header in re.findall(r"<([a-z_/]+(?:\.h)?)>", line):
                if header not in PRECOMPILED_NAMES:
                    yield f"{source.path}:{number}: <{header}> is not in PRECOMPILED_NAMES"


def read_tree(root):
    sources = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS)
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), root)
            if is_text(os.path.join(root, path)) and not path.startswith("tests/data/") \
                    and not path.startswith("tests/fuzz/corpus/"):
                sources.append(Source(root, path))
    return sources


def is_text(path):
    if os.path.splitext(path)[1] in (".cpp", ".h", ".py", ".sh", ".cmake", ".in", ".md", ".json"):
        return True
    if os.path.basename(path) == "CMakeLists.txt":
        return True
    with open(path, "rb") as file:
        return file.read(2) == b"#!"


def built_files(root, compile_commands):
    with open(compile_commands, encoding="utf-8") as file:
        commands = json.load(file)
    for command in commands:
        path = os.path.join(command["directory"], command["file"])
        yield os.path.relpath(os.path.realpath(path), os.path.realpath(root))


def findings(root, built):
    sources = read_tree(root)
    for source in sources:
        for rule in LINE_RULES:
            for number, what in rule(source):
                yield f"{source.path}:{number}: {what}"
    yield from files_nobody_builds(sources, built)
    yield from names_without_header(sources)
    yield from precompiled_without_names(sources)


def main():
    root, compile_commands = sys.argv[1:]
    found = list(findings(root, built_files(root, compile_commands)))
    for finding in found:
        print(finding)
    print(f"{len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
