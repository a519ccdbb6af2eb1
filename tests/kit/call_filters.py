# SPDX-License-Identifier: Apache-2.0
"""A kernel without filters of system calls, for programs that are started with
`preexec_fn=refuse_filters`: prctl(PR_SET_SECCOMP) ends with EINVAL there. For valgrind, which makes
calls of its own inside the process it watches."""

import ctypes
import errno
import os
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LOAD, EQUALS, GIVE = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
ALLOW, ERROR = 0x7fff0000, 0x00050000  # SECCOMP_RET_*
NUMBER_AT, FIRST_ARGUMENT_AT = 0, 16   # of struct seccomp_data, on a little-endian machine
PRCTL = {"x86_64": 157, "aarch64": 167}

LIBC = ctypes.CDLL(None, use_errno=True)


def refuse_filters():
    """In this process and all that it starts."""
    steps = [(LOAD, 0, 0, NUMBER_AT), (EQUALS, 0, 3, PRCTL[os.uname().machine]),
             (LOAD, 0, 0, FIRST_ARGUMENT_AT), (EQUALS, 0, 1, PR_SET_SECCOMP),
             (GIVE, 0, 0, ERROR | errno.EINVAL), (GIVE, 0, 0, ALLOW)]
    text = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(text))
    for words in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
                  (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0)):
        if LIBC.prctl(*words) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
