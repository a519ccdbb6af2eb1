# SPDX-License-Identifier: Apache-2.0
"""What all servers of this process have in common: a socket on a host's network, threads that
serve it, and a memory of what was asked. They die and come back, and keep their port meanwhile."""

import contextlib
import itertools
import select
import socket
import threading
from dataclasses import dataclass, field

from kit.network import HERE

PATIENCE_S = 60  # no test lives longer
DEFAULT_PORTS = {"http": 80, "https": 443, "ftp": 21, "ftps": 990, "tftp": 69}


@dataclass
class Request:
    """What a file server was asked."""

    method: str
    path: str                     # with the query
    fields: dict = field(default_factory=dict)  # names in lower case
    connection: int = 0           # from 1
    status: int = 0               # HTTP's, or the one that means the same
    bytes: int | None = None      # of the file that was sent; None where the server does not say
    raw: bytes = b""              # as it came, of a datagram; of HTTP the body

    @property
    def authorization(self):
        return self.fields.get("authorization", "")


def url_of(scheme, address, port, path="", userinfo=""):
    host = f"[{address}]" if ":" in address else address
    number = "" if port == DEFAULT_PORTS.get(scheme) else f":{port}"
    return f"{scheme}://{userinfo}{host}{number}/{path}"


class Server:
    """Those that inherit say in take() what is done with what comes. Sockets of TCP get a thread
    for each connection, which runs serve()."""

    name = "lab server"
    kind = socket.SOCK_STREAM

    def __init__(self, host=HERE, address="127.0.0.1", port=0, is_listening=True):
        self.host, self.address, self.port = host, address, port
        self.requests, self.on_request = [], None
        self.connections, self.numbers = set(), itertools.count(1)
        self.lock, self.is_over = threading.Lock(), threading.Event()
        self.thread = self.waker = self.reservation = None
        if self.kind == socket.SOCK_STREAM:
            # Holds the port while nobody listens on it, so that it refuses connections and no
            # other server is given it.
            self.reservation = host.socket(self.kind, address, port)
            self.port = self.reservation.getsockname()[1]
        if is_listening:
            self.start()

    def start(self):
        """Again after stop(), too."""
        with self.lock:
            if self.thread:
                return
            sockets = self.make_sockets()
            self.waker, wake = socket.socketpair()
            self.thread = self.host.thread(lambda: self._listen(sockets, wake))

    def make_sockets(self):
        listener = self.host.socket(self.kind, self.address, self.port)
        if self.kind == socket.SOCK_STREAM:
            listener.listen(64)
        return [listener]

    def hang_up(self):
        """From now on connections are refused; those there are go on."""
        with self.lock:
            thread, waker = self.thread, self.waker
            self.thread = None
        if thread:
            waker.close()
            thread.join()

    def stop(self):
        """It is dead: whoever is connected is cut off, and nobody gets in."""
        self.hang_up()
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.is_over.set()
        self.stop()
        if self.reservation:
            self.reservation.close()

    def forget(self):
        self.requests.clear()

    def note(self, request):
        self.requests.append(request)
        if self.on_request:
            self.on_request(request)

    def _listen(self, sockets, wake):
        with contextlib.ExitStack() as stack:
            for one in (*sockets, wake):
                stack.enter_context(one)
            while True:
                ready = select.select([*sockets, wake], [], [], self.pause_s())[0]
                if wake in ready:
                    return
                self.tick()
                for one in ready:
                    self.take(one)

    def pause_s(self):
        """Until tick() has something to do; None while it has not."""

    def tick(self):
        """What is done because it is time."""

    def take(self, listener):
        connection, _ = listener.accept()
        threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self.lock:
            self.connections.add(connection)
            number = next(self.numbers)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(PATIENCE_S)
            self.serve(connection, number)
        except (OSError, ValueError):
            pass  # the phone has gone, or broke off the handshake
        finally:
            with self.lock:
                self.connections.discard(connection)
            connection.close()

    def serve(self, connection, number):
        raise NotImplementedError


class FileServer(Server):
    """Has files in memory, by their paths. Real ones are in nginx, vsftpd and dnsmasq; all of them
    have put(), remove(), url() and requests."""

    scheme = ""

    def __init__(self, files=None, host=HERE, address="127.0.0.1", port=0, is_listening=True):
        self.files = {name_of(path): content for path, content in (files or {}).items()}
        super().__init__(host, address, port or DEFAULT_PORTS[self.scheme], is_listening)

    def url(self, path=""):
        return url_of(self.scheme, self.address, self.port, path)

    def put(self, path, content):
        self.files[name_of(path)] = content

    def remove(self, path):
        self.files.pop(name_of(path), None)

    def content(self, path, method, number):
        """The file, or None; that it was asked for is noted."""
        found = self.files.get(name_of(path))
        size = None if found is None else len(found)
        self.note(Request(method, name_of(path), {}, number, 404 if found is None else 200, size))
        return found


def name_of(path):
    return "/" + path.lstrip("/")
