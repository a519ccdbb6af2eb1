# SPDX-License-Identifier: Apache-2.0
"""Instructions that a command and all its processes spend in user space, from the first
instruction of the dynamic linker to the last of exit.

A process inherits its parent's counters when it is forked, which would count the parent twice:
therefore the counters are written out and set to zero at each fork().
"""

import collections
import pathlib
import re
import tempfile

from kit import KitError
from kit.call_filters import refuse_filters
from kit.processes import run

LIMIT_S = 120
# The loader looks at every variable: a person's environment would be counted with the program.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}
AGENT_AT_LEAST = 100_000  # a life spends more; the process that runs the hooks spends less

Count = collections.namedtuple("Count", "total processes profiles")


def count(words, statuses=(0,), demangle=True):
    """Runs `words`; a Count with the sum, the instructions of each process in the order of their
    start, and per process its profile files' texts. Raises KitError."""
    with tempfile.TemporaryDirectory(prefix="dialtone-bench-") as folder:
        command = ["valgrind", "-q", "--tool=callgrind", "--trace-children=yes",
                   "--dump-before=fork", f"--callgrind-out-file={folder}/%p",
                   f"--demangle={'yes' if demangle else 'no'}", *words]
        run(command, statuses, limit_s=LIMIT_S, env=ENVIRONMENT, preexec_fn=refuse_filters)
        return read_profiles(folder)


def read_profiles(folder):
    texts = collections.defaultdict(list)
    for path in sorted(pathlib.Path(folder).iterdir()):
        texts[int(path.name.split(".")[0])].append(path.read_text(errors="replace"))
    processes = []
    for number, parts in sorted(texts.items()):
        found = [re.search(r"^totals: (\d+)", part, re.M) for part in parts]
        processes.append(sum(int(match[1]) for match in found if match))
    if not processes:
        raise KitError("valgrind wrote no profile")
    return Count(sum(processes), processes, [texts[number] for number in sorted(texts)])


Life = collections.namedtuple("Life", "supervisor agents hooks total first_pass")


def count_life(words):
    """A life of dialtoned --once, process by process. `first_pass` is everything up to the reboot,
    or to the end when there is none."""
    counted = count(words)
    supervisor, *children = counted.processes
    agents = [one for one in children if one >= AGENT_AT_LEAST]
    hooks = [one for one in children if one < AGENT_AT_LEAST]
    if not agents or len(agents) > 2:
        raise KitError(f"a life with {len(agents)} agent processes was not expected")
    return Life(supervisor, agents, sum(hooks), counted.total,
                supervisor + agents[0] + sum(hooks))


NAME = re.compile(r"^(fn|ob|fl|fi|fe|cfn|cfi|cfl|cob)=\((\d+)\)(?: (.*))?$")
COST = re.compile(r"^[+\-*\d]\S* (\d+)$")


def by_function(profile):
    """(object, function) -> instructions of its own, from the text of one profile."""
    names, costs = {}, collections.Counter()
    current = {"ob": "", "fn": ""}
    is_call = False
    for line in profile.splitlines():
        if match := NAME.match(line):
            kind, number, name = match.groups()
            space = "ob" if kind in ("ob", "cob") else "fn" if kind in ("fn", "cfn") else "fl"
            if name is not None:
                names[space, number] = name
            if kind in current:
                current[kind] = names.get((space, number), "")
        elif line.startswith("calls="):
            is_call = True  # the next line is the cost of what was called
        else:
            cost = COST.match(line)
            if cost and not is_call:
                costs[current["ob"], re.sub(r"'\d+$", "", current["fn"])] += int(cost[1])
            is_call = is_call and not cost
    return costs
