// SPDX-License-Identifier: Apache-2.0
//
// How a ladder diagram calls what a phone posts to its ACS, and the answers (TR-069 3.5).
#pragma once

#include <string>
#include <string_view>

namespace dialtone::sim {

// ", Inform" and the like for a SOAP envelope, however it is written; "" for any other body.
std::string soap_words(std::string_view body);

}  // namespace dialtone::sim
