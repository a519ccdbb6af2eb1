// SPDX-License-Identifier: Apache-2.0
//
// Carries out one transfer that an ACS has ordered (TR-069 A.3.2.8, A.4.1.5): a download by a job,
// read, checked and applied or handed to the phone's software; an upload by a PUT. Started by the
// ACS client, which keeps the queue and tells the ACS what came of it; one at a time.
//
// User and password of the call go to the host of its URL, as if they stood in it, and to nobody
// else. A configuration is opened as one of a provisioning server is (config/arrived_file.h), its
// signature asked for where there is a public key; what it changes is a change by the ACS. Any
// other file is handed to the programs of hooks.file_dir.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/clock/wall_clock.h"
#include "agent/cwmp/transfer_port.h"
#include "agent/engine.h"
#include "agent/phone.h"
#include "agent/store/record.h"
#include "agent/transfer/download.h"
#include "agent/transfer/memory_sink.h"

namespace dialtone {

enum class TransferRunState : uint8_t {
    idle,
    fetching,      // the file is downloaded by a job
    proving,       // its signature is asked for
    reading,       // a configuration is read back from the disk
    waiting,       // until the phone can change its configuration
    applying,      // the store has it
    handing_over,  // the phone's software is given the file
    sending,       // an upload is under way
    count_
};
enum class TransferRunCue : uint8_t {
    download,
    upload,
    wants_proof,  // a configuration is here, whose signature may count
    wants_words,  // one is here, with all there is to it
    wants_hand,   // another file is here
    read,         // it is a configuration, and this phone's
    taken,
    over,  // done, or failed
    cancel,
    reset,
    count_
};
enum class TransferRunAction : uint8_t {
    nothing,
    fetch,
    ask_signature,
    read_back,
    hand_over,
    send,
    conclude,
    withdraw,
};

class TransferRun final : public Engine<TransferResult>, public TransferPort {
  public:
    // All of them outlive it.
    TransferRun(RequestIds& ids, const PhoneFacts& phone, const WallClock& clock,
                const Record& record, const Generation& active);

    // Only while it is not busy(). A file type, a scheme that it has not: why_not() has said so.
    void start(Instant now, const AcsTransfer& transfer);
    // False: it is past what can be undone. True: it ends without an outcome.
    bool cancel(Instant now);
    bool busy() const { return state_ != TransferRunState::idle; }

    void handle(Instant now, const Event& event) override;
    std::optional<Instant> deadline() const override;

    std::optional<TransferWish> take_wish() override;
    void take_file(Instant now, std::optional<JobOutcome> outcome) override;
    void take_bytes(Instant now, std::span<const uint8_t> bytes, std::string_view failure) override;
    bool has_change() const override { return state_ == TransferRunState::waiting; }
    TransferChange take_change(Instant now) override;
    void change_done(Instant now, TransferResult result) override;
    void forget(Instant now) override;

  private:
    void step(Instant now, TransferRunCue cue);
    void act(Instant now, TransferRunAction action);
    void end(Instant now, uint32_t fault, std::string reason);
    FetchRequest request_for(const std::string& url) const;
    void fetch();
    void take_staged(Instant now);
    void ask_signature(Instant now);
    void take_signature(Instant now, FetchOutcome&& outcome);
    void open(Instant now, std::span<const uint8_t> bytes);
    void hand_over(Instant now);
    void take_hooks(Instant now, const HooksDone& done);
    void send(Instant now);
    bool may_send_secrets() const;
    void take_sent(Instant now, const FetchOutcome& outcome);
    void conclude();
    void withdraw(Instant now);
    void clear();

    const PhoneFacts& phone_;
    const WallClock& clock_;
    const Record& record_;
    const Generation& active_;
    Download download_;  // of a signature
    Fetch upload_;
    MemorySink sink_ = MemorySink();  // of either one's answer
    TransferRunState state_ = TransferRunState::idle;
    std::deque<TransferWish> wishes_ = {};
    // Of the transfer under way.
    AcsTransfer transfer_ = {};
    bool has_job_ = false;
    JobOutcome file_ = {};
    std::optional<std::vector<uint8_t>> signature_ = {};  // where one was asked for and is there
    TransferChange change_ = {};
    RequestId hooks_ = 0;
    TransferResult result_ = {};
};

// Whether the phone takes, or gives, files of this type by this URL at all: nothing, or the fault
// of the call with its reason.
std::optional<TransferResult> why_not(const AcsTransfer& transfer, const PhoneFacts& phone);

}  // namespace dialtone
