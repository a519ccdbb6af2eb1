// SPDX-License-Identifier: Apache-2.0
//
// The control socket: how an operator's program talks to the running agent. A client connects,
// says one line and gets one line, and more where it has asked for a list:
//
//     COMMAND [ARGUMENT] LF        resync, confirm, set KEY=VALUE, factory-reset, stop,
//                                  set-lines HEX: KEY=VALUE lines, all of them or none,
//                                  notify HEX: a SIP NOTIFY whole, two digits a byte
//                                  model FIRST [PATH]: what an ACS sees, agent/cwmp/model_listing.h
//     ok TEXT LF                   or: error TEXT LF
//      LINE LF                     each with a blank before it, at most limits::reply_lines
//     end LF                       behind the last one; an answer without LINEs has none
//
// Then the connection is closed. The line becomes a Command event, the Reply effect its answer. A
// phone's SIP stack may speak this by itself; it needs no program for it.
//
//     lease HEX LF                 what the phone's DHCP client has come to, lease_file.h
//
// is no Command: the world answers it itself and delivers a Lease event.
//
// Root and the user whom the agent runs as may ask, nobody else. Bounds: limits::control_clients
// at a time, limits::control_request_bytes for a line, limits::control_request_ms to say it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/effect.h"
#include "platform/common/descriptor.h"
#include "platform/linux/lease.h"
#include "platform/linux/loop.h"

namespace dialtone {

class Control final : public Part, private Watcher {
  public:
    // `listener`: a listening unix stream socket, stays the caller's, is made non-blocking.
    // -1: nobody can ask. `leases` takes what a DHCP client's script says, and must outlive this;
    // null: it cannot say anything.
    Control(Loop& loop, int listener, LeaseBook* leases);
    ~Control() override;

    // Ignored when the client has gone.
    void reply(Reply&& reply);

    bool deliver(Instant now, EventSink& sink) override;
    void tick(Instant now) override;
    std::optional<Instant> deadline() const override;

    // Gives the clients limits::control_reply_ms to take their answers, then leaves.
    void finish();

  private:
    enum class Stage : uint8_t { says, waits, hears };
    struct Client {
        Descriptor socket = {};
        RequestId id = 0;
        Stage stage = Stage::says;
        Command command = {};  // its argument points into `said`
        std::string said = {};
        std::string answer = {};  // what is left of it
        bool asks = false;        // the command is to be delivered
        bool has_deadline = false;
        Instant deadline = {};
    };

    void ready(int descriptor, uint32_t events) override;
    void accept();
    void listen_to(Client& client);
    void understand(Client& client, size_t line_bytes);
    void take_lease(Client& client);
    void answer(Client& client, bool ok, std::string_view text,
                const std::vector<std::string>& lines = {});
    void push(Client& client);
    void end(int descriptor);

    Loop& loop_;
    int listener_;
    LeaseBook* leases_;
    RequestId last_id_ = 0;
    std::vector<Client> clients_;
};

}  // namespace dialtone
