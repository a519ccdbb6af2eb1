// SPDX-License-Identifier: Apache-2.0
//
// What a signature makes of a configuration file (signature.h): which file it counts for, and that
// an older one is not taken again. Called by plan_run for each file whose signature it has.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/document.h"
#include "agent/generation.h"
#include "agent/profile.h"
#include "agent/result.h"
#include "agent/settings.h"

namespace dialtone {

// Whether a public key is set, without which nobody asks for signatures.
bool signatures_are_wanted(const Settings& settings);

// The name of the setting whose key signed `file`. Errors: not_trusted.
Result<std::string_view> signer_name(std::span<const uint8_t> file,
                                     std::span<const uint8_t> signature, const Settings& settings);

// Whether a signature can vouch for the document: it says that it is for this phone, or its role
// is that of a file for many. Whoever is on the way could hand over another phone's file else.
bool may_count_as_signed(const Document& document, const Profile& profile, std::string_view role);

// A signed document may not be older than the one of its kind that is installed: one without a
// serial is older than any with one. Errors: not_trusted.
Status check_serial(const Document& document, const Generation& active);

// The key under which a generation keeps the serial of the document: files for this phone alone
// have one row of serials, those for many phones another.
std::string_view serial_key(const Document& document);

}  // namespace dialtone
