// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a journal file, and as what a server got into a field of it. Lines that are read
// have one spelling, and no sentence made of them can steer a terminal.
#include <cstdint>
#include <cstdlib>

#include "agent/journal.h"
#include "agent/limits.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void demand_harmless(std::string_view sentence) {
    for (char c : sentence)
        demand(static_cast<uint8_t>(c) >= 0x20 && c != '\x7f');
}

void try_line(std::string_view text) {
    const auto entry = decode_journal_line(text);
    if (!entry) return;
    JournalLine line{.kind = entry->kind, .at_ms = entry->at_ms, .wall_s = entry->wall_s};
    for (const auto& [name, value] : entry->fields)
        line.fields.emplace_back(name, value);
    demand(encode_journal_line(line) == std::string(text) + "\n");
    demand_harmless(journal_sentence(*entry));
}

void try_field(JournalKind kind, std::string_view value) {
    JournalLine line{.kind = kind, .at_ms = 1, .wall_s = 2};
    line.with("url", value).with("reason", value);
    line.fields.emplace_back("next", value);  // as long as it is
    demand(line.fields[0].second.size() <= limits::journal_field_bytes);
    std::string text = encode_journal_line(line);
    demand(text.size() <= limits::journal_line_bytes && text.ends_with('\n'));
    text.pop_back();
    const auto entry = decode_journal_line(text);
    demand(entry.has_value());
    if (value.size() < 32) demand(entry->field("next") == value);
    demand_harmless(journal_sentence(*entry));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find('\n');
        try_line(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
    if (size > 0) {
        const auto kind = static_cast<JournalKind>(data[0] % journal_kind_count);
        try_field(kind, text.substr(1));
    }
    return 0;
}
