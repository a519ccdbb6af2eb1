// SPDX-License-Identifier: Apache-2.0
//
// Whom a phone trusts whose record was written by a release that kept no pin: worked out from what
// it has installed. The agent calls it at such a start.
#pragma once

#include "agent/generation.h"
#include "agent/profile.h"
#include "agent/settings.h"
#include "agent/trust/trust.h"

namespace dialtone {

// `settings`: as they are with `active`. A proof by a key that a file had set counts for nothing:
// nobody knows whether that file was proven.
Trust trust_of_older_state(const Generation& active, const Profile& profile,
                           const Settings& settings);

}  // namespace dialtone
