// SPDX-License-Identifier: Apache-2.0
//
// Prints docs/settings.md from the table of agent/settings.cpp. A test compares the two.
#include <cstdio>
#include <string>
#include <vector>

#include "agent/limits.h"
#include "agent/settings.h"

using namespace dialtone;

namespace {

struct Group {
    std::string_view prefix;  // of the names, up to the dot; empty: names without one
    std::string_view title;
};

constexpr Group groups[] = {
    {"", "The chain"},
    {"static", "Static server"},
    {"pnp", "SIP plug and play"},
    {"dhcp", "DHCP"},
    {"tr069", "TR-069"},
    {"provision", "Credentials for servers"},
    {"config", "Configuration files"},
    {"http", "HTTP"},
    {"tls", "TLS"},
    {"trust", "Trust"},
    {"trial", "Trial of a new configuration"},
    {"sip", "SIP"},
    {"network", "Network"},
    {"clock", "Clock"},
    {"hooks", "Hooks"},
};

std::string_view prefix_of(std::string_view name) {
    const auto dot = name.find('.');
    return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

std::string code(std::string_view text) {
    return "`" + std::string(text) + "`";
}

std::string code_words(std::string_view words) {
    std::string text;
    while (!words.empty()) {
        const auto bar = words.find('|');
        text += (text.empty() ? "" : ", ") + code(words.substr(0, bar));
        words.remove_prefix(bar == std::string_view::npos ? words.size() : bar + 1);
    }
    return text;
}

std::string range_of(const SettingForm& form) {
    return std::to_string(form.low) + " to " + std::to_string(form.high);
}

std::string values_of(const SettingForm& form) {
    switch (form.type) {
        case SettingType::text:
            return "text";
        case SettingType::flag:
            return "`0`, `1`";
        case SettingType::number:
            return "number, " + range_of(form);
        case SettingType::word:
            return code_words(form.words);
        case SettingType::list:
            return "list of " +
                   (form.words.empty() ? "numbers, " + range_of(form) : code_words(form.words));
        case SettingType::path:
            return "path";
        case SettingType::secret:
            return "text, secret";
    }
    __builtin_unreachable();
}

void print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_head() {
    print(
        "# Settings\n"
        "\n"
        "<!-- Made from the table in agent/settings.cpp by tests/generate/settings_doc.cpp. -->\n"
        "\n"
        "What the agent itself is told, as opposed to what it provisions. A value can come from "
        "several places; the first of these that has one counts:\n"
        "\n");
    uint32_t number = 0;
    constexpr std::string_view places[] = {
        "`dialtoned --set KEY=VALUE`, or `--set KEY=@FILE` for the contents of a file",
        "`dialtone set KEY=VALUE` on the phone",
        "a key of a configuration file that the phone's profile maps to the setting",
        "a `KEY=VALUE` line of `dialtoned --settings FILE`",
        "the phone's profile",
        "the default below",
    };
    static_assert(std::size(places) == layer_count);
    for (std::string_view place : places) {
        const std::string name(layer_name(static_cast<Layer>(number)));
        print(std::to_string(++number) + ". " + name + ": " + std::string(place) + "\n");
    }
    print(
        "\n"
        "An empty value counts as set. In a settings file blank lines and lines that begin with "
        "`#` are passed over, blanks around key and value do not count, and one error refuses the "
        "whole file, with its line. Secret values are never shown, logged or kept in the journal. "
        "Lists are separated by commas without blanks. A value has at most " +
        std::to_string(limits::setting_value_bytes) + " bytes and no control characters.\n");
}

void print_group(const Group& group) {
    print("\n## " + std::string(group.title) +
          "\n\n| Name | Values | Default | What it does |\n|---|---|---|---|\n");
    for (const SettingForm& form : all_settings()) {
        if (prefix_of(form.name) != group.prefix) continue;
        const std::string initial = form.initial.empty() ? "empty" : code(form.initial);
        print("| " + code(form.name) + " | " + values_of(form) + " | " + initial + " | " +
              std::string(form.text) + " |\n");
    }
}

bool is_in_a_group(const SettingForm& form) {
    for (const Group& group : groups) {
        if (prefix_of(form.name) == group.prefix) return true;
    }
    return false;
}

}  // namespace

int main() {
    for (const SettingForm& form : all_settings()) {
        if (is_in_a_group(form)) continue;
        std::fprintf(stderr, "%s belongs to no group\n", std::string(form.name).c_str());
        return 1;
    }
    print_head();
    for (const Group& group : groups)
        print_group(group);
    return 0;
}
