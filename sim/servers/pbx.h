// SPDX-License-Identifier: Apache-2.0
//
// PBXs and other servers of the simulated network that answer SIP plug and play, each with the
// habits of one that exists: which SUBSCRIBEs it accepts, what it answers and what NOTIFY it sends,
// right or wrong, as data. Messages go in and come out and the caller hands in the time, so that a
// PBX needs neither socket nor clock. Written apart from the agent's own SIP code, so that one does
// not repeat the other's mistakes.
//
// Who calls it: World, and the tests of the agent's SIP plug and play.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event.h"

namespace dialtone::sim {

// The templates have LF for line ends and know
//     {via} {from} {to} {call_id} {uri}   of the SUBSCRIBE, as they stand
//     {user} {mac}   of its request-URI, the latter in lower case and without what stands before
//     {cseq} {cseq+1} {cseq+2}   its number
//     {phone} {phone_host}   where it came from, with and without the port
//     {server}       the server's own address
//     {url} {length} {length+2}   what the NOTIFY is about, and how many bytes that are; a server
//                    puts the MAC address for <mac> in it
//     {fresh}        a number that is new in each message
struct PbxKind {
    enum class Accepts : uint8_t {  // which SUBSCRIBEs it answers
        any,
        field_order,          // Via, From, To, Call-ID, CSeq of one digit, Event; MAC%3a
        lower_escaped_colon,  // MAC%3a
        upper_escaped_colon,  // MAC%3A, in at most 1,024 bytes
        twelve_digits,        // right before the @
        group_and_no_colon,   // MAC and twelve digits @224.0.1.75
        device_profile,       // profile-type="device", no tag in To
        nothing,
    };
    std::string_view name = {};
    Accepts accepts = Accepts::any;
    std::string_view answer = {};
    std::string_view notify = {};
    std::string_view url = {};  // unless the server is given another one
    uint16_t answer_port = 5060;
    uint16_t notify_port = 5060;
    bool notifies_5060 = false;  // the NOTIFY goes to port 5060, whatever port the phone asks from
    bool notify_first = false;   // the NOTIFY comes before the answer
    bool line_feeds = false;     // lines end in LF alone
    uint32_t notify_after_ms = 2;
    uint32_t copies = 1;  // of the NOTIFY, half a second apart
};

// Every kind there is, by what people call it.
std::span<const PbxKind> pbx_kinds();
// nullptr: no such kind.
const PbxKind* find_pbx_kind(std::string_view name);

class Pbx {
  public:
    // A message of the phone, from `phone`, to an address and port of the network.
    struct Message {
        RequestId socket = 0;  // the phone's
        bool stream = false;   // over TCP; what is answered comes over the same connection
        Address phone = {};
        uint16_t phone_port = 0;
        Address to = {};
        uint16_t to_port = 0;
        std::string_view text = {};
    };
    struct Outgoing {
        RequestId socket = 0;
        bool stream = false;
        Address from = {};
        uint16_t from_port = 0;
        uint16_t to_port = 0;  // of the phone
        uint64_t at_ms = 0;    // when it reaches the phone
        std::vector<uint8_t> bytes = {};
    };

    // The server accepts what is sent to 224.0.1.75 and to its own address.
    void add(Address address, const PbxKind& kind, std::string url = {});
    // Its answers come before those of the others.
    void add_first(Address address, const PbxKind& kind, std::string url);
    void remove(const Address& address);
    void set_down(bool down) { down_ = down; }
    // The phone starts: what connections it had are gone, and who asked over one is not reached.
    void end_connections();

    void receive(uint64_t now_ms, const Message& message);
    // The server at `server` sends the phone of the last SUBSCRIBE a NOTIFY that nobody asked for.
    // Without a URL it has no body. Does nothing before the first SUBSCRIBE.
    void send_notify(uint64_t now_ms, const Address& server, std::string_view event,
                     std::string url);
    std::optional<Outgoing> next();

    // What came in, in order.
    const std::vector<std::string>& subscribes() const { return subscribes_; }  // as sent
    const std::vector<uint16_t>& answers() const { return answers_; }           // status codes

  private:
    struct Server {
        Address address = {};
        const PbxKind* kind = nullptr;
        std::string url = {};
    };
    // A SUBSCRIBE, for the answers that are made of it.
    struct SubscribeRequest {
        Message message = {};
        std::string text = {};
        bool known = false;
    };

    std::string filled(std::string_view form, const Server& server,
                       const SubscribeRequest& subscribe);
    std::string value_of(std::string_view name, const Server& server,
                         const SubscribeRequest& subscribe);
    void serve(uint64_t now_ms, const Server& server, const SubscribeRequest& subscribe);
    void send(uint64_t at_ms, const Server& server, const SubscribeRequest& subscribe,
              uint16_t from_port, uint16_t to_port, std::string text);

    std::vector<Server> servers_ = {};
    bool down_ = false;
    SubscribeRequest last_ = {};
    uint32_t fresh_ = 1000;
    std::deque<Outgoing> outgoing_ = {};
    std::vector<std::string> subscribes_ = {};
    std::vector<uint16_t> answers_ = {};
};

}  // namespace dialtone::sim
