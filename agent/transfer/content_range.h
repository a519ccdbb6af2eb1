// SPDX-License-Identifier: Apache-2.0
//
// The field Content-Range of an HTTP answer (RFC 9110 14.4): which part of a file a server sends.
// Called by the worlds, which tell it with the head of a transfer.
#pragma once

#include <string_view>

#include "agent/event.h"

namespace dialtone {

// "bytes 5-9/10", "bytes 5-9/*" or "bytes */10". Anything else, and a part that ends before it
// begins or behind the file's end, says nothing: all three numbers are -1 then.
ContentRange parse_content_range(std::string_view field);

}  // namespace dialtone
