// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/http_date.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("the date of an answer is read as RFC 9110 has it") {
    CHECK(http_date_s("Sun, 06 Nov 1994 08:49:37 GMT") == 784'111'777);
    CHECK(http_date_s("Thu, 01 Jan 1970 00:00:01 GMT") == 1);
    CHECK(http_date_s("Thu, 29 Feb 2024 23:59:59 GMT") == 1'709'251'199);
    CHECK(http_date_s("Sun, 01 Mar 2026 00:00:00 GMT") == 1'772'323'200);
    CHECK(http_date_s("Mon, 29 Feb 2100 00:00:00 GMT") == 0);
    CHECK(http_date_s("Fri, 31 Dec 9999 23:59:59 GMT") == 253'402'300'799);
}

TEST_CASE("bad input: what is no date of HTTP says nothing of the time") {
    for (const char* text :
         {"", "now", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
          "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 24:49:37 GMT",
          "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT",
          "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
          "Sun, 06 Nev 1994 08:49:37 GMT", "Sun, 06 Nov 1969 08:49:37 GMT",
          "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, -6 Nov 1994 08:49:37 GMT"}) {
        CAPTURE(text);
        CHECK(http_date_s(text) == 0);
    }
}
