// SPDX-License-Identifier: Apache-2.0
//
// Web servers of the simulated network: what a URL answers, and how badly. A model of libcurl and
// the servers behind it; the conformance suite holds it to what the Linux world does.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/effect.h"

namespace dialtone::sim {

struct Answer {
    uint16_t status = 200;
    std::string body = {};
    std::string location = {};
    std::string retry_after = {};
    bool tls_verified = false;
    int64_t ends_after = -1;    // truncated after so many bytes of the body
    int64_t stalls_after = -1;  // silent after so many bytes of the body
    bool stalls_before_head = false;
    bool ends_before_head = false;
    bool endless = false;   // the body is repeated for ever
    std::string user = {};  // Basic credentials that are needed, else 401
    std::string password = {};
    uint32_t drip_ms = 1;  // between two pieces of the body
    uint32_t latency_ms = 5;
};

class Web {
  public:
    // Answers `url` (as request_url() writes it). A URL nobody put answers 404, a host nobody
    // named refuses the connection.
    void put(std::string url, Answer answer);
    void put_body(std::string url, std::string body) {
        put(std::move(url), {.body = std::move(body)});
    }
    void remove(const std::string& url) { answers_.erase(url); }
    // All servers are gone until they are back.
    void set_down(bool down) { down_ = down; }

    struct Reaction {
        bool refused = false;  // the connection
        Answer answer = {};
        TransferFault fault = TransferFault::connect;  // when refused
        std::string words = "the connection was refused";
        uint32_t refused_after_ms = 1;
    };
    Reaction react(const StartTransfer& request);

    // Every request that reached a server, in order.
    const std::vector<StartTransfer>& requests() const { return requests_; }
    void forget_requests() { requests_.clear(); }

  private:
    bool knows_host(std::string_view url) const;

    std::map<std::string, Answer> answers_ = {};
    std::vector<StartTransfer> requests_ = {};
    bool down_ = false;
};

}  // namespace dialtone::sim
