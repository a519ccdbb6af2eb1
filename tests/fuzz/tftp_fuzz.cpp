// SPDX-License-Identifier: Apache-2.0
//
// Any datagrams, from anybody, at any time, to a TFTP transfer: it ends in time, within its
// bounds, with every socket closed. The input is a list of packets: one byte says who sends and
// how long that takes, one how many bytes follow.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <span>
#include <utility>

#include "agent/limits.h"
#include "agent/transfer/memory_sink.h"
#include "agent/transfer/tftp.h"

using namespace dialtone;

namespace {

constexpr Address server = {{10, 0, 0, 1}, 4};
constexpr Address other = {{10, 0, 0, 2}, 4};
constexpr uint16_t server_port = 50000;
constexpr uint32_t answers_per_event = 4;

void demand(bool holds) {
    if (!holds) std::abort();
}

struct World {
    RequestIds ids = {};
    Tftp tftp{ids};
    MemorySink sink{};
    Instant now = {};
    RequestId resolve = 0;
    RequestId socket = 0;
    std::set<RequestId> open = {};
    uint32_t answers = 0;

    void drain() {
        uint32_t effects = 0;
        while (auto effect = tftp.next()) {
            demand(++effects <= 16);
            if (auto* wanted = std::get_if<Resolve>(&*effect)) resolve = wanted->id;
            if (auto* wanted = std::get_if<OpenSocket>(&*effect))
                demand(open.insert(socket = wanted->socket).second);
            if (auto* wanted = std::get_if<CloseSocket>(&*effect))
                demand(open.erase(wanted->socket) == 1);
            if (auto* out = std::get_if<DatagramOut>(&*effect)) {
                demand(open.contains(out->socket) && out->to_port != 0);
                demand(out->bytes.size() >= 4 && out->bytes.size() <= 512);
                ++answers;
            }
        }
        demand(open.size() <= 2);
        demand(!tftp.busy() || tftp.deadline());
    }
    void give(const Event& event) {
        answers = 0;
        tftp.handle(now, event);
        drain();
        demand(answers <= answers_per_event);
        demand(!tftp.busy() || now.ms < limits::transfer_total_ms);
    }
};

void check(const FetchOutcome& outcome, const MemorySink& sink) {
    demand(sink.size() <= limits::config_file_bytes);
    demand(outcome.reason.empty() == (outcome.kind == FetchOutcome::Kind::body));
    demand(sink.size() == 0 || outcome.kind == FetchOutcome::Kind::body);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    std::span<const uint8_t> rest(data, size);
    World world;
    world.tftp.start(world.now, {.url = "tftp://h/f"}, world.sink);
    world.drain();
    world.give(Resolved{world.resolve, std::span(&server, 1), {}});
    while (rest.size() >= 2) {
        const uint8_t who = rest[0];
        const auto count =
            std::min<size_t>(size_t{rest[1]} * (who & 0x80 ? 8U : 1U), rest.size() - 2);
        world.now = world.now + uint64_t{150} * (who >> 4 & 7U);
        const uint16_t port = (who & 2) != 0 ? server_port + 1 : server_port;
        world.give(DatagramIn{world.socket, (who & 1) != 0 ? other : server, port,
                              rest.subspan(2, count)});
        if ((who & 4) != 0) world.give(Wake{});
        rest = rest.subspan(2 + count);
    }
    for (uint32_t wakes = 0; world.tftp.deadline(); ++wakes) {
        demand(wakes < 100);
        world.now = std::max(world.now, *world.tftp.deadline());
        world.give(Wake{});
    }
    auto outcome = world.tftp.take_outcome();
    demand(outcome.has_value());
    check(*outcome, world.sink);
    demand(world.open.empty());
    return 0;
}
