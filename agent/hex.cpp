// SPDX-License-Identifier: Apache-2.0
#include "agent/hex.h"

#include "agent/text.h"

namespace dialtone {

std::optional<uint8_t> hex_digit(char letter) {
    constexpr std::string_view digits = "0123456789abcdef";
    const auto value = digits.find(lower(letter));
    if (value == std::string_view::npos) return std::nullopt;
    return static_cast<uint8_t>(value);
}

std::string hex_of(std::span<const uint8_t> bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const uint8_t byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 0x0f];
    }
    return text;
}

std::string hex_of(std::string_view bytes) {
    return hex_of({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
}

std::optional<std::vector<uint8_t>> bytes_of_hex(std::string_view digits) {
    if (digits.size() % 2 != 0) return std::nullopt;
    std::vector<uint8_t> bytes;
    bytes.reserve(digits.size() / 2);
    for (uint32_t at = 0; at < digits.size(); at += 2) {
        const auto high = hex_digit(digits[at]);
        const auto low = hex_digit(digits[at + 1]);
        if (!high || !low) return std::nullopt;
        bytes.push_back(static_cast<uint8_t>(*high << 4 | *low));
    }
    return bytes;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (uint32_t i = 0; i < text.size(); ++i) {
        const auto octet = text[i] == '%' ? bytes_of_hex(text.substr(i + 1, 2)) : std::nullopt;
        if (octet && !octet->empty()) {
            out += static_cast<char>(octet->front());
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

}  // namespace dialtone
