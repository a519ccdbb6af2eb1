# SPDX-License-Identifier: Apache-2.0
"""As much of a phone's SIP stack as a NOTIFY needs: it takes the SIP port once the agent has left
it, hands each NOTIFY to the agent and answers it. A real stack would judge who sent it first.

    python3 -m kit.sip_stack DIALTONE STATE
"""

import socket
import sys

from kit.pbx import MESSAGE_BYTES, PORT, answer_to
from kit.processes import ask
from kit.waiting import pause
from ladder.sip_messages import read_sip

AGAIN_S = 0.1


def wait_for_port():
    while True:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            made.bind(("", PORT))
            return made
        except OSError:
            made.close()
            pause(AGAIN_S)


def main():
    tool, state = sys.argv[1:]
    line = wait_for_port()
    print("has the port", flush=True)
    while True:
        data, sender = line.recvfrom(MESSAGE_BYTES)
        message = read_sip(data)
        if message is None or not message.is_request or message.method != "NOTIFY":
            continue
        told = ask([tool, "--state", state, "notify", "-"], input=data, text=False)
        print(told.returncode, (told.stdout + told.stderr).decode(), flush=True)
        status = "200 OK" if told.returncode == 0 else "489 Bad Event"
        line.sendto(answer_to(message, status), sender)


if __name__ == "__main__":
    main()
