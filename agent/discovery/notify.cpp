// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/notify.h"

#include <algorithm>

#include "agent/limits.h"
#include "agent/scheme.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// The events that the vendors' servers send, and those in public lists of NOTIFYs for phones.
struct EventRow {
    std::string_view event;
    NotifyKind kind;
};

constexpr EventRow events[] = {
    {"ua-profile", NotifyKind::urls},
    {"check-sync", NotifyKind::check},
    {"resync", NotifyKind::check},
    {"sys-control", NotifyKind::check},
    {"reboot=true", NotifyKind::check_and_reboot},
};

std::string_view next_part(std::string_view& rest, std::string_view separators) {
    const auto end = rest.find_first_of(separators);
    const std::string_view part = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return trimmed(part);
}

// Whether the text can be a URL with a scheme this build transfers, or HOST/PATH without a scheme.
bool is_usable(std::string_view url) {
    const std::string_view scheme = scheme_of(url);
    if (!scheme.empty() && !is_known_scheme(scheme)) return false;
    if (url.empty() || url.size() > limits::url_bytes || url.ends_with("://")) return false;
    if (!is_letter(url[0]) && !is_digit(url[0]) && url[0] != '[') return false;
    return std::all_of(url.begin(), url.end(), [](char c) {
        const auto byte = static_cast<uint8_t>(c);
        return byte > 0x20 && byte != 0x7F && c != '"' && c != '<' && c != '>';
    });
}

// The lines of a body that are usable URLs, in order.
std::vector<std::string> urls_of_lines(std::string_view text, bool scheme_wanted) {
    constexpr std::string_view ends("\r\n\0", 3);
    std::vector<std::string> urls;
    while (!text.empty() && urls.size() < limits::pnp_urls) {
        const std::string_view line = next_part(text, ends);
        if (!is_usable(line) || (scheme_wanted && scheme_of(line).empty())) continue;
        if (std::find(urls.begin(), urls.end(), line) == urls.end()) urls.emplace_back(line);
    }
    return urls;
}

std::vector<std::string> urls_of(const SipMessage& message) {
    if (message.content_type == "application/url") return urls_of_lines(message.body, false);
    if (message.content_type == "message/external-body")
        return urls_of_lines(message.content_url, false);
    // Without a Content-Type the body may hold a URL like any other.
    if (message.content_type.empty()) return urls_of_lines(message.body, true);
    return {};
}

std::string why_no_url(const SipMessage& message) {
    if (message.content_type == "message/external-body") return "a NOTIFY without a URL parameter";
    if (message.content_type != "application/url" && !message.content_type.empty())
        return "a NOTIFY whose content is no URL";
    return message.body.empty() ? "a NOTIFY without a body" : "a NOTIFY whose body is no URL";
}

NotifyReading refusal(uint16_t status, std::string_view reason, std::string remark) {
    NotifyReading reading;
    reading.status = status;
    reading.reason = reason;
    reading.remark = std::move(remark);
    return reading;
}

}  // namespace

NotifyReading read_notify_request(const SipMessage& message) {
    if (!message.flaw.empty())
        return refusal(400, message.flaw, "a NOTIFY that is broken: " + message.flaw);
    std::string_view parameters = message.event;
    const std::string_view event = next_part(parameters, ";");
    const auto row = std::find_if(std::begin(events), std::end(events), [&](const EventRow& one) {
        return equals_without_case(one.event, event);
    });
    if (row == std::end(events))
        return refusal(489, "Bad Event", "a NOTIFY of an event that is not ours");

    NotifyReading reading;
    reading.kind = row->kind;
    reading.about_profile = row->kind == NotifyKind::urls;
    while (!parameters.empty()) {
        const bool reboots = equals_without_case(next_part(parameters, ";"), "reboot=true");
        if (reboots && reading.kind == NotifyKind::check)
            reading.kind = NotifyKind::check_and_reboot;
    }
    reading.urls = urls_of(message);
    if (!reading.urls.empty()) {
        reading.kind = NotifyKind::urls;
    } else if (reading.about_profile) {
        return refusal(400, "No Usable URL", why_no_url(message));
    }
    return reading;
}

Result<Notice> read_notify(std::string_view text) {
    const SipMessage message = TRY(read_sip_message(text));
    if (!message.request || message.method != "NOTIFY")
        return fail(ErrorCode::malformed, "not a NOTIFY request");
    NotifyReading reading = read_notify_request(message);
    if (reading.status == 489) return fail(ErrorCode::unsupported, std::move(reading.remark));
    if (reading.status != 200) return fail(ErrorCode::malformed, std::move(reading.remark));
    return Notice{reading.kind, std::move(reading.urls), "the phone's own SIP stack"};
}

}  // namespace dialtone
