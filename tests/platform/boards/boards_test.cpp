// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <string>

#include "platform/boards/board.h"

namespace dialtone {

TEST_CASE("a board is found by its name, and a misspelt one is named") {
    for (const Board* board : all_boards()) {
        const auto found = board_called(board->name);
        REQUIRE(found);
        CHECK(*found == board);
        CHECK(!board->words.empty());
    }
    const auto none = board_called("refrence");
    REQUIRE(!none);
    CHECK(none.error().code == ErrorCode::bad_usage);
    CHECK(none.error().detail ==
          "unknown board 'refrence', did you mean reference? (known boards: virtual, reference)");
}

TEST_CASE("the virtual board has to be told everything and plays its restarts") {
    CHECK(virtual_board.default_interface.empty());
    CHECK((virtual_board.mac == nullptr));
    CHECK((virtual_board.start == nullptr));
    CHECK((virtual_board.restart == nullptr));
}

TEST_CASE("the reference board's MAC address is the interface's") {
    const auto read = [](const std::string& path, uint32_t) -> Result<std::string> {
        if (path == "/sys/class/net/eth0/address") return std::string("00:0b:82:27:3b:89\n");
        return fail(ErrorCode::not_found, "No such file or directory");
    };
    CHECK(reference_board.mac("eth0", read).value_or("") == "00:0b:82:27:3b:89");
    const auto none = reference_board.mac("eth7", read);
    REQUIRE(!none);
    CHECK(none.error().detail == "/sys/class/net/eth7/address: No such file or directory");
}

}  // namespace dialtone
