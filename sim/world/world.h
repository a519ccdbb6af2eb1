// SPDX-License-Identifier: Apache-2.0
//
// The simulated world of one phone: the contract of platform/world.h over a virtual clock, a disk
// that keeps only what was synced, and servers that misbehave. Nothing here reads a clock or
// sleeps; wait() sets the virtual clock to the next event.
//
// Who calls it: the unit tests of the agent, and the laboratory.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "platform/world.h"
#include "sim/servers/dhcp_server.h"
#include "sim/servers/pbx.h"
#include "sim/servers/tftp_server.h"
#include "sim/servers/web.h"
#include "sim/world/disk.h"
#include "sim/world/fault_injector.h"
#include "sim/world/http_ports.h"
#include "sim/world/transfer_model.h"
#include "sim/world/wire_observer.h"

namespace dialtone::sim {

// What outlives a reboot: the phone's disk, its clock and its journal, and the network and servers
// of the site it stands at.
struct Site {
    Disk disk = {};
    bool state_lasts = true;       // the disk does not forget everything between two lives
    bool state_in_memory = false;  // of the process, if it does not
    Web web = {};
    TftpServer tftp = {};  // at every address, port 69
    Pbx pbx = {};          // port 5060, UDP and TCP
    std::vector<DhcpServer> dhcp = {};
    std::string dhcp_client_class =
        {};  // that the phone's DHCP client names; empty: it does not say
    std::set<uint16_t> taken_ports = {};  // by other programs of the phone
    std::map<std::string, std::vector<Address>> names = {};
    bool link_up = true;
    Address phone_address = {{10, 0, 0, 2}, 4};
    uint64_t clock_ms = 0;  // of the site; the phone counts from power_on_ms
    uint64_t power_on_ms = 0;
    WallSeconds hardware_wall_s = 1'800'000'000;  // at clock_ms 0
    WallSeconds ntp_wall_s = 0;                   // what a time server says, 0: there is none
    std::vector<std::string> journal = {};
    std::vector<std::string> hook_lines = {};  // the key lines of each hook run
    struct HandedOver {
        std::string type = {};
        std::string name = {};
        std::vector<uint8_t> bytes = {};
    };
    std::vector<HandedOver> handed_over = {};  // to the phone's software
    std::string file_hook_failure = {};        // why it does not take it; empty: it does
    uint64_t entropy = 1;
    FaultInjector* fault_injector = nullptr;  // nullptr: nothing fails
    WireObserver* observer = nullptr;         // is shown what goes over the network
};

class World : public dialtone::World {
  public:
    explicit World(Site& site) : site_(site) { site_.pbx.end_connections(); }

    // What the boot loader hands over: record copies and clocks. The spans live as long as the
    // world does.
    Boot boot(ResetCause cause, uint32_t provisioning_reboots);

    // All times are milliseconds since power-on. At `at_ms` an operator gives the command; its
    // reply ends up in replies().
    void plan_command(uint64_t at_ms, CommandKind kind, std::string argument = {});
    void plan_link(uint64_t at_ms, bool up);
    void plan_address(uint64_t at_ms, Address address);
    // The phone's DHCP client hands a lease over.
    using LeaseOptions = std::map<uint16_t, std::string>;  // codes from 1000 on are DHCPv6's
    void plan_lease(uint64_t at_ms, LeaseNews news, LeaseOptions options);
    // Somebody else sets the clock.
    void plan_wall(uint64_t at_ms, WallSeconds wall_s);
    // A datagram that nobody asked for comes to the phone's port, if that is open.
    void plan_datagram(uint64_t at_ms, uint16_t to_port, Address from, uint16_t from_port,
                       std::vector<uint8_t> bytes);
    // The PBX at this address sends a NOTIFY of its own accord, now (Pbx::send_notify).
    void push_notify(const Address& server, std::string_view event, std::string url);
    // A client comes to a port of the phone for HTTP, now. Gives the connection's number; 0: nobody
    // listens there, or the phone cannot be reached.
    uint32_t connect_http(uint16_t port, Address from, uint16_t from_port);
    void send_http(uint32_t connection, ClientRequest request);
    // What the client has heard and not taken yet.
    std::optional<ClientNews> heard_http(uint32_t connection) { return http_.heard(connection); }
    void set_http_patience(uint32_t request_ms, uint32_t reply_ms) {
        http_.set_patience(request_ms, reply_ms);
    }
    // File servers that have stalled in an answer go on with it.
    void resume_stalled_transfers();
    // Nothing is scheduled: the next event needs an effect or a command first.
    bool is_idle() const { return pending_.empty(); }
    // At `at_ms` the site's FaultInjector is called with the number.
    void schedule_event(uint64_t at_ms, uint32_t number);
    // The power is cut at `at_ms`, or after so many mutating disk steps.
    void plan_power_cut(uint64_t at_ms) { power_cut_ms_ = site_.power_on_ms + at_ms; }
    void plan_power_cut_after_steps(uint32_t steps);
    bool power_is_off() const { return power_is_off_; }
    const std::vector<Reply>& replies() const { return replies_; }
    std::optional<WallSeconds> wall_set() const { return wall_set_; }

    Instant now() const override { return {site_.clock_ms - site_.power_on_ms}; }
    void carry_out(Effect&& effect) override;
    void wait(std::optional<Instant> deadline, EventSink& sink) override;
    std::optional<Departure> departure() const override { return departure_; }

  private:
    struct Transfer {
        RequestId session = 0;
        Answer answer = {};
        TransferModel model = {};
        uint32_t credit = 0;
        uint64_t sent = 0;
        bool head_delivered = false;
        bool piece_scheduled = false;  // the next piece of the body is on its way
    };
    using Transfers = std::map<RequestId, Transfer>;
    struct Socket {
        SocketKind kind = SocketKind::datagram;
        uint16_t port = 0;
        Address to = {};
        uint16_t to_port = 0;
    };
    // An event that will be handed to the sink; it owns the data that the event points to.
    struct PendingEvent {
        uint64_t at_ms = 0;
        uint64_t sequence = 0;
        enum class Kind : uint8_t {
            link,
            lease,
            socket_failed,
            http_opened,
            connected,
            bytes,
            head,
            body,
            storage,
            hooks,
            command,
            resolved,
            datagram,
            tftp_tick,
            http,
            wall,
            scheduled
        } kind = Kind::link;
        RequestId id = 0;  // also the number of a scheduled event
        WallSeconds wall_s = 0;
        CommandKind command = CommandKind::resync;
        bool up = false;
        bool breaks_socket = false;  // the network fails a socket that is open
        bool hands_over = false;     // the hooks that take a file
        LeaseNews news = LeaseNews::bound;
        LeaseOptions options = {};
        std::string text = {};
        StorageResult result = {};
        std::vector<Address> addresses = {};
        std::vector<uint8_t> bytes = {};
        Address from = {};
        uint16_t from_port = 0;
        uint16_t to_port =
            0;  // of a datagram that finds its socket when it reaches_server; 0: `id` says
        bool operator<(const PendingEvent& other) const {
            return at_ms != other.at_ms ? at_ms < other.at_ms : sequence < other.sequence;
        }
    };

    static constexpr uint16_t first_own_port = 40'000;  // for sockets that want any
    static constexpr uint16_t own_ports = 10'000;

    WallSeconds hardware_wall() const;
    void schedule_at(uint64_t at_ms, PendingEvent event);
    void schedule(uint64_t in_ms, PendingEvent event);
    // One for each kind of effect: a new kind does not compile before it has one.
    void perform(OpenSocket&& wanted);
    void perform(CloseSocket&& closed);
    void perform(DatagramOut&& datagram);
    void perform(BytesOut&& bytes);
    void perform(Resolve&& resolve);
    void perform(StartTransfer&& request);
    void perform(CreditTransfer&& credit);
    void perform(StopTransfer&& stop);
    void perform(ReleaseSession&& release);
    void perform(OpenHttp&& wanted);
    void perform(CloseHttp&& closed);
    void perform(HttpReply&& reply);
    void perform(Storage&& step);
    void perform(RunHooks&& hooks);
    void perform(Reply&& reply);
    void perform(Reboot&& reboot);
    void perform(Exit&& exit);
    void perform(SetWallClock&& wall);
    void perform(JournalLine&& line);
    bool admit(StartTransfer& request);
    bool session_is_busy(RequestId session) const;
    void fail_transfer(RequestId id, TransferFault fault, std::string reason);
    // A datagram to the phone sets out, and meets the site's faults.
    void send_to_phone(WireProtocol protocol, uint64_t in_ms, PendingEvent event,
                       uint16_t peer_port);
    // Whether a datagram of the phone reaches its server, and in how many copies.
    bool reaches_server(WireProtocol protocol, RequestId socket, const Address& to, uint16_t port,
                        std::span<const uint8_t> bytes, uint32_t& copies);
    void deliver_from_pbx();
    void send_to_pbx(const Pbx::Message& heard);
    void send_to_dhcp_servers(const DatagramOut& datagram);
    void send_to_tftp_server(const DatagramOut& datagram);
    void answer_ntp(const DatagramOut& datagram);
    void deliver_from_tftp_server(const Address& server);
    void deliver(const PendingEvent& event, EventSink& sink);
    void deliver_datagram(const PendingEvent& event, EventSink& sink);
    void deliver_lease(const PendingEvent& event, EventSink& sink);
    void deliver_head(const PendingEvent& event, EventSink& sink);
    void deliver_http(EventSink& sink);
    void schedule_http();
    void deliver_body(RequestId id, EventSink& sink);
    void end(Transfers::iterator place, EventSink& sink);
    void schedule_piece(RequestId id, Transfer& transfer, uint64_t in_ms);

    Site& site_;
    std::map<uint64_t, PendingEvent> pending_ = {};  // by (time, sequence)
    uint64_t sequence_ = 0;
    uint16_t next_port_ = first_own_port;
    Transfers transfers_ = {};
    std::set<RequestId> sessions_ = {};
    HttpPorts http_ = {};
    std::map<RequestId, Socket> sockets_ = {};
    std::vector<std::vector<uint8_t>> copies_ = {};
    std::vector<Reply> replies_ = {};
    std::optional<WallSeconds> wall_set_ = {};
    WallSeconds wall_ahead_s_ = 0;  // of the hardware clock, since SetWallClock
    std::optional<Departure> departure_ = {};
    std::optional<uint64_t> power_cut_ms_ = {};
    std::optional<uint32_t> power_cut_steps_ = {};
    bool power_is_off_ = false;
    bool link_reported_ = false;
};

}  // namespace dialtone::sim
