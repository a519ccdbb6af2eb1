// SPDX-License-Identifier: Apache-2.0
//
// What an operator's `set` means for whom the phone trusts. The agent asks it before it submits
// one.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "agent/result.h"
#include "agent/settings.h"
#include "agent/trust/trust.h"

namespace dialtone {

// Nothing when it stays as it is. A static server that he names moves the pin there; trust.pin=0
// lifts it. A user and password are meant for the server that has turned the phone away
// (`unwelcoming`), which made him set them, if that is one.
std::optional<Trust> trust_set_by_operator(const Trust& trust, const Settings& before,
                                           const Settings& now,
                                           std::span<const ServerName> unwelcoming);

// Whose the user and password are that he sets, for his reply; empty: he sets none. Errors:
// bad_usage, where several servers have asked for some: one of them may be anybody's.
Result<std::string> whose_credentials(const Settings& before, const Settings& now,
                                      std::span<const ServerName> unwelcoming);

}  // namespace dialtone
