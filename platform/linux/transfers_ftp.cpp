// SPDX-License-Identifier: Apache-2.0
//
// What is FTP's own of Transfers.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "agent/limits.h"
#include "platform/linux/ftp_dialog.h"
#include "platform/linux/transfers.h"

namespace dialtone {
namespace {

// RFC 1635: any password will do, an address is polite.
constexpr char anonymous_user[] = "anonymous";
constexpr char anonymous_password[] = "phone@";

// Half of the time after which curl closes an idle connection by itself.
constexpr uint64_t ftp_idle_ms = 60'000;

}  // namespace

void Transfers::configure_ftp(Transfer& transfer) {
    CURL* easy = transfer.easy;
    const StartTransfer& wanted = transfer.wanted;
    const bool is_known = wanted.auth != AuthPolicy::none && wanted.auth != AuthPolicy::digest_only;
    const char* const user = is_known ? wanted.user.c_str() : anonymous_user;
    const char* const password = is_known ? wanted.password.c_str() : anonymous_password;
    transfer.ftp.has_password = is_known;
    ::curl_easy_setopt(easy, CURLOPT_USERNAME, user);
    ::curl_easy_setopt(easy, CURLOPT_PASSWORD, password);
    const auto set = [easy](CURLoption option, long number) {
        ::curl_easy_setopt(easy, option, number);
    };
    set(CURLOPT_FTP_FILEMETHOD, CURLFTPMETHOD_NOCWD);
    set(CURLOPT_FTP_USE_EPSV, 1);
    set(CURLOPT_FTP_SKIP_PASV_IP, 1);
    set(CURLOPT_USE_SSL, transfer.circumstances.is_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE);
    // Each ticket of TLS 1.3 resumes one session. A file that is not there costs one for nothing,
    // and a server that demands resumption turns the next data connection away.
    const long least = wanted.tls.only_1_3 ? CURL_SSLVERSION_TLSv1_3 : CURL_SSLVERSION_DEFAULT;
    set(CURLOPT_SSLVERSION, least | CURL_SSLVERSION_MAX_TLSv1_2);
    ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &Transfers::on_close);
    ::curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this);
    std::string login = transfer.origin + '\n' + user + '\n' + password;
    const Instant now = transfer.began_at;
    if (login != ftp_login_ || now.since(ftp_used_at_) > ftp_idle_ms) hang_up_ftp(&transfer);
    ftp_login_ = std::move(login);
    ftp_used_at_ = now;
}

// curl says QUIT when it closes a control connection, and waits for the answer; one that has ended
// already it closes without a word. Those that another transfer works with stay.
void Transfers::hang_up_ftp(const Transfer* newcomer) {
    const bool is_used = std::ranges::any_of(transfers_, [newcomer](const Transfer& transfer) {
        return transfer.circumstances.is_ftp && transfer.easy != nullptr && &transfer != newcomer;
    });
    if (is_used) return;
    for (const int socket : ftp_sockets_)
        ::shutdown(socket, SHUT_RDWR);
}

int Transfers::on_close(void* transfers, curl_socket_t socket) {
    std::erase(static_cast<Transfers*>(transfers)->ftp_sockets_, socket);
    return ::close(socket);
}

// curl's clocks and ours. The connection's counts from the beginning of the transfer.
void Transfers::let_ftp_wait(Transfer& transfer, Instant now, uint32_t patience_ms) {
    const auto elapsed_ms = static_cast<long>(now.since(transfer.began_at));
    const long spare_ms = 2L * patience_ms;  // for curl, which would end it with other words
    ::curl_easy_setopt(transfer.easy, CURLOPT_CONNECTTIMEOUT_MS, elapsed_ms + spare_ms);
    ::curl_easy_setopt(transfer.easy, CURLOPT_SERVER_RESPONSE_TIMEOUT_MS, spare_ms);
    transfer.ftp_due = now + patience_ms;
}

// Whether it is the server's turn now, and whether it has had its time.
void Transfers::watch_ftp(Transfer& transfer, Instant now) {
    const bool is_under_way = transfer.easy != nullptr && !transfer.ended;
    if (!transfer.circumstances.is_ftp || !is_under_way) return;
    if (!transfer.ftp.connected) {
        const auto is_past = [&transfer](CURLINFO stage) {
            curl_off_t after_us = 0;
            ::curl_easy_getinfo(transfer.easy, stage, &after_us);
            return after_us > 0;
        };
        // A connection that was kept is past the login at once.
        transfer.ftp.logged_in = is_past(CURLINFO_PRETRANSFER_TIME_T);
        const bool is_tls = transfer.circumstances.is_tls;
        const bool is_up = is_past(is_tls ? CURLINFO_APPCONNECT_TIME_T : CURLINFO_CONNECT_TIME_T);
        if (!transfer.ftp.logged_in && !is_up) return;
        transfer.ftp.connected = true;
        let_ftp_wait(transfer, now,
                     transfer.ftp.logged_in ? limits::transfer_stall_ms : transfer.wanted.login_ms);
    }
    if (transfer.ftp_due && *transfer.ftp_due <= now) conclude(transfer, CURLE_OPERATION_TIMEDOUT);
}

void Transfers::hear_reply(Transfer& transfer, std::string_view line) {
    const bool was_announced = transfer.ftp.announced;
    read_reply_line(transfer.ftp, line);
    const Instant now = transfer.home->clock_.now();
    if (transfer.ftp.logged_in && !was_announced) {
        transfer.ftp.connected = true;
        let_ftp_wait(transfer, now, limits::transfer_stall_ms);
    }
    if (was_announced || !transfer.ftp.announced) return;
    // What follows are the two places in which curl does not come back.
    const auto elapsed_ms = static_cast<long>(now.since(transfer.began_at));
    const long hold_ms = limits::ftp_hold_ms;
    ::curl_easy_setopt(transfer.easy, CURLOPT_CONNECTTIMEOUT_MS, elapsed_ms + hold_ms);
    ::curl_easy_setopt(transfer.easy, CURLOPT_SERVER_RESPONSE_TIMEOUT_MS, hold_ms);
}

void Transfers::note_ftp_head(Transfer& transfer, uint16_t status) {
    transfer.ftp_due.reset();  // from now on the agent hears of what comes
    curl_off_t length = -1;
    ::curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    transfer.head.began = transfer.head.complete = true;
    transfer.head.status = status;
    transfer.head.content_length = status == 200 ? length : -1;
    transfer.head_is_final = true;
}

// What became of the transfer, with the server's answers in the agent's terms.
CURLcode Transfers::ftp_result(Transfer& transfer, CURLcode code) {
    const uint64_t received = transfer.circumstances.received_bytes;
    const AnswerHead& head = transfer.head;
    const bool is_whole = head.complete && head.content_length >= 0 &&
                          received == static_cast<uint64_t>(head.content_length);
    if (code == CURLE_REMOTE_FILE_NOT_FOUND) {
        note_ftp_head(transfer, 404);
        return CURLE_OK;
    }
    // The last reply is missing, and nothing else.
    const bool is_unsaid = code == CURLE_OPERATION_TIMEDOUT || code == CURLE_RECV_ERROR;
    if (is_unsaid && is_whole && !transfer.ftp.is_over) return CURLE_OK;
    if (code == CURLE_OK && !head.complete) note_ftp_head(transfer, 200);
    if (code != CURLE_OK && !head.complete) {
        curl_off_t length = -1;
        ::curl_easy_getinfo(transfer.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        transfer.head.content_length = length;
    }
    return code;
}

}  // namespace dialtone
