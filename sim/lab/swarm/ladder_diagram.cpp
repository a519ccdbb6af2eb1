// SPDX-License-Identifier: Apache-2.0
#include "sim/lab/swarm/ladder_diagram.h"

#include <algorithm>

#include "agent/journal.h"

namespace dialtone::sim {
namespace {

constexpr uint32_t words_shown = 100;

// Printable, one line.
std::string clean(std::string_view text) {
    std::string out;
    for (const char c : text.substr(0, words_shown))
        out += c >= ' ' && c <= '~' ? c : '.';
    return out;
}

std::string tftp_words(std::span<const uint8_t> bytes) {
    constexpr std::string_view names[] = {"?", "RRQ", "WRQ", "DATA", "ACK", "ERROR", "OACK"};
    if (bytes.size() < 4) return "TFTP, cut short";
    const uint32_t opcode = bytes[1] < std::size(names) ? bytes[1] : 0;
    std::string out = "TFTP " + std::string(names[opcode]);
    if (opcode == 1 || opcode == 6) {
        const auto text = bytes.subspan(2);
        return out + " " + clean({reinterpret_cast<const char*>(text.data()), text.size()});
    }
    return out + " " + std::to_string(bytes[2] * 256 + bytes[3]) + ", " +
           std::to_string(bytes.size() - 4) + " bytes";
}

std::string dhcp_words(std::span<const uint8_t> bytes) {
    constexpr uint32_t type_at = 242;  // behind the cookie, where both sides put option 53
    std::string out = "DHCP ";
    if (bytes.size() > type_at && bytes[type_at - 2] == 53) {
        const uint8_t type = bytes[type_at];
        out += type == 8 ? "INFORM" : type == 5 ? "ACK" : "type " + std::to_string(type);
    }
    return out + ", " + std::to_string(bytes.size()) + " bytes";
}

std::string words_of(WireProtocol protocol, std::span<const uint8_t> bytes) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    switch (protocol) {
        case WireProtocol::sip:
            return clean(text.substr(0, text.find_first_of("\r\n")));
        case WireProtocol::dhcp:
            return dhcp_words(bytes);
        case WireProtocol::tftp:
            return tftp_words(bytes);
        case WireProtocol::ntp:
            return "NTP, " + std::to_string(bytes.size()) + " bytes";
        case WireProtocol::http:
            break;  // shown in words (WireObserver)
    }
    __builtin_unreachable();
}

std::string time_words(uint64_t at_ms) {
    std::string out =
        std::to_string(at_ms / 1000) + "." + std::to_string(1000 + at_ms % 1000).substr(1);
    if (out.size() < 12) out.insert(0, 12 - out.size(), ' ');
    return out + "  ";
}

}  // namespace

void LadderDiagram::observe(uint64_t at_ms, WireProtocol protocol, bool to_phone,
                            const Address& peer, uint16_t port, std::span<const uint8_t> bytes,
                            std::string_view fault) {
    std::string line = to_phone ? "phone <-- " : "phone --> ";
    line += address_in_url(peer) + ":" + std::to_string(port) + "  " + words_of(protocol, bytes);
    if (!fault.empty()) line += "  (" + std::string(fault) + ")";
    lines_.emplace_back(at_ms, std::move(line));
}

void LadderDiagram::observe(uint64_t at_ms, WireProtocol, bool to_phone, std::string_view words) {
    lines_.emplace_back(at_ms, (to_phone ? "phone <-- " : "phone --> ") + std::string(words));
}

void LadderDiagram::note(uint64_t at_ms, std::string_view words) {
    lines_.emplace_back(at_ms, "--- " + std::string(words));
}

void LadderDiagram::journal(uint64_t at_ms, std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    const auto entry = decode_journal_line(line);
    lines_.emplace_back(at_ms, "journal   " + (entry ? journal_sentence(*entry) : clean(line)));
}

std::vector<std::string> LadderDiagram::lines() const {
    auto sorted = lines_;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& one, const auto& other) { return one.first < other.first; });
    std::vector<std::string> out;
    out.reserve(sorted.size());
    for (const auto& [at_ms, words] : sorted)
        out.push_back(time_words(at_ms) + words);
    return out;
}

}  // namespace dialtone::sim
