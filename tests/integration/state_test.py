# SPDX-License-Identifier: Apache-2.0
"""The real programs on copies of the state directories that earlier releases left
(tests/data/state, its README says how each came about): the phone comes up, ends with one whole
configuration, and nothing that the old release had begun is left undone. The server is where it was
for the old release, in a network namespace of the test's own, and has the configuration "two"."""

import shutil

import kit
from kit.configuration import OWN_FILE
from kit.needs import private_system
from kit.network import HERE
from kit.phone import Phone
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest
from kit.web import WebServer

NEEDS = (private_system,)
WORKERS = SIDE_BY_SIDE

SERVER = "10.0.0.1"
STATES = kit.TESTS / "data/state"
LEFT = sorted(STATES.glob("*/*/"))
FANVIL_MAC = "0C383E07E16C"
KEYS = ["P47", "P35", "P34", "P36", "P3", "P271", "P2312", "P404", "P405", "P406", "P735", "P1360",
        "P8851"]

# Byte by byte what the old release had seen of "two": another file would be another plan, and not
# the one that was refused.
FILES = {
    f"/gs/{OWN_FILE}": (
        '<?xml version="1.0" encoding="UTF-8"?>\n<gs_provision version="1"><mac>000b82273b89</mac>'
        '<config version="1">' + "".join(f"<{key}>value of {key}.two</{key}>" for key in KEYS) +
        "</config></gs_provision>\n").encode(),
    f"/fanvil/{FANVIL_MAC.lower()}.cfg": (
        "<<VOIP CONFIG FILE>>Version:2.0002".ljust(62) + "\r\n\r\n<SIP CONFIG MODULE>\r\n"
        "SIP  Port          :5060\r\n--SIP Line List--  :\r\nSIP1 Phone Number  :user.two\r\n"
        "SIP1 Register Addr :sip.two.example\r\n<<END OF FILE>>\r\n").encode(),
}
MARKS = {"one": ("P47=value of P47.one\n", "=user.one\n"),
         "two": ("P47=value of P47.two\n", "=user.two\n")}
# With which of them a phone may end. A plan that was refused is tried again when its time has come,
# which is up to this machine's clock.
ENDS = {"idle": {"two"}, "trying": {"two"}, "returning": {"one"}, "refused": {"one", "two"},
        "hooks-due": {"two"}, "half-reset": {"two"}, "pinned": {"one"}}


class FanvilPhone(Phone):
    profile, mac = "fanvil", FANVIL_MAC


PHONES = {"grandstream": (Phone, f"http://{SERVER}/gs"),
          "fanvil": (FanvilPhone, f"http://{SERVER}/fanvil/")}


def prepare(stack):
    HERE.add_address("lo", f"{SERVER}/32")
    server = WebServer(FILES, address=SERVER, port=80)
    stack.callback(server.close)


class StateTest(PhoneTest):
    def check(self, left):
        profile, _, state = left.name.partition("-")
        kind, url = PHONES[profile]
        phone = self.new_phone(f"static.url={url}", "trial.timeout=20", "splay=0", kind=kind)
        shutil.copytree(left, phone.state)
        life = phone.live()
        status = phone.status()
        self.assertEqual((status["trouble"], status["trial"]), ("", "none"), life.sentences())
        config = phone.config()
        found = {mark for mark, lines in MARKS.items() if any(line in config for line in lines)}
        self.assertEqual(len(found), 1, f"{config}\n{life.sentences()}")
        self.assertLessEqual(found, ENDS[state], life.sentences())
        self.assertEqual("=front desk\n" in config, state == "idle")
        self.assertEqual(life.of_kind("state_recovered"), [])

    left = Cases(check, *((f"{one.parent.name}_{one.name}".replace(".", "_").replace("-", "_"),
                           f"what {one.parent.name} left, {one.name}, is taken over", one)
                          for one in LEFT))

    def test_there_are_directories(self):
        """All that the first release could leave are there."""
        self.assertGreaterEqual(len(LEFT), 13)
