# SPDX-License-Identifier: Apache-2.0
"""The site's file servers, one for each protocol, with their log and their manners. HTTP is the
server of tests/integration, FTP and TFTP are those of the demonstration's laboratory; here they
listen in the site's namespace, die and come back, and note what they are asked."""

import secrets
import select
import socket
import threading
from dataclasses import replace
from urllib.parse import urlsplit

from lab_file_server import LINE_BYTES, FtpSession, tftp_transfer
from namespace import bound_socket, run_inside
from seen import Request
from server import Answer, Server

TICK_S = 0.2  # until a server that was told to stop has noticed it
MISSING = Answer(status=404)


class LastAnswer(Answer):
    """The server is dead once it is out."""


def name_of(path):
    return "/" + path.lstrip("/")


class WebServer(Server):
    """`answers` is filled by put() and answer(); each entry is [Answer, how often it counts, the
    Answer that comes then]."""

    def __init__(self, namespace, address, about, seen):
        self.namespace, self.address, self.name = namespace, address, about.name
        self.own_port, self.seen, self.offered = about.port, seen, {}
        super().__init__()
        self.answers = self  # what is not said in advance is asked for in get()
        if not about.listens:
            self.hang_up()

    def new_socket(self, port):  # pylint: disable=arguments-differ
        return bound_socket(self.namespace, socket.SOCK_STREAM,
                            (self.address, port or self.own_port))

    def start(self):
        if self.listener is None:
            self.listen()

    def stop(self):
        """It is dead: whoever is connected is cut off, and nobody gets in."""
        self.hang_up()
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def send(self, stream, answer):
        goes_on = super().send(stream, answer)
        if isinstance(answer, LastAnswer):
            self.hang_up()
            return False
        return goes_on

    def put(self, path, answer):
        self.offered[path] = [Answer(body=answer), 0, None]

    def answer(self, path, answer, times):
        """`answer` so many times, then its body as it is."""
        self.offered[path] = [answer, times, Answer(body=answer.body)]

    def remove(self, path):
        self.offered.pop(path, None)

    def get(self, *_):
        """What Server asks for each request: a function of it."""
        return self.answer_to

    def answer_to(self, request):
        given = self._next(urlsplit(request.path).path)
        if given.credentials:
            if self.is_welcome(request, given.credentials):
                self.nonce = secrets.token_hex(8)  # each counts once (RFC 7616 section 5.4)
            else:
                given = self.challenge(given.credentials[0])
                if request.authorization.startswith("Digest "):
                    given.fields["WWW-Authenticate"] += ", stale=true"
        fields = {name: value for name, value in request.fields.items() if name != "authorization"}
        self.seen.add(Request(0, self.name, request.method, request.path, given.status,
                              fields.get("user-agent", ""), f"{request.path} {fields}"))
        return replace(given, credentials=None)

    def _next(self, path):
        row = self.offered.get(path)
        if row is None:
            return MISSING
        with self.lock:
            answer, left, later = row
            row[1] = left - 1
            if later is not None and left <= 1:
                row[:] = [later, 0, None]
        return answer


class FolderServer:
    """What FTP and TFTP share: files in memory, and a listener in a thread of its own. It is what
    lab_file_server calls a folder, too."""

    method = ""
    root = "/nowhere"  # there are no folders to change into

    def __init__(self, namespace, address, about, seen):
        self.namespace, self.here = namespace, (address, about.port)
        self.name, self.seen = about.name, seen
        self.files = {}
        self.is_over = threading.Event()
        self.thread = None
        if about.listens:
            self.start()

    def start(self):
        if self.thread is None:
            self.is_over.clear()
            listener = self.make_listener()
            self.thread = run_inside(self.namespace, lambda: self.serve(listener))

    def stop(self):
        if self.thread is not None:
            self.is_over.set()
            self.thread.join()
            self.thread = None

    close = stop

    def serve(self, listener):
        with listener:
            while not self.is_over.is_set():
                if select.select([listener], [], [], TICK_S)[0]:
                    self.take(listener)

    def put(self, path, content):
        self.files[path] = content

    def remove(self, path):
        self.files.pop(path, None)

    def connection(self):
        return 0

    def read(self, path):
        return self.files.get(name_of(path))

    def asked(self, path):
        status = 404 if self.read(path) is None else 200
        self.seen.add(Request(0, self.name, self.method, name_of(path), status, text=path))

    def note(self, *_):
        """They tell it at the end of a transfer, which is too late here."""


class TftpServer(FolderServer):
    method = "RRQ"

    def make_listener(self):
        return bound_socket(self.namespace, socket.SOCK_DGRAM, self.here)

    def take(self, listener):
        packet, client = listener.recvfrom(LINE_BYTES)
        if packet[:2] == b"\0\1":
            self.asked(packet[2:].split(b"\0")[0].decode("latin-1"))
        threading.Thread(target=tftp_transfer, args=(self, packet, client, self.here[0]),
                         daemon=True).start()


class Session(FtpSession):
    """Notes what is asked for: RETR, or SIZE where that was the end of it."""

    def on_size(self, word):
        if self.folder.read(self.path_of(word)) is None:
            self.folder.asked(self.path_of(word))
        super().on_size(word)

    def on_retr(self, word):
        self.folder.asked(self.path_of(word))
        super().on_retr(word)


class FtpServer(FolderServer):
    method = "RETR"

    def make_listener(self):
        listener = bound_socket(self.namespace, socket.SOCK_STREAM, self.here)
        listener.listen(16)
        return listener

    def take(self, listener):
        control, _ = listener.accept()
        threading.Thread(target=Session(self, control).run, daemon=True).start()


CLASSES = {"http": WebServer, "tftp": TftpServer, "ftp": FtpServer}
DEFAULT_PORTS = {"http": 80, "tftp": 69, "ftp": 21}


def url_of(address, about):
    port = "" if about.port == DEFAULT_PORTS[about.protocol] else f":{about.port}"
    return f"{about.protocol}://{address}{port}"
