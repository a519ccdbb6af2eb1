# SPDX-License-Identifier: Apache-2.0
"""nginx as a provisioning server: of one folder, at one port or several."""

import os
import signal

from kit.network import HERE
from kit.program import FolderProgram, text_of
from kit.server import Request

CONFIGURATION = """\
{user}daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
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
    root {folder}/files;
    {directives}
{servers}}}
"""
PLAIN = "    server {{ listen {address}:{port}; }}\n"
TLS = """\
    server {{
        listen {address}:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        {lines}
    }}
"""


class Nginx(FolderProgram):
    """`certificate`: (certificate file, key file) of the ports that speak TLS, as the first one
    does unless `is_plain`. add() names further ones. What was asked is in its log once it is
    stopped, and a moment after each answer."""

    name = "nginx"
    ask_by = signal.SIGQUIT  # lets requests end and the log be written
    directives = ""          # of all servers

    def __init__(self, folder, host=HERE, address="127.0.0.1", port=80, certificate=None,
                 is_plain=False):
        super().__init__(folder, host, address, port)
        self.certificate, self.servers = certificate, ""
        self.scheme = "https" if certificate and not is_plain else "http"
        self.add(port, "" if self.scheme == "https" else None)

    def add(self, port, tls_lines=None):
        """One more port; with TLS if there are lines about it."""
        form = PLAIN if tls_lines is None else TLS
        certificate, key = self.certificate or ("", "")
        self.servers += form.format(address=self.address, port=port, lines=tls_lines,
                                    certificate=certificate, key=key)

    def command(self):
        # Without a word it would give its folders to a user whom a user namespace does not know.
        user = "user root;\n" if os.geteuid() == 0 else ""
        path = self.folder / "nginx.conf"
        path.write_text(CONFIGURATION.format(user=user, folder=self.folder, servers=self.servers,
                                             directives=self.directives))
        (self.folder / "access.log").unlink(missing_ok=True)
        return ["nginx", "-p", self.folder, "-e", self.log, "-c", path]

    @property
    def requests(self):
        rows = [line.split("\t") for line in text_of(self.folder / "access.log").splitlines()]
        return [Request("GET", row[3], {}, int(row[0]), int(row[1]), int(row[2]))
                for row in rows if len(row) == 4]
