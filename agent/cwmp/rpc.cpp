// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/rpc.h"

#include <algorithm>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/utf8.h"
#include "agent/harmless_text.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

struct Refusal {
    uint32_t fault = 0;
    std::string reason = {};
};
// Nothing: the call is answered.
using Answered = std::optional<Refusal>;

struct Call {
    const SoapView& arguments;
    const ModelFacts& facts;
    Deferred& deferred;
    SoapWriter& out;
};

struct Method {
    std::string_view name;
    Answered (*answer)(Call&);
};

Answered answer_rpc_methods(Call& call);

// --- reading parameters --------------------------------------------------------------------------

// The parameters of all paths of the element `ParameterNames`, each once, in the order they were
// asked for.
std::expected<std::vector<ModelParameter>, Refusal> asked_parameters(const Model& model,
                                                                     const SoapView& arguments) {
    const auto names = arguments.child("ParameterNames");
    if (!names)
        return std::unexpected(
            Refusal{cpe_fault::invalid_arguments, "there are no ParameterNames"});
    const auto paths = names->children();
    if (paths.size() > limits::cwmp_names)
        return std::unexpected(
            Refusal{cpe_fault::resources_exceeded, "too many names in one call"});
    std::vector<ModelParameter> out;
    std::set<std::string> listed;
    for (const SoapView& one : paths) {
        const std::string_view path = trimmed(one.text(), " \t\r\n");
        const auto found = model.parameters_at(path);
        if (found.empty() && !model.has(path))
            return std::unexpected(
                Refusal{cpe_fault::invalid_parameter_name, "there is no parameter " + shown(path)});
        for (const ModelParameter& parameter : found) {
            if (paths.size() == 1 || listed.insert(model.path_of(parameter)).second)
                out.push_back(parameter);
        }
        if (out.size() > limits::cwmp_parameters)
            return std::unexpected(
                Refusal{cpe_fault::resources_exceeded, "the answer would have too many values"});
    }
    return out;
}

Answered answer_values(Call& call) {
    const Model model(call.facts);
    const auto parameters = asked_parameters(model, call.arguments);
    if (!parameters) return parameters.error();
    call.out.open_array("ParameterList", "cwmp:ParameterValueStruct",
                        static_cast<uint32_t>(parameters->size()));
    for (const ModelParameter& parameter : *parameters)
        put_value(call.out, model, parameter);
    call.out.close();
    return {};
}

Answered answer_attributes(Call& call) {
    const Model model(call.facts);
    const auto parameters = asked_parameters(model, call.arguments);
    if (!parameters) return parameters.error();
    call.out.open_array("ParameterList", "cwmp:ParameterAttributeStruct",
                        static_cast<uint32_t>(parameters->size()));
    for (const ModelParameter& parameter : *parameters) {
        call.out.open("ParameterAttributeStruct").put("Name", model.path_of(parameter));
        call.out.put("Notification", static_cast<uint64_t>(parameter.row->notification));
        call.out.open_array("AccessList", "xsd:string", 1).put("string", "Subscriber");
        call.out.close().close();
    }
    call.out.close();
    return {};
}

Answered answer_names(Call& call) {
    const auto path = call.arguments.word("ParameterPath");
    const auto next_level = read_boolean(call.arguments.word("NextLevel").value_or(""));
    if (!path || !next_level)
        return Refusal{cpe_fault::invalid_arguments, "ParameterPath or NextLevel is not there"};
    const Model model(call.facts);
    if (!model.has(*path))
        return Refusal{cpe_fault::invalid_parameter_name,
                       "there is nothing called " + shown(*path)};
    // Annex A.3.2.3: a parameter has no level below it.
    if (*next_level && !path->empty() && !path->ends_with('.'))
        return Refusal{cpe_fault::invalid_arguments, "a parameter has no next level"};
    const auto names = model.names_at(*path, *next_level);
    if (names.size() > limits::cwmp_parameters)
        return Refusal{cpe_fault::resources_exceeded, "the answer would have too many names"};
    call.out.open_array("ParameterList", "cwmp:ParameterInfoStruct",
                        static_cast<uint32_t>(names.size()));
    for (const ModelName& name : names) {
        call.out.open("ParameterInfoStruct").put("Name", name.path);
        call.out.put("Writable", name.writable ? "1" : "0").close();
    }
    call.out.close();
    return {};
}

// --- orders --------------------------------------------------------------------------------------

uint32_t letters_of(std::string_view utf8) {
    return static_cast<uint32_t>(std::ranges::count_if(
        utf8, [](char byte) { return (static_cast<uint8_t>(byte) & 0xC0U) != 0x80U; }));
}

Answered answer_reboot(Call& call) {
    const auto key = call.arguments.child("CommandKey");
    const std::string_view text = key ? key->text() : std::string_view();
    if (letters_of(text) > limits::cwmp_key_letters)
        return Refusal{cpe_fault::invalid_arguments, "the CommandKey is too long"};
    call.deferred.reboot = true;
    call.deferred.command_key = text;
    return {};
}

Answered answer_factory_reset(Call& call) {
    call.deferred.factory_reset = true;
    return {};
}

constexpr Method methods[] = {
    {"GetRPCMethods", &answer_rpc_methods},
    {"GetParameterNames", &answer_names},
    {"GetParameterValues", &answer_values},
    {"GetParameterAttributes", &answer_attributes},
    {"Reboot", &answer_reboot},
    {"FactoryReset", &answer_factory_reset},
};

Answered answer_rpc_methods(Call& call) {
    call.out.open_array("MethodList", "xsd:string", static_cast<uint32_t>(std::size(methods)));
    for (const Method& method : methods)
        call.out.put("string", method.name);
    call.out.close();
    return {};
}

CallAnswer refused(const SoapMessage& call, CwmpVersion version, Refusal&& refusal) {
    SoapWriter out(version, call.id);
    out.put_fault(refusal.fault, refusal.reason);
    return {out.finish(), refusal.fault, std::move(refusal.reason)};
}

}  // namespace

std::vector<std::string_view> method_names() {
    std::vector<std::string_view> out;
    for (const Method& method : methods)
        out.push_back(method.name);
    return out;
}

void put_value(SoapWriter& out, const Model& model, const ModelParameter& parameter) {
    out.open("ParameterValueStruct").put("Name", model.path_of(parameter));
    out.put_typed("Value", value_type_name(parameter.row->type), model.value_of(parameter));
    out.close();
}

CallAnswer answer_call(const SoapMessage& call, CwmpVersion version, const ModelFacts& facts,
                       Deferred& deferred) {
    if (!call.not_understood.empty()) {
        SoapWriter out(version, call.id);
        out.put_not_understood(call.not_understood);
        return {out.finish(), cpe_fault::method_not_supported,
                "the header " + call.not_understood + " is not known"};
    }
    const auto* const method = std::ranges::find(methods, call.method(), &Method::name);
    if (!call.is_of_cwmp || method == std::end(methods))
        return refused(call, version,
                       {cpe_fault::method_not_supported, "the phone does not know the method"});
    SoapWriter out(version, call.id);
    const SoapView arguments = call.arguments();
    out.open_method(method->name, "Response");
    Call asked{arguments, facts, deferred, out};
    if (auto refusal = method->answer(asked)) return refused(call, version, std::move(*refusal));
    CallAnswer answer{.envelope = out.finish()};
    if (answer.envelope.size() > limits::request_body_bytes)
        return refused(call, version, {cpe_fault::resources_exceeded, "the answer is too large"});
    return answer;
}

}  // namespace dialtone
