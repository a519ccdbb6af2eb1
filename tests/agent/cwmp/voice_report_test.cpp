// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/voice_report.h"

#include <doctest/doctest.h>

#include <string>

#include "agent/limits.h"
#include "tests/agent/cwmp/facts.h"

using namespace dialtone;

namespace {

const std::string service = "Device.Services.VoiceService.1.";
const std::string line = service + "VoiceProfile.1.Line.1.";

struct Reported : ManagedPhone {
    Reported() { configure({{"P271", "1"}, {"P47", "pbx.example"}, {"P35", "101"}}); }

    void report(std::string_view text) {
        auto facts = with_voice_report(phone.voice, text);
        REQUIRE(facts);
        phone.voice = std::move(*facts);
    }
    std::string value(const std::string& path) const {
        const Model model(facts());
        const auto found = model.parameters_at(path);
        return found.size() == 1 ? model.value_of(found.front()) : "not there";
    }
};

std::string refusal(std::string_view text) {
    const auto facts = with_voice_report({}, text);
    REQUIRE(!facts);
    return facts.error().detail;
}

}  // namespace

TEST_CASE("what the phone's software says of a line is what an ACS reads") {
    Reported it;
    CHECK(it.value(line + "Status") == "Disabled");
    it.report(
        "Line.1.Status=Up\r\n"
        " Line.1.CallState = InCall\n"
        "\n"
        "Line.1.CallingFeatures.CallWaitingStatus=SecondaryRinging\n"
        "Line.1.CallingFeatures.MessageWaiting=true\n"
        "Line.1.Codec.TransmitCodec=G.722\n"
        "Line.1.Codec.ReceiveBitRate=64000\n"
        "Line.1.Session.2.FarEndIPAddress=10.0.0.9\n"
        "Line.1.Session.2.SessionStartTime=2026-01-31T02:00:00Z\n"
        "Line.1.Stats.PacketsSent=4294967295\n"
        "Line.1.Stats.TotalCallTime=12");
    CHECK(it.value(line + "Status") == "Up");
    CHECK(it.value(line + "CallState") == "InCall");
    CHECK(it.value(line + "CallingFeatures.CallWaitingStatus") == "SecondaryRinging");
    CHECK(it.value(line + "CallingFeatures.ConferenceCallingStatus") == "Disabled");
    CHECK(it.value(line + "CallingFeatures.MessageWaiting") == "1");
    CHECK(it.value(line + "Codec.TransmitCodec") == "G.722");
    CHECK(it.value(line + "Codec.ReceiveBitRate") == "64000");
    CHECK(it.value(line + "Session.2.FarEndIPAddress") == "10.0.0.9");
    CHECK(it.value(line + "Session.2.SessionStartTime") == "2026-01-31T02:00:00Z");
    CHECK(it.value(line + "Stats.PacketsSent") == "4294967295");
    CHECK(it.value(line + "Stats.TotalCallTime") == "12");
}

TEST_CASE("codecs, buttons and what the phone can do come the same way") {
    Reported it;
    it.report(
        "Capabilities.MaxSessionsPerLine=2\nCapabilities.MaxSessionCount=4\n"
        "Capabilities.RTCP=1\nCapabilities.SRTP=0\n"
        "Capabilities.SIP.Extensions=100rel,replaces\nCapabilities.SIP.Transports=UDP,TLS\n"
        "Capabilities.Codecs.2.Codec=G.722\nCapabilities.Codecs.2.BitRate=64000\n"
        "Capabilities.Codecs.1.Codec=G.711ALaw\nCapabilities.Codecs.1.PacketizationPeriod=20,30\n"
        "Capabilities.Codecs.1.SilenceSuppression=1\n"
        "ButtonMap.Button.1.ButtonName=Line <1>\n");
    CHECK(it.value(service + "Capabilities.MaxSessionsPerLine") == "2");
    CHECK(it.value(service + "Capabilities.RTCP") == "1");
    CHECK(it.value(service + "Capabilities.SIP.Extensions") == "100rel,replaces");
    CHECK(it.value(service + "Capabilities.SIP.Transports") == "UDP,TLS");
    CHECK(it.value(service + "Capabilities.Codecs.1.PacketizationPeriod") == "20,30");
    CHECK(it.value(service + "Capabilities.Codecs.2.BitRate") == "64000");
    CHECK(it.value(line + "Codec.List.2.Codec") == "G.722");
    CHECK(it.value(service + "Capabilities.ButtonMap") == "1");
    CHECK(it.value(service + "VoiceProfile.1.ButtonMap.Button.1.ButtonName") == "Line <1>");
}

TEST_CASE("a report replaces what it names, and leaves the rest") {
    Reported it;
    it.report(
        "Line.1.Status=Up\nLine.1.Stats.PacketsSent=7\nLine.2.Status=Error\n"
        "Capabilities.Codecs.1.Codec=G.729\nCapabilities.RTCP=1\n");
    it.report("Line.1.Status=Registering\n");
    CHECK(it.value(line + "Status") == "Registering");
    CHECK(it.value(line + "Stats.PacketsSent") == "0");
    CHECK(it.phone.voice.lines.size() == 2);
    CHECK(it.phone.voice.lines[1].status == LineStatus::error);
    CHECK(it.value(service + "Capabilities.RTCP") == "1");
    it.report("Capabilities.Codecs.1.Codec=G.722\n");
    CHECK(it.phone.voice.codecs.size() == 1);
    it.report("");
    CHECK(it.value(line + "Status") == "Registering");
}

TEST_CASE("bad input: a report with a line that says nothing known is refused whole, by its line") {
    for (const std::string_view text : {"Line.1.Status=up",
                                        "Line.1.Status",
                                        "Line.0.Status=Up",
                                        "Line.x.Status=Up",
                                        "Line..Status=Up",
                                        "Line.1.Status.=Up",
                                        "Line.1.Nothing=1",
                                        "=Up",
                                        "Line.1.CallState=",
                                        "Line.1.Stats.PacketsSent=-1",
                                        "Line.1.Stats.PacketsSent=4294967296",
                                        "Line.1.Stats.PacketsSent=1 2",
                                        "Line.1.Session.9.SessionDuration=1",
                                        "Line.1.Session.1.FarEndUDPPort=65536",
                                        "Line.1.Session.1.FarEndIPAddress=a",
                                        "Line.1.Session.1.SessionStartTime=now",
                                        "Capabilities.RTCP=maybe",
                                        "Capabilities.Codecs.17.Codec=X",
                                        "ButtonMap.Button.129.ButtonName=x",
                                        "ButtonMap.Button.1.ButtonName=a\x01",
                                        "ButtonMap.Button.1.ButtonName=\xff"}) {
        CAPTURE(text);
        CHECK(refusal("Line.2.Status=Up\n" + std::string(text)) ==
              "line 2 is no NAME=VALUE of a line's state");
    }
    CHECK(refusal("Capabilities.Codecs.2.Codec=X") == "a codec has no name");
    CHECK(refusal("ButtonMap.Button.1.ButtonName=" +
                  std::string(limits::voice_text_bytes + 1, 'x')) ==
          "line 1 is no NAME=VALUE of a line's state");
}

TEST_CASE("bad input: a report over the bounds is refused, as is one of too many lines") {
    CHECK(refusal(std::string(limits::voice_report_bytes + 1, '\n')).starts_with("a report has"));
    VoiceFacts facts;
    for (uint32_t account = 1; account <= limits::voice_lines; ++account) {
        auto next = with_voice_report(facts, "Line." + std::to_string(account) + ".Status=Up");
        REQUIRE(next);
        facts = std::move(*next);
    }
    CHECK(!with_voice_report(facts, "Line.65.Status=Up"));
    CHECK(with_voice_report(facts, "Line.64.Status=Error"));
}
