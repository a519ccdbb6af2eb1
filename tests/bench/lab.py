# SPDX-License-Identifier: Apache-2.0
"""What the measurements stand on: the programs, a configuration file of 4,096 bytes in each
encryption, and nginx as the provisioning server, all in a folder of the run."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(os.environ.get("DIALTONE_SOURCE", pathlib.Path(__file__).parents[2]))
BIN = pathlib.Path(os.environ.get("DIALTONE_BIN", ROOT / "build/host/bin"))
MAC = "000b82123456"
FILE = f"cfg{MAC}.xml"
ABSENT = f"cfg{MAC}"  # asked for first, and not there
FILE_BYTES = 4096
PASSWORD = "bench"  # of the encrypted files
INSIDE = "DIALTONE_BENCH_INSIDE"  # set in the environment once a namespace was entered

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

NGINX = """\
{user}daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    log_format fetches '$connection\\t$status\\t$uri';
    access_log {folder}/access.log fetches;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    root {folder}/files;
{servers}}}
"""
PLAIN_SERVER = "    server {{ listen {address}:{port}; }}\n"
TLS_SERVER = """\
    server {{
        listen {address}:{port} ssl;
        ssl_certificate {folder}/server.crt;
        ssl_certificate_key {folder}/server.key;
        {lines}
    }}
"""


class BenchError(Exception):
    """What went wrong, in words for a person."""


def call(words, limit_s=120, **options):
    """Runs a program to its end; standard output. Raises BenchError with its last line."""
    try:
        ended = subprocess.run(words, capture_output=True, text=True, timeout=limit_s, check=False,
                               stdin=subprocess.DEVNULL, **options)
    except FileNotFoundError:
        raise BenchError(f"{words[0]} is not installed; toolchains/bootstrap installs what is "
                         "missing") from None
    except subprocess.TimeoutExpired:
        raise BenchError(f"{words[0]} has no end after {limit_s} s") from None
    if ended.returncode != 0:
        last = (ended.stderr.strip() or f"status {ended.returncode}").splitlines()[-1]
        raise BenchError(f"{os.path.basename(words[0])}: {last}")
    return ended.stdout


def enter_namespace():
    """Runs this program again in a network namespace of its own, as root or as a user who may make
    one; returns when it is in there. Raises BenchError."""
    if INSIDE in os.environ:
        call(["ip", "link", "set", "lo", "up"])
        return
    words = ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]
    call([*words, "true"])
    os.environ[INSIDE] = "1"
    os.execvp(words[0], [*words, sys.executable, *sys.argv])


def wait_until(is_so, what, limit_s=20):
    tick, end_s = threading.Event(), time.monotonic() + limit_s
    while not is_so():
        if time.monotonic() > end_s:
            raise BenchError(f"{what}: not within {limit_s} s")
        tick.wait(0.002)


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


class Lab:
    """Made for one address; close() takes everything away again."""

    def __init__(self, address="127.0.0.1"):
        self.address = address
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="dialtone-bench-"))
        self.ports = {}
        self.nginx = None
        self.lives = 0
        try:
            self._make_files()
            self._make_certificates()
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.stop_server()
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what is served -------------------------------------------------------------------------

    def _make_files(self):
        plain = self.folder / "plain"
        plain.write_bytes(plain_file())
        for variant, words in VARIANTS.items():
            folder = self.folder / "files" / variant
            folder.mkdir(parents=True)
            if words is None:
                shutil.copy(plain, folder / FILE)
                continue
            call(["openssl", "enc", "-aes-256-cbc", *words, "-pass", f"pass:{PASSWORD}",
                  "-in", plain, "-out", folder / FILE])

    def _make_certificates(self):
        """An authority, and a certificate with the server's address; both P-256."""
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                 "-days", "2"]
        own = self.folder
        call(["openssl", "req", "-x509", *curve, "-subj", "/CN=Bench authority",
              "-addext", "basicConstraints=critical,CA:TRUE",
              "-keyout", own / "authority.key", "-out", own / "authority.crt"])
        call(["openssl", "req", *curve, "-subj", "/CN=Bench server",
              "-keyout", own / "server.key", "-out", own / "server.csr"])
        (own / "server.ext").write_text(f"subjectAltName=IP:{self.address}\n")
        call(["openssl", "x509", "-req", "-days", "2", "-in", own / "server.csr",
              "-CA", own / "authority.crt", "-CAkey", own / "authority.key", "-CAcreateserial",
              "-extfile", own / "server.ext", "-out", own / "server.crt"])

    def start_server(self):
        servers = ""
        for name, (protocol, lines) in SERVERS.items():
            port = self.ports.setdefault(name, free_port(self.address))
            form = TLS_SERVER if protocol == "https" else PLAIN_SERVER
            servers += form.format(address=self.address, port=port, lines=lines,
                                   folder=self.folder)
        # Without a word it would give its folders to a user whom a user namespace does not know.
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            NGINX.format(user=user, folder=self.folder, servers=servers))
        for name in ("access.log", "nginx.pid"):
            (self.folder / name).unlink(missing_ok=True)
        program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
        if program is None:
            raise BenchError("nginx is not installed; toolchains/bootstrap installs it")
        with open(self.folder / "nginx.out", "wb") as words:
            self.nginx = subprocess.Popen(
                [program, "-p", self.folder, "-e", f"{self.folder}/error.log",
                 "-c", f"{self.folder}/nginx.conf"],
                stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        wait_until(self._is_listening, "nginx listens")

    def _is_listening(self):
        if self.nginx.poll() is not None:
            raise BenchError("nginx: " + (self.folder / "error.log").read_text().strip())
        path = self.folder / "nginx.pid"
        return path.exists() and path.stat().st_size > 0

    def stop_server(self):
        """Lets the log be written. Leaves the ports, for the next start."""
        if self.nginx is None:
            return
        self.nginx.send_signal(signal.SIGQUIT)
        try:
            self.nginx.wait(10)
        except subprocess.TimeoutExpired:
            self.nginx.kill()
            self.nginx.wait()
        self.nginx = None

    def fetches(self):
        """(connection, status, path) of each request the server was asked, in order."""
        rows = (self.folder / "access.log").read_text().splitlines()
        return [(int(row[0]), int(row[1]), row[2]) for row in (line.split("\t") for line in rows)]

    # --- who asks -------------------------------------------------------------------------------

    def url(self, server, variant):
        return f"{SERVERS[server][0]}://{self.address}:{self.ports[server]}/{variant}/"

    def new_state(self):
        self.lives += 1
        return self.folder / f"state-{self.lives}"

    def phone(self, server, variant, state, interface="lo"):
        """The command of a life."""
        settings = ["order=static", f"static.url={self.url(server, variant)}",
                    f"hooks.dir={self.folder}/no-hooks"]
        if VARIANTS[variant] is not None:
            settings.append(f"config.password={PASSWORD}")
        if SERVERS[server][0] == "https":
            settings.append(f"tls.ca={self.folder}/authority.crt")
        words = [BIN / "dialtoned", "--profile", "grandstream", "--mac", MAC,
                 "--interface", interface, "--state", state, "--once"]
        for setting in settings:
            words += ["--set", setting]
        return [str(word) for word in words]

    def peer(self, server, variant):
        """The commands that bring the same file by other means: both of the phone's requests on
        one connection, then the decryption."""
        folder, url = self.folder, self.url(server, variant)
        fetch = ["curl", "-s", "-q", "--noproxy", "*"]
        if SERVERS[server][0] == "https":
            fetch += ["--cacert", f"{folder}/authority.crt"]
        fetch += [url + ABSENT, "-o", f"{folder}/absent", url + FILE, "-o", f"{folder}/fetched"]
        commands = [fetch]
        if VARIANTS[variant] is not None:
            commands.append(["openssl", "enc", "-d", "-aes-256-cbc", *VARIANTS[variant], "-pass",
                             f"pass:{PASSWORD}", "-in", f"{folder}/fetched",
                             "-out", f"{folder}/deciphered"])
        return commands

    def wget(self, variant):
        """busybox wget, which asks for one file a run; only over http. It ends with 1 on a 404."""
        url = self.url("http", variant)
        return [["busybox", "wget", "-q", "-O", f"{self.folder}/fetched", url + name]
                for name in (ABSENT, FILE)]
