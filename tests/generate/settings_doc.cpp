// SPDX-License-Identifier: Apache-2.0
//
// Prints docs/settings.md from the table of agent/settings.cpp. A test compares the two.
#include <cstdio>
#include <string>
#include <vector>

#include "agent/limits.h"
#include "agent/setting_forms.h"

using namespace dialtone;

namespace {

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
        case SettingType::public_key:
            return "public key";
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

void print_section(SettingSection section) {
    print("\n## " + std::string(section_title(section)) +
          "\n\n| Name | Values | Default | What it does |\n|---|---|---|---|\n");
    for (const DocumentedSetting& form : documented_settings) {
        if (form.section != section) continue;
        const std::string initial = form.initial.empty() ? "empty" : code(form.initial);
        print("| " + code(form.name) + " | " + values_of(form) + " | " + initial + " | " +
              std::string(form.text) + " |\n");
    }
}

}  // namespace

int main() {
    print_head();
    for (uint32_t i = 0; i < static_cast<uint32_t>(SettingSection::count_); ++i)
        print_section(static_cast<SettingSection>(i));
    return 0;
}
