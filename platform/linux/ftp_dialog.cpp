// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/ftp_dialog.h"

#include <algorithm>

#include "agent/text.h"

namespace dialtone {
namespace {

using Circumstances = TransferCircumstances;

std::string reply_words(const Circumstances& c) {
    return c.ftp.reply == 0 ? "" : " (reply " + std::to_string(c.ftp.reply) + ")";
}

std::string file_words(const Circumstances& c) {
    const std::string received = std::to_string(c.received_bytes);
    if (c.head.content_length < 0) return received + " bytes of the file";
    return received + " of " + std::to_string(c.head.content_length) + " bytes";
}

TransferVerdict judge_refusal(const Circumstances& c, const char* refused) {
    if (c.ftp.reply / 100 == 4) {
        return {TransferFault::broken, "the FTP server asks to come back later" + reply_words(c)};
    }
    if (c.ftp.reply != reply_not_logged_in) {
        return {TransferFault::broken, refused + reply_words(c)};
    }
    const char* words = c.ftp.has_password
                            ? "the FTP server does not accept the user and password"
                            : "the FTP server wants a user and password and none is set";
    return {TransferFault::credentials, words + reply_words(c)};
}

TransferVerdict judge_end(const Circumstances& c) {
    const int64_t length = c.head.content_length;
    const bool is_short = length >= 0 && c.received_bytes < static_cast<uint64_t>(length);
    if (!c.ftp.is_over || is_short) {
        return {TransferFault::truncated, "the file ended after " + file_words(c)};
    }
    return {TransferFault::truncated,
            "the FTP server gave up after " + file_words(c) + reply_words(c)};
}

// Up to the end of the login.
TransferVerdict judge_slow_login(const Circumstances& c) {
    const std::string within = " within " + std::to_string(c.login_ms) + " ms";
    if (!c.ftp.began) {
        return {TransferFault::broken,
                "the FTP server at " + server_words(c) + " does not greet" + within};
    }
    if (c.ftp.reply == 0) return {TransferFault::broken, "the FTP server's reply has no end"};
    return {TransferFault::broken,
            "the login takes the FTP server too long, it is not over" + within + reply_words(c)};
}

// Before the first byte it is not known whether the data connection was set up.
TransferVerdict judge_silence(const Circumstances& c) {
    const bool is_busy = c.ftp.reply / 100 == 4;  // curl takes a 421 for one
    if (is_busy) return judge_refusal(c, "the FTP server did not go on");
    if (!c.ftp.logged_in) return judge_slow_login(c);
    if (c.ftp.reply == 0) return {TransferFault::broken, "the FTP server's reply has no end"};
    if (!c.ftp.announced) {
        return {TransferFault::broken, "the FTP server did not go on" + reply_words(c)};
    }
    if (c.is_tls && c.received_bytes == 0) {
        return {TransferFault::connect, "no TLS answer on the FTP server's data connection"};
    }
    return {TransferFault::broken, "the FTP server did not say that the file is whole"};
}

TransferVerdict judge_data_connection(const Circumstances& c) {
    if (!c.ftp.announced) return judge_refusal(c, "the FTP server opens no data connection");
    if (!c.certificate.empty()) return {TransferFault::tls, c.certificate};
    return {TransferFault::tls, "the TLS handshake of the FTP server's data connection failed"};
}

TransferVerdict judge_break(const Circumstances& c) {
    const std::string server = c.host + " port " + std::to_string(c.port);
    if (c.ftp.reply == 0) {
        return {TransferFault::broken, "what " + server + " answered is not FTP"};
    }
    const std::string progress = c.ftp.announced ? " after " + file_words(c) : reply_words(c);
    return {TransferFault::broken, "the connection to " + server + " broke" + progress};
}

}  // namespace

void read_reply_line(FtpDialog& dialog, std::string_view line) {
    dialog.began = true;
    // "150 Here it comes"; the lines before the last one have a '-' or anything at all.
    if (line.size() < 4 || line[3] != ' ') return;
    if (!std::all_of(line.begin(), line.begin() + 3, is_digit)) return;
    dialog.is_over = dialog.announced;
    dialog.reply = 0;
    for (const char digit : line.substr(0, 3))
        dialog.reply = static_cast<uint16_t>(10 * dialog.reply + (digit - '0'));
    // What is neither ends the login. On a connection that was kept it is the first reply.
    const bool is_greeting = dialog.reply == reply_ready_later || dialog.reply == reply_ready;
    const bool asks_login =
        dialog.reply == reply_wants_password || dialog.reply == reply_wants_account;
    if (!is_greeting && !asks_login) dialog.logged_in = true;
    if (dialog.reply / 100 == 1 && !is_greeting) dialog.announced = true;
}

bool fits_a_command(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

TransferVerdict judge_ftp_failure(CURLcode code, const Circumstances& c) {
    switch (code) {
        case CURLE_LOGIN_DENIED:
            return judge_refusal(c, "the FTP server refuses the login");
        case CURLE_WEIRD_SERVER_REPLY:
            return judge_refusal(c, "the FTP server greets with a refusal");
        case CURLE_REMOTE_ACCESS_DENIED:
        case CURLE_FTP_COULDNT_RETR_FILE:
        case CURLE_FTP_COULDNT_SET_TYPE:
            return judge_refusal(c, "the FTP server does not give the file");
        case CURLE_FTP_WEIRD_PASV_REPLY:
        case CURLE_FTP_WEIRD_227_FORMAT:
        case CURLE_FTP_CANT_GET_HOST:
            return judge_data_connection(c);
        case CURLE_USE_SSL_FAILED:
            return {TransferFault::tls,
                    "the FTP server does not protect the data connection" + reply_words(c)};
        case CURLE_PARTIAL_FILE:
            return judge_end(c);
        case CURLE_OPERATION_TIMEDOUT:
            return judge_silence(c);
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
            return judge_break(c);
        case CURLE_TOO_LARGE:
            return {TransferFault::broken, "a line of the FTP server is too long"};
        default:
            return {TransferFault::broken,
                    "the transfer failed: result " + std::to_string(code) + " of curl"};
    }
}

}  // namespace dialtone
