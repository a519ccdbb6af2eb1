// SPDX-License-Identifier: Apache-2.0
//
// A phone with an ACS in the simulated world, and the ACS: it takes Informs and calls what a test
// says.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "agent/cwmp/soap.h"
#include "sim/world/phone.h"
#include "tests/agent/cwmp/acs_messages.h"

namespace dialtone {

using namespace dialtone::sim;

inline const std::string acs_url = "http://acs.example/cwmp";
inline const std::string file_url = "http://10.0.0.1/gs/cfg000b82273b89.xml";

// What an ACS was told by one Inform.
struct Report {
    std::string url = {};
    std::string events = {};  // codes, and a CommandKey in brackets
    std::string retry_count = {};
    uint64_t at_ms = 0;
};

// A phone with an ACS that takes Informs and calls what the test says.
struct Managed {
    Site site = {};
    PhoneOptions options = {};
    std::vector<Report> reports = {};
    std::vector<SoapMessage> informs = {};
    std::vector<SoapMessage> said = {};   // by the phone, in answer to the calls
    std::vector<SoapMessage> asked = {};  // by the phone, what is no Inform
    // What the ACS lists, and a fault that it has for what the phone asks.
    std::string methods = "<string>TransferComplete</string>";
    std::string asked_fault = {};
    std::vector<std::string> calls = {};  // each once, in the order they stand here
    Answer refusal = {.status = 0};       // what is answered instead; 0: nothing
    uint32_t lives = 0;

    Managed() {
        options.once = false;
        options.settings = {{Setting::order, "static"},
                            {Setting::tr069_periodic_enable, "0"},
                            {Setting::tr069_acs_url, acs_url}};
        serve(acs_url);
    }
    void set(Setting setting, std::string value) {
        std::erase_if(options.settings, [&](const auto& one) { return one.first == setting; });
        options.settings.emplace_back(setting, std::move(value));
    }
    void serve(const std::string& url) {
        site.web.serve(url, [this, url](const StartTransfer& post) { return answer(url, post); });
    }
    Answer answer(const std::string& url, const StartTransfer& post) {
        if (refusal.status != 0) return refusal;
        const auto& bytes = post.body.bytes;
        const auto message = read_soap({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
        if (message && message->method() == "Inform") {
            note(url, *message);
            informs.push_back(*message);
            return {.body = inform_response(*message->id)};
        }
        if (message && !message->fault && !message->method().ends_with("Response"))
            return answer_asked(*message);
        if (message) said.push_back(*message);
        if (calls.empty()) return {.status = 204};
        std::string call = calls.front();
        calls.erase(calls.begin());
        return {.body = std::move(call)};
    }
    Answer answer_asked(const SoapMessage& message) {
        asked.push_back(message);
        if (!asked_fault.empty()) return {.body = acs_fault(asked_fault, *message.id)};
        const std::string name = "C:" + std::string(message.method()) + "Response>";
        const bool lists = message.method() == "GetRPCMethods";
        const std::string list = lists ? "<MethodList>" + methods + "</MethodList>" : "";
        return {.body = acs_envelope(id_header(*message.id), "<" + name + list + "</" + name)};
    }
    void note(const std::string& url, const SoapMessage& inform) {
        Report report{.url = url, .at_ms = site.clock_ms - site.power_on_ms};
        for (const SoapView& event : inform.arguments().child("Event")->children()) {
            if (!report.events.empty()) report.events += ", ";
            report.events += *event.word("EventCode");
            const std::string key(*event.word("CommandKey"));
            if (!key.empty()) report.events += " (" + key + ")";
        }
        report.retry_count = *inform.arguments().word("RetryCount");
        reports.push_back(std::move(report));
    }
    // Until `for_s` of a life that nothing ends sooner.
    template <typename Prepare>
    void live(uint64_t for_s, Prepare prepare) {
        Phone phone(site, options);
        phone.power_on([&](sim::World& world, uint32_t) {
            ++lives;
            world.plan_command(for_s * 1000, CommandKind::stop);
            prepare(world);
        });
    }
    void live(uint64_t for_s = 30) {
        live(for_s, [](sim::World&) {});
    }
    Generation active() { return Phone(site, options).active(); }
    Record record() { return Phone(site, options).record(); }
    // Of the setting or key, as the ACS has set it; "-" where it has not.
    std::string set_by_acs(std::string_view key) {
        const Generation generation = active();
        const Item* item = generation.find(key, Origin::acs);
        return item != nullptr ? item->value : "-";
    }
    std::vector<std::string> told() const {
        std::vector<std::string> out;
        for (const Report& report : reports)
            out.push_back(report.events);
        return out;
    }
};

using Told = std::vector<std::string>;

inline bool journal_names(const Site& site, std::string_view words) {
    return std::ranges::any_of(site.journal, [&](const std::string& line) {
        return line.find(words) != std::string::npos;
    });
}

// A call of SetParameterValues: name and value, and the ParameterKey.
inline std::string set_values(const std::vector<std::pair<std::string, std::string>>& values,
                              std::string_view key = "") {
    std::string list;
    for (const auto& [name, value] : values)
        list += "<ParameterValueStruct><Name>" + name + "</Name><Value>" + value +
                "</Value></ParameterValueStruct>";
    return acs_call("SetParameterValues", "<ParameterList>" + list +
                                              "</ParameterList><ParameterKey>" + std::string(key) +
                                              "</ParameterKey>");
}

}  // namespace dialtone
