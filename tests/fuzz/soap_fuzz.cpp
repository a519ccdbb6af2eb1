// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what an ACS sends: an error with words, or a message within its bounds, which the
// phone answers by an envelope that it can read itself, with the same ID.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "agent/config/utf8.h"
#include "agent/cwmp/rpc.h"
#include "agent/cwmp/soap.h"
#include "agent/limits.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

PhoneFacts phone_of_test() {
    PhoneFacts phone;
    phone.profile = find_profile("grandstream");
    phone.identity = {{0x00, 0x0b, 0x82, 0x12, 0x34, 0x56}, "GXP1628", "1.0.2.7"};
    return phone;
}

void judge(const SoapMessage& message) {
    demand(message.elements.size() <= limits::cwmp_elements);
    demand(!message.id || message.id->size() <= limits::cwmp_id_bytes);
    demand(message.method().size() <= limits::cwmp_method_bytes);
    for (uint32_t at = 0; at < message.elements.size(); ++at)
        demand(at + message.elements[at].inside < message.elements.size());
    if (!message.elements.empty())
        demand(message.elements.front().inside == message.elements.size() - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    static const PhoneFacts phone = phone_of_test();
    static const WallClock clock = {};
    static const Generation active = {};
    const auto message = read_soap({reinterpret_cast<const char*>(data), size});
    if (!message) {
        demand(!message.error().detail.empty());
        demand(valid_utf8_bytes(message.error().detail) == message.error().detail.size());
        return 0;
    }
    judge(*message);
    Deferred deferred;
    CallAnswer answer =
        answer_call(*message, CwmpVersion::v1_0, {phone, clock, {}, active}, {}, {}, deferred);
    if (answer.pending) answer = answer_stored(*message, CwmpVersion::v1_0, {});
    const auto read = read_soap(answer.envelope);
    demand(read.has_value());
    demand(read->id == message->id);
    demand(deferred.command_key.size() <= limits::cwmp_key_bytes);
    demand(answer.fault == 0 || read->fault.has_value());
    return 0;
}
