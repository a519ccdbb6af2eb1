// SPDX-License-Identifier: Apache-2.0
//
// What goes wrong in the laboratory's world, by kind: each has a name, a count of how often it
// struck, and a point of the world where it may. Which kinds a run knows, and how rare they are, is
// its scenario's; whether one strikes is its Choice's.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/lab/swarm/choice.h"
#include "sim/world/fate.h"

namespace dialtone::sim {

enum class Mishap : uint8_t {
    // on the wires
    sip_lost,
    sip_late,
    sip_doubled,
    sip_breaks,
    dhcp_lost,
    dhcp_late,
    dhcp_doubled,
    dhcp_breaks,
    tftp_lost,
    tftp_late,
    tftp_doubled,
    tftp_forged,
    tftp_breaks,
    ntp_lost,
    ntp_lies,
    name_unknown,
    name_late,
    socket_refused,
    connection_refused,
    connection_late,
    connection_breaks,
    // servers of files
    refused,
    no_answer,
    bad_certificate,
    status_401,
    status_403,
    status_404,
    status_429,
    status_500,
    redirect_away,
    redirect_loop,
    truncated,
    reset_inside,
    length_lies,
    no_length,
    hangs_up,
    head_broken,
    ftp_odd,
    stalls_at_once,
    stalls_inside,
    drips,
    html_page,
    broken_file,
    endless_file,
    // the disk
    write_fails,
    sync_fails,
    remove_fails,
    read_fails,
    disk_slow,
    cut_at_step,
    // the phone's own
    hooks_slow,
    // at an appointed time
    disk_full,
    server_dies,
    pbx_dies,
    partition,
    file_changes,
    file_goes_bad,
    breaks_network,
    names_lost_server,
    dhcp_lies,
    dhcp_names_other,
    tftp_misbehaves,
    sip_forged,
    pbx_notifies,
    link_down_at_start,
    notify_check,
    notify_reboot,
    notify_url,
    lease_renewed,
    lease_lost,
    link_flaps,
    address_changes,
    clock_jumps,
    port_taken,
    resync,
    set_value,
    set_url,
    set_nonsense,
    confirm,
    factory_reset,
    stop,
    power_cut,
    killed,
    count_
};

inline constexpr uint32_t mishap_count = static_cast<uint32_t>(Mishap::count_);
std::string_view name_of(Mishap mishap);

using MishapHits = std::array<uint64_t, mishap_count>;

// The points at which World asks, and what may strike there.
enum class Point : uint8_t {
    sip,
    dhcp,
    tftp,
    ntp,
    names,
    socket,
    connection,
    transfer,
    step,
    hooks,
    count_
};
inline constexpr uint32_t point_count = static_cast<uint32_t>(Point::count_);
// Everything that may strike at the point.
std::vector<Mishap> mishaps_at(Point point);

class Mishaps : public Fate {
  public:
    explicit Mishaps(Choice& choice) : choice_(choice) {}

    struct Danger {
        std::vector<Mishap> kinds = {};
        uint32_t rarity = 0;  // one in so many; 0: never
    };
    void set_danger(Point point, Danger danger);
    // From now on nothing strikes.
    void calm_down() { calm_ = true; }
    const MishapHits& hits() const { return hits_; }

    Passage of_datagram(Wire wire, bool to_phone) override;
    ConnectionFate of_connection(const OpenSocket& wanted) override;
    bool of_stream() override;
    void of_transfer(const StartTransfer& request, Web::Outcome& outcome) override;
    StepFate of_step(const Storage& step) override;
    void of_power_cut(Disk& disk) override;
    void of_names(const Resolve& resolve, std::vector<Address>& addresses,
                  uint32_t& delay_ms) override;
    void of_ntp(std::vector<uint8_t>& answer) override;
    std::string of_socket(const OpenSocket& wanted) override;
    uint32_t of_hooks(const RunHooks& hooks) override;

  protected:
    void hit(Mishap mishap) { ++hits_[static_cast<uint32_t>(mishap)]; }
    Choice& choice() { return choice_; }
    bool is_calm() const { return calm_; }

    // States of the world that last, set by whoever plays the errands.
    bool cut_off_ = false;  // a partition, or a configuration that broke the network
    bool disk_full_ = false;
    bool cut_asked_ = false;       // the power is to go away now
    WallSeconds true_wall_s_ = 0;  // what an honest time server says

  private:
    // What strikes at the point now; Mishap::count_: nothing.
    Mishap strike(Point point);
    Mishap strike_step(StorageStep step);
    bool refuse(Mishap mishap, const StartTransfer& request, Web::Outcome& outcome);
    bool answer_by_status(Mishap mishap, const StartTransfer& request, Answer& answer);
    void spoil(Mishap mishap, Answer& answer);
    void spoil_ftp(FtpReplies& ftp);

    Choice& choice_;
    bool calm_ = false;
    std::array<Danger, point_count> dangers_ = {};
    MishapHits hits_ = {};
};

}  // namespace dialtone::sim
