// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/acs/run.h"

#include <algorithm>

#include "sim/lab/console.h"

namespace dialtone::sim::acs {
namespace {

constexpr uint32_t turn_ms = 200;    // how soon Ctrl-C and the end are seen
constexpr uint32_t linger_ms = 300;  // a device that goes on after the end is seen, too

// "  12.345"
std::string stamp(uint64_t ms) {
    const std::string parts = std::to_string(ms % 1000);
    const std::string text =
        std::to_string(ms / 1000) + "." + std::string(3 - parts.size(), '0') + parts;
    return std::string(text.size() < 8 ? 8 - text.size() : 0, ' ') + text;
}

}  // namespace

Outcome run(HttpServer& server, const Script& script, uint32_t sessions, uint32_t seconds) {
    const uint64_t began_ms = console::now_ms();
    const uint64_t limit_ms = began_ms + uint64_t{seconds} * 1000;
    Session session(script, [&](std::string_view line) {
        console::remark(stamp(console::now_ms() - began_ms) + " " + std::string(line));
    });
    const HttpServer::Handler handler = {
        [&](const HttpRequest& request) { return session.take(request); },
        [&](std::string_view why) { return session.take_malformed(why); }};
    uint64_t done_ms = UINT64_MAX;
    while (!console::interrupted()) {
        const uint64_t now = console::now_ms();
        const bool is_done = session.is_done() && session.ended_sessions() >= sessions;
        if (!is_done) done_ms = UINT64_MAX;
        if (is_done && done_ms == UINT64_MAX) done_ms = now;
        const uint64_t end_ms =
            is_done ? std::min(limit_ms, done_ms + linger_ms + script.slow_ms) : limit_ms;
        if (now >= end_ms) break;
        server.serve(handler, static_cast<uint32_t>(std::min<uint64_t>(turn_ms, end_ms - now)),
                     script.slow_ms);
    }
    session.finish();
    return {session.verdict(), session.cases()};
}

}  // namespace dialtone::sim::acs
