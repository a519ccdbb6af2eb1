// SPDX-License-Identifier: Apache-2.0
#include "sim/world/soap_words.h"

#include <cstdint>

#include "agent/text.h"

namespace dialtone::sim {
namespace {

constexpr std::string_view envelope_uri = "http://schemas.xmlsoap.org/soap/envelope/";
constexpr std::string_view body_end = "Body>";
constexpr uint32_t name_letters = 64;

bool is_name_letter(char letter) {
    return is_letter(letter) || is_digit(letter) || letter == '_' || letter == '.' || letter == '-';
}

}  // namespace

std::string soap_words(std::string_view body) {
    if (body.find(envelope_uri) == std::string_view::npos) return {};
    const auto begin = body.find(body_end);
    if (begin == std::string_view::npos) return {};
    std::string_view rest = trimmed(body.substr(begin + body_end.size()), " \t\r\n");
    if (!rest.starts_with('<')) return {};
    rest.remove_prefix(1);
    std::string name;
    for (const char letter : rest.substr(0, name_letters)) {
        if (letter == ':') {
            name.clear();
        } else if (is_name_letter(letter)) {
            name += letter;
        } else {
            break;
        }
    }
    return name.empty() ? name : ", " + name;
}

}  // namespace dialtone::sim
