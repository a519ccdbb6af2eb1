// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/model_write.h"

#include <algorithm>
#include <optional>

#include "agent/config/utf8.h"
#include "agent/cwmp/date_time.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/soap.h"
#include "agent/limits.h"
#include "agent/settings.h"
#include "agent/text.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

constexpr uint32_t url_letters = 256;  // TR-106, ManagementServer.URL

// What a parameter is to the settings.
struct WritableRow {
    std::string_view path;  // below the root
    Setting setting;
    bool touches_acs_way;
};

constexpr WritableRow writable_rows[] = {
    {"ManagementServer.URL", Setting::tr069_acs_url, true},
    {"ManagementServer.Username", Setting::tr069_user, true},
    {"ManagementServer.Password", Setting::tr069_password, true},
    {"ManagementServer.PeriodicInformEnable", Setting::tr069_periodic_enable, false},
    {"ManagementServer.PeriodicInformInterval", Setting::tr069_periodic_interval, false},
    {"ManagementServer.PeriodicInformTime", Setting::tr069_periodic_time, false},
};

WriteFault fault(const ParameterWrite& write, uint32_t code, std::string reason) {
    return {write.path, code, std::move(reason)};
}

// As the setting has it; nothing: it is no value of the type.
std::optional<std::string> setting_text(const ModelRow& row, std::string_view value) {
    const std::string_view word = trimmed(value, " \t\r\n");
    switch (row.type) {
        case ValueType::boolean: {
            const auto flag = read_boolean(word);
            if (!flag) return {};
            return *flag ? "1" : "0";
        }
        case ValueType::date_time:
            if (word != unknown_time && !read_date_time(word)) return {};
            return std::string(word);
        case ValueType::unsigned_int:
            return std::string(word);
        case ValueType::string:
            return std::string(value);
    }
    __builtin_unreachable();
}

bool is_acs_url(std::string_view text) {
    if (text.empty()) return true;
    const auto url = parse_url(text, Scheme::http);
    return text.size() <= url_letters && url &&
           (url->scheme == Scheme::http || url->scheme == Scheme::https);
}

std::expected<Entry, WriteFault> entry_of(const ParameterWrite& write, ModelChange& change) {
    const auto rows = rows_at(write.path);
    const bool is_parameter = !write.path.empty() && !write.path.ends_with('.');
    if (rows.empty() || !is_parameter)
        return std::unexpected(fault(write, cpe_fault::invalid_parameter_name,
                                     "there is no parameter " + shown(write.path)));
    const ModelRow& row = *rows.front();
    if (row.access == ModelAccess::read_only)
        return std::unexpected(
            fault(write, cpe_fault::not_writable, "the parameter cannot be written"));
    const auto* const place = std::ranges::find(writable_rows, row.path, &WritableRow::path);
    if (place == std::end(writable_rows))
        return std::unexpected(
            fault(write, cpe_fault::request_denied, "the phone keeps no such value yet"));
    if (!write.type.empty() && write.type != value_type_name(row.type))
        return std::unexpected(
            fault(write, cpe_fault::invalid_parameter_type,
                  "the parameter is of the type " + std::string(value_type_name(row.type))));
    const SettingForm& form = setting_form(place->setting);
    const auto text = setting_text(row, write.value);
    const bool fits = text && check_setting(form, *text) &&
                      (place->setting != Setting::tr069_acs_url || is_acs_url(*text));
    if (!fits)
        return std::unexpected(
            fault(write, cpe_fault::invalid_parameter_value, "the parameter takes no such value"));
    change.touches_acs_way = change.touches_acs_way || place->touches_acs_way;
    return Entry{.key = std::string(form.name), .value = *text};
}

}  // namespace

std::expected<ModelChange, std::vector<WriteFault>> change_of(
    std::span<const ParameterWrite> writes, const ModelFacts&) {
    ModelChange change;
    std::vector<WriteFault> faults;
    for (const ParameterWrite& write : writes) {
        auto entry = entry_of(write, change);
        if (entry) {
            change.document.entries.push_back(std::move(*entry));
        } else {
            faults.push_back(std::move(entry).error());
        }
    }
    if (!faults.empty()) return std::unexpected(std::move(faults));
    return change;
}

// The tables of this model have no instances yet that an ACS may make.
std::expected<AddedObject, WriteFault> add_object(std::string_view path, uint32_t,
                                                  const ModelFacts&) {
    return std::unexpected(WriteFault{std::string(path), cpe_fault::invalid_parameter_name,
                                      "there is no table " + shown(path)});
}

std::expected<ModelChange, WriteFault> delete_object(std::string_view path, const ModelFacts&) {
    return std::unexpected(WriteFault{std::string(path), cpe_fault::invalid_parameter_name,
                                      "there is no instance " + shown(path)});
}

}  // namespace dialtone
