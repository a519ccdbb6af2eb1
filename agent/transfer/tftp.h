// SPDX-License-Identifier: Apache-2.0
//
// Reads one file over TFTP into a sink: RFC 1350 with RFC 1123 4.2.3, options by RFC 2347,
// 2348 (blksize), 2349 (tsize, timeout) and 7440 (windowsize). A FetchRequest in, a FetchOutcome
// out, like Fetch; Download chooses between the two. It never asks for a file twice, but for the
// one repetition without options that a server may need.
//
// - Every transfer has a socket of its own, whose port the kernel draws. The first usable answer
//   of the asked address fixes the server's port; whoever else sends gets an ERROR 5, a few times.
//   An answer of another address is told when no other one comes: a server may have two.
// - A first block larger than 512 bytes without an OACK comes of a server that takes the options
//   and says nothing (RFC 2347 wants an OACK): it is asked once more without.
// - What counts for silence is progress: repeated and foreign packets keep no transfer alive.
// - A repeated block is never acknowledged again. Only the own timer repeats an acknowledgement,
//   so that doubled packets cannot double for ever (RFC 1123 4.2.3.1), whatever the server does.
// - A missing block inside a window is asked for at once, and once, by acknowledging the block
//   before it (RFC 7440 4).
// - After block 65535 comes 0. Without a window 1 is taken as well, as some servers count; with
//   one it would be a gap.
// - No acknowledgement asks for a window that the sink has no room for. Until it has, what the
//   server repeats is answered by nothing; it knows its window as sent and waits.
// - The server's port is kept for a while after the last block, to repeat the last word to a
//   server that did not hear it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/engine.h"
#include "agent/transfer/fetch.h"
#include "agent/transfer/tftp_packet.h"

namespace dialtone {

enum class TftpState : uint8_t {
    idle,
    resolving,
    asking,
    receiving,
    holding,  // the sink has no room: the next acknowledgement waits
    count_
};
enum class TftpCue : uint8_t {
    start,
    address,
    no_address,
    options,      // OACK that keeps to what was asked
    bad_options,  // OACK that does not, or a large first block without one
    no_options,   // an error that a request without options may not get
    block,        // the next one
    last_block,   // the next one, shorter than agreed
    gap,          // a later one of the window, the first time
    repeat,       // known already, or out of turn
    unusable,     // too large, or against the protocol
    error,        // any other error of the server
    stranger,     // somebody else's packet
    noise,        // no packet at all
    socket_failed,
    wait_over,  // time to say the last thing again
    sink_full,  // an acknowledgement is due, and there is no room for what it asks for
    sink_room,  // there is now
    held_too_long,
    time_up,
    stop,
    count_
};
enum class TftpAction : uint8_t {
    nothing,
    resolve,
    ask,
    ask_again,
    ask_elsewhere,
    ask_plainly,
    decline_and_ask_plainly,
    take_options,
    collect,
    deliver,
    acknowledge_again,
    refuse,
    turn_away,
    report_error,
    report_no_address,
    report_no_socket,
    report_silence,
    hold,
    go_on,
    report_hold,
    cancel,
};

class Tftp : public Engine<FetchOutcome> {
  public:
    explicit Tftp(RequestIds& ids) : Engine(ids) {}

    // Ends what is under way, without an outcome, and starts anew. The sink outlives the download.
    void start(Instant now, FetchRequest request, Sink& sink);
    // The sink has kept bytes.
    void sink_kept(Instant now);
    void stop(Instant now);
    bool busy() const { return state_ != TftpState::idle; }
    // While busy: the server that was asked has begun to answer.
    bool heard() const { return busy() && found_.answered; }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

  private:
    // The port of a finished transfer, for a server that did not hear the last acknowledgement.
    struct Farewell {
        RequestId socket = 0;
        Address server = {};
        uint16_t port = 0;
        uint16_t block = 0;
        Instant ends = {};
        uint32_t acks_left = 0;
    };

    void step(Instant now, TftpCue cue);
    void act(Instant now, TftpAction action);
    TftpCue judge(const DatagramIn& datagram);
    TftpCue judge_options(const TftpPacket& packet);
    TftpCue judge_error(const TftpPacket& packet);
    TftpCue judge_block(const TftpPacket& packet);
    TftpCue unusable(TftpError code, std::string words);
    bool is_next(uint16_t block) const;
    void check_times(Instant now);
    void resolve(Instant now);
    void open_and_ask(Instant now);
    void send_request();
    void ask_again(Instant now);
    void ask_elsewhere(Instant now);
    void collect(Instant now);
    void deliver(Instant now);
    bool sink_has_room() const;
    void acknowledge(Instant now);
    void acknowledge_again(Instant now);
    void send(std::vector<uint8_t> bytes);
    void send_to(Address to, uint16_t port, std::vector<uint8_t> bytes);
    void wait(Instant now, uint32_t wait_ms);
    void hear_farewell(const DatagramIn& datagram);
    void end_farewell();
    void report_silence(Instant now);
    void conclude(Instant now, FetchOutcome::Kind kind, std::string reason);
    void close_socket();
    void journal_request();
    std::string shown() const;

    TftpState state_ = TftpState::idle;
    FetchRequest request_ = {};
    Sink* sink_ = nullptr;
    std::string name_ = {};    // for the server
    std::string remark_ = {};  // about the URL, for the journal
    uint16_t asked_port_ = 0;

    RequestId id_ = 0;  // of the name being resolved
    RequestId socket_ = 0;
    std::vector<Address> addresses_ = {};
    uint32_t address_ = 0;       // the one that is asked
    uint16_t server_port_ = 0;   // 0: not known yet
    bool options_asked_ = true;  // by the request under way
    TftpOptions asked_ = {};
    TftpOptions agreed_ = {};

    uint16_t last_block_ = 0;  // the last one in order
    uint16_t in_window_ = 0;   // blocks since the last acknowledgement
    bool gap_told_ = false;
    uint32_t sends_ = 0;  // of the request, to this address
    uint32_t wait_ms_ = 0;
    uint32_t strangers_answered_ = 0;
    Address wrong_address_ = {};  // the first one that sent and was not asked

    // What judge() found, for the action that follows.
    std::span<const uint8_t> payload_ = {};
    uint16_t number_ = 0;
    Address stranger_ = {};
    uint16_t stranger_port_ = 0;
    TftpError refusal_ = TftpError::undefined;
    std::string said_ = {};  // by an ERROR packet
    std::string reason_ = {};

    FetchOutcome found_ = {};  // what is known so far of the outcome
    Instant asked_at_ = {};
    Instant began_at_ = {};
    Instant heard_at_ = {};
    Instant due_ = {};
    Farewell farewell_ = {};
};

}  // namespace dialtone
