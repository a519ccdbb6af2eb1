// SPDX-License-Identifier: Apache-2.0
#include "agent/settings.h"

#include <algorithm>
#include <charconv>

#include "agent/limits.h"
#include "agent/nearest_name.h"
#include "agent/setting_forms.h"
#include "agent/signature.h"
#include "agent/text.h"

namespace dialtone {
namespace {

consteval bool forms_are_in_order() {
    if (std::size(documented_settings) != setting_count) return false;
    for (uint32_t i = 0; i < setting_count; ++i) {
        const DocumentedSetting& one = documented_settings[i];
        if (one.setting != static_cast<Setting>(i)) return false;
        if (one.name.empty() || !one.text.ends_with('.')) return false;
    }
    return true;
}
static_assert(forms_are_in_order(), "one form for each Setting, in the order of the enum");

// Without the sentences.
constexpr auto forms = [] {
    std::array<SettingForm, setting_count> out = {};
    for (uint32_t i = 0; i < setting_count; ++i)
        out[i] = documented_settings[i];
    return out;
}();

// A refused value inside an error message: short, on one line, harmless on a terminal.
std::string shown_value(std::string_view value) {
    constexpr uint32_t letters_shown = 40;
    std::string text = "\"";
    for (char c : value.substr(0, letters_shown))
        text += is_control(c) ? '?' : c;
    text += value.size() > letters_shown ? "...\"" : "\"";
    return text;
}

std::string spelt_out(std::string_view words) {
    std::string text(words);
    for (auto bar = text.find('|'); bar != std::string::npos; bar = text.find('|', bar))
        text.replace(bar, 1, ", ");
    return text;
}

bool is_word_of(std::string_view word, std::string_view words) {
    while (!words.empty()) {
        if (take_piece(words, '|') == word) return true;
    }
    return false;
}

bool is_number_between(std::string_view text, uint32_t low, uint32_t high) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && number >= low &&
           number <= high;
}

std::string range_of(const SettingForm& form) {
    return std::to_string(form.low) + " to " + std::to_string(form.high);
}

bool is_list_item(const SettingForm& form, std::string_view item) {
    return form.words.empty() ? is_number_between(item, form.low, form.high)
                              : is_word_of(item, form.words);
}

// Nothing when `value` is a list without repetitions of what the form allows, else the reason.
std::string list_fault(const SettingForm& form, std::string_view value) {
    const std::string takes =
        form.words.empty() ? "numbers from " + range_of(form) : spelt_out(form.words);
    if (value.empty() || value.ends_with(',')) return "takes a comma-separated list of " + takes;
    std::vector<std::string_view> seen;
    while (!value.empty()) {
        const std::string_view item = take_piece(value, ',');
        if (!is_list_item(form, item))
            return "takes a comma-separated list of " + takes + ", not " + shown_value(item);
        if (std::find(seen.begin(), seen.end(), item) != seen.end())
            return "names " + shown_value(item) + " twice";
        seen.push_back(item);
    }
    return {};
}

// Nothing when `value` is of the form's type, else the reason, to follow the setting's name.
std::string type_fault(const SettingForm& form, std::string_view value) {
    switch (form.type) {
        case SettingType::text:
        case SettingType::path:
        case SettingType::secret:
            return {};
        case SettingType::flag:
            if (value == "0" || value == "1") return {};
            return "takes 0 or 1, not " + shown_value(value);
        case SettingType::number:
            if (is_number_between(value, form.low, form.high)) return {};
            return "takes a number from " + range_of(form) + ", not " + shown_value(value);
        case SettingType::word:
            if (is_word_of(value, form.words)) return {};
            return "takes one of " + spelt_out(form.words) + ", not " + shown_value(value);
        case SettingType::list:
            return list_fault(form, value);
        case SettingType::public_key:
            return std::string(value.empty() ? value : public_key_fault(value));
    }
    __builtin_unreachable();
}

constexpr std::string_view blanks = " \t\r";  // a line may end with CR LF

Result<SettingLine> parse_settings_line(std::string_view text, uint32_t line) {
    const Position where = Position::at_line(line);
    const auto equals = text.find('=');
    if (equals == std::string_view::npos)
        return fail(ErrorCode::bad_usage, "a line is KEY=VALUE, and this one has no =", where);
    const std::string_view name = trimmed(text.substr(0, equals), blanks);
    const std::string_view value = trimmed(text.substr(equals + 1), blanks);

    const SettingForm* form = find_setting(name);
    if (form == nullptr) {
        std::string detail = "there is no setting " + shown_value(name);
        if (const auto nearest = nearest_setting(name); !nearest.empty())
            detail += ", did you mean " + std::string(nearest) + "?";
        return fail(ErrorCode::bad_usage, std::move(detail), where);
    }
    if (Status fine = check_setting(*form, value); !fine)
        return fail(fine.error().code, std::move(fine.error().detail), where);
    return SettingLine{form->setting, std::string(value), line};
}

}  // namespace

const SettingForm& setting_form(Setting setting) {
    return forms[static_cast<uint32_t>(setting)];
}

std::string_view section_title(SettingSection section) {
    constexpr std::string_view titles[] = {"The chain",
                                           "Static server",
                                           "SIP plug and play",
                                           "DHCP",
                                           "TR-069",
                                           "Credentials for servers",
                                           "Configuration files",
                                           "HTTP",
                                           "TLS",
                                           "Trust",
                                           "Trial of a new configuration",
                                           "State directory",
                                           "SIP",
                                           "Network",
                                           "Clock",
                                           "Hooks"};
    static_assert(std::size(titles) == static_cast<uint32_t>(SettingSection::count_));
    return titles[static_cast<uint32_t>(section)];
}

std::span<const SettingForm> all_settings() {
    return forms;
}

const SettingForm* find_setting(std::string_view name) {
    // Keys of configurations are asked for too, all of them, and begin otherwise.
    if (name.empty() || name.front() < 'a' || name.front() > 'z') return nullptr;
    const auto found = std::find_if(std::begin(forms), std::end(forms),
                                    [&](const SettingForm& form) { return form.name == name; });
    return found == std::end(forms) ? nullptr : found;
}

std::string_view nearest_setting(std::string_view name) {
    std::string_view names[setting_count];
    for (uint32_t i = 0; i < setting_count; ++i)
        names[i] = forms[i].name;
    return nearest_name(name, names);
}

Status check_setting(const SettingForm& form, std::string_view value) {
    const auto refuse = [&](std::string_view reason) {
        return fail(ErrorCode::bad_usage, std::string(form.name) + " " + std::string(reason));
    };
    if (value.size() > limits::setting_value_bytes)
        return refuse("is longer than " + std::to_string(limits::setting_value_bytes) + " bytes");
    if (std::any_of(value.begin(), value.end(), is_control))
        return refuse("holds a control character");
    if (const std::string fault = type_fault(form, value); !fault.empty()) return refuse(fault);
    return {};
}

std::string_view layer_name(Layer layer) {
    switch (layer) {
        case Layer::command_line:
            return "command line";
        case Layer::operator_:
            return "operator";
        case Layer::configuration:
            return "configuration";
        case Layer::file:
            return "settings file";
        case Layer::profile:
            return "profile";
        case Layer::initial:
            return "built-in default";
    }
    __builtin_unreachable();
}

Status Settings::set(Layer layer, Setting setting, std::string_view value) {
    if (Status fine = check_setting(setting_form(setting), value); !fine) return fine;
    std::vector<Value>& values = layers_[static_cast<uint32_t>(layer)];
    const auto known = std::find_if(values.begin(), values.end(),
                                    [&](const Value& one) { return one.setting == setting; });
    if (known != values.end()) {
        known->text = value;
    } else {
        values.push_back({setting, std::string(value)});
    }
    return {};
}

void Settings::clear(Layer layer) {
    layers_[static_cast<uint32_t>(layer)].clear();
}

std::optional<std::string_view> Settings::get_in(Layer layer, Setting setting) const {
    for (const Value& value : layers_[static_cast<uint32_t>(layer)]) {
        if (value.setting == setting) return value.text;
    }
    if (layer == Layer::initial) return setting_form(setting).initial;
    return {};
}

Layer Settings::layer_of(Setting setting) const {
    for (uint32_t i = 0; i < layer_count; ++i) {
        if (get_in(static_cast<Layer>(i), setting)) return static_cast<Layer>(i);
    }
    return Layer::initial;
}

std::string_view Settings::get(Setting setting) const {
    return get_in(layer_of(setting), setting).value_or(std::string_view());
}

uint32_t Settings::number(Setting setting) const {
    const std::string_view text = get(setting);
    uint32_t number = 0;  // stays 0 for what is no number, which check_setting has ruled out
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

Result<std::vector<SettingLine>> parse_settings_file(std::string_view text) {
    if (text.size() > limits::settings_file_bytes)
        return fail(ErrorCode::too_big, "a settings file has at most " +
                                            std::to_string(limits::settings_file_bytes) + " bytes");
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";  // some editors begin with it
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    std::vector<SettingLine> lines;
    for (uint32_t number = 1; !text.empty(); ++number) {
        const std::string_view line = trimmed(take_piece(text, '\n'), blanks);
        if (line.empty() || line.starts_with('#')) continue;
        lines.push_back(TRY(parse_settings_line(line, number)));
    }
    return lines;
}

}  // namespace dialtone
