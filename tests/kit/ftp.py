# SPDX-License-Identifier: Apache-2.0
"""An FTP server of this process: RFC 959 and 2428, as far as somebody who fetches needs them."""

import os
import socket

from kit.server import FileServer, Request

LINE_BYTES = 4096
PATIENCE_S = 30
SIMPLE = {"TYPE": "200 As you like", "NOOP": "200 Still here", "OPTS": "200 Fine"}


class FtpServer(FileServer):
    """`logins` are the users and passwords that it was given, as USER:PASSWORD. `only`: the one
    that it lets in; otherwise it is anyone. `first_login_s`: so long it looks at the first
    password, as pure-ftpd does on a busy machine."""

    scheme = "ftp"

    def __init__(self, *files, only=None, first_login_s=0, **named):
        self.logins, self.only, self.first_login_s = [], only, first_login_s
        super().__init__(*files, **named)

    def serve(self, connection, number):
        Session(self, connection, number).run()


class Session:
    def __init__(self, server, control, number):
        self.server, self.control, self.number = server, control, number
        self.cwd, self.listener, self.user = "/", None, ""
        control.settimeout(PATIENCE_S)

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
                    self.say(SIMPLE.get(verb.upper(), "502 Not known here"))
            self.say("221 Goodbye")
        finally:
            if self.listener:
                self.listener.close()

    def say(self, line):
        self.control.sendall(line.encode() + b"\r\n")

    def path_of(self, word):
        return os.path.normpath(os.path.join(self.cwd, word))

    def on_user(self, word):
        self.user = word
        self.say("331 Your password")

    def on_pass(self, word):
        login = f"{self.user}:{word}"
        if not self.server.logins:
            self.server.is_over.wait(self.server.first_login_s)
        self.server.logins.append(login)
        is_welcome = self.server.only in (None, login)
        self.say("230 Welcome" if is_welcome else "530 Login incorrect")

    def on_pwd(self, _):
        self.say(f'257 "{self.cwd}"')

    def on_cwd(self, word):
        path = self.path_of(word)
        if any(name.startswith(path.rstrip("/") + "/") for name in self.server.files):
            self.cwd = path
            self.say("250 There")
        else:
            self.say("550 No such folder")

    def on_size(self, word):
        """A file that is not there may be asked for by this alone."""
        content = self.server.files.get(self.path_of(word))
        if content is None:
            self.server.note(Request("RETR", self.path_of(word), {}, self.number, 404))
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
        content = self.server.content(self.path_of(word), "RETR", self.number)
        if content is None or not self.listener:
            self.say("550 No such file")
            return
        self.say("150 Here it comes")
        data, _ = self.listener.accept()
        with data:
            data.sendall(content)
        self.say("226 Sent")
