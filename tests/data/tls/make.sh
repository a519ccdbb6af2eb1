#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the certificates of the conformance suite anew, here. They are valid from 2020 to 2120; the
# tests move the phone's clock, not the certificates. The keys are of no use to anybody.
set -eu
cd "$(dirname "$0")"
from=20200101000000Z until=21200101000000Z
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key" 2> "$work/log"; }

# issue NAME SUBJECT EXTENSIONS [self]: NAME.pem and NAME.key, signed by the authority
issue() {
    key "$1"
    openssl req -new -key "$1.key" -subj "/CN=$2" -out "$work/request" 2>> "$work/log"
    printf '%s\n' "[ext]" "$3" > "$work/ext"
    printf '%s\n' "[ca]" "default_ca=c" "[c]" "database=$work/index" "serial=$work/serial" \
        "new_certs_dir=$work" "default_md=sha256" "policy=p" "unique_subject=no" "[p]" \
        "commonName=supplied" > "$work/config"
    : > "$work/index"
    openssl rand -hex 16 > "$work/serial"
    if [ "${4:-}" = self ]; then
        signer="-selfsign -keyfile $1.key"
    else
        signer="-cert authority.pem -keyfile authority.key"
    fi
    # shellcheck disable=SC2086
    openssl ca -batch -notext -config "$work/config" -extfile "$work/ext" -extensions ext \
        $signer -startdate $from -enddate $until -in "$work/request" -out "$1.pem" 2>> "$work/log" ||
        { cat "$work/log"; exit 1; }
}

issue authority "Dialtone test authority" "basicConstraints=critical,CA:true
keyUsage=keyCertSign,cRLSign" self
issue server server.test "subjectAltName=DNS:server.test,IP:127.0.0.1
basicConstraints=CA:false"
issue other other.test "subjectAltName=DNS:other.test
basicConstraints=CA:false"
issue phone "Dialtone test phone" "basicConstraints=CA:false
extendedKeyUsage=clientAuth"
issue alone server.test "subjectAltName=DNS:server.test,IP:127.0.0.1
basicConstraints=CA:false" self
rm -f authority.key
