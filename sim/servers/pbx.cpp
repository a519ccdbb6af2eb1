// SPDX-License-Identifier: Apache-2.0
#include "sim/servers/pbx.h"

#include <algorithm>
#include <utility>

#include "agent/text.h"

namespace dialtone::sim {
namespace {

using Accepts = PbxKind::Accepts;

constexpr Address group = {{224, 0, 1, 75}, 4};
constexpr uint16_t known_port = 5060;
constexpr uint64_t latency_ms = 1;
constexpr uint64_t copy_gap_ms = 500;
constexpr std::string_view hex_digits = "0123456789abcdefABCDEF";

// Line `index` of the message, without its end.
std::string_view line_of(std::string_view text, uint32_t index) {
    for (uint32_t i = 0; i < index; ++i) {
        const auto end = text.find("\r\n");
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 2);
    }
    return text.substr(0, text.find("\r\n"));
}

// The phones of this network write field names as the RFC does.
std::string_view field_of(std::string_view text, std::string_view name) {
    const auto at = text.find("\r\n" + std::string(name) + ": ");
    if (at == std::string_view::npos) return {};
    text.remove_prefix(at + name.size() + 4);
    return text.substr(0, text.find("\r\n"));
}

std::string_view uri_of(std::string_view text) {
    text.remove_prefix(std::min(text.find(' ') + 1, text.size()));
    return text.substr(0, text.find(' '));
}

std::string_view user_of(std::string_view text) {
    std::string_view uri = uri_of(text);
    if (uri.starts_with("sip:")) uri.remove_prefix(4);
    return uri.substr(0, uri.find('@'));
}

// The twelve hexadecimal digits at the end of the user.
std::string mac_of(std::string_view text) {
    const std::string_view user = user_of(text);
    return lowered(user.size() > 12 ? user.substr(user.size() - 12) : user);
}

bool all_hex(std::string_view text) {
    return text.find_first_not_of(hex_digits) == std::string_view::npos;
}

bool has_field_order(std::string_view text) {
    constexpr std::string_view names[] = {
        "Via: ", "From: ", "To: ", "Call-ID: ", "CSeq: ", "Event: "};
    for (uint32_t i = 0; i < std::size(names); ++i) {
        if (!line_of(text, i + 1).starts_with(names[i])) return false;
    }
    const std::string_view number = field_of(text, "CSeq");
    return number.find(' ') == 1 && user_of(text).starts_with("MAC%3a");
}

bool is_known(Accepts accepts, std::string_view text) {
    const std::string_view user = user_of(text);
    switch (accepts) {
        case Accepts::any:
            return true;
        case Accepts::field_order:
            return has_field_order(text);
        case Accepts::lower_escaped_colon:
            return user.starts_with("MAC%3a");
        case Accepts::upper_escaped_colon:
            return user.starts_with("MAC%3A") && text.size() <= 1024;
        case Accepts::twelve_digits:
            return user.size() >= 12 && all_hex(user.substr(user.size() - 12));
        case Accepts::group_and_no_colon:
            return user.size() == 15 && user.starts_with("MAC") && all_hex(user.substr(3)) &&
                   uri_of(text).ends_with("@224.0.1.75");
        case Accepts::device_profile:
            return field_of(text, "Event").find("profile-type=\"device\"") !=
                       std::string_view::npos &&
                   field_of(text, "To").find("tag=") == std::string_view::npos;
        case Accepts::nothing:
            return false;
    }
    __builtin_unreachable();
}

uint32_t number_in(std::string_view text) {
    uint32_t number = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') break;
        number = number * 10 + static_cast<uint32_t>(c - '0');
    }
    return number;
}

std::string with_crlf(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

}  // namespace

void Pbx::add(Address address, const PbxKind& kind, std::string url) {
    servers_.push_back({address, &kind, url.empty() ? std::string(kind.url) : std::move(url)});
}

void Pbx::add_first(Address address, const PbxKind& kind, std::string url) {
    servers_.insert(servers_.begin(), {address, &kind, std::move(url)});
}

void Pbx::remove(const Address& address) {
    std::erase_if(servers_, [&](const Server& one) { return one.address == address; });
}

void Pbx::receive(uint64_t now_ms, const Message& message) {
    if (down_) return;
    if (message.text.starts_with("SIP/2.0 ")) {
        answers_.push_back(static_cast<uint16_t>(number_in(message.text.substr(8))));
        return;
    }
    if (!message.text.starts_with("SUBSCRIBE ") || message.to_port != known_port) return;
    subscribes_.emplace_back(message.text);
    SubscribeRequest subscribe{message, std::string(message.text), true};
    subscribe.message.text = {};
    last_ = subscribe;
    for (const Server& server : servers_) {
        const bool hears = message.to == group || message.to == server.address;
        if (hears && is_known(server.kind->accepts, subscribe.text))
            serve(now_ms, server, subscribe);
    }
}

void Pbx::serve(uint64_t now_ms, const Server& server, const SubscribeRequest& subscribe) {
    const PbxKind& kind = *server.kind;
    const uint16_t phone_port = subscribe.message.phone_port;
    const uint64_t first_ms = now_ms + latency_ms;
    const uint64_t notify_ms = now_ms + kind.notify_after_ms;
    if (!kind.answer.empty())
        send(kind.notify_first ? notify_ms + latency_ms : first_ms, server, subscribe,
             kind.answer_port, phone_port, filled(kind.answer, server, subscribe));
    if (kind.notify.empty()) return;
    const uint16_t to_port = kind.notifies_5060 ? known_port : phone_port;
    // A repetition has the same bytes.
    const std::string text = filled(kind.notify, server, subscribe);
    for (uint32_t i = 0; i < kind.copies; ++i)
        send(notify_ms + i * copy_gap_ms, server, subscribe, kind.notify_port, to_port, text);
}

void Pbx::send_notify(uint64_t now_ms, const Address& address, std::string_view event,
                      std::string url) {
    const auto server = std::find_if(servers_.begin(), servers_.end(),
                                     [&](const Server& one) { return one.address == address; });
    if (server == servers_.end() || !last_.known) return;
    std::string form = R"(NOTIFY sip:{phone} SIP/2.0
Via: SIP/2.0/UDP {server}:5060;branch=z9hG4bK{fresh};rport
From: {to};tag={fresh}
To: {from}
Call-ID: {call_id}
CSeq: 102 NOTIFY
Event: )";
    form += event;
    if (!url.empty()) form += "\nContent-Type: application/url";
    form += "\nContent-Length: {length}\n\n{url}";
    const Server speaker{server->address, server->kind, std::move(url)};
    send(now_ms + latency_ms, speaker, last_, known_port, last_.message.phone_port,
         filled(form, speaker, last_));
}

void Pbx::end_connections() {
    last_.known = last_.known && !last_.message.stream;
    std::erase_if(outgoing_, [](const Outgoing& out) { return out.stream; });
}

std::optional<Pbx::Outgoing> Pbx::next() {
    if (outgoing_.empty()) return std::nullopt;
    Outgoing out = std::move(outgoing_.front());
    outgoing_.pop_front();
    return out;
}

void Pbx::send(uint64_t at_ms, const Server& server, const SubscribeRequest& subscribe,
               uint16_t from_port, uint16_t to_port, std::string text) {
    if (!server.kind->line_feeds) text = with_crlf(text);
    outgoing_.push_back({subscribe.message.socket,
                         subscribe.message.stream,
                         server.address,
                         from_port,
                         to_port,
                         at_ms,
                         {text.begin(), text.end()}});
}

std::string Pbx::filled(std::string_view form, const Server& server,
                        const SubscribeRequest& subscribe) {
    std::string out;
    while (!form.empty()) {
        const auto open = form.find('{');
        out += form.substr(0, open);
        if (open == std::string_view::npos) break;
        form.remove_prefix(open);
        const auto close = form.find('}');
        const std::string_view name = form.substr(1, close - 1);
        const bool ours =
            close != std::string_view::npos && name.find('{') == std::string_view::npos;
        out += ours ? value_of(name, server, subscribe) : "{";
        form.remove_prefix(ours ? close + 1 : 1);
    }
    return out;
}

std::string Pbx::value_of(std::string_view name, const Server& server,
                          const SubscribeRequest& subscribe) {
    const std::string_view text = subscribe.text;
    std::string host = address_text(subscribe.message.phone);
    const auto field = [&](std::string_view which) { return std::string(field_of(text, which)); };
    const uint32_t cseq = number_in(field_of(text, "CSeq"));
    const auto url = [&] {
        constexpr std::string_view place = "<mac>";
        const auto at = server.url.find(place);
        if (at == std::string::npos) return server.url;
        return server.url.substr(0, at) + mac_of(text) + server.url.substr(at + place.size());
    };
    if (name == "via") return field("Via");
    if (name == "from") return field("From");
    if (name == "to") return field("To");
    if (name == "call_id") return field("Call-ID");
    if (name == "uri") return std::string(uri_of(text));
    if (name == "user") return std::string(user_of(text));
    if (name == "mac") return mac_of(text);
    if (name == "cseq") return std::to_string(cseq);
    if (name == "cseq+1") return std::to_string(cseq + 1);
    if (name == "cseq+2") return std::to_string(cseq + 2);
    if (name == "phone") return host + ':' + std::to_string(subscribe.message.phone_port);
    if (name == "phone_host") return host;
    if (name == "server") return address_text(server.address);
    if (name == "url") return url();
    if (name == "length") return std::to_string(url().size());
    if (name == "length+2") return std::to_string(url().size() + 2);
    if (name == "fresh") return std::to_string(++fresh_);
    return '{' + std::string(name) + '}';
}

}  // namespace dialtone::sim
