// SPDX-License-Identifier: Apache-2.0
//
// What the phone's software says of its lines, for the ACS: text that `dialtone voice` hands in,
// one NAME=VALUE a line, with the names of TR-104 below Services.VoiceService.1. A line is named by
// its account, from 1 on:
//
//     Capabilities.MaxSessionCount=4        MaxSessionsPerLine, RTCP, SRTP
//     Capabilities.SIP.Transports=UDP,TLS   Extensions
//     Capabilities.Codecs.1.Codec=G.722     BitRate, PacketizationPeriod, SilenceSuppression
//     ButtonMap.Button.1.ButtonName=Line 1
//     Line.1.Status=Up                      CallState
//     Line.1.CallingFeatures.MessageWaiting=1
//         CallWaitingStatus, ConferenceCallingStatus, ConferenceCallingSessionCount
//     Line.1.Codec.TransmitCodec=G.729      ReceiveCodec, TransmitBitRate, ReceiveBitRate,
//         TransmitSilenceSuppression, ReceiveSilenceSuppression, TransmitPacketizationPeriod
//     Line.1.Session.1.SessionDuration=12   FarEndIPAddress, FarEndUDPPort, LocalUDPPort
//     Line.1.Stats.PacketsSent=100          and what else stands in Stats
//
// What a report names of a line is all that is said of it; the codecs and the buttons, too. The
// rest stays as the report before had it. Nothing of it outlives the agent's start. Called by the
// ACS client.
#pragma once

#include <string_view>

#include "agent/result.h"
#include "agent/voice_facts.h"

namespace dialtone {

// `facts` with what the report says. Errors: too_big over limits::voice_*, bad_usage with the line.
Result<VoiceFacts> with_voice_report(const VoiceFacts& facts, std::string_view report);

}  // namespace dialtone
