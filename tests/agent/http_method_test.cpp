// SPDX-License-Identifier: Apache-2.0
#include "agent/http_method.h"

#include <doctest/doctest.h>

using namespace dialtone;

TEST_CASE("each method is known by its name, and by no other") {
    for (const HttpMethod method :
         {HttpMethod::get, HttpMethod::head, HttpMethod::put, HttpMethod::post})
        CHECK(method_called(method_name(method)) == method);
    for (const char* name : {"", "get", "GETS", "DELETE", "OPTIONS"})
        CHECK_FALSE(method_called(name));
}
