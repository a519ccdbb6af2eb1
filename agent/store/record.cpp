// SPDX-License-Identifier: Apache-2.0
#include "agent/store/record.h"

#include <algorithm>
#include <cassert>

#include "agent/store/durable_files.h"
#include "agent/store/enum_form.h"
#include "agent/store/tlv.h"

namespace dialtone {
namespace {

constexpr std::string_view magic = "DTRC";
constexpr uint8_t version = 1;

enum Tag : uint8_t {
    sequence_tag = 1,
    active_tag,
    other_tag,
    trial_tag,
    trial_boots_tag,
    hooks_due_tag,
    refused_tag,
    notify_reboots_tag,
    trust_tag,
    bootstrapped_tag,
    acs_event_tag,
    acs_trial_tag,
    scheduled_tag,
    watched_tag,
    counters_tag,
    transfer_tag,
};
constexpr uint8_t keys_proven_flag = 1;
constexpr uint8_t several_flag = 1;
constexpr uint8_t done_flag = 1;
constexpr uint8_t at_any_time_flag = 1;
constexpr uint32_t tags_needed = (1U << refused_tag) - (1U << sequence_tag);

// The largest record that is ever written can also be read.
constexpr uint32_t refused_plan_bytes = sizeof(Sha256) + 1 + 8;
constexpr uint32_t numbers_bytes =
    3 * (tlv_head_bytes + 4) + 3 * (tlv_head_bytes + 1) + tlv_head_bytes + 2;
constexpr uint32_t trust_bytes =
    tlv_head_bytes + 4 + 8 + 2 + (limits::credential_servers + 1) * (1 + 2 + limits::host_bytes);
constexpr uint32_t bootstrapped_bytes = tlv_head_bytes + sizeof(Sha256);
constexpr uint32_t acs_event_bytes = tlv_head_bytes + 1 + 2 + limits::cwmp_key_bytes;
constexpr uint32_t acs_trial_bytes = tlv_head_bytes + 4 + 1;
constexpr uint32_t scheduled_bytes = tlv_head_bytes + 8 + 4 + 2 + limits::cwmp_key_bytes;
constexpr uint32_t watched_bytes = 8 + 4 + 1;
constexpr uint32_t counter_bytes = 8 + 4;
constexpr uint32_t window_bytes = 4 + 4 + 1 + 4;
constexpr uint32_t transfer_fixed_bytes = tlv_head_bytes + 3 + 4 + 8 + 4 + 4 + 8 + 8 + 7 * 2;
constexpr uint32_t acs_bytes =
    bootstrapped_bytes + limits::cwmp_methods_kept * acs_event_bytes + tlv_head_bytes + 1 + 2 +
    acs_trial_bytes + limits::cwmp_scheduled * scheduled_bytes + tlv_head_bytes +
    limits::cwmp_watched * watched_bytes + tlv_head_bytes + limits::cwmp_tables * counter_bytes;
static_assert(acs_bytes <= limits::cwmp_record_bytes);
static_assert(limits::cwmp_transfers *
                  (transfer_fixed_bytes + limits::cwmp_key_bytes + limits::cwmp_file_type_bytes) <=
              limits::cwmp_transfers_bytes);  // those that are done, whatever they say
static_assert(tlv_preface_bytes + numbers_bytes + trust_bytes + acs_bytes +
                  limits::cwmp_transfers_bytes +
                  limits::refused_digests_kept * (tlv_head_bytes + refused_plan_bytes) +
                  limits::unknown_tag_bytes + tlv_head_bytes + sizeof(Sha256) <=
              limits::record_bytes);

std::unexpected<Error> refuse(ErrorCode code, std::string_view detail, const Tlv& tlv) {
    return fail(code, std::string(detail), Position::at_offset(tlv.offset));
}

constexpr EnumForm trial_form = {
    .tag = trial_tag,
    .first_highest = static_cast<uint8_t>(TrialState::returning),
    .highest = static_cast<uint8_t>(TrialState::returning),
    .stands_in = static_cast<uint8_t>(TrialState::trying),
};
constexpr std::string_view trial_words[] = {"none", "trying", "returning"};

// A record on its way out of a copy.
struct Reading {
    Record record = {};
    uint32_t seen = 0;           // tags that stand there once
    bool trial_unknown = false;  // and taken for one of those that are known
    uint32_t trust_stamp = 0;    // with which sequence the trust was written
    uint32_t acs_stamp = 0;      // beside which generation the trial of an ACS was
    LaterParts later = {};
};

Status take_u32(uint32_t& into, const Tlv& tlv) {
    ByteReader in(tlv.value);
    into = in.u32();
    if (!in.whole()) return refuse(ErrorCode::malformed, "a number of the record is none", tlv);
    return {};
}

Status take_u8(uint8_t& into, const Tlv& tlv) {
    ByteReader in(tlv.value);
    into = in.u8();
    if (!in.whole()) return refuse(ErrorCode::malformed, "a number of the record is none", tlv);
    return {};
}

Status take_trial(Reading& reading, const Tlv& tlv) {
    uint8_t value = 0;
    TRY(take_u8(value, tlv));
    const uint8_t taken_as = first_release_value(trial_form, value);
    reading.record.trial = static_cast<TrialState>(taken_as);
    reading.trial_unknown = value > trial_form.first_highest;
    if (reading.trial_unknown)
        reading.later.unknown_value("its trial", value, trial_words[taken_as]);
    return {};
}

Status take_hooks_due(Reading& reading, const Tlv& tlv) {
    uint8_t value = 0;
    TRY(take_u8(value, tlv));
    reading.record.hooks_due = value != 0;
    return {};
}

Status take_refused(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    RefusedPlan plan;
    const auto digest = in.bytes(sizeof(Sha256));
    plan.tries = in.u8();
    plan.not_before_s = static_cast<int64_t>(in.u64());
    if (!in.whole()) return refuse(ErrorCode::malformed, "a refused plan is none", tlv);
    std::copy(digest.begin(), digest.end(), plan.digest.begin());
    std::vector<RefusedPlan>& refused = reading.record.refused;
    refused.push_back(plan);
    if (refused.size() > limits::refused_digests_kept) {
        refused.erase(refused.begin());
        reading.later.dropped_tag();
    }
    return {};
}

// A count above what is ever given back is none.
Status take_notify_reboots(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    NotifyReboots& reboots = reading.record.notify_reboots;
    reboots.left = static_cast<uint8_t>(std::min<uint32_t>(in.u8(), limits::notify_reboots));
    reboots.under_way = in.u8() != 0;
    if (!in.whole()) return refuse(ErrorCode::malformed, "a number of the record is none", tlv);
    return {};
}

// A proof that a later release knows asks for no less than the strongest one of this release.
Status take_trust(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    Trust& trust = reading.record.trust;
    reading.trust_stamp = in.u32();
    trust.floor_s = static_cast<WallSeconds>(in.u64());
    trust.pin.proof = static_cast<Proof>(std::min(in.u8(), static_cast<uint8_t>(strongest_proof)));
    trust.pin.keys_proven = (in.u8() & keys_proven_flag) != 0;
    trust.pin.host = in.short_text();
    while (!in.whole() && trust.credential_servers.size() < limits::credential_servers) {
        const bool by_tls = in.u8() != 0;
        trust.credential_servers.push_back({std::string(in.short_text()), by_tls});
    }
    if (!in.whole()) return refuse(ErrorCode::malformed, "the trust of the record is none", tlv);
    return {};
}

Status take_bootstrapped(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const auto digest = in.bytes(sizeof(Sha256));
    if (!in.whole()) return refuse(ErrorCode::malformed, "a digest of the record is none", tlv);
    std::copy(digest.begin(), digest.end(), reading.record.acs.bootstrapped.begin());
    return {};
}

// An event that a later release knows is kept for it, and told to nobody.
Status take_acs_event(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint8_t code = in.u8();
    const std::string_view command_key = in.short_text();
    if (!in.whole() || command_key.size() > limits::cwmp_key_bytes)
        return refuse(ErrorCode::malformed, "an event of the record is none", tlv);
    std::vector<AcsEvent>& events = reading.record.acs.events;
    const bool known = code >= 1 && code <= static_cast<uint8_t>(last_acs_event_code);
    if (known && events.size() < limits::cwmp_events_kept) {
        events.push_back({static_cast<AcsEventCode>(code), std::string(command_key)});
    } else if (!keep_unknown(reading.record.unknown, tlv)) {
        reading.later.dropped_tag();
    }
    return {};
}

Status take_acs_trial(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    reading.acs_stamp = in.u32();
    const uint8_t flags = in.u8();
    if (!in.whole()) return refuse(ErrorCode::malformed, "a trial of the record is none", tlv);
    reading.record.acs_trial = {.under_way = true, .several = (flags & several_flag) != 0};
    return {};
}

Status take_scheduled(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    ScheduledInform one;
    one.due_s = static_cast<WallSeconds>(in.u64());
    one.left_s = in.u32();
    one.command_key = in.short_text();
    if (!in.whole() || one.command_key.size() > limits::cwmp_key_bytes)
        return refuse(ErrorCode::malformed, "a session of the record is none", tlv);
    std::vector<ScheduledInform>& scheduled = reading.record.acs.scheduled;
    if (scheduled.size() < limits::cwmp_scheduled) {
        scheduled.push_back(std::move(one));
    } else {
        reading.later.dropped_tag();
    }
    return {};
}

// A notification that a later release knows is one that tells most.
Status take_watched(Reading& reading, const Tlv& tlv) {
    constexpr uint8_t tells_most = 2;
    if (tlv.value.size() % watched_bytes != 0)
        return refuse(ErrorCode::malformed, "what is watched is none", tlv);
    ByteReader in(tlv.value);
    std::vector<WatchedValue>& watched = reading.record.acs.watched;
    while (!in.whole()) {
        WatchedValue one;
        one.path = in.u64();
        one.told = in.u32();
        one.notification = std::min(in.u8(), tells_most);
        if (watched.size() < limits::cwmp_watched) {
            watched.push_back(one);
        } else {
            reading.later.dropped_tag();
        }
    }
    return {};
}

Status take_counters(Reading& reading, const Tlv& tlv) {
    if (tlv.value.size() % counter_bytes != 0)
        return refuse(ErrorCode::malformed, "a counter of the record is none", tlv);
    ByteReader in(tlv.value);
    std::vector<InstanceCounter>& counters = reading.record.acs.counters;
    while (!in.whole()) {
        InstanceCounter one;
        one.path = in.u64();
        one.next = in.u32();
        if (counters.size() < limits::cwmp_tables) {
            counters.push_back(one);
        } else {
            reading.later.dropped_tag();
        }
    }
    return {};
}

void take_windows(AcsTransfer& transfer, ByteReader& in) {
    while (!in.whole() && transfer.windows.size() < limits::cwmp_windows) {
        TransferWindow window;
        window.start_s = in.u32();
        window.end_s = in.u32();
        window.at_any_time = (in.u8() & at_any_time_flag) != 0;
        window.retries = static_cast<int32_t>(in.u32());
        transfer.windows.push_back(window);
    }
}

Status take_transfer(Reading& reading, const Tlv& tlv) {
    ByteReader in(tlv.value);
    AcsTransfer one;
    const uint8_t kind = in.u8();
    one.kind = static_cast<TransferKind>(kind);
    one.done = (in.u8() & done_flag) != 0;
    one.proof = static_cast<Proof>(std::min(in.u8(), static_cast<uint8_t>(strongest_proof)));
    one.file_bytes = in.u32();
    one.due_s = static_cast<WallSeconds>(in.u64());
    one.left_s = in.u32();
    one.fault = in.u32();
    one.started_s = static_cast<WallSeconds>(in.u64());
    one.completed_s = static_cast<WallSeconds>(in.u64());
    for (std::string* text : {&one.command_key, &one.file_type, &one.url, &one.user, &one.password,
                              &one.target_name, &one.reason})
        *text = in.short_text();
    take_windows(one, in);
    if (!in.whole() || one.command_key.size() > limits::cwmp_key_bytes)
        return refuse(ErrorCode::malformed, "a transfer of the record is none", tlv);
    std::vector<AcsTransfer>& transfers = reading.record.acs.transfers;
    const bool known = kind >= 1 && kind <= static_cast<uint8_t>(last_transfer_kind);
    const bool has_room =
        transfers.size() < limits::cwmp_transfers &&
        bytes_in_record(transfers) + bytes_in_record({&one, 1}) <= limits::cwmp_transfers_bytes;
    if (known && has_room) {
        transfers.push_back(std::move(one));
    } else if (!keep_unknown(reading.record.unknown, tlv)) {
        reading.later.dropped_tag();
    }
    return {};
}

Status take_tag(Reading& reading, const Tlv& tlv) {
    const bool once = (tlv.tag >= sequence_tag && tlv.tag <= bootstrapped_tag) ||
                      tlv.tag == acs_trial_tag || tlv.tag == watched_tag || tlv.tag == counters_tag;
    if (once && tlv.tag != refused_tag) TRY(see_once(reading.seen, tlv));
    switch (tlv.tag) {
        case sequence_tag:
            return take_u32(reading.record.sequence, tlv);
        case active_tag:
            return take_u32(reading.record.active, tlv);
        case other_tag:
            return take_u32(reading.record.other, tlv);
        case trial_tag:
            return take_trial(reading, tlv);
        case trial_boots_tag:
            return take_u8(reading.record.trial_boots, tlv);
        case hooks_due_tag:
            return take_hooks_due(reading, tlv);
        case refused_tag:
            return take_refused(reading, tlv);
        case notify_reboots_tag:
            return take_notify_reboots(reading, tlv);
        case trust_tag:
            return take_trust(reading, tlv);
        case bootstrapped_tag:
            return take_bootstrapped(reading, tlv);
        case acs_event_tag:
            return take_acs_event(reading, tlv);
        case acs_trial_tag:
            return take_acs_trial(reading, tlv);
        case scheduled_tag:
            return take_scheduled(reading, tlv);
        case watched_tag:
            return take_watched(reading, tlv);
        case counters_tag:
            return take_counters(reading, tlv);
        case transfer_tag:
            return take_transfer(reading, tlv);
        default:
            if (!keep_unknown(reading.record.unknown, tlv)) reading.later.dropped_tag();
            return {};
    }
}

void put_trust(TlvWriter& out, const Trust& trust, uint32_t stamp) {
    ByteWriter value;
    value.u32(stamp).u64(static_cast<uint64_t>(trust.floor_s));
    value.u8(static_cast<uint8_t>(trust.pin.proof));
    value.u8(trust.pin.keys_proven ? keys_proven_flag : 0).short_text(trust.pin.host);
    for (const ServerName& server : trust.credential_servers)
        value.u8(server.by_tls ? 1 : 0).short_text(server.host);
    out.put(trust_tag, value.view());
}

void put_transfer(TlvWriter& out, const AcsTransfer& one) {
    ByteWriter value;
    value.u8(static_cast<uint8_t>(one.kind)).u8(one.done ? done_flag : 0);
    value.u8(static_cast<uint8_t>(one.proof)).u32(one.file_bytes);
    value.u64(static_cast<uint64_t>(one.due_s)).u32(one.left_s).u32(one.fault);
    value.u64(static_cast<uint64_t>(one.started_s)).u64(static_cast<uint64_t>(one.completed_s));
    value.short_text(one.command_key).short_text(one.file_type).short_text(one.url);
    value.short_text(one.user).short_text(one.password).short_text(one.target_name);
    value.short_text(one.reason);
    for (const TransferWindow& window : one.windows) {
        value.u32(window.start_s).u32(window.end_s);
        value.u8(window.at_any_time ? at_any_time_flag : 0);
        value.u32(static_cast<uint32_t>(window.retries));
    }
    out.put(transfer_tag, value.view());
}

void put_acs(TlvWriter& out, const AcsMemory& acs) {
    if (acs.bootstrapped != Sha256{}) out.put(bootstrapped_tag, acs.bootstrapped);
    for (const AcsEvent& event : acs.events) {
        ByteWriter value;
        value.u8(static_cast<uint8_t>(event.code)).short_text(event.command_key);
        out.put(acs_event_tag, value.view());
    }
    for (const ScheduledInform& one : acs.scheduled) {
        ByteWriter value;
        value.u64(static_cast<uint64_t>(one.due_s)).u32(one.left_s).short_text(one.command_key);
        out.put(scheduled_tag, value.view());
    }
    ByteWriter watched;
    for (const WatchedValue& one : acs.watched)
        watched.u64(one.path).u32(one.told).u8(one.notification);
    if (!acs.watched.empty()) out.put(watched_tag, watched.view());
    ByteWriter counters;
    for (const InstanceCounter& one : acs.counters)
        counters.u64(one.path).u32(one.next);
    if (!acs.counters.empty()) out.put(counters_tag, counters.view());
    for (const AcsTransfer& one : acs.transfers)
        put_transfer(out, one);
}

void put_acs_trial(TlvWriter& out, const Record& record) {
    if (!record.acs_trial.under_way) return;
    const uint8_t flags = record.acs_trial.several ? several_flag : 0;
    out.put(acs_trial_tag, ByteWriter().u32(record.active).u8(flags).view());
}

// Sequence numbers wrap: the later one is less than half the circle ahead.
bool is_later(uint32_t one, uint32_t other) {
    return static_cast<int32_t>(one - other) > 0;
}

}  // namespace

uint32_t bytes_in_record(std::span<const AcsTransfer> transfers) {
    size_t bytes = 0;
    for (const AcsTransfer& one : transfers)
        bytes += transfer_fixed_bytes + one.command_key.size() + one.file_type.size() +
                 one.url.size() + one.user.size() + one.password.size() + one.target_name.size() +
                 one.reason.size() + one.windows.size() * window_bytes;
    return static_cast<uint32_t>(bytes);
}

std::vector<uint8_t> encode_record(const Record& record) {
    assert(record.refused.size() <= limits::refused_digests_kept);
    assert(record.acs.events.size() <= limits::cwmp_events_kept);
    assert(record.acs.scheduled.size() <= limits::cwmp_scheduled);
    assert(record.acs.watched.size() <= limits::cwmp_watched);
    assert(record.acs.counters.size() <= limits::cwmp_tables);
    assert(record.acs.transfers.size() <= limits::cwmp_transfers);
    assert(bytes_in_record(record.acs.transfers) <= limits::cwmp_transfers_bytes);
    assert(!record.acs_trial.under_way || record.trial != TrialState::none);
    TlvWriter out(magic, version);
    out.put(sequence_tag, ByteWriter().u32(record.sequence).view());
    out.put(active_tag, ByteWriter().u32(record.active).view());
    out.put(other_tag, ByteWriter().u32(record.other).view());
    const auto trial = static_cast<uint8_t>(record.trial);
    out.put(trial_tag, ByteWriter().u8(first_release_value(trial_form, trial)).view());
    out.put(trial_boots_tag, ByteWriter().u8(record.trial_boots).view());
    out.put(hooks_due_tag, ByteWriter().u8(record.hooks_due ? 1 : 0).view());
    for (const RefusedPlan& plan : record.refused) {
        ByteWriter value;
        value.bytes(plan.digest).u8(plan.tries).u64(static_cast<uint64_t>(plan.not_before_s));
        out.put(refused_tag, value.view());
    }
    const NotifyReboots& reboots = record.notify_reboots;
    if (reboots != NotifyReboots{})
        out.put(notify_reboots_tag, ByteWriter().u8(reboots.left).u8(reboots.under_way).view());
    if (record.trust_known) put_trust(out, record.trust, record.sequence);
    put_acs(out, record.acs);
    put_acs_trial(out, record);
    put_later_value(out, trial_form, trial, record.sequence);
    put_unknown(out, record.unknown);
    return out.seal();
}

Result<Record> decode_record(std::span<const uint8_t> copy, std::string* remark) {
    TlvReader in = TRY(TlvReader::open(copy, magic, version, limits::record_bytes));
    Reading reading;
    while (const auto tlv = in.next())
        TRY(take_tag(reading, *tlv));
    if ((reading.seen & tags_needed) != tags_needed)
        return fail(ErrorCode::malformed, "a number of the record is not there");
    Record& record = reading.record;
    if (const auto trial = take_later_value(record.unknown, trial_form, record.sequence))
        record.trial = static_cast<TrialState>(*trial);
    record.trust_known =
        (reading.seen & (1U << trust_tag)) != 0 && reading.trust_stamp == record.sequence;
    if (!record.trust_known) record.trust = {.floor_s = record.trust.floor_s};
    const bool may_return = record.other != 0;
    if (reading.trial_unknown && !may_return) record.trial = TrialState::none;
    const bool is_of_acs = record.trial != TrialState::none && reading.acs_stamp == record.active;
    if (!is_of_acs) record.acs_trial = {};
    if (remark != nullptr) *remark = reading.later.words();
    return std::move(record);
}

RecordChoice choose_record(
    std::span<const std::span<const uint8_t>, limits::record_copies> copies) {
    static_assert(limits::record_copies == 2, "the next write goes to the other copy");
    RecordChoice choice;
    bool chosen = false;
    for (uint8_t copy = 0; copy < limits::record_copies; ++copy) {
        if (copies[copy].empty()) continue;
        std::string remark;
        auto record = decode_record(copies[copy], &remark);
        if (!record) {
            ++choice.broken;
            continue;
        }
        if (chosen && !is_later(record->sequence, choice.record.sequence)) continue;
        choice.record = std::move(*record);
        choice.remark = std::move(remark);
        choice.next_copy = copy ^ 1U;
        chosen = true;
    }
    return choice;
}

std::string record_copy_name(uint8_t copy) {
    return std::string(durable_name(DurableKind::record, copy));
}

std::string generation_name(uint32_t number) {
    return std::string(durable_name(DurableKind::generation, number % limits::generation_slots));
}

uint32_t next_generation_number(const Record& record) {
    constexpr uint32_t slots = limits::generation_slots;
    uint32_t number = std::max(record.active, record.other) + 1;
    const auto taken = [&](uint32_t used) { return used != 0 && used % slots == number % slots; };
    while (taken(record.active) || taken(record.other))
        ++number;
    return number;
}

}  // namespace dialtone
