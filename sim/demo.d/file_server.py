# SPDX-License-Identifier: Apache-2.0
"""The provisioning server: nginx, vsftpd or dnsmasq, each with a configuration and a folder of the
run; or the lab's own, for people who are not root. All of them can say what they were asked for."""

import os
import re
import signal
import stat
import sys
from collections import namedtuple

from certificates import make_certificates
from processes import DemoError, run, start, stop, wait_until

LOCATION = "provisioning"  # the folder of the Grandstream text's own example
PORTS = {"http": 5481, "https": 5443, "tftp": 69, "ftp": 21}
DEFAULT_PORTS = {"tftp": 69, "ftp": 21}
HERE = os.path.dirname(os.path.abspath(__file__))

# `connection` counts from 1; `status` is HTTP's, or the one that means the same; `bytes` is None
# where the server does not say.
Fetch = namedtuple("Fetch", "connection status bytes path")


class FileServer:
    """Those that inherit have a name, and say how they start and what their log means."""

    name = ""

    def __init__(self, network, host, address, protocol, folder):
        self.network, self.host, self.address = network, host, address
        self.protocol, self.folder = protocol, folder
        self.process = None
        os.makedirs(f"{folder}/files/{LOCATION}")
        # Those that serve are not root: they must get through to the files.
        os.chmod(folder, stat.S_IRWXU | stat.S_IXGRP | stat.S_IXOTH)

    @property
    def port(self):
        return PORTS[self.protocol]

    @property
    def url(self):
        port = "" if self.port == DEFAULT_PORTS.get(self.protocol) else f":{self.port}"
        return f"{self.protocol}://{self.address}{port}/{LOCATION}"

    @property
    def authority(self):
        """The file that the phone is told to trust; only with https."""
        return f"{self.folder}/authority.crt"

    @property
    def log(self):
        return f"{self.folder}/access.log"

    def path_of(self, name):
        return f"{self.folder}/files/{LOCATION}/{name}"

    def start(self):
        """Raises DemoError, with the server's own words."""
        if self.protocol == "https":
            make_certificates(self.folder, self.address)
        with open(f"{self.folder}/stderr.log", "wb") as complaints:
            self.process = start(self.network.inside(self.host, self._argv()),
                                 stdout=complaints, stderr=complaints)
        wait_until(self._is_up, f"{self.name} listens")

    def _is_up(self):
        if self.process.poll() is not None:
            raise DemoError(f"{self.name} did not start: {self._last_complaint()}")
        return self._is_listening()

    def _is_listening(self):
        kind = "udp" if self.protocol == "tftp" else "tcp"
        mark = f":{self.port:04X} "
        table = run(self.network.inside(self.host, ["cat", f"/proc/net/{kind}"]), "cat")
        return any(mark in line and (kind == "udp" or " 0A " in line)
                   for line in table.split("\n"))

    def _last_complaint(self):
        for name in ("error.log", "stderr.log"):
            lines = self._lines(f"{self.folder}/{name}")
            if lines:
                return lines[-1]
        return "it says nothing"

    @staticmethod
    def _lines(path):
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                return [line for line in file.read().split("\n") if line]
        except OSError:
            return []

    def stop(self):
        """Lets requests end and the log be written."""
        if self.process is not None:
            stop(self.process)


class Nginx(FileServer):
    name = "nginx"

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

    def _argv(self):
        is_tls = self.protocol == "https"
        names = {"folder": self.folder, "address": self.address, "port": self.port,
                 "tls": " ssl" if is_tls else "",
                 "certificate": self.CERTIFICATE.format(folder=self.folder) if is_tls else ""}
        with open(f"{self.folder}/nginx.conf", "w", encoding="utf-8") as file:
            file.write(self.CONFIGURATION.format(**names))
        return ["nginx", "-p", self.folder, "-e", f"{self.folder}/error.log",
                "-c", f"{self.folder}/nginx.conf"]

    def stop(self):
        if self.process is not None:
            stop(self.process, signal.SIGQUIT)

    def fetches(self):
        return tabbed_fetches(self._lines(self.log))


class Vsftpd(FileServer):
    """Its anonymous user has to have a home that exists, whatever is in it: daemon has."""

    name = "vsftpd"

    CONFIGURATION = """\
listen=YES
background=NO
listen_address={address}
listen_port={port}
anonymous_enable=YES
local_enable=NO
no_anon_password=YES
anon_root={folder}/files
secure_chroot_dir={folder}/empty
ftp_username=daemon
xferlog_enable=YES
xferlog_std_format=NO
vsftpd_log_file={folder}/access.log
pasv_address={address}
seccomp_sandbox=NO
"""
    DOWNLOAD = re.compile(r'\] (OK|FAIL) DOWNLOAD: Client "[^"]*", "([^"]*)"(?:, (\d+) bytes)?')

    def _argv(self):
        os.mkdir(f"{self.folder}/empty", 0o755)
        names = {"folder": self.folder, "address": self.address, "port": self.port}
        with open(f"{self.folder}/vsftpd.conf", "w", encoding="utf-8") as file:
            file.write(self.CONFIGURATION.format(**names))
        return ["vsftpd", f"{self.folder}/vsftpd.conf"]

    def fetches(self):
        connections, found = 0, []
        for line in self._lines(self.log):
            connections += "] CONNECT: " in line
            match = self.DOWNLOAD.search(line)
            if match:
                is_there = match[1] == "OK"
                found.append(Fetch(connections, 200 if is_there else 404,
                                   int(match[3]) if is_there and match[3] else None, match[2]))
        return found


class Dnsmasq(FileServer):
    """Its TFTP server; no DNS and no DHCP."""

    name = "dnsmasq"

    def _argv(self):
        # --no-daemon also leaves the user as it is, and the log on standard error.
        return ["dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--port=0", "--pid-file=",
                f"--listen-address={self.address}", "--bind-interfaces", "--enable-tftp",
                f"--tftp-root={self.folder}/files", "--log-facility=-"]

    def fetches(self):
        """Each transfer is a connection of its own, and only whole ones are in the log."""
        root = f"{self.folder}/files"
        sent = re.compile(rf"dnsmasq-tftp\S*: (sent|file) {re.escape(root)}(\S+) (to|not found)")
        matches = filter(None, map(sent.search, self._lines(f"{self.folder}/stderr.log")))
        return [Fetch(number, 200 if match[1] == "sent" else 404, None, match[2])
                for number, match in enumerate(matches, 1)]


class LabFileServer(FileServer):
    """lab_file_server.py: needs neither root nor a package."""

    name = "lab server"

    def _argv(self):
        argv = [sys.executable, "-B", f"{HERE}/lab_file_server.py", self.protocol, self.address,
                str(self.port), f"{self.folder}/files", self.log]
        if self.protocol == "https":
            argv += [f"{self.folder}/server.crt", f"{self.folder}/server.key"]
        return argv

    def fetches(self):
        return tabbed_fetches(self._lines(self.log))


def tabbed_fetches(lines):
    rows = [line.split("\t") for line in lines]
    return [Fetch(int(row[0]), int(row[1]), int(row[2]), row[3]) for row in rows if len(row) == 4]


REAL_SERVERS = {"http": Nginx, "https": Nginx, "ftp": Vsftpd, "tftp": Dnsmasq}


def file_server(is_root, network, host, address, protocol, folder):
    kind = REAL_SERVERS[protocol] if is_root else LabFileServer
    return kind(network, host, address, protocol, folder)
