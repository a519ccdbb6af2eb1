# SPDX-License-Identifier: Apache-2.0
"""A disk that a power cut catches at a chosen write: QEMU reaches it over NBD on a socket of this
process. What the guest has written and not flushed is in a cache, and a power cut loses all of it,
nothing of it, or drawn pieces of 512 bytes.

    disk = Disk(path_of_socket, size)
    disk.cut_at(7, machine.power_cut, keep=some(seed))   # the 7th write from now on
"""

import os
import random
import socket
import struct
import threading

from kit import KitError

GREETING = b"NBDMAGICIHAVEOPT"
OPTION_MAGIC, REPLY_MAGIC = b"IHAVEOPT", 0x3E889045565A9
REQUEST_MAGIC, ANSWER_MAGIC = 0x25609513, 0x67446698
OPT_EXPORT_NAME, OPT_ABORT, OPT_INFO, OPT_GO = 1, 2, 6, 7
REP_ACK, REP_INFO, REP_UNSUPPORTED = 1, 3, 0x80000001
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
FLAG_FUA = 1
TRANSMISSION_FLAGS = 1 | 4 | 8  # flags follow, FLUSH and FUA are known
SECTOR = 512
IDLE_S = 10


def nothing(_):
    """Keeps no sector that was not flushed."""
    return False


def everything(_):
    """The cache was lucky: all of it reached the medium."""
    return True


def some(seed):
    """Draws for each sector."""
    draw = random.Random(seed)
    def half(_):
        return draw.random() < 0.5
    return half


class Disk:
    def __init__(self, path, size):
        self.path = path
        self.seen = bytearray(size)     # what the guest reads
        self.medium = bytearray(size)   # what is there after a power cut
        self.cache = {}                 # offset: sector, written and not flushed
        self.lock = threading.RLock()
        self.writes = 0
        self.planned = None             # (number of the write, what to do, what to keep)
        self.was_cut = threading.Event()
        if os.path.exists(path):
            os.unlink(path)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(1)
        self.idle = threading.Event()   # nobody is connected
        self.idle.set()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.listener.close()

    # --- for the test -----------------------------------------------------------------------------

    def clear(self):
        with self.lock:
            self.cache = {}
            self.seen[:] = self.medium[:] = bytes(len(self.seen))

    def save(self, path):
        with self.lock, open(path, "wb") as file:
            file.write(self.medium)

    def load(self, path):
        with self.lock, open(path, "rb") as file:
            self.medium[:] = self.seen[:] = file.read()
            self.cache = {}

    def cut_at(self, number, pull, keep=nothing):
        """At the `number`th write from now on, which still reaches the cache, `pull()` is called;
        of the cache, the sectors stay that `keep(offset)` is true for."""
        with self.lock:
            self.was_cut.clear()
            self.planned = (self.writes + number, pull, keep)

    def lose_power(self, keep=nothing):
        """The machine is off; what it had not flushed is decided, once all that it had sent before
        is done: a flush that is done later would bring an old write to a newer medium."""
        if threading.current_thread() is not self.thread and not self.idle.wait(IDLE_S):
            raise KitError("the machine still uses the disk whose power is to go")
        with self.lock:
            for offset, sector in sorted(self.cache.items()):
                if keep(offset):
                    self.medium[offset:offset + SECTOR] = sector
            self.cache = {}
            self.seen[:] = self.medium
            self.planned = None

    # --- for QEMU ---------------------------------------------------------------------------------

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.idle.clear()
            try:
                with connection:
                    if self._agree(connection):
                        while self._answer(connection):
                            pass
            except (ConnectionError, EOFError):
                pass  # the machine is off
            self.idle.set()

    def _agree(self, connection):
        connection.sendall(GREETING + struct.pack(">H", 3))
        take(connection, 4)
        while True:
            magic, option, size = struct.unpack(">8sII", take(connection, 16))
            if magic != OPTION_MAGIC or size > 65536:
                return False
            take(connection, size)
            about = struct.pack(">QH", len(self.seen), TRANSMISSION_FLAGS)
            if option == OPT_EXPORT_NAME:
                connection.sendall(about)
                return True
            if option in (OPT_GO, OPT_INFO):
                reply(connection, option, REP_INFO, struct.pack(">H", 0) + about)
                reply(connection, option, REP_ACK)
                if option == OPT_GO:
                    return True
            elif option == OPT_ABORT:
                reply(connection, option, REP_ACK)
                return False
            else:
                reply(connection, option, REP_UNSUPPORTED)

    def _answer(self, connection):
        magic, flags, kind, handle, offset, size = struct.unpack(">IHHQQI", take(connection, 28))
        if magic != REQUEST_MAGIC or kind == DISCONNECT:
            return False
        data, error = b"", 0
        if kind == READ:
            with self.lock:
                data = bytes(self.seen[offset:offset + size])
        elif kind == WRITE:
            if not self._write(offset, take(connection, size), flags & FLAG_FUA):
                return False
        elif kind == FLUSH:
            self._flush()
        else:
            error = 22
        connection.sendall(struct.pack(">IIQ", ANSWER_MAGIC, error, handle) + data)
        return True

    def _write(self, offset, data, is_through):
        """False when the power went with it."""
        with self.lock:
            self.writes += 1
            self.seen[offset:offset + len(data)] = data
            is_last = self.planned is not None and self.writes >= self.planned[0]
            for at in range(0, len(data), SECTOR):
                self.cache[offset + at] = data[at:at + SECTOR]
            if is_through and not is_last:
                self._settle(range(offset, offset + len(data), SECTOR))
            if not is_last:
                return True
            _, pull, keep = self.planned
            pull()
            self.lose_power(keep)
            self.was_cut.set()
            return False

    def _flush(self):
        with self.lock:
            self._settle(list(self.cache))

    def _settle(self, offsets):
        for offset in offsets:
            self.medium[offset:offset + SECTOR] = self.cache.pop(offset)


def take(connection, size):
    found = bytearray()
    while len(found) < size:
        chunk = connection.recv(size - len(found))
        if not chunk:
            raise EOFError
        found += chunk
    return bytes(found)


def reply(connection, option, kind, data=b""):
    connection.sendall(struct.pack(">QIII", REPLY_MAGIC, option, kind, len(data)) + data)
