#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sim/demo as a person runs it, but for the build: every source and protocol, several at the same
# time, without root, and interrupted in the middle. Somebody who is not root tests what they can.
set -euo pipefail

root=${DIALTONE_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
export DIALTONE_BIN=${DIALTONE_BIN:-$root/build/host/bin}
limit_s=30

if ((EUID != 0)) && ! unshare --user --map-root-user --net --mount true 2> /dev/null; then
    echo "needs root, or a system that lets its users make user namespaces"
    exit 77
fi

work=$(mktemp -d)
chmod 711 "$work"  # those that serve are not root
blocked=
clean_up() {
    [[ -z $blocked ]] || kill "$blocked" 2> /dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
mkdir "$work/tmp"
chmod 711 "$work/tmp"
export TMPDIR=$work/tmp
as_person=()  # how to be somebody who is not root

failures=0
check() {  # check WORDS COMMAND...: that the command succeeds
    local words=$1
    shift
    if "$@" > "$work/said" 2>&1; then
        echo "ok      $words"
    else
        echo "FAILED  $words"
        sed 's/^/            /' "$work/said"
        failures=$((failures + 1))
    fi
}

lacks() {  # lacks PATTERN FILE
    ! grep -nE -- "$1" "$2"
}

demo() {  # demo NAME ARGUMENT...: runs it into $work/NAME, its number into $work/NAME.pid
    local name=$1
    shift
    "$root/sim/demo" --no-build --output "$work/$name" "$@" > "$work/$name.said" 2>&1 &
    echo $! > "$work/$name.pid"
}

personal_demo() {  # the same for somebody who is not root
    local name=$1
    shift
    mkdir -m 777 "$work/$name"
    TMPDIR=/tmp DIALTONE_BIN=$tree/bin "${as_person[@]}" "$tree/sim/demo" --no-build \
        --output "$work/$name" "$@" > "$work/$name.said" 2>&1 &
    echo $! > "$work/$name.pid"
}

ended_well() {  # ended_well NAME
    local status=0 pid
    pid=$(cat "$work/$1.pid")
    timeout "$limit_s" tail --pid="$pid" -f /dev/null || kill "$pid"
    wait "$pid" || status=$?
    ((status == 0)) || { cat "$work/$1.said"; return 1; }
}

kinds_in_order() {  # kinds_in_order FILE KIND...: the journal has these lines, in this order
    local file=$1
    shift
    cut -f 3 "$file" | awk -v wanted="$*" '
        BEGIN { count = split(wanted, kinds, " "); at = 1 }
        $1 == kinds[at] { ++at }
        END { if (at <= count) print "missing: " kinds[at]; exit at <= count }'
}

is_picture() {  # is_picture FILE WORDS...: well-formed, and these words are drawn
    /usr/bin/python3 - "$@" << 'END'
import sys, xml.etree.ElementTree
drawn = "\n".join(xml.etree.ElementTree.parse(sys.argv[1]).getroot().itertext())
missing = [word for word in sys.argv[2:] if word not in drawn]
sys.exit(f"not drawn: {missing}" if missing else 0)
END
}

fits_100_columns() {  # fits_100_columns FILE: the lines from the ladder on
    /usr/bin/python3 - "$@" << 'END'
import sys
said = open(sys.argv[1], encoding="utf-8").read()
lines = said.partition("Who said what:")[2].partition("Seen from")[0].split("\n")
sys.exit(f"{len(lines)} lines" if len(lines) < 20 or max(map(len, lines)) > 100 else 0)
END
}

connections() {  # connections FILE COUNT: so many were opened in the capture
    PYTHONPATH=$root/sim /usr/bin/python3 -B - "$@" << 'END'
import sys
from ladder.dissect import arrows_of
from ladder.pcap import read_packets
found = sum(arrow.label.startswith("TCP connect") for arrow in arrows_of(read_packets(sys.argv[1])))
sys.exit(f"{found} connections" if found != int(sys.argv[2]) else 0)
END
}

check_files() {  # check_files NAME WORD...: what every run leaves; words that its picture has
    local name=$1 out=$work/$1
    shift
    check "$name: exit status 0 within $limit_s s" ended_well "$name"
    check "$name: the configuration is there" grep -qx "P47=172.18.0.10" "$out/config.txt"
    check "$name: special characters came through" grep -qx "P3=Reception & Hall" "$out/config.txt"
    check "$name: passwords are masked" grep -qx 'P34=\*\*\*' "$out/config.txt"
    check "$name: the console shows each line of the journal" test \
        "$(wc -l < "$out/journal.txt")" = "$(grep -cE '^ +[0-9]+\.[0-9]{3} s  ' "$out/console.log")"
    check "$name: the console shows what was applied" \
        grep -qE '^ +[0-9.]+ s  phone +Configuration 1 is safely stored' "$out/console.log"
    check "$name: the ladder is drawn on the terminal" \
        grep -q "● Provisioned and confirmed" "$work/$name.said"
    check "$name: the ladder fits 100 columns" fits_100_columns "$work/$name.said"
    check "$name: the ladder is a picture" is_picture "$out/ladder.svg" "Power on" \
        "Provisioned and confirmed" "$@"
    check "$name: no finding against it" lacks '^    NO ' "$work/$name.said"
}

check_run() {  # check_run NAME WORD...: of a phone that fetches a file
    check_files "$@" "Configuration 1 applied" "Reboots"
    check "$1: the journal tells fetch, reboot, fetch again" kinds_in_order "$work/$1/journal.txt" \
        boot link_up source_url request answer applied reboot boot request answer \
        file_unchanged finished
}

check_acs_run() {  # check_acs_run NAME WORD...: of a phone that an ACS sets up
    check_files "$@" "Inform" "InformResponse" "empty POST" "AddObject" \
        "SetParameterValuesResponse" "204 No Content" "Session with the ACS ended well"
    check "$1: the journal tells a session that changes the phone" kinds_in_order \
        "$work/$1/journal.txt" boot link_up acs_inform acs_turn acs_call applied acs_call \
        acs_session finished
    check "$1: an exchange with an ACS is no bare POST" lacks ">POST " "$work/$1/ladder.svg"
}

nothing_left() {  # no program and no folder of a run; whoever names a file here is one
    [[ -z $(ls -A "$TMPDIR") ]] && ! pgrep -f -- "$work/(tmp|bin|tree)/"
}

check "--help tells what it does" grep -q "run.pcap" <("$root/sim/demo" --help)
for bad in "--protocol gopher" "--source rumour" "--output" "--loud" \
    "--source tr069 --encrypt" "--protocol tftp --source tr069"; do
    status=0
    # shellcheck disable=SC2086  # two words
    "$root/sim/demo" $bad 2> /dev/null || status=$?
    check "bad usage ($bad) ends with status 2" test "$status" = 2
done

# --- as root: the servers that administrators run ------------------------------------------------

real_servers() {
    demo default
    demo static-https --source static --protocol https --encrypt
    demo pnp-tftp --source pnp --protocol tftp
    demo dhcp-ftp --source dhcp --protocol ftp
    check_run default "SUBSCRIBE sip:MAC%3A000B82273B89@224.0.1.75" "NOTIFY sip:" \
        "GET /provisioning/cfg000b82273b89.xml" "sipp, nginx"
    check_run static-https "ClientHello" "Grandstream XML"
    check_run pnp-tftp "NOTIFY sip:" "RRQ provisioning/cfg000b82273b89.xml" "OACK"
    check_run dhcp-ftp "DHCP DISCOVER" "DHCP ACK" "RETR" "FTP data, 338 bytes" "dnsmasq"
    check "default: the capture has both lives" connections "$work/default/run.pcap" 2
    check "static-https: the capture has both lives" connections "$work/static-https/run.pcap" 2
    check "the encrypted file was decrypted" \
        grep -q "cipher=AES-256-CBC" "$work/static-https/journal.txt"
    demo static-http --source static
    demo pnp-https --source pnp --protocol https
    demo dhcp-http --source dhcp
    demo pnp-ftp --protocol ftp --encrypt
    demo tr069 --source tr069
    check_run static-http "GET /provisioning/cfg000b82273b89.xml" "404 Not Found"
    check_run pnp-https "NOTIFY sip:" "ClientHello"
    check_run dhcp-http "DHCP ACK" "GET /provisioning/cfg000b82273b89.xml"
    check_run pnp-ftp "NOTIFY sip:" "FTP data, 368 bytes"
    check_acs_run tr069 "DHCP ACK" "dnsmasq, ACS"
    check "tr069: DHCP named the ACS" grep -q "server=" "$work/tr069/journal.txt"
    check "nothing is left behind" nothing_left
}

# --- without root: servers of the lab's own ------------------------------------------------------

# Somebody who may read little: a tree of their own, readable.
tree=$work/tree
mkdir -p "$tree/bin" "$tree/docs" "$tree/tests"
cp -r "$root/sim" "$root/toolchains" "$tree/"
cp -r "$root/tests/kit" "$tree/tests/"
cp "$root/docs/durable-files.md" "$tree/docs/"
cp "$DIALTONE_BIN/dialtoned" "$DIALTONE_BIN/dialtone" "$DIALTONE_BIN/dialtone-lab" "$tree/bin/"
chmod -R a+rX "$tree"
if ((EUID == 0)); then
    as_person=(setpriv --reuid 65534 --regid 65534 --clear-groups)
fi

lab_servers() {
    personal_demo person-default
    personal_demo person-static --source static --protocol https --encrypt
    personal_demo person-tftp --protocol tftp
    personal_demo person-ftp --source static --protocol ftp
    personal_demo person-tr069 --source tr069
    check_run person-default "NOTIFY sip:" "GET /provisioning/" "lab servers"
    check_run person-static "ClientHello"
    check_run person-tftp "NOTIFY sip:" "RRQ provisioning/cfg000b82273b89.xml"
    check_run person-ftp "RETR" "FTP data, 338 bytes"
    check_acs_run person-tr069 "lab servers"
    check "without root nothing is left behind" nothing_left
}

says() {  # says STATUS PATTERN NAME COMMAND...: one line, with this pattern
    local status=0 wanted=$1 pattern=$2 said=$work/$3.said
    shift 3
    "$@" > "$said" 2>&1 || status=$?
    if [[ $status != "$wanted" || $(wc -l < "$said") != 1 ]] || ! grep -qE -- "$pattern" "$said"
    then
        echo "status $status:"
        cat "$said"
        return 1
    fi
}

refusals() {
    check "dhcp without root says so" says 2 "needs root" dhcp \
        "${as_person[@]}" "$tree/sim/demo" --source dhcp --no-build
    mkdir "$work/forbidden"
    printf '#!/bin/sh\necho "unshare: Operation not permitted" >&2\nexit 1\n' \
        > "$work/forbidden/unshare"
    chmod -R a+rx "$work/forbidden"
    check "a system that forbids user namespaces is named in a line" \
        says 1 "forbids user namespaces.*not permitted" forbids \
        env "PATH=$work/forbidden:$PATH" "${as_person[@]}" "$tree/sim/demo" --no-build
    ((EUID == 0)) || return 0
    check "a folder that cannot be written is named in a line" \
        says 1 "Permission denied" folder \
        env "DIALTONE_BIN=$tree/bin" TMPDIR=/tmp "${as_person[@]}" "$tree/sim/demo" --no-build
}

# --- a phone that hangs, and a person who presses Ctrl-C -----------------------------------------

interruption() {
    mkdir "$work/bin"
    mkfifo "$work/started"
    ln -s "$DIALTONE_BIN/dialtone" "$work/bin/dialtone"
    printf '#!/bin/sh\necho $$ > %s\nexec tail -f /dev/null\n' "$work/started" \
        > "$work/bin/dialtoned"
    chmod +x "$work/bin/dialtoned"
    DIALTONE_BIN=$work/bin demo hangs
    local demo_pid status=0
    demo_pid=$(cat "$work/hangs.pid")
    read -r -t 20 blocked <> "$work/started" || true
    kill -INT "$demo_pid"
    wait "$demo_pid" || status=$?
    check "Ctrl-C ends it with status 130" test "$status" = 130
    check "Ctrl-C ends the phone" bash -c "! kill -0 $blocked"
    check "Ctrl-C leaves nothing behind" nothing_left
}

((EUID != 0)) || real_servers
lab_servers
refusals
interruption

((failures == 0)) || exit 1
