# SPDX-License-Identifier: Apache-2.0
"""The log of a disk's writes as Linux' dm-log-writes and QEMU's blklogwrites keep it: numbers are
little-endian, the first sector says how long a sector is, then for each write one sector with a
head, and its data. What a power cut leaves is rebuilt from it, beginning with the disk as it
was."""

import struct
from dataclasses import dataclass

MAGIC, VERSION = 0x6A736677736872, 1
SUPER = struct.Struct("<QQQI")
HEAD = struct.Struct("<QQQQ")
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8


@dataclass
class Write:
    at: int        # bytes from the beginning of the disk
    size: int      # bytes
    flags: int
    data_at: int   # in the log
    end: int       # of the entry in the log

    @property
    def is_flush(self):
        """Everything before it is on the medium once it is done."""
        return bool(self.flags & FLUSH)

    @property
    def is_kept(self):
        """It is on the medium itself once it is done."""
        return bool(self.flags & FUA)


class WriteLog:
    def __init__(self, path):
        self.file = open(path, "rb")
        magic, version, _, self.sector = SUPER.unpack(self.file.read(SUPER.size))
        if (magic, version) != (MAGIC, VERSION):
            raise ValueError(f"{path} is no log of writes")
        # The super block's own count is behind while nothing was flushed.
        self.writes = list(self.read_all(self.file.seek(0, 2)))

    def close(self):
        self.file.close()

    def read_all(self, length):
        at = self.sector
        while at + self.sector <= length:
            self.file.seek(at)
            sector, count, flags, _ = HEAD.unpack(self.file.read(HEAD.size))
            data = 0 if flags & DISCARD else count * self.sector
            end = at + self.sector + data
            if end > length:
                return
            yield Write(sector * self.sector, count * self.sector, flags, at + self.sector, end)
            at = end

    def apply(self, disk, write):
        """Does one write to `disk`, a file. What was discarded reads as zeros."""
        if write.size == 0 or write.flags & MARK:
            return
        disk.seek(write.at)
        if write.flags & DISCARD:
            disk.write(bytes(write.size))
            return
        self.file.seek(write.data_at)
        disk.write(self.file.read(write.size))

    def last_flush(self, count):
        """How many of the first `count` writes are on the medium for sure."""
        for number in range(count, 0, -1):
            if self.writes[number - 1].is_flush:
                return number
        return 0
