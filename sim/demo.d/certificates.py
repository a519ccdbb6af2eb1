# SPDX-License-Identifier: Apache-2.0
"""An authority that lives as long as a run, and a certificate that carries the server's address:
phones are given addresses rather than names."""

from processes import run

CERTIFICATE_DAYS = 2


def make_certificates(folder, address):
    """Leaves authority.crt, server.crt and server.key in the folder. Raises DemoError."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    days = ["-days", str(CERTIFICATE_DAYS)]
    run(["openssl", "req", "-x509", *curve, *days, "-subj", "/CN=Dialtone demonstration",
         "-addext", "basicConstraints=critical,CA:TRUE",
         "-addext", "keyUsage=critical,keyCertSign",
         "-keyout", f"{folder}/authority.key", "-out", f"{folder}/authority.crt"],
        "openssl made no authority")
    run(["openssl", "req", *curve, "-subj", "/CN=provisioning server",
         "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.csr"],
        "openssl made no certificate request")
    with open(f"{folder}/server.ext", "w", encoding="utf-8") as file:
        file.write(f"subjectAltName=IP:{address}\nextendedKeyUsage=serverAuth\n")
    run(["openssl", "x509", "-req", *days, "-in", f"{folder}/server.csr",
         "-CA", f"{folder}/authority.crt", "-CAkey", f"{folder}/authority.key",
         "-CAcreateserial", "-extfile", f"{folder}/server.ext", "-out", f"{folder}/server.crt"],
        "openssl made no certificate")
