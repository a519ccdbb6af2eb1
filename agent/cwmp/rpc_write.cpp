// SPDX-License-Identifier: Apache-2.0
//
// The methods that change something (TR-069 A.3.2.1, A.3.2.4 to A.3.2.7, A.4.1.2). Each reads its
// whole list, and takes all of it or nothing; the ACS client makes durable what is pending then.
#include <algorithm>
#include <utility>

#include "agent/config/utf8.h"
#include "agent/cwmp/rpc_call.h"
#include "agent/cwmp/watch.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

constexpr std::string_view blanks = " \t\r\n";
constexpr uint8_t most_notification = 2;
// Those up to here are of protocols that the phone has not (cwmp-1-4).
constexpr uint8_t last_lightweight = 6;

std::expected<std::string, Refusal> parameter_key_of(const SoapView& arguments) {
    const auto key = arguments.child("ParameterKey");
    if (!key)
        return std::unexpected(refusal(cpe_fault::invalid_arguments, "there is no ParameterKey"));
    if (!is_key(key->text()))
        return std::unexpected(
            refusal(cpe_fault::invalid_arguments, "the ParameterKey is too long"));
    return std::string(key->text());
}

// The elements of the argument `ParameterList`.
std::expected<std::vector<SoapView>, Refusal> listed(const SoapView& arguments) {
    const auto list = arguments.child("ParameterList");
    if (!list)
        return std::unexpected(refusal(cpe_fault::invalid_arguments, "there is no ParameterList"));
    auto elements = list->children();
    if (elements.size() > limits::cwmp_writes)
        return std::unexpected(
            refusal(cpe_fault::resources_exceeded, "too many parameters in one call"));
    return elements;
}

// --- SetParameterValues --------------------------------------------------------------------------

std::optional<WriteFault> fault_of(const ParameterWrite& write) {
    if (write.path.size() > limits::cwmp_path_bytes)
        return WriteFault{shown(write.path), cpe_fault::invalid_parameter_name,
                          "the name is too long"};
    if (write.value.size() > limits::config_value_bytes)
        return WriteFault{write.path, cpe_fault::invalid_parameter_value, "the value is too long"};
    return {};
}

std::vector<WriteFault> faults_of(const std::vector<ParameterWrite>& writes) {
    std::vector<WriteFault> faults;
    std::vector<std::string_view> names;
    names.reserve(writes.size());
    for (const ParameterWrite& write : writes) {
        if (auto fault = fault_of(write)) faults.push_back(std::move(*fault));
        names.push_back(write.path);
    }
    std::ranges::sort(names);
    for (auto twice = std::ranges::adjacent_find(names); twice != names.end();) {
        const std::string_view name = *twice;
        faults.push_back({std::string(name.substr(0, limits::cwmp_path_bytes)),
                          cpe_fault::invalid_arguments, "the parameter is named more than once"});
        twice = std::find_if(twice, names.end(), [&](auto& one) { return one != name; });
        twice = std::adjacent_find(twice, names.end());
    }
    return faults;
}

std::expected<std::vector<ParameterWrite>, Refusal> writes_of(const std::vector<SoapView>& list) {
    std::vector<ParameterWrite> writes;
    writes.reserve(list.size());
    for (const SoapView& one : list) {
        const auto name = one.word("Name");
        const auto value = one.child("Value");
        if (!name || !value)
            return std::unexpected(refusal(cpe_fault::invalid_arguments,
                                           "a parameter of the list has no Name or no Value"));
        writes.push_back(
            {std::string(*name), std::string(value->type()), std::string(value->text())});
    }
    return writes;
}

// The table of an AddObject, or the instance of a DeleteObject.
std::expected<std::string_view, Refusal> object_name_of(const SoapView& arguments) {
    const auto name = arguments.word("ObjectName");
    if (!name)
        return std::unexpected(refusal(cpe_fault::invalid_arguments, "there is no ObjectName"));
    if (!name->ends_with('.') || name->size() > limits::cwmp_path_bytes)
        return std::unexpected(refusal(cpe_fault::invalid_parameter_name,
                                       "there is no object called " + shown(*name)));
    return *name;
}

uint32_t next_instance(const AcsMemory& memory, uint64_t path) {
    const auto place = std::ranges::find(memory.counters, path, &InstanceCounter::path);
    return place == memory.counters.end() ? 1 : place->next;
}

// --- SetParameterAttributes ----------------------------------------------------------------------

constexpr std::string_view only_accessor = "Subscriber";

struct AttributeWrite {
    std::string_view path = {};
    std::optional<uint8_t> notification = {};  // none: it stays as it is
};

// Who may write a parameter beside the ACS cannot be chosen: the list says what is so already, or
// is refused.
std::optional<Refusal> access_fault(const SoapView& one) {
    if (!read_boolean(one.word("AccessListChange").value_or("0")).value_or(false)) return {};
    const auto list = one.child("AccessList");
    const auto who = list ? list->children() : std::vector<SoapView>();
    if (who.size() == 1 && trimmed(who.front().text(), blanks) == only_accessor) return {};
    return refusal(cpe_fault::request_denied, "the phone keeps no other access list");
}

std::expected<AttributeWrite, Refusal> attribute_write_of(const SoapView& one) {
    const auto name = one.word("Name");
    const auto changes = read_boolean(one.word("NotificationChange").value_or(""));
    if (!name || !changes)
        return std::unexpected(refusal(cpe_fault::invalid_arguments,
                                       "an element has no Name or no NotificationChange"));
    if (auto fault = access_fault(one)) return std::unexpected(std::move(*fault));
    AttributeWrite write{.path = *name};
    if (!*changes) return write;
    const auto number = read_number(one.word("Notification").value_or(""));
    if (!number || *number > last_lightweight)
        return std::unexpected(
            refusal(cpe_fault::invalid_arguments, "there is no such Notification"));
    if (*number > most_notification)
        return std::unexpected(refusal(cpe_fault::notification_rejected,
                                       "the phone has no lightweight notifications"));
    write.notification = static_cast<uint8_t>(*number);
    return write;
}

std::optional<Refusal> take_attribute(std::vector<WatchedValue>& watched,
                                      const AttributeWrite& write, const Model& model) {
    if (!model.has(write.path))
        return refusal(cpe_fault::invalid_parameter_name,
                       "there is no parameter " + shown(write.path));
    if (!write.notification) return {};
    for (const ModelParameter& parameter : model.parameters_at(write.path)) {
        if (is_forced(parameter) && *write.notification != most_notification)
            return refusal(cpe_fault::notification_rejected,
                           "changes of " + model.path_of(parameter) + " are always told");
    }
    set_notification(watched, model, write.path, *write.notification);
    return {};
}

}  // namespace

Answered answer_set_values(Call& call) {
    auto list = listed(call.arguments);
    if (!list) return std::move(list).error();
    auto key = parameter_key_of(call.arguments);
    if (!key) return std::move(key).error();
    auto writes = writes_of(*list);
    if (!writes) return std::move(writes).error();
    const auto refused = [](std::vector<WriteFault>&& faults) {
        return Refusal{.fault = cpe_fault::invalid_arguments,
                       .reason = std::to_string(faults.size()) + " parameters are at fault: " +
                                 faults.front().path + ": " + faults.front().reason,
                       .faults = std::move(faults)};
    };
    if (auto faults = faults_of(*writes); !faults.empty()) return refused(std::move(faults));
    auto change = change_of(*writes, call.facts);
    if (!change) return refused(std::move(change).error());
    ValuesCall values{.change = std::move(*change), .parameter_key = std::move(*key)};
    for (const ParameterWrite& write : *writes)
        values.paths.push_back(watched_path(call.memory, write.path));
    call.pending = std::move(values);
    return {};
}

Answered answer_add_object(Call& call) {
    const auto path = object_name_of(call.arguments);
    if (!path) return path.error();
    auto key = parameter_key_of(call.arguments);
    if (!key) return std::move(key).error();
    const uint64_t table = path_digest(*path);
    const auto& counters = call.memory.counters;
    const bool is_known =
        std::ranges::find(counters, table, &InstanceCounter::path) != counters.end();
    if (!is_known && counters.size() >= limits::cwmp_tables)
        return refusal(cpe_fault::resources_exceeded, "the phone counts no more tables");
    auto added = add_object(*path, next_instance(call.memory, table), call.facts);
    if (!added) return refusal(added.error().code, added.error().reason);
    call.pending = ValuesCall{.change = std::move(added->change),
                              .parameter_key = std::move(*key),
                              .paths = {watched_path(call.memory, *path)},
                              .counter = InstanceCounter{table, added->instance + 1}};
    return {};
}

Answered answer_delete_object(Call& call) {
    const auto path = object_name_of(call.arguments);
    if (!path) return path.error();
    auto key = parameter_key_of(call.arguments);
    if (!key) return std::move(key).error();
    auto change = delete_object(*path, call.facts);
    if (!change) return refusal(change.error().code, change.error().reason);
    call.pending = ValuesCall{.change = std::move(*change),
                              .parameter_key = std::move(*key),
                              .paths = {watched_path(call.memory, *path)}};
    return {};
}

Answered answer_set_attributes(Call& call) {
    const auto list = listed(call.arguments);
    if (!list) return list.error();
    AttributesCall attributes{.watched = call.memory.watched};
    const Model model(call.facts);
    for (const SoapView& one : *list) {
        auto write = attribute_write_of(one);
        if (!write) return std::move(write).error();
        if (auto fault = take_attribute(attributes.watched, *write, model)) return fault;
        if (!has_room(attributes.watched, model))
            return refusal(cpe_fault::resources_exceeded, "the phone watches no more than " +
                                                              std::to_string(limits::cwmp_watched) +
                                                              " parameters");
    }
    call.pending = std::move(attributes);
    return {};
}

Answered answer_schedule_inform(Call& call) {
    const auto delay_s = read_number(call.arguments.word("DelaySeconds").value_or(""));
    const auto key = call.arguments.child("CommandKey");
    const std::string_view text = key ? key->text() : std::string_view();
    if (!delay_s || *delay_s == 0 || !is_key(text))
        return refusal(cpe_fault::invalid_arguments,
                       "DelaySeconds is no number above 0, or the CommandKey is too long");
    if (call.memory.scheduled.size() >= limits::cwmp_scheduled)
        return refusal(cpe_fault::resources_exceeded, "the phone keeps no more than " +
                                                          std::to_string(limits::cwmp_scheduled) +
                                                          " such orders");
    call.pending = ScheduleCall{.delay_s = *delay_s, .command_key = std::string(text)};
    return {};
}

}  // namespace dialtone
