// SPDX-License-Identifier: Apache-2.0
//
// The sockets of a server of plug and play on one interface: one hears what is sent to the group,
// one what is sent to the server itself, from which it also sends.
//
// Who calls it: the conform subcommand.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "agent/result.h"
#include "sim/lab/pnp/server.h"

namespace dialtone::sim::pnp {

class Sockets {
  public:
    // Of each datagram that came.
    using Taker = std::function<void(std::string_view from, std::string_view text, bool to_group)>;

    Sockets() = default;
    ~Sockets();
    Sockets(const Sockets&) = delete;
    Sockets& operator=(const Sockets&) = delete;

    // Hears the group on the interface. Errors: bad_usage for one that is not there or has no IPv4
    // address, io.
    Status open(std::string_view interface);
    // The interface's address, "192.0.2.10".
    const std::string& address() const { return address_; }

    // Takes all that has come; does not wait.
    void take(const Taker& taker) const;
    // To "192.0.2.1:5060". What cannot be sent is lost, as on any network.
    void send(const Datagram& datagram) const;

  private:
    int group_ = -1;
    int own_ = -1;
    std::string address_;
};

}  // namespace dialtone::sim::pnp
