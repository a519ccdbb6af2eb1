#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A UDP relay that delays: what a TFTP client sends to it reaches the server so many milliseconds
later, and back. Every port of the server that a client is answered from has one here, too, because
TFTP knows its transfers by them (RFC 1350 section 4).

    relay.py ADDRESS PORT SERVER SERVER_PORT DELAY_MS      prints "ready" and runs until it is ended
"""

import collections
import select
import socket
import sys
import time

BYTES = 65535


class Relay:
    def __init__(self, address, port, server, delay_s):
        self.address, self.server, self.delay_s = address, server, delay_s
        self.front = self.new_socket(port)
        self.behind = {}    # client: socket towards the server
        self.towards = {}   # socket towards the server: its client
        self.ports = {}     # (client, server's port): socket towards the client
        self.transfers = {}  # the same the other way round
        self.waiting = collections.deque()  # (when, socket, bytes, to), all with one delay

    def new_socket(self, port=0):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.bind((self.address, port))
        return made

    def run(self):
        while True:
            pause_s = self.waiting[0][0] - time.monotonic() if self.waiting else None
            if pause_s is None or pause_s > 0:
                sockets = [self.front, *self.towards, *self.transfers]
                for ready in select.select(sockets, [], [], pause_s)[0]:
                    self.take(ready)
            self.send_due()

    def send_due(self):
        now_s = time.monotonic()
        while self.waiting and self.waiting[0][0] <= now_s:
            _, sender, data, to = self.waiting.popleft()
            sender.sendto(data, to)

    def take(self, ready):
        data, source = ready.recvfrom(BYTES)
        due_s = time.monotonic() + self.delay_s
        if ready is self.front:
            self.waiting.append((due_s, self.upstream(source), data, self.server))
        elif ready in self.towards:
            client = self.towards[ready]
            self.waiting.append((due_s, self.downstream(client, source), data, client))
        else:
            client, server = self.transfers[ready]
            self.waiting.append((due_s, self.behind[client], data, server))

    def upstream(self, client):
        if client not in self.behind:
            self.behind[client] = self.new_socket()
            self.towards[self.behind[client]] = client
        return self.behind[client]

    def downstream(self, client, server):
        if (client, server) not in self.ports:
            made = self.new_socket()
            self.ports[client, server] = made
            self.transfers[made] = client, server
        return self.ports[client, server]


def main():
    address, port, server, server_port, delay_ms = sys.argv[1:]
    relay = Relay(address, int(port), (server, int(server_port)), float(delay_ms) / 1000)
    print("ready", flush=True)
    relay.run()


if __name__ == "__main__":
    main()
