// SPDX-License-Identifier: Apache-2.0
//
// A DHCP server of the simulated network, for the one thing the agent asks of DHCP: it answers
// DHCPINFORM (RFC 2131 4.3.5) with configured options, as servers keep to the standards and in the
// ways in which they do not. Messages go in and come out and the caller
// hands in the time, so that it needs neither socket nor clock. A network with two servers has two
// of these. Written apart from the agent's own message code, so that one does not repeat the
// other's mistakes.
//
// Who calls it: World, and the tests of the agent's DHCP engine.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/event.h"

namespace dialtone::sim {

struct DhcpServerBehaviour {
    enum class Defect : uint8_t {
        none,
        wrong_length,  // the last option says 40 bytes more than there are
        no_end,        // no end option, no padding
        no_cookie,     // BOOTP
        short_header,  // ends inside the fixed fields
        other_xid,
        other_mac,
        request_op,  // op 1, as if a client had sent it
    };
    Defect defect = Defect::none;
    uint8_t type = 5;                 // DHCPACK
    bool silent = false;              // answers nothing
    uint32_t ignored_requests = 0;    // the first ones are not answered
    bool all_options = false;         // also those that were not asked for
    bool no_identifier = false;       // leaves option 54 out
    bool overload = false;            // options in `file` and `sname`, too
    uint32_t piece_bytes = 255;       // longer values come in several pieces
    std::vector<uint8_t> extra = {};  // put before the end option as it stands
    uint32_t copies = 1;              // of each answer
    uint32_t latency_ms = 2;
    std::string vendor_class = {};  // whoever names another one (option 60) gets no options
};

class DhcpServer {
  public:
    explicit DhcpServer(Address address = {{10, 0, 0, 1}, 4}) : address_(address) {}

    const Address& address() const { return address_; }
    void put(uint8_t code, std::string value) { options_[code] = std::move(value); }
    void remove(uint8_t code) { options_.erase(code); }
    void set_behaviour(DhcpServerBehaviour behaviour) { behaviour_ = std::move(behaviour); }
    void set_down(bool down) { down_ = down; }

    // A client's message arrived; `socket` is the client's.
    void receive(uint64_t now_ms, RequestId socket, std::span<const uint8_t> bytes);

    struct Outgoing {
        RequestId socket = 0;
        Address from = {};   // port 67
        uint64_t at_ms = 0;  // when it reaches the client
        std::vector<uint8_t> bytes = {};
    };
    std::optional<Outgoing> next();

    // The requests, in order.
    struct Request {
        uint32_t xid = 0;
        uint16_t seconds = 0;
        std::vector<uint8_t> client = {};  // ciaddr
        std::vector<uint8_t> mac = {};
        std::map<uint8_t, std::string> options = {};
        uint32_t bytes = 0;
    };
    const std::vector<Request>& requests() const { return requests_; }

  private:
    std::vector<uint8_t> answer(const Request& request) const;
    std::string head_for(const Request& request) const;
    std::vector<std::string> pieces_for(const Request& request) const;
    void add_pieces(std::vector<std::string>& pieces, uint8_t code, const std::string& value) const;

    Address address_;
    std::map<uint8_t, std::string> options_ = {};
    DhcpServerBehaviour behaviour_ = {};
    bool down_ = false;
    std::vector<Request> requests_ = {};
    std::deque<Outgoing> outgoing_ = {};
};

}  // namespace dialtone::sim
