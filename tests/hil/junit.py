# SPDX-License-Identifier: Apache-2.0
"""The results of a run as JUnit XML, the way the common readers of it take them."""

import re
import xml.etree.ElementTree
from dataclasses import dataclass

# What XML 1.0 has no way to say.
NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ATTACHED_BYTES = 64 * 1024  # of what a device tells, from the end


@dataclass
class Result:
    name: str
    seconds: float = 0
    failure: str = ""   # the device did not do what the scenario wants
    error: str = ""     # the laboratory could not find out
    skipped: str = ""
    attached: str = ""  # what site and device can tell, of one that failed

    @property
    def is_good(self):
        return not self.failure and not self.error


def clean(text):
    return NO_XML.sub("?", text)


def write(path, device, results, began_at):
    """`began_at`: a datetime. One suite for the device, one case for each scenario."""
    suite = xml.etree.ElementTree.Element("testsuite", {
        "name": f"hil.{device}", "tests": str(len(results)),
        "failures": str(sum(bool(one.failure) for one in results)),
        "errors": str(sum(bool(one.error) and not one.failure for one in results)),
        "skipped": str(sum(bool(one.skipped) for one in results)),
        "time": f"{sum(one.seconds for one in results):.3f}",
        "timestamp": began_at.strftime("%Y-%m-%dT%H:%M:%S")})
    for one in results:
        case = xml.etree.ElementTree.SubElement(suite, "testcase", {
            "classname": f"hil.{device}", "name": one.name, "time": f"{one.seconds:.3f}"})
        for kind in ("failure", "error", "skipped"):
            if words := clean(getattr(one, kind)):
                row = xml.etree.ElementTree.SubElement(case, kind,
                                                       {"message": words.split("\n")[0]})
                row.text = words
                break
        if one.attached:
            told = xml.etree.ElementTree.SubElement(case, "system-out")
            told.text = clean(one.attached[-ATTACHED_BYTES:])
    root = xml.etree.ElementTree.Element("testsuites", {"name": "hil"})
    root.append(suite)
    tree = xml.etree.ElementTree.ElementTree(root)
    xml.etree.ElementTree.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)
