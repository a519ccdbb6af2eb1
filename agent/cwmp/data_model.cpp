// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/data_model.h"

#include <algorithm>

#include "agent/address.h"
#include "agent/limits.h"
#include "agent/transfer/url.h"

namespace dialtone {
namespace {

using enum ModelAccess;
using T = ValueType;
using N = Notification;
using F = const ModelFacts&;

std::string upper(std::string text) {
    for (char& letter : text) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return text;
}

template <Setting setting>
std::string setting_of(F facts) {
    return std::string(facts.phone.settings.get(setting));
}

std::string nothing(F) {
    return {};
}

std::string no(F) {
    return "0";
}

// Without its userinfo.
std::string acs_url(F facts) {
    const auto url = parse_url(facts.phone.settings.get(Setting::tr069_acs_url), Scheme::http);
    return url ? request_url(*url) : std::string();
}

// clang-format off
constexpr ModelRow rows[] = {
    {"DeviceSummary", T::string, read_only, N::off, true,
     [](F) -> std::string { return "Device:1.2[](Baseline:1)"; }},

    {"DeviceInfo.Manufacturer", T::string, read_only, N::off, false,
     [](F facts) { return device_id(facts.phone).manufacturer; }},
    {"DeviceInfo.ManufacturerOUI", T::string, read_only, N::off, false,
     [](F facts) { return device_id(facts.phone).oui; }},
    {"DeviceInfo.ModelName", T::string, read_only, N::off, false,
     [](F facts) { return facts.phone.identity.model; }},
    {"DeviceInfo.Description", T::string, read_only, N::off, false,
     [](F facts) { return std::string(facts.phone.profile->vendor) + " IP phone"; }},
    {"DeviceInfo.ProductClass", T::string, read_only, N::off, false,
     [](F facts) { return device_id(facts.phone).product_class; }},
    {"DeviceInfo.SerialNumber", T::string, read_only, N::off, false,
     [](F facts) { return device_id(facts.phone).serial_number; }},
    {"DeviceInfo.HardwareVersion", T::string, read_only, N::off, true, nothing},
    {"DeviceInfo.SoftwareVersion", T::string, read_only, N::active, true,
     [](F facts) { return facts.phone.identity.version; }},
    {"DeviceInfo.DeviceStatus", T::string, read_only, N::off, false,
     [](F) -> std::string { return "Up"; }},
    {"DeviceInfo.UpTime", T::unsigned_int, read_only, N::off, false,
     [](F facts) { return std::to_string(facts.now.ms / 1000); }},

    {"ManagementServer.URL", T::string, read_write, N::off, false, acs_url},
    {"ManagementServer.Username", T::string, read_write, N::off, false,
     setting_of<Setting::tr069_user>},
    {"ManagementServer.Password", T::string, hidden, N::off, false, nothing},
    {"ManagementServer.PeriodicInformEnable", T::boolean, read_write, N::off, false,
     setting_of<Setting::tr069_periodic_enable>},
    {"ManagementServer.PeriodicInformInterval", T::unsigned_int, read_write, N::off, false,
     setting_of<Setting::tr069_periodic_interval>},
    {"ManagementServer.PeriodicInformTime", T::date_time, read_write, N::off, false,
     [](F facts) {
         const auto text = facts.phone.settings.get(Setting::tr069_periodic_time);
         return std::string(text.empty() ? unknown_time : text);
     }},
    {"ManagementServer.ParameterKey", T::string, read_only, N::off, true,
     [](F facts) { return facts.phone.parameter_key; }},
    {"ManagementServer.ConnectionRequestURL", T::string, read_only, N::active, true, nothing},
    {"ManagementServer.ConnectionRequestUsername", T::string, read_write, N::off, false, nothing},
    {"ManagementServer.ConnectionRequestPassword", T::string, hidden, N::off, false, nothing},
    {"ManagementServer.UpgradesManaged", T::boolean, read_write, N::off, false, no},

    {"LAN.AddressingType", T::string, read_only, N::off, false,
     [](F facts) -> std::string {
         return facts.phone.settings.get(Setting::network_mode) == "static" ? "Static" : "DHCP";
     }},
    {"LAN.IPAddress", T::string, read_only, N::off, true,
     [](F facts) { return address_text(facts.phone.address); }},
    {"LAN.MACAddress", T::string, read_only, N::off, false,
     [](F facts) { return fill_template("{mac:}", facts.phone.identity); }},
};
// clang-format on

// Whether `path` is a row of the table at `row`, an object above it, or neither.
bool is_object_of(std::string_view path, std::string_view row_path) {
    return path.empty() || (path.ends_with('.') && row_path.starts_with(path));
}

// A path as the table has it; false: it is not below the root.
bool take_root(std::string_view& path) {
    if (path.empty()) return true;
    if (!path.starts_with(model_root)) return false;
    path.remove_prefix(model_root.size());
    return true;
}

constexpr bool is_leap(int64_t year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

constexpr int64_t days_of_year(int64_t year) {
    return is_leap(year) ? 366 : 365;
}

// `month`: 1 to 12.
constexpr int64_t days_of_month(int64_t year, int64_t month) {
    if (month == 2) return is_leap(year) ? 29 : 28;
    const bool is_short = month == 4 || month == 6 || month == 9 || month == 11;
    return is_short ? 30 : 31;
}

std::string two_digits(int64_t number) {
    return {static_cast<char>('0' + number / 10), static_cast<char>('0' + number % 10)};
}

}  // namespace

std::string_view value_type_name(ValueType type) {
    constexpr std::string_view names[] = {"string", "boolean", "unsignedInt", "dateTime"};
    return names[static_cast<uint32_t>(type)];
}

std::span<const ModelRow> model_rows() {
    return rows;
}

std::string full_path(const ModelRow& row) {
    return std::string(model_root).append(row.path);
}

std::vector<const ModelRow*> rows_at(std::string_view path) {
    std::vector<const ModelRow*> out;
    if (!take_root(path)) return out;
    for (const ModelRow& row : rows) {
        if (row.path == path || is_object_of(path, row.path)) out.push_back(&row);
    }
    return out;
}

std::vector<ModelName> names_at(std::string_view path, bool next_level) {
    std::vector<ModelName> out;
    const auto found = rows_at(path);
    const bool is_parameter = !path.empty() && !path.ends_with('.');
    if (found.empty()) return out;
    if (is_parameter) {
        out.push_back({std::string(path), found.front()->access != read_only});
        return out;
    }
    const auto add = [&out](std::string name, bool writable) {
        const auto is_it = [&name](const ModelName& one) { return one.path == name; };
        if (std::ranges::none_of(out, is_it)) out.push_back({std::move(name), writable});
    };
    if (!next_level && !path.empty()) add(std::string(path), false);
    for (const ModelRow* row : found) {
        const std::string full = full_path(*row);
        auto end = full.find('.', path.size());
        for (; end != std::string::npos; end = full.find('.', end + 1)) {
            add(full.substr(0, end + 1), false);
            if (next_level) break;
        }
        if (end == std::string::npos) add(full, row->access != read_only);
    }
    return out;
}

DeviceId device_id(const PhoneFacts& phone) {
    const std::string mac = upper(mac_text(phone.identity));
    constexpr uint32_t oui_digits = 6;
    return {.manufacturer = std::string(phone.profile->vendor),
            .oui = mac.substr(0, oui_digits),
            .product_class = phone.identity.model,
            .serial_number = mac};
}

std::string date_time_text(WallSeconds wall_s) {
    constexpr int64_t day_s = 86'400;
    const int64_t bounded_s = std::clamp<int64_t>(wall_s, 0, limits::wall_clock_end_s - 1);
    int64_t day = bounded_s / day_s;  // counted from the first of the year, then of the month
    int64_t year = 1970;
    for (; day >= days_of_year(year); ++year)
        day -= days_of_year(year);
    int64_t month = 1;
    for (; day >= days_of_month(year, month); ++month)
        day -= days_of_month(year, month);
    const int64_t second = bounded_s % day_s;
    return std::to_string(year) + '-' + two_digits(month) + '-' + two_digits(day + 1) + 'T' +
           two_digits(second / 3600) + ':' + two_digits(second / 60 % 60) + ':' +
           two_digits(second % 60) + 'Z';
}

}  // namespace dialtone
