// SPDX-License-Identifier: Apache-2.0
//
// What the Linux world has for requests that come to the phone by HTTP. Most builds need none: only
// what listens (TR-069) names the maker, and with it comes http_server.cpp and libmicrohttpd.
//
// Called by world.cpp; the daemon and the tests say who makes it.
#pragma once

#include <memory>

#include "agent/effect.h"
#include "agent/limits.h"
#include "platform/linux/clock.h"
#include "platform/linux/loop.h"

namespace dialtone {

// How long the world waits, which tests shorten.
struct HttpPatience {
    uint32_t request_ms = limits::http_request_ms;
    uint32_t reply_ms = limits::http_reply_ms;
};

class HttpPort : public Part {
  public:
    virtual void open(const OpenHttp& wanted) = 0;
    virtual void close(RequestId listener) = 0;
    virtual void reply(HttpReply&& reply) = 0;
};

using HttpPortMaker = std::unique_ptr<HttpPort> (*)(Loop& loop, const Clock& clock,
                                                    HttpPatience patience);

// libmicrohttpd's framing in our loop (http_server.h).
std::unique_ptr<HttpPort> make_http_server(Loop& loop, const Clock& clock, HttpPatience patience);

}  // namespace dialtone
