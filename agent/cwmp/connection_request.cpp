// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/connection_request.h"

#include <algorithm>
#include <span>
#include <utility>

#include "agent/digest.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr uint32_t path_bytes = 12;  // twice as many digits
constexpr uint32_t last_port = 65'535;

std::vector<DigestAlgorithm> algorithms_of(std::string_view list) {
    std::vector<DigestAlgorithm> out;
    while (!list.empty()) {
        const std::string_view name = take_piece(list, ',');
        out.push_back(name == "sha256" ? DigestAlgorithm::sha256 : DigestAlgorithm::md5);
    }
    return out;
}

DigestCredentials credentials_of(const Settings& settings) {
    return {.user = std::string(settings.get(Setting::tr069_connection_request_user)),
            .password = std::string(settings.get(Setting::tr069_connection_request_password)),
            .algorithms = algorithms_of(settings.get(Setting::tr069_connection_request_algorithm))};
}

}  // namespace

std::string connection_request_url(const PhoneFacts& phone) {
    const AcsReach& reach = phone.acs_reach;
    if (reach.http_port == 0 || phone.address.octet_count == 0) return {};
    return "http://" + address_in_url(phone.address) + ':' + std::to_string(reach.http_port) +
           reach.http_path;
}

bool RequestRate::admit(Instant now) {
    std::erase_if(admitted_, [&](Instant one) {
        return now.since(one) >= uint64_t{limits::connection_requests_s} * 1000;
    });
    if (admitted_.size() >= limits::connection_requests) return false;
    admitted_.push_back(now);
    return true;
}

// --- the port ------------------------------------------------------------------------------------

// The same at each start while the phone has the same password, so that an ACS that was not told in
// time still finds it, and none is told of a change that is none; and the same for all of a life,
// so that a new password moves nothing. Without a password anybody can work it out, and nobody is
// let in.
std::string ConnectionRequests::path() const {
    const Sha256 digest =
        hmac_sha256(credentials_.password, "connection request path " + mac_text(phone_.identity));
    return '/' + hex_of(std::span(digest).first(path_bytes));
}

void ConnectionRequests::take_settings(Instant now, bool wanted) {
    const Settings& settings = phone_.settings;
    if (auto credentials = credentials_of(settings); credentials != credentials_) {
        credentials_ = std::move(credentials);
        digest_.set_secret(phone_.secret);
        digest_.set_credentials(credentials_);
        lacks_credentials_told_ = false;
    }
    const auto port =
        static_cast<uint16_t>(settings.number(Setting::tr069_connection_request_port));
    if (port != port_ || wanted != wanted_) {
        close();
        port_ = port;
        wanted_ = wanted;
    }
    arrange(now);
}

// Opens, closes or moves the port as the phone's state wants it.
void ConnectionRequests::arrange(Instant now) {
    if (phone_.address.octet_count != octet_count_) {
        close();
        octet_count_ = phone_.address.octet_count;
    }
    const bool waits = reopen_due_ && now < *reopen_due_;
    if (!wanted_ || port_ == 0 || octet_count_ == 0 || listener_ != 0 || waits) return;
    if (phone_.acs_reach.http_path.empty()) phone_.acs_reach.http_path = path();
    reopen_due_.reset();
    ports_tried_ = 0;
    open();
}

void ConnectionRequests::open() {
    open_port_ = static_cast<uint16_t>(std::min(port_ + ports_tried_, last_port));
    ++ports_tried_;
    listener_ = new_id();
    emit(OpenHttp{.listener = listener_, .octet_count = octet_count_, .port = open_port_});
}

void ConnectionRequests::take_opened() {
    phone_.acs_reach.http_port = open_port_;
    if (ports_tried_ <= 1) return;
    journal(line(JournalKind::connection_request_port)
                .with("port", open_port_)
                .with("reason", "port " + std::to_string(port_) + ": " + failure_));
}

void ConnectionRequests::close() {
    if (listener_ != 0) emit(CloseHttp{std::exchange(listener_, 0)});
    phone_.acs_reach.http_port = 0;
    reopen_due_.reset();
    failure_told_ = false;
}

void ConnectionRequests::take_failure(Instant now, const SocketFailed& failed) {
    listener_ = 0;
    phone_.acs_reach.http_port = 0;
    if (ports_tried_ <= 1) failure_ = failed.reason;
    if (ports_tried_ < limits::connection_request_ports && port_ + ports_tried_ <= last_port)
        return open();
    reopen_due_ = now + uint64_t{limits::connection_request_reopen_s} * 1000;
    if (std::exchange(failure_told_, true)) return;
    journal(line(JournalKind::connection_request_off)
                .with("reason", "port " + std::to_string(port_) + ": " + failure_)
                .with("next", "it is tried again in " +
                                  std::to_string(limits::connection_request_reopen_s) + " s"));
}

void ConnectionRequests::handle(Instant now, const Event& event) {
    if (const auto* request = std::get_if<HttpRequest>(&event);
        request && request->listener == listener_ && listener_ != 0)
        return take_request(now, *request);
    if (const auto* opened = std::get_if<HttpOpened>(&event);
        opened && opened->listener == listener_ && listener_ != 0)
        return take_opened();
    if (const auto* failed = std::get_if<SocketFailed>(&event);
        failed && failed->socket == listener_ && listener_ != 0)
        return take_failure(now, *failed);
    arrange(now);
}

std::optional<Instant> ConnectionRequests::deadline() const {
    return reopen_due_;
}

// --- a request -----------------------------------------------------------------------------------

void ConnectionRequests::take_request(Instant now, const HttpRequest& request) {
    std::string_view rest = request.target;
    if (!same_secret(take_piece(rest, '?'), phone_.acs_reach.http_path)) return reply(request, 404);
    if (request.method != HttpMethod::get) return reply(request, 405);
    if (digest_.has_credentials()) return judge(now, request);
    reply(request, 403);
    if (std::exchange(lacks_credentials_told_, true)) return;
    journal(line(JournalKind::connection_request_off)
                .with("reason",
                      "tr069.connection_request_user and "
                      "tr069.connection_request_password are not both set"));
}

void ConnectionRequests::judge(Instant now, const HttpRequest& request) {
    const DigestJudgement judgement =
        digest_.judge(now, request.method, request.target, request.authorization);
    if (!judgement.accepted) {
        HttpReply challenge{.request = request.request, .status = 401};
        for (std::string& value : digest_.challenges(now, judgement.is_stale))
            challenge.fields.emplace_back("WWW-Authenticate", std::move(value));
        emit(std::move(challenge));
        // The first request of every client names no user.
        if (!request.authorization.empty()) refuse(request, judgement.reason);
        return;
    }
    if (!rate_.admit(now)) {
        reply(request, 503);
        return refuse(request, "there were too many of late");
    }
    reply(request, 200);
    journal(line(JournalKind::connection_request)
                .with("method", "HTTP")
                .with("from", address_text(request.from)));
    finish({});
}

void ConnectionRequests::reply(const HttpRequest& request, uint16_t status) {
    HttpReply out{.request = request.request, .status = status};
    if (status == 405) out.fields.emplace_back("Allow", "GET");
    emit(std::move(out));
}

void ConnectionRequests::refuse(const HttpRequest& request, std::string_view reason) {
    journal(line(JournalKind::connection_request_refused)
                .with("method", "HTTP")
                .with("from", address_text(request.from))
                .with("reason", reason));
}

}  // namespace dialtone
