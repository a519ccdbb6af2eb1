// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/chosen_faults.h"

#include <algorithm>
#include <cassert>
#include <iterator>

#include "sim/lab/vendor/vendor.h"

namespace dialtone::sim {
namespace {

using F = FaultKind;

constexpr uint32_t late_ms[] = {20, 300, 2'500, 9'000};
constexpr uint32_t slow_ms[] = {50, 900, 20'000, 45'000};
constexpr uint32_t step_slow_ms[] = {40, 2'000, 43'000};

FaultPoint point_of(WireProtocol protocol) {
    switch (protocol) {
        case WireProtocol::sip:
            return FaultPoint::sip;
        case WireProtocol::dhcp:
            return FaultPoint::dhcp;
        case WireProtocol::tftp:
            return FaultPoint::tftp;
        case WireProtocol::ntp:
            return FaultPoint::ntp;
        case WireProtocol::http:
            return FaultPoint::transfer;
    }
    __builtin_unreachable();
}

bool is_one_of(FaultKind kind, std::span<const FaultKind> kinds) {
    return std::ranges::find(kinds, kind) != kinds.end();
}

constexpr F drops[] = {F::sip_lost, F::dhcp_lost, F::tftp_lost, F::ntp_lost};
constexpr F delays[] = {F::sip_late, F::dhcp_late, F::tftp_late};
constexpr F duplicates[] = {F::sip_doubled, F::dhcp_doubled, F::tftp_doubled};
constexpr F socket_breaks[] = {F::sip_breaks, F::dhcp_breaks, F::tftp_breaks};
// Of the faults of a transfer: those that need a body, and those that FTP has no form for.
constexpr F of_bodies[] = {F::truncated,     F::reset_inside, F::wrong_length, F::no_length,
                           F::stalls_inside, F::slow_body,    F::broken_file,  F::endless_file};
constexpr F of_http_alone[] = {F::status_401, F::status_403,    F::status_429,
                               F::status_500, F::redirect_away, F::redirect_loop};

// Whether a fault of the disk can happen to this step.
bool fits(FaultKind kind, StorageStep step) {
    if (kind == F::disk_slow) return true;
    if (kind == F::cut_at_step) return is_mutating(step);
    switch (step) {
        case StorageStep::read:
        case StorageStep::room:
            return kind == F::read_fails;
        case StorageStep::write:
        case StorageStep::append:
            return kind == F::write_fails;
        case StorageStep::sync_file:
        case StorageStep::sync_directory:
            return kind == F::sync_fails;
        case StorageStep::rename:
            return false;
        case StorageStep::remove:
            return kind == F::remove_fails;
    }
    __builtin_unreachable();
}

// A time server's clock, put in place of what the answer says.
void put_time(std::vector<uint8_t>& answer, WallSeconds wall_s) {
    constexpr WallSeconds ntp_epoch_s = 2'208'988'800;
    const auto seconds = static_cast<uint32_t>(wall_s + ntp_epoch_s);
    for (uint32_t i = 0; i < 4; ++i)
        answer[40 + i] = static_cast<uint8_t>(seconds >> (24 - 8 * i));
}

// How a fault changes the answer with the file.
struct Corruption {
    FaultKind kind;
    void (*apply)(Choice& choice, Answer& answer);
};

uint32_t size_of(const Answer& answer) {
    return static_cast<uint32_t>(std::max<uint64_t>(answer.body.size(), 1));
}

// Whether a client notices that the end of the file is missing.
bool has_an_end(const Answer& answer) {
    const LabVendor* vendor = vendor_of_file(answer.body);
    return vendor == nullptr || vendor->broken_bytes == 0;
}

void truncate(Choice& choice, Answer& answer) {
    if (choice.pick(3) == 0) answer.framing = Framing::chunked;
    answer.ends_after = choice.pick(size_of(answer));
}

void reset_inside(Choice& choice, Answer& answer) {
    const uint32_t size = size_of(answer);
    if (choice.pick(3) == 0) answer.framing = Framing::chunked;
    answer.stated_bytes = size;
    answer.body.resize(choice.pick(size));
    answer.end = BodyEnd::resets;
}

void state_wrong_length(Choice& choice, Answer& answer) {
    const uint32_t size = size_of(answer);
    const bool shorter = has_an_end(answer) && choice.pick(2) == 0;
    answer.stated_bytes = shorter ? size / 2 : size + 7;
    answer.end = choice.pick(2) == 0 ? BodyEnd::closes : BodyEnd::stays_open;
}

void state_no_length(Choice& choice, Answer& answer) {
    answer.framing = choice.pick(2) == 0 ? Framing::chunked : Framing::until_close;
    answer.ftp.size = 500;
    if (answer.framing == Framing::until_close) answer.end = BodyEnd::closes;
}

void break_head(Choice& choice, Answer& answer) {
    constexpr auto first = static_cast<uint32_t>(HeadFault::truncated);
    answer.head_fault = static_cast<HeadFault>(first + choice.pick(8));
}

void break_file(Choice&, Answer& answer) {
    const LabVendor* vendor = vendor_of_file(answer.body);
    const uint32_t broken_bytes = vendor == nullptr ? 0 : vendor->broken_bytes;
    answer.body.resize(broken_bytes != 0 ? broken_bytes : answer.body.size() / 2);
}

void corrupt_ftp_replies(Choice& choice, FtpReplies& ftp) {
    switch (choice.pick(10)) {
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
            ftp.preliminary = choice.of(std::span<const uint16_t>(announcements));
            return;
        }
        case 5:
            ftp.size = 500;
            ftp.completion = choice.pick(2) == 0 ? 426 : 0;
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
            ftp.size_in_preliminary = choice.pick(2) == 0;
            return;
    }
}

constexpr Corruption corruptions[] = {
    {F::truncated, truncate},
    {F::reset_inside, reset_inside},
    {F::wrong_length, state_wrong_length},
    {F::no_length, state_no_length},
    {F::hangs_up, [](Choice&, Answer& answer) { answer.head_fault = HeadFault::no_response; }},
    {F::head_broken, break_head},
    {F::ftp_odd, [](Choice& choice, Answer& answer) { corrupt_ftp_replies(choice, answer.ftp); }},
    {F::stalls_at_once, [](Choice&, Answer& answer) { answer.stalls_before_head = true; }},
    {F::stalls_inside,
     [](Choice& choice, Answer& answer) { answer.stalls_after = choice.pick(size_of(answer)); }},
    {F::slow_body,
     [](Choice& choice, Answer& answer) {
         answer.piece_interval_ms = choice.of(std::span<const uint32_t>(slow_ms));
     }},
    {F::html_page,
     [](Choice&, Answer& answer) { answer = {.body = "<html><body>Please log in</body></html>"}; }},
    {F::broken_file, break_file},
    {F::endless_file, [](Choice&, Answer& answer) { answer.endless = true; }},
};

}  // namespace

void ChosenFaults::set_rate(FaultPoint point, FaultRate rate) {
    rates_[static_cast<uint32_t>(point)] = std::move(rate);
}

FaultKind ChosenFaults::draw_fault(FaultPoint point) {
    const FaultRate& rate = rates_[static_cast<uint32_t>(point)];
    if (stopped_ || rate.kinds.empty()) return F::count_;
    const uint32_t which = choice_.rare(static_cast<uint32_t>(rate.kinds.size()), rate.one_in);
    return which == 0 ? F::count_ : rate.kinds[which - 1];
}

// Drawn among the kinds that fit the step: else kinds that seldom fit would hardly ever occur.
FaultKind ChosenFaults::draw_storage_fault(StorageStep step) {
    const FaultRate& rate = rates_[static_cast<uint32_t>(FaultPoint::step)];
    if (stopped_) return F::count_;
    std::vector<FaultKind> kinds;
    std::ranges::copy_if(rate.kinds, std::back_inserter(kinds),
                         [step](FaultKind kind) { return fits(kind, step); });
    const uint32_t which = choice_.rare(static_cast<uint32_t>(kinds.size()), rate.one_in);
    return which == 0 ? F::count_ : kinds[which - 1];
}

PacketFault ChosenFaults::datagram_fault(WireProtocol protocol, bool to_phone) {
    if (network_down_) return {.dropped = true};
    const FaultKind kind = draw_fault(point_of(protocol));
    const bool fits_way = to_phone || kind != F::tftp_spoofed;
    if (kind == F::count_ || kind == F::ntp_wrong || !fits_way) return {};
    count(kind);
    if (is_one_of(kind, drops)) return {.dropped = true};
    if (is_one_of(kind, delays))
        return {.delay_ms = choice_.of(std::span<const uint32_t>(late_ms))};
    if (is_one_of(kind, duplicates)) return {.duplicated = true};
    if (kind == F::tftp_spoofed) return {.spoofed = true};
    return {.breaks_socket = true};
}

ConnectionFault ChosenFaults::connection_fault(const OpenSocket&) {
    if (network_down_) return {.failure = "no route to host"};
    const FaultKind kind = draw_fault(FaultPoint::connection);
    if (kind != F::connection_refused && kind != F::connection_late) return {};
    count(kind);
    if (kind == F::connection_refused) return {.failure = "Connection refused"};
    return {.delay_ms = choice_.of(std::span<const uint32_t>(late_ms))};
}

bool ChosenFaults::stream_breaks() {
    if (draw_fault(FaultPoint::connection) != F::connection_breaks) return false;
    count(F::connection_breaks);
    return true;
}

void ChosenFaults::alter_transfer(const StartTransfer& request, Web::Outcome& outcome) {
    if (network_down_) {
        outcome = {.refused = true, .reason = "no route to host"};
        return;
    }
    if (outcome.refused) return;
    const FaultKind kind = draw_fault(FaultPoint::transfer);
    if (kind == F::count_) return;
    Answer& answer = outcome.answer;
    const bool has_body = answer.status == 200 && answer.body.size() > 1;
    if (is_one_of(kind, of_bodies) && !has_body) return;
    const bool is_ftp = request.url.starts_with("ftp");
    if (is_ftp ? is_one_of(kind, of_http_alone) : kind == F::ftp_odd) return;
    const bool is_tls = request.url.starts_with("https:") || request.url.starts_with("ftps:");
    if (kind == F::bad_certificate && !is_tls) return;
    count(kind);
    const bool verified = answer.tls_verified;
    if (!refuse_connection(kind, request, outcome) && !answer_by_status(kind, request, answer))
        corrupt_answer(kind, answer);
    answer.tls_verified = verified;
}

// The connection is not made. False: it is.
bool ChosenFaults::refuse_connection(FaultKind kind, const StartTransfer& request,
                                     Web::Outcome& outcome) {
    if (kind == F::refused) {
        outcome = {.refused = true};
    } else if (kind == F::no_answer) {
        outcome = {.refused = true,
                   .reason = "no answer to the connection",
                   .refused_after_ms = request.connect_ms};
    } else if (kind == F::bad_certificate) {
        outcome = {.refused = true,
                   .fault = TransferFault::tls,
                   .reason = "the certificate is not for this name"};
    } else {
        return false;
    }
    return true;
}

// Another status than 200, with a page that may be long, cut or never end. False: no such fault.
bool ChosenFaults::answer_by_status(FaultKind kind, const StartTransfer& request, Answer& answer) {
    struct Row {
        FaultKind kind;
        uint16_t status;
        std::string_view retry_after;
        std::string_view location;
    };
    const Row rows[] = {
        {F::status_401, 401, "", ""},
        {F::status_403, 403, "", ""},
        {F::status_404, 404, "", ""},
        {F::status_429, 429, choice_.pick(2) == 0 ? "20" : "900", ""},
        {F::status_500, 503, "", ""},
        {F::redirect_away, 302, "", "http://10.0.0.240/gone"},
        {F::redirect_loop, 301, "", request.url},
    };
    const auto row = std::find_if(std::begin(rows), std::end(rows),
                                  [kind](const Row& one) { return one.kind == kind; });
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
void ChosenFaults::corrupt_answer(FaultKind kind, Answer& answer) {
    const auto* row = std::ranges::find(corruptions, kind, &Corruption::kind);
    assert(row != std::end(corruptions));
    row->apply(choice_, answer);
}

StorageFault ChosenFaults::storage_fault(const Storage& step) {
    const bool grows = step.step == StorageStep::write || step.step == StorageStep::append;
    if (disk_full_ && grows) {
        count(F::disk_full);
        return {.failure = "No space left on device", .carried_out = false};
    }
    const FaultKind kind = draw_storage_fault(step.step);
    if (kind == F::count_) return {};
    count(kind);
    if (kind == F::disk_slow)
        return {.delay_ms = choice_.of(std::span<const uint32_t>(step_slow_ms))};
    if (kind == F::cut_at_step) {
        power_cut_requested_ = true;
        return {.carried_out = choice_.pick(2) == 0};
    }
    return {.failure = "Input/output error", .carried_out = choice_.pick(2) != 0};
}

// What was not synced is lost, or all of it is there; `dialtone-lab crash` goes through the rest.
void ChosenFaults::cut_power(Disk& disk) {
    if (choice_.pick(4) != 3) disk.power_cut();
}

void ChosenFaults::alter_resolution(const Resolve& resolve, std::vector<Address>& addresses,
                                    uint32_t& delay_ms) {
    if (parse_address(resolve.name)) return;  // nobody is asked
    if (network_down_) return addresses.clear();
    const FaultKind kind = draw_fault(FaultPoint::names);
    if (kind == F::count_) return;
    count(kind);
    if (kind == F::name_unknown) return addresses.clear();
    delay_ms = choice_.of(std::span<const uint32_t>(slow_ms));
}

void ChosenFaults::alter_ntp_response(std::vector<uint8_t>& answer) {
    put_time(answer, true_wall_s_);
    if (draw_fault(FaultPoint::ntp) != F::ntp_wrong) return;
    count(F::ntp_wrong);
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

std::string ChosenFaults::socket_failure(const OpenSocket&) {
    if (draw_fault(FaultPoint::socket) != F::socket_refused) return {};
    count(F::socket_refused);
    return "Too many open files";
}

uint32_t ChosenFaults::hooks_duration_ms(const RunHooks&) {
    if (draw_fault(FaultPoint::hooks) != F::hooks_slow) return 1;
    count(F::hooks_slow);
    return choice_.of(std::span<const uint32_t>(slow_ms));
}

}  // namespace dialtone::sim
