# SPDX-License-Identifier: Apache-2.0
"""What each file server that administrators run has to bring a phone to, over FTP or TFTP. The
tests themselves, with their names, stand where the server is known."""

from kit.configuration import OWN_FILE, config_file, padded
from kit.testcase import PhoneTest

ONE = config_file({"P47": "one.example"})
LIMIT = 512 * 1024


def do(test, method, *given):
    """A row of Cases: a method of the test, and what it is given."""
    method(test, *given)


class FileServerTest(PhoneTest):
    """`server` is a FolderProgram that does not run yet; serve() starts it."""

    program = None  # its class
    scheme = ""
    absent_words = ""  # of the journal, where there is no such file

    def setUp(self):
        self.use()

    def use(self, *options, **named):
        self.server = self.program(self.scratch_folder(), *options, **named)

    def put(self, name, content, mode=0o644):
        self.server.put(name, content, mode)

    def serve(self):
        self.keep(self.server.start())

    def serve_one(self, *options, name="cfg.xml", content=ONE, **named):
        """A server with these options and one file."""
        self.use(*options, **named)
        self.put(f"gs/{name}", content)
        self.serve()

    def url(self, path="gs"):
        return f"{self.scheme}://127.0.0.1/{path}"

    def phone(self, url="", *settings):
        return self.new_phone(f"static.url={url or self.url()}", *settings)

    def provisioned(self, url="", *settings, config="P47=one.example\n"):
        phone = self.phone(url, *settings)
        self.check_provisions(phone, config)
        return phone

    def check_first(self):
        self.serve_one(name=OWN_FILE, content=config_file({"P47": "one.example", "P35": "201"}))
        life = self.check_provisions(self.phone(), "P35=201\nP47=one.example\n")
        self.assertEqual(life.reboots(), 1)
        self.check_words(life, "request", self.url(f"gs/{OWN_FILE}"),
                         f"{self.scheme.upper()} read")
        self.check_words(life, "file_absent", self.absent_words)
        self.assertIn("plan_unchanged", life.kinds())

    def check_sizes(self, *sizes):
        self.serve()
        for size in sizes:
            with self.subTest(size=size):
                self.put("gs/cfg.xml", padded({"P47": f"size{size}.example"}, size))
                life = self.check_provisions(self.phone(), f"P47=size{size}.example\n")
                self.assertIn(str(size), [entry["fields"].get("bytes")
                                          for entry in life.of_kind("answer")])

    def check_one_file(self, name, path):
        self.serve_one(name=name)
        self.provisioned(self.url(f"gs/{path}"))

    def check_second_configuration(self):
        self.serve_one()
        phone = self.provisioned()
        self.put("gs/cfg.xml", config_file({"P47": "two.example"}))
        life = self.check_provisions(phone, "P47=two.example\n")
        self.assertIn("trial_confirmed", life.kinds())

    def check_no_file(self):
        self.put("gs/other", b"")
        self.serve()
        for folder in ("nothing", "gs", "gs/", ""):
            with self.subTest(folder=folder):
                self.check_end(self.phone(self.url(folder)).live(), 3)

    def check_too_large(self):
        self.serve_one()
        phone = self.provisioned()
        before = phone.files()
        self.put("gs/cfg.xml", padded({"P47": "two.example"}, LIMIT + 1))
        self.check_life(phone, 4, "request_failed", "larger than the 512 KiB")
        self.assertEqual(phone.files(), before)
