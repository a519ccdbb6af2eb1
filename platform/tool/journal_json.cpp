// SPDX-License-Identifier: Apache-2.0
#include "platform/tool/journal_json.h"

#include <array>

namespace dialtone {
namespace {

std::string_view level_name(JournalLevel level) {
    static constexpr std::array<std::string_view, 3> names = {"info", "warning", "failure"};
    return names[static_cast<uint32_t>(level)];
}

}  // namespace

void write_entry(JsonWriter& json, const JournalEntry& entry) {
    const JournalForm& form = journal_form(entry.kind);
    json.begin_object();
    json.key("ms").number(static_cast<int64_t>(entry.at_ms));
    json.key("wall_s").number(entry.wall_s);
    json.member("kind", form.name);
    json.member("level", level_name(form.level));
    json.member("sentence", journal_sentence(entry));
    json.key("fields").begin_object();
    for (const auto& [name, value] : entry.fields)
        json.member(name, value);
    json.end_object();
    json.end_object();
}

}  // namespace dialtone
