// SPDX-License-Identifier: Apache-2.0
//
// A phone with a provisioning server and an ACS (TR-069) that does everything right: it takes
// Informs, and calls what it is told to. Whoever leads it says what the ACS calls next and may
// spoil an answer.
//
// Who calls it: acs_cuts.h, rpc_sequences.h.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/cwmp/soap.h"
#include "agent/generation.h"
#include "agent/store/record.h"
#include "sim/world/phone.h"

namespace dialtone::sim {

// What the ACS was told by one Inform.
struct HeardInform {
    std::string events = {};  // codes, and a CommandKey in brackets
    std::string retry_count = {};
};

class ManagedSite {
  public:
    ManagedSite();
    ManagedSite(const ManagedSite&) = delete;
    ManagedSite& operator=(const ManagedSite&) = delete;

    // The phone lives for `for_ms`, counted anew after each restart.
    void live(uint64_t for_ms);
    // The same, and the power is cut then.
    void live_until_power_cut(uint64_t for_ms);
    // The phone gets its file, and the ACS knows it; what was heard until then is forgotten.
    void install();

    Site& site() { return site_; }
    PhoneOptions& options() { return options_; }
    Record record() { return Phone(site_, options_).record(); }
    Generation active() { return Phone(site_, options_).active(); }
    const std::vector<HeardInform>& informs() const { return informs_; }
    uint32_t lives() const { return lives_; }
    void forget();

    // What the ACS calls after this message of the phone, which is nullptr for an empty one; empty:
    // it has nothing to say.
    std::function<std::string(const SoapMessage* said)> call = {};
    // Asked before the ACS has read a message; an answer is given instead of reading it.
    std::function<std::optional<Answer>(const StartTransfer& post)> spoil_request = {};
    // May make another answer of the right one.
    std::function<void(Answer& answer)> spoil_answer = {};

  private:
    Answer answer(const StartTransfer& post);
    Answer right_answer(const StartTransfer& post);
    void note(const SoapMessage& inform);

    Site site_ = {};
    PhoneOptions options_ = {};
    std::vector<HeardInform> informs_ = {};
    uint32_t lives_ = 0;
};

// --- what the ACS says ---------------------------------------------------------------------------

// A call of a method, with what stands inside its element.
std::string lab_call(std::string_view method, std::string_view arguments);
using NamedValues = std::vector<std::pair<std::string, std::string>>;
std::string lab_set_call(const NamedValues& values, std::string_view key);
// A call whose only argument is a list of names.
std::string lab_names_call(std::string_view method, const std::vector<std::string>& names);

}  // namespace dialtone::sim
