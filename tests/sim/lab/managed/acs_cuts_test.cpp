// SPDX-License-Identifier: Apache-2.0
//
// The laboratory's ACS that fails at a byte: where it cuts, and what a phone makes of it.
#include "sim/lab/managed/acs_cuts.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace dialtone;
using namespace dialtone::sim;

TEST_CASE("the phone that meets a failing ACS has events to tell, of which two have keys") {
    const AcsCuts all;
    CHECK(all.waiting() == "1 BOOT, 3 SCHEDULED, M Reboot (k1), M ScheduleInform (s1)");
}

TEST_CASE("a session without a cut has a message for each call, and the ACS's silence at its end") {
    const AcsCuts all;
    REQUIRE(all.lengths().size() == 7);
    CHECK(all.lengths()[0].request > 1'000);
    CHECK(all.lengths()[1].request < 300);
    CHECK(all.lengths()[6].answer == all.lengths()[6].answer_head);
}

TEST_CASE("each byte of each message is cut in three ways, and of every n-th the last one, too") {
    const AcsCuts all;
    uint32_t bytes = 0;
    for (const MessageLength& length : all.lengths())
        bytes += length.request + length.answer;
    CHECK(all.cuts(1).size() == uint64_t{3} * bytes);
    const std::vector<Cut> some = all.cuts(100);
    for (const CutSide side : {CutSide::request, CutSide::answer}) {
        for (uint32_t message = 0; message < all.lengths().size(); ++message) {
            const MessageLength& length = all.lengths()[message];
            const uint32_t last = (side == CutSide::request ? length.request : length.answer) - 1;
            CHECK(std::ranges::count_if(some, [&](const Cut& one) {
                      return one.side == side && one.message == message && one.at == last;
                  }) == 3);
        }
    }
}

TEST_CASE("bad input: an ACS that closes, stalls or truncates at a byte harms nothing") {
    const AcsCuts all;
    for (const Cut& cut : all.cuts(400)) {
        CAPTURE(describe(cut));
        CHECK(all.find(cut).empty());
    }
}

TEST_CASE("a cut that does not strike is told, as no session has failed") {
    const AcsCuts all;
    const std::vector<std::string> found =
        all.find({.message = 1, .side = CutSide::answer, .kind = CutKind::closes, .at = 100'000});
    CHECK(!found.empty());
}
