// SPDX-License-Identifier: Apache-2.0
//
// Any messages, from anybody, at any time, over UDP or TCP, to SIP plug and play: the window ends
// in time, nothing is said that was not asked for, every socket is closed in the end. The input is
// one byte for the transport, then messages: one byte says who sends and how long that takes, two
// how many bytes follow.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <string_view>

#include "agent/discovery/pnp.h"
#include "agent/limits.h"
#include "agent/vendor/profiles.h"

using namespace dialtone;

namespace {

constexpr Address server = {{10, 0, 0, 5}, 4};
constexpr Address other = {{10, 0, 0, 9}, 4};
constexpr RequestId accepted_socket = 0x80000001;
constexpr uint64_t longest_window_ms = 60'000;

void demand(bool holds) {
    if (!holds) std::abort();
}

struct World {
    RequestIds ids = {};
    Pnp pnp{ids};
    Rng rng{1};
    Instant now = {};
    bool tcp = false;
    RequestId port = 0;
    RequestId connection = 0;
    std::set<RequestId> open = {};
    uint64_t said_bytes = 0;

    void drain() {
        uint32_t effects = 0;
        while (auto effect = pnp.next()) {
            demand(++effects <= 1024);
            if (auto* wanted = std::get_if<OpenSocket>(&*effect)) {
                demand(open.insert(wanted->socket).second && wanted->octet_count == 4);
                (wanted->kind == SocketKind::connection ? connection : port) = wanted->socket;
            }
            if (auto* wanted = std::get_if<CloseSocket>(&*effect))
                demand(open.erase(wanted->socket) == 1);
            if (auto* out = std::get_if<DatagramOut>(&*effect)) {
                demand(open.contains(out->socket) && out->to_port != 0);
                said_bytes += out->bytes.size();
            }
            if (auto* out = std::get_if<BytesOut>(&*effect)) {
                demand(open.contains(out->socket));
                said_bytes += out->bytes.size();
            }
        }
        demand(pnp.listening() == !open.empty() || !pnp.deadline());
    }
    void give(const Event& event) {
        pnp.handle(now, event);
        drain();
        demand(pnp.ready() || now.ms < longest_window_ms);
        if (auto notice = pnp.take_notice()) check(notice->urls, notice->from);
    }
    static void check(const std::vector<std::string>& urls, const std::string& from) {
        demand(urls.size() <= limits::pnp_urls && !from.empty());
        for (const std::string& url : urls)
            demand(!url.empty() && url.size() <= limits::url_bytes &&
                   url.find_first_of("\r\n\t ") == std::string::npos);
    }
    // What one message may be answered by: an echo of it, and a little more.
    void message(uint8_t who, std::span<const uint8_t> bytes) {
        const Address& from = (who & 1) != 0 ? other : server;
        said_bytes = 0;
        if (!tcp) {
            give(
                DatagramIn{port, from, static_cast<uint16_t>((who & 2) != 0 ? 1036 : 5060), bytes});
            demand(said_bytes <= bytes.size() + size_t{4} * limits::pnp_request_bytes);
            return;
        }
        if ((who & 1) != 0 && port != 0 && open.contains(port) && !open.contains(accepted_socket)) {
            open.insert(accepted_socket);
            give(Accepted{port, accepted_socket, from, 40000});
        }
        give(BytesIn{(who & 1) != 0 ? accepted_socket : connection, bytes});
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    std::span<const uint8_t> rest(data + 1, size - 1);
    // The phone's own SIP stack may hand it in, too.
    const std::string_view whole(reinterpret_cast<const char*>(rest.data()), rest.size());
    if (const auto notice = read_notify(whole)) World::check(notice->urls, notice->from);
    World world;
    world.tcp = (data[0] & 1) != 0;
    PnpRequest request;
    request.profile = (data[0] & 2) != 0 ? &fanvil_profile : &grandstream_profile;
    request.identity.model = "GXP1628";
    request.identity.version = "1.0.2.7";
    request.own_address = {{10, 0, 0, 2}, 4};
    request.server = "10.0.0.5";
    request.transport = world.tcp ? PnpTransport::tcp : PnpTransport::udp;
    request.listen_s = 600;
    if ((data[0] & 4) != 0) request.user = request.password = "u";
    world.pnp.start(world.now, request, world.rng);
    world.drain();
    if (world.tcp) world.give(Connected{world.connection});
    while (rest.size() >= 3) {
        const uint8_t who = rest[0];
        const auto count = std::min<size_t>(size_t{rest[1]} * 256 + rest[2], rest.size() - 3);
        world.now = world.now + uint64_t{250} * (who >> 4);
        if ((who & 4) != 0) world.give(Wake{});
        world.message(who, rest.subspan(3, count));
        rest = rest.subspan(3 + count);
    }
    for (uint32_t wakes = 0; world.pnp.deadline(); ++wakes) {
        demand(wakes < 100);
        world.now = std::max(world.now, *world.pnp.deadline());
        world.give(Wake{});
    }
    auto outcome = world.pnp.take_outcome();
    demand(outcome.has_value());
    demand(outcome->urls.empty() == !outcome->reason.empty());
    if (!outcome->urls.empty()) World::check(outcome->urls, outcome->from);
    demand(world.open.empty());
    return 0;
}
