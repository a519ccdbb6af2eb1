# SPDX-License-Identifier: Apache-2.0
"""One scenario on one device, from a dark site to a verdict. The runner starts it as a process of
its own, so that nothing of it outlives it:

    python3 -m hil.scenario_run FOLDER < the command line and the scenario's file, as JSON

It leaves result.json in the folder, beside logs, the capture and what the device can tell.
"""

import json
import os
import pathlib
import secrets
import sys
import time
import traceback
from types import SimpleNamespace

from hil import devices
from hil.expectations import Expectations, Row, Unexpected
from hil.scenario import BadScenario, read_file
from hil.seen import Seen
from hil.site_network import SiteNetwork
from hil.vendor import VENDORS, Contents
from kit import KitError, interruption
from kit.processes import stop_all
from kit.waiting import pause

STARTS_IN_A_SEE = 2  # of the device, for which its own time is added to what a scenario allows
LAST_WORDS_S = 0.1  # what was under way when the power went
HTTP_METHOD = "GET"
DONE_HERE = ("power", "see", "quiet_s")  # the other steps are the site's


class Failure(Exception):
    """What was not as the scenario wants it, for a person."""


class ScenarioRun:
    def __init__(self, scenario, given, folder):
        self.scenario, self.given = scenario, given
        self.vendor = VENDORS[given.vendor]
        salt = secrets.token_hex(4)
        self.names = {**self.vendor.names(given.mac, given.model), "salt": salt}
        self.contents = Contents(self.vendor, self.names, salt)
        self.log = open(f"{folder}/site.log", "w", encoding="utf-8")
        self.seen = Seen(self.log, self.vendor.patterns())
        self.site = SiteNetwork(scenario, self.names, self.contents, self.seen, folder)
        given.needs = scenario.needs
        self.device = devices.CLASSES[given.device](self.site, given, folder)
        self.left_over = None
        self.began_s = 0   # when the power came, until the first request
        self.start_s = 0   # the longest time between the two
        self.before_s = 0  # when the last request came

    def run(self):
        self.site.lay_out()
        self.device.plug_in()
        self.site.open(self.device.interface)
        if "settings" in self.device.abilities:
            # A phone with a configuration spreads its first question over minutes otherwise.
            settings = {"splay": "0", **self.scenario.hurry, **self.scenario.settings}
            self.device.tell({key: self._setting(text) for key, text in settings.items()})
        for step in self.scenario.steps:
            self.seen.note(f"-- {step.place.rpartition(': ')[2]}: {step.verb} {words_of(step)}")
            try:
                if step.verb in DONE_HERE:
                    getattr(self, f"do_{step.verb}")(step)
                else:
                    getattr(self.site, step.verb)(step.value, step.options)
            except (Failure, KitError, Unexpected) as error:
                raise Failure(f"{step.place}: {error}") from None
        self._judge_all()

    def _setting(self, text):
        return self.site.fill(text.replace("{key}", self.contents.key))

    # --- steps ------------------------------------------------------------------------------------

    def do_power(self, step):
        if step.options["after_ms"]:
            pause(step.options["after_ms"] / 1000)
        if step.value in ("off", "cycle"):
            self.device.power("off")
            # What it had said by then still counts, and nothing of it afterwards.
            self._take_until(time.monotonic() + LAST_WORDS_S)
            self.left_over = None
        if step.value in ("on", "cycle"):
            self.began_s = time.monotonic()
            self.device.power("on")

    def _take_until(self, end_s):
        """Everything that comes must be what the last `see` leaves open."""
        wanted = Expectations([], self.left_over)
        while request := self.seen.next(end_s):
            self._take(wanted, request)

    def _take(self, wanted, request):
        if self.began_s:
            self.start_s = max(self.start_s, request.at_s - self.began_s)
            self.began_s = 0
        wanted.take(request, self.before_s)
        self.before_s = request.at_s

    def do_see(self, step):
        rows = [Row(about, self.vendor, self.names, self.site.fill) for about in step.value]
        wanted = Expectations(rows, self.left_over)
        began_s = time.monotonic()
        limit_s = step.options["within_s"] + STARTS_IN_A_SEE * self.given.boot_s
        while not wanted.is_over():
            request = self.seen.next(began_s + limit_s)
            if request is None:
                raise Failure(f"not seen within {limit_s:g} s: {wanted.words()}")
            self._take(wanted, request)
        self.left_over = wanted.last()

    def do_quiet_s(self, step):
        """A device that is slow to start may be about to ask again, so twice the longest time is
        added that it took so far from its power to its first question: it ends in order first."""
        self._take_until(time.monotonic() + step.value + 2 * self.start_s)

    # --- what holds for every scenario ------------------------------------------------------------

    def _judge_all(self):
        pattern = self.vendor.agent_pattern(self.names)
        for request in self.seen.requests:
            for what, secret in self.contents.secrets().items():
                if secret in request.text or secret in request.target:
                    raise Failure(f"the {what} stands in the open: {request}")
            if request.method == "SUBSCRIBE" or request.method in ("RRQ", "RETR"):
                continue
            if request.method != HTTP_METHOD:
                raise Failure(f"a method that nobody wants: {request}")
            if not pattern.search(request.user_agent):
                raise Failure(f"{request} names its user agent '{request.user_agent}', which is "
                              f"not {pattern.pattern}")
        for words in self.device.findings():
            raise Failure(words)

    def close(self):
        """Everything is gone, whatever fails on the way; the words of what failed."""
        found = []
        for action in (self.device.report, self.device.stop, self.site.close, stop_all,
                       self.log.close):
            try:
                action()
            except (KitError, OSError, ValueError) as error:
                found.append(f"cleaning up: {error}")
        return "; ".join(found)


def words_of(step):
    options = {key: value for key, value in step.options.items() if value}
    return f"{len(step.value)} rows" if step.verb == "see" else f"{step.value} {options or ''}"


def judge(scenario, given, folder):
    """(failure, error): the device did something wrong, or the laboratory did; empty if not."""
    run, failure, error = None, "", ""
    try:
        run = ScenarioRun(scenario, given, folder)
        run.run()
    except Failure as wrong:
        failure = str(wrong)
    except interruption.Interrupted as number:
        failure = f"ended by signal {number} before it was over"
    except (KitError, OSError) as wrong:
        error = str(wrong)
    except Exception:  # pylint: disable=broad-except  # its words belong into the report
        error = traceback.format_exc()
    interruption.end()
    if run:
        error = error or run.close()
    return failure, error


def main():
    folder = sys.argv[1]
    given = SimpleNamespace(**json.load(sys.stdin))
    interruption.begin()
    began_s = time.monotonic()
    try:
        failure, error = judge(read_file(given.file), given, folder)
    except BadScenario as wrong:
        failure, error = "", str(wrong)
    result = {"failure": failure, "error": error, "seconds": time.monotonic() - began_s}
    pathlib.Path(folder, "result.part").write_text(json.dumps(result), encoding="utf-8")
    os.rename(f"{folder}/result.part", f"{folder}/result.json")


if __name__ == "__main__":
    main()
    sys.stdout.flush()
    os._exit(0)  # threads of servers that wait for a phone do not hold it up
