// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/managed/drawn_values.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "agent/cwmp/voice_service.h"
#include "agent/text.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view root = "Device.";
constexpr uint32_t longest_text = 12;

// The way to the ACS, whom a phone that is pointed elsewhere does not hear again.
constexpr std::string_view left_alone[] = {
    "Device.ManagementServer.URL", "Device.ManagementServer.Username",
    "Device.ManagementServer.Password", "Device.ManagementServer.STUNEnable"};

std::string without_numbers(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const auto end = std::min(path.find('.'), path.size());
        const std::string_view piece = path.substr(0, end);
        const bool is_number = !piece.empty() && std::ranges::all_of(piece, is_digit);
        out += is_number ? std::string_view("{i}") : piece;
        if (end == path.size()) break;
        out += '.';
        path.remove_prefix(end + 1);
    }
    return out;
}

const ModelRow* find_row(std::span<const ModelObject> objects, std::string_view object,
                         std::string_view name) {
    for (const ModelObject& one : objects) {
        if (one.path != object || !has_root(one.roots, Root::device1)) continue;
        const auto row = std::ranges::find(one.rows, name, &ModelRow::name);
        if (row != one.rows.end() && has_root(row->roots, Root::device1)) return &*row;
    }
    return nullptr;
}

std::string draw_text(Rng& rng, uint32_t most) {
    constexpr std::string_view letters = "abcXYZ019 -_.&<>";
    std::string out;
    const uint32_t count = rng.below(std::min(most, longest_text) + 1);
    for (uint32_t i = 0; i < count; ++i)
        out += letters[rng.below(static_cast<uint32_t>(letters.size()))];
    // Blanks at an end are not kept by everybody who handles XML.
    return std::string(trimmed(out, " "));
}

std::vector<std::string_view> words_of(std::string_view words) {
    std::vector<std::string_view> out;
    for (;;) {
        const auto end = words.find('|');
        out.push_back(words.substr(0, end));
        if (end == std::string_view::npos) return out;
        words.remove_prefix(end + 1);
    }
}

std::string draw_number(Rng& rng, const ModelRow& row) {
    if (row.range.kind != RangeKind::number) return std::to_string(rng.below(100'000));
    const uint32_t span =
        std::min<uint32_t>(static_cast<uint32_t>(int64_t{row.range.high} - row.range.low), 60'000);
    return std::to_string(int64_t{row.range.low} + rng.below(span + 1));
}

}  // namespace

const ModelRow* settable_row(std::string_view path) {
    if (!path.starts_with(root) || path.ends_with('.')) return nullptr;
    if (std::ranges::find(left_alone, path) != std::end(left_alone)) return nullptr;
    const std::string form = without_numbers(path.substr(root.size()));
    const auto dot = form.rfind('.');
    const auto begin = dot == std::string::npos ? 0 : dot + 1;
    const std::string_view object = std::string_view(form).substr(0, begin);
    const std::string_view name = std::string_view(form).substr(begin);
    const ModelRow* row = find_row(management_objects(), object, name);
    return row != nullptr ? row : find_row(voice_objects(), object, name);
}

std::string draw_value(Rng& rng, const ModelRow& row) {
    if (row.range.kind == RangeKind::words) {
        const auto words = words_of(row.range.words);
        return std::string(words[rng.below(static_cast<uint32_t>(words.size()))]);
    }
    switch (row.type) {
        case ValueType::boolean:
            return rng.below(2) == 0 ? "0" : "1";
        case ValueType::integer:
        case ValueType::unsigned_int:
            return draw_number(rng, row);
        case ValueType::date_time:
            return "2026-01-01T00:00:" + std::to_string(10 + rng.below(50)) + "Z";
        case ValueType::string:
            break;
    }
    if (row.range.kind == RangeKind::host) return "host" + std::to_string(rng.below(100));
    return draw_text(rng, row.range.kind == RangeKind::letters ? row.range.high : longest_text);
}

std::optional<std::string> draw_wrong_value(Rng& rng, const ModelRow& row) {
    if (row.range.kind == RangeKind::words) return "no such word";
    if (row.range.kind == RangeKind::letters && row.range.high < 400)
        return std::string(row.range.high + 1, 'x');
    if (row.range.kind == RangeKind::host) return "two words";
    if (row.type == ValueType::string) return std::nullopt;
    constexpr std::array<std::string_view, 3> wrong = {"perhaps", "", "1x"};
    return std::string(wrong[rng.below(static_cast<uint32_t>(wrong.size()))]);
}

}  // namespace dialtone::sim
