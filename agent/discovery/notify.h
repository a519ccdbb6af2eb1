// SPDX-License-Identifier: Apache-2.0
//
// What a NOTIFY asks of a phone: RFC 6665 with the events ua-profile (RFC 6080), check-sync and
// resync, a URL in the body (application/url) or in a parameter (message/external-body, RFC 4483).
// Called by the plug and play engine, and by read_notify() for what the phone's own SIP stack
// hands in.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/discovery/pnp.h"
#include "agent/discovery/sip_message.h"

namespace dialtone {

struct NotifyReading {
    uint16_t status = 200;       // 200, 400 or 489: how to answer
    std::string reason = "OK";   // the phrase for it
    bool about_profile = false;  // Event ua-profile
    NotifyKind kind = NotifyKind::urls;
    std::vector<std::string> urls = {};  // best first, at most limits::pnp_urls
    std::string remark = {};             // why there is no URL, in an administrator's words
};

// `message` is a NOTIFY request. No source is checked and nothing is compared with a SUBSCRIBE.
NotifyReading read_notify_request(const SipMessage& message);

}  // namespace dialtone
