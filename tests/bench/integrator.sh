#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What somebody writes who provisions a phone without Dialtone: udhcpc, sipp, curl and openssl. It
# finds the server, downloads the configuration, checks it and puts it in its place, once.
#
#     integrator.sh FOLDER pnp|dhcp|static [URL]
#
#     FOLDER   where the configuration goes, as FOLDER/active
#     URL      of the server's folder; only with static
#
# From the environment: MAC, INTERFACE, ADDRESS of the phone (pnp), SCENARIO of sipp (pnp), CA (a
# file; https), PASSWORD (a file; an encrypted configuration).
# shellcheck disable=SC2154  # udhcpc sets ip, mask, opt160
set -eu

# udhcpc calls this script too. It says `bad` for a URL in option 66, so the server's option 160 is
# taken, which it gives as hexadecimal digits.
case $1 in
    deconfig)
        ip -4 address flush dev "$interface"
        ip link set dev "$interface" up
        exit
        ;;
    bound)
        ip -4 address add "$ip/$mask" dev "$interface"
        echo "$opt160" | busybox xxd -r -p > "$FOLDER/url"
        exit
        ;;
esac

export FOLDER="$1"
cd "$FOLDER"

case $2 in
    static) url=$3 ;;
    dhcp)
        busybox udhcpc -q -n -f -i "$INTERFACE" -O 160 -s "$0" > udhcpc.log 2>&1
        url=$(cat url)
        ;;
    pnp)
        sipp 224.0.1.75:5060 -sf "$SCENARIO" -i "$ADDRESS" -p 5060 -m 1 -r 1000 -nostdin \
            -key mac "$MAC" -timeout 5 -timeout_error -trace_logs -log_file url > sipp.log 2>&1
        url=$(cat url)
        ;;
esac

# The server of plug and play names the file, the others a folder. Both of the phone's names are
# asked for by one curl, which keeps its connection (with -f it would close it at a 404).
set -- -s -q --noproxy '*' --max-time 30 --tftp-blksize 1428 -w '%{http_code}\n' \
    ${CA:+--cacert "$CA"}
case $url in
    */) told=$(curl "$@" -o first "${url}cfg$MAC" -o second "${url}cfg$MAC.xml") ;;
    *) told=$(curl "$@" -o first "$url") ;;
esac
new=first
case $told in
    404*) new=second ;;
esac
[ -s "$new" ] || new=second  # TFTP and FTP: nothing came

if [ -n "${PASSWORD:-}" ]; then
    openssl enc -d -aes-256-cbc -md sha256 -pass "file:$PASSWORD" -in "$new" -out plain
    new=plain
fi
grep -q '<gs_provision ' "$new"
sync "$new"
mv "$new" active
sync .
