# SPDX-License-Identifier: Apache-2.0
"""What the measurements stand on: the programs, a configuration file of 4,096 bytes in each
encryption, and nginx as the provisioning server, all in a folder of the run."""

import pathlib
import shutil
import socket
import tempfile

from kit.certificates import Authority, names
from kit.closing import Closing
from kit.nginx import Nginx
from kit.phone import Phone
from kit.processes import run

MAC = "000b82123456"
FILE = f"cfg{MAC}.xml"
ABSENT = f"cfg{MAC}"  # asked for first, and not there
FILE_BYTES = 4096
PASSWORD = "bench"  # of the encrypted files

# How each variant of the file is made of the plain one: the arguments of openssl enc.
VARIANTS = {
    "plain": None,
    "md5": ["-md", "md5"],
    "sha256": ["-md", "sha256"],
    "pbkdf2": ["-md", "sha256", "-pbkdf2"],
}

# Name of a server, protocol of its URL, lines of its nginx configuration.
SERVERS = {
    "http": ("http", ""),
    "tls13": ("https", "ssl_protocols TLSv1.3;"),
    "tls12": ("https", "ssl_protocols TLSv1.2; ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256;"),
}


def plain_file():
    """A Grandstream file as a PBX writes them, its keys in no order, exactly FILE_BYTES long."""
    head = ('<?xml version="1.0" encoding="UTF-8" ?>\n<gs_provision version="1">'
            f'<mac>{MAC}</mac><config version="1">\n')
    tail = "</config>\n</gs_provision>\n"
    last = "<P9999>{}</P9999>\n"
    entries, count = "", 0
    while True:
        # A stride through a prime's residues: every key once, none that is a setting.
        key = 2000 + count * 311 % 6449
        entry = f"<P{key}>value {key * 7}</P{key}>\n"
        room = FILE_BYTES - len(head + entries + tail) - len(last.format(""))
        if len(entry) > room:
            return (head + entries + last.format("x" * room) + tail).encode()
        entries, count = entries + entry, count + 1


def free_port(address):
    with socket.socket() as taken:
        taken.bind((address, 0))
        return taken.getsockname()[1]


class BenchPhone(Phone):
    mac = MAC


class Lab(Closing):
    """Made for one address; close() takes everything away again. Its server has a folder for each
    variant of the file."""

    def __init__(self, address="127.0.0.1"):
        self.address = address
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dialtone-bench-"))
        self.lives = 0
        self.ports = {name: free_port(address) for name in SERVERS}
        self.authority = Authority(self.folder)
        self.server = Nginx(self.folder, address=address, port=self.ports["http"], is_plain=True,
                            certificate=self.authority.issue("server", names(address)))
        for name, (protocol, lines) in SERVERS.items():
            if protocol == "https":
                self.server.add(self.ports[name], lines)
        self._make_files()

    def close(self):
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_files(self):
        plain = self.folder / "plain"
        plain.write_bytes(plain_file())
        for variant, words in VARIANTS.items():
            folder = self.server.files / variant
            folder.mkdir()
            if words is None:
                shutil.copy(plain, folder / FILE)
                continue
            run(["openssl", "enc", "-aes-256-cbc", *words, "-pass", f"pass:{PASSWORD}",
                 "-in", plain, "-out", folder / FILE])

    def restart(self):
        """The server, with an empty log."""
        self.server.stop()
        self.server.start()

    # --- who asks -------------------------------------------------------------------------------

    def url(self, server, variant):
        return f"{SERVERS[server][0]}://{self.address}:{self.ports[server]}/{variant}/"

    def new_state(self):
        self.lives += 1
        return self.folder / f"state-{self.lives}"

    def phone(self, server, variant, state, interface="lo"):
        """The command of a life."""
        return self.life("static", f"static.url={self.url(server, variant)}", state=state,
                         variant=variant, is_tls=SERVERS[server][0] == "https",
                         interface=interface)

    def life(self, source, *settings, state, variant, is_tls, interface):
        """The same with what it has to know about the file and the server's certificate."""
        settings = [f"order={source}", *settings]
        if VARIANTS[variant] is not None:
            settings.append(f"config.password={PASSWORD}")
        if is_tls:
            settings.append(f"tls.ca={self.authority.certificate}")
        phone = BenchPhone(self.folder, *settings, state=state, interface=interface)
        return phone.command()

    def peer(self, server, variant):
        """The commands that bring the same file by other means: both of the phone's requests on
        one connection, then the decryption."""
        folder, url = self.folder, self.url(server, variant)
        is_tls = SERVERS[server][0] == "https"
        commands = [self.fetch(url, self.authority.certificate if is_tls else None)]
        if VARIANTS[variant] is not None:
            commands.append(["openssl", "enc", "-d", "-aes-256-cbc", *VARIANTS[variant], "-pass",
                             f"pass:{PASSWORD}", "-in", f"{folder}/fetched",
                             "-out", f"{folder}/deciphered"])
        return commands

    def fetch(self, url, authorities=None):
        """curl's command that asks for what the phone does."""
        trust = ["--cacert", authorities] if authorities else []
        return ["curl", "-s", "-q", "--noproxy", "*", *trust, url + ABSENT, "-o",
                f"{self.folder}/absent", url + FILE, "-o", f"{self.folder}/fetched"]

    def wget(self, variant):
        """busybox wget, which asks for one file a run; only over http. It ends with 1 on a 404."""
        url = self.url("http", variant)
        return [["busybox", "wget", "-q", "-O", f"{self.folder}/fetched", url + name]
                for name in (ABSENT, FILE)]
