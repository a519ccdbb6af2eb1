# SPDX-License-Identifier: Apache-2.0
"""vsftpd, plain and over TLS, for anonymous users and those of the system."""

import os
import re
import signal

from kit.needs import INSIDE
from kit.network import HERE
from kit.program import FolderProgram, text_of
from kit.server import Request

CONFIGURATION = """\
listen={four}
listen_ipv6={six}
listen_port={port}
{listen_address}={address}
background=NO
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
secure_chroot_dir={folder}/empty
ftp_username=daemon
anonymous_enable={is_anonymous}
anon_root={folder}/files
local_root={folder}/files
local_enable=YES
chroot_local_user=YES
allow_writeable_chroot=YES
no_anon_password=YES
delay_failed_login=0
pasv_address={address}
vsftpd_log_file={folder}/access.log
xferlog_file={folder}/transfers.log
dual_log_enable=YES
log_ftp_protocol=YES
run_as_launching_user={as_user}
"""
OVER_TLS = """\
ssl_enable=YES
implicit_ssl=YES
allow_anon_ssl=YES
force_anon_data_ssl=YES
force_anon_logins_ssl=YES
ssl_ciphers=HIGH
rsa_cert_file={}
rsa_private_key_file={}
"""
DOWNLOAD = re.compile(r'\] (OK|FAIL) DOWNLOAD: Client "[^"]*", "([^"]*)"(?:, (\d+) bytes)?')


def yes(is_so):
    return "YES" if is_so else "NO"


class Vsftpd(FolderProgram):
    """`lines`: further ones of its configuration. Anonymous users are the system's user
    daemon, whose home exists, whatever is in it."""

    name = "vsftpd"
    ask_by = signal.SIGKILL  # unshare hears no other, and all its sessions end with it

    def __init__(self, folder, *lines, host=HERE, address="127.0.0.1", port=None, certificate=None,
                 is_anonymous=True):
        super().__init__(folder, host, address, port or (990 if certificate else 21))
        self.lines, self.certificate = lines, certificate
        self.is_anonymous = is_anonymous
        self.scheme = "ftps" if certificate else "ftp"

    def command(self):
        (self.folder / "empty").mkdir(mode=0o555, exist_ok=True)
        six = ":" in self.address
        text = CONFIGURATION.format(
            folder=self.folder, port=self.port, address=self.address, four=yes(not six),
            six=yes(six), listen_address="listen_address6" if six else "listen_address",
            is_anonymous=yes(self.is_anonymous), as_user=yes(os.environ.get(INSIDE) == "user"))
        text += OVER_TLS.format(*self.certificate) if self.certificate else ""
        path = self.folder / "vsftpd.conf"
        path.write_text(text + "".join(f"{line}\n" for line in self.lines))
        # Each of its sessions is a session of the system's, too: only a namespace holds them all.
        return ["unshare", "--pid", "--fork", "--kill-child", "sh", "-c",
                f"vsftpd '{path}'; exit $?"]

    def talk(self):
        """Its log, each command and reply in it."""
        return text_of(self.folder / "access.log")

    @property
    def requests(self):
        connections, found = 0, []
        for line in self.talk().splitlines():
            connections += "] CONNECT: " in line
            if match := DOWNLOAD.search(line):
                is_there = match[1] == "OK"
                found.append(Request("RETR", match[2], {}, connections, 200 if is_there else 404,
                                     int(match[3]) if is_there and match[3] else None))
        return found
