// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what a device sends to the laboratory's ACS, and as a script of it: an HTTP request
// or an error, an envelope whose leaves and violations are bounded, a script or an error with
// words.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "sim/lab/acs/envelope.h"
#include "sim/lab/acs/http_message.h"
#include "sim/lab/acs/script.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

void judge_envelope(std::string_view text) {
    const sim::acs::Envelope envelope = sim::acs::read_envelope(text);
    demand(!envelope.method.empty() || !envelope.violations.empty());
    demand(envelope.violations.size() <= 41);
    demand(envelope.leaves.size() <= text.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    judge_envelope(text);
    std::string stream(text);
    const auto request = sim::acs::take_request(stream);
    demand(request.has_value() || !request.error().detail.empty());
    if (request && *request) {
        demand(stream.size() < text.size());
        judge_envelope((*request)->body);
    }
    const auto script = sim::acs::read_script(text);
    demand(script ? !script->steps.empty() : !script.error().detail.empty());
    return 0;
}
