# SPDX-License-Identifier: Apache-2.0
"""A server that is a program, on a host's network: it is there once start() returns."""

import pathlib
import signal

from kit import KitError
from kit.network import HERE
from kit.processes import start, stop
from kit.server import url_of
from kit.waiting import wait_until

START_S = 10


class Program:
    """Those that inherit say how it is called, and how it is seen that it serves: by a port, or by
    words in its log. Its files are in a folder."""

    name = ""
    port, kind = 0, "tcp"
    address = ""
    ready = ""
    ask_by = signal.SIGTERM

    def __init__(self, folder, host=HERE):
        self.folder, self.host = pathlib.Path(folder), host
        self.log = self.folder / f"{self.name}.log"
        self.process = None

    def command(self):
        raise NotImplementedError

    def start(self):
        """Raises KitError, with the program's own words."""
        self.log.unlink(missing_ok=True)
        self.process = start(self.host.inside(self.command()), self.log, cwd=self.folder)
        wait_until(self._is_up, f"{self.name} serves", START_S)
        return self

    def _is_up(self):
        if self.process.poll() is not None:
            last = (self.words().strip() or "it says nothing").splitlines()[-1]
            raise KitError(f"{self.name} did not start: {last}")
        return self.ready in self.words() if self.ready else \
            self.host.listens(self.port, self.kind, self.address)

    def words(self):
        """What it has said so far."""
        return text_of(self.log)

    def stop(self):
        if self.process:
            stop(self.process, self.ask_by)

    close = stop

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class FolderProgram(Program):
    """A file server of the folder `files`; put() and requests as those of this process have."""

    scheme = ""

    def __init__(self, folder, host=HERE, address="127.0.0.1", port=None):
        super().__init__(folder, host)
        self.address = address
        self.port = port or self.port
        self.files = self.folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        # Those that serve are not root: they must get through to the files.
        self.folder.chmod(0o711)
        self.files.chmod(0o755)

    def url(self, path=""):
        return url_of(self.scheme, self.address, self.port, path)

    def put(self, path, content, mode=0o644):
        file = self.files / path.lstrip("/")
        file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        file.write_bytes(content)
        file.chmod(mode)


def text_of(path):
    """Empty while there is no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
