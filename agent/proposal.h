// SPDX-License-Identifier: Apache-2.0
//
// The one door to the phone's configuration. Files, the ACS, the operator, the page and handsets
// all submit a Proposal; store/config_store is the only one that makes generations of them, in
// order, and answers each by its completion.
#pragma once

#include <optional>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/document.h"
#include "agent/event.h"
#include "agent/generation.h"
#include "agent/provenance.h"
#include "agent/trust/trust.h"

namespace dialtone {

// What the store has to know of a change by the ACS beside its values.
struct AcsPart {
    uint32_t session = 0;   // those of one session are one trial
    AcsMemory memory = {};  // becomes durable with the generation
};

struct Proposal {
    Origin origin = Origin::file;  // as whom its documents are laid over
    Source source = {};            // of files: whom the trial asks
    Proof proof = Proof::none;     // what vouches for it
    std::optional<AcsPart> acs = {};
    std::vector<Document> documents = {};
    std::vector<FileDigest> digests = {};  // of files: those of its plan, in its order
    // The documents laid over generation number `drawn_from` already. Where another one is active
    // by the time it is the proposal's turn, the documents are laid over that one anew.
    std::optional<Generation> draft = {};
    uint32_t drawn_from = 0;
    // Whom the phone trusts when it is applied; the floor is the clock's matter. None: as before.
    std::optional<Trust> trust = {};
    RequestId completion = 0;  // answered when the proposal is durable or refused; 0: nobody waits
};

}  // namespace dialtone
