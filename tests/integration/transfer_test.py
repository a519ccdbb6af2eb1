# SPDX-License-Identifier: Apache-2.0
"""Files that an ACS (TR-069) has a phone download and upload, over real HTTP, with real hooks."""

import pathlib
from xml.etree import ElementTree

from kit.acs import AcsServer, method_of
from kit.certificates import Authority, names
from kit.configuration import OWN_FILE, config_file
from kit.runner import SIDE_BY_SIDE
from kit.testcase import PhoneTest
from kit.waiting import wait_until
from kit.web import Answer, tls_context

WORKERS = SIDE_BY_SIDE
PASSWORD = "secret-of-the-files"
CONFIGURATION = "3 Vendor Configuration File"
# Of phones that run side by side all but one would have another port, and report that.
NOBODY_ASKS = "tr069.connection_request_port=0"


class Transfers(PhoneTest):
    def managed_phone(self, *settings, **options):
        self.acs = self.keep(AcsServer(**options))
        return self.new_phone(f"tr069.acs_url={self.acs.acs_url()}", "tr069.periodic_enable=0",
                              NOBODY_ASKS, *settings)

    def order(self, method, file_type, url, user=""):
        arguments = [("CommandKey", "key"), ("FileType", file_type), ("URL", url),
                     ("Username", user), ("Password", PASSWORD if user else "")]
        if method == "Download":
            arguments += [("FileSize", "0"), ("TargetFileName", "ring.wav")]
        arguments.append(("DelaySeconds", "0"))
        if method == "Download":
            arguments += [("SuccessURL", ""), ("FailureURL", "")]
        self.acs.call(method, *arguments)

    def check_told(self, fault):
        """The phone has told what came of it, once."""
        wait_until(lambda: self.acs.told, "a TransferComplete")
        wait_until(lambda: not self.acs.awaited, "the session's end")
        told, = self.acs.told
        self.assertEqual(told.findtext("CommandKey"), "key")
        self.assertEqual(told.findtext("FaultStruct/FaultCode"), str(fault))
        self.assertIn(method_of(self.acs.replies[0]), ("DownloadResponse", "UploadResponse"))
        self.assertEqual(self.acs.complaints, [])
        self.acs.told.clear()
        return told

    def test_configuration(self):
        """A configuration is taken as the ACS's, and confirmed by the session that tells of it."""
        server = self.serve({"/a.xml": Answer(body=config_file({"P47": "acs.example"}),
                                              credentials=("digest", "files", PASSWORD))})
        phone = self.managed_phone("order=static")
        self.order("Download", CONFIGURATION, server.url("a.xml"), "files")
        phone.start()
        self.check_told(0)
        self.check_config(phone, "P47=acs.example\n")
        self.assertEqual([name for name in phone.files() if name.startswith("staged")], [])
        phone.check_secrets([*phone.settings, PASSWORD], "")

    def test_faults(self):
        """What cannot be had, or is none, is told by its fault, and changes nothing."""
        server = self.serve({"/page": b"<html>log in</html>", "/forbidden": Answer(status=403)})
        for path, fault in (("missing", 9016), ("page", 9018), ("forbidden", 9012)):
            with self.subTest(path=path):
                phone = self.managed_phone("order=static")
                self.order("Download", CONFIGURATION, server.url(path))
                phone.start()
                self.check_told(fault)
                self.check_config(phone, "")

    def test_hooks(self):
        """A ring tone comes to the programs for files, with its type and its name."""
        folder = pathlib.Path(self.scratch_folder())
        program = folder / "10-tones"
        program.write_text(f'#!/bin/sh\ncp "$1" {folder}/taken.d\n'
                           f'echo "$DIALTONE_FILE_TYPE, $DIALTONE_FILE_NAME" > {folder}/words\n')
        program.chmod(0o755)
        (folder / "taken.d").mkdir()
        server = self.serve({"/tone": b"RIFF" * 10_000})
        phone = self.managed_phone(f"hooks.file_dir={folder}", "order=static")
        self.order("Download", "5 Ringer File", server.url("tone"))
        phone.start()
        self.check_told(0)
        taken, = (folder / "taken.d").iterdir()
        self.assertEqual(taken.read_bytes(), b"RIFF" * 10_000)
        self.assertEqual((folder / "words").read_text(), "5 Ringer File, ring.wav\n")

    def test_hook_fails(self):
        """A program that does not take a file is named in the fault."""
        folder = pathlib.Path(self.scratch_folder())
        program = folder / "10-tones"
        program.write_text("#!/bin/sh\nexit 3\n")
        program.chmod(0o755)
        server = self.serve({"/tone": b"RIFF"})
        phone = self.managed_phone(f"hooks.file_dir={folder}", "order=static")
        self.order("Download", "4 Tone File", server.url("tone"))
        phone.start()
        told = self.check_told(9010)
        self.assertIn("10-tones ended with status 3", told.findtext("FaultStruct/FaultString"))

    def uploaded(self, file_type, server, *settings, **options):
        """What the server gets of a phone with a password in its configuration."""
        installed = config_file({"P47": "sip.example", "P34": "sesame"})
        files = self.serve({f"/gs/{OWN_FILE}": installed})
        phone = self.managed_phone(f"static.url={files.url('gs')}", *settings, **options)
        phone.start()
        phone.wait_for("rest")
        wait_until(lambda: not self.acs.awaited, "the session's end")
        phone.close()
        self.acs.replies.clear()
        self.order("Upload", file_type, server.url("up"))
        phone.start()
        self.check_told(0)
        request, = [one for one in server.requests if one.method == "PUT"]
        return request.raw

    def test_upload(self):
        """A configuration over an open way has no secrets in it; the journal goes as it lies."""
        server = self.serve({"/up": Answer(status=201)})
        text = self.uploaded("1 Vendor Configuration File", server)
        self.assertIn(b"<P47>sip.example</P47>", text)
        self.assertNotIn(b"sesame", text)
        ElementTree.fromstring(text)
        other = self.serve({"/up": Answer(status=204)})
        self.assertIn(b"\tacs_inform\t", self.uploaded("2 Vendor Log File", other))

    def test_upload_secrets(self):
        """Over verified TLS to the ACS and to the server it has them."""
        authority = Authority(self.scratch_folder())
        tls = tls_context(*authority.issue("acs", names("127.0.0.1")))
        server = self.serve({"/up": Answer(status=200)}, tls=tls)
        text = self.uploaded("3 Vendor Configuration File 1", server,
                             f"tls.ca={authority.certificate}", tls=tls)
        self.assertIn(b"<P34>sesame</P34>", text)
