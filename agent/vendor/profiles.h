// SPDX-License-Identifier: Apache-2.0
//
// The profiles of this build by name. Each is defined in the file of its vendor; code outside this
// folder finds them through all_profiles() and find_profile() (agent/profile.h).
#pragma once

#include "agent/profile.h"

namespace dialtone {

extern const Profile fanvil_profile;
extern const Profile grandstream_profile;

}  // namespace dialtone
