// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/voice_report.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/utf8.h"
#include "agent/cwmp/date_time.h"
#include "agent/cwmp/soap.h"
#include "agent/cwmp/voice_service.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// What a report makes of the facts, and which parts of them it has begun anew.
struct Report {
    VoiceFacts facts = {};
    std::vector<uint32_t> lines = {};  // accounts
    bool codecs = false;
    bool buttons = false;
};

// The numbers in a name, from left to right.
struct Numbers {
    uint32_t first = 0;
    uint32_t second = 0;
};

// --- values --------------------------------------------------------------------------------------

template <typename Number>
bool take(Number& out, std::string_view text) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
}
bool take(bool& out, std::string_view text) {
    const auto value = read_boolean(text);
    out = value.value_or(false);
    return value.has_value();
}
bool take(std::string& out, std::string_view text) {
    out = text;
    return text.size() <= limits::voice_text_bytes;
}
template <typename Enum>
bool take_word(Enum& out, std::span<const std::string_view> words, std::string_view text) {
    const auto place = std::ranges::find(words, text);
    out = static_cast<Enum>(place - words.begin());
    return place != words.end();
}
bool take(LineStatus& out, std::string_view text) {
    return take_word(out, line_status_words, text);
}
bool take(CallState& out, std::string_view text) {
    return take_word(out, call_state_words, text);
}
bool take(SecondCall& out, std::string_view text) {
    return take_word(out, second_call_words, text);
}
bool take(Address& out, std::string_view text) {
    const auto address = parse_address(text);
    out = address.value_or(Address{});
    return address.has_value();
}

// --- what a number in a name stands for; nullptr: there are not so many --------------------------

template <typename Item>
Item* item_of(std::vector<Item>& items, uint32_t number, uint32_t most) {
    if (number == 0 || number > most) return nullptr;
    if (items.size() < number) items.resize(number);
    return &items[number - 1];
}

VoiceLine* line_of(Report& report, uint32_t account) {
    if (account == 0) return nullptr;
    std::vector<VoiceLine>& lines = report.facts.lines;
    auto place = std::ranges::find(lines, account, &VoiceLine::account);
    if (place == lines.end()) {
        if (lines.size() >= limits::voice_lines) return nullptr;
        place = lines.insert(lines.end(), VoiceLine{.account = account});
    }
    if (std::ranges::find(report.lines, account) == report.lines.end()) {
        report.lines.push_back(account);
        *place = {.account = account};
    }
    return &*place;
}

VoiceCodec* codec_of(Report& report, uint32_t number) {
    if (!std::exchange(report.codecs, true)) report.facts.codecs.clear();
    return item_of(report.facts.codecs, number, limits::voice_codecs);
}

// --- the names -----------------------------------------------------------------------------------

template <auto VoiceFacts::*member>
bool of_phone(Report& report, Numbers, std::string_view text) {
    return take(report.facts.*member, text);
}
template <auto VoiceCodec::*member>
bool of_codec(Report& report, Numbers numbers, std::string_view text) {
    VoiceCodec* const codec = codec_of(report, numbers.first);
    return codec != nullptr && take(codec->*member, text);
}
bool of_button(Report& report, Numbers numbers, std::string_view text) {
    if (!std::exchange(report.buttons, true)) report.facts.buttons.clear();
    std::string* const button = item_of(report.facts.buttons, numbers.first, limits::voice_buttons);
    return button != nullptr && take(*button, text);
}
template <auto VoiceLine::*member>
bool of_line(Report& report, Numbers numbers, std::string_view text) {
    VoiceLine* const line = line_of(report, numbers.first);
    return line != nullptr && take(line->*member, text);
}
template <VoiceCodec VoiceLine::*codec, auto VoiceCodec::*member>
bool in_use(Report& report, Numbers numbers, std::string_view text) {
    VoiceLine* const line = line_of(report, numbers.first);
    return line != nullptr && take((line->*codec).*member, text);
}
template <auto VoiceStatistics::*member>
bool statistic(Report& report, Numbers numbers, std::string_view text) {
    VoiceLine* const line = line_of(report, numbers.first);
    return line != nullptr && take(line->statistics.*member, text);
}
VoiceSession* session_of(Report& report, Numbers numbers) {
    VoiceLine* const line = line_of(report, numbers.first);
    return line == nullptr ? nullptr
                           : item_of(line->sessions, numbers.second, limits::voice_sessions);
}
template <auto VoiceSession::*member>
bool of_session(Report& report, Numbers numbers, std::string_view text) {
    VoiceSession* const session = session_of(report, numbers);
    return session != nullptr && take(session->*member, text);
}
bool session_start(Report& report, Numbers numbers, std::string_view text) {
    VoiceSession* const session = session_of(report, numbers);
    const auto began_s = read_date_time(text);
    if (session == nullptr || !began_s) return false;
    session->began_s = *began_s;
    return true;
}

struct Name {
    std::string_view pattern;  // # stands for a number
    bool (*take)(Report& report, Numbers numbers, std::string_view text);
};

using F = VoiceFacts;
using C = VoiceCodec;
using L = VoiceLine;
using V = VoiceSession;
using S = VoiceStatistics;
constexpr Name names[] = {
    {"Capabilities.MaxSessionsPerLine", &of_phone<&F::sessions_per_line>},
    {"Capabilities.MaxSessionCount", &of_phone<&F::sessions>},
    {"Capabilities.RTCP", &of_phone<&F::rtcp>},
    {"Capabilities.SRTP", &of_phone<&F::srtp>},
    {"Capabilities.SIP.Extensions", &of_phone<&F::sip_extensions>},
    {"Capabilities.SIP.Transports", &of_phone<&F::sip_transports>},
    {"Capabilities.Codecs.#.Codec", &of_codec<&C::name>},
    {"Capabilities.Codecs.#.BitRate", &of_codec<&C::bit_rate>},
    {"Capabilities.Codecs.#.PacketizationPeriod", &of_codec<&C::packetization_ms>},
    {"Capabilities.Codecs.#.SilenceSuppression", &of_codec<&C::silence_suppression>},
    {"ButtonMap.Button.#.ButtonName", &of_button},
    {"Line.#.Status", &of_line<&L::status>},
    {"Line.#.CallState", &of_line<&L::call_state>},
    {"Line.#.CallingFeatures.CallWaitingStatus", &of_line<&L::call_waiting>},
    {"Line.#.CallingFeatures.ConferenceCallingStatus", &of_line<&L::conference>},
    {"Line.#.CallingFeatures.ConferenceCallingSessionCount", &of_line<&L::conference_sessions>},
    {"Line.#.CallingFeatures.MessageWaiting", &of_line<&L::message_waiting>},
    {"Line.#.Codec.TransmitCodec", &in_use<&L::transmits, &C::name>},
    {"Line.#.Codec.ReceiveCodec", &in_use<&L::receives, &C::name>},
    {"Line.#.Codec.TransmitBitRate", &in_use<&L::transmits, &C::bit_rate>},
    {"Line.#.Codec.ReceiveBitRate", &in_use<&L::receives, &C::bit_rate>},
    {"Line.#.Codec.TransmitSilenceSuppression", &in_use<&L::transmits, &C::silence_suppression>},
    {"Line.#.Codec.ReceiveSilenceSuppression", &in_use<&L::receives, &C::silence_suppression>},
    {"Line.#.Codec.TransmitPacketizationPeriod", &in_use<&L::transmits, &C::packetization_ms>},
    {"Line.#.Session.#.SessionStartTime", &session_start},
    {"Line.#.Session.#.SessionDuration", &of_session<&V::duration_s>},
    {"Line.#.Session.#.FarEndIPAddress", &of_session<&V::far_end>},
    {"Line.#.Session.#.FarEndUDPPort", &of_session<&V::far_end_port>},
    {"Line.#.Session.#.LocalUDPPort", &of_session<&V::local_port>},
    {"Line.#.Stats.PacketsSent", &statistic<&S::packets_sent>},
    {"Line.#.Stats.PacketsReceived", &statistic<&S::packets_received>},
    {"Line.#.Stats.BytesSent", &statistic<&S::bytes_sent>},
    {"Line.#.Stats.BytesReceived", &statistic<&S::bytes_received>},
    {"Line.#.Stats.PacketsLost", &statistic<&S::packets_lost>},
    {"Line.#.Stats.Overruns", &statistic<&S::overruns>},
    {"Line.#.Stats.Underruns", &statistic<&S::underruns>},
    {"Line.#.Stats.IncomingCallsReceived", &statistic<&S::incoming_received>},
    {"Line.#.Stats.IncomingCallsAnswered", &statistic<&S::incoming_answered>},
    {"Line.#.Stats.IncomingCallsConnected", &statistic<&S::incoming_connected>},
    {"Line.#.Stats.IncomingCallsFailed", &statistic<&S::incoming_failed>},
    {"Line.#.Stats.OutgoingCallsAttempted", &statistic<&S::outgoing_attempted>},
    {"Line.#.Stats.OutgoingCallsAnswered", &statistic<&S::outgoing_answered>},
    {"Line.#.Stats.OutgoingCallsConnected", &statistic<&S::outgoing_connected>},
    {"Line.#.Stats.OutgoingCallsFailed", &statistic<&S::outgoing_failed>},
    {"Line.#.Stats.CallsDropped", &statistic<&S::calls_dropped>},
    {"Line.#.Stats.TotalCallTime", &statistic<&S::call_time_s>},
};

std::optional<Numbers> numbers_in(std::string_view pattern, std::string_view name) {
    Numbers out;
    if (name.ends_with('.')) return std::nullopt;
    while (!pattern.empty()) {
        const std::string_view segment = take_piece(pattern, '.');
        const std::string_view said = take_piece(name, '.');
        if (segment == "#") {
            uint32_t& number = out.first == 0 ? out.first : out.second;
            if (!take(number, said) || number == 0) return std::nullopt;
        } else if (segment != said) {
            return std::nullopt;
        }
    }
    return name.empty() ? std::optional(out) : std::nullopt;
}

bool take_line(Report& report, std::string_view line) {
    if (valid_utf8_bytes(line) != line.size() || std::ranges::any_of(line, is_control))
        return false;
    const std::string_view name = trimmed(take_piece(line, '='));
    for (const Name& one : names) {
        if (const auto numbers = numbers_in(one.pattern, name))
            return one.take(report, *numbers, trimmed(line));
    }
    return false;
}

}  // namespace

Result<VoiceFacts> with_voice_report(const VoiceFacts& facts, std::string_view text) {
    if (text.size() > limits::voice_report_bytes)
        return fail(ErrorCode::too_big, "a report has at most " +
                                            std::to_string(limits::voice_report_bytes) + " bytes");
    Report report{.facts = facts};
    for (uint32_t number = 1; !text.empty(); ++number) {
        std::string_view line = take_piece(text, '\n');
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (!trimmed(line).empty() && !take_line(report, line))
            return fail(ErrorCode::bad_usage,
                        "line " + std::to_string(number) + " is no NAME=VALUE of a line's state");
    }
    const auto has_no_name = [](const VoiceCodec& codec) { return codec.name.empty(); };
    if (std::ranges::any_of(report.facts.codecs, has_no_name))
        return fail(ErrorCode::bad_usage, "a codec has no name");
    return std::move(report.facts);
}

}  // namespace dialtone
