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
    CHECK(judge(after({"220 a", "331 b", "230 c"})).reason ==
          "the FTP server did not go on (reply 230)");
    CHECK(judge(after({"421 a"})).reason == "the FTP server asks to come back later (reply 421)");
    CHECK(judge(after({"220 a", "150 b"})).reason ==
          "the FTP server did not say that the file is whole");
}

TEST_CASE("an FTP server that takes too long up to the end of the login is told by it") {
    const auto judge = [](FtpDialog dialog) {
        dialog.connected = true;
        TransferCircumstances c = circumstances(dialog);
        c.login_ms = 20'000;
        return judge_failure(CURLE_OPERATION_TIMEDOUT, c).reason;
    };
    CHECK(judge({}) == "the FTP server at pbx.example port 21 does not greet within 20000 ms");
    const std::string slow =
        "the login takes the FTP server too long, it is not over within 20000 ms (reply ";
    CHECK(judge(after({"220 a"})) == slow + "220)");
    CHECK(judge(after({"120 a"})) == slow + "120)");
    CHECK(judge(after({"220 a", "331 b"})) == slow + "331)");
    CHECK(judge(after({"220 a", "331 b", "332 c"})) == slow + "332)");
    CHECK(judge(after({"220-a"})) == "the FTP server's reply has no end");
}

TEST_CASE("a login is over with the first reply that neither greets nor asks for more") {
    CHECK(!after({"120 a", "220 b", "331 c", "332 d"}).logged_in);
    CHECK(!after({"120 a"}).announced);
    CHECK(after({"220 a", "331 b", "230 c"}).logged_in);
    CHECK(after({"220 a", "232 b"}).logged_in);
    CHECK(after({"229 a"}).logged_in);
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
