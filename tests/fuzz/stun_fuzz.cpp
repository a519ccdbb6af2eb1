// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as what comes to the phone's way through NATs: as STUN messages and as connection
// requests over UDP. Neither is taken to be proved by who has no password.
#include <cstdint>
#include <cstdlib>

#include "agent/cwmp/stun_message.h"
#include "agent/cwmp/udp_connection_request.h"
#include "agent/limits.h"

using namespace dialtone;

namespace {

void demand(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::span<const uint8_t> bytes(data, size);
    const auto message = read_stun(bytes);
    if (message) {
        demand(size <= limits::stun_message_bytes && size >= 20 && size % 4 == 0);
        demand(message->error_words.size() <= limits::stun_text_bytes);
        demand(message->integrity_at == 0 || message->integrity_at + 24 <= size);
        demand(!has_integrity(bytes, *message, "a password that no corpus has"));
        demand(message->error == 0 || (message->error >= 300 && message->error < 700));
    }
    const auto request = read_udp_connection_request(bytes);
    if (request) {
        demand(size <= limits::udp_connection_request_bytes);
        demand(request->signature.size() == 40 && request->timestamp.size() == 10);
        UdpRequestCheck check;
        demand(!check.judge(bytes, request->user, "a password that no corpus has", {}).accepted);
    }
    return 0;
}
