# SPDX-License-Identifier: Apache-2.0
"""Servers that speak TLS as administrators have them: one page each, by OpenSSL (alone and in
nginx) and by GnuTLS (in lighttpd)."""

import pathlib
import signal

from kit.nginx import Nginx
from kit.program import FolderProgram

PAGE = "page.xml"
GNUTLS = pathlib.Path("/usr/lib/lighttpd/mod_gnutls.so")
LIGHTTPD = """\
server.modules = ("mod_gnutls")
server.document-root = "{folder}/files"
server.bind = "{address}"
server.port = {port}
server.errorlog = "{folder}/error.log"
mimetype.assign = (".xml" => "text/xml")
ssl.engine = "enable"
ssl.pemfile = "{certificate}"
ssl.privkey = "{key}"
ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "{version}", "MaxProtocol" => "{version}")
"""


def lighttpd_with_gnutls():
    """A need of a test (kit.needs)."""
    return "" if GNUTLS.exists() else "toolchains/bootstrap installs lighttpd-mod-gnutls"


class TlsServer(FolderProgram):
    """`certificate`: (file of the chain, the server's own first; key file). `version`: the only one
    it speaks."""

    scheme = "https"

    def __init__(self, folder, port, certificate, version, **more):
        super().__init__(folder, port=port, **more)
        self.certificate, self.version = certificate, version


class NginxTls(Nginx):
    def __init__(self, folder, port, certificate, version, **more):
        self.version = version
        super().__init__(folder, port=port, certificate=certificate, **more)

    def add(self, port, tls_lines=None):
        super().add(port, f"ssl_protocols {self.version};")


class OpensslServer(TlsServer):
    """`openssl s_server`; `more_words` are further options, with {chain} and {key} in them."""

    name = "openssl"
    ready = "ACCEPT"

    def __init__(self, folder, port, certificate, version=None, more_words=(), **more):
        super().__init__(folder, port, certificate, version, **more)
        self.more_words = more_words

    def command(self):
        chain, key = self.certificate
        only = [{"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}[self.version]] if self.version else []
        return ["sh", "-c", 'cd files && exec "$@"', "sh", "openssl", "s_server", "-accept",
                f"{self.address}:{self.port}", "-cert", chain, "-cert_chain", chain, "-key", key,
                "-WWW", *only, *(word.format(chain=chain, key=key) for word in self.more_words)]


class LighttpdGnutls(TlsServer):
    name = "lighttpd"
    ask_by = signal.SIGINT

    def command(self):
        chain, key = self.certificate
        path = self.folder / "lighttpd.conf"
        path.write_text(LIGHTTPD.format(folder=self.folder, address=self.address, port=self.port,
                                        certificate=chain, key=key, version=self.version))
        return ["lighttpd", "-D", "-f", path]


TLS_SERVERS = {"nginx": NginxTls, "openssl": OpensslServer, "lighttpd": LighttpdGnutls}
