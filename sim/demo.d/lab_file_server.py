# SPDX-License-Identifier: Apache-2.0
"""A small server of one folder, for people who are not root.

    python3 lab_file_server.py http|https|ftp|tftp ADDRESS PORT FOLDER LOG [CERTIFICATE KEY]

Writes CONNECTION, STATUS, BYTES and PATH of each request into the log, separated by tabs; the
status is HTTP's, or the one that means the same. Runs until it is ended. It is made for a phone of
the laboratory and not for the open: it keeps to its folder and bounds its waits, no more.
"""

import itertools
import os
import socket
import ssl
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

PATIENCE_S = 30
LINE_BYTES = 4096
TFTP_WAIT_S, TFTP_TRIES = 1, 5
TFTP_BLOCK_BYTES, TFTP_BLOCK_MOST = 512, 1468
TFTP_NOT_FOUND, TFTP_ILLEGAL = 1, 4


class Folder:
    """The files, and the log of who asked for them."""

    def __init__(self, root, log):
        self.root = os.path.realpath(root)
        self.log = open(log, "w", encoding="utf-8", buffering=1)
        self.lock = threading.Lock()
        self.numbers = itertools.count(1)

    def connection(self):
        with self.lock:
            return next(self.numbers)

    def read(self, path):
        """The content of the file; None if there is none in the folder."""
        real = os.path.realpath(os.path.join(self.root, path.lstrip("/")))
        if not real.startswith(self.root + "/") or not os.path.isfile(real):
            return None
        with open(real, "rb") as file:
            return file.read()

    def note(self, connection, path, content, sent=None):
        status = 404 if content is None else 200
        size = len(content or b"") if sent is None else sent
        with self.lock:
            self.log.write(f"{connection}\t{status}\t{size}\t/{path.lstrip('/')}\n")


# --- HTTP ----------------------------------------------------------------------------------------


def http_handler(folder):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = PATIENCE_S

        def setup(self):
            super().setup()
            self.connection_number = folder.connection()

        def do_GET(self):
            path = unquote(urlsplit(self.path).path)
            content = folder.read(path)
            self.send_response(404 if content is None else 200)
            self.send_header("Content-Length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")
            folder.note(self.connection_number, path, content)

        def log_message(self, *_):
            pass  # the folder's log is enough

    return Handler


def serve_http(folder, address, certificate):
    server = ThreadingHTTPServer(address, http_handler(folder))
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        # The handshake belongs to the connection's own thread.
        server.socket = context.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
    server.serve_forever()


# --- FTP: RFC 959 and 2428, as far as somebody who fetches needs them ----------------------------


class FtpSession:
    def __init__(self, folder, control):
        self.folder, self.control = folder, control
        self.number = folder.connection()
        self.cwd, self.listener = "/", None
        self.control.settimeout(PATIENCE_S)
        self.control.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self):
        try:
            self.say("220 Dialtone's laboratory")
            for line in self.control.makefile("rb", buffering=LINE_BYTES):
                verb, _, word = line[:LINE_BYTES].decode("latin-1").strip().partition(" ")
                action = getattr(self, f"on_{verb.lower()}", None)
                if verb.upper() == "QUIT":
                    break
                if action:
                    action(word)
                else:
                    self.say(self.SIMPLE.get(verb.upper(), "502 Not known here"))
            self.say("221 Goodbye")
        except OSError:
            pass  # the phone has gone
        finally:
            if self.listener:
                self.listener.close()
            self.control.close()

    SIMPLE = {"USER": "331 Any password", "PASS": "230 Welcome", "TYPE": "200 As you like",
              "NOOP": "200 Still here", "OPTS": "200 Fine"}

    def say(self, line):
        self.control.sendall(line.encode() + b"\r\n")

    def path_of(self, word):
        return os.path.normpath(os.path.join(self.cwd, word))

    def on_pwd(self, _):
        self.say(f'257 "{self.cwd}"')

    def on_cwd(self, word):
        path = self.path_of(word)
        if os.path.isdir(os.path.join(self.folder.root, path.lstrip("/"))):
            self.cwd = path
            self.say("250 There")
        else:
            self.say("550 No such folder")

    def on_size(self, word):
        content = self.folder.read(self.path_of(word))
        self.say("550 No such file" if content is None else f"213 {len(content)}")

    def listen(self):
        if self.listener:
            self.listener.close()
        self.listener = socket.create_server((self.control.getsockname()[0], 0))
        self.listener.settimeout(PATIENCE_S)
        return self.listener.getsockname()

    def on_epsv(self, _):
        self.say(f"229 Entering extended passive mode (|||{self.listen()[1]}|)")

    def on_pasv(self, _):
        host, port = self.listen()
        self.say(f"227 Entering passive mode ({host.replace('.', ',')},{port >> 8},{port & 255})")

    def on_retr(self, word):
        path = self.path_of(word)
        content = self.folder.read(path)
        if content is None or not self.listener:
            self.folder.note(self.number, path, None)
            self.say("550 No such file")
            return
        self.say("150 Here it comes")
        data, _ = self.listener.accept()
        with data:
            data.sendall(content)
        self.folder.note(self.number, path, content)
        self.say("226 Sent")


def serve_ftp(folder, address, _):
    with socket.create_server(address) as listener:
        while True:
            control, _ = listener.accept()
            threading.Thread(target=FtpSession(folder, control).run, daemon=True).start()


# --- TFTP: RFC 1350 with the options of RFC 2348 and 2349 ----------------------------------------


def tftp_options(words, size):
    """(option names and values as they are agreed to, bytes of a block)"""
    agreed, block = [], TFTP_BLOCK_BYTES
    for name, value in zip(words[::2], words[1::2]):
        name = name.lower()
        if name == "blksize" and value.isdecimal() and int(value) >= 8:
            block = min(int(value), TFTP_BLOCK_MOST)
            agreed += [name, str(block)]
        elif name == "tsize":
            agreed += [name, str(size)]
        elif name == "timeout" and value == str(TFTP_WAIT_S):
            agreed += [name, value]
    return agreed, block


def tftp_transfer(folder, packet, client, here):
    """Answers one request, from a port of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        own.bind((here, 0))
        own.connect(client)
        own.settimeout(TFTP_WAIT_S)
        words = packet[2:].decode("latin-1").split("\0")[:-1]
        if packet[:2] != b"\0\1" or len(words) < 2:
            own.send(struct.pack("!HH", 5, TFTP_ILLEGAL) + b"only reading\0")
            return
        path, number = words[0], folder.connection()
        content = folder.read(path)
        if content is None:
            folder.note(number, path, None)
            own.send(struct.pack("!HH", 5, TFTP_NOT_FOUND) + b"no such file\0")
            return
        agreed, block = tftp_options(words[2:], len(content))
        oack = struct.pack("!H", 6) + b"".join(word.encode() + b"\0" for word in agreed)
        if agreed and not tftp_send(own, oack, 0):
            return
        for index in range(len(content) // block + 1):
            data = content[index * block:(index + 1) * block]
            order = (index + 1) & 0xFFFF
            if not tftp_send(own, struct.pack("!HH", 3, order) + data, order):
                return
        folder.note(number, path, content)


def tftp_send(own, packet, number):
    """Sends until it is acknowledged; false if it never is."""
    for _ in range(TFTP_TRIES):
        try:
            own.send(packet)
            while True:
                answer = own.recv(LINE_BYTES)
                if answer[:4] == struct.pack("!HH", 4, number):
                    return True
                if answer[:2] == b"\0\5":
                    return False
        except TimeoutError:
            continue
        except OSError:
            return False
    return False


def serve_tftp(folder, address, _):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(address)
        while True:
            packet, client = listener.recvfrom(LINE_BYTES)
            threading.Thread(target=tftp_transfer, args=(folder, packet, client, address[0]),
                             daemon=True).start()


def main():
    protocol, address, port, root, log, *certificate = sys.argv[1:]
    serve = {"http": serve_http, "https": serve_http, "ftp": serve_ftp, "tftp": serve_tftp}
    serve[protocol](Folder(root, log), (address, int(port)), certificate)


if __name__ == "__main__":
    main()
