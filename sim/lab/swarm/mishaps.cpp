// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/mishaps.h"

#include <algorithm>
#include <iterator>

namespace dialtone::sim {
namespace {

using M = Mishap;

constexpr std::string_view names[] = {
    "SIP datagram lost",
    "SIP datagram late",
    "SIP datagram doubled",
    "SIP socket breaks",
    "DHCP datagram lost",
    "DHCP datagram late",
    "DHCP datagram doubled",
    "DHCP socket breaks",
    "TFTP datagram lost",
    "TFTP datagram late",
    "TFTP datagram doubled",
    "TFTP datagram of a stranger",
    "TFTP socket breaks",
    "NTP datagram lost",
    "time server lies",
    "name unknown",
    "name late",
    "socket refused",
    "connection for SIP refused",
    "connection for SIP late",
    "connection for SIP breaks",
    "connection refused",
    "connection unanswered",
    "bad certificate",
    "status 401",
    "status 403",
    "status 404",
    "status 429",
    "status 500",
    "redirect elsewhere",
    "redirect in a circle",
    "answer truncated",
    "connection reset in the body",
    "wrong length",
    "no length",
    "hangs up without an answer",
    "head broken",
    "odd FTP reply",
    "stall before the head",
    "stall in the body",
    "body drips",
    "HTML page",
    "broken file",
    "endless file",
    "write fails",
    "sync fails",
    "remove fails",
    "read fails",
    "disk slow",
    "power cut at a disk step",
    "hooks slow",
    "disk full",
    "server dies",
    "PBX dies",
    "partition",
    "file changes",
    "file goes bad",
    "file breaks the network",
    "file names a lost server",
    "DHCP server lies",
    "DHCP server names another",
    "TFTP server misbehaves",
    "forged SIP",
    "PBX notifies by itself",
    "link down at the start",
    "NOTIFY check-sync",
    "NOTIFY check-sync;reboot",
    "NOTIFY with a URL",
    "lease renewed",
    "lease lost",
    "link flaps",
    "address changes",
    "clock jumps",
    "port taken",
    "resync",
    "set a value",
    "set a URL",
    "set nonsense",
    "confirm",
    "factory reset",
    "stop",
    "power cut",
    "agent killed",
};
static_assert(std::size(names) == mishap_count);

constexpr uint32_t late_ms[] = {20, 300, 2'500, 9'000};
constexpr uint32_t slow_ms[] = {50, 900, 20'000, 45'000};
constexpr uint32_t step_slow_ms[] = {40, 2'000, 43'000};

struct PointKinds {
    Point point;
    Mishap first;
    Mishap last;
};

constexpr PointKinds point_kinds[] = {
    {Point::sip, M::sip_lost, M::sip_breaks},
    {Point::dhcp, M::dhcp_lost, M::dhcp_breaks},
    {Point::tftp, M::tftp_lost, M::tftp_breaks},
    {Point::ntp, M::ntp_lost, M::ntp_lies},
    {Point::names, M::name_unknown, M::name_late},
    {Point::socket, M::socket_refused, M::socket_refused},
    {Point::connection, M::connection_refused, M::connection_breaks},
    {Point::transfer, M::refused, M::endless_file},
    {Point::step, M::write_fails, M::cut_at_step},
    {Point::hooks, M::hooks_slow, M::hooks_slow},
};

Point point_of(Wire wire) {
    constexpr Point points[] = {Point::sip, Point::dhcp, Point::tftp, Point::ntp};
    return points[static_cast<uint32_t>(wire)];
}

bool fits(Mishap mishap, StorageStep step) {
    switch (mishap) {
        case M::write_fails:
            return step == StorageStep::write;
        case M::sync_fails:
            return step == StorageStep::sync_file || step == StorageStep::sync_directory;
        case M::remove_fails:
            return step == StorageStep::remove;
        case M::read_fails:
            return step == StorageStep::read;
        case M::cut_at_step:
            return step != StorageStep::read;
        default:
            return true;
    }
}

// Of what strikes at transfers, what FTP has no form for.
bool of_http_alone(Mishap mishap) {
    constexpr M all[] = {M::status_401, M::status_403,    M::status_429,
                         M::status_500, M::redirect_away, M::redirect_loop};
    return std::ranges::find(all, mishap) != std::end(all);
}

// A time server's clock, put in place of what the answer says.
void put_time(std::vector<uint8_t>& answer, WallSeconds wall_s) {
    constexpr WallSeconds ntp_epoch_s = 2'208'988'800;
    const auto seconds = static_cast<uint32_t>(wall_s + ntp_epoch_s);
    for (uint32_t i = 0; i < 4; ++i)
        answer[40 + i] = static_cast<uint8_t>(seconds >> (24 - 8 * i));
}

}  // namespace

std::string_view name_of(Mishap mishap) {
    return names[static_cast<uint32_t>(mishap)];
}

std::vector<Mishap> mishaps_at(Point point) {
    std::vector<Mishap> kinds;
    for (const PointKinds& row : point_kinds) {
        if (row.point != point) continue;
        for (auto i = static_cast<uint32_t>(row.first); i <= static_cast<uint32_t>(row.last); ++i)
            kinds.push_back(static_cast<Mishap>(i));
    }
    return kinds;
}

void Mishaps::set_danger(Point point, Danger danger) {
    dangers_[static_cast<uint32_t>(point)] = std::move(danger);
}

Mishap Mishaps::strike(Point point) {
    const Danger& danger = dangers_[static_cast<uint32_t>(point)];
    if (calm_ || danger.kinds.empty()) return M::count_;
    const uint32_t which =
        choice_.mishap(static_cast<uint32_t>(danger.kinds.size()), danger.rarity);
    return which == 0 ? M::count_ : danger.kinds[which - 1];
}

// Of what fits the step only, or what seldom fits would hardly ever strike.
Mishap Mishaps::strike_step(StorageStep step) {
    const Danger& danger = dangers_[static_cast<uint32_t>(Point::step)];
    if (calm_) return M::count_;
    std::vector<Mishap> kinds;
    std::ranges::copy_if(danger.kinds, std::back_inserter(kinds),
                         [step](Mishap mishap) { return fits(mishap, step); });
    const uint32_t which = choice_.mishap(static_cast<uint32_t>(kinds.size()), danger.rarity);
    return which == 0 ? M::count_ : kinds[which - 1];
}

Passage Mishaps::of_datagram(Wire wire, bool to_phone) {
    if (cut_off_) return {.lost = true};
    const Point point = point_of(wire);
    const Mishap mishap = strike(point);
    const bool breaks =
        mishap == M::sip_breaks || mishap == M::dhcp_breaks || mishap == M::tftp_breaks;
    const bool inwards = breaks || mishap == M::tftp_forged;
    if (mishap == M::count_ || mishap == M::ntp_lies || (inwards && !to_phone)) return {};
    hit(mishap);
    if (wire == Wire::ntp) return {.lost = true};
    if (mishap == M::tftp_forged) return {.forged = true};
    switch (static_cast<uint32_t>(mishap) - static_cast<uint32_t>(mishaps_at(point).front())) {
        case 0:
            return {.lost = true};
        case 1:
            return {.delay_ms = choice_.of(std::span<const uint32_t>(late_ms))};
        case 2:
            return {.doubled = true};
        default:
            return {.breaks = true};
    }
}

ConnectionFate Mishaps::of_connection(const OpenSocket&) {
    if (cut_off_) return {.failure = "no route to host"};
    const Mishap mishap = strike(Point::connection);
    if (mishap != M::connection_refused && mishap != M::connection_late) return {};
    hit(mishap);
    if (mishap == M::connection_refused) return {.failure = "Connection refused"};
    return {.delay_ms = choice_.of(std::span<const uint32_t>(late_ms))};
}

bool Mishaps::of_stream() {
    if (strike(Point::connection) != M::connection_breaks) return false;
    hit(M::connection_breaks);
    return true;
}

void Mishaps::of_transfer(const StartTransfer& request, Web::Outcome& outcome) {
    if (cut_off_) {
        outcome = {.refused = true, .words = "no route to host"};
        return;
    }
    if (outcome.refused) return;
    const Mishap mishap = strike(Point::transfer);
    if (mishap == M::count_) return;
    Answer& answer = outcome.answer;
    constexpr M of_bodies[] = {M::truncated,     M::reset_inside, M::length_lies, M::no_length,
                               M::stalls_inside, M::drips,        M::broken_file, M::endless_file};
    const bool has_body = answer.status == 200 && answer.body.size() > 1;
    if (std::ranges::find(of_bodies, mishap) != std::end(of_bodies) && !has_body) return;
    const bool is_ftp = request.url.starts_with("ftp");
    if (is_ftp ? of_http_alone(mishap) : mishap == M::ftp_odd) return;
    const bool is_tls = request.url.starts_with("https:") || request.url.starts_with("ftps:");
    if (mishap == M::bad_certificate && !is_tls) return;
    hit(mishap);
    const bool verified = answer.tls_verified;
    if (!refuse(mishap, request, outcome) && !answer_by_status(mishap, request, answer))
        spoil(mishap, answer);
    answer.tls_verified = verified;
}

// The connection is not made. False: it is.
bool Mishaps::refuse(Mishap mishap, const StartTransfer& request, Web::Outcome& outcome) {
    switch (mishap) {
        case M::refused:
            outcome = {.refused = true};
            return true;
        case M::no_answer:
            outcome = {.refused = true,
                       .words = "no answer to the connection",
                       .refused_after_ms = request.connect_ms};
            return true;
        case M::bad_certificate:
            outcome = {.refused = true,
                       .fault = TransferFault::tls,
                       .words = "the certificate is not for this name"};
            return true;
        default:
            return false;
    }
}

// Another status than 200, with a page that may be long, cut or never end. False: no such fault.
bool Mishaps::answer_by_status(Mishap mishap, const StartTransfer& request, Answer& answer) {
    struct Row {
        Mishap mishap;
        uint16_t status;
        std::string_view retry_after;
        std::string_view location;
    };
    const Row rows[] = {
        {M::status_401, 401, "", ""},
        {M::status_403, 403, "", ""},
        {M::status_404, 404, "", ""},
        {M::status_429, 429, choice_.pick(2) == 0 ? "20" : "900", ""},
        {M::status_500, 503, "", ""},
        {M::redirect_away, 302, "", "http://10.0.0.240/gone"},
        {M::redirect_loop, 301, "", request.url},
    };
    const auto row = std::find_if(std::begin(rows), std::end(rows),
                                  [mishap](const Row& one) { return one.mishap == mishap; });
    if (row == std::end(rows)) return false;
    constexpr uint32_t page_bytes[] = {20, 20, 40'000};
    const uint32_t shape = choice_.pick(6);
    answer = {.status = row->status,
              .body = std::string(page_bytes[shape % std::size(page_bytes)], 'x'),
              .location = std::string(row->location),
              .retry_after = std::string(row->retry_after)};
    if (shape == 3) answer.ends_after = 10;
    if (shape == 4) answer.stalls_after = 10;
    return true;
}

// The answer is the file's, and not as it should be.
void Mishaps::spoil(Mishap mishap, Answer& answer) {
    const auto size = static_cast<uint32_t>(std::max<uint64_t>(answer.body.size(), 1));
    // A text of Fanvil's counts without its end, so a server may cut nothing off unnoticed.
    const bool has_end = !answer.body.starts_with("<<");
    switch (mishap) {
        case M::truncated:
            if (choice_.pick(3) == 0) answer.framing = Framing::chunked;
            answer.ends_after = choice_.pick(size);
            return;
        case M::reset_inside:
            if (choice_.pick(3) == 0) answer.framing = Framing::chunked;
            answer.stated_bytes = size;
            answer.body.resize(choice_.pick(size));
            answer.end = BodyEnd::resets;
            return;
        case M::length_lies:
            answer.stated_bytes = has_end && choice_.pick(2) == 0 ? size / 2 : size + 7;
            answer.end = choice_.pick(2) == 0 ? BodyEnd::closes : BodyEnd::stays_open;
            return;
        case M::no_length:
            answer.framing = choice_.pick(2) == 0 ? Framing::chunked : Framing::until_close;
            answer.ftp.size = 500;
            if (answer.framing == Framing::until_close) answer.end = BodyEnd::closes;
            return;
        case M::hangs_up:
            answer.head_fault = HeadFault::no_response;
            return;
        case M::head_broken:
            answer.head_fault = static_cast<HeadFault>(static_cast<uint32_t>(HeadFault::truncated) +
                                                       choice_.pick(8));
            return;
        case M::ftp_odd:
            return spoil_ftp(answer.ftp);
        case M::stalls_at_once:
            answer.stalls_before_head = true;
            return;
        case M::stalls_inside:
            answer.stalls_after = choice_.pick(size);
            return;
        case M::drips:
            answer.piece_interval_ms = choice_.of(std::span<const uint32_t>(slow_ms));
            return;
        case M::html_page:
            answer = {.body = "<html><body>Please log in</body></html>"};
            return;
        case M::broken_file:
            // Fanvil's text counts without its end, so only its head can be broken.
            answer.body.resize(answer.body.starts_with("<<") ? 20 : answer.body.size() / 2);
            return;
        default:
            answer.endless = true;
            return;
    }
}

void Mishaps::spoil_ftp(FtpReplies& ftp) {
    switch (choice_.pick(10)) {
        case 0:
            ftp.greeting = 421;
            return;
        case 1:
            ftp.protection = 536;
            return;
        case 2:
            ftp.size = 550;
            return;
        case 3:
            ftp.extended = ftp.passive = 502;
            return;
        case 4: {
            constexpr uint16_t announcements[] = {0, 450, 550, 553};
            ftp.preliminary = choice_.of(std::span<const uint16_t>(announcements));
            return;
        }
        case 5:
            ftp.size = 500;
            ftp.completion = choice_.pick(2) == 0 ? 426 : 0;
            return;
        case 6:
            ftp.plain_data = true;
            return;
        case 7:
            ftp.stalls_data_handshake = true;
            return;
        case 8:
            ftp.completion = 0;
            return;
        default:
            ftp.size = 500;
            ftp.size_in_preliminary = choice_.pick(2) == 0;
            return;
    }
}

StepFate Mishaps::of_step(const Storage& step) {
    if (disk_full_ && step.step == StorageStep::write) {
        hit(M::disk_full);
        return {.failure = "No space left on device", .carried_out = false};
    }
    const Mishap mishap = strike_step(step.step);
    if (mishap == M::count_) return {};
    hit(mishap);
    if (mishap == M::disk_slow)
        return {.delay_ms = choice_.of(std::span<const uint32_t>(step_slow_ms))};
    if (mishap == M::cut_at_step) {
        cut_asked_ = true;
        return {.carried_out = choice_.pick(2) == 0};
    }
    return {.failure = "Input/output error", .carried_out = choice_.pick(2) != 0};
}

// What was not synced is lost, or all of it is there; `dialtone-lab crash` goes through the rest.
void Mishaps::of_power_cut(Disk& disk) {
    if (choice_.pick(4) != 3) disk.power_cut();
}

void Mishaps::of_names(const Resolve& resolve, std::vector<Address>& addresses,
                       uint32_t& delay_ms) {
    if (parse_address(resolve.name)) return;  // nobody is asked
    if (cut_off_) return addresses.clear();
    const Mishap mishap = strike(Point::names);
    if (mishap == M::count_) return;
    hit(mishap);
    if (mishap == M::name_unknown) return addresses.clear();
    delay_ms = choice_.of(std::span<const uint32_t>(slow_ms));
}

void Mishaps::of_ntp(std::vector<uint8_t>& answer) {
    put_time(answer, true_wall_s_);
    if (strike(Point::ntp) != M::ntp_lies) return;
    hit(M::ntp_lies);
    switch (choice_.pick(5)) {
        case 0:
            return put_time(answer, 1'000'000'000);  // 2001
        case 1:
            return put_time(answer, 4'000'000'000);  // 2096
        case 2:
            answer[24] ^= 1;  // of another question
            return;
        case 3:
            answer[1] = 0;  // not synchronised
            return;
        default:
            answer.resize(20);
            return;
    }
}

std::string Mishaps::of_socket(const OpenSocket&) {
    if (strike(Point::socket) != M::socket_refused) return {};
    hit(M::socket_refused);
    return "Too many open files";
}

uint32_t Mishaps::of_hooks(const RunHooks&) {
    if (strike(Point::hooks) != M::hooks_slow) return 1;
    hit(M::hooks_slow);
    return choice_.of(std::span<const uint32_t>(slow_ms));
}

}  // namespace dialtone::sim
