// SPDX-License-Identifier: Apache-2.0
//
// Answers to SIP requests: RFC 3261 8.2.6, with `received` and `rport` of RFC 3581. Called by the
// plug and play engine; the answer goes to where the request came from, whatever its Via says.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/address.h"
#include "agent/discovery/sip_message.h"

namespace dialtone {

struct SipAnswer {
    uint16_t status = 200;
    std::string reason = "OK";
    std::string more_fields = {};  // whole lines, each with CR LF
};

// Echoes Via, From, To, Call-ID and CSeq as far as the request has them; a To without a tag gets
// `tag`. `from` and `from_port` are the request's source.
std::string sip_answer_text(const SipMessage& request, const SipAnswer& answer,
                            std::string_view tag, const Address& from, uint16_t from_port);

}  // namespace dialtone
