// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/fleet/fleet_plot.h"

#include <algorithm>
#include <vector>

namespace dialtone::sim {
namespace {

// Pixels.
constexpr uint32_t width = 1240;
constexpr uint32_t margin = 28;
constexpr uint32_t names_width = 246;
constexpr uint32_t panel_gap = 34;
constexpr uint32_t panel_height = 84;
constexpr uint32_t row_height = 126;  // a line of figures, the panel, a gap
constexpr uint32_t head_height = 138;
constexpr uint32_t foot_height = 62;
constexpr uint32_t bin_px = 2;

constexpr uint32_t times_capacity = 4;  // the height of a panel; what is more is cut off
constexpr uint32_t step_s = 300;        // of the time axis

constexpr std::string_view served_color = "#2f6db3";
constexpr std::string_view away_color = "#ef8a3c";
constexpr std::string_view ink = "#1f2933";
// Of words that may stand on bars.
constexpr std::string_view over_bars =
    "font-size=\"11\" fill=\"#1f2933\" paint-order=\"stroke\" stroke=\"#ffffff\" "
    "stroke-width=\"4\" stroke-linejoin=\"round\" text-anchor=\"end\"";

std::string number(int64_t value) {
    return std::to_string(value);
}

// Text is ours and holds nothing that XML would have to escape.
std::string text_at(int64_t x, int64_t y, std::string_view words, std::string_view style) {
    return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" " + std::string(style) + ">" +
           std::string(words) + "</text>\n";
}

std::string box_at(int64_t x, int64_t y, int64_t w, int64_t h, std::string_view fill) {
    return "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(w) +
           "\" height=\"" + number(h) + "\" fill=\"" + std::string(fill) + "\"/>\n";
}

std::string line_at(int64_t x1, int64_t y1, int64_t x2, int64_t y2, std::string_view style) {
    return "<path d=\"M" + number(x1) + " " + number(y1) + "L" + number(x2) + " " + number(y2) +
           "\" " + std::string(style) + "/>\n";
}

// The time axis, the same for all panels: seconds relative to the moment that counts.
struct Axis {
    int64_t from_s = 0;
    int64_t until_s = 0;
    uint32_t panel_width = 0;

    int64_t x(int64_t second) const {
        return (second - from_s) * panel_width / std::max<int64_t>(until_s - from_s, 1);
    }
};

struct Bin {
    uint64_t served = 0;
    uint64_t away = 0;
    uint32_t seconds = 0;
};

std::vector<Bin> bins_of(const FleetRun& run, const Axis& axis) {
    std::vector<Bin> bins(axis.panel_width / bin_px);
    const int64_t offset_s = static_cast<int64_t>(run.result.begin_s) - run.result.zero_s;
    for (int64_t second = axis.from_s; second < axis.until_s; ++second) {
        const auto at = static_cast<uint32_t>(axis.x(second) / bin_px);
        if (at >= bins.size()) continue;
        ++bins[at].seconds;
        const int64_t index = second - offset_s;
        if (index < 0 || index >= static_cast<int64_t>(run.result.seconds.size())) continue;
        const FleetSecond& one = run.result.seconds[static_cast<uint32_t>(index)];
        bins[at].served += one.served;
        bins[at].away += one.refused + one.unanswered;
    }
    return bins;
}

// A stepped area between two heights of each bin.
std::string area(const std::vector<std::pair<uint32_t, uint32_t>>& heights, int64_t left,
                 int64_t bottom, std::string_view fill) {
    std::string path;
    for (uint32_t i = 0; i < heights.size(); ++i) {
        const auto [low, high] = heights[i];
        if (high <= low) continue;
        path += "M" + number(left + i * bin_px) + " " + number(bottom - low) + "v-" +
                number(high - low) + "h" + number(bin_px) + "v" + number(high - low) + "z";
    }
    return path.empty() ? "" : "<path d=\"" + path + "\" fill=\"" + std::string(fill) + "\"/>\n";
}

std::string bars(const FleetRun& run, const Axis& axis, int64_t left, int64_t bottom) {
    const uint64_t most = uint64_t{run.options.requests_per_s} * times_capacity;
    const auto height = [&](uint64_t count, uint32_t seconds) {
        return static_cast<uint32_t>(
            std::min<uint64_t>(count * panel_height / (most * seconds), panel_height));
    };
    std::vector<std::pair<uint32_t, uint32_t>> served;
    std::vector<std::pair<uint32_t, uint32_t>> away;
    for (const Bin& bin : bins_of(run, axis)) {
        const uint32_t seconds = std::max<uint32_t>(bin.seconds, 1);
        const uint32_t low = height(bin.served, seconds);
        served.push_back({0, low});
        away.push_back({low, height(bin.served + bin.away, seconds)});
    }
    return area(served, left, bottom, served_color) + area(away, left, bottom, away_color);
}

std::string figures_of(const FleetRun& run) {
    const auto last_ms = done_by_ms(run.result, 100);
    const std::string last = last_ms
                                 ? "last phone after <tspan font-weight=\"700\">" +
                                       duration_words((*last_ms + 999) / 1000) + "</tspan>"
                                 : "<tspan font-weight=\"700\">" +
                                       grouped(run.result.affected - run.result.done_ms.size()) +
                                       " phones never</tspan>";
    return last + " · " + fixed_point(per_phone_hundredths(run.result), 2) +
           " requests a phone · peak " + grouped(run.result.peak) + "/s";
}

// The moment the last phone is done, where the panel reaches so far.
std::string last_mark(const FleetRun& run, const Axis& axis, int64_t left, int64_t top) {
    const auto last_ms = done_by_ms(run.result, 100);
    const bool shown = last_ms && *last_ms / 1000 < axis.until_s;
    if (!shown) {
        const std::string_view words = last_ms ? "goes on beyond this →" : "given up: no end of it";
        return text_at(left + axis.panel_width - 6, top + 14, words, over_bars);
    }
    const int64_t x = left + axis.x(*last_ms / 1000);
    return line_at(x, top + 4, x, top + panel_height,
                   "stroke=\"#1f2933\" stroke-width=\"1.2\" fill=\"none\"") +
           "<path d=\"M" + number(x - 4) + " " + number(top + 2) +
           "h8l-4 7z\" fill=\"#1f2933\"/>\n";
}

std::string panel(const FleetRun& run, const Axis& axis, int64_t left, int64_t top) {
    const int64_t bottom = top + panel_height;
    const int64_t capacity_y = bottom - panel_height / times_capacity;
    std::string out = box_at(left, top, axis.panel_width, panel_height, "#f5f7f9");
    if (run.options.event == FleetEvent::server_outage) {
        const int64_t gone_s =
            static_cast<int64_t>(fleet_down_from_s) - static_cast<int64_t>(run.result.zero_s);
        const int64_t from = axis.x(std::max(gone_s, axis.from_s));
        out += box_at(left + from, top, axis.x(0) - from, panel_height, "#e2e6ea");
    }
    out += bars(run, axis, left, bottom);
    if (run.options.event == FleetEvent::server_outage)
        out += text_at(left + axis.x(0) - 8, top + 14, "← the server is away", over_bars);
    out += line_at(left, capacity_y, left + axis.panel_width, capacity_y,
                   "stroke=\"#1f2933\" stroke-dasharray=\"5 4\" fill=\"none\"");
    out += text_at(left - 5, capacity_y + 4, grouped(run.options.requests_per_s) + "/s",
                   "font-size=\"11\" text-anchor=\"end\" fill=\"#1f2933\"");
    out +=
        line_at(left, bottom, left + axis.panel_width, bottom, "stroke=\"#98a3ae\" fill=\"none\"");
    out += last_mark(run, axis, left, top);
    return out + text_at(left, top - 8, figures_of(run), "font-size=\"13\" fill=\"#1f2933\"");
}

std::string ticks(const Axis& axis, int64_t left, int64_t y) {
    std::string out;
    const int64_t every_s = (axis.until_s - axis.from_s) / step_s > 8 ? 2 * step_s : step_s;
    for (int64_t at = (axis.from_s + step_s - 1) / step_s * step_s; at <= axis.until_s;
         at += every_s) {
        const int64_t x = left + axis.x(at);
        out += line_at(x, y, x, y + 5, "stroke=\"#98a3ae\" fill=\"none\"");
        const bool end = at + every_s > axis.until_s;
        out += text_at(x, y + 19, number(at / 60) + (end ? " min" : ""),
                       "font-size=\"12\" text-anchor=\"middle\" fill=\"#1f2933\"");
    }
    return out;
}

// Long enough for most of the runs, not for the one that takes an hour.
Axis axis_of(std::span<const FleetPlotRow> rows, bool two) {
    std::vector<uint32_t> ends_s;
    int64_t from_s = 0;
    for (const FleetPlotRow& row : rows) {
        for (const FleetRun* run : {row.plain, row.spread}) {
            if (run == nullptr) continue;
            from_s = static_cast<int64_t>(run->result.begin_s) - run->result.zero_s;
            ends_s.push_back(done_by_ms(run->result, 100).value_or(UINT32_MAX) / 1000);
        }
    }
    std::sort(ends_s.begin(), ends_s.end());
    const uint32_t most_s =
        ends_s.empty() ? 0 : ends_s[static_cast<uint32_t>((ends_s.size() - 1) * 3 / 4)];
    Axis axis;
    axis.from_s = from_s;
    axis.until_s = std::min<uint32_t>((most_s / step_s + 1) * step_s, 12 * step_s);
    axis.panel_width = width - 2 * margin - names_width;
    if (two) axis.panel_width = (axis.panel_width - panel_gap - 24) / 2;
    return axis;
}

std::string title_of(FleetEvent event, const FleetRun& run) {
    const std::string phones = grouped(run.options.phones) + " ";
    switch (event) {
        case FleetEvent::power_cut:
            return "A site with " + phones + "provisioned phones gets its power back";
        case FleetEvent::cold_site:
            return phones + "new phones are switched on at the same moment";
        case FleetEvent::server_outage:
        case FleetEvent::acs_outage:
            return "The server of " + phones + "phones is away for half an hour and returns";
    }
    return {};
}

std::string head(FleetEvent event, const FleetRun& run) {
    std::string out = text_at(margin, 38, title_of(event, run),
                              "font-size=\"22\" font-weight=\"700\" fill=\"#1f2933\"");
    out += "<text x=\"" + number(margin) + "\" y=\"64\" font-size=\"14\" fill=\"" +
           std::string(ink) + "\">What reaches their one server, which can serve " +
           grouped(run.options.requests_per_s) + " requests a second (dashed): <tspan fill=\"" +
           std::string(served_color) +
           "\" font-weight=\"700\">served</tspan> and on top of it <tspan fill=\"#c2600f\" "
           "font-weight=\"700\">turned away</tspan>, cut off at " +
           number(times_capacity) + " times that.</text>\n";
    if (const uint32_t least_s = fleet_least_s(run.options); least_s != 0)
        out += text_at(margin, 84,
                       "To serve them all takes it " + duration_words(least_s) +
                           ", if it never has to turn anybody away.",
                       "font-size=\"14\" fill=\"#1f2933\"");
    return out;
}

}  // namespace

std::string plot_fleet(FleetEvent event, std::span<const FleetPlotRow> rows) {
    const FleetRun* any = nullptr;
    bool two = false;
    for (const FleetPlotRow& row : rows) {
        if (any == nullptr) any = row.plain != nullptr ? row.plain : row.spread;
        two = two || row.spread != nullptr;
    }
    if (any == nullptr) return {};
    const Axis axis = axis_of(rows, two);
    const auto rows_height = static_cast<uint32_t>(rows.size()) * row_height;
    const uint32_t height = head_height + rows_height + foot_height;
    const int64_t left = margin + names_width;
    const int64_t right = left + axis.panel_width + panel_gap + 24;
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) +
                      " " + number(height) + "\" font-family=\"Helvetica, Arial, sans-serif\">\n" +
                      box_at(0, 0, width, height, "#ffffff") + head(event, *any);
    if (two) {
        const std::string_view style = "font-size=\"15\" font-weight=\"700\" fill=\"#1f2933\"";
        out += text_at(left, 112, "all ask as soon as they are up", style);
        out += text_at(right, 112,
                       "each first asks at a moment drawn from " +
                           duration_words(rows.front().spread->options.splay_s),
                       style);
    }
    out +=
        text_at(margin, 112, "A phone that was turned away", "font-size=\"13\" fill=\"#66727f\"");
    for (uint32_t i = 0; i < rows.size(); ++i) {
        const FleetPlotRow& row = rows[i];
        const int64_t top = head_height + i * row_height + 12;
        out += text_at(margin, top + 30, row.title,
                       "font-size=\"16\" font-weight=\"700\" fill=\"#1f2933\"");
        out += text_at(margin, top + 49, row.words, "font-size=\"12.5\" fill=\"#3d4a57\"");
        if (row.is_default)
            out += text_at(margin, top + 67, "what Dialtone does",
                           "font-size=\"12.5\" font-weight=\"700\" fill=\"#1f7a4d\"");
        if (row.plain != nullptr) out += panel(*row.plain, axis, left, top);
        if (row.spread != nullptr) out += panel(*row.spread, axis, right, top);
    }
    const int64_t foot = head_height + rows_height - row_height + 12 + panel_height;
    out += ticks(axis, left, foot);
    if (two) out += ticks(axis, right, foot);
    out +=
        text_at(left, foot + 42,
                event == FleetEvent::server_outage ? "minutes since the server is back; the mark "
                                                     "stands where the last phone has its answer"
                                                   : "minutes since the power is back; the mark "
                                                     "stands where the last phone is done",
                "font-size=\"12\" fill=\"#66727f\"");
    return out + "</svg>\n";
}

}  // namespace dialtone::sim
