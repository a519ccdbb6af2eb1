#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# sim/demo as a person runs it, but for the build: over http and over https at the same time, then
# interrupted in the middle. Needs root, for the namespaces.
set -euo pipefail

root=${DIALTONE_SOURCE:-$(cd "$(dirname "$0")/../.." && pwd)}
export DIALTONE_BIN=${DIALTONE_BIN:-$root/build/host/bin}
limit_s=30

if ((EUID != 0)); then
    echo "needs root, for network namespaces"
    exit 77
fi

work=$(mktemp -d)
chmod 711 "$work"  # nginx's worker is not root
blocked=
clean_up() {
    [[ -z $blocked ]] || kill "$blocked" 2> /dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
mkdir "$work/tmp"
chmod 711 "$work/tmp"
export TMPDIR=$work/tmp

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

check_run() {  # check_run NAME WORD...: the files of a run; words that its picture has
    local name=$1 out=$work/$1
    shift
    check "$name: exit status 0 within $limit_s s" ended_well "$name"
    check "$name: the configuration is there" grep -qx "P47=172.18.0.10" "$out/config.txt"
    check "$name: special characters came through" grep -qx "P3=Reception & Hall" "$out/config.txt"
    check "$name: passwords are masked" grep -qx 'P34=\*\*\*' "$out/config.txt"
    check "$name: the journal tells fetch, reboot, fetch again" kinds_in_order "$out/journal.txt" \
        boot link_up source_url request answer applied reboot boot request answer \
        file_unchanged finished
    check "$name: the console shows each line of the journal" test \
        "$(wc -l < "$out/journal.txt")" = "$(grep -cE '^ +[0-9]+\.[0-9]{3} s  ' "$out/console.log")"
    check "$name: the console shows what was applied" \
        grep -qE '^ +[0-9.]+ s  phone +Configuration 1 is safely stored' "$out/console.log"
    check "$name: the ladder is drawn on the terminal" \
        grep -q "● Provisioned and confirmed" "$work/$name.said"
    check "$name: the ladder fits 100 columns" fits_100_columns "$work/$name.said"
    check "$name: the ladder is a picture" is_picture "$out/ladder.svg" "Power on" \
        "Configuration 1 applied" "Reboots" "Provisioned and confirmed" "$@"
    check "$name: the capture has both lives" connections "$out/run.pcap" 2
    check "$name: no finding against it" lacks '^    NO ' "$work/$name.said"
}

nothing_left() {  # nothing_left PID: namespaces and folders of that run
    ! { ip netns list | grep -- "^dialtone-$1-"; } && [[ -z $(ls -A "$TMPDIR") ]]
}

check "--help tells what it does" grep -q "run.pcap" <("$root/sim/demo" --help)
status=0
"$root/sim/demo" --protocol gopher 2> /dev/null || status=$?
check "bad usage ends with status 2" test "$status" = 2

demo http
demo https --protocol https --encrypt
check_run http "GET /provisioning/cfg000b82273b89.xml" "200 OK" "404 Not Found"
check_run https "ClientHello" "Grandstream XML"
check "the encrypted file was decrypted" grep -q "cipher=AES-256-CBC" "$work/https/journal.txt"
check "http: nothing is left behind" nothing_left "$(cat "$work/http.pid")"
check "https: nothing is left behind" nothing_left "$(cat "$work/https.pid")"

# A phone that hangs, and a person who presses Ctrl-C.
mkdir "$work/bin"
mkfifo "$work/started"
ln -s "$DIALTONE_BIN/dialtone" "$work/bin/dialtone"
printf '#!/bin/sh\necho $$ > %s\nexec tail -f /dev/null\n' "$work/started" > "$work/bin/dialtoned"
chmod +x "$work/bin/dialtoned"
DIALTONE_BIN=$work/bin demo hangs
demo_pid=$(cat "$work/hangs.pid")
read -r -t 20 blocked <> "$work/started" || true
kill -INT "$demo_pid"
status=0
wait "$demo_pid" || status=$?
check "Ctrl-C ends it with status 130" test "$status" = 130
check "Ctrl-C ends the phone" bash -c "! kill -0 $blocked"
check "Ctrl-C leaves nothing behind" nothing_left "$demo_pid"

((failures == 0)) || exit 1
