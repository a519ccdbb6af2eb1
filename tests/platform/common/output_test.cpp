// SPDX-License-Identifier: Apache-2.0
#include "platform/common/output.h"

#include <doctest/doctest.h>

namespace dialtone {

TEST_CASE("one sentence stays one line, whatever a file name holds") {
    CHECK(one_line("caf\xc3\xa9 a\nb\x1b[2J\x7f") == "caf\xc3\xa9 a?b?[2J?");
    CHECK(one_line("a\xe2\x80\xae"
                   "b\xc2\x9b"
                   "c\xff") == "a?b?c?");
}

}  // namespace dialtone
