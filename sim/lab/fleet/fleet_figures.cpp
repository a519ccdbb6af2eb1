// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/fleet/fleet_figures.h"

#include <algorithm>
#include <iterator>

namespace dialtone::sim {
namespace {

struct Column {
    std::string_view head;
    uint32_t width;
};
constexpr uint32_t first_width = 14;
constexpr uint32_t second_width = 9;
constexpr Column columns[] = {{"peak/s", 8},   {"mean/s", 9},      {"per phone", 11},
                              {"p50 s", 9},    {"p99 s", 9},       {"last s", 9},
                              {"refused", 11}, {"unanswered", 12}, {"done", 10}};

std::string left(std::string_view text, uint32_t width) {
    std::string out(text);
    if (out.size() < width) out.append(width - out.size(), ' ');
    return out;
}

std::string right(std::string_view text, uint32_t width) {
    return text.size() < width ? std::string(width - text.size(), ' ') + std::string(text)
                               : std::string(text);
}

}  // namespace

std::optional<uint32_t> done_by_ms(const FleetResult& result, uint32_t percent) {
    const uint64_t rank = (uint64_t{result.affected} * percent + 99) / 100;
    if (rank == 0 || rank > result.done_ms.size()) return std::nullopt;
    return result.done_ms[static_cast<uint32_t>(rank - 1)];
}

uint64_t mean_tenths(const FleetResult& result) {
    uint64_t asked = 0;
    for (uint32_t i = result.zero_s - result.begin_s; i < result.seconds.size(); ++i)
        asked += result.seconds[i].asked;
    return asked * 10 / std::max<uint32_t>(result.end_s - std::min(result.end_s, result.zero_s), 1);
}

uint64_t per_phone_hundredths(const FleetResult& result) {
    return result.requests * 100 / std::max<uint32_t>(result.affected, 1);
}

uint32_t fleet_least_s(const FleetOptions& options) {
    const bool is_at_once =
        options.event == FleetEvent::power_cut || options.event == FleetEvent::cold_site;
    if (!is_at_once) return 0;
    const uint32_t passes = options.event == FleetEvent::cold_site ? 2 : 1;
    return static_cast<uint32_t>(uint64_t{options.phones} * fleet_files_asked_for * passes /
                                 options.requests_per_s);
}

std::string grouped(uint64_t number) {
    std::string out = std::to_string(number);
    for (int64_t at = static_cast<int64_t>(out.size()) - 3; at > 0; at -= 3)
        out.insert(static_cast<uint32_t>(at), ",");
    return out;
}

std::string fixed_point(uint64_t number, uint32_t digits) {
    std::string out = std::to_string(number);
    if (out.size() <= digits) out.insert(0, digits + 1 - out.size(), '0');
    return out.insert(out.size() - digits, ".");
}

std::string seconds_text(std::optional<uint32_t> ms) {
    return ms ? fixed_point(*ms / 100, 1) : "-";
}

std::string duration_words(uint32_t seconds) {
    if (seconds < 60) return std::to_string(seconds) + " s";
    const std::string minutes = std::to_string(seconds / 60) + " min";
    return seconds % 60 == 0 ? minutes : minutes + " " + std::to_string(seconds % 60) + " s";
}

std::string fleet_table_head(std::string_view first, std::string_view second) {
    std::string row = left(first, first_width) + right(second, second_width);
    for (const Column& column : columns)
        row += right(column.head, column.width);
    return row;
}

std::string fleet_table_row(std::string_view first, std::string_view second,
                            const FleetResult& result) {
    const std::string values[] = {grouped(result.peak),
                                  fixed_point(mean_tenths(result), 1),
                                  fixed_point(per_phone_hundredths(result), 2),
                                  seconds_text(done_by_ms(result, 50)),
                                  seconds_text(done_by_ms(result, 99)),
                                  seconds_text(done_by_ms(result, 100)),
                                  grouped(result.refused),
                                  grouped(result.unanswered),
                                  grouped(result.done_ms.size())};
    static_assert(std::size(values) == std::size(columns));
    std::string row = left(first, first_width) + right(second, second_width);
    for (uint32_t i = 0; i < std::size(columns); ++i)
        row += right(values[i], columns[i].width);
    return row;
}

std::string fleet_last_line(const FleetRun& run) {
    const FleetResult& result = run.result;
    return "fleet: phones=" + std::to_string(run.options.phones) +
           " policy=" + std::string(run.policy) + " peak=" + std::to_string(result.peak) +
           " mean=" + fixed_point(mean_tenths(result), 1) +
           " per_phone=" + fixed_point(per_phone_hundredths(result), 2) +
           " p99=" + seconds_text(done_by_ms(result, 99)) +
           " last=" + seconds_text(done_by_ms(result, 100));
}

}  // namespace dialtone::sim
