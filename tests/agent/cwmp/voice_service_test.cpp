// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/voice_service.h"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "agent/cwmp/data_model.h"
#include "agent/text.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

// As the profile tables of TR-104 issue 1.1 have them; W: it can be written.
struct ProfilePart {
    std::string_view object;
    std::string_view parameters;
};

constexpr ProfilePart endpoint_1[] = {
    {"VoiceService.{i}.", "VoiceProfileNumberOfEntries"},
    {"VoiceService.{i}.Capabilities.",
     "MaxProfileCount MaxLineCount MaxSessionsPerLine MaxSessionCount SignalingProtocols Regions "
     "RTCP SRTP RTPRedundancy DSCPCoupled EthernetTaggingCoupled PSTNSoftSwitchOver FaxT38 "
     "FaxPassThrough ModemPassThrough ToneGeneration RingGeneration NumberingPlan ButtonMap "
     "VoicePortTests"},
    {"VoiceService.{i}.Capabilities.Codecs.{i}.",
     "EntryID Codec BitRate PacketizationPeriod SilenceSuppression"},
    {"VoiceService.{i}.VoiceProfile.{i}.",
     "Enable(W) Reset(W) NumberOfLines Name(W) SignalingProtocol(W) MaxSessions(W) DTMFMethod(W) "
     "DTMFMethodG711(W)"},
    {"VoiceService.{i}.VoiceProfile.{i}.RTP.",
     "LocalPortMin(W) LocalPortMax(W) DSCPMark(W) TelephoneEventPayloadType(W)"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.", "Enable(W) Status CallState"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Codec.",
     "TransmitCodec ReceiveCodec TransmitBitRate ReceiveBitRate TransmitSilenceSuppression "
     "ReceiveSilenceSuppression TransmitPacketizationPeriod"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Codec.List.{i}.",
     "EntryID Codec BitRate PacketizationPeriod(W) SilenceSuppression(W) Enable(W) Priority(W)"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Session.{i}.",
     "SessionStartTime SessionDuration FarEndIPAddress FarEndUDPPort LocalUDPPort"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.Stats.",
     "ResetStatistics(W) PacketsSent PacketsReceived BytesSent BytesReceived PacketsLost Overruns "
     "Underruns IncomingCallsReceived IncomingCallsAnswered IncomingCallsConnected "
     "IncomingCallsFailed OutgoingCallsAttempted OutgoingCallsAnswered OutgoingCallsConnected "
     "OutgoingCallsFailed CallsDropped TotalCallTime"},
};

constexpr ProfilePart sip_endpoint_1[] = {
    {"VoiceService.{i}.Capabilities.SIP.",
     "Role Extensions Transports URISchemes EventSubscription ResponseMap"},
    {"VoiceService.{i}.VoiceProfile.{i}.SIP.",
     "ProxyServer(W) ProxyServerPort(W) ProxyServerTransport(W) RegistrarServer(W) "
     "RegistrarServerPort(W) RegistrarServerTransport(W) UserAgentDomain(W) UserAgentPort(W) "
     "UserAgentTransport(W) OutboundProxy(W) OutboundProxyPort(W) Organization(W) "
     "RegistrationPeriod(W) RegisterExpires(W) UseCodecPriorityInSDPResponse(W)"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.SIP.", "AuthUserName(W) AuthPassword(W) URI(W)"},
};

// Beside the profiles: features, buttons, the digit map and the number.
constexpr ProfilePart beside_the_profiles[] = {
    {"VoiceService.{i}.VoiceProfile.{i}.", "DigitMap(W) DigitMapEnable(W)"},
    {"VoiceService.{i}.VoiceProfile.{i}.ButtonMap.", "NumberOfButtons"},
    {"VoiceService.{i}.VoiceProfile.{i}.ButtonMap.Button.{i}.",
     "ButtonName FacilityAction(W) FacilityActionArgument(W) QuickDialNumber(W) ButtonMessage(W) "
     "UserAccess(W)"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.", "DirectoryNumber(W)"},
    {"VoiceService.{i}.VoiceProfile.{i}.Line.{i}.CallingFeatures.",
     "CallerIDEnable(W) CallerIDNameEnable(W) CallerIDName(W) CallWaitingEnable(W) "
     "CallWaitingStatus MaxSessions(W) ConferenceCallingStatus ConferenceCallingSessionCount "
     "CallForwardUnconditionalEnable(W) CallForwardUnconditionalNumber(W) "
     "CallForwardOnBusyEnable(W) CallForwardOnBusyNumber(W) CallForwardOnNoAnswerEnable(W) "
     "CallForwardOnNoAnswerNumber(W) CallForwardOnNoAnswerRingCount(W) CallTransferEnable(W) "
     "MWIEnable(W) MessageWaiting AnonymousCallBlockEnable(W) AnonymousCalEnable(W) "
     "DoNotDisturbEnable(W) CallReturnEnable(W) RepeatDialEnable(W)"},
};

const ModelRow* find_row(std::string_view object_path, std::string_view name) {
    for (const ModelObject& object : voice_objects()) {
        if (object.path != object_path) continue;
        for (const ModelRow& row : object.rows) {
            if (row.name == name) return &row;
        }
    }
    return nullptr;
}

void check_whole(std::span<const ProfilePart> parts) {
    for (const ProfilePart& part : parts) {
        const std::string object = "Services." + std::string(part.object);
        std::string_view left = part.parameters;
        while (!left.empty()) {
            std::string_view name = take_piece(left, ' ');
            const bool is_written = name.ends_with("(W)");
            if (is_written) name.remove_suffix(3);
            CAPTURE(object + std::string(name));
            const ModelRow* const row = find_row(object, name);
            REQUIRE(row != nullptr);
            CHECK((row->access != ModelAccess::read_only) == is_written);
        }
    }
}

}  // namespace

TEST_CASE("every parameter of the profile Endpoint:1 is there, as it can be read and written") {
    check_whole(endpoint_1);
}

TEST_CASE("every parameter of the profile SIPEndpoint:1 is there, as it can be read and written") {
    check_whole(sip_endpoint_1);
}

TEST_CASE("features of calls, buttons, digit map and number stand beside the profiles") {
    check_whole(beside_the_profiles);
}

TEST_CASE("DeviceSummary names the profiles that are whole") {
    const ManagedPhone phone;
    const Model model(phone.facts());
    const auto summary = model.parameters_at("Device.DeviceSummary");
    CHECK(model.value_of(summary.at(0)) ==
          "Device:1.2[](Baseline:1, Time:1), VoiceService:1.1[1](Endpoint:1, SIPEndpoint:1)");
    for (const std::string_view path : {"Device.DeviceInfo.Manufacturer",
                                        "Device.DeviceInfo.ManufacturerOUI",
                                        "Device.DeviceInfo.ModelName",
                                        "Device.DeviceInfo.Description",
                                        "Device.DeviceInfo.SerialNumber",
                                        "Device.DeviceInfo.HardwareVersion",
                                        "Device.DeviceInfo.SoftwareVersion",
                                        "Device.DeviceInfo.DeviceStatus",
                                        "Device.DeviceInfo.UpTime",
                                        "Device.ManagementServer.URL",
                                        "Device.ManagementServer.Username",
                                        "Device.ManagementServer.Password",
                                        "Device.ManagementServer.PeriodicInformEnable",
                                        "Device.ManagementServer.PeriodicInformInterval",
                                        "Device.ManagementServer.PeriodicInformTime",
                                        "Device.ManagementServer.ParameterKey",
                                        "Device.ManagementServer.ConnectionRequestURL",
                                        "Device.ManagementServer.ConnectionRequestUsername",
                                        "Device.ManagementServer.ConnectionRequestPassword",
                                        "Device.ManagementServer.UpgradesManaged",
                                        "Device.Time.NTPServer1",
                                        "Device.Time.NTPServer2",
                                        "Device.Time.CurrentLocalTime",
                                        "Device.Time.LocalTimeZone"}) {
        CAPTURE(std::string(path));
        CHECK(model.has(path));
    }
}
