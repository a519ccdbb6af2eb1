# SPDX-License-Identifier: Apache-2.0
"""Whether envelopes are as the Broadband Forum's schemas of CWMP want them. The schemas are not
part of this repository: DIALTONE_CWMP_SCHEMAS names the folder with cwmp-1-0.xsd and cwmp-1-2.xsd,
and xmllint reads them. Where either is missing, why_not() says so."""

import os
import pathlib
import shutil

from kit import SOURCE
from kit.processes import ask

FOLDER = "DIALTONE_CWMP_SCHEMAS"
PARTS = {f"http://schemas.xmlsoap.org/soap/{name}/": SOURCE / f"tests/data/cwmp/soap_{name}.xsd"
         for name in ("envelope", "encoding")}


def why_not():
    if shutil.which("xmllint") is None:
        return "xmllint is not there"
    folder = os.environ.get(FOLDER)
    if not folder or not pathlib.Path(folder, "cwmp-1-0.xsd").is_file():
        return f"{FOLDER} does not name the folder of the schemas"
    return ""


def flaws(envelopes, version, scratch):
    """What xmllint says of those envelopes that are not valid; empty: all are."""
    schema = pathlib.Path(scratch, f"cwmp-1-{version}.xsd")
    text = pathlib.Path(os.environ[FOLDER], schema.name).read_text("utf-8")
    for address, part in PARTS.items():
        text = text.replace(f'schemaLocation="{address}"', f'schemaLocation="{part}"')
    schema.write_text(text, "utf-8")
    found = []
    for number, envelope in enumerate(envelopes):
        path = pathlib.Path(scratch, f"envelope-{number}.xml")
        path.write_bytes(envelope)
        ended = ask(["xmllint", "--noout", "--nonet", "--schema", schema, path])
        if ended.returncode != 0:
            found.append(ended.stderr)
    return found
