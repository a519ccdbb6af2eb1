// SPDX-License-Identifier: Apache-2.0
//
// The ACS (TR-069) of a scenario: what it answers to one post after the other, right and wrong.
// When its words are used up it does everything right.
//
// Who calls it: ScenarioServers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/effect.h"
#include "agent/generation.h"
#include "sim/servers/web.h"

namespace dialtone::sim {

enum class AcsWord : uint8_t {
    right,
    call,        // of a method, where it is its turn
    retry,       // 8005: the same again
    fault,       // another one
    empty,       // 204
    early_call,  // also where a response is awaited
    foreign_id,
    garbage,
    busy,           // 503
    moved,          // 307
    silent,         // no answer
    stalled,        // no more than its head
    hung_up,        // no head
    cut,            // half a message
    drip,           // a message that takes many minutes
    flood,          // more than a message may have
    calls,          // one call after the other for minutes
    set,            // SetParameterValues of several values
    set_url,        // of its other URL
    set_wrong,      // of values that are none, names that are none, and one twice
    watch,          // SetParameterAttributes
    schedule,       // ScheduleInform
    closing,        // the right answer, and the connection is closed behind it
    digest,         // to who has proved himself by Digest
    stale,          // the same, and each nonce is called stale at once
    stranger,       // it wants another's password
    no_id,          // without an ID
    long_id,        // a call whose ID is longer than the phone takes
    moved_here,     // 302 to itself
    moved_nowhere,  // 301 to what is no URL
    count_
};

// Who tells the phone of its ACS.
enum class AcsNaming : uint8_t {
    setting,
    option_43,   // its sub-option 1
    option_125,  // sub-option 11 of the Broadband Forum's
    option_17,   // of DHCPv6, sub-option 1 of the Broadband Forum's
    count_
};

// Who asks the phone for a session (TR-069 3.2.2), and how.
enum class RequestWord : uint8_t {
    right,
    other_password,
    other_user,
    no_proof,
    basic,
    said_before,  // what was answered with 200
    other_path,
    other_method,
    count_
};

struct LabConnectionRequest {
    uint64_t at_ms = 0;  // of the site's clock
    RequestWord word = RequestWord::right;
    bool over_one = false;  // connection; else the challenge is answered over another one
};

// What a client with that user and password answers to a challenge by digest.
std::string digest_answer(std::string_view challenge, std::string_view user,
                          std::string_view password, std::string_view target);

struct LabAcs {
    bool is_there = false;
    AcsNaming naming = AcsNaming::setting;
    std::vector<AcsWord> words = {};
    std::vector<LabConnectionRequest> requests = {};
    uint32_t next = 0;
    std::string request_url = {};  // that the phone has told in its last Inform
    uint32_t sets = 0;             // calls that set values, and say which of them they are

    Answer answer(const StartTransfer& post);
};

inline constexpr std::string_view lab_request_user = "acs";
inline constexpr std::string_view lab_request_password = "hush-request";
// A phone never has half of what a call sets. Empty, or what is wrong.
std::string find_half_call(const Generation& active);

// What its name is in a lease: the option's code, as World::LeaseOptions has it, and its value.
// Only where DHCP names it.
std::pair<uint16_t, std::string> acs_option(AcsNaming naming);

inline constexpr std::string_view lab_acs_user = "phone";
inline constexpr std::string_view lab_acs_password = "hush-acs";
inline constexpr std::string_view lab_acs_url = "http://acs.example/cwmp";
inline constexpr std::string_view lab_acs_moved_url = "http://acs.example/moved";

}  // namespace dialtone::sim
