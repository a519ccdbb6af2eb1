// SPDX-License-Identifier: Apache-2.0
//
// The part of PhoneRun that makes things happen at their appointed time.
#include <algorithm>

#include "sim/lab/swarm/phone_run.h"

namespace dialtone::sim {
namespace {

using M = Mishap;

constexpr uint64_t nudge_again_ms = 600'000;
constexpr uint32_t flap_ms = 3'000;
constexpr uint16_t sip_port = 5060;
constexpr Address forger = {{10, 6, 6, 6}, 4};
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

// Server, and how long, of an appointment's detail.
uint32_t server_of(const Appointment& what) {
    return what.detail % lab_servers;
}
uint64_t duration_ms(const Appointment& what) {
    constexpr uint64_t all[] = {20'000, 90'000, 400'000, 1'500'000};
    return all[what.detail / 16 % std::size(all)];
}

DhcpManners lying_manners(uint32_t detail) {
    using Lie = DhcpManners::Lie;
    constexpr Lie lies[] = {Lie::length,    Lie::no_end,    Lie::no_cookie, Lie::short_head,
                            Lie::other_xid, Lie::other_mac, Lie::request,   Lie::none};
    DhcpManners manners;
    manners.lie = lies[detail % std::size(lies)];
    manners.deaf_to_first = detail / 8 % 3;
    manners.overload = detail / 32 % 2 == 1;
    manners.copies = 1 + detail / 64 % 3;
    manners.silent = detail / 256 % 4 == 0;
    return manners;
}

TftpManners bad_manners(uint32_t detail) {
    TftpManners manners;
    switch (detail % 14) {
        case 0:
            manners.options = TftpManners::Options::refused;
            break;
        case 1:
            manners.options = TftpManners::Options::not_understood;
            break;
        case 2:
            manners.options = TftpManners::Options::passed_over;
            break;
        case 3:
            manners.said_block = 9'000;
            break;
        case 4:
            manners.said_window = 99;
            break;
        case 5:
            manners.silent_after_blocks = detail / 14 % 3;
            break;
        case 6:
            manners.second_transfer = true;
            break;
        case 7:
            manners.oversize_bytes = 10;
            break;
        case 8:
            manners.endless = true;
            break;
        case 9:
            manners.said_size = 3;
            break;
        case 10:
            manners.answers_doubled_acks = true;
            break;
        case 11:
            manners.options = TftpManners::Options::passed_over;
            manners.oversize_bytes = 600;
            break;
        case 12:
            manners.error_after_blocks = detail / 14 % 3;
            manners.largest_block = 16;
            break;
        default:
            manners.largest_block = 16;
            break;
    }
    manners.seed = detail;
    return manners;
}

}  // namespace

void PhoneRun::errand(World& world, uint32_t number) {
    if (kept_[number]) return;
    kept_[number] = true;
    const Appointment what = appointments_[number];
    if (what.what == M::count_) return calm_done_ ? nudge(world) : calm(world);
    const bool is_end = (what.detail >> 31) != 0;
    if (is_calm()) return;
    if (ladder_)
        ladder_->note(lab_.site().clock_ms,
                      std::string(name_of(what.what)) + (is_end ? ", no longer" : ""));
    if (is_end) return end_of(what.what, what.detail & 0xffff);
    happen(world, what);
}

void PhoneRun::appoint(World& world, uint64_t in_ms, Mishap what, uint32_t detail) {
    appointments_.push_back({lab_.site().clock_ms + in_ms, what, detail});
    kept_.push_back(false);
    world.plan_errand(world.now().ms + in_ms, static_cast<uint32_t>(kept_.size()) - 1);
}

void PhoneRun::command(World& world, CommandKind kind, std::string argument) {
    world.plan_command(world.now().ms, kind, std::move(argument));
}

void PhoneRun::happen(World& world, const Appointment& what) {
    hit(what.what);
    constexpr uint32_t ends = 1U << 31;
    constexpr Mishap lasting[] = {M::disk_full,       M::server_dies, M::pbx_dies,
                                  M::partition,       M::dhcp_lies,   M::dhcp_names_other,
                                  M::tftp_misbehaves, M::port_taken,  M::link_down_at_start};
    if (std::find(std::begin(lasting), std::end(lasting), what.what) != std::end(lasting))
        appoint(world, duration_ms(what), what.what, ends | (what.detail & 0xffff));
    if (what.what >= M::notify_check) return happen_to_phone(world, what);
    happen_to_network(world, what);
}

void PhoneRun::happen_to_network(World& world, const Appointment& what) {
    Site& site = lab_.site();
    const uint32_t server = server_of(what);
    switch (what.what) {
        case M::disk_full:
            disk_full_ = true;
            return;
        case M::server_dies:
            lab_.set_dead(server, true);
            return lab_.set_tftp_dead(true);
        case M::pbx_dies:
            return site.pbx.set_down(true);
        case M::partition:
            partition_ = true;
            return update_cut_off();
        case M::file_changes:
            return lab_.publish(server, FileKind::good);
        case M::file_goes_bad: {
            constexpr FileKind bad[] = {FileKind::html_page,    FileKind::broken,
                                        FileKind::other_mac,    FileKind::empty,
                                        FileKind::other_vendor, FileKind::absent};
            return lab_.publish(server, bad[what.detail / 16 % std::size(bad)]);
        }
        case M::breaks_network:
            return lab_.publish(server, FileKind::breaks_network);
        case M::names_lost_server:
            return lab_.publish(server, FileKind::names_server);
        case M::dhcp_lies:
            for (DhcpServer& one : site.dhcp)
                one.set_manners(lying_manners(what.detail));
            return;
        case M::dhcp_names_other:
            if (!site.dhcp.empty()) lab_.put_dhcp_option(server);
            if (scenario_.lease_shown)
                world.plan_lease(world.now().ms, LeaseNews::renewed, lab_.lease(server));
            return;
        case M::tftp_misbehaves:
            return site.tftp.set_manners(bad_manners(what.detail));
        case M::pbx_notifies: {
            constexpr std::string_view events[] = {"check-sync", "ua-profile", "resync"};
            const uint32_t which = what.detail / 4 % std::size(events);
            return world.push_notify(LabSite::pbx_address(what.detail % 3), events[which],
                                     which == 1 ? scenario_.url(server) : "");
        }
        case M::link_down_at_start:
            link_down_at_start_ = true;
            return;
        default:  // sip_forged
            return world.plan_datagram(world.now().ms, sip_port, forger, sip_port,
                                       bytes_of(notify_text("ua-profile", LabSite::forger_url)));
    }
}

void PhoneRun::happen_to_phone(World& world, const Appointment& what) {
    Site& site = lab_.site();
    const uint32_t server = server_of(what);
    const uint64_t now_ms = world.now().ms;
    const bool fanvil = scenario_.profile == "fanvil";
    switch (what.what) {
        case M::notify_check:
            return command(world, CommandKind::notify, notify_text("check-sync", ""));
        case M::notify_reboot:
            return command(world, CommandKind::notify, notify_text("check-sync;reboot=true", ""));
        case M::notify_url:
            return command(world, CommandKind::notify,
                           notify_text("ua-profile", scenario_.url(server)));
        case M::lease_renewed:
            return world.plan_lease(now_ms, LeaseNews::renewed,
                                    lab_.lease(scenario_.named_by_dhcp));
        case M::lease_lost:
            lease_lost_ = true;
            return world.plan_lease(now_ms, LeaseNews::lost, {});
        case M::link_flaps:
            world.plan_link(now_ms, false);
            return world.plan_link(now_ms + flap_ms + what.detail % 60'000, true);
        case M::address_changes:
            return world.plan_address(
                now_ms, {{10, 0, 0, static_cast<uint8_t>(100 + what.detail % 50)}, 4});
        case M::clock_jumps: {
            const WallSeconds jump_s = jumps_s[what.detail % std::size(jumps_s)];
            site.hardware_wall_s += jump_s;
            return world.plan_wall(
                now_ms, site.hardware_wall_s + static_cast<WallSeconds>(site.clock_ms / 1000));
        }
        case M::port_taken:
            site.taken_ports = {sip_port};
            return;
        case M::resync:
            return command(world, CommandKind::resync);
        case M::set_value:
            if (what.detail % 3 == 0)
                return command(world, CommandKind::set, "tr069.password=hush-acs");
            return command(world, CommandKind::set,
                           std::string(fanvil ? "PHONE FEATURE MODULE/Door" : "P330") + "=v" +
                               std::to_string(what.detail % 7));
        case M::set_url:
            return command(world, CommandKind::set, "static.url=" + scenario_.url(server));
        case M::set_nonsense:
            return command(world, CommandKind::set,
                           what.detail % 2 == 0 ? "splay=never" : "tr069.pasword=hush-typo");
        case M::confirm:
            return command(world, CommandKind::confirm);
        case M::factory_reset:
            return command(world, CommandKind::factory_reset);
        case M::stop:
            return command(world, CommandKind::stop);
        case M::power_cut:
            return world.plan_power_cut(now_ms);
        default:  // killed
            kill_asked_ = true;
            return;
    }
}

void PhoneRun::end_of(Mishap what, uint32_t detail) {
    Site& site = lab_.site();
    switch (what) {
        case M::disk_full:
            disk_full_ = false;
            return;
        case M::server_dies:
            lab_.set_dead(detail % lab_servers, false);
            return lab_.set_tftp_dead(false);
        case M::pbx_dies:
            return site.pbx.set_down(false);
        case M::partition:
            partition_ = false;
            return update_cut_off();
        case M::dhcp_lies:
            for (DhcpServer& one : site.dhcp)
                one.set_manners({});
            return;
        case M::dhcp_names_other:
            if (!site.dhcp.empty()) lab_.put_dhcp_option(scenario_.named_by_dhcp);
            return;
        case M::tftp_misbehaves:
            return site.tftp.set_manners({});
        case M::link_down_at_start:
            link_down_at_start_ = false;
            return;
        default:
            site.taken_ports.clear();
            return;
    }
}

// The faults stop. What the phone has been told stays told.
void PhoneRun::calm(World& world) {
    Site& site = lab_.site();
    calm_down();
    calm_done_ = true;
    kept_[scenario_.appointments.size()] = true;
    calm_ms_ = site.clock_ms;
    disk_full_ = partition_ = lease_lost_ = link_down_at_start_ = false;
    update_cut_off();
    site.pbx.set_down(false);
    site.tftp.set_manners({});
    lab_.set_tftp_dead(false);
    for (DhcpServer& one : site.dhcp)
        one.set_manners({});
    site.taken_ports.clear();
    lab_.publish_finally();
    if (scenario_.lease_shown)
        world.plan_lease(world.now().ms, LeaseNews::bound, lab_.lease(scenario_.named_by_dhcp));
    if (ladder_) ladder_->note(site.clock_ms, "the faults stop; offered:" + lab_.offer_words());
    if (!site.link_up) world.plan_link(world.now().ms, true);
    appoint(world, scenario_.nudge_after_ms, M::count_);
    // The one life that --once was for is over.
    if (scenario_.once_at_first) world.plan_power_cut(world.now().ms + 1);
}

// A lease that is renewed counts only where DHCP is a source.
Mishap PhoneRun::first_nudge() const {
    return scenario_.nudge == M::lease_renewed && !lab_.renewal_counts() ? M::resync
                                                                         : scenario_.nudge;
}

void PhoneRun::nudge(World& world) {
    constexpr Mishap later[] = {M::resync, M::resync, M::power_cut};
    const Mishap what = nudges_ == 0 ? first_nudge() : later[nudges_ % std::size(later)];
    ++nudges_;
    if (nudge_unheard_) violation("nothing came of what the phone was asked for");
    nudge_unheard_ = what == M::resync || what == M::notify_check;
    if (ladder_) ladder_->note(lab_.site().clock_ms, "nudged: " + std::string(name_of(what)));
    appoint(world, nudge_again_ms, M::count_);
    happen_to_phone(world, {0, what, 0});
}

// --- fates that depend on the site ---------------------------------------------------------------

void PhoneRun::of_transfer(const StartTransfer& request, Web::Outcome& outcome) {
    if (lab_.is_dead(request.url)) {
        outcome = {.refused = true};
        return;
    }
    Mishaps::of_transfer(request, outcome);
}

void PhoneRun::update_cut_off() {
    cut_off_ = partition_ || network_broken_;
}

}  // namespace dialtone::sim
