// SPDX-License-Identifier: Apache-2.0
//
// How the tables of the data model write their rows. For management_objects.cpp and
// voice_service.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cwmp/data_model.h"

namespace dialtone::model_rows {

using TellValue = std::string(const Model&, const ModelParameter&);

constexpr ValueRange letters(uint32_t most) {
    return {.high = most, .kind = RangeKind::letters};
}
constexpr ValueRange numbers(int32_t low, uint32_t high = UINT32_MAX) {
    return {.low = low, .high = high, .kind = RangeKind::number};
}
constexpr ValueRange one_of(std::string_view words) {
    return {.words = words, .kind = RangeKind::words};
}
constexpr ValueRange a_host(uint32_t most) {
    return {.high = most, .kind = RangeKind::host};
}

// What the phone tells.
constexpr ModelRow told(std::string_view name, ValueType type, TellValue* value) {
    return {.name = name, .value = value, .type = type};
}
// What is kept under the parameter's path, or a key of the vendor's.
constexpr ModelRow kept(std::string_view name, ValueType type, ValueRange range,
                        std::string_view initial = {}) {
    return {.name = name,
            .initial = initial,
            .range = range,
            .type = type,
            .access = ModelAccess::read_write,
            .keeping = Keeping::own};
}
constexpr ModelRow kept_flag(std::string_view name, std::string_view initial = "0") {
    return kept(name, ValueType::boolean, {}, initial);
}
constexpr ModelRow kept_secret(std::string_view name, uint32_t most) {
    ModelRow out = kept(name, ValueType::string, letters(most));
    out.access = ModelAccess::hidden;
    return out;
}
// What is a setting of the agent.
constexpr ModelRow set_as(std::string_view name, ValueType type, ValueRange range,
                          Setting setting) {
    ModelRow out = kept(name, type, range);
    out.keeping = Keeping::setting;
    out.setting = setting;
    return out;
}
constexpr ModelRow set_as_secret(std::string_view name, uint32_t most, Setting setting) {
    ModelRow out = set_as(name, ValueType::string, letters(most), setting);
    out.access = ModelAccess::hidden;
    return out;
}
constexpr ModelRow part_of(std::string_view name, ValueRange range, Setting setting, uint8_t part) {
    ModelRow out = set_as(name, ValueType::string, range, setting);
    out.keeping = Keeping::list_part;
    out.part = part;
    return out;
}
constexpr ModelRow command(std::string_view name) {
    ModelRow out = kept_flag(name);
    out.keeping = Keeping::command;
    return out;
}

inline std::string nothing(const Model&, const ModelParameter&) {
    return {};
}
inline std::string no(const Model&, const ModelParameter&) {
    return "0";
}
inline std::string yes(const Model&, const ModelParameter&) {
    return "1";
}
inline std::string one(const Model&, const ModelParameter&) {
    return "1";
}
template <const char* text>
std::string words(const Model&, const ModelParameter&) {
    return text;
}

inline std::vector<uint32_t> counted(uint64_t count) {
    std::vector<uint32_t> out;
    for (uint32_t number = 1; number <= count; ++number)
        out.push_back(number);
    return out;
}
inline std::vector<uint32_t> only_one(const Model&, const Instances&) {
    return {1};
}
inline constexpr ModelTable single_table = {TableRows::fixed, &only_one};

}  // namespace dialtone::model_rows
