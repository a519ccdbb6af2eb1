# SPDX-License-Identifier: Apache-2.0
"""What a first pass over https costs with the certificates that servers have, beside curl with
OpenSSL: both fetch the same file from the same nginx and trust the same authorities."""

import collections
import pathlib

from bench import callgrind, peak
from bench.lab import Lab, free_port
from kit import KitError
from kit.certificates import Authority, Keys, names, write_chain
from kit.nginx import Nginx

BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
VERSIONS = {"TLS 1.3": "ssl_protocols TLSv1.3;", "TLS 1.2": "ssl_protocols TLSv1.2;"}
# The kinds of keys of the server, of who is in between, and of the authority.
CHAINS = {"P-256": ("P-256", "P-256"), "RSA-2048": ("RSA-2048", "RSA-2048"),
          "P-256 under P-384 under RSA-4096": ("P-256", "P-384", "RSA-4096")}
TRUSTS = ("own authority", "Debian's bundle")
AIMS = (("P-256", "TLS 1.3", "own authority"), ("P-256", "TLS 1.3", "Debian's bundle"))

Row = collections.namedtuple("Row", "chain version trust")
Cost = collections.namedtuple("Cost", "first_pass peer kib")


def rows():
    return [Row(*words) for words in
            ((chain, version, trust) for chain in CHAINS for version in VERSIONS
             for trust in TRUSTS)]


def name_of(row):
    return f"https, {row.version}, {row.chain}, {row.trust}: instructions"


class TlsLab(Lab):
    """With a server for each chain, all of which have the same files."""

    def __init__(self):
        super().__init__()
        self.keys = Keys(self.folder / "keys")
        self.sites = {}
        if not BUNDLE.exists():
            raise KitError(f"toolchains/bootstrap installs ca-certificates, which has {BUNDLE}")

    def close(self):
        for server, *_ in self.sites.values():
            server.stop()
        super().close()

    def site(self, chain):
        """(server, its ports by version, files of authorities by what is trusted)"""
        if chain not in self.sites:
            self.sites[chain] = self._make_site(chain, CHAINS[chain])
        return self.sites[chain]

    def _make_site(self, chain, kinds):
        folder = self.folder / chain.replace(" ", "-")
        top = above = Authority(folder, "top", key=self.keys.file(kinds[-1], "top"))
        links = []
        for kind in kinds[-2:0:-1]:
            above = Authority(folder, f"under-{len(links)}", above,
                              key=self.keys.file(kind, "link"))
            links.insert(0, above.certificate)
        leaf, key = above.issue("server", names(self.address), key=self.keys.file(kinds[0]))
        certificate = write_chain(folder / "chain.pem", leaf, *links), key
        ports = {version: free_port(self.address) for version in VERSIONS}
        server = Nginx(folder / "nginx", address=self.address, port=free_port(self.address),
                       certificate=certificate, is_plain=True)
        for version, lines in VERSIONS.items():
            server.add(ports[version], lines)
        server.files.rmdir()
        server.files.symlink_to(self.server.files)
        bundle = write_chain(folder / "bundle.pem", BUNDLE, top.certificate)
        return server.start(), ports, dict(zip(TRUSTS, (top.certificate, bundle)))

    def commands(self, row):
        """The phone's, with a new state, and curl's."""
        _, ports, trusted = self.site(row.chain)
        url = f"https://{self.address}:{ports[row.version]}/plain/"
        phone = self.life("static", f"static.url={url}", f"tls.ca={trusted[row.trust]}",
                          state=self.new_state(), variant="plain", is_tls=False, interface="lo")
        return phone, self.fetch(url, trusted[row.trust])


def measure_row(lab, row, with_peer=True):
    phone, peer = lab.commands(row)
    first_pass = callgrind.count_life(phone).first_pass
    largest = sorted(peak.largest_kib(peak.peaks(lab.commands(row)[0])) for _ in range(3))[1]
    return Cost(first_pass, callgrind.count(peer).total if with_peer else 0, largest)


def measure(say):
    with TlsLab() as lab:
        lab.server.start()
        costs = {}
        for row in rows():
            say(f"instructions over {name_of(row)}")
            costs[row] = measure_row(lab, row)
        return costs
