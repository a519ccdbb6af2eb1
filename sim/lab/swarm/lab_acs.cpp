// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/lab_acs.h"

#include <string_view>

#include "agent/cwmp/digest_check.h"
#include "agent/cwmp/soap.h"
#include "agent/limits.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t slow_ms = 4'000;  // between two of many calls

std::string envelope_of(std::string_view header, std::string_view body) {
    std::string text =
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\" "
        "xmlns:C=\"urn:dslforum-org:cwmp-1-0\">";
    ((text += header) += "<S:Body>") += body;
    return text += "</S:Body></S:Envelope>";
}

std::string envelope(std::string_view id, std::string_view body) {
    std::string header = "<S:Header><C:ID S:mustUnderstand=\"1\">";
    (header += id) += "</C:ID></S:Header>";
    return envelope_of(header, body);
}

std::string fault(std::string_view id, std::string_view code) {
    return envelope(id, "<S:Fault><faultcode>S:Server</faultcode><detail><C:Fault><FaultCode>" +
                            std::string(code) + "</FaultCode></C:Fault></detail></S:Fault>");
}

std::string set_call(std::string_view list, std::string_view key) {
    std::string text = "<C:SetParameterValues><ParameterList>";
    ((text += list) += "</ParameterList><ParameterKey>") += key;
    return envelope("acs", text += "</ParameterKey></C:SetParameterValues>");
}

std::string value(std::string_view name, std::string_view text) {
    std::string out = "<ParameterValueStruct><Name>Device.ManagementServer.";
    ((out += name) += "</Name><Value>") += text;
    return out += "</Value></ParameterValueStruct>";
}

// Two digits that say which call it is.
std::string mark_of(uint32_t number) {
    return {static_cast<char>('0' + number / 10 % 6), static_cast<char>('0' + number % 10)};
}

std::string right_set(uint32_t number) {
    const std::string mark = mark_of(number);
    return set_call(value("PeriodicInformInterval", "36" + mark) +
                        value("PeriodicInformTime", "2026-01-01T00:00:" + mark + "Z"),
                    mark);
}

std::string wrong_set(uint32_t number) {
    const std::string good = value("PeriodicInformInterval", "1800");
    const std::string lists[] = {
        good + value("Nothing", "1"), good + good, good + value("ParameterKey", "k"),
        good + value("URL", std::string(3'000, 'u')), good + value("PeriodicInformEnable", "2")};
    return set_call(lists[number % std::size(lists)], "wrong");
}

std::string watch_call(uint32_t number) {
    constexpr std::string_view names[] = {"Device.ManagementServer.PeriodicInformInterval",
                                          "Device.LAN.", "Device.", "Device.Nothing"};
    std::string text = "<C:SetParameterAttributes><ParameterList><P><Name>";
    text += names[number % std::size(names)];
    text += "</Name><NotificationChange>1</NotificationChange><Notification>";
    text += std::to_string(number % 4);
    return envelope("acs", text +=
                           "</Notification><AccessListChange>0</AccessListChange>"
                           "<AccessList/></P></ParameterList>"
                           "</C:SetParameterAttributes>");
}

std::string schedule_call(uint32_t number) {
    return envelope("acs", "<C:ScheduleInform><DelaySeconds>" + std::to_string(number % 5 * 20) +
                               "</DelaySeconds><CommandKey>" + mark_of(number) +
                               "</CommandKey></C:ScheduleInform>");
}

constexpr std::string_view get_values =
    "<C:GetParameterValues><ParameterNames><string>Device.LAN.</string></ParameterNames>"
    "</C:GetParameterValues>";

std::string call(std::string_view id) {
    return envelope(id, get_values);
}

// The same to whoever has that password.
Answer guarded(Answer answer, Challenge challenge, std::string_view user) {
    answer.user = user;
    answer.password = lab_acs_password;
    answer.challenge = challenge;
    return answer;
}

// Where the words of HTTP, or the message's ID, are not what they mostly are.
Answer of_http(AcsWord word, const std::string& right, bool is_inform) {
    switch (word) {
        case AcsWord::closing:
            return {.body = right, .connection_close = true};
        case AcsWord::digest:
            return guarded({.body = right}, Challenge::digest, lab_acs_user);
        case AcsWord::stale:
            return guarded({.body = right}, Challenge::digest_stale, lab_acs_user);
        case AcsWord::stranger:
            return guarded({.body = right}, Challenge::basic, "stranger");
        case AcsWord::no_id:
            return {.body = envelope_of("", is_inform ? "<C:InformResponse/>" : get_values)};
        case AcsWord::long_id:
            return {.body = call(std::string(limits::cwmp_id_bytes + 1, 'i'))};
        case AcsWord::moved_here:
            return {.status = 302, .location = "/cwmp"};
        case AcsWord::moved_nowhere:
            return {.status = 301, .location = "http://["};
        default:
            return {.body = right};
    }
}

// The ID of an Inform, and the URL of connection requests in it; empty: it is another message, or
// none.
std::string inform_id(const StartTransfer& post, std::string& request_url) {
    const auto& bytes = post.body.bytes;
    const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!message || message->method() != "Inform") return {};
    for (const SoapView& value : message->arguments().child("ParameterList")->children()) {
        if (value.word("Name") == "Device.ManagementServer.ConnectionRequestURL")
            request_url = *value.word("Value");
    }
    return message->id.value_or("");
}

// The value of a parameter in quotes.
std::string quoted_in(std::string_view challenge, std::string_view name) {
    const std::string beginning = std::string(name) + "=\"";
    const auto at = challenge.find(beginning);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = challenge.substr(at + beginning.size());
    return std::string(rest.substr(0, rest.find('"')));
}

}  // namespace

std::string digest_answer(std::string_view challenge, std::string_view user,
                          std::string_view password, std::string_view target) {
    const DigestAuthorization said = {.username = std::string(user),
                                      .realm = quoted_in(challenge, "realm"),
                                      .nonce = quoted_in(challenge, "nonce"),
                                      .uri = std::string(target),
                                      .qop = "auth",
                                      .nc = "00000001",
                                      .cnonce = "0a4f113b"};
    return "Digest username=\"" + said.username + "\", realm=\"" + said.realm + "\", nonce=\"" +
           said.nonce + "\", uri=\"" + said.uri + "\", response=\"" +
           digest_response(DigestAlgorithm::md5, said, password, HttpMethod::get) +
           "\", qop=auth, nc=" + said.nc + ", cnonce=\"" + said.cnonce + '"';
}

Answer LabAcs::answer(const StartTransfer& post) {
    const std::string id = inform_id(post, request_url);
    const bool is_inform = !id.empty();
    const std::string informed = envelope(id, "<C:InformResponse/>");
    const std::string right = is_inform ? informed : call("acs");
    const AcsWord word = next < words.size() ? words[next] : AcsWord::right;
    // Many calls are one word, which ends with the phone's next session.
    if (word != AcsWord::calls || (is_inform && next > 0)) ++next;
    switch (word) {
        case AcsWord::right:
            return is_inform ? Answer{.body = informed} : Answer{.status = 204};
        case AcsWord::call:
            return {.body = right};
        case AcsWord::retry:
            return {.status = 500, .body = fault(is_inform ? id : "acs", "8005")};
        case AcsWord::fault:
            return {.body = fault(is_inform ? id : "acs", "8002")};
        case AcsWord::empty:
            return {.status = 204};
        case AcsWord::early_call:
            return {.body = call("early")};
        case AcsWord::foreign_id:
            return {.body = envelope("foreign", "<C:InformResponse/>")};
        case AcsWord::garbage:
            return {.body = "<html>It works!</html>"};
        case AcsWord::busy:
            return {.status = 503, .retry_after = "30"};
        case AcsWord::moved:
            return {.status = 307, .location = std::string(lab_acs_moved_url)};
        case AcsWord::silent:
            return {.stalls_before_head = true};
        case AcsWord::stalled:
            return {.body = right, .stalls_after = 0};
        case AcsWord::hung_up:
            return {.head_fault = HeadFault::no_response};
        case AcsWord::cut:
            return {.body = right, .ends_after = static_cast<int64_t>(right.size() / 2)};
        case AcsWord::drip:
            return {.body = right, .piece_interval_ms = 20'000, .piece_bytes = 4};
        case AcsWord::flood:
            return {.body = std::string(limits::cwmp_envelope_bytes + 1, ' '),
                    .piece_bytes = 16 * 1024};
        case AcsWord::calls:
            return is_inform ? Answer{.body = informed}
                             : Answer{.body = call("acs"), .latency_ms = slow_ms};
        case AcsWord::set:
            return {.body = is_inform ? informed : right_set(++sets)};
        case AcsWord::set_url:
            return {.body = is_inform ? informed
                                      : set_call(value("URL", ++sets % 2 != 0 ? lab_acs_moved_url
                                                                              : lab_acs_url),
                                                 "")};
        case AcsWord::set_wrong:
            return {.body = is_inform ? informed : wrong_set(++sets)};
        case AcsWord::watch:
            return {.body = is_inform ? informed : watch_call(++sets)};
        case AcsWord::schedule:
            return {.body = is_inform ? informed : schedule_call(++sets)};
        default:
            return of_http(word, right, is_inform);
    }
}

std::pair<uint16_t, std::string> acs_option(AcsNaming naming) {
    constexpr std::string_view forum("\x00\x00\x0d\xe9", 4);  // 3561
    const std::string url(lab_acs_url);
    const std::string length(1, static_cast<char>(url.size()));
    switch (naming) {
        case AcsNaming::option_43:
            return {43, '\x01' + length + url};
        case AcsNaming::option_125: {
            const std::string part = '\x0b' + length + url;
            return {125, std::string(forum) + static_cast<char>(part.size()) + part};
        }
        case AcsNaming::option_17:
            return {1017, std::string(forum) + std::string("\x00\x01\x00", 3) + length + url};
        case AcsNaming::setting:
        case AcsNaming::count_:
            break;
    }
    return {};
}

std::string find_half_call(const Generation& active) {
    const auto last_digits = [&active](std::string_view key, uint32_t behind) {
        const Item* item = active.find(key, Origin::acs);
        const std::string text = item != nullptr ? item->value : std::string();
        return text.size() < behind + 2 ? std::string() : text.substr(text.size() - behind - 2, 2);
    };
    const std::string interval = last_digits("tr069.periodic_interval", 0);
    const std::string time = last_digits("tr069.periodic_time", 1);
    if (interval == time) return {};
    return "half of what its ACS has set: an interval of call " + interval + ", a time of " + time;
}

}  // namespace dialtone::sim
