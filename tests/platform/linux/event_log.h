// SPDX-License-Identifier: Apache-2.0
//
// A sink that writes down what a world says, one short line an event, and a world to listen to.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/linux/world.h"

namespace dialtone {

class EventLog final : public EventSink {
  public:
    void take(Instant now, const Event& event) override {
        at = now;
        lines.push_back(std::visit([](const auto& one) { return text(one); }, event));
        if (const auto* accepted = std::get_if<Accepted>(&event)) {
            connections.push_back(accepted->socket);
        }
    }

    // All lines, each ended by "; ".
    std::string all() const {
        std::string joined;
        for (const std::string& line : lines)
            joined += line + "; ";
        return joined;
    }

    std::vector<std::string> lines = {};
    std::vector<RequestId> connections = {};  // that were accepted
    Instant at = {};

  private:
    static std::string number(uint64_t value) { return std::to_string(value); }
    static std::string text(const Boot&) { return "boot"; }
    static std::string text(const Wake&) { return "wake"; }
    static std::string text(const LinkChanged& link) {
        return link.up ? "link up " + address_text(link.address) : "link down";
    }
    static std::string text(const Lease& lease) {
        constexpr const char* words[] = {"bound", "renewed", "lost"};
        std::string joined = std::string("lease ") + words[static_cast<int>(lease.news)];
        for (const LeaseOption& option : lease.options)
            joined += (option.ipv6 ? " v6:" : " ") + number(option.code) + "=" +
                      std::string(option.value.begin(), option.value.end());
        if (!lease.vendor_class.empty()) joined.append(" class=").append(lease.vendor_class);
        return joined;
    }
    static std::string text(const Connected& connected) {
        return "connected " + number(connected.socket);
    }
    static std::string text(const Accepted& accepted) {
        return "accepted " + number(accepted.listener) + " from " + address_text(accepted.from);
    }
    static std::string text(const BytesIn& in) {
        return "bytes " + number(in.socket) + " " + std::string(in.bytes.begin(), in.bytes.end());
    }
    static std::string text(const WallClockSet&) { return "clock set"; }
    static std::string text(const Resolved& resolved) {
        return "resolved " + number(resolved.id) + " " + number(resolved.addresses.size()) + " " +
               std::string(resolved.reason);
    }
    static std::string text(const DatagramIn& datagram) {
        const std::string bytes(datagram.bytes.begin(), datagram.bytes.end());
        return "datagram " + number(datagram.socket) + " " + bytes;
    }
    static std::string text(const SocketFailed& failed) {
        return "socket " + number(failed.socket) + " failed: " + std::string(failed.reason);
    }
    static std::string text(const TransferHead& head) {
        return "head " + number(head.id) + " " + number(head.status);
    }
    static std::string text(const TransferChunk& chunk) {
        return "chunk " + number(chunk.id) + " " + number(chunk.bytes.size());
    }
    static std::string text(const TransferEnd& end) { return "end " + number(end.id); }
    static std::string text(const TransferFailed& failed) {
        return "failed " + number(failed.id) + " " + std::string(failed.reason);
    }
    static std::string text(const HttpOpened& opened) {
        return "http " + number(opened.listener) + " opened";
    }
    static std::string text(const HttpRequest& request) {
        return "http " + number(request.listener) + " " + std::string(request.target);
    }
    static std::string text(const StorageDone& done) {
        const std::string bytes(done.bytes.begin(), done.bytes.end());
        if (done.not_found) return "storage " + number(done.id) + " not found";
        if (!done.failure.empty()) {
            return "storage " + number(done.id) + " failed: " + std::string(done.failure);
        }
        return "storage " + number(done.id) + " done" + (bytes.empty() ? "" : " " + bytes);
    }
    static std::string text(const HooksDone& done) {
        return "hooks " + number(done.id) + " ran " + number(done.ran) + " failed " +
               number(done.failed) + " " + std::string(done.first_failure);
    }
    static std::string text(const Command& command) {
        return "command " + number(command.id) + " " + number(static_cast<uint64_t>(command.kind)) +
               " " + std::string(command.argument);
    }
};

inline std::unique_ptr<LinuxWorld> open_world(const LinuxWorld::Options& options = {}) {
    auto world = LinuxWorld::open(options);
    REQUIRE(world);
    return std::move(*world);
}

// Waits until `count` events are in the log, at most 10 s.
inline void wait_for(LinuxWorld& world, EventLog& log, size_t count) {
    const Instant end = world.now() + 10'000;
    while (log.lines.size() < count && world.now() < end)
        world.wait(end, log);
    REQUIRE(log.lines.size() >= count);
}

// What comes within 20 ms, but for the Wake: nothing, mostly.
inline std::string what_else(LinuxWorld& world) {
    EventLog log;
    const Instant end = world.now() + 20;
    while (world.now() < end)
        world.wait(end, log);
    if (!log.lines.empty() && log.lines.back() == "wake") log.lines.pop_back();
    return log.all();
}

}  // namespace dialtone
