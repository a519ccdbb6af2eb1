// SPDX-License-Identifier: Apache-2.0
//
// The picture of `dialtone-lab fleet`: one panel for each policy, and one beside it with a splay
// where the event has one. In each the requests that reach the server, second by second: what it
// served and what it turned away, under a line for what it can serve. An SVG that stands alone.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/lab/fleet/fleet_figures.h"

namespace dialtone::sim {

struct FleetPlotRow {
    std::string_view title;
    std::string_view words;
    bool is_default = false;
    const FleetRun* plain = nullptr;   // without a splay
    const FleetRun* spread = nullptr;  // with one; nullptr in all rows: the event has none
};

std::string plot_fleet(FleetEvent event, std::span<const FleetPlotRow> rows);

}  // namespace dialtone::sim
