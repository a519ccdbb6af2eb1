# SPDX-License-Identifier: Apache-2.0
"""TFTP packets (RFC 1350, 2347): named one by one, and followed from port 69 to the port where the
transfer goes on. Of a long file the blocks in its middle become one arrow."""

from dataclasses import dataclass

from ladder.mask import printable

PORT = 69
NAME_CHARACTERS = 512
BLOCK_BYTES = 512
TRANSFERS = 4096
BLOCKS_SHOWN = 2  # at the beginning of a file, and its last one
RRQ, WRQ, DATA, ACK, ERROR, OACK = range(1, 7)


def tftp_words(data):
    """(label, detail, tone) of a TFTP packet, None if it is none."""
    if len(data) < 4 or data[0] != 0:
        return None
    kind, number = data[1], int.from_bytes(data[2:4], "big")
    texts = [printable(part.decode("latin-1")) for part in data[2:].split(b"\0")]
    if kind in (RRQ, WRQ):
        options = " ".join(texts[2:]).strip()
        label = f"{'RRQ' if kind == RRQ else 'WRQ'} {texts[0][:NAME_CHARACTERS]}"
        return label, options, "request"
    if kind == DATA:
        return f"DATA {number}", f"{len(data) - 4:,} bytes", "good"
    if kind == ACK:
        return f"ACK {number}", "", "request"
    if kind == ERROR:
        return f"ERROR {number}", printable(data[4:].rstrip(b"\0").decode("latin-1")), "bad"
    return ("OACK", " ".join(texts).strip(), "good") if kind == OACK else None


@dataclass
class Transfer:
    path: str
    block: int = BLOCK_BYTES
    content: bytearray = None  # what has arrived, in order
    blocks: int = 0  # that have arrived, in order
    is_whole: bool = False


class TftpTransfers:
    def __init__(self):
        self.found = []     # every read, in order
        self._of_port = {}  # (client's address, port): Transfer

    def words(self, segment):
        """(label, detail, tone, anchor) of a segment; None if it belongs to no transfer, and an
        empty label if it is not worth an arrow."""
        data = segment.payload
        source, target = ((end.ip, end.port) for end in (segment.source, segment.target))
        if segment.target.port == PORT and data[:2] == b"\0\1" and len(self.found) < TRANSFERS:
            self._begin(source, data)
        transfer = self._of_port.get(source) or self._of_port.get(target)
        if transfer is None and PORT not in (segment.source.port, segment.target.port):
            return None
        words = tftp_words(data)
        if words is None or transfer is None:
            return words and (*words, None)
        return (*words, self._take(transfer, data)) if not self._is_middle(transfer, data) \
            else ("", "", "light", None)

    def _begin(self, client, data):
        name = data[2:].split(b"\0")[0].decode("latin-1")
        known = self._of_port.get(client)
        if known and known.path == "/" + name.lstrip("/") and not known.blocks:
            return  # asked again
        transfer = Transfer("/" + name.lstrip("/"), content=bytearray())
        self.found.append(transfer)
        self._of_port[client] = transfer

    def _is_middle(self, transfer, data):
        number = int.from_bytes(data[2:4], "big")
        if data[1] == ACK:
            return number > BLOCKS_SHOWN and not transfer.is_whole
        if data[1] != DATA or len(data) - 4 < transfer.block or \
                (transfer.blocks + 1) & 0xFFFF != number:
            return False
        if transfer.blocks < BLOCKS_SHOWN:
            return False
        self._take(transfer, data)
        return True

    @staticmethod
    def _take(transfer, data):
        """Follows the transfer; the anchor of this packet's arrow, or None."""
        kind, number = data[1], int.from_bytes(data[2:4], "big")
        if kind == RRQ:
            return "request", transfer.path
        if kind == OACK:
            words = [word.decode("latin-1").lower() for word in data[2:].split(b"\0")]
            options = dict(zip(words[::2], words[1::2]))
            if options.get("blksize", "").isdecimal():
                transfer.block = int(options["blksize"])
        if kind == DATA and (transfer.blocks + 1) & 0xFFFF == number and not transfer.is_whole:
            transfer.blocks += 1
            transfer.content += data[4:]
            transfer.is_whole = len(data) - 4 < transfer.block
            return ("answer", "") if transfer.is_whole else None
        return ("answer", "") if kind == ERROR else None
