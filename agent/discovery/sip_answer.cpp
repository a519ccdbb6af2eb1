// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/sip_answer.h"

#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view rport = ";rport";

// The top Via with an empty rport filled in.
std::string top_via(std::string_view via, const Address& from, uint16_t from_port) {
    const auto comma = via.find(',');
    const std::string_view top = via.substr(0, comma);
    for (auto at = top.find(rport); at != std::string_view::npos; at = top.find(rport, at + 1)) {
        const std::string_view rest = top.substr(at + rport.size());
        if (!rest.empty() && rest[0] != ';' && rest[0] != ' ') continue;
        std::string out(via.substr(0, at));
        ((out += ";received=") += address_text(from)) += rport;
        (out += '=') += std::to_string(from_port);
        return out += via.substr(at + rport.size());
    }
    return std::string(via);
}

bool has_tag(std::string_view to) {
    const auto uri_end = to.rfind('>');
    if (uri_end != std::string_view::npos) to = to.substr(uri_end);
    constexpr std::string_view name = "tag=";
    for (auto at = to.find(';'); at != std::string_view::npos; at = to.find(';')) {
        to = trimmed(to.substr(at + 1));
        if (begins_without_case(to, name)) return true;
    }
    return false;
}

}  // namespace

std::string sip_answer_text(const SipMessage& request, const SipAnswer& answer,
                            std::string_view tag, const Address& from, uint16_t from_port) {
    std::string text = "SIP/2.0 " + std::to_string(answer.status) + ' ' + answer.reason + "\r\n";
    const auto add = [&](std::string_view name, std::string_view value) {
        if (!value.empty()) ((text += name) += value) += "\r\n";
    };
    bool top = true;
    for (const std::string& via : request.vias) {
        add("Via: ", top ? top_via(via, from, from_port) : via);
        top = false;
    }
    add("From: ", request.from);
    std::string to = request.to;
    if (!to.empty() && !has_tag(to)) (to += ";tag=") += tag;
    add("To: ", to);
    add("Call-ID: ", request.call_id);
    add("CSeq: ", request.cseq);
    text += answer.more_fields;
    return text += "Content-Length: 0\r\n\r\n";
}

}  // namespace dialtone
