// SPDX-License-Identifier: Apache-2.0
//
// What needs a server is tested in tests/conformance; here is the rest.
#include "platform/linux/ftp_dialog.h"

#include <doctest/doctest.h>

namespace dialtone {
namespace {

FtpDialog after(std::initializer_list<const char*> lines) {
    FtpDialog dialog;
    for (const char* line : lines)
        read_reply_line(dialog, line);
    return dialog;
}

TransferCircumstances circumstances(FtpDialog dialog) {
    TransferCircumstances c;
    c.host = "pbx.example";
    c.port = 21;
    c.is_ftp = true;
    c.name_was_resolved = true;
    c.connect_ms = 5000;
    c.ftp = dialog;
    return c;
}

TEST_CASE("a reply is its last line") {
    const FtpDialog dialog = after({"220-Welcome\r\n", " 331 not a reply\r\n", "220 go on\r\n"});
    CHECK(dialog.began);
    CHECK(dialog.reply == 220);
    CHECK(!dialog.announced);
    CHECK(after({"220-Welcome\r\n"}).reply == 0);
}

TEST_CASE("a file is announced, and over with the next reply") {
    FtpDialog dialog = after({"213 100\r\n", "150 Here\r\n"});
    CHECK(dialog.announced);
    CHECK(!dialog.is_over);
    read_reply_line(dialog, "226 Done\r\n");
    CHECK(dialog.is_over);
}

TEST_CASE("bad input: FTP lines that are no replies are passed over") {
    CHECK(after({"", "2", "220", "2x0 no\r\n", "HTTP/1.1 400 Bad\r\n"}).reply == 0);
}

TEST_CASE("bad input: line ends and NULs do not fit a command of FTP") {
    CHECK(fits_a_command("gs/my phone.xml"));
    CHECK(fits_a_command("\xc3\xa4"));
    CHECK(!fits_a_command("a\r\nDELE b"));
    CHECK(!fits_a_command(std::string_view("a\0b", 3)));
}

TEST_CASE("an FTP server that does not go on is told by how far it came") {
    const auto judge = [](FtpDialog dialog) {
        return judge_failure(CURLE_OPERATION_TIMEDOUT, circumstances(dialog));
    };
    CHECK(judge({}).reason == "no answer from pbx.example port 21 within 5000 ms");
    CHECK(judge(after({"220 a"})).reason == "the FTP server did not go on (reply 220)");
    CHECK(judge(after({"421 a"})).reason == "the FTP server asks to come back later (reply 421)");
    CHECK(judge(after({"220 a", "150 b"})).reason ==
          "the FTP server did not say that the file is whole");
}

TEST_CASE("a refusal of FTP is told with its reply") {
    TransferCircumstances c = circumstances(after({"530 no"}));
    const auto judge = [&c](CURLcode code) { return judge_failure(code, c); };
    CHECK(judge(CURLE_LOGIN_DENIED).fault == TransferFault::credentials);
    CHECK(judge(CURLE_WEIRD_SERVER_REPLY).fault == TransferFault::credentials);
    c.ftp.reply = 500;
    CHECK(judge(CURLE_LOGIN_DENIED).fault == TransferFault::broken);
    CHECK(judge(CURLE_LOGIN_DENIED).reason == "the FTP server refuses the login (reply 500)");
    CHECK(judge(CURLE_FTP_COULDNT_SET_TYPE).reason ==
          "the FTP server does not give the file (reply 500)");
    CHECK(judge(CURLE_OUT_OF_MEMORY).reason.starts_with("the transfer failed: "));
}

}  // namespace
}  // namespace dialtone
