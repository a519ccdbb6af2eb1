// SPDX-License-Identifier: Apache-2.0
//
// The boot record: the few bytes that say which generation is active and whether it is on trial.
// Two copies in two files; each change goes to the older copy, so that a power cut in the middle
// of it leaves the other one whole. The copy with the higher sequence number that checks is the
// record.
//
// On disk: "DTRC" in the frame of tlv.h.
//
//     1 sequence u32     3 other u32    5 trial_boots u8     7 refused  sha256 tries:u8
//     2 active u32       4 trial u8     6 hooks_due u8                  not_before_s:i64
//     8 notify_reboots   left:u8 under_way:u8
//     9 trust            stamp:u32 floor_s:i64 proof:u8 flags:u8 host:short { tls:u8 host:short }
//    10 bootstrapped     sha256           11 acs_event  code:u8 command_key:short
//    12 acs_trial        stamp:u32 flags:u8
//    13 scheduled        due_s:i64 left_s:u32 command_key:short
//    14 watched          { path:u64 told:u32 notification:u8 }
//    15 counters         { path:u64 next:u32 }
//    16 transfer         kind:u8 flags:u8 proof:u8 file_bytes:u32 due_s:i64 left_s:u32
//                        fault:u32 started_s:i64 completed_s:i64 command_key:short file_type:short
//                        url:short user:short password:short target_name:short reason:short
//                        { start_s:u32 end_s:u32 flags:u8 retries:i32 }
//
// 1 to 6 stand there once each, 7 once for each refused plan, oldest first, 8 unless it says what
// a power-on says, 10 where an ACS was told that the phone is new, 11 once for each event that no
// ACS has heard of, oldest first, 12 while a trial is that of an ACS, 13 once for each session that
// an ACS has ordered for later, 14 once if the changes of any parameter are told, 15 once if an ACS
// has made instances of tables, 16 once for each file that an ACS wants here or there, oldest
// first. Flag 1 of a transfer says that it is done, flag 1 of a window that any time in it will do;
// a kind that a later release knows is kept for it, and carried out by nobody. Of 12 the stamp is
// the number of the active generation; with another one it is left over and says nothing. Flag 1
// says that the trial is one of several generations. Of 9 the first host is the pin's, flag 1 says
// that the keys which files have set are proven, and the others are the servers that user and
// password are meant for. Its stamp is the record's sequence. With another one a release wrote the
// record that knows no pin: what it says of the floor still holds, the rest is worked out from the
// active generation (pass/older_trust.h).
//
// The record of a later release is read whole, by the same rules as a generation (codec.h), with
// the sequence where those speak of the number. A trial that is not known counts as `trying`: the
// server's answer decides, and a predecessor that is there can return; without a predecessor there
// is no trial. Hooks that are neither due nor told count as due. Over limits::refused_digests_kept
// the oldest refused plans are left out.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agent/acs_memory.h"
#include "agent/generation.h"
#include "agent/limits.h"
#include "agent/provenance.h"
#include "agent/result.h"
#include "agent/store/trial.h"
#include "agent/trust/trust.h"

namespace dialtone {

// A plan that failed its trial.
struct RefusedPlan {
    Sha256 digest = {};
    uint8_t tries = 0;         // how often it has failed
    int64_t not_before_s = 0;  // wall clock; it is not tried again earlier
    bool operator==(const RefusedPlan&) const = default;
};

// The restarts of the phone that SIP servers may still ask for.
struct NotifyReboots {
    uint8_t left = limits::notify_reboots;
    bool under_way = false;  // one is about to happen; the next start is that one
    bool operator==(const NotifyReboots&) const = default;
};

struct Record {
    uint32_t sequence = 0;  // 0: no record yet
    uint32_t active = 0;    // generation number, 0: none
    uint32_t other = 0;     // generation number, 0: none
    TrialState trial = TrialState::none;
    uint8_t trial_boots = 0;  // starts since the trial began
    bool hooks_due = false;   // the change to `active` has not been told to the phone's software
    std::vector<RefusedPlan> refused = {};
    NotifyReboots notify_reboots = {};
    Trust trust = {};
    bool trust_known = false;  // else no more of it than the floor
    AcsMemory acs = {};
    AcsTrial acs_trial = {};  // only beside a `trial`
    std::vector<UnknownTag> unknown = {};
    bool operator==(const Record&) const = default;
};

std::vector<uint8_t> encode_record(const Record& record);

// What these take in a record: at most limits::cwmp_transfers_bytes.
uint32_t bytes_in_record(std::span<const AcsTransfer> transfers);

// `remark` as in decode_generation().
// Errors: truncated, corrupt, unsupported, too_big, malformed; the position is the offset.
Result<Record> decode_record(std::span<const uint8_t> copy, std::string* remark = nullptr);

struct RecordChoice {
    Record record = {};       // the default Record when no copy was whole
    uint8_t next_copy = 0;    // which copy the next write goes to: never the one that was chosen
    uint8_t broken = 0;       // copies that were there and did not check
    std::string remark = {};  // about `record`, as decode_record() gives it
};

// What counts after a boot. An empty span is a copy that is not there.
RecordChoice choose_record(std::span<const std::span<const uint8_t>, limits::record_copies> copies);

// The number of the next generation: above every number in use, and in a slot of its own.
uint32_t next_generation_number(const Record& record);

// The files of the state directory.
std::string record_copy_name(uint8_t copy);    // "record.0", "record.1"
std::string generation_name(uint32_t number);  // "generation.1", the slot that holds `number`

}  // namespace dialtone
