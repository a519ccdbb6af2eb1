// SPDX-License-Identifier: Apache-2.0
//
// The static server: the URLs that settings name, best first. Each layer of the settings that
// names one gives one, so that a server path which a configuration carries comes before the one
// the phone was delivered with, and that one is still there when the first leads nowhere.
#pragma once

#include <string>
#include <vector>

#include "agent/settings.h"

namespace dialtone {

// At most one URL a layer, highest layer first, no duplicates; empty when static.mode is off or
// nothing names a server. static.url wins over static.server within a layer. A static.server
// without a scheme gets static.protocol; static.path and static.file are appended.
std::vector<std::string> static_server_urls(const Settings& settings);
// Of these only the ones that a person or the phone's maker has named.
std::vector<std::string> owned_static_server_urls(const Settings& settings);

}  // namespace dialtone
