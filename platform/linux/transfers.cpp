// SPDX-License-Identifier: Apache-2.0
#include "platform/linux/transfers.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <utility>

#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"
#include "agent/transfer/content_coding.h"
#include "agent/transfer/content_range.h"
#include "agent/transfer/request_check.h"
#include "agent/transfer/url.h"
#include "platform/linux/ftp_dialog.h"
#include "platform/world.h"

namespace dialtone {
namespace {

constexpr uint16_t partial_content = 206;
constexpr uint16_t unauthorized = 401;

// curl's setopt is variadic: a wrong type would not be noticed.
void set(CURL* easy, CURLoption option, const std::string& text) {
    ::curl_easy_setopt(easy, option, text.c_str());
}
void set(CURL* easy, CURLoption option, long number) {
    ::curl_easy_setopt(easy, option, number);
}

void set_large(CURL* easy, CURLoption option, uint64_t number) {
    ::curl_easy_setopt(easy, option, static_cast<curl_off_t>(number));
}

std::string address_text(const sockaddr& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.sa_family == AF_INET) {
        const auto& four = reinterpret_cast<const sockaddr_in&>(address);
        ::inet_ntop(AF_INET, &four.sin_addr, text, sizeof text);
        return std::string(text) + " port " + std::to_string(ntohs(four.sin_port));
    }
    const auto& six = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &six.sin6_addr, text, sizeof text);
    return std::string(text) + " port " + std::to_string(ntohs(six.sin6_port));
}

// Anything else would be a listing, a second command or another kind of transfer.
bool names_an_ftp_file(const Url& url) {
    const std::string name = percent_decoded(url.path);
    return !name.empty() && !name.ends_with('/') && fits_a_command(name) &&
           url.path.find(';') == std::string_view::npos && url.query.empty();
}

bool fits_a_login(const StartTransfer& wanted) {
    return fits_a_command(wanted.user) && fits_a_command(wanted.password);
}

bool carries_body(const StartTransfer& wanted) {
    return wanted.method == HttpMethod::put || wanted.method == HttpMethod::post;
}

std::string range_value(const ByteRange& range) {
    return "bytes=" + std::to_string(range.first) + "-" +
           (range.last ? std::to_string(*range.last) : "");
}

// The only field of most requests, for which nothing has to be allocated.
char wants_no_coding_text[] = "Accept-Encoding: identity";
curl_slist wants_no_coding = {wants_no_coding_text, nullptr};

// Null: that one alone.
curl_slist* field_list(const StartTransfer& wanted) {
    curl_slist* fields = nullptr;
    const auto append = [&fields](const std::string& line) {
        fields = ::curl_slist_append(fields, line.c_str());
    };
    bool names_type = false;
    for (const auto& [name, value] : wanted.headers) {
        // An empty value is curl's sign for leaving the field out; with ';' it is sent empty.
        std::string field = name;
        (field += value.empty() ? ";" : ": ") += value;
        append(field);
        names_type = names_type || equals_without_case(name, "content-type");
    }
    if (wanted.range) {
        append("Range: " + range_value(*wanted.range));
        if (!wanted.range->if_range.empty()) append("If-Range: " + wanted.range->if_range);
    }
    if (fields != nullptr || carries_body(wanted)) append(wants_no_coding_text);
    if (!carries_body(wanted)) return fields;
    // curl would wait for a 100 and call a form what has no type.
    append("Expect:");
    if (!names_type) append("Content-Type:");
    return fields;
}

}  // namespace

Transfers::Transfers(Loop& loop, const Clock& clock, TransferPlaces places)
    : loop_(loop), clock_(clock), places_(std::move(places)), common_(0, loop, clock, *this) {
}

Transfers::~Transfers() {
    for (Transfer& transfer : transfers_)
        let_go(transfer);
    sessions_.clear();
    common_.discard_authenticated();
    hang_up_ftp(nullptr);
    common_.hang_up();
    if (is_set_up_) ::curl_global_cleanup();
    stop_judging_by(clock_);
}

bool Transfers::set_up(CurlPool& pool) {
    if (!is_set_up_) is_set_up_ = ::curl_global_init(CURL_GLOBAL_NOTHING) == CURLE_OK;
    return is_set_up_ && pool.set_up();
}

void Transfers::refuse(Transfer& transfer, TransferFault fault, std::string reason) {
    transfer.ended = true;
    transfer.fault = fault;
    transfer.failure = std::move(reason);
}

void Transfers::start(StartTransfer&& wanted) {
    stop(wanted.id);
    Transfer& transfer = transfers_.emplace_back();
    transfer.id = wanted.id;
    transfer.wanted = std::move(wanted);
    if (transfers_.size() > limits::transfers) {
        return refuse(transfer, TransferFault::broken, "too many transfers at the same time");
    }
    transfer.home = this;
    admit(transfer);
    if (!transfer.ended) admit_to_pool(transfer);
    if (!transfer.ended) begin(transfer);
}

void Transfers::admit(Transfer& transfer) {
    const auto url = parse_url(transfer.wanted.url, Scheme::http);
    if (!url) return refuse(transfer, TransferFault::unsupported, url.error().detail);
    const std::string scheme(scheme_name(url->scheme));
    if (url->scheme == Scheme::tftp) {
        return refuse(transfer, TransferFault::unsupported,
                      "this phone cannot fetch over " + scheme);
    }
    if (std::string flaw = request_flaw(transfer.wanted); !flaw.empty()) {
        return refuse(transfer, TransferFault::unsupported, std::move(flaw));
    }
    auto& circumstances = transfer.circumstances;
    circumstances.is_ftp = url->scheme == Scheme::ftp || url->scheme == Scheme::ftps;
    if (circumstances.is_ftp && !names_an_ftp_file(*url)) {
        return refuse(transfer, TransferFault::unsupported, "the address names no file of FTP");
    }
    if (circumstances.is_ftp && !fits_a_login(transfer.wanted)) {
        return refuse(transfer, TransferFault::unsupported,
                      "the user or password contains a control character");
    }
    circumstances.host = url->host;
    circumstances.port = url->port;
    circumstances.is_tls = url->scheme == Scheme::https || url->scheme == Scheme::ftps;
    transfer.origin = scheme + ' ' + std::to_string(url->port) + ' ' + std::string(url->host);
}

void Transfers::admit_to_pool(Transfer& transfer) {
    const StartTransfer& wanted = transfer.wanted;
    CurlPool* pool = &common_;
    if (wanted.session != 0) {
        const auto place = std::ranges::find(sessions_, wanted.session, &CurlPool::session);
        pool = place == sessions_.end() ? nullptr : &*place;
        const bool is_busy =
            pool != nullptr && std::ranges::any_of(transfers_, [pool](const Transfer& other) {
                return other.pool == pool && !other.ended;
            });
        if (is_busy) {
            return refuse(transfer, TransferFault::broken,
                          "a transfer of the session is under way");
        }
        if (pool == nullptr && sessions_.size() >= limits::transfer_sessions) {
            return refuse(transfer, TransferFault::broken, "too many sessions at the same time");
        }
    }
    std::string flaw = transfer.body.open(wanted.body, places_.state_directory);
    if (!flaw.empty()) return refuse(transfer, TransferFault::stored_file, std::move(flaw));
    CurlPool::Owner& owner = *this;
    if (pool == nullptr) pool = &sessions_.emplace_back(wanted.session, loop_, clock_, owner);
    transfer.pool = pool;
}

void Transfers::begin(Transfer& transfer) {
    CurlPool& pool = *transfer.pool;
    transfer.began_at = clock_.now();
    transfer.reuses_authentication = reuses_authentication(transfer);
    if (transfer.reuses_authentication) {
        transfer.easy = std::exchange(pool.authenticated.easy, nullptr);
    } else {
        transfer.easy = set_up(pool) ? ::curl_easy_init() : nullptr;
    }
    if (transfer.easy != nullptr) {
        configure(transfer);
        keep_trust_apart(transfer);
    }
    if (transfer.easy != nullptr && pool.is_set_up() && pool.add(transfer.easy)) return;
    let_go(transfer);
    refuse(transfer, TransferFault::broken, "the system has no room for a transfer");
}

bool Transfers::reuses_authentication(const Transfer& transfer) const {
    const StartTransfer& one = transfer.wanted;
    const AuthenticatedHandle& kept = transfer.pool->authenticated;
    const StartTransfer& other = kept.wanted;
    return kept.easy != nullptr && kept.origin == transfer.origin && one.auth == other.auth &&
           one.user == other.user && one.password == other.password &&
           one.user_agent == other.user_agent && one.tls.verify == other.tls.verify &&
           one.tls.ca_file == other.tls.ca_file && one.tls.key_file == other.tls.key_file &&
           one.tls.certificate_file == other.tls.certificate_file;
}

// Keeps the handle of a transfer that ended well, if it has learned something.
void Transfers::remember(Transfer& transfer) {
    long method = 0;
    ::curl_easy_getinfo(transfer.easy, CURLINFO_HTTPAUTH_USED, &method);
    const bool has_learned =
        transfer.answers_challenges && (method != 0 || transfer.reuses_authentication);
    if (!has_learned || transfer.head.status == unauthorized) return;
    transfer.pool->discard_authenticated();
    transfer.pool->remove(transfer.easy);
    transfer.body.close();
    transfer.wanted.body = {};
    // It points to nothing of this transfer that curl could look at before it is configured again.
    ::curl_easy_setopt(transfer.easy, CURLOPT_HTTPHEADER, nullptr);
    ::curl_easy_setopt(transfer.easy, CURLOPT_ERRORBUFFER, nullptr);
    transfer.pool->authenticated = {std::exchange(transfer.easy, nullptr), transfer.origin,
                                    transfer.wanted};
}

void Transfers::configure(Transfer& transfer) {
    CURL* easy = transfer.easy;
    const StartTransfer& wanted = transfer.wanted;
    transfer.circumstances.connect_ms = wanted.connect_ms;
    transfer.circumstances.login_ms = wanted.login_ms;
    transfer.pool->share_cookies(easy);
    transfer.fields = field_list(wanted);
    set(easy, CURLOPT_URL, wanted.url);
    set(easy, CURLOPT_PROTOCOLS_STR, transfer.origin.substr(0, transfer.origin.find(' ')));
    set(easy, CURLOPT_PATH_AS_IS, 1);
    set(easy, CURLOPT_FOLLOWLOCATION, 0);
    set(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    set(easy, CURLOPT_PROXY, std::string());
    set(easy, CURLOPT_NOSIGNAL, 1);
    set(easy, CURLOPT_FRESH_CONNECT, 0);
    set(easy, CURLOPT_FORBID_REUSE, 0);
    set(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT_MS, limits::transfer_stall_ms);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(wanted.connect_ms));
    set(easy, CURLOPT_BUFFERSIZE, static_cast<long>(limits::transfer_chunk_bytes));
    if (!wanted.user_agent.empty()) set(easy, CURLOPT_USERAGENT, wanted.user_agent);
    if (!places_.dns_servers.empty()) set(easy, CURLOPT_DNS_SERVERS, places_.dns_servers);
    ::curl_easy_setopt(easy, CURLOPT_HTTPHEADER,
                       transfer.fields != nullptr ? transfer.fields : &wants_no_coding);
    ::curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, transfer.curl_words);
    ::curl_easy_setopt(easy, CURLOPT_PRIVATE, &transfer);
    ::curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfers::on_field);
    ::curl_easy_setopt(easy, CURLOPT_HEADERDATA, &transfer);
    ::curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfers::on_body);
    ::curl_easy_setopt(easy, CURLOPT_WRITEDATA, &transfer);
    ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfers::on_open);
    ::curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, &transfer);
    if (transfer.circumstances.is_ftp) {
        configure_ftp(transfer);
    } else {
        hang_up_ftp(&transfer);
        configure_method(transfer);
        configure_credentials(transfer);
    }
    if (transfer.circumstances.is_tls) configure_tls(transfer);
}

void Transfers::configure_method(Transfer& transfer) {
    CURL* easy = transfer.easy;
    set(easy, CURLOPT_HTTPGET, 1);  // takes back what a handle had before
    ::curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Transfers::on_request_body);
    ::curl_easy_setopt(easy, CURLOPT_READDATA, &transfer);
    ::curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Transfers::on_seek);
    ::curl_easy_setopt(easy, CURLOPT_SEEKDATA, &transfer);
    switch (transfer.wanted.method) {
        case HttpMethod::get:
            return;
        case HttpMethod::head:
            return set(easy, CURLOPT_NOBODY, 1);
        case HttpMethod::put:
            set(easy, CURLOPT_UPLOAD, 1);
            return set_large(easy, CURLOPT_INFILESIZE_LARGE, transfer.body.size_bytes());
        case HttpMethod::post:
            set(easy, CURLOPT_POST, 1);
            ::curl_easy_setopt(easy, CURLOPT_POSTFIELDS, nullptr);
            return set_large(easy, CURLOPT_POSTFIELDSIZE_LARGE, transfer.body.size_bytes());
    }
}

void Transfers::configure_credentials(Transfer& transfer) {
    const StartTransfer& wanted = transfer.wanted;
    if (wanted.auth == AuthPolicy::none) return;
    const bool unasked = wanted.auth == AuthPolicy::basic_always;
    const bool digest_only = wanted.auth == AuthPolicy::digest_only;
    // With both named curl sends none of them before it was asked once; with the third word, which
    // a patch of ours gives a meaning, Basic at once.
    constexpr unsigned long either = CURLAUTH_BASIC | CURLAUTH_DIGEST;
    set(transfer.easy, CURLOPT_HTTPAUTH,
        static_cast<long>(unasked       ? either | CURLAUTH_ONLY
                          : digest_only ? CURLAUTH_DIGEST
                                        : either));
    set(transfer.easy, CURLOPT_USERNAME, wanted.user);
    set(transfer.easy, CURLOPT_PASSWORD, wanted.password);
    transfer.answers_challenges = true;
}

void Transfers::configure_tls(Transfer& transfer) {
    CURL* easy = transfer.easy;
    const TlsPolicy& tls = transfer.wanted.tls;
    transfer.certificates.verify = tls.verify;
    transfer.certificates.clock_is_proven = tls.clock_is_proven;
    transfer.certificates.host = transfer.circumstances.host;
    set(easy, CURLOPT_SSL_VERIFYPEER, tls.verify ? 1 : 0);
    set(easy, CURLOPT_SSL_VERIFYHOST, tls.verify ? 2 : 0);
    if (tls.only_1_3) set(easy, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_3);
    // A resumed session would show no certificate, and each answer stands on one. But FTP servers
    // want the data connection to resume the control connection's, as a proof of who it is.
    set(easy, CURLOPT_SSL_SESSIONID_CACHE, transfer.circumstances.is_ftp ? 1 : 0);
    ::curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, &Transfers::on_tls);
    ::curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, &transfer);
    std::string& trusted = transfer.circumstances.ca_file;
    trusted = tls.ca_file.empty() ? places_.ca_file : tls.ca_file;
    const bool is_missing = trusted.empty() || ::access(trusted.c_str(), R_OK) != 0;
    if (tls.ca_file.empty() && is_missing) trusted = places_.ca_directory;
    transfer.circumstances.shows_certificate = !tls.certificate_file.empty();
    judge_certificates_by(clock_);
}

// curl is not told whose certificates count on either side, so it would reuse a connection that
// stands on others.
void Transfers::keep_trust_apart(Transfer& transfer) {
    if (!transfer.circumstances.is_tls) return;
    const TlsPolicy& tls = transfer.wanted.tls;
    const std::string trust =
        transfer.circumstances.ca_file + '\n' + tls.certificate_file + '\n' + tls.key_file;
    CurlPool& pool = *transfer.pool;
    if (pool.trust == trust) return;
    const bool is_alone = std::ranges::count(transfers_, transfer.pool, &Transfer::pool) == 1;
    if (is_alone) {
        pool.discard_authenticated();
        hang_up_ftp(&transfer);
        pool.hang_up();
        pool.set_up();
        pool.trust = trust;
        return;
    }
    set(transfer.easy, CURLOPT_FRESH_CONNECT, 1);
    set(transfer.easy, CURLOPT_FORBID_REUSE, 1);
    set(transfer.easy, CURLOPT_SSL_SESSIONID_CACHE, 0);
}

Transfers::Transfer* Transfers::find(RequestId id) {
    const auto found = std::ranges::find(transfers_, id, &Transfer::id);
    return found == transfers_.end() ? nullptr : &*found;
}

void Transfers::credit(const CreditTransfer& grant) {
    if (Transfer* transfer = find(grant.id)) transfer->credit_bytes += grant.bytes;
}

void Transfers::stop(RequestId id) {
    const auto found = std::ranges::find(transfers_, id, &Transfer::id);
    if (found == transfers_.end()) return;
    let_go(*found);
    transfers_.erase(found);
}

void Transfers::release(const ReleaseSession& released) {
    if (released.session == 0) return;
    for (Transfer& transfer : transfers_) {
        if (transfer.wanted.session == released.session) let_go(transfer);
    }
    std::erase_if(transfers_, [&released](const Transfer& transfer) {
        return transfer.wanted.session == released.session;
    });
    std::erase_if(sessions_,
                  [&released](const CurlPool& pool) { return pool.session() == released.session; });
}

// What curl holds for a transfer; a connection in the middle of an answer is closed.
void Transfers::let_go(Transfer& transfer) {
    if (transfer.easy != nullptr) {
        transfer.pool->remove(transfer.easy);
        ::curl_easy_cleanup(transfer.easy);
        transfer.easy = nullptr;
    }
    ::curl_slist_free_all(std::exchange(transfer.fields, nullptr));
}

curl_socket_t Transfers::on_open(void* transfer, curlsocktype, curl_sockaddr* address) {
    auto& self = *static_cast<Transfer*>(transfer);
    self.circumstances.last_address = address_text(address->addr);
    const int socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
                                address->protocol);
    if (self.circumstances.is_ftp && socket >= 0) self.home->ftp_sockets_.push_back(socket);
    return socket;
}

CURLcode Transfers::on_tls(CURL*, void* ssl_config, void* transfer) {
    auto& self = *static_cast<Transfer*>(transfer);
    self.circumstances.tls_began = true;
    watch_certificates(ssl_config, self.certificates);
    const TlsPolicy& tls = self.wanted.tls;
    if (tls.verify && !self.authorities) {
        self.authorities = std::make_unique<Authorities>();
        if (!self.authorities->load(self.circumstances.ca_file)) return CURLE_SSL_CACERT_BADFILE;
    }
    if (tls.verify) self.authorities->use_in(ssl_config);
    self.certificates.authorities = self.authorities.get();
    if (tls.certificate_file.empty()) return CURLE_OK;
    if (!self.own_certificate) {
        self.own_certificate = std::make_unique<OwnCertificate>();
        const Status loaded = self.own_certificate->load(tls.certificate_file, tls.key_file);
        self.circumstances.own_certificate_flaw = loaded ? "" : loaded.error().detail;
        if (!loaded) return CURLE_SSL_CERTPROBLEM;
    }
    self.own_certificate->use_in(ssl_config);
    return CURLE_OK;
}

void Transfers::tick(Instant now) {
    for (Transfer& transfer : transfers_) {
        resume(transfer);
        watch_ftp(transfer, now);
    }
    common_.tick(now);
    for (CurlPool& pool : sessions_)
        pool.tick(now);
}

std::optional<Instant> Transfers::deadline() const {
    std::optional<Instant> first = common_.deadline();
    const auto note = [&first](std::optional<Instant> due) {
        if (due && (!first || *due < *first)) first = due;
    };
    for (const CurlPool& pool : sessions_)
        note(pool.deadline());
    for (const Transfer& transfer : transfers_)
        note(transfer.ended ? std::nullopt : transfer.ftp_due);
    return first;
}

void Transfers::conclude(CURL* easy, CURLcode code) {
    char* transfer = nullptr;
    ::curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    conclude(*reinterpret_cast<Transfer*>(transfer), code);
}

// The request behind a 401, to which nothing was answered: the server has ended the connection
// meanwhile.
bool Transfers::may_be_sent_again(const Transfer& transfer, CURLcode code) {
    const bool is_broken =
        code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;
    if (!is_broken || transfer.easy == nullptr) return false;
    const AnswerHead& head = transfer.head;
    const bool follows_challenge = head.complete && head.status == unauthorized;
    return follows_challenge && !transfer.head_is_final && !transfer.was_sent_again;
}

// Servers end connections without a word, many of them behind a 401 (RFC 9112 9.3.1). curl itself
// does not always send again what it has sent behind a challenge.
bool Transfers::send_again(Transfer& transfer, CURLcode code) {
    if (!may_be_sent_again(transfer, code)) return false;
    transfer.was_sent_again = true;
    transfer.head = {};
    transfer.body.seek(0);
    transfer.pool->remove(transfer.easy);
    set(transfer.easy, CURLOPT_FRESH_CONNECT, 1);
    return transfer.pool->add(transfer.easy);
}

void Transfers::conclude(Transfer& transfer, CURLcode code) {
    if (send_again(transfer, code)) return;
    if (transfer.circumstances.is_ftp) code = ftp_result(transfer, code);
    transfer.ended = true;
    const bool has_head = transfer.head.complete && !transfer.head.is_interim();
    if (code == CURLE_OK && !has_head) code = CURLE_GOT_NOTHING;
    if (code == CURLE_OK) {
        transfer.head_is_final = true;
        remember(transfer);
    } else {
        judge(transfer, code);
    }
    let_go(transfer);
    transfer.body.close();
}

void Transfers::judge(Transfer& transfer, CURLcode code) {
    auto& circumstances = transfer.circumstances;
    if (transfer.easy != nullptr) {
        curl_off_t resolved_us = 0;
        long system_error = 0;
        ::curl_easy_getinfo(transfer.easy, CURLINFO_NAMELOOKUP_TIME_T, &resolved_us);
        ::curl_easy_getinfo(transfer.easy, CURLINFO_OS_ERRNO, &system_error);
        circumstances.name_was_resolved = !circumstances.last_address.empty() || resolved_us > 0;
        circumstances.system_error = static_cast<int>(system_error);
    }
    circumstances.head = transfer.head;
    circumstances.ftp = transfer.ftp;
    circumstances.certificate = certificate_words(transfer.certificates, clock_.wall_s());
    circumstances.has_only_expired = has_only_expired(transfer.certificates);
    circumstances.curl_words = transfer.curl_words;
    auto [fault, reason] = judge_failure(code, circumstances);
    circumstances.curl_words = {};
    refuse(transfer, fault, std::move(reason));
}

void Transfers::resume(Transfer& transfer) {
    const bool has_room = transfer.held.empty() && transfer.credit_bytes > 0;
    if (!transfer.paused || !has_room || transfer.ended) return;
    transfer.paused = false;
    const CURLcode code = ::curl_easy_pause(transfer.easy, CURLPAUSE_CONT);
    if (code != CURLE_OK) conclude(transfer, code);
}

size_t Transfers::on_request_body(char* room, size_t size, size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const int64_t got = transfer.body.read({room, size * count});
    if (got >= 0) return static_cast<size_t>(got);
    transfer.circumstances.stored_file_is_broken = true;
    return CURL_READFUNC_ABORT;
}

int Transfers::on_seek(void* context, curl_off_t offset, int origin) {
    if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
    static_cast<Transfer*>(context)->body.seek(static_cast<uint64_t>(offset));
    return CURL_SEEKFUNC_OK;
}

size_t Transfers::on_body(char* bytes, size_t size, size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const size_t length = size * count;
    if (transfer.circumstances.is_ftp && !transfer.head_is_final) note_ftp_head(transfer, 200);
    if (!transfer.held.empty() || (transfer.decoder && transfer.decoder->has_more())) {
        transfer.paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    transfer.head_is_final = true;  // a 401 that curl does not answer
    const auto* octets = reinterpret_cast<const uint8_t*>(bytes);
    transfer.circumstances.received_bytes += length;
    if (!transfer.decoder) {
        transfer.held.assign(octets, octets + length);
        return length;
    }
    transfer.decoder->give({octets, length});
    return decode(transfer) ? length : 0;
}

// Whether the body can be read; what is no file may be in any coding.
bool Transfers::takes_coding(Transfer& transfer) {
    const AnswerHead& head = transfer.head;
    const ContentCoding coding = content_coding(head.content_encoding, head.content_type);
    if (coding == ContentCoding::none || head.status / 100 != 2) return true;
    transfer.decoder = std::make_unique<GzipDecoder>();
    const bool is_bodiless = transfer.wanted.method == HttpMethod::head;
    const bool is_file = coding == ContentCoding::gzip && head.status != partial_content;
    if (is_bodiless || is_file) return true;
    transfer.circumstances.coding_flaw = CodingFlaw::unasked;
    return false;
}

// As much as may be held. False: it cannot be read.
bool Transfers::decode(Transfer& transfer) {
    GzipDecoder& decoder = *transfer.decoder;
    if (decoder.decode(limits::transfer_chunk_bytes, transfer.held)) return true;
    transfer.circumstances.coding_flaw =
        decoder.was_gzip() ? CodingFlaw::damaged : CodingFlaw::no_gzip;
    return false;
}

// After some of it was delivered.
void Transfers::decode_rest(Transfer& transfer) {
    if (!transfer.held.empty() || !transfer.decoder) return;
    const bool holds = !transfer.decoder->has_more() || decode(transfer);
    if (!holds && !transfer.ended) conclude(transfer, CURLE_WRITE_ERROR);
    judge_end(transfer);
}

// The last of the body may be at fault when curl has long been done.
void Transfers::judge_end(Transfer& transfer) {
    const bool is_over = transfer.ended && transfer.failure.empty() && transfer.held.empty();
    if (!is_over || !transfer.decoder || transfer.decoder->is_whole()) return;
    CodingFlaw& flaw = transfer.circumstances.coding_flaw;
    if (flaw == CodingFlaw::none) flaw = CodingFlaw::cut;
    judge(transfer, CURLE_WRITE_ERROR);
}

size_t Transfers::on_field(char* bytes, size_t size, size_t count, void* context) {
    auto& transfer = *static_cast<Transfer*>(context);
    const size_t length = size * count;
    if (transfer.circumstances.is_ftp) {
        hear_reply(transfer, {bytes, length});
        return length;
    }
    if (transfer.head_is_final) return length;  // trailer fields
    AnswerHead& head = transfer.head;
    read_head_line(head, {bytes, length});
    // curl would take the last length, and what follows a 101 for a body.
    if (head.contradicts_itself || head.switches_protocol()) return 0;
    if (!head.complete || head.is_interim()) return length;
    long method = 0;
    ::curl_easy_getinfo(transfer.easy, CURLINFO_HTTPAUTH_USED, &method);
    // curl has decided by now whether it answers a challenge, and all that can be seen of it is
    // that it found a method. Whether it uses it, the next bytes tell: a body or a new head.
    const bool may_go_on =
        transfer.answers_challenges && (method != 0 || transfer.reuses_authentication);
    if (!takes_coding(transfer)) return 0;
    transfer.head_is_final = head.status != unauthorized || !may_go_on;
    note_challenge(transfer, may_go_on);
    note_certificate(transfer);
    return length;
}

// Who sends a password unasked and is told "Basic" has sent a wrong one.
void Transfers::note_challenge(Transfer& transfer, bool is_answered) {
    long offered = 0;
    ::curl_easy_getinfo(transfer.easy, CURLINFO_HTTPAUTH_AVAIL, &offered);
    const bool unasked = transfer.wanted.auth == AuthPolicy::basic_always && offered != 0;
    const bool may_answer = transfer.wanted.auth == AuthPolicy::on_challenge ||
                            transfer.wanted.auth == AuthPolicy::basic_always;
    transfer.knows_challenge = is_answered || unasked || !may_answer;
}

void Transfers::note_certificate(Transfer& transfer) {
    const TransferCircumstances& circumstances = transfer.circumstances;
    if (!circumstances.is_tls || circumstances.shows_certificate) return;
    const curl_tlssessioninfo* session = nullptr;
    ::curl_easy_getinfo(transfer.easy, CURLINFO_TLS_SSL_PTR, &session);
    transfer.lacks_certificate = session != nullptr && session->backend == CURLSSLBACKEND_MBEDTLS &&
                                 wants_certificate(session->internals);
}

bool Transfers::deliver(Instant now, EventSink& sink) {
    for (auto transfer = transfers_.begin(); transfer != transfers_.end(); ++transfer) {
        const bool has_head = transfer->head_is_final && !transfer->head_delivered;
        const bool has_chunk = !transfer->held.empty() && transfer->credit_bytes > 0;
        const bool has_end = transfer->ended && transfer->held.empty();
        if (!has_head && !has_chunk && !has_end) continue;
        // The others come first next time. The transfer may be gone when the sink returns.
        transfers_.splice(transfers_.end(), transfers_, transfer);
        if (has_head) {
            deliver_head(*transfer, now, sink);
        } else if (has_chunk) {
            deliver_chunk(*transfer, now, sink);
        } else {
            deliver_end(*transfer, now, sink);
        }
        return true;
    }
    return false;
}

void Transfers::deliver_head(Transfer& transfer, Instant now, EventSink& sink) {
    transfer.head_delivered = true;
    const AnswerHead head = transfer.head;
    const bool verified = transfer.circumstances.is_tls && transfer.certificates.verify;
    TransferHead told = {.id = transfer.id,
                         .status = head.status,
                         .tls_verified = verified,
                         .location = head.location,
                         .retry_after = head.retry_after,
                         .content_type = head.content_type,
                         .range = parse_content_range(head.content_range),
                         .date = head.date,
                         .lacks_certificate = transfer.lacks_certificate,
                         .valid_from_s = verified ? transfer.certificates.chain_from_s : 0,
                         .valid_to_s = verified ? transfer.certificates.chain_to_s : 0};
    if (!transfer.decoder) {
        told.content_length = head.content_length;
        told.etag = head.etag;
        told.last_modified = head.last_modified;
    }
    const std::string wants = transfer.knows_challenge ? "" : challenge_words(head.challenges);
    told.wants = wants;
    sink.take(now, told);
}

void Transfers::deliver_chunk(Transfer& transfer, Instant now, EventSink& sink) {
    const uint64_t size_bytes = std::min<uint64_t>(transfer.held.size(), transfer.credit_bytes);
    const auto end = transfer.held.begin() + static_cast<ptrdiff_t>(size_bytes);
    transfer.credit_bytes -= size_bytes;
    if (end == transfer.held.end()) {
        delivering_.swap(transfer.held);
        transfer.held.clear();
    } else {
        delivering_.assign(transfer.held.begin(), end);
        transfer.held.erase(transfer.held.begin(), end);
    }
    decode_rest(transfer);
    sink.take(now, TransferChunk{transfer.id, delivering_});
}

void Transfers::deliver_end(Transfer& transfer, Instant now, EventSink& sink) {
    judge_end(transfer);
    const RequestId id = transfer.id;
    const TransferFault fault = transfer.fault;
    const std::string failure = std::move(transfer.failure);
    transfers_.pop_back();
    if (failure.empty()) return sink.take(now, TransferEnd{id});
    sink.take(now, TransferFailed{id, fault, failure});
}

}  // namespace dialtone
