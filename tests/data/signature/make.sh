#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the keys and the signatures of tests/agent/signature_test.cpp anew, here. A public key is
# NAME.pub, and its signature of `file` is NAME.sig. The private keys are thrown away.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# make NAME ALGORITHM [OPTION]
make() {
    name=$1
    shift
    openssl genpkey -algorithm "$@" -out "$work/$name.key" 2> "$work/log" ||
        { cat "$work/log"; exit 1; }
    openssl pkey -in "$work/$name.key" -pubout -out "$name.pub"
}

sign() { openssl dgst -sha256 -sign "$work/$1.key" -out "$1.sig" file; }

printf 'P47=sip.example\n' > file
for curve in P-256 P-384 P-521; do
    make "$curve" EC -pkeyopt "ec_paramgen_curve:$curve"
    sign "$curve"
done
make other EC -pkeyopt ec_paramgen_curve:P-256
sign other
make secp256k1 EC -pkeyopt ec_paramgen_curve:secp256k1
for bits in 1024 2048 3072 4096; do
    make "rsa-$bits" RSA -pkeyopt "rsa_keygen_bits:$bits"
    sign "rsa-$bits"
done
make rsa-8192 RSA -pkeyopt rsa_keygen_bits:8192
make ed25519 ED25519
make x25519 X25519
make rsa-pss RSA-PSS -pkeyopt rsa_keygen_bits:2048
# What openssl can be told to make besides.
openssl dgst -sha512 -sign "$work/P-256.key" -out sha512.sig file
openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sign "$work/rsa-2048.key" -out pss.sig file
