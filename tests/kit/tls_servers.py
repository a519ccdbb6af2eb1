# SPDX-License-Identifier: Apache-2.0
"""Servers that speak TLS as administrators have them: one page each, by OpenSSL (alone and in
nginx) and by GnuTLS (in lighttpd)."""

import os
import pathlib
import signal
import socket
import struct
import threading

from kit.nginx import Nginx
from kit.program import FolderProgram
from kit.server import Server

PAGE = "page.xml"
HELLO_BYTES = 16384
LOOK_S = 0.02
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
    """`lines`: more about its server."""

    def __init__(self, folder, port, certificate, version, lines="", **more):
        self.version, self.lines = version, lines
        super().__init__(folder, port=port, certificate=certificate, **more)

    def add(self, port, tls_lines=None):
        super().add(port, f"ssl_protocols {self.version}; {self.lines}")


class OpensslServer(TlsServer):
    """`openssl s_server`; `more_words` are further options, with {chain} and {key} in them."""

    name = "openssl"
    ready = "ACCEPT"
    mode = ("-WWW",)  # the files of its folder

    def __init__(self, folder, port, certificate, version=None, more_words=(), **more):
        super().__init__(folder, port, certificate, version, **more)
        self.more_words = more_words

    def command(self):
        chain, key = self.certificate
        only = [{"TLSv1.2": "-tls1_2", "TLSv1.3": "-tls1_3"}[self.version]] if self.version else []
        return ["sh", "-c", 'cd files && exec "$@"', "sh", "openssl", "s_server", "-accept",
                f"{self.address}:{self.port}", "-cert", chain, "-cert_chain", chain, "-key", key,
                *self.mode, *only, *(word.format(chain=chain, key=key) for word in self.more_words)]


class RenegotiatingServer(OpensslServer):
    """Wants to see a certificate once it has heard a request, and negotiates anew for that, as
    Apache does for a folder. It has no files: what is typed to it goes to the client, and R at the
    beginning of a line is that wish."""

    mode = ()

    def __init__(self, folder, *given, **more):
        super().__init__(folder, *given, **more)
        self.keyboard = self.folder / "keyboard"
        os.mkfifo(self.keyboard)
        self.hand, self.is_over = os.open(self.keyboard, os.O_RDWR), threading.Event()

    def command(self):
        return ["sh", "-c", 'exec "$@" < "$0"', self.keyboard, *super().command()]

    def start(self):
        super().start()
        threading.Thread(target=self._type, daemon=True).start()
        return self

    def _type(self):
        answered = 0
        while not self.is_over.wait(LOOK_S):
            if self.words().count("GET /") > answered:
                answered += 1
                os.write(self.hand, b"R\n")

    def close(self):
        self.is_over.set()
        super().stop()
        os.close(self.hand)


class LighttpdGnutls(TlsServer):
    name = "lighttpd"
    ask_by = signal.SIGINT

    def command(self):
        chain, key = self.certificate
        path = self.folder / "lighttpd.conf"
        path.write_text(LIGHTTPD.format(folder=self.folder, address=self.address, port=self.port,
                                        certificate=chain, key=key, version=self.version))
        return ["lighttpd", "-D", "-f", path]


class HelloServer(Server):
    """Hears what a client says first, says `words` and is gone: by a reset of the connection, if
    `resets`."""

    def __init__(self, words=b"", resets=False):
        self.words, self.resets = words, resets
        super().__init__()

    def serve(self, connection, number):
        connection.recv(HELLO_BYTES)
        connection.sendall(self.words)
        if self.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def alert(number, is_fatal=True):
    """RFC 8446 section 6, as TLS 1.2 and its elders have it on the wire."""
    return bytes([21, 3, 3, 0, 2, 2 if is_fatal else 1, number])


def old_hello(minor):
    """The ServerHello of a server that has never heard of supported_versions: SSL 3.0, TLS 1.0 or
    1.1, with RSA and AES."""
    hello = bytes([3, minor]) + bytes(32) + b"\x00\x00\x2f\x00"
    message = b"\x02" + len(hello).to_bytes(3, "big") + hello
    return bytes([22, 3, minor]) + len(message).to_bytes(2, "big") + message


TLS_SERVERS = {"nginx": NginxTls, "openssl": OpensslServer, "lighttpd": LighttpdGnutls}
