// SPDX-License-Identifier: Apache-2.0
//
// A configuration file that has arrived, whoever has sent for it: whether the signature beside it
// holds, what it says, and what vouches for it besides the way it came. Called by the plan run, and
// for what an ACS has the phone download.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/document.h"
#include "agent/generation.h"
#include "agent/journal.h"
#include "agent/phone.h"
#include "agent/provenance.h"
#include "agent/result.h"
#include "agent/settings.h"

namespace dialtone {

struct ArrivedFile {
    std::span<uint8_t> body = {};                     // changed in place where it is encrypted
    const std::vector<uint8_t>* signature = nullptr;  // none: nobody has asked for it
    std::string_view role = {};                       // of the profile's files (profile.h)
    bool came_with_proof = false;
    bool keys_proven = true;  // what files have set as keys came with a proof, too
};

struct OpenedFile {
    Document document = {};
    Proof content = Proof::none;      // what it proves by itself: key, signed
    std::string_view signed_by = {};  // the setting with that key; empty: nobody
};

// `settings`: those with the keys that open it. `active`: what is installed, whose serial it may
// not fall behind. Errors: not_trusted (its signature, or the lack of one); those of
// read_config_file().
Result<OpenedFile> open_config_file(const ArrivedFile& file, const PhoneFacts& phone,
                                    const Settings& settings, const Generation& active);

// With trust.pin off, nobody has to prove as much as what is installed.
bool pins(const Settings& settings);

// "line 12" or "offset 7"; empty: nowhere.
std::string words_for(Position where);

// What the journal says of a file that was opened, in this order.
std::vector<JournalLine> lines_about(const OpenedFile& file, std::string_view shown_url);

}  // namespace dialtone
