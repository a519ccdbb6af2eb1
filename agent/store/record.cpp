// SPDX-License-Identifier: Apache-2.0
#include "agent/store/record.h"

#include <algorithm>
#include <cassert>

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
};
constexpr uint32_t tags_needed = (1U << refused_tag) - (1U << sequence_tag);

// The largest record that is ever written can also be read.
constexpr uint32_t refused_plan_bytes = sizeof(Sha256) + 1 + 8;
constexpr uint32_t numbers_bytes = 3 * (tlv_head_bytes + 4) + 3 * (tlv_head_bytes + 1);
static_assert(tlv_preface_bytes + numbers_bytes +
                  limits::refused_digests_kept * (tlv_head_bytes + refused_plan_bytes) +
                  limits::unknown_tag_bytes + tlv_head_bytes + sizeof(Sha256) <=
              limits::record_bytes);

std::unexpected<Error> refuse(ErrorCode code, std::string_view detail, const Tlv& tlv) {
    return fail(code, std::string(detail), Position::at_offset(tlv.offset));
}

// `into` is left alone when the value is not one number up to `highest`.
template <typename Number>
Status take_number(Number& into, uint32_t highest, const Tlv& tlv) {
    ByteReader in(tlv.value);
    const uint32_t number = tlv.tag <= other_tag ? in.u32() : in.u8();
    if (!in.whole() || number > highest)
        return refuse(ErrorCode::malformed, "a number of the record is none", tlv);
    into = static_cast<Number>(number);
    return {};
}

Status take_refused(Record& record, const Tlv& tlv) {
    ByteReader in(tlv.value);
    RefusedPlan plan;
    const auto digest = in.bytes(sizeof(Sha256));
    plan.tries = in.u8();
    plan.not_before_s = static_cast<int64_t>(in.u64());
    if (!in.whole()) return refuse(ErrorCode::malformed, "a refused plan is none", tlv);
    if (record.refused.size() == limits::refused_digests_kept)
        return refuse(ErrorCode::too_big, "there are too many refused plans", tlv);
    std::copy(digest.begin(), digest.end(), plan.digest.begin());
    record.refused.push_back(plan);
    return {};
}

Status take_tag(Record& record, uint32_t& seen, const Tlv& tlv) {
    if (tlv.tag >= sequence_tag && tlv.tag < refused_tag) TRY(see_once(seen, tlv));
    constexpr auto last_trial = static_cast<uint32_t>(TrialState::returning);
    switch (tlv.tag) {
        case sequence_tag:
            return take_number(record.sequence, UINT32_MAX, tlv);
        case active_tag:
            return take_number(record.active, UINT32_MAX, tlv);
        case other_tag:
            return take_number(record.other, UINT32_MAX, tlv);
        case trial_tag:
            return take_number(record.trial, last_trial, tlv);
        case trial_boots_tag:
            return take_number(record.trial_boots, UINT8_MAX, tlv);
        case hooks_due_tag:
            return take_number(record.hooks_due, 1, tlv);
        case refused_tag:
            return take_refused(record, tlv);
        default:
            return keep_unknown(record.unknown, tlv);
    }
}

// Sequence numbers wrap: the later one is less than half the circle ahead.
bool is_later(uint32_t one, uint32_t other) {
    return static_cast<int32_t>(one - other) > 0;
}

}  // namespace

std::vector<uint8_t> encode_record(const Record& record) {
    assert(record.refused.size() <= limits::refused_digests_kept);
    TlvWriter out(magic, version);
    out.put(sequence_tag, ByteWriter().u32(record.sequence).view());
    out.put(active_tag, ByteWriter().u32(record.active).view());
    out.put(other_tag, ByteWriter().u32(record.other).view());
    out.put(trial_tag, ByteWriter().u8(static_cast<uint8_t>(record.trial)).view());
    out.put(trial_boots_tag, ByteWriter().u8(record.trial_boots).view());
    out.put(hooks_due_tag, ByteWriter().u8(record.hooks_due ? 1 : 0).view());
    for (const RefusedPlan& plan : record.refused) {
        ByteWriter value;
        value.bytes(plan.digest).u8(plan.tries).u64(static_cast<uint64_t>(plan.not_before_s));
        out.put(refused_tag, value.view());
    }
    put_unknown(out, record.unknown);
    return out.seal();
}

Result<Record> decode_record(std::span<const uint8_t> copy) {
    TlvReader in = TRY(TlvReader::open(copy, magic, version, limits::record_bytes));
    Record record;
    uint32_t seen = 0;
    while (const auto tlv = in.next())
        TRY(take_tag(record, seen, *tlv));
    if (seen != tags_needed)
        return fail(ErrorCode::malformed, "a number of the record is not there");
    return record;
}

RecordChoice choose_record(
    std::span<const std::span<const uint8_t>, limits::record_copies> copies) {
    static_assert(limits::record_copies == 2, "the next write goes to the other copy");
    RecordChoice choice;
    bool chosen = false;
    for (uint8_t copy = 0; copy < limits::record_copies; ++copy) {
        if (copies[copy].empty()) continue;
        auto record = decode_record(copies[copy]);
        if (!record) {
            ++choice.broken;
            continue;
        }
        if (chosen && !is_later(record->sequence, choice.record.sequence)) continue;
        choice.record = std::move(*record);
        choice.next_copy = copy ^ 1U;
        chosen = true;
    }
    return choice;
}

std::string record_copy_name(uint8_t copy) {
    return "record." + std::to_string(copy);
}

std::string generation_name(uint32_t number) {
    return "generation." + std::to_string(number % limits::generation_slots);
}

}  // namespace dialtone
