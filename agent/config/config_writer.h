// SPDX-License-Identifier: Apache-2.0
//
// The phone's configuration as a file of its vendor: what reader.h would read as the same values.
// Called for what an ACS has the phone upload.
#pragma once

#include <string>

#include "agent/generation.h"
#include "agent/profile.h"
#include "agent/result.h"

namespace dialtone {

// Whether one of the profile's formats can be written.
bool can_write_config(const Profile& profile);

// The first of the profile's formats that can be written, with every value that counts. What has no
// key of the vendor's, a setting by its name for instance, is no part of such a file. Without
// secrets they are left out, so that a phone that is given the file keeps those it has.
// Errors: unsupported (none of the formats is written), too_big (no phone would take it again).
Result<std::string> write_config_file(const Generation& generation, const Profile& profile,
                                      bool with_secrets);

}  // namespace dialtone
