// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/voice_service.h"

#include <algorithm>
#include <string>

#include "agent/cwmp/data_model.h"
#include "agent/cwmp/model_rows.h"

namespace dialtone {
namespace {

using namespace model_rows;
using T = ValueType;
using M = const Model&;
using P = const ModelParameter&;

// --- what the phone tells ------------------------------------------------------------------------

template <auto VoiceFacts::*member>
std::string of_phone(M model, P) {
    const auto& value = model.facts().phone.voice.*member;
    if constexpr (requires { std::string(value); }) {
        return std::string(value);
    } else {
        return std::to_string(static_cast<uint32_t>(value));
    }
}

template <uint32_t VoiceStatistics::*member>
std::string statistic(M model, P of) {
    return std::to_string(model.line_of(of.account).statistics.*member);
}

std::string account_count(M model, P) {
    return std::to_string(model.facts().phone.profile->accounts.accounts);
}
std::string profile_count(M model, P) {
    return std::to_string(model.accounts().size());
}
std::string line_count(M model, P of) {
    const VoiceAccount* const account = model.account_of_profile(of.at.numbers[1]);
    return account != nullptr && account->line != 0 ? "1" : "0";
}
std::string button_count(M model, P) {
    return std::to_string(model.facts().phone.voice.buttons.size());
}
std::string button_name(M model, P of) {
    return model.facts().phone.voice.buttons[of.at.numbers[2] - 1];
}

// The codec of a row of a table of codecs, whose number is the last one in the path.
const VoiceCodec& codec_of(M model, P of) {
    return model.facts().phone.voice.codecs[of.at.numbers[of.at.count - 1] - 1];
}
std::string entry_id(M, P of) {
    return std::to_string(of.at.numbers[of.at.count - 1]);
}
std::string codec_name(M model, P of) {
    return codec_of(model, of).name;
}
std::string codec_bit_rate(M model, P of) {
    return std::to_string(codec_of(model, of).bit_rate);
}
std::string codec_packetization(M model, P of) {
    return codec_of(model, of).packetization_ms;
}
std::string codec_silence(M model, P of) {
    return codec_of(model, of).silence_suppression ? "1" : "0";
}

template <VoiceCodec VoiceLine::*codec>
std::string name_in_use(M model, P of) {
    return (model.line_of(of.account).*codec).name;
}
template <VoiceCodec VoiceLine::*codec>
std::string rate_in_use(M model, P of) {
    return std::to_string((model.line_of(of.account).*codec).bit_rate);
}
template <VoiceCodec VoiceLine::*codec>
std::string silence_in_use(M model, P of) {
    return (model.line_of(of.account).*codec).silence_suppression ? "1" : "0";
}
std::string packetization_in_use(M model, P of) {
    const std::string& text = model.line_of(of.account).transmits.packetization_ms;
    return text.empty() ? "0" : text;
}

std::string line_status(M model, P of) {
    return std::string(line_status_words[static_cast<uint32_t>(model.line_of(of.account).status)]);
}
std::string call_state(M model, P of) {
    return std::string(
        call_state_words[static_cast<uint32_t>(model.line_of(of.account).call_state)]);
}
template <SecondCall VoiceLine::*member>
std::string second_call(M model, P of) {
    return std::string(second_call_words[static_cast<uint32_t>(model.line_of(of.account).*member)]);
}

const VoiceSession& session_of(M model, P of) {
    return model.line_of(of.account).sessions[of.at.numbers[3] - 1];
}
std::string session_start(M model, P of) {
    const WallSeconds began_s = session_of(model, of).began_s;
    return began_s == 0 ? std::string(unknown_time) : date_time_text(began_s);
}

constexpr char signaling[] = "SIP";
constexpr char user_agent[] = "UserAgent";
constexpr char schemes[] = "sip,sips,tel";

// --- tables --------------------------------------------------------------------------------------

constexpr ModelTable profile_table = {TableRows::accounts, [](M model, const Instances&) {
                                          std::vector<uint32_t> out;
                                          for (const VoiceAccount& account : model.accounts())
                                              out.push_back(account.profile);
                                          std::ranges::sort(out);
                                          return out;
                                      }};
constexpr ModelTable line_table = {
    TableRows::lines, [](M model, const Instances& above) -> std::vector<uint32_t> {
        const VoiceAccount* const account = model.account_of_profile(above.numbers[1]);
        if (account == nullptr || account->line == 0) return {};
        return {account->line};
    }};
constexpr ModelTable codec_table = {TableRows::fixed, [](M model, const Instances&) {
                                        return counted(model.facts().phone.voice.codecs.size());
                                    }};
constexpr ModelTable button_table = {TableRows::fixed, [](M model, const Instances&) {
                                         return counted(model.facts().phone.voice.buttons.size());
                                     }};
constexpr ModelTable session_table = {
    TableRows::fixed, [](M model, const Instances& above) {
        const VoiceAccount* const account = model.account_of_profile(above.numbers[1]);
        return counted(account == nullptr ? 0 : model.line_of(account->number).sessions.size());
    }};

// --- rows ----------------------------------------------------------------------------------------

constexpr ValueRange ports = numbers(0, 65'535);
constexpr ValueRange states = one_of("Disabled|Quiescent|Enabled");
constexpr ValueRange transports = one_of("UDP|TCP|TLS|SCTP");

constexpr ModelRow enable_row() {
    ModelRow out = kept("Enable", T::string, states, "Disabled");
    out.keeping = Keeping::enable;
    return out;
}

constexpr ModelRow service_rows[] = {
    told("VoiceProfileNumberOfEntries", T::unsigned_int, &profile_count),
};

constexpr ModelRow capability_rows[] = {
    told("MaxProfileCount", T::unsigned_int, &account_count).may_deny(),
    told("MaxLineCount", T::unsigned_int, &account_count).may_deny(),
    told("MaxSessionsPerLine", T::unsigned_int, &of_phone<&VoiceFacts::sessions_per_line>)
        .may_deny(),
    told("MaxSessionCount", T::unsigned_int, &of_phone<&VoiceFacts::sessions>).may_deny(),
    told("SignalingProtocols", T::string, &words<signaling>).may_deny(),
    told("Regions", T::string, &nothing).may_deny(),
    told("RTCP", T::boolean, &of_phone<&VoiceFacts::rtcp>).may_deny(),
    told("SRTP", T::boolean, &of_phone<&VoiceFacts::srtp>).may_deny(),
    told("RTPRedundancy", T::boolean, &no).may_deny(),
    told("DSCPCoupled", T::boolean, &no).may_deny(),
    told("EthernetTaggingCoupled", T::boolean, &no).may_deny(),
    told("PSTNSoftSwitchOver", T::boolean, &no).may_deny(),
    told("FaxT38", T::boolean, &no).may_deny(),
    told("FaxPassThrough", T::boolean, &no).may_deny(),
    told("ModemPassThrough", T::boolean, &no).may_deny(),
    told("ToneGeneration", T::boolean, &no).may_deny(),
    told("RingGeneration", T::boolean, &no).may_deny(),
    told("DigitMap", T::boolean, &yes).may_deny(),
    told("NumberingPlan", T::boolean, &no).may_deny(),
    told("ButtonMap", T::boolean,
         [](M model, P) -> std::string {
             return model.facts().phone.voice.buttons.empty() ? "0" : "1";
         })
        .may_deny(),
    told("VoicePortTests", T::boolean, &no).may_deny(),
};

constexpr ModelRow sip_capability_rows[] = {
    told("Role", T::string, &words<user_agent>).may_deny(),
    told("Extensions", T::string, &of_phone<&VoiceFacts::sip_extensions>).may_deny(),
    told("Transports", T::string, &of_phone<&VoiceFacts::sip_transports>).may_deny(),
    told("URISchemes", T::string, &words<schemes>).may_deny(),
    told("EventSubscription", T::boolean, &no).may_deny(),
    told("ResponseMap", T::boolean, &no).may_deny(),
};

constexpr ModelRow codec_rows[] = {
    told("EntryID", T::unsigned_int, &entry_id).may_deny(),
    told("Codec", T::string, &codec_name).may_deny(),
    told("BitRate", T::unsigned_int, &codec_bit_rate).may_deny(),
    told("PacketizationPeriod", T::string, &codec_packetization).may_deny(),
    told("SilenceSuppression", T::boolean, &codec_silence).may_deny(),
};

constexpr ModelRow profile_rows[] = {
    enable_row(),
    command("Reset"),
    told("NumberOfLines", T::unsigned_int, &line_count),
    kept("Name", T::string, letters(64)),
    kept("SignalingProtocol", T::string, one_of("SIP"), "SIP"),
    kept("MaxSessions", T::unsigned_int, {}, "0"),
    kept("DTMFMethod", T::string, one_of("InBand|RFC2833|SIPInfo"), "InBand"),
    kept("DTMFMethodG711", T::string, one_of("InBand|RFC2833|SIPInfo|")),
    kept("DigitMap", T::string, letters(256)),
    kept_flag("DigitMapEnable", "1"),
};

constexpr ModelRow sip_rows[] = {
    kept("ProxyServer", T::string, a_host(256)),
    kept("ProxyServerPort", T::unsigned_int, ports, "5060"),
    kept("ProxyServerTransport", T::string, transports, "UDP"),
    kept("RegistrarServer", T::string, a_host(256)),
    kept("RegistrarServerPort", T::unsigned_int, ports, "5060"),
    kept("RegistrarServerTransport", T::string, transports, "UDP"),
    kept("UserAgentDomain", T::string, letters(256)),
    kept("UserAgentPort", T::unsigned_int, ports, "0"),
    kept("UserAgentTransport", T::string, transports, "UDP"),
    kept("OutboundProxy", T::string, a_host(256)),
    kept("OutboundProxyPort", T::unsigned_int, ports, "5060"),
    kept("Organization", T::string, letters(256)),
    kept("RegistrationPeriod", T::unsigned_int, numbers(1), "3600"),
    kept("RegisterExpires", T::unsigned_int, numbers(1), "3600"),
    kept_flag("UseCodecPriorityInSDPResponse"),
};

constexpr ModelRow rtp_rows[] = {
    kept("LocalPortMin", T::unsigned_int, ports, "0"),
    kept("LocalPortMax", T::unsigned_int, ports, "0"),
    kept("DSCPMark", T::unsigned_int, numbers(0, 63), "0"),
    kept("TelephoneEventPayloadType", T::unsigned_int, numbers(0, 128), "101"),
};

constexpr ModelRow button_map_rows[] = {
    told("NumberOfButtons", T::unsigned_int, &button_count),
};
constexpr ModelRow button_rows[] = {
    told("ButtonName", T::string, &button_name),
    kept("FacilityAction", T::string, letters(64)),
    kept("FacilityActionArgument", T::string, letters(256)),
    kept("QuickDialNumber", T::string, letters(40)),
    kept("ButtonMessage", T::string, letters(64)),
    kept_flag("UserAccess"),
};

constexpr ModelRow line_rows[] = {
    enable_row(),
    kept("DirectoryNumber", T::string, letters(32)),
    told("Status", T::string, &line_status),
    told("CallState", T::string, &call_state).may_deny(),
};

constexpr ModelRow line_sip_rows[] = {
    kept("AuthUserName", T::string, letters(128)),
    kept_secret("AuthPassword", 128),
    kept("URI", T::string, letters(389)),
};

constexpr ModelRow feature_rows[] = {
    kept_flag("CallerIDEnable"),
    kept_flag("CallerIDNameEnable"),
    kept("CallerIDName", T::string, letters(256)),
    kept_flag("CallWaitingEnable"),
    told("CallWaitingStatus", T::string, &second_call<&VoiceLine::call_waiting>),
    kept("MaxSessions", T::unsigned_int, {}, "0"),
    told("ConferenceCallingStatus", T::string, &second_call<&VoiceLine::conference>),
    told("ConferenceCallingSessionCount", T::unsigned_int,
         [](M model, P of) {
             return std::to_string(model.line_of(of.account).conference_sessions);
         }),
    kept_flag("CallForwardUnconditionalEnable"),
    kept("CallForwardUnconditionalNumber", T::string, letters(32)),
    kept_flag("CallForwardOnBusyEnable"),
    kept("CallForwardOnBusyNumber", T::string, letters(32)),
    kept_flag("CallForwardOnNoAnswerEnable"),
    kept("CallForwardOnNoAnswerNumber", T::string, letters(32)),
    kept("CallForwardOnNoAnswerRingCount", T::unsigned_int, {}, "0"),
    kept_flag("CallTransferEnable"),
    kept_flag("MWIEnable"),
    told("MessageWaiting", T::boolean,
         [](M model, P of) -> std::string {
             return model.line_of(of.account).message_waiting ? "1" : "0";
         }),
    kept_flag("AnonymousCallBlockEnable"),
    kept_flag("AnonymousCalEnable"),
    kept_flag("DoNotDisturbEnable"),
    kept_flag("CallReturnEnable"),
    kept_flag("RepeatDialEnable"),
};

constexpr ModelRow codec_in_use_rows[] = {
    told("TransmitCodec", T::string, &name_in_use<&VoiceLine::transmits>),
    told("ReceiveCodec", T::string, &name_in_use<&VoiceLine::receives>),
    told("TransmitBitRate", T::unsigned_int, &rate_in_use<&VoiceLine::transmits>),
    told("ReceiveBitRate", T::unsigned_int, &rate_in_use<&VoiceLine::receives>),
    told("TransmitSilenceSuppression", T::boolean, &silence_in_use<&VoiceLine::transmits>),
    told("ReceiveSilenceSuppression", T::boolean, &silence_in_use<&VoiceLine::receives>),
    told("TransmitPacketizationPeriod", T::unsigned_int, &packetization_in_use),
};

constexpr ModelRow codec_list_rows[] = {
    told("EntryID", T::unsigned_int, &entry_id),
    told("Codec", T::string, &codec_name),
    told("BitRate", T::unsigned_int, &codec_bit_rate),
    kept("PacketizationPeriod", T::string, letters(64)),
    kept_flag("SilenceSuppression"),
    kept_flag("Enable", "1"),
    kept("Priority", T::unsigned_int, numbers(1), "1"),
};

constexpr ModelRow session_rows[] = {
    told("SessionStartTime", T::date_time, &session_start).may_deny(),
    told("SessionDuration", T::unsigned_int,
         [](M model, P of) { return std::to_string(session_of(model, of).duration_s); })
        .may_deny(),
    told("FarEndIPAddress", T::string,
         [](M model, P of) { return address_text(session_of(model, of).far_end); })
        .may_deny(),
    told("FarEndUDPPort", T::unsigned_int,
         [](M model, P of) { return std::to_string(session_of(model, of).far_end_port); })
        .may_deny(),
    told("LocalUDPPort", T::unsigned_int,
         [](M model, P of) { return std::to_string(session_of(model, of).local_port); })
        .may_deny(),
};

using S = VoiceStatistics;
constexpr ModelRow statistics_rows[] = {
    command("ResetStatistics"),
    told("PacketsSent", T::unsigned_int, &statistic<&S::packets_sent>).may_deny(),
    told("PacketsReceived", T::unsigned_int, &statistic<&S::packets_received>).may_deny(),
    told("BytesSent", T::unsigned_int, &statistic<&S::bytes_sent>).may_deny(),
    told("BytesReceived", T::unsigned_int, &statistic<&S::bytes_received>).may_deny(),
    told("PacketsLost", T::unsigned_int, &statistic<&S::packets_lost>).may_deny(),
    told("Overruns", T::unsigned_int, &statistic<&S::overruns>).may_deny(),
    told("Underruns", T::unsigned_int, &statistic<&S::underruns>).may_deny(),
    told("IncomingCallsReceived", T::unsigned_int, &statistic<&S::incoming_received>).may_deny(),
    told("IncomingCallsAnswered", T::unsigned_int, &statistic<&S::incoming_answered>).may_deny(),
    told("IncomingCallsConnected", T::unsigned_int, &statistic<&S::incoming_connected>).may_deny(),
    told("IncomingCallsFailed", T::unsigned_int, &statistic<&S::incoming_failed>).may_deny(),
    told("OutgoingCallsAttempted", T::unsigned_int, &statistic<&S::outgoing_attempted>).may_deny(),
    told("OutgoingCallsAnswered", T::unsigned_int, &statistic<&S::outgoing_answered>).may_deny(),
    told("OutgoingCallsConnected", T::unsigned_int, &statistic<&S::outgoing_connected>).may_deny(),
    told("OutgoingCallsFailed", T::unsigned_int, &statistic<&S::outgoing_failed>).may_deny(),
    told("CallsDropped", T::unsigned_int, &statistic<&S::calls_dropped>).may_deny(),
    told("TotalCallTime", T::unsigned_int, &statistic<&S::call_time_s>).may_deny(),
};

constexpr ModelRow services_rows[] = {
    told("VoiceServiceNumberOfEntries", T::unsigned_int, &one),
};

constexpr ModelObject objects[] = {
    {"Services.", services_rows},
    {"Services.VoiceService.{i}.", service_rows, &single_table},
    {"Services.VoiceService.{i}.Capabilities.", capability_rows},
    {"Services.VoiceService.{i}.Capabilities.SIP.", sip_capability_rows},
    {"Services.VoiceService.{i}.Capabilities.Codecs.{i}.", codec_rows, &codec_table},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.", profile_rows, &profile_table},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.SIP.", sip_rows},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.RTP.", rtp_rows},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.ButtonMap.", button_map_rows},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.ButtonMap.Button.{i}.", button_rows,
     &button_table},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.", line_rows, &line_table},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.SIP.", line_sip_rows},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.CallingFeatures.", feature_rows},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Codec.", codec_in_use_rows},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Codec.List.{i}.", codec_list_rows,
     &codec_table},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Session.{i}.", session_rows,
     &session_table},
    {"Services.VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Stats.", statistics_rows},
};

}  // namespace

std::span<const ModelObject> voice_objects() {
    return objects;
}

}  // namespace dialtone
