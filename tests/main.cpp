// SPDX-License-Identifier: Apache-2.0
//
// The main() of unit_tests and platform_tests; doctest finds the cases itself.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
