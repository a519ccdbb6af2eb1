// SPDX-License-Identifier: Apache-2.0
//
// A client with real sockets that says what the suite's requests are, byte for byte, and takes the
// answers apart. It never waits: the test lets the world run and looks again.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "platform/common/descriptor.h"
#include "sim/servers/http_client.h"

namespace dialtone::conformance {

// The request as it goes over the wire, as far as it ever gets.
std::string request_text(const sim::ClientRequest& request);

class HttpClient {
  public:
    // To a port of the loopback. Fails the test when nobody listens.
    explicit HttpClient(uint16_t port);

    void send(const sim::ClientRequest& request);
    void hang_up() { socket_.reset(); }
    // What it has heard and not told yet.
    std::optional<sim::ClientNews> next();

  private:
    void push();
    void receive();
    std::optional<sim::ClientNews> take_answer();

    Descriptor socket_ = {};
    std::string unsent_ = {};
    std::string heard_ = {};
    std::deque<bool> awaits_body_ = {};  // of the answers to come; a HEAD's has none
    bool drips_ = false;
    bool half_closes_ = false;
    bool leaves_ = false;
    bool is_over_ = false;  // the phone has closed
    bool has_told_end_ = false;
};

}  // namespace dialtone::conformance
