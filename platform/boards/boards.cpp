// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "agent/nearest_name.h"
#include "platform/boards/board.h"

namespace dialtone {
namespace {

constexpr const Board* boards[] = {&virtual_board, &reference_board};

}  // namespace

std::span<const Board* const> all_boards() {
    return boards;
}

Result<const Board*> board_called(std::string_view name) {
    std::vector<std::string_view> known;
    std::string list;
    for (const Board* board : boards) {
        if (board->name == name) return board;
        known.push_back(board->name);
        list += (list.empty() ? "" : ", ") + std::string(board->name);
    }
    return fail(ErrorCode::bad_usage, "unknown board '" + std::string(name) + "'" +
                                          did_you_mean(name, known) + " (known boards: " + list +
                                          ")");
}

}  // namespace dialtone
