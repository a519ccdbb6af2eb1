// SPDX-License-Identifier: Apache-2.0
//
// The transfer effects (requests over http and https, RETR over ftp and ftps) with libcurl's multi
// handles, whose sockets and timers are the loop's: one for all transfers of no session, one for
// each session (curl_pool.h). What curl would decide by itself is the agent's: redirects are
// answers (RFC 9110 15.4), ranges are fields like any other, proxies and .netrc are not looked at,
// cookies only within a session. What curl does alone is the second request after a challenge (RFC
// 9110 11.6), and a request anew over a new connection when the kept one has ended before the
// answer began.
//
// FTP (RFC 959, 2428, 3659, 4217): passive only, EPSV first and then PASV, and whatever address
// PASV names, the data comes from where the control connection goes to. One RETR with the whole
// path, no CWD. ftps is TLS from the first byte, as curl and port 990 have it; AUTH TLS over ftp is
// not asked for. Both connections are protected then, or the transfer fails. A head comes with the
// first byte of the file, when the data connection has been verified, too.
//
// Requests ask for no coding of the file (Accept-Encoding: identity); gzip that comes all the same
// is decoded (agent/transfer/gzip.h), and then no length, tag or date is told: they are the
// encoded file's. Any other coding is a failure, but in answers whose body is no file.
//
// Flow: a transfer holds at most limits::transfer_chunk_bytes that were not granted, of gzip as
// many again before they are decoded; then curl is paused and TCP holds the server. curl itself
// bounds a header (100 KB a line, 300 KB and 5000 lines in all).
//
// curl is set up by the first transfer. Connections stay open between transfers and are reused.
//
// An FTP server has three times: to be connected to, as any other; then, up to the end of the
// login, one of its own (StartTransfer::login_ms), because names are looked up and passwords hashed
// there; then for each reply as long as the agent waits for bytes. curl counts the login to the
// connection, and looks at its clock only when something arrives, so the second and third are kept
// here.
//
// curl's FTP waits in two places instead of coming back: for the TLS handshake of the data
// connection and for the server's last word behind the data. Each may hold the loop for
// limits::ftp_hold_ms, no longer.
#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "agent/transfer/gzip.h"
#include "platform/linux/answer_head.h"
#include "platform/linux/authorities.h"
#include "platform/linux/body_source.h"
#include "platform/linux/certificates.h"
#include "platform/linux/clock.h"
#include "platform/linux/curl_pool.h"
#include "platform/linux/loop.h"
#include "platform/linux/own_certificate.h"
#include "platform/linux/transfer_words.h"

namespace dialtone {

struct TransferPlaces {
    std::string ca_file = "/etc/ssl/certs/ca-certificates.crt";  // the system's
    std::string ca_directory = "/etc/ssl/certs";  // instead, where there is no such file
    std::string dns_servers = {};                 // ADDRESS[:PORT] with commas; empty: the system's
    int state_directory = -1;                     // for bodies that are stored files
};

class Transfers final : public Part, private CurlPool::Owner {
  public:
    // `clock` has to outlive this.
    Transfers(Loop& loop, const Clock& clock, TransferPlaces places);
    ~Transfers() override;

    void start(StartTransfer&& wanted);
    void credit(const CreditTransfer& grant);
    void stop(RequestId id);
    void release(const ReleaseSession& released);

    bool deliver(Instant now, EventSink& sink) override;
    void tick(Instant now) override;
    std::optional<Instant> deadline() const override;

  private:
    struct Transfer {
        Transfers* home = nullptr;
        CurlPool* pool = nullptr;
        RequestId id = 0;
        StartTransfer wanted = {};
        Instant began_at = {};
        std::string origin = {};  // scheme, host and port
        CURL* easy = nullptr;     // null once curl is done with it
        curl_slist* fields = nullptr;
        BodySource body = {};
        char curl_words[CURL_ERROR_SIZE] = {};
        TransferCircumstances circumstances = {};
        FtpDialog ftp = {};
        std::optional<Instant> ftp_due = {};  // for the server's next word
        CertificateFindings certificates = {};
        std::unique_ptr<Authorities> authorities = {};         // of the connection it makes
        std::unique_ptr<OwnCertificate> own_certificate = {};  // the same
        bool answers_challenges = false;
        bool reuses_authentication = false;  // began with the pool's authenticated handle
        bool was_sent_again = false;         // over another connection

        AnswerHead head = {};        // as far as it was read
        bool head_is_final = false;  // no other answer follows it
        bool head_delivered = false;
        bool knows_challenge = true;     // curl found one that it can answer, if it was to
        bool lacks_certificate = false;  // as TransferHead has it

        std::vector<uint8_t> held = {};  // of the body, not delivered yet
        std::unique_ptr<GzipDecoder> decoder = {};
        uint64_t credit_bytes = 0;
        bool paused = false;
        bool ended = false;
        TransferFault fault = TransferFault::broken;
        std::string failure = {};  // empty: it ended well
    };

    void admit(Transfer& transfer);
    void admit_to_pool(Transfer& transfer);
    bool set_up(CurlPool& pool);
    void keep_trust_apart(Transfer& transfer);
    void begin(Transfer& transfer);
    bool reuses_authentication(const Transfer& transfer) const;
    void remember(Transfer& transfer);
    void configure(Transfer& transfer);
    void configure_method(Transfer& transfer);
    void configure_tls(Transfer& transfer);
    void configure_credentials(Transfer& transfer);
    void configure_ftp(Transfer& transfer);
    void hang_up_ftp(const Transfer* newcomer);
    static void hear_reply(Transfer& transfer, std::string_view line);
    void watch_ftp(Transfer& transfer, Instant now);
    static void let_ftp_wait(Transfer& transfer, Instant now, uint32_t patience_ms);
    static void note_ftp_head(Transfer& transfer, uint16_t status);
    static CURLcode ftp_result(Transfer& transfer, CURLcode code);
    void refuse(Transfer& transfer, TransferFault fault, std::string reason);
    void conclude(CURL* easy, CURLcode code) override;
    void conclude(Transfer& transfer, CURLcode code);
    static bool may_be_sent_again(const Transfer& transfer, CURLcode code);
    bool send_again(Transfer& transfer, CURLcode code);
    void judge(Transfer& transfer, CURLcode code);
    void let_go(Transfer& transfer);
    void resume(Transfer& transfer);
    Transfer* find(RequestId id);
    static void note_challenge(Transfer& transfer, bool is_answered);
    static void note_certificate(Transfer& transfer);
    static bool takes_coding(Transfer& transfer);
    static bool decode(Transfer& transfer);
    void decode_rest(Transfer& transfer);
    void judge_end(Transfer& transfer);
    void deliver_head(Transfer& transfer, Instant now, EventSink& sink);
    void deliver_chunk(Transfer& transfer, Instant now, EventSink& sink);
    void deliver_end(Transfer& transfer, Instant now, EventSink& sink);

    static size_t on_request_body(char* room, size_t size, size_t count, void* transfer);
    static int on_seek(void* transfer, curl_off_t offset, int origin);
    static size_t on_field(char* bytes, size_t size, size_t count, void* transfer);
    static size_t on_body(char* bytes, size_t size, size_t count, void* transfer);
    static curl_socket_t on_open(void* transfer, curlsocktype, curl_sockaddr* address);
    static int on_close(void* transfers, curl_socket_t socket);
    static CURLcode on_tls(CURL*, void* ssl_config, void* transfer);

    Loop& loop_;
    const Clock& clock_;
    TransferPlaces places_;
    bool is_set_up_ = false;
    CurlPool common_;                    // for transfers of no session
    std::list<CurlPool> sessions_;       // curl keeps pointers to them
    std::list<Transfer> transfers_;      // and to these
    std::vector<int> ftp_sockets_ = {};  // of all FTP connections that curl holds
    std::string ftp_login_ = {};         // server, user and password of the last one
    Instant ftp_used_at_ = {};
    std::vector<uint8_t> delivering_;
};

}  // namespace dialtone
