// SPDX-License-Identifier: Apache-2.0
//
// The scheme in front of a URL, for those who only have to know whether text can be one: SIP plug
// and play and DHCP. What a URL means is transfer/url's to say.
#pragma once

#include <string_view>

namespace dialtone {

// What stands in front of "://"; empty if nothing does, or if that is in a path or query.
std::string_view scheme_of(std::string_view url);

// Whether there is a transfer for it: one of the words of static.protocol, in any case.
bool is_known_scheme(std::string_view scheme);

}  // namespace dialtone
