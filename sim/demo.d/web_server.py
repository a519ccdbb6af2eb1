# SPDX-License-Identifier: Apache-2.0
"""nginx as the provisioning server, with a configuration and a prefix of its own in a folder of
the run; for https with a certificate of an authority that lives as long as the run."""

import os
import signal
import stat
from collections import namedtuple

from processes import DemoError, run, start, stop, wait_until

LOCATION = "provisioning"  # the folder of the seed's own example
PORTS = {"http": 5481, "https": 5443}
CERTIFICATE_DAYS = 2

Fetch = namedtuple("Fetch", "connection status bytes path")

CONFIGURATION = """\
daemon off;
user www-data;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 64; }}
http {{
    types {{ text/xml xml; }}
    default_type application/octet-stream;
    log_format fetches '$connection\\t$status\\t$body_bytes_sent\\t$uri';
    access_log {folder}/access.log fetches;
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{
        listen {address}:{port}{tls};
        root {folder}/files;{certificate}
    }}
}}
"""

CERTIFICATE = """
        ssl_certificate {folder}/server.crt;
        ssl_certificate_key {folder}/server.key;"""


class WebServer:
    def __init__(self, network, host, address, protocol, folder):
        self.network, self.host, self.address = network, host, address
        self.protocol, self.folder = protocol, folder
        self.process = None
        os.makedirs(f"{folder}/files/{LOCATION}")
        # The worker is not root: it must get through to the files.
        os.chmod(folder, stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH)

    @property
    def url(self):
        return f"{self.protocol}://{self.address}:{PORTS[self.protocol]}/{LOCATION}"

    @property
    def authority(self):
        """The file that the phone is told to trust; only with https."""
        return f"{self.folder}/authority.crt"

    def path_of(self, name):
        return f"{self.folder}/files/{LOCATION}/{name}"

    def start(self):
        is_tls = self.protocol == "https"
        if is_tls:
            self._make_certificates()
        names = {"folder": self.folder, "address": self.address, "port": PORTS[self.protocol],
                 "tls": " ssl" if is_tls else "",
                 "certificate": CERTIFICATE.format(folder=self.folder) if is_tls else ""}
        with open(f"{self.folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(**names))
        with open(f"{self.folder}/stderr.log", "wb") as complaints:
            self.process = start(self.network.inside(
                self.host, ["nginx", "-p", self.folder, "-e", f"{self.folder}/error.log",
                            "-c", f"{self.folder}/nginx.conf"]),
                stdout=complaints, stderr=complaints)
        wait_until(self._is_listening, "nginx listens")

    def _is_listening(self):
        """nginx writes its process number once its sockets are open."""
        if self.process.poll() is not None:
            raise DemoError("nginx did not start: " + self._last_complaint())
        path = f"{self.folder}/nginx.pid"
        return os.path.exists(path) and os.path.getsize(path) > 0

    def _last_complaint(self):
        for name in ("error.log", "stderr.log"):
            try:
                with open(f"{self.folder}/{name}", encoding="utf-8", errors="replace") as file:
                    lines = file.read().strip().split("\n")
            except OSError:
                continue
            if lines[-1]:
                return lines[-1]
        return "it says nothing"

    def stop(self):
        """Lets requests end and the log be written."""
        if self.process is not None:
            stop(self.process, signal.SIGQUIT)

    def fetches(self):
        """What nginx says it was asked for, in order."""
        with open(f"{self.folder}/access.log", encoding="utf-8") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        return [Fetch(int(row[0]), int(row[1]), int(row[2]), row[3]) for row in rows
                if len(row) == 4]

    def _make_certificates(self):
        """An authority, and a certificate that carries the server's address: phones are given
        addresses rather than names."""
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        days = ["-days", str(CERTIFICATE_DAYS)]
        own = self.folder
        run(["openssl", "req", "-x509", *curve, *days, "-subj", "/CN=Dialtone demonstration",
             "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign",
             "-keyout", f"{own}/authority.key", "-out", f"{own}/authority.crt"],
            "openssl made no authority")
        run(["openssl", "req", *curve, "-subj", "/CN=provisioning server",
             "-keyout", f"{own}/server.key", "-out", f"{own}/server.csr"],
            "openssl made no certificate request")
        with open(f"{own}/server.ext", "w", encoding="utf-8") as file:
            file.write(f"subjectAltName=IP:{self.address}\nextendedKeyUsage=serverAuth\n")
        run(["openssl", "x509", "-req", *days, "-in", f"{own}/server.csr",
             "-CA", f"{own}/authority.crt", "-CAkey", f"{own}/authority.key", "-CAcreateserial",
             "-extfile", f"{own}/server.ext", "-out", f"{own}/server.crt"],
            "openssl made no certificate")
