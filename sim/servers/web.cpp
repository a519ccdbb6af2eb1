// SPDX-License-Identifier: Apache-2.0
#include "sim/servers/web.h"

#include <algorithm>
#include <utility>

namespace dialtone::sim {
namespace {

std::string_view origin_of(std::string_view url) {
    const auto slash = url.find('/', url.find("://") + 3);
    return url.substr(0, slash);
}

std::string_view host_of(std::string_view url) {
    const std::string_view origin = origin_of(url);
    const std::string_view host = origin.substr(origin.find("://") + 3);
    return host.starts_with('[') ? host.substr(0, host.find(']') + 1)
                                 : host.substr(0, host.find(':'));
}

bool is_ftp(std::string_view url) {
    return url.starts_with("ftp");
}

bool is_tls(std::string_view url) {
    return url.starts_with("https:") || url.starts_with("ftps:");
}

// What of it no client knows; empty: nothing.
std::string unknown_challenge(Challenge challenge) {
    if (challenge == Challenge::unknown_scheme) return "Riddle realm=\"files\"";
    return challenge == Challenge::unknown_algorithm ? "Digest with SHA-512-256" : "";
}

bool renews_nonces(Challenge challenge) {
    return challenge == Challenge::digest_renewed || challenge == Challenge::digest_renewed_always;
}

Web::Outcome refusal(TransferFault fault, std::string reason, uint32_t after_ms = 1) {
    return {
        .refused = true, .fault = fault, .reason = std::move(reason), .refused_after_ms = after_ms};
}

}  // namespace

Answer part_of(const Answer& whole, const ByteRange& wanted) {
    const bool is_changed = !wanted.if_range.empty() && wanted.if_range != whole.etag &&
                            wanted.if_range != whole.last_modified;
    if (whole.ranges == RangeSupport::none || is_changed) return whole;
    const uint64_t total = whole.body.size();
    Answer part = whole;
    if (wanted.first >= total) {
        part.status = 416;
        part.body.clear();
        part.content_range = "bytes */" + std::to_string(total);
        return part;
    }
    const uint64_t last = std::min(wanted.last.value_or(UINT64_MAX), total - 1);
    const uint64_t first = whole.ranges == RangeSupport::other_part ? 0 : wanted.first;
    part.status = 206;
    part.body =
        whole.body.substr(static_cast<uint32_t>(first), static_cast<uint32_t>(last - first + 1));
    if (whole.ranges != RangeSupport::part_unnamed)
        part.content_range = "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" +
                             std::to_string(total);
    return part;
}

void Web::put(std::string url, Answer answer) {
    answers_[std::move(url)] = std::move(answer);
}

void Web::serve(std::string url, Responder responder) {
    answers_[url] = {};
    responders_[std::move(url)] = std::move(responder);
}

void Web::put_server(std::string origin, WebServer server) {
    servers_[std::move(origin)] = std::move(server);
}

bool Web::knows_host(std::string_view url) const {
    for (const auto& [known, answer] : answers_) {
        if (origin_of(known) == origin_of(url)) return true;
    }
    return false;
}

// No connection, for whatever reason.
bool Web::refuses(const StartTransfer& request, Outcome& outcome) const {
    const std::string_view host = host_of(request.url);
    if (const auto failing = failing_names_.find(host); failing != failing_names_.end()) {
        outcome =
            refusal(TransferFault::name, "the name " + std::string(host) + " could not be resolved",
                    failing->second ? request.connect_ms : 1);
        return true;
    }
    const auto place = servers_.find(origin_of(request.url));
    const auto reachability =
        place == servers_.end() ? Reachability::open : place->second.reachability;
    if (reachability == Reachability::unresponsive) {
        outcome =
            refusal(TransferFault::connect, "no answer to the connection", request.connect_ms);
        return true;
    }
    if (down_ || reachability == Reachability::refused || !knows_host(request.url)) {
        outcome.refused = true;
        return true;
    }
    if (reachability != Reachability::unresponsive_after_accept || !is_tls(request.url))
        return false;
    outcome = refusal(TransferFault::connect, "no TLS answer", request.connect_ms);
    return true;
}

// A handshake that ends the transfer. What it proved otherwise stands in the answer.
bool Web::fails_in_tls(const StartTransfer& request, WallSeconds wall_s, Outcome& outcome) const {
    if (!is_tls(request.url)) return false;
    outcome.answer.tls_verified = outcome.answer.tls_verified && request.tls.verify;
    const auto place = servers_.find(origin_of(request.url));
    if (place == servers_.end()) return false;
    const WebServer& server = place->second;
    const auto fail = [&outcome](std::string reason, TransferFault fault = TransferFault::tls) {
        outcome = refusal(fault, std::move(reason));
        return true;
    };
    if (server.without_tls) return fail("the TLS handshake failed: that is no TLS");
    if (server.demands_client_certificate && request.tls.certificate_file.empty())
        return fail("the server may demand a client certificate");
    outcome.answer.lacks_certificate =
        server.asks_client_certificate && request.tls.certificate_file.empty();
    if (!server.certificate || !request.tls.verify) return false;
    const Certificate& certificate = *server.certificate;
    const auto& names = certificate.names;
    if (!certificate.authority.empty() && certificate.authority != request.tls.ca_file)
        return fail("the certificate is signed by an unknown authority");
    if (std::find(names.begin(), names.end(), host_of(request.url)) == names.end())
        return fail("the certificate is for another name");
    if (wall_s < certificate.from_s && request.tls.clock_is_proven)
        return fail("the certificate is valid only later");
    if (wall_s > certificate.until_s)
        return fail("the certificate has expired", TransferFault::expired);
    outcome.answer.tls_verified = true;
    outcome.answer.valid_from_s = certificate.from_s;
    outcome.answer.valid_to_s = certificate.until_s;
    return false;
}

// Who may have the answer. Of credentials on demand the first request of an origin knows nothing.
void Web::challenge(const StartTransfer& request, Outcome& outcome) {
    ++requests_seen_;
    Answer& answer = outcome.answer;
    if (answer.user.empty() || is_ftp(request.url)) return;
    const Client client(request.session, origin_of(request.url));
    const bool right = request.user == answer.user && request.password == answer.password;
    const bool always = request.auth == AuthPolicy::basic_always;
    const std::string wants = unknown_challenge(answer.challenge);
    const bool by_digest = answer.challenge != Challenge::basic;
    const bool answers = request.auth == AuthPolicy::on_challenge || always ||
                         (request.auth == AuthPolicy::digest_only && by_digest);
    const bool sends = answers && wants.empty();
    const bool forgets = answer.challenge == Challenge::digest_stale ||
                         answer.challenge == Challenge::digest_stale_unmarked;
    // What was right once goes out with the first request, and so does Basic that nobody asked for.
    const bool at_once = (always && !by_digest) || (logged_in_.contains(client) && !forgets);
    const bool never = answer.challenge == Challenge::digest_renewed_always;
    if (sends && !at_once) ++requests_seen_;
    if (sends && renews_nonces(answer.challenge)) ++requests_seen_;
    if (sends && right && !never) {
        logged_in_.insert(client);
        return;
    }
    answer = {.status = 401,
              .body = answer.challenge_page,
              .tls_verified = answer.tls_verified,
              .wants = request.auth == AuthPolicy::on_challenge || always ? wants : "",
              .date = answer.date,
              .lacks_certificate = answer.lacks_certificate,
              .valid_from_s = answer.valid_from_s,
              .valid_to_s = answer.valid_to_s};
}

Web::Outcome Web::respond(const StartTransfer& request, WallSeconds wall_s) {
    Outcome outcome;
    if (refuses(request, outcome)) return outcome;
    const auto place = answers_.find(request.url);
    outcome.answer =
        place == answers_.end() ? Answer{.status = 404, .body = "no such file"} : place->second;
    const auto responder = responders_.find(request.url);
    if (responder != responders_.end()) outcome.answer = responder->second(request);
    if (fails_in_tls(request, wall_s, outcome)) return outcome;
    requests_.push_back(request);
    challenge(request, outcome);
    demand_cookie(request, outcome);
    if (request.range && outcome.answer.status == 200)
        outcome.answer = part_of(outcome.answer, *request.range);
    return outcome;
}

void Web::demand_cookie(const StartTransfer& request, Outcome& outcome) {
    Answer& answer = outcome.answer;
    if (answer.cookie.empty()) return;
    const Client client(request.session, origin_of(request.url));
    const bool is_first = gave_cookie_.insert(client.second).second;
    if (!is_first && !has_cookie_.contains(client)) answer.status = 403;
    // A client keeps what it is given within a session, and nowhere else.
    if (request.session != 0) has_cookie_.insert(client);
}

void Web::note_connection(const StartTransfer& request, bool keeps) {
    Client client(request.session, origin_of(request.url));
    const auto place = open_.find(client);
    if (place == open_.end()) {
        ++connections_;
        if (keeps) open_.insert(std::move(client));
    } else if (!keeps) {
        open_.erase(place);
    }
}

void Web::forget_session(RequestId session) {
    const auto is_it = [session](const Client& client) {
        return client.first != 0 && (session == 0 || client.first == session);
    };
    std::erase_if(open_, is_it);
    std::erase_if(logged_in_, is_it);
    std::erase_if(has_cookie_, is_it);
}

}  // namespace dialtone::sim
