# SPDX-License-Identifier: Apache-2.0
"""A TFTP server of this process: RFC 1350 with the options of RFC 2348 and 2349."""

import socket
import struct
import threading

from kit.server import FileServer

PACKET_BYTES = 4096
WAIT_S, TRIES = 1, 5
BLOCK_BYTES, BLOCK_MOST = 512, 1468
NOT_FOUND, ILLEGAL = 1, 4


class TftpServer(FileServer):
    scheme = "tftp"
    kind = socket.SOCK_DGRAM

    def take(self, listener):
        packet, client = listener.recvfrom(PACKET_BYTES)
        threading.Thread(target=self.transfer, args=(packet, client), daemon=True).start()

    def transfer(self, packet, client):
        """Answers one request, from a port of its own."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.bind((self.address, 0))
            own.connect(client)
            own.settimeout(WAIT_S)
            words = packet[2:].decode("latin-1").split("\0")[:-1]
            if packet[:2] != b"\0\1" or len(words) < 2:
                own.send(struct.pack("!HH", 5, ILLEGAL) + b"only reading\0")
                return
            content = self.content(words[0], "RRQ", next(self.numbers))
            if content is None:
                own.send(struct.pack("!HH", 5, NOT_FOUND) + b"no such file\0")
                return
            send_file(own, content, words[2:])


def send_file(own, content, wanted):
    agreed, block = options(wanted, len(content))
    oack = struct.pack("!H", 6) + b"".join(word.encode() + b"\0" for word in agreed)
    if agreed and not send(own, oack, 0):
        return
    for index in range(len(content) // block + 1):
        data = content[index * block:(index + 1) * block]
        order = (index + 1) & 0xFFFF
        if not send(own, struct.pack("!HH", 3, order) + data, order):
            return


def options(words, size):
    """(option names and values as they are agreed to, bytes of a block)"""
    agreed, block = [], BLOCK_BYTES
    for name, value in zip(words[::2], words[1::2]):
        name = name.lower()
        if name == "blksize" and value.isdecimal() and int(value) >= 8:
            block = min(int(value), BLOCK_MOST)
            agreed += [name, str(block)]
        elif name == "tsize":
            agreed += [name, str(size)]
        elif name == "timeout" and value == str(WAIT_S):
            agreed += [name, value]
    return agreed, block


def send(own, packet, number):
    """Sends until it is acknowledged; false if it never is."""
    for _ in range(TRIES):
        try:
            own.send(packet)
            while True:
                answer = own.recv(PACKET_BYTES)
                if answer[:4] == struct.pack("!HH", 4, number):
                    return True
                if answer[:2] == b"\0\5":
                    return False
        except TimeoutError:
            continue
        except OSError:
            return False
    return False
