// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/rpc.h"

#include <algorithm>
#include <charconv>
#include <expected>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/utf8.h"
#include "agent/cwmp/date_time.h"
#include "agent/cwmp/rpc_call.h"
#include "agent/cwmp/watch.h"
#include "agent/harmless_text.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

struct Method {
    std::string_view name;
    Answered (*answer)(Call&);
    // That the caller has to have; a change of values is judged where it is known whether it is one
    // (agent_acs.cpp), a transfer by its type of file (rpc_transfer.cpp).
    std::optional<Right> right = {};
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
        call.out.put("Notification", uint64_t{notification_of(model, parameter, call.memory)});
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

Answered answer_reboot(Call& call) {
    const auto key = call.arguments.child("CommandKey");
    const std::string_view text = key ? key->text() : std::string_view();
    if (!is_key(text)) return Refusal{cpe_fault::invalid_arguments, "the CommandKey is too long"};
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
    {"SetParameterValues", &answer_set_values},
    {"SetParameterAttributes", &answer_set_attributes},
    {"AddObject", &answer_add_object},
    {"DeleteObject", &answer_delete_object},
    {"ScheduleInform", &answer_schedule_inform},
    {"Download", &answer_download},
    {"Upload", &answer_upload},
    {"ScheduleDownload", &answer_schedule_download},
    {"CancelTransfer", &answer_cancel_transfer},
    {"GetQueuedTransfers", &answer_queued_transfers},
    {"GetAllQueuedTransfers", &answer_all_queued_transfers},
    {"Reboot", &answer_reboot, Right::reboots},
    {"FactoryReset", &answer_factory_reset, Right::resets},
};

Answered answer_rpc_methods(Call& call) {
    call.out.open_array("MethodList", "xsd:string", static_cast<uint32_t>(std::size(methods)));
    for (const Method& method : methods)
        call.out.put("string", method.name);
    call.out.close();
    return {};
}

// TR-069 3.5: a fault of SetParameterValues names each parameter that was at fault.
CallAnswer refused(const SoapMessage& call, CwmpVersion version, Refusal&& refusal) {
    SoapWriter out(version, call.id);
    if (refusal.faults.empty()) {
        out.put_fault(refusal.fault, refusal.reason);
    } else {
        out.open_fault(refusal.fault, refusal.reason);
        for (const WriteFault& one : refusal.faults) {
            out.open("SetParameterValuesFault").put("ParameterName", one.path);
            out.put("FaultCode", one.code).put("FaultString", one.reason).close();
        }
    }
    return {.envelope = out.finish(), .fault = refusal.fault, .reason = std::move(refusal.reason)};
}

CallAnswer bounded(const SoapMessage& call, CwmpVersion version, CallAnswer&& answer) {
    if (answer.envelope.size() <= limits::request_body_bytes) return std::move(answer);
    return refused(call, version, {cpe_fault::resources_exceeded, "the answer is too large"});
}

}  // namespace

Refusal refusal(uint32_t fault, std::string reason) {
    return {.fault = fault, .reason = std::move(reason)};
}

std::optional<uint32_t> read_number(std::string_view text) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return {};
    return number;
}

bool is_key(std::string_view text) {
    return text.size() <= limits::cwmp_key_bytes && letters_of(text) <= limits::cwmp_key_letters;
}

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

// One that DHCP named has no session of its own but from the pinned host, by verified TLS
// (acs_choice.h).
std::string denial(const Caller& caller, Right right) {
    const bool asks_proof = grant_of(caller.party, right) == Grant::no_weaker;
    if (!asks_proof || caller.proof >= caller.installed) return {};
    return "the phone is installed with the proof " + std::string(proof_name(caller.installed)) +
           ", and takes no order without one from its ACS (trust.pin)";
}

CallAnswer answer_call(const SoapMessage& call, CwmpVersion version, const ModelFacts& facts,
                       const AcsMemory& memory, const Caller& caller, Deferred& deferred,
                       std::optional<uint32_t> running) {
    if (!call.not_understood.empty()) {
        SoapWriter out(version, call.id);
        out.put_not_understood(call.not_understood);
        return {.envelope = out.finish(),
                .fault = cpe_fault::method_not_supported,
                .reason = "the header " + call.not_understood + " is not known"};
    }
    const auto* const method = std::ranges::find(methods, call.method(), &Method::name);
    if (!call.is_of_cwmp || method == std::end(methods))
        return refused(call, version,
                       {cpe_fault::method_not_supported, "the phone does not know the method"});
    std::string denied = method->right ? denial(caller, *method->right) : std::string();
    if (!denied.empty())
        return refused(call, version, {cpe_fault::request_denied, std::move(denied)});
    SoapWriter out(version, call.id);
    const SoapView arguments = call.arguments();
    out.open_method(method->name, "Response");
    std::optional<PendingCall> pending;
    Call asked{arguments, facts, memory, running, caller, deferred, pending, out};
    if (auto refusal = method->answer(asked))
        return bounded(call, version, refused(call, version, std::move(*refusal)));
    if (pending) return {.pending = std::move(pending)};
    return bounded(call, version, {.envelope = out.finish()});
}

CallAnswer answer_stored(const SoapMessage& call, CwmpVersion version, StoredCall&& stored) {
    if (stored.fault != 0) return refused(call, version, {stored.fault, std::move(stored.reason)});
    const std::string_view method = call.method();
    SoapWriter out(version, call.id);
    out.open_method(method, "Response");
    if (method == "AddObject") out.put("InstanceNumber", stored.instance);
    const bool has_status =
        method == "SetParameterValues" || method == "AddObject" || method == "DeleteObject";
    if (has_status) out.put("Status", stored.is_applied ? 0U : 1U);
    // A.3.2.8: it follows, and the ACS is told when it began and ended.
    if (method == "Download" || method == "Upload")
        out.put("Status", 1U).put("StartTime", unknown_time).put("CompleteTime", unknown_time);
    return {.envelope = out.finish()};
}

}  // namespace dialtone
