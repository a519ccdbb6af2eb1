# SPDX-License-Identifier: Apache-2.0
"""What the demonstration says, on the terminal and in console.log."""

import os
import sys

COLOURS = {"info": "", "warning": "33", "failure": "1;31", "good": "32", "soft": "2",
           "head": "1"}
SOURCE_COLUMNS = 7

# Lines of the journal that are about the phone itself and not about a source.
PHONE_KINDS = {
    "boot", "state_recovered", "state_of_later", "settings_refused", "splay", "pass_begins",
    "applying", "applied", "apply_failed", "hooks_ran", "reboot", "trial_begins", "trial_confirmed",
    "trial_failed", "return_failed", "rolled_back", "nothing_found", "rest", "operator_command",
    "operator_refused", "factory_reset", "finished", "notified", "check_begins", "check_waits",
}
GOOD_KINDS = {"applied", "trial_confirmed", "plan_unchanged", "acs_session"}


class Console:
    def __init__(self, log_path):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace", line_buffering=True)
        self.has_colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self.log = open(log_path, "w", encoding="utf-8")
        self.source = ""

    def say(self, text="", style="info"):
        code = COLOURS[style] if self.has_colour else ""
        self.log.write(text + "\n")
        self.show(f"\033[{code}m{text}\033[0m\n" if code else text + "\n")

    def heading(self, text):
        self.say()
        self.say(text, "head")

    def event(self, event):
        """One line: the time since power-on, what it is about, the sentence."""
        kind, fields = event["kind"], event["fields"]
        if fields.get("source"):
            self.source = fields["source"]
        about = self.source
        if kind in PHONE_KINDS:
            about = "phone"
        elif kind.startswith(("link_", "clock_", "acs_")):
            about = kind.split("_")[0]
        at_ms = event["ms"]
        time = f"{at_ms // 1000:4}.{at_ms % 1000:03} s"
        level = "good" if kind in GOOD_KINDS else event["level"]
        self.say(f"{time}  {about:{SOURCE_COLUMNS}} {event['sentence']}", level)

    def machine(self, line, is_shown=True):
        """One line of the machine's console; one that is not shown is only kept."""
        text = f"console | {line}"
        if is_shown:
            self.say(text)
        else:
            self.log.write(text + "\n")

    def show(self, text):
        """Text that has colours of its own, or none; not for the log."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # nobody listens any more; the files are still wanted
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def close(self):
        self.log.close()
