// SPDX-License-Identifier: Apache-2.0
//
// What the phone's software alone knows of its lines, codecs and buttons, and says to the agent by
// `dialtone voice` (cwmp/voice_report.h). The data model tells it to the ACS.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/address.h"
#include "agent/instant.h"

namespace dialtone {

// As TR-104 words them.
enum class LineStatus : uint8_t {
    up,
    initializing,
    registering,
    unregistering,
    error,
    testing,
    quiescent,
    disabled,
};
enum class CallState : uint8_t { idle, calling, ringing, connecting, in_call, hold, disconnecting };
// A second call, and a third party: those of CallWaitingStatus, then those of
// ConferenceCallingStatus.
enum class SecondCall : uint8_t {
    disabled,
    idle,
    secondary_ringing,
    secondary_calling,
    secondary_connecting,
    secondary_connected,
    in_conference_call,
};

struct VoiceCodec {
    std::string name = {};              // as TR-104 spells it: G.711MuLaw, G.729, ...
    uint32_t bit_rate = 0;              // bits per second
    std::string packetization_ms = {};  // list of milliseconds
    bool silence_suppression = false;
};

struct VoiceSession {
    WallSeconds began_s = 0;  // 0: not known
    uint32_t duration_s = 0;
    Address far_end = {};
    uint16_t far_end_port = 0;
    uint16_t local_port = 0;
};

// Since the phone's start, or since they were reset.
struct VoiceStatistics {
    uint32_t packets_sent = 0;
    uint32_t packets_received = 0;
    uint32_t bytes_sent = 0;
    uint32_t bytes_received = 0;
    uint32_t packets_lost = 0;
    uint32_t overruns = 0;
    uint32_t underruns = 0;
    uint32_t incoming_received = 0;
    uint32_t incoming_answered = 0;
    uint32_t incoming_connected = 0;
    uint32_t incoming_failed = 0;
    uint32_t outgoing_attempted = 0;
    uint32_t outgoing_answered = 0;
    uint32_t outgoing_connected = 0;
    uint32_t outgoing_failed = 0;
    uint32_t calls_dropped = 0;
    uint32_t call_time_s = 0;
};

// What the phone says of the line of one account.
struct VoiceLine {
    uint32_t account = 0;  // counted from 1
    LineStatus status = LineStatus::disabled;
    CallState call_state = CallState::idle;
    SecondCall call_waiting = SecondCall::disabled;
    SecondCall conference = SecondCall::disabled;
    uint32_t conference_sessions = 0;
    bool message_waiting = false;
    // In use; none while no call is up.
    VoiceCodec transmits = {};
    VoiceCodec receives = {};
    std::vector<VoiceSession> sessions = {};
    VoiceStatistics statistics = {};
};

// What the phone says of itself. A phone that says nothing has what stands here.
struct VoiceFacts {
    uint32_t sessions_per_line = 1;
    uint32_t sessions = 1;  // of all lines
    bool rtcp = false;
    bool srtp = false;
    std::string sip_extensions = {};  // list
    std::string sip_transports = "UDP,TCP,TLS";
    std::vector<VoiceCodec> codecs = {};
    std::vector<std::string> buttons = {};  // what is printed on them
    std::vector<VoiceLine> lines = {};
};

}  // namespace dialtone
