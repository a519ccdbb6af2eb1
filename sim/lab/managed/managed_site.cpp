// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/managed/managed_site.h"

#include "agent/config/xml_text.h"
#include "agent/cwmp/soap.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view acs_url = "http://acs.example/cwmp";
constexpr std::string_view file_server = "http://10.0.0.1/gs";
constexpr std::string_view file_name = "/cfg000b82273b89.xml";
constexpr std::string_view file_text =
    "<gs_provision version=\"1\"><config version=\"1\"><P47>s.example</P47></config>"
    "</gs_provision>\n";
constexpr uint64_t install_ms = 60'000;

std::string envelope(std::string_view id, std::string_view body) {
    std::string text =
        "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\" "
        "xmlns:C=\"urn:dslforum-org:cwmp-1-0\"><S:Header><C:ID S:mustUnderstand=\"1\">";
    ((text += id) += "</C:ID></S:Header><S:Body>") += body;
    return text += "</S:Body></S:Envelope>";
}

}  // namespace

ManagedSite::ManagedSite() {
    options_.once = false;
    options_.settings = {{Setting::order, "static"},
                         {Setting::splay, "0"},
                         {Setting::static_url, std::string(file_server)}};
    options_.file_settings = {{Setting::tr069_acs_url, std::string(acs_url)},
                              {Setting::tr069_periodic_enable, "0"}};
    site_.web.put_body(std::string(file_server) + std::string(file_name), std::string(file_text));
    site_.web.serve(std::string(acs_url),
                    [this](const StartTransfer& post) { return answer(post); });
}

void ManagedSite::live(uint64_t for_ms) {
    Phone(site_, options_).power_on([&](World& world, uint32_t) {
        ++lives_;
        world.plan_command(for_ms, CommandKind::stop);
    });
}

void ManagedSite::live_until_power_cut(uint64_t for_ms) {
    Phone(site_, options_).power_on([&](World& world, uint32_t) {
        ++lives_;
        world.plan_power_cut(for_ms);
    });
}

void ManagedSite::install() {
    live(install_ms);
    forget();
}

void ManagedSite::forget() {
    informs_.clear();
    lives_ = 0;
    site_.journal.clear();
    site_.web.forget_requests();
}

Answer ManagedSite::answer(const StartTransfer& post) {
    if (spoil_request) {
        if (auto instead = spoil_request(post)) return std::move(*instead);
    }
    Answer out = right_answer(post);
    if (spoil_answer) spoil_answer(out);
    return out;
}

Answer ManagedSite::right_answer(const StartTransfer& post) {
    const auto& bytes = post.body.bytes;
    const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (message && message->method() == "Inform") {
        note(*message);
        return {.body = envelope(message->id.value_or(""),
                                 "<C:InformResponse><MaxEnvelopes>1</MaxEnvelopes>"
                                 "</C:InformResponse>")};
    }
    std::string next = call ? call(message ? &*message : nullptr) : std::string();
    if (next.empty()) return {.status = 204};
    return {.body = std::move(next)};
}

void ManagedSite::note(const SoapMessage& inform) {
    HeardInform heard{.retry_count = std::string(*inform.arguments().word("RetryCount"))};
    for (const SoapView& event : inform.arguments().child("Event")->children()) {
        if (!heard.events.empty()) heard.events += ", ";
        heard.events += *event.word("EventCode");
        const std::string key(*event.word("CommandKey"));
        if (!key.empty()) heard.events += " (" + key + ")";
    }
    informs_.push_back(std::move(heard));
}

// --- what the ACS says ---------------------------------------------------------------------------

std::string lab_call(std::string_view method, std::string_view arguments) {
    std::string body = "<C:";
    ((body += method) += '>') += arguments;
    ((body += "</C:") += method) += '>';
    return envelope("acs", body);
}

std::string lab_set_call(const NamedValues& values, std::string_view key) {
    std::string list = "<ParameterList>";
    for (const auto& [name, value] : values) {
        ((list += "<ParameterValueStruct><Name>") += name) += "</Name><Value>";
        (list += xml_escaped(value)) += "</Value></ParameterValueStruct>";
    }
    ((list += "</ParameterList><ParameterKey>") += key) += "</ParameterKey>";
    return lab_call("SetParameterValues", list);
}

std::string lab_names_call(std::string_view method, const std::vector<std::string>& names) {
    std::string list = "<ParameterNames>";
    for (const std::string& name : names)
        ((list += "<string>") += name) += "</string>";
    return lab_call(method, list += "</ParameterNames>");
}

}  // namespace dialtone::sim
