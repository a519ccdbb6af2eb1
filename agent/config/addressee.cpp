// SPDX-License-Identifier: Apache-2.0
#include "agent/config/addressee.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "agent/config/utf8.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// The hex digits of a MAC in lower case, without separators.
std::string bare_mac(std::string_view text) {
    std::string digits;
    for (const char letter : text) {
        if (std::string_view(":-. \t\r\n").find(letter) != std::string_view::npos) continue;
        digits.push_back(lower(letter));
    }
    return digits;
}

bool is_mac(std::string_view digits) {
    return digits.size() == 12 &&
           digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool names_a_phone(const Identity& identity) {
    return std::any_of(std::begin(identity.mac), std::end(identity.mac),
                       [](uint8_t octet) { return octet != 0; });
}

}  // namespace

Status take_addressee(std::string_view text, std::string_view place, const Identity& identity,
                      Document& document) {
    const std::string theirs = bare_mac(text);
    if (!is_mac(theirs)) {
        return fail(ErrorCode::malformed, std::string(place) + " holds " + quoted(shown(text)) +
                                              ", which is no MAC address");
    }
    if (!names_a_phone(identity)) return {};
    const std::string ours = mac_text(identity);
    document.names_phone = true;
    if (theirs == ours) return {};
    return fail(ErrorCode::foreign_device,
                std::string(place) + " names another phone: " + theirs + ", this one is " + ours);
}

Status take_serial(std::string_view text, Document& document) {
    text = trimmed(text, " \t\r\n");
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), document.serial);
    const bool is_number = error == std::errc() && end == text.data() + text.size();
    if (is_number && text.size() <= limits::serial_digits) return {};
    return fail(ErrorCode::malformed, "the serial is no decimal number of at most " +
                                          std::to_string(limits::serial_digits) + " digits");
}

}  // namespace dialtone
