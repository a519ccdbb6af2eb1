// SPDX-License-Identifier: Apache-2.0
//
// The part of PhoneRun that carries out its scheduled events.
#include <algorithm>

#include "sim/lab/swarm/phone_run.h"

namespace dialtone::sim {
namespace {

using F = FaultKind;

constexpr uint64_t request_again_ms = 600'000;
constexpr uint32_t flap_ms = 3'000;
constexpr uint16_t sip_port = 5060;
constexpr uint32_t end_flag = 1U << 31;  // in an event's detail: the fault ends
constexpr uint32_t detail_mask = 0xffff;
constexpr WallSeconds jumps_s[] = {-86'400, 3'600, -3'600, 400'000'000};

std::string notify_text(std::string_view event, std::string_view url) {
    std::string out =
        "NOTIFY sip:10.0.0.2:5060 SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 10.6.6.6:5060;branch=z9hG4bK77\r\n"
        "From: <sip:10.6.6.6>;tag=77\r\n"
        "To: <sip:10.0.0.2>\r\n"
        "Call-ID: 77@10.6.6.6\r\n"
        "CSeq: 1 NOTIFY\r\n"
        "Event: ";
    (out += event) += "\r\n";
    if (!url.empty()) out += "Content-Type: application/url\r\n";
    out += "Content-Length: " + std::to_string(url.size()) + "\r\n\r\n";
    return out += url;
}

std::vector<uint8_t> bytes_of(std::string_view text) {
    return {text.begin(), text.end()};
}

// Which server an event is about, and how long a fault lasts, drawn with its detail.
uint32_t server_of(const ScheduledEvent& event) {
    return event.detail % lab_servers;
}
uint64_t duration_ms(const ScheduledEvent& event) {
    constexpr uint64_t all[] = {20'000, 90'000, 400'000, 1'500'000};
    return all[event.detail / 16 % std::size(all)];
}

DhcpServerBehaviour defective_dhcp(uint32_t detail) {
    using Defect = DhcpServerBehaviour::Defect;
    constexpr Defect defects[] = {Defect::wrong_length, Defect::no_end,    Defect::no_cookie,
                                  Defect::short_header, Defect::other_xid, Defect::other_mac,
                                  Defect::request_op,   Defect::none};
    DhcpServerBehaviour behaviour;
    behaviour.defect = defects[detail % std::size(defects)];
    behaviour.ignored_requests = detail / 8 % 3;
    behaviour.overload = detail / 32 % 2 == 1;
    behaviour.copies = 1 + detail / 64 % 3;
    behaviour.silent = detail / 256 % 4 == 0;
    return behaviour;
}

TftpServerBehaviour defective_tftp(uint32_t detail) {
    TftpServerBehaviour behaviour;
    switch (detail % 14) {
        case 0:
            behaviour.options = TftpServerBehaviour::Options::refused;
            break;
        case 1:
            behaviour.options = TftpServerBehaviour::Options::not_understood;
            break;
        case 2:
            behaviour.options = TftpServerBehaviour::Options::ignored;
            break;
        case 3:
            behaviour.oack_blksize = 9'000;
            break;
        case 4:
            behaviour.oack_windowsize = 99;
            break;
        case 5:
            behaviour.silent_after_blocks = detail / 14 % 3;
            break;
        case 6:
            behaviour.second_transfer = true;
            break;
        case 7:
            behaviour.oversize_bytes = 10;
            break;
        case 8:
            behaviour.endless = true;
            break;
        case 9:
            behaviour.oack_tsize = 3;
            break;
        case 10:
            behaviour.answers_doubled_acks = true;
            break;
        case 11:
            behaviour.options = TftpServerBehaviour::Options::ignored;
            behaviour.oversize_bytes = 600;
            break;
        case 12:
            behaviour.error_after_blocks = detail / 14 % 3;
            behaviour.largest_block = 16;
            break;
        default:
            behaviour.largest_block = 16;
            break;
    }
    behaviour.seed = detail;
    return behaviour;
}

}  // namespace

// One row for each kind from first_event on, in the order of the enumeration.
struct PhoneRun::EventHandlers {
    static constexpr EventHandler rows[] = {
        {F::disk_full, [](PhoneRun& run, World&, const ScheduledEvent&) { run.disk_full_ = true; },
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.disk_full_ = false; }},
        {F::server_down,
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             run.lab_.set_down(server_of(event), true);
             run.lab_.set_tftp_down(true);
         },
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             run.lab_.set_down(server_of(event), false);
             run.lab_.set_tftp_down(false);
         }},
        {F::pbx_down,
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.lab_.site().pbx.set_down(true); },
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.lab_.site().pbx.set_down(false); }},
        {F::partition,
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.set_partition(true); },
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.set_partition(false); }},
        {F::file_changes,
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             run.lab_.publish(server_of(event), FileKind::good);
         }},
        {F::file_goes_bad,
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             constexpr FileKind bad[] = {FileKind::html_page,    FileKind::broken,
                                         FileKind::other_mac,    FileKind::empty,
                                         FileKind::other_vendor, FileKind::absent};
             run.lab_.publish(server_of(event), bad[event.detail / 16 % std::size(bad)]);
         }},
        {F::breaks_network,
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             run.lab_.publish(server_of(event), FileKind::breaks_network);
         }},
        {F::names_lost_server,
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             run.lab_.publish(server_of(event), FileKind::names_server);
         }},
        {F::dhcp_defective,
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             run.set_dhcp_behaviour(defective_dhcp(event.detail));
         },
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.set_dhcp_behaviour({}); }},
        {F::dhcp_names_other,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             const uint32_t server = server_of(event);
             if (!run.lab_.site().dhcp.empty()) run.lab_.put_dhcp_option(server);
             if (run.scenario_.lease_shown)
                 world.plan_lease(world.now().ms, LeaseNews::renewed, run.lab_.lease(server));
         },
         [](PhoneRun& run, World&, const ScheduledEvent&) {
             if (!run.lab_.site().dhcp.empty())
                 run.lab_.put_dhcp_option(run.scenario_.named_by_dhcp);
         }},
        {F::tftp_defective,
         [](PhoneRun& run, World&, const ScheduledEvent& event) {
             run.tftp_lied_ = true;
             run.lab_.site().tftp.set_behaviour(defective_tftp(event.detail));
         },
         [](PhoneRun& run, World&, const ScheduledEvent&) {
             run.lab_.site().tftp.set_behaviour({});
         }},
        {F::attacker,
         [](PhoneRun& run, World& world, const ScheduledEvent&) {
             run.lab_.let_attacker_come();
             run.true_wall_s_ = run.lab_.attacker().told_time(lab_date_s);
             if (run.scenario_.attack.has_lease) run.show_lease(world);
         },
         [](PhoneRun& run, World& world, const ScheduledEvent&) {
             run.lab_.let_attacker_leave();
             run.true_wall_s_ = lab_date_s;
             if (run.scenario_.attack.has_lease) run.show_lease(world);
         }},
        {F::sip_spoofed,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             const auto forged = run.lab_.attacker().forged_notify(event.detail);
             world.plan_datagram(world.now().ms, sip_port, forged.from, sip_port,
                                 bytes_of(forged.text));
             // Whoever has heard the phone's SUBSCRIBE knows its dialog.
             if (event.detail / 64 % 4 != 0) return;
             run.trust_.note_reboot_asked();
             world.push_notify(Attacker::address, "check-sync;reboot=true", "");
         }},
        {F::pbx_notifies,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             constexpr std::string_view names[] = {"check-sync", "ua-profile", "resync"};
             const uint32_t which = event.detail / 4 % std::size(names);
             world.push_notify(ScenarioServers::pbx_address(event.detail % 3), names[which],
                               which == 1 ? run.scenario_.url(server_of(event)) : "");
         }},
        {F::link_down_at_start,
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.link_down_at_start_ = true; },
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.link_down_at_start_ = false; }},
        {F::notify_check,
         [](PhoneRun& run, World& world, const ScheduledEvent&) {
             run.command(world, CommandKind::notify, notify_text("check-sync", ""));
         }},
        {F::notify_reboot,
         [](PhoneRun& run, World& world, const ScheduledEvent&) {
             run.trust_.note_reboot_asked();
             run.command(world, CommandKind::notify, notify_text("check-sync;reboot=true", ""));
         }},
        {F::notify_url,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             run.command(world, CommandKind::notify,
                         notify_text("ua-profile", run.scenario_.url(server_of(event))));
         }},
        {F::lease_renewed,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             // Some clients say what class they have named, and another client may come.
             constexpr std::string_view classes[] = {"", "udhcp 1.35.0", "maker's"};
             run.lab_.site().dhcp_client_class = classes[event.detail % std::size(classes)];
             world.plan_lease(world.now().ms, LeaseNews::renewed,
                              run.lab_.lease(run.scenario_.named_by_dhcp));
         }},
        {F::lease_lost,
         [](PhoneRun& run, World& world, const ScheduledEvent&) {
             run.lease_lost_ = true;
             world.plan_lease(world.now().ms, LeaseNews::lost, {});
         }},
        {F::link_flaps,
         [](PhoneRun&, World& world, const ScheduledEvent& event) {
             world.plan_link(world.now().ms, false);
             world.plan_link(world.now().ms + flap_ms + event.detail % 60'000, true);
         }},
        {F::address_changes,
         [](PhoneRun&, World& world, const ScheduledEvent& event) {
             const auto last_octet = static_cast<uint8_t>(100 + event.detail % 50);
             world.plan_address(world.now().ms, {{10, 0, 0, last_octet}, 4});
         }},
        {F::clock_jumps,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             Site& site = run.lab_.site();
             site.hardware_wall_s += jumps_s[event.detail % std::size(jumps_s)];
             world.plan_wall(world.now().ms,
                             site.hardware_wall_s + static_cast<WallSeconds>(site.clock_ms / 1000));
         }},
        {F::port_taken,
         [](PhoneRun& run, World&, const ScheduledEvent&) {
             run.lab_.site().taken_ports = {sip_port};
         },
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.lab_.site().taken_ports.clear(); }},
        {F::resync, [](PhoneRun& run, World& world,
                       const ScheduledEvent&) { run.command(world, CommandKind::resync); }},
        {F::set_value,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             const std::string key(run.vendor_.unmarked_key);
             run.command(world, CommandKind::set,
                         event.detail % 3 == 0 ? "tr069.password=hush-acs\nsplay=7"
                                               : key + "=v" + std::to_string(event.detail % 7));
         }},
        {F::set_url,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             run.command(world, CommandKind::set,
                         "static.url=" + run.scenario_.url(server_of(event)));
         }},
        {F::set_nonsense,
         [](PhoneRun& run, World& world, const ScheduledEvent& event) {
             run.command(world, CommandKind::set,
                         event.detail % 2 == 0 ? "splay=never" : "tr069.pasword=hush-typo");
         }},
        {F::confirm, [](PhoneRun& run, World& world,
                        const ScheduledEvent&) { run.command(world, CommandKind::confirm); }},
        {F::factory_reset,
         [](PhoneRun& run, World& world, const ScheduledEvent&) {
             run.command(world, CommandKind::factory_reset);
         }},
        {F::stop, [](PhoneRun& run, World& world,
                     const ScheduledEvent&) { run.command(world, CommandKind::stop); }},
        {F::power_cut, [](PhoneRun&, World& world,
                          const ScheduledEvent&) { world.plan_power_cut(world.now().ms); }},
        {F::agent_killed,
         [](PhoneRun& run, World&, const ScheduledEvent&) { run.kill_requested_ = true; }},
    };
};

constexpr bool PhoneRun::handlers_are_in_order() {
    constexpr auto first = static_cast<uint32_t>(first_event);
    for (uint32_t i = 0; i < std::size(EventHandlers::rows); ++i) {
        if (EventHandlers::rows[i].kind != static_cast<FaultKind>(first + i)) return false;
    }
    return std::size(EventHandlers::rows) == fault_kind_count - first;
}

const PhoneRun::EventHandler& PhoneRun::handler_of(FaultKind kind) {
    static_assert(handlers_are_in_order());
    return EventHandlers::rows[static_cast<uint32_t>(kind) - static_cast<uint32_t>(first_event)];
}

void PhoneRun::on_scheduled_event(World& world, uint32_t number) {
    if (number >= job_events) return take_job_event(world, number - job_events);
    if (number >= request_events) return take_request_event(world, number - request_events);
    if (done_[number]) return;
    done_[number] = true;
    ScheduledEvent event = events_[number];
    if (event.kind == F::count_)
        return faults_ended_ ? request_provisioning(world) : end_faults(world);
    const bool is_end = (event.detail & end_flag) != 0;
    if (faults_are_stopped()) return;
    if (ladder_)
        ladder_->note(lab_.site().clock_ms,
                      std::string(name_of(event.kind)) + (is_end ? ", no longer" : ""));
    if (!is_end) return apply_event(world, event);
    event.detail &= detail_mask;
    handler_of(event.kind).end(*this, world, event);
}

void PhoneRun::schedule(World& world, uint64_t in_ms, FaultKind kind, uint32_t detail) {
    events_.push_back({lab_.site().clock_ms + in_ms, kind, detail});
    done_.push_back(false);
    world.schedule_event(world.now().ms + in_ms, static_cast<uint32_t>(done_.size()) - 1);
}

void PhoneRun::command(World& world, CommandKind kind, std::string argument) {
    world.plan_command(world.now().ms, kind, std::move(argument));
}

// A fault that lasts gets its end scheduled.
void PhoneRun::apply_event(World& world, const ScheduledEvent& event) {
    count(event.kind);
    const EventHandler& handler = handler_of(event.kind);
    if (handler.end != nullptr)
        schedule(world, duration_ms(event), event.kind, end_flag | (event.detail & detail_mask));
    handler.begin(*this, world, event);
}

void PhoneRun::set_dhcp_behaviour(const DhcpServerBehaviour& behaviour) {
    for (DhcpServer& server : lab_.site().dhcp)
        server.set_behaviour(behaviour);
}

// The phone's DHCP client renews the lease, with whoever has it now.
void PhoneRun::show_lease(World& world) {
    if (lease_lost_) return;
    world.plan_lease(world.now().ms, LeaseNews::renewed, lab_.lease(scenario_.named_by_dhcp));
}

void PhoneRun::set_partition(bool is_partitioned) {
    partition_ = is_partitioned;
    update_network();
}

// Every fault ends. What the phone was handed before, as a lease or a configuration, stays.
void PhoneRun::end_faults(World& world) {
    Site& site = lab_.site();
    stop_faults();
    faults_ended_ = true;
    done_[scenario_.events.size()] = true;
    faults_ended_ms_ = site.clock_ms;
    disk_full_ = partition_ = lease_lost_ = link_down_at_start_ = false;
    update_network();
    site.pbx.set_down(false);
    site.tftp.set_behaviour({});
    lab_.set_tftp_down(false);
    set_dhcp_behaviour({});
    site.taken_ports.clear();
    lab_.publish_finally();
    true_wall_s_ = lab_date_s;
    if (scenario_.lease_shown)
        world.plan_lease(world.now().ms, LeaseNews::bound, lab_.lease(scenario_.named_by_dhcp));
    if (site.hardware_wall_s != scenario_.wall_s) {
        site.hardware_wall_s = scenario_.wall_s;
        world.plan_wall(world.now().ms,
                        scenario_.wall_s + static_cast<WallSeconds>(site.clock_ms / 1000));
    }
    if (ladder_) ladder_->note(site.clock_ms, "the faults stop; offered:" + lab_.offer_words());
    if (!site.link_up) world.plan_link(world.now().ms, true);
    schedule(world, scenario_.request_after_ms, F::count_);
    // The lives of --once end with the faults; a daemon's life follows.
    if (scenario_.once_at_first) world.plan_power_cut(world.now().ms + 1);
}

// A renewed lease makes the phone ask again only where DHCP is a source.
FaultKind PhoneRun::first_request() const {
    return scenario_.final_request == F::lease_renewed && !lab_.renewal_counts()
               ? F::resync
               : scenario_.final_request;
}

void PhoneRun::request_provisioning(World& world) {
    constexpr FaultKind later[] = {F::resync, F::resync, F::power_cut};
    const FaultKind what =
        requests_made_ == 0 ? first_request() : later[requests_made_ % std::size(later)];
    ++requests_made_;
    if (request_unanswered_) violation("nothing came of what the phone was asked for");
    request_unanswered_ = what == F::resync || what == F::notify_check;
    if (ladder_) ladder_->note(lab_.site().clock_ms, "nudged: " + std::string(name_of(what)));
    schedule(world, request_again_ms, F::count_);
    handler_of(what).begin(*this, world, {0, what, 0});
}

// --- faults that depend on the servers -----------------------------------------------------------

void PhoneRun::alter_transfer(const StartTransfer& request, Web::Outcome& outcome) {
    if (const std::string found = trust_.check_request(request); !found.empty()) violation(found);
    if (lab_.is_down(request.url)) {
        outcome = {.refused = true};
        return;
    }
    lab_.attacker().alter_on_path(request, outcome);
    ChosenFaults::alter_transfer(request, outcome);
    trust_.note_answer(request, outcome);
}

void PhoneRun::update_network() {
    network_down_ = partition_ || network_broken_;
}

}  // namespace dialtone::sim
