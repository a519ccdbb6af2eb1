// SPDX-License-Identifier: Apache-2.0
//
// What a transfer may be asked to be, by its sizes and by RFC 9110. Every world calls it before it
// sends anything, so that all refuse the same.
#pragma once

#include <string>

#include "agent/effect.h"

namespace dialtone {

// Why `wanted` cannot be asked for, in words without a value of any field; empty: it can.
std::string request_flaw(const StartTransfer& wanted);

}  // namespace dialtone
