# SPDX-License-Identifier: Apache-2.0
"""An authority of a test's own, and the certificates that it issues."""

import itertools
import pathlib
import random
import threading

from kit.processes import run

LONG_AGO, FAR_OFF = "20200101000000Z", "21190101000000Z"  # as openssl writes times
CONFIGURATION = """\
[ca]
default_ca=c
[c]
database={work}/index
serial={work}/serial
new_certs_dir={work}
default_md=sha256
policy=p
[p]
commonName=supplied
[ext]
{extensions}
"""


def names(*addresses):
    """The extension with which a certificate stands for these addresses or host names."""
    kinds = ["IP" if address.replace(".", "").isdigit() else "DNS" for address in addresses]
    return "subjectAltName=" + ",".join(f"{kind}:{one}" for kind, one in zip(kinds, addresses))


class Authority:
    """`certificate` and `key` are its files, in a folder of its own. With a parent it is one in
    between."""

    def __init__(self, folder, name="authority", parent=None, begin=LONG_AGO):
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir(parents=True)
        self.numbers, self.lock = itertools.count(), threading.Lock()
        extensions = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign"
        signed = parent.issue(name, extensions) if parent else \
            self.issue(name, extensions, begin, signer=[])
        self.certificate, self.key = signed

    def issue(self, name, extensions, begin=LONG_AGO, end=FAR_OFF, signer=None):
        """(certificate file, key file); `signer`: None for this authority, [] for itself."""
        with self.lock:
            work = self.folder / str(next(self.numbers))
        work.mkdir()
        key, request, certificate = (str(work / f) for f in ("key.pem", "request", "cert.pem"))
        run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-keyout", key, "-subj", f"/CN={name}", "-out", request])
        (work / "index").touch()
        (work / "serial").write_text(f"{random.getrandbits(63):016x}\n")
        (work / "config").write_text(CONFIGURATION.format(work=work, extensions=extensions))
        signed_by = ["-cert", self.certificate, "-keyfile", self.key] if signer is None else \
            ["-selfsign", "-keyfile", key]
        run(["openssl", "ca", "-batch", "-notext", "-config", work / "config", "-extensions",
             "ext", *signed_by, "-startdate", begin, "-enddate", end, "-in", request,
             "-out", certificate])
        return certificate, key
