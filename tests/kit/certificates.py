# SPDX-License-Identifier: Apache-2.0
"""An authority of a test's own, the certificates that it issues, and the keys they stand for."""

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
string_mask=utf8only
[p]
commonName=optional
[ext]
{extensions}
"""
KEY_KINDS = {"RSA-1024": ("RSA", "rsa_keygen_bits:1024"),
             "RSA-2048": ("RSA", "rsa_keygen_bits:2048"),
             "RSA-3072": ("RSA", "rsa_keygen_bits:3072"),
             "RSA-4096": ("RSA", "rsa_keygen_bits:4096"),
             "RSA-PSS": ("RSA-PSS", "rsa_keygen_bits:2048"),
             "P-256": ("EC", "ec_paramgen_curve:P-256"), "P-384": ("EC", "ec_paramgen_curve:P-384"),
             "P-521": ("EC", "ec_paramgen_curve:P-521"), "Ed25519": ("ED25519",)}
KEY_S = 120  # RSA 4096 on a busy machine
PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"]


def names(*addresses):
    """The extension with which a certificate stands for these addresses or host names."""
    kinds = ["IP" if address.replace(".", "").isdigit() else "DNS" for address in addresses]
    return "subjectAltName=" + ",".join(f"{kind}:{one}" for kind, one in zip(kinds, addresses))


class Keys:
    """Private keys by kind and use, each made once, by whoever asks first: RSA 4096 takes
    seconds."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.locks, self.lock = {}, threading.Lock()

    def file(self, kind, use="server"):
        path = self.folder / f"{kind}-{use}.pem"
        with self.lock:
            mine = self.locks.setdefault(path, threading.Lock())
        with mine:
            if not path.exists():
                make_key(kind, path)
        return str(path)


def make_key(kind, path):
    algorithm, *options = KEY_KINDS[kind]
    words = [word for option in options for word in ("-pkeyopt", option)]
    run(["openssl", "genpkey", "-quiet", "-algorithm", algorithm, *words, "-out", path],
        limit_s=KEY_S)


class Authority:
    """`certificate` and `key` are its files, in a folder of its own. With a parent it is one in
    between. `key`: a file that is there already. `constraints`: more lines about what it may."""

    def __init__(self, folder, name="authority", parent=None, begin=LONG_AGO, end=FAR_OFF, key=None,
                 is_pss=False, constraints=""):
        self.folder = pathlib.Path(folder, name)
        self.folder.mkdir(parents=True)
        self.numbers, self.lock = itertools.count(), threading.Lock()
        self.is_pss = is_pss
        extensions = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n" \
            f"subjectKeyIdentifier=hash\n{constraints}"
        self.certificate, self.key = (parent or self).issue(
            name, extensions, begin, end, signer=None if parent else [], key=key)

    def issue(self, name, extensions, begin=LONG_AGO, end=FAR_OFF, signer=None, key=None,
              digest="sha256"):
        """(certificate file, key file); `name`: CN, or the whole subject if it begins with a
        slash; `signer`: None for this authority, [] for itself; `key`: a file, or a new one."""
        with self.lock:
            work = self.folder / str(next(self.numbers))
        work.mkdir()
        request, certificate = (str(work / f) for f in ("request", "cert.pem"))
        if not key:
            key = str(work / "key.pem")
            make_key("P-256", key)
        run(["openssl", "req", "-new", "-utf8", "-key", key, "-subj",
             name if name.startswith("/") else f"/CN={name}", "-out", request])
        (work / "index").touch()
        (work / "serial").write_text(f"{random.getrandbits(63):016x}\n")
        (work / "config").write_text(CONFIGURATION.format(work=work, extensions=extensions))
        signed_by = ["-cert", self.certificate, "-keyfile", self.key] if signer is None else \
            ["-selfsign", "-keyfile", key]
        run(["openssl", "ca", "-batch", "-notext", "-utf8", "-config", work / "config",
             "-extensions", "ext", "-md", digest, *signed_by, *(PSS if self.is_pss else []),
             "-startdate", begin, "-enddate", end, "-in", request, "-out", certificate])
        return certificate, key


def write_chain(path, *certificates):
    """A file of these certificate files, one behind the other; the path."""
    texts = [pathlib.Path(certificate).read_text() for certificate in certificates]
    pathlib.Path(path).write_text("".join(texts))
    return str(path)
