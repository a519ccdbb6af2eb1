# SPDX-License-Identifier: Apache-2.0
"""The rules that Buildroot's utils/check-package and OpenWrt's review hold a recipe to, as far as
they touch ours; read from their descriptions and written anew. A rule is a function of a file's
name and lines that yields (line number, what is wrong)."""

import os
import pathlib
import re

HEADER_WIDTH = 80
HELP_WIDTH = 62
HEX_DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
ATTRIBUTES = {"bool": 1, "string": 1, "prompt": 1, "default": 2, "depends": 3, "select": 4,
              "help": 5}
ENTRIES = {"choice", "comment", "config", "endchoice", "endif", "endmenu", "if", "menu",
           "menuconfig", "source"}
CONDITIONALS = re.compile(r"\s*(ifdef|ifndef|ifeq|ifneq|elif|else|endif)\b")
DEFAULTS = re.compile(r"_(INSTALL_IMAGES|INSTALL_STAGING)\s*=\s*NO\b|"
                      r"_(INSTALL_TARGET|REDISTRIBUTE)\s*=\s*YES\b")
# What a package of OpenWrt may set beside PKG_... and what begins with its own name.
OPENWRT_VARIABLES = {"CMAKE_BINARY_SUBDIR", "CMAKE_SOURCE_SUBDIR", "CMAKE_INSTALL", "CMAKE_OPTIONS",
                     "TARGET_CFLAGS", "TARGET_CXXFLAGS", "TARGET_LDFLAGS"}
OPENWRT_FIELDS = {"PKG_MAINTAINER": r".+ <\S+@\S+>", "PKG_LICENSE": r"[\w.+-]+( [\w.+-]+)*",
                  "PKG_LICENSE_FILES": r"\S.*", "PKG_VERSION": r"[0-9.]+", "PKG_RELEASE": r"[0-9]+"}


def is_comment(line):
    return not line.strip() or line.lstrip().startswith("#")


# --- every file -----------------------------------------------------------------------------------

def trailing_space(_, lines):
    for number, line in enumerate(lines, 1):
        if line.rstrip("\n") != line.rstrip():
            yield number, "blanks or a carriage return at the end of the line"


def last_line(_, lines):
    if not lines[-1].endswith("\n"):
        yield len(lines), "no line end at the end of the file"
    if not lines[-1].strip():
        yield len(lines), "an empty line at the end of the file"


def empty_lines(_, lines):
    for number, (line, after) in enumerate(zip(lines, lines[1:]), 1):
        if not line.strip() and not after.strip():
            yield number, "two empty lines"


def ascii_only(_, lines):
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            yield number, "not ASCII"


# --- package/NAME/NAME.mk -------------------------------------------------------------------------

def header(name, lines):
    bar = "#" * HEADER_WIDTH + "\n"
    wanted = [bar, "#\n", f"# {pathlib.Path(name).stem}\n", "#\n", bar, "\n"]
    for number, (line, should) in enumerate(zip(lines, wanted), 1):
        if line != should:
            yield number, f"the header's line should be {should.rstrip()!r}"


def indentation(_, lines):
    in_define = continues = False
    for number, line in enumerate(lines, 1):
        if re.match(r"(define|endef)\b", line):
            in_define = line.startswith("define")
            continue
        wants_tab = in_define or continues
        if not continues and CONDITIONALS.match(line):
            wants_tab = False
        if line.strip() and not (in_define and is_comment(line)):
            if wants_tab != line.startswith("\t"):
                yield number, "a tab is wanted" if wants_tab else "no tab is wanted"
        continues = line.endswith("\\\n") and not line.startswith("#")


def backslashes(_, lines):
    for number, (line, after) in enumerate(zip(lines, lines[1:]), 1):
        if re.search(r"(  |\t ?)\\$", line):
            yield number, "one space before a backslash"
        if line.endswith("\\\n") and not line.startswith("#") and not after.strip():
            yield number, "a backslash before an empty line"


def variable_names(name, lines):
    prefix = pathlib.Path(name).stem.upper().replace("-", "_") + "_"
    for number, line in enumerate(lines, 1):
        found = re.match(r"(?:define\s+)?([A-Z0-9]+_[A-Z0-9_]+)", line)
        if found and not found.group(1).startswith((prefix, "HOST_" + prefix)):
            yield number, f"{found.group(1)} does not begin with {prefix}"


def overrides(_, lines):
    seen, depth = set(), 0
    for number, line in enumerate(lines, 1):
        if re.match(r"\s*if(n?eq|n?def)\b", line):
            depth += 1
        elif re.match(r"\s*endif\b", line):
            depth -= 1
        elif found := re.match(r"([A-Z0-9_]+)\s*:?=", line):
            if found.group(1) in seen:
                yield number, f"{found.group(1)} is set again"
            if depth == 0:
                seen.add(found.group(1))


def braces(_, lines):
    for number, line in enumerate(lines, 1):
        if not line.startswith("#") and re.search(r"(?<!\$)\$\{\w+\}", line):
            yield number, "variables are $(NAME)"


def useless_values(name, lines):
    upper = pathlib.Path(name).stem.upper().replace("-", "_")
    for number, line in enumerate(lines, 1):
        if DEFAULTS.search(line):
            yield number, "a default value"
        if line.startswith(f"{upper}_SOURCE = {pathlib.Path(name).stem}-$({upper}_VERSION).tar.gz"):
            yield number, "the default name of the source"


# --- Config.in ------------------------------------------------------------------------------------

def is_help(line):
    return line.startswith("\t  ")


def attribute_order(_, lines):
    reached = 0
    for number, line in enumerate(lines, 1):
        if is_comment(line) or is_help(line):
            continue
        word = line.split()[0]
        if word in ENTRIES:
            reached = 0
        elif word in ATTRIBUTES:
            if ATTRIBUTES[word] < reached:
                yield number, "the order is type, default, depends on, select, help"
            reached = ATTRIBUTES[word]


def config_indentation(_, lines):
    continues = False
    for number, line in enumerate(lines, 1):
        if is_comment(line) or is_help(line):
            continues = False
            continue
        word = line.split()[0]
        if continues:
            wrong = not line.startswith("\t")
        elif word in ATTRIBUTES:
            wrong = not line.startswith(f"\t{word}")
        else:
            wrong = word in ENTRIES and not line.startswith(word)
        if wrong:
            yield number, "entries begin the line, what belongs to them one tab later"
        continues = line.endswith("\\\n")


def help_text(_, lines):
    in_help = first = False
    for number, line in enumerate(lines, 1):
        if is_comment(line):
            continue
        if line.split()[0] in ENTRIES and not is_help(line):
            in_help = False
        elif line.strip() == "help":
            in_help = first = True
        elif in_help:
            form = rf"\t  \S.{{,{HELP_WIDTH - 1}}}$" if first else rf"\t  .{{,{HELP_WIDTH}}}$"
            first = False
            if not re.match(form, line) and not re.match(r"(http|https|git)://\S*$", line.strip()):
                yield number, f"help is a tab, two blanks and {HELP_WIDTH} characters"


def config_values(_, lines):
    seen = set()
    for number, line in enumerate(lines, 1):
        if re.match(r"\tdefault n\s*$", line.split("#")[0]):
            yield number, "n is the default"
        if found := re.match(r"(?:menu)?config\s+(\w+)", line):
            if found.group(1) in seen:
                yield number, f"{found.group(1)} is declared again"
            seen.add(found.group(1))


# --- package/NAME/NAME.hash -----------------------------------------------------------------------

def hashes(_, lines):
    for number, line in enumerate(lines, 1):
        if is_comment(line):
            continue
        fields = line.split()
        if len(fields) != 3:
            yield number, "three fields are wanted"
        elif fields[0] not in HEX_DIGITS:
            yield number, "an unknown kind of hash"
        elif not re.fullmatch(f"[0-9A-Fa-f]{{{HEX_DIGITS[fields[0]]}}}", fields[1]):
            yield number, "the hash has not the length of its kind"
        elif line != "  ".join(fields) + "\n":
            yield number, "two blanks are between the fields"


# --- OpenWrt's Makefile ---------------------------------------------------------------------------

def joined(lines):
    """(number, line), with what a backslash continues."""
    begun, whole = 0, ""
    for number, line in enumerate(lines, 1):
        begun = begun or number
        whole += line.rstrip("\n")
        if whole.endswith("\\"):
            whole = whole[:-1].rstrip() + " "
            continue
        yield begun, whole
        begun, whole = 0, ""


def openwrt_variables(_, lines):
    own, in_define = "DIALTONE_", False
    for number, line in joined(lines):
        if re.match(r"(define|endef)\b", line):
            in_define = line.startswith("define")
        found = None if in_define else re.match(r"([A-Z0-9_]+)\s*[:+?]?=", line)
        if found and not found.group(1).startswith(("PKG_", own)) and \
                found.group(1) not in OPENWRT_VARIABLES:
            yield number, f"nobody reads {found.group(1)}"


def openwrt_fields(_, lines):
    found = dict(match.groups() for _, line in joined(lines)
                 if (match := re.match(r"(PKG_\w+)\s*:?=\s*(.*)", line)))
    for name, form in OPENWRT_FIELDS.items():
        if not re.fullmatch(form, found.get(name, "").strip()):
            yield 1, f"{name} is missing or no {form}"


def openwrt_libraries(_, lines):
    for number, line in joined(lines):
        if re.match(r"\s*DEPENDS\s*:?=", line) and "libstdcpp" in line:
            yield number, "the C++ library is part of the program"


def openwrt_indentation(_, lines):
    in_commands = continues = False
    for number, line in enumerate(lines, 1):
        if found := re.match(r"(?:define\s+(\S+)|endef)", line):
            name = found.group(1) or ""
            in_commands = name.startswith("Build/") or name.endswith("/install")
            continue
        if line.strip() and (in_commands or continues) and not line.startswith("\t"):
            yield number, "a tab is wanted"
        continues = line.endswith("\\\n")


EVERY_FILE = [trailing_space, last_line, empty_lines]
MAKEFILE = [ascii_only, header, indentation, backslashes, variable_names, overrides, braces,
            useless_values]
CONFIG = [attribute_order, config_indentation, help_text, config_values]
OPENWRT = [openwrt_variables, openwrt_fields, openwrt_libraries, openwrt_indentation]


def rules_for(name):
    if name == "external.mk":
        return EVERY_FILE
    if name.endswith(".mk"):
        return EVERY_FILE + MAKEFILE
    if name.startswith("Config."):
        return EVERY_FILE + CONFIG
    if name.endswith(".hash"):
        return EVERY_FILE + [hashes]
    return EVERY_FILE + (OPENWRT if name == "Makefile" else [])


def findings(path):
    """What is wrong with a file, as "name:line: words"."""
    path = pathlib.Path(path)
    lines = path.read_bytes().decode("utf-8").splitlines(keepends=True)
    found = [f"{path.name}:{number}: {words}" for rule in rules_for(path.name)
             for number, words in rule(path.name, lines)]
    if rules_for(path.name) != EVERY_FILE and os.access(path, os.X_OK):
        found.append(f"{path.name}:0: it is executable")
    return found
