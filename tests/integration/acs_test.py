# SPDX-License-Identifier: Apache-2.0
"""The real programs and an ACS (TR-069) over real HTTP: a session with everything in it, and what
servers demand of a client on the way."""

from kit import cwmp_schema
from kit.acs import AcsServer, fault_code, method_of
from kit.certificates import Authority, names
from kit.configuration import OWN_FILE, config_file
from kit.runner import SIDE_BY_SIDE
from kit.testcase import Cases, PhoneTest
from kit.waiting import wait_until
from kit.web import redirect, tls_context

WORKERS = SIDE_BY_SIDE
PASSWORD = "secret-of-the-acs"
# Of phones that run side by side all but one would have another port, and report that.
NOBODY_ASKS = "tr069.connection_request_port=0"
CALLS = (("GetRPCMethods", ()),
         ("GetParameterNames", (("ParameterPath", ""), ("NextLevel", "true"))),
         ("GetParameterNames", (("ParameterPath", "Device."), ("NextLevel", "0"))),
         ("GetParameterValues", (("ParameterNames", ["Device.", ""]),)),
         ("GetParameterAttributes", (("ParameterNames", ["Device.DeviceInfo."]),)),
         ("GetParameterValues", (("ParameterNames", ["Device.Nothing <&> here"]),)),
         ("SetVouchers", ()))
INTERVAL = "Device.ManagementServer.PeriodicInformInterval"
TIME = "Device.ManagementServer.PeriodicInformTime"
KEY = "Device.ManagementServer.ParameterKey"
VOICE = "Device.Services.VoiceService.1."
METHODS = ["GetRPCMethodsResponse", "GetParameterNamesResponse", "GetParameterNamesResponse",
           "GetParameterValuesResponse", "GetParameterAttributesResponse", "Fault", "Fault"]


class AcsTest(PhoneTest):
    def acs(self, **options):
        return self.keep(AcsServer(**options))

    def managed_phone(self, acs, *settings):
        return self.new_phone(f"tr069.acs_url={acs.acs_url()}", "tr069.user=phone",
                              f"tr069.password={PASSWORD}", "tr069.periodic_enable=0",
                              NOBODY_ASKS, *settings)

    def wait_finished(self, acs, count=1):
        wait_until(lambda: acs.finished >= count, f"{count} sessions at their end")

    def check_session(self, acs, *settings):
        """One session with all calls, after a start."""
        phone = self.managed_phone(acs, *settings)
        for method, arguments in CALLS:
            acs.call(method, *arguments)
        phone.start()
        self.wait_finished(acs)
        self.assertEqual(acs.complaints, [])
        self.assertEqual([method_of(answer) for answer in acs.replies], METHODS)
        self.assertEqual([fault_code(answer) for answer in acs.replies[-2:]], ["9005", "9000"])
        inform, = acs.informs
        self.assertEqual(inform.events, [("0 BOOTSTRAP", ""), ("1 BOOT", "")])
        self.assertEqual(inform.device["SerialNumber"], "000B82273B89")
        self.assertEqual(acs.told_values(acs.replies[3])["Device.DeviceInfo.SerialNumber"],
                         "000B82273B89")
        done = phone.wait_for("acs_session")
        self.assertEqual(done["fields"]["calls"], str(len(CALLS)))
        phone.check_secrets(phone.settings, "")
        return phone


class Sessions(AcsTest):
    sessions = Cases(
        lambda this, options: this.check_session(this.acs(**options)),
        ("plain", "An ACS that asks for nothing.", {}),
        ("basic", "One that wants user and password.",
         {"credentials": ("basic", "phone", PASSWORD)}),
        ("digest", "One that wants them proved, with nonces that count once.",
         {"credentials": ("digest", "phone", PASSWORD)}),
        ("closing", "One that closes the connection after each answer.", {"is_closing": True}),
        ("closing_digest", "One that does both.",
         {"is_closing": True, "credentials": ("digest", "phone", PASSWORD)}),
        ("version_1_2", "One that speaks cwmp-1-2, in which it is answered.", {"version": 2}))

    def test_one_connection(self):
        """A session needs one connection, where the ACS keeps it."""
        acs = self.acs()
        self.check_session(acs)
        self.assertEqual({request.connection for request in acs.requests}, {1})
        self.assertEqual(len(acs.requests), 2 + len(CALLS))

    def test_empty_message(self):
        """Where the phone has nothing to say it posts nothing: no type, no SOAPAction."""
        acs = self.acs()
        self.check_session(acs)
        empty = acs.requests[1]
        self.assertEqual((empty.raw, empty.fields.get("content-length")), (b"", "0"))
        self.assertNotIn("soapaction", empty.fields)
        self.assertNotIn("content-type", empty.fields)

    def test_redirect(self):
        """The session goes on where the ACS sends it, and the password stays with the ACS."""
        acs = self.acs()
        front = self.serve({"/acs": redirect(acs.acs_url(), 307)})
        phone = self.new_phone(f"tr069.acs_url={front.url('acs')}", "tr069.user=phone",
                               f"tr069.password={PASSWORD}", "tr069.periodic_enable=0",
                               NOBODY_ASKS)
        phone.start()
        self.wait_finished(acs)
        self.assertEqual(len(front.requests), 1)
        self.assertEqual(acs.complaints, [])

    def test_tls(self):
        """An ACS over TLS is served where an authority that the phone knows vouches for it."""
        authority = Authority(self.scratch_folder())
        acs = self.acs(tls=tls_context(*authority.issue("acs", names("127.0.0.1"))),
                       credentials=("basic", "phone", PASSWORD))
        self.check_session(acs, f"tls.ca={authority.certificate}")

    def test_beside_provisioning(self):
        """A phone is provisioned and managed side by side; each life reports its start."""
        acs = self.acs()
        server = self.serve({f"/gs/{OWN_FILE}": config_file({"P47": "one.example"})})
        phone = self.managed_phone(acs, f"static.url={server.url('gs')}")
        phone.start()
        phone.wait_for("rest")
        self.wait_finished(acs)
        # The restart may come before it is on the disk that the ACS knows the phone.
        wait_until(lambda: len(acs.informs) > 1, "the report of a start")
        self.assertEqual(acs.informs[-1].events[-1], ("1 BOOT", ""))
        self.check_config(phone, "P47=one.example\n")

    def test_reboot(self):
        """An ACS may have the phone start again, and hears its CommandKey."""
        acs = self.acs()
        acs.call("Reboot", ("CommandKey", "key <1>"))
        phone = self.managed_phone(acs)
        phone.start()
        self.wait_finished(acs, 2)
        self.assertEqual(acs.informs[1].events, [("1 BOOT", ""), ("M Reboot", "key <1>")])
        self.assertEqual(acs.complaints, [])

    def test_fixed_setting(self):
        """What the command line says no ACS changes: 9001, with who has said it."""
        acs = self.acs()
        acs.set_values([(INTERVAL, "unsignedInt", "60")], "key")
        phone = self.managed_phone(acs, "tr069.periodic_interval=900")
        phone.start()
        self.wait_finished(acs)
        fault, = acs.replies
        self.assertEqual(fault_code(fault), "9003")
        self.assertEqual([one.text for one in fault.iter("FaultCode")], ["9003", "9001"])
        self.assertIn("the command line has set tr069.periodic_interval",
                      [one.text for one in fault.iter("FaultString")][-1])

    def test_voice(self):
        """What the phone's software says of its lines by `dialtone voice` an ACS reads; and is told
        where it watches it."""
        acs = self.acs()
        server = self.serve({f"/gs/{OWN_FILE}": config_file({"P271": "1", "P47": "one.example"})})
        phone = self.managed_phone(acs, f"static.url={server.url('gs')}")
        phone.provision()
        watched = ("<SetParameterAttributesStruct><Name>" + VOICE + "</Name><NotificationChange>1"
                   "</NotificationChange><Notification>2</Notification><AccessListChange>0"
                   "</AccessListChange><AccessList/></SetParameterAttributesStruct>")
        acs.wanted.append("<cwmp:SetParameterAttributes><ParameterList>" + watched +
                          "</ParameterList></cwmp:SetParameterAttributes>")
        phone.start()
        self.wait_finished(acs)
        report = phone.file("voice", "Line.1.Status=Up\nLine.1.Stats.PacketsSent=7\n")
        self.assertEqual(phone.tool("voice", report).returncode, 0)
        self.wait_finished(acs, 2)
        self.assertEqual(acs.informs[-1].events, [("4 VALUE CHANGE", "")])
        self.assertEqual(acs.informs[-1].values[VOICE + "VoiceProfile.1.Line.1.Status"], "Up")
        self.assertEqual(acs.complaints, [])
        wrong = phone.file("wrong", "Line.1.Status=Up\nLine.1.Status=up\n")
        told = phone.tool("voice", wrong)
        self.assertEqual(told.returncode, 1)
        self.assertIn("line 2", told.stderr)

    def test_set_values(self):
        """What an ACS sets is read back, lies on the disk, outlives a restart, and has the phone
        ask its other server for nothing."""
        acs = self.acs()
        server = self.serve({f"/gs/{OWN_FILE}": config_file({"P47": "one.example"})})
        phone = self.managed_phone(acs, f"static.url={server.url('gs')}")
        phone.provision()
        asked = len(server.requests)
        acs.set_values([(INTERVAL, "unsignedInt", "1800"),
                        (TIME, "dateTime", "2026-01-01T00:00:00Z")], "key <1>")
        acs.call("GetParameterValues", ("ParameterNames", [INTERVAL, KEY]))
        acs.set_values([(INTERVAL, "unsignedInt", "0"), ("Device.Nothing", "string", "")], "key 2")
        phone.start()
        self.wait_finished(acs)
        phone.wait_for("trial_confirmed")
        self.assertEqual(acs.complaints, [])
        answer, values, fault = acs.replies
        self.assertEqual(answer.findtext("Status"), "0")
        self.assertEqual(acs.told_values(values), {INTERVAL: "1800", KEY: "key <1>"})
        self.assertEqual([one.text for one in fault.iter("FaultCode")], ["9003", "9007", "9005"])
        config = ("P47=one.example\ntr069.parameter_key=key <1>\ntr069.periodic_interval=1800\n"
                  "tr069.periodic_time=2026-01-01T00:00:00Z\n")
        self.check_config(phone, config)
        kinds = [entry["kind"] for entry in phone.last_life()]
        self.assertEqual(kinds.count("pass_begins"), 1)
        self.assertLessEqual(len(server.requests), 2 * asked)
        phone.close()
        phone.start()
        self.wait_finished(acs, 2)
        self.assertEqual(acs.informs[1].events, [("1 BOOT", "")])
        self.assertEqual(acs.informs[1].values[KEY], "key <1>")

    def test_schema(self):
        """Every envelope is valid by the schema of its version."""
        if reason := cwmp_schema.why_not():
            self.skipTest(reason)
        for version in (0, 2):
            acs = self.acs(version=version)
            self.check_session(acs)
            # The Inform comes before the phone knows what the ACS speaks.
            found = cwmp_schema.flaws(acs.envelopes[:1], 0, self.scratch_folder())
            found += cwmp_schema.flaws(acs.envelopes[1:], version, self.scratch_folder())
            self.assertEqual(found, [])


class Refusals(AcsTest):
    def failed(self, phone, *words):
        phone.start()
        sentence = phone.wait_for("acs_failed")["sentence"]
        for word in words:
            self.assertIn(word, sentence)
        phone.check_secrets(phone.settings, "")

    def test_wrong_password(self):
        """bad input: an ACS that does not take the password is tried again later"""
        acs = self.acs(credentials=("digest", "phone", "another"))
        self.failed(self.managed_phone(acs), "does not accept the user and password")
        self.assertEqual(acs.informs, [])

    def test_no_acs(self):
        """bad input: what is no ACS is told so, and nothing of the phone suffers"""
        server = self.serve({"/acs": b"<html>It works!</html>",
                             f"/gs/{OWN_FILE}": config_file({"P47": "one.example"})})
        phone = self.new_phone(f"tr069.acs_url={server.url('acs')}",
                               f"static.url={server.url('gs')}")
        self.failed(phone, "is no message", "the next try follows in")
        phone.wait_for("rest")
        self.check_config(phone, "P47=one.example\n")

    def test_unverified(self):
        """bad input: an ACS whose certificate nobody vouches for is told nothing"""
        authority = Authority(self.scratch_folder())
        acs = self.acs(tls=tls_context(*authority.issue("acs", names("127.0.0.1"))))
        self.failed(self.managed_phone(acs), "certificate")
        self.assertEqual(acs.requests, [])
