// SPDX-License-Identifier: Apache-2.0
//
// What a phone keeps of its dealings with an ACS beside the configuration, and outlives a start
// (TR-069 3.7.1.5, A.3.2.4, A.4.1.1): the boot record holds it (record.h). It does not roll back
// with a generation. The ACS client changes it, the agent makes it durable.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/digest.h"
#include "agent/instant.h"
#include "agent/provenance.h"

namespace dialtone {

// What a phone has to tell its ACS, and until it was heard outlives a start. Stable numbers: they
// stand in the record.
enum class AcsEventCode : uint8_t { reboot_method = 1, periodic = 2 };
inline constexpr AcsEventCode last_acs_event_code = AcsEventCode::periodic;

struct AcsEvent {
    AcsEventCode code = AcsEventCode::reboot_method;
    std::string command_key = {};  // of the call that it answers
    bool operator==(const AcsEvent&) const = default;
};

// A session that ScheduleInform has ordered. It stays until the ACS has heard of it.
struct ScheduledInform {
    WallSeconds due_s = 0;  // by a clock that was proven; 0: nobody knew the time
    uint32_t left_s = 0;    // from the moment of writing on, and no more than that
    std::string command_key = {};
    bool operator==(const ScheduledInform&) const = default;
};

// A parameter whose changes are told, or for which the ACS wants them not to be.
struct WatchedValue {
    uint64_t path = 0;         // a digest of its path
    uint32_t told = 0;         // one of the value that the ACS knows; 0: of the one it has now
    uint8_t notification = 0;  // as SetParameterAttributes numbers them: 0 to 2
    bool operator==(const WatchedValue&) const = default;
};

// Of a table in which the ACS may make instances: a number is never given out twice.
struct InstanceCounter {
    uint64_t path = 0;  // a digest of the table's path
    uint32_t next = 0;
    bool operator==(const InstanceCounter&) const = default;
};

// Stable numbers: they stand in the record.
enum class TransferKind : uint8_t { download = 1, scheduled_download, upload, autonomous };
inline constexpr TransferKind last_transfer_kind = TransferKind::autonomous;

// When a download that ScheduleDownload has ordered may be done (TR-069 A.4.1.8).
struct TransferWindow {
    uint32_t start_s = 0;  // counted from the order
    uint32_t end_s = 0;
    bool at_any_time = false;  // within it, else only while the phone is idle
    int32_t retries = 0;       // -1: the phone decides
    bool operator==(const TransferWindow&) const = default;
};

// A file that an ACS wants here or there, until it has heard what came of it. One that the phone
// has got by itself is done from the beginning, and keeps where it came from in `url`.
struct AcsTransfer {
    TransferKind kind = TransferKind::download;
    std::string command_key = {};
    std::string file_type = {};  // as the ACS has written it, "3 Vendor Configuration File"
    std::string url = {};        // this and the next three are empty when it is done
    std::string user = {};
    std::string password = {};
    std::string target_name = {};
    uint32_t file_bytes = 0;    // as the ACS says, 0: it does not
    Proof proof = Proof::none;  // of the session that ordered it
    // When it is due, or its last window ends, as ScheduledInform has it.
    WallSeconds due_s = 0;  // by a clock that was proven; 0: nobody knew the time
    uint32_t left_s = 0;    // from the moment of writing on, and no more than that
    std::vector<TransferWindow> windows = {};  // at most limits::cwmp_windows
    // What came of it.
    bool done = false;
    uint32_t fault = 0;  // of TR-069 annex A.5.1, 0: none
    std::string reason = {};
    WallSeconds started_s = 0;  // 0: nobody knew the time
    WallSeconds completed_s = 0;
    bool operator==(const AcsTransfer&) const = default;
};

struct AcsMemory {
    // Of the URL that has heard of 0 BOOTSTRAP, all zeros: none. A digest, because URLs may carry
    // passwords.
    Sha256 bootstrapped = {};
    std::vector<AcsEvent> events = {};            // oldest first, at most limits::cwmp_events_kept
    std::vector<ScheduledInform> scheduled = {};  // at most limits::cwmp_scheduled
    std::vector<WatchedValue> watched = {};       // by path, at most limits::cwmp_watched
    std::vector<InstanceCounter> counters = {};   // at most limits::cwmp_tables
    std::vector<AcsTransfer> transfers = {};      // oldest first, at most limits::cwmp_transfers
    bool operator==(const AcsMemory&) const = default;
};

// The trial of what an ACS has changed. What it asks is a session with the ACS.
struct AcsTrial {
    bool under_way = false;
    bool several = false;  // generations in a row, whose predecessor is the one before the first
    bool operator==(const AcsTrial&) const = default;
};

}  // namespace dialtone
