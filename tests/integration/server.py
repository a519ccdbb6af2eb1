# SPDX-License-Identifier: Apache-2.0
"""A web server on 127.0.0.1 that answers as a test wants it to, well or badly, and remembers what
it was asked. One thread for each connection; nothing outlives the process.

    server = Server({"/gs/cfg.xml": b"<gs_provision ..."})
    server.put("/gs/cfg.xml", Answer(body=b"...", cut=40))
    server.requests[0].path, server.url("gs")

A path without an answer gets a 404. An answer may also be a function of the Request.
"""

import base64
import hashlib
import re
import secrets
import socket
import ssl
import threading
from dataclasses import dataclass, field
from urllib.parse import quote

PATIENCE_S = 60  # no test lives longer


@dataclass
class Answer:
    body: bytes = b""
    status: int = 200
    fields: dict = field(default_factory=dict)
    # What goes wrong, at most one of these:
    length: int | None = None       # a Content-Length other than the body's
    cut: int | None = None          # the connection ends after so many bytes of the body
    stall: int | None = None        # nothing follows so many bytes of the body; -1: not even a head
    is_endless: bool = False        # the body comes again and again
    drip_s: float | None = None     # the body comes byte by byte, so many seconds apart, for ever
    raw: bytes | None = None        # these bytes instead of an HTTP answer, then the end
    # What the server wants to see first: "basic" or "digest", a user and a password.
    credentials: tuple | None = None
    is_chunked: bool = False
    before: object = None           # called without arguments before anything of it goes out


@dataclass
class Request:
    method: str
    path: str   # with the query
    fields: dict  # names in lower case

    @property
    def authorization(self):
        return self.fields.get("authorization", "")


def redirect(target, status=302):
    return Answer(status=status, fields={"Location": target})


class Server:
    def __init__(self, answers=None, tls=None):
        self.answers = dict(answers or {})
        self.requests = []
        self.tls = tls
        self.nonce = secrets.token_hex(8)
        self.is_over = threading.Event()
        self.connections = set()
        self.lock = threading.Lock()
        # Holds the port while nobody listens on it, so that it refuses connections and no other
        # test is given it.
        self.reservation = self.new_socket(0)
        self.port = self.reservation.getsockname()[1]
        self.listener = None
        self.listen()

    @staticmethod
    def new_socket(port):
        made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        return made

    def listen(self):
        """Again after hang_up()."""
        listener = self.new_socket(self.port)
        listener.listen(64)
        with self.lock:
            self.listener = listener
        threading.Thread(target=self.accept, args=(listener,), daemon=True).start()

    def hang_up(self):
        """From now on connections are refused; those there are go on."""
        with self.lock:
            listener, self.listener = self.listener, None
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def close(self):
        self.is_over.set()
        self.hang_up()
        with self.lock:
            connections = list(self.connections)
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.reservation.close()

    def put(self, path, answer):
        """`answer`: bytes for a body with 200, an Answer, or a function of the Request."""
        self.answers[path] = answer

    def url(self, path="", user=None, password="", host="127.0.0.1"):
        scheme = "https" if self.tls else "http"
        userinfo = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
        return f"{scheme}://{userinfo}{host}:{self.port}/{path}"

    def paths(self):
        return [request.path for request in self.requests]

    def forget(self):
        self.requests.clear()

    # --- connections ------------------------------------------------------------------------------

    def accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with self.lock:
            self.connections.add(connection)
        stream = connection
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(PATIENCE_S)
            if self.tls:
                stream = self.tls.wrap_socket(connection, server_side=True)
            while not self.is_over.is_set() and self.serve_request(stream):
                pass
            if self.tls:
                stream.unwrap()
        except (OSError, ValueError):
            pass  # the phone has gone, or broke off the handshake
        finally:
            with self.lock:
                self.connections.discard(connection)
            stream.close()
            connection.close()

    def serve_request(self, stream):
        """False when the connection is at its end."""
        head = read_head(stream)
        if not head:
            if head is not None:
                stream.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return False
        request = parse_head(head)
        self.requests.append(request)
        answer = self.answers.get(request.path, Answer(status=404))
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, bytes):
            answer = Answer(body=answer)
        if answer.credentials and not self.is_welcome(request, answer.credentials):
            answer = self.challenge(answer.credentials[0])
        if answer.before:
            answer.before()
        return self.send(stream, answer)

    def send(self, stream, answer):
        if answer.raw is not None:
            stream.sendall(answer.raw)
            return False
        if answer.stall == -1:
            return self.stay_silent()
        head = head_of(answer)
        body = answer.body
        if answer.is_endless:
            stream.sendall(head)
            while not self.is_over.is_set():
                stream.sendall(body)
        elif answer.drip_s is not None:
            stream.sendall(head)
            position = 0
            while not self.is_over.wait(answer.drip_s):
                stream.sendall(body[position:position + 1] or b" ")
                position += 1
        elif answer.stall is not None:
            stream.sendall(head + body[:answer.stall])
            return self.stay_silent()
        elif answer.is_chunked:
            stream.sendall(head + in_chunks(body, answer.cut))
            return answer.cut is None
        else:
            stream.sendall(head + body[:answer.cut])
            return answer.cut is None and answer.length is None
        return False

    def stay_silent(self):
        self.is_over.wait(PATIENCE_S)
        return False

    # --- who may have it --------------------------------------------------------------------------

    def challenge(self, scheme):
        realm = 'realm="phones"'
        words = {"basic": f"Basic {realm}",
                 "digest": f'Digest {realm}, qop="auth", algorithm=MD5, nonce="{self.nonce}"'}
        return Answer(status=401, body=b"no", fields={"WWW-Authenticate": words[scheme]})

    def is_welcome(self, request, credentials):
        scheme, user, password = credentials
        given = request.authorization
        if scheme == "basic":
            return given == basic_words(user, password)
        return given.startswith("Digest ") and self.digest_is_right(request, user, password)

    def digest_is_right(self, request, user, password):
        """RFC 7616 section 3.4 with MD5 and qop=auth."""
        given = {name: quoted or bare for name, quoted, bare in
                 re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]*))', request.authorization)}
        if given.get("username") != user or given.get("nonce") != self.nonce:
            return False
        if given.get("uri") != request.path or given.get("qop") != "auth":
            return False
        first = md5(f"{user}:phones:{password}")
        second = md5(f"{request.method}:{request.path}")
        wanted = md5(":".join([first, self.nonce, given.get("nc", ""), given.get("cnonce", ""),
                               "auth", second]))
        return given.get("response") == wanted


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def basic_words(user, password):
    """The Authorization field of RFC 7617."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def read_head(stream):
    """None at the connection's end, empty for what is no HTTP, a TLS handshake for instance."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = stream.recv(1)
        if not piece or len(head) > 65536:
            return None
        head += piece
        if not head[:1].isalpha():
            return ""
    return head.decode("latin-1")


def parse_head(head):
    lines = head.split("\r\n")
    method, path, _ = lines[0].split(" ")
    fields = {}
    for line in lines[1:]:
        name, colon, value = line.partition(":")
        if colon:
            fields[name.lower()] = value.strip()
    return Request(method, path, fields)


def head_of(answer):
    lines = [f"HTTP/1.1 {answer.status} Because"]
    is_open = answer.is_endless or answer.drip_s is not None
    if answer.is_chunked:
        lines.append("Transfer-Encoding: chunked")
    elif answer.length is not None:
        lines.append(f"Content-Length: {answer.length}")
    elif not is_open:
        lines.append(f"Content-Length: {len(answer.body)}")
    lines += [f"{name}: {value}" for name, value in answer.fields.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def in_chunks(body, cut):
    """The body in chunks of 32 bytes; with `cut` it ends within one."""
    pieces = [body[at:at + 32] for at in range(0, len(body), 32)]
    out = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return out + b"0\r\n\r\n" if cut is None else out[:cut]


def tls_context(certificate, key, client_authority=None):
    """What a Server needs to speak TLS; with `client_authority` it demands a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_authority:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_authority)
    return context
