// SPDX-License-Identifier: Apache-2.0
#include "sim/world/soap_words.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "tests/agent/cwmp/acs_messages.h"

using namespace dialtone;
using namespace dialtone::sim;

TEST_CASE("a ladder calls a message to or from an ACS by its method") {
    CHECK(soap_words(inform_response()) == ", InformResponse");
    CHECK(soap_words(acs_call("GetParameterValues")) == ", GetParameterValues");
    CHECK(soap_words(acs_envelope("", "\n  <Reboot/>")) == ", Reboot");
    CHECK(soap_words(acs_fault("8005")) == ", Fault");
}

TEST_CASE("bad input: a ladder calls nothing by a method that has none") {
    const std::string whole = inform_response();
    for (uint32_t bytes = 0; bytes < whole.size(); ++bytes)
        CHECK(soap_words(whole.substr(0, bytes)).size() <= std::string(", InformResponse").size());
    CHECK(soap_words("<html><Body><form/></Body></html>").empty());
    CHECK(soap_words(acs_envelope("", "")).empty());
}
