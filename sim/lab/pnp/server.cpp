// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/pnp/server.h"

#include <algorithm>
#include <utility>

namespace dialtone::sim::pnp {
namespace {

constexpr uint32_t t1_ms = 500;  // RFC 3261 17.1.2.1
constexpr uint32_t t2_ms = 4'000;
constexpr uint32_t notify_sendings = 7;

// What is said to the SUBSCRIBEs of a life, in their order; to those behind it the last one.
constexpr std::string_view accepting[] = {"200 OK"};
constexpr std::string_view failing[] = {"500 Server Internal Error"};
constexpr std::string_view refusing[] = {"302 Moved Temporarily", "404 Not Found", ""};

std::string_view status_for(Life life, size_t number) {
    const auto pick = [&](const auto& statuses) {
        return statuses[std::min(number, std::size(statuses)) - 1];
    };
    switch (life) {
        case Life::unanswered:
            return "";
        case Life::accepted:
        case Life::assigned:
            return pick(accepting);
        case Life::failed:
            return pick(failing);
        case Life::refused:
            return pick(refusing);
    }
    __builtin_unreachable();
}

std::string path_of(std::string_view url) {
    const auto host = url.find("//");
    const auto path = url.find('/', host == std::string_view::npos ? 0 : host + 2);
    return std::string(path == std::string_view::npos ? "/" : url.substr(path));
}

}  // namespace

Server::Server(ServerOptions options, uint64_t now_ms)
    : options_(std::move(options)), last_ms_(now_ms) {
}

void Server::take(uint64_t now_ms, std::string_view from, std::string_view text, bool to_group) {
    const auto message = read_sip_text(text);
    if (!message) return;
    if (message->status() != 0) return take_answer(now_ms, *message);
    if (message->method() == "SUBSCRIBE" && to_group) take_subscribe(now_ms, from, *message);
}

void Server::take_subscribe(uint64_t now_ms, std::string_view from, const SipText& message) {
    last_ms_ = now_ms;
    const bool is_new = std::ranges::none_of(record_.subscribes, [&](const auto& one) {
        return one.message.field("call-id") == message.field("call-id");
    });
    record_.subscribes.push_back({now_ms, std::string(from), message});
    const std::string_view status = status_for(options_.life, record_.subscribes.size());
    if (!status.empty()) answer(from, message, status);
    const bool is_again = !record_.downloads.empty() && is_new;
    if (options_.life == Life::assigned && (record_.subscribes.size() == 1 || is_again))
        send_notify(now_ms, is_again);
}

// The first final answer counts; it may come again.
void Server::take_answer(uint64_t now_ms, const SipText& message) {
    if (message.status() < 200 || !notify_ || message.field("call-id") != notify_->call_id) return;
    last_ms_ = now_ms;
    const bool has_event = notify_->has_event;
    notify_.reset();
    LifeRecord::NotifyAnswer& kept = has_event ? record_.with_url : record_.without_event;
    if (kept.status == 0) kept = {now_ms, message.status()};
    if (!has_event) send_notify(now_ms, true);
}

bool Server::take_download(uint64_t now_ms, std::string_view target) {
    last_ms_ = now_ms;
    record_.downloads.push_back({now_ms, std::string(target)});
    return options_.has_file && target == path_of(options_.url);
}

void Server::answer(std::string_view from, const SipText& message, std::string_view status) {
    std::vector<std::string> lines = {"Contact: <sip:" + options_.here + ">", "Expires: 0"};
    if (status.starts_with('3')) lines.front() = "Contact: <sip:" + std::string(group) + ">";
    out_.push_back({std::string(from), write_answer(message, status, fresh("answer"), lines)});
}

// As the text on plug and play draws it; one without Event is to be refused.
void Server::send_notify(uint64_t now_ms, bool has_event) {
    const LifeRecord::Subscribe& last = record_.subscribes.back();
    const std::string uri(address_of(last.message.field("contact")));
    const std::string own = "<sip:" + options_.here + ">";
    Notify notify;
    notify.call_id = fresh("call");
    std::vector<std::string> lines = {
        "NOTIFY " + (uri.empty() ? "sip:" + last.from : uri) + " SIP/2.0",
        "Via: SIP/2.0/UDP " + options_.here + ";branch=" + fresh("z9hG4bK") + ";rport",
        "Max-Forwards: 70",
        "Contact: " + own,
        "To: " + own,
        "From: " + own + ";tag=" + fresh("from"),
        "Call-ID: " + notify.call_id,
        "CSeq: 1 NOTIFY",
        "Content-Type: application/url"};
    if (has_event) lines.emplace_back("Event: ua-profile");
    notify.datagram = {last.from, write_lines(lines, options_.url)};
    notify.at_ms = now_ms;
    notify.wait_ms = t1_ms;
    notify.sendings = notify_sendings;
    notify.has_event = has_event;
    notify_ = std::move(notify);
}

std::vector<Datagram> Server::due(uint64_t now_ms) {
    std::vector<Datagram> out = std::exchange(out_, {});
    if (!notify_ || notify_->at_ms > now_ms) return out;
    if (notify_->sendings == 0) {
        const bool had_event = notify_->has_event;
        notify_.reset();
        if (!had_event) send_notify(now_ms, true);
        return out;
    }
    out.push_back(notify_->datagram);
    --notify_->sendings;
    notify_->at_ms = now_ms + notify_->wait_ms;
    notify_->wait_ms = std::min(notify_->wait_ms * 2, t2_ms);
    return out;
}

bool Server::is_done(uint64_t now_ms) const {
    const size_t count = record_.subscribes.size();
    if (count == 0) return now_ms >= last_ms_ + options_.patience_ms;
    const bool is_quiet = now_ms >= last_ms_ + quiet_ms;
    switch (options_.life) {
        case Life::unanswered:
            return is_quiet || count >= most_subscribes;
        case Life::accepted:
        case Life::failed:
            return now_ms >= record_.subscribes.front().at_ms + options_.watch_ms;
        case Life::refused:
            return is_quiet || count >= std::size(refusing);
        case Life::assigned:
            break;
    }
    if (notify_) return false;
    const bool waits_for_more =
        options_.has_file && record_.with_url.status == 200 && record_.downloads.size() < 2;
    return waits_for_more ? now_ms >= last_ms_ + restart_ms : is_quiet;
}

// A word that is new in each message.
std::string Server::fresh(std::string_view what) {
    return std::string(what) + std::to_string(static_cast<uint32_t>(options_.life)) + "x" +
           std::to_string(++fresh_) + "x" + std::to_string(last_ms_);
}

}  // namespace dialtone::sim::pnp
