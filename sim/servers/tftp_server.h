// SPDX-License-Identifier: Apache-2.0
//
// A TFTP server of the simulated network, and the lossy network to it: RFC 1350, 2347 to 2349 and
// 7440 as servers keep to them, and the ways in which they do not. Datagrams go in and come out and
// the caller hands in the time, so that it needs neither socket nor clock. Written apart from the
// agent's own packet code, so that one does not repeat the other's mistakes.
//
// Who calls it: World, the tests of the agent's TFTP engine, and the conformance suite, which puts
// it behind real sockets.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/event.h"
#include "agent/rng.h"

namespace dialtone::sim {

// Of a server with two: it is asked at the one and answers from the other.
inline constexpr Address tftp_other_address = {{127, 0, 0, 2}, 4};

struct TftpServerBehaviour {
    enum class Options : uint8_t {
        accepted,
        ignored,         // DATA at once, as servers of RFC 1350 do
        refused,         // error 8
        not_understood,  // error 4
        unanswered,      // DATA at once, in blocks of the size that was asked for
    };
    Options options = Options::accepted;
    uint16_t largest_block = 65464;
    uint16_t largest_window = 65535;
    bool echoes_tsize = false;          // "tsize 0" comes back as it was asked
    int64_t oack_tsize = -1;            // a wrong tsize; -1: the true one
    uint16_t oack_blksize = 0;          // a blksize that was not asked for; 0: none
    uint16_t oack_windowsize = 0;       // the same for windowsize
    std::string more_options = {};      // appended to the OACK, NULs included
    int64_t silent_after_blocks = -1;   // 0: sends nothing at all; -1: never
    int64_t error_after_blocks = -1;    // sends ERROR 0 then; -1: never
    bool endless = false;               // the file is repeated for ever
    bool wraps_to_one = false;          // after block 65535 comes 1
    bool answers_doubled_acks = false;  // the Sorcerer's Apprentice (RFC 1123 4.2.3.1)
    bool second_transfer = false;       // each request is answered from two ports
    bool garbage_first = false;         // something that is no packet before each one
    uint32_t oversize_bytes = 0;        // added to each block
    bool from_other_address = false;    // what it sends comes from tftp_other_address
    uint32_t latency_ms = 2;
    // The network, both ways; 0: never.
    uint32_t drops_one_in = 0;
    uint32_t doubles_one_in = 0;
    uint32_t delays_one_in = 0;  // by delay_ms, so that later ones arrive first
    uint32_t delay_ms = 7;
    uint64_t seed = 1;
};

class TftpServer {
  public:
    void put(std::string name, std::string body) {
        files_[std::move(name)] = {.body = std::move(body)};
    }
    // Asked for `name`, answers with this ERROR.
    void put_error(std::string name, uint16_t code, std::string words);
    void set_behaviour(TftpServerBehaviour behaviour);
    void set_down(bool down) { down_ = down; }

    // Whom it sent to is gone.
    void forget_transfers() { transfers_.clear(); }

    // The datagram reached `to_port` of the server; `socket` is the client's.
    void receive(uint64_t now_ms, RequestId socket, uint16_t to_port,
                 std::span<const uint8_t> bytes);
    // Whether a datagram to this port is meant for it: its known port, or one of its transfers'.
    bool owns(uint16_t port) const;
    bool answers_from_other_address() const { return behaviour_.from_other_address; }
    // Sends again what was not acknowledged for a second, at most five times.
    void tick(uint64_t now_ms);
    std::optional<uint64_t> deadline_ms() const;

    struct Outgoing {
        RequestId socket = 0;
        uint16_t from_port = 0;
        uint64_t at_ms = 0;  // when it reaches the client
        std::vector<uint8_t> bytes = {};
    };
    std::optional<Outgoing> next();

    // What came in, in order.
    const std::vector<std::string>& names() const { return names_; }
    const std::vector<std::string>& requests() const { return requests_; }  // as sent
    const std::vector<uint16_t>& errors() const { return errors_; }         // codes
    uint32_t acks() const { return acks_; }
    uint32_t blocks_sent() const { return blocks_sent_; }
    // Every transfer has been acknowledged to its end.
    bool all_complete() const { return transfers_.empty(); }

  private:
    struct File {
        std::string body = {};
        uint16_t error = 0;
        std::string words = {};
        bool is_error = false;
    };
    struct Transfer {
        RequestId socket = 0;
        std::string name = {};
        uint64_t acked = 0;  // blocks, counted without wrapping
        uint64_t sent = 0;
        uint32_t block_bytes = 512;
        uint32_t window_blocks = 1;
        std::vector<uint8_t> oack = {};  // while it is not acknowledged
        uint64_t due_ms = 0;
        uint32_t tries = 0;
    };

    void receive_request(uint64_t now_ms, RequestId socket, std::span<const uint8_t> bytes);
    void begin(uint64_t now_ms, RequestId socket, const std::string& name,
               const std::map<std::string, std::string>& options);
    void receive_ack(uint64_t now_ms, uint16_t port, uint16_t number);
    void send_window(uint64_t now_ms, uint16_t port, Transfer& transfer);
    void send_block(uint64_t now_ms, uint16_t port, const Transfer& transfer, uint64_t block);
    void send(uint64_t now_ms, RequestId socket, uint16_t port, std::vector<uint8_t> bytes);
    void send_error(uint64_t now_ms, RequestId socket, uint16_t port, uint16_t code,
                    std::string_view words);
    void refuse(uint64_t now_ms, RequestId socket, uint16_t code, std::string_view words);
    std::vector<uint8_t> option_ack(Transfer& transfer, const std::string& body,
                                    const std::map<std::string, std::string>& options) const;
    uint64_t block_count(const Transfer& transfer) const;
    uint16_t on_the_wire(uint64_t block) const;

    std::map<std::string, File> files_ = {};
    TftpServerBehaviour behaviour_ = {};
    bool down_ = false;
    Rng rng_{1};
    uint16_t next_port_ = 50000;
    std::map<uint16_t, Transfer> transfers_ = {};  // by the server's port
    std::deque<Outgoing> outgoing_ = {};
    std::vector<std::string> names_ = {};
    std::vector<std::string> requests_ = {};
    std::vector<uint16_t> errors_ = {};
    uint32_t acks_ = 0;
    uint32_t blocks_sent_ = 0;
};

}  // namespace dialtone::sim
