# SPDX-License-Identifier: Apache-2.0
"""A web server of this process that answers as a test wants it to, well or badly.

    server = WebServer({"/gs/cfg.xml": b"<gs_provision ..."})
    server.put("/gs/cfg.xml", Answer(body=b"...", cut=40))
    server.requests[0].path, server.url("gs")

A path without an answer gets a 404. An answer may also be a function of the Request.
"""

import base64
import hashlib
import re
import secrets
import ssl
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from kit.network import HERE
from kit.server import PATIENCE_S, Request, Server, url_of
from ladder.http_messages import requests_of

HEAD_BYTES = 65536
CHUNK_BYTES = 32


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
    is_last: bool = False           # the server is dead once it is out
    # What the server wants to see first: "basic" or "digest", a user and a password.
    credentials: tuple | None = None
    is_chunked: bool = False
    before: object = None           # called without arguments before anything of it goes out

    def head(self):
        lines = [f"HTTP/1.1 {self.status} Because"]
        is_open = self.is_endless or self.drip_s is not None
        if self.is_chunked:
            lines.append("Transfer-Encoding: chunked")
        elif self.length is not None or not is_open:
            length = len(self.body) if self.length is None else self.length
            lines.append(f"Content-Length: {length}")
        lines += [f"{name}: {value}" for name, value in self.fields.items()]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def redirect(target, status=302):
    return Answer(status=status, fields={"Location": target})


def tls_context(certificate, key, client_authority=None):
    """What a server needs to speak TLS; with `client_authority` it demands a certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_authority:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_authority)
    return context


class WebServer(Server):
    def __init__(self, answers=None, tls=None, host=HERE, address="127.0.0.1", port=0,
                 is_listening=True):
        self.answers, self.tls = dict(answers or {}), tls
        self.nonces = [secrets.token_hex(8)]  # the last one counts
        super().__init__(host, address, port, is_listening)

    @property
    def scheme(self):
        return "https" if self.tls else "http"

    def put(self, path, answer):
        """`answer`: bytes for a body with 200, an Answer, or a function of the Request."""
        self.answers[path] = answer

    def remove(self, path):
        self.answers.pop(path, None)

    def url(self, path="", user=None, password="", address=None):
        userinfo = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
        return url_of(self.scheme, address or self.address, self.port, path, userinfo)

    def paths(self):
        return [request.path for request in self.requests]

    # --- connections ------------------------------------------------------------------------------

    def serve(self, connection, number):
        stream = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
        try:
            while not self.is_over.is_set() and self.serve_request(stream, number):
                pass
            if self.tls:
                stream.unwrap()
        finally:
            stream.close()

    def serve_request(self, stream, number):
        """False when the connection is at its end."""
        head = read_head(stream)
        if not head:
            if head is not None:
                stream.sendall(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
            return False
        asked, = requests_of(head)
        request = Request(*asked.first, asked.fields, number, raw=read_body(stream, asked.fields))
        answer = self.answer_to(request)
        request.status, request.bytes = answer.status, len(answer.body)
        self.note(request)
        if answer.before:
            answer.before()
        goes_on = self.send(stream, answer)
        if answer.is_last:
            self.hang_up()
        return goes_on and not answer.is_last

    def answer_to(self, request):
        """By the path as it stands, or without its query."""
        bare = unquote(urlsplit(request.path).path)
        answer = self.answers.get(request.path, self.answers.get(bare, Answer(status=404)))
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, bytes):
            answer = Answer(body=answer)
        return self.challenge(request, answer) if answer.credentials else answer

    def send(self, stream, answer):
        if answer.raw is not None:
            stream.sendall(answer.raw)
            return False
        if answer.stall == -1:
            return self.stay_silent()
        head, body = answer.head(), answer.body
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
        else:
            body = in_chunks(body) if answer.is_chunked else body
            stream.sendall(head + body[:answer.cut])
            return answer.cut is None and answer.length is None
        return False

    def stay_silent(self):
        self.is_over.wait(PATIENCE_S)
        return False

    # --- who may have it --------------------------------------------------------------------------

    def challenge(self, request, answer):
        """The answer, or the 401 that is given instead."""
        scheme, user, password = answer.credentials
        words = {"basic": 'Basic realm="phones"',
                 "digest": 'Digest realm="phones", qop="auth", algorithm=MD5, nonce="{}"'}[scheme]
        if scheme == "basic":
            if request.authorization == basic_words(user, password):
                return answer
        elif nonce := self.digest_nonce(request, user, password):
            is_stale = nonce != self.nonces[-1]
            self.nonces.append(secrets.token_hex(8))  # each counts once (RFC 7616 section 5.4)
            if not is_stale:
                return answer
            words += ", stale=true"
        return Answer(status=401, body=b"no",
                      fields={"WWW-Authenticate": words.format(self.nonces[-1])})

    def digest_nonce(self, request, user, password):
        """The nonce of ours to which this is the right response (RFC 7616 section 3.4, with MD5
        and qop=auth); None if it is not right."""
        given = {name: quoted or bare for name, quoted, bare in
                 re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]*))', request.authorization)}
        nonce = given.get("nonce")
        wanted = md5(md5(f"{user}:phones:{password}"), nonce, given.get("nc"),
                     given.get("cnonce"), "auth", md5(f"{request.method}:{request.path}"))
        is_right = given.get("response") == wanted and nonce in self.nonces and \
            (given["username"], given["uri"], given["qop"]) == (user, request.path, "auth")
        return nonce if is_right else None


def md5(*words):
    return hashlib.md5(":".join(map(str, words)).encode()).hexdigest()


def basic_words(user, password):
    """The Authorization field of RFC 7617."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def read_head(stream):
    """None at the connection's end, empty for what is no HTTP, a TLS handshake for instance."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        piece = stream.recv(1)
        if not piece or len(head) > HEAD_BYTES:
            return None
        head += piece
        if not head[:1].isalpha():
            return b""
    return head


def read_body(stream, fields):
    """Of a POST or PUT, by its Content-Length."""
    body, length = b"", int(fields.get("content-length", 0))
    while len(body) < length:
        piece = stream.recv(length - len(body))
        if not piece:
            break
        body += piece
    return body


def in_chunks(body):
    pieces = [body[at:at + CHUNK_BYTES] for at in range(0, len(body), CHUNK_BYTES)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
