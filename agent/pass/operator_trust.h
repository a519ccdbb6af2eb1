// SPDX-License-Identifier: Apache-2.0
//
// What an operator's `set` means for whom the phone trusts. The agent asks it before it submits
// one.
#pragma once

#include <optional>

#include "agent/settings.h"
#include "agent/trust/trust.h"

namespace dialtone {

// Nothing when it stays as it is. A static server that he names moves the pin there; trust.pin=0
// lifts it. A user and password are meant for the server that has turned the phone away last
// (`unwelcoming`): it is what made him set them.
std::optional<Trust> trust_set_by_operator(const Trust& trust, const Settings& before,
                                           const Settings& now, const ServerName& unwelcoming);

}  // namespace dialtone
