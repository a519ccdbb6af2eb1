// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/udp_connection_request.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "agent/digest.h"
#include "agent/hex.h"
#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

using R = UdpConnectionRequest;

struct Place {
    std::string_view name;
    std::string R::*text;
};
constexpr Place places[] = {{"ts", &R::timestamp},
                            {"id", &R::id},
                            {"un", &R::user},
                            {"cn", &R::cnonce},
                            {"sig", &R::signature}};

// From 2001 on. The signature is of the values without anything between them: whoever moves a digit
// from the id to the time, to say an old request again as a newer one, has a time of eleven.
constexpr uint32_t timestamp_digits = 10;

std::unexpected<Error> malformed(std::string words) {
    return fail(ErrorCode::malformed, std::move(words));
}

// RFC 3986 2.1; nothing where a percent sign is followed by no two digits.
std::optional<std::string> decoded(std::string_view text) {
    std::string out;
    for (uint32_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            out += text[at];
            continue;
        }
        const auto octet = bytes_of_hex(text.substr(at + 1, 2));
        if (!octet || octet->size() != 1) return std::nullopt;
        out += static_cast<char>(octet->front());
        at += 2;
    }
    return out;
}

// The query of "GET URL HTTP/1.x" and what follows; nothing for anything else.
std::optional<std::string_view> query_of(std::string_view text) {
    const std::string_view line = text.substr(0, text.find("\r\n"));
    constexpr std::string_view method = "GET ";
    const auto version_at = line.rfind(' ');
    if (line.size() == text.size() || !line.starts_with(method) || version_at < method.size())
        return std::nullopt;
    const std::string_view version = line.substr(version_at + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0") return std::nullopt;
    const std::string_view url = line.substr(method.size(), version_at - method.size());
    const auto query_at = url.find('?');
    if (query_at == std::string_view::npos) return std::nullopt;
    const bool is_plain = std::ranges::all_of(
        url, [](char letter) { return letter > ' ' && letter < 0x7f && letter != '#'; });
    return is_plain ? std::optional(url.substr(query_at + 1)) : std::nullopt;
}

}  // namespace

Result<UdpConnectionRequest> read_udp_connection_request(std::span<const uint8_t> bytes) {
    if (bytes.size() > limits::udp_connection_request_bytes)
        return fail(ErrorCode::too_big, "it is too long");
    auto query = query_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    if (!query) return malformed("it is no GET with a query");
    UdpConnectionRequest out;
    uint32_t seen = 0;
    while (!query->empty()) {
        std::string_view value = take_piece(*query, '&');
        const std::string_view name = take_piece(value, '=');
        for (uint32_t i = 0; i < std::size(places); ++i) {
            if (places[i].name != name) continue;
            auto text = decoded(value);
            const bool fits = text && !text->empty() &&
                              text->size() <= limits::udp_connection_request_field_bytes;
            if (!fits || (seen >> i & 1) != 0) return malformed("a parameter cannot be used");
            seen |= 1U << i;
            out.*places[i].text = std::move(*text);
        }
    }
    if (seen != (1U << std::size(places)) - 1) return malformed("it lacks a parameter");
    const std::string& digits = out.timestamp;
    const char* const digits_end = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), digits_end, out.timestamp_s);
    if (error != std::errc() || end != digits_end || digits.size() != timestamp_digits ||
        out.timestamp_s >= limits::wall_clock_end_s || digits.front() == '0')
        return malformed("its time is none");
    if (!bytes_of_hex(out.signature) || out.signature.size() != 2 * sizeof(Sha1))
        return malformed("its signature is none");
    return out;
}

std::string udp_request_signature(const UdpConnectionRequest& request, std::string_view password) {
    return hex_of(
        hmac_sha1(password, request.timestamp + request.id + request.user + request.cnonce));
}

UdpRequestCheck::Judgement UdpRequestCheck::judge(std::span<const uint8_t> bytes,
                                                  std::string_view user, std::string_view password,
                                                  std::optional<WallSeconds> proven_wall_s) {
    if (user.empty() || password.empty()) return {.reason = "no user and password are set"};
    const auto request = read_udp_connection_request(bytes);
    if (!request) return {.reason = "it is none"};
    // Digits of either case: the standard's own example has upper ones.
    const bool is_right =
        same_secret(lowered(request->signature), udp_request_signature(*request, password));
    if (!is_right || !same_secret(request->user, user))
        return {.reason = "the user or the password is wrong"};
    const bool is_last = lowered(request->signature) == last_signature_;
    if (is_last) return {.is_repeated = true, .reason = "it was said before"};
    if (request->timestamp_s <= last_s_) return {.reason = "it is not newer than the last one"};
    if (proven_wall_s) {
        const auto oldest_s =
            std::max<WallSeconds>(*proven_wall_s - limits::udp_connection_request_age_s, 0);
        if (request->timestamp_s < static_cast<uint64_t>(oldest_s))
            return {.reason = "it is too old"};
    }
    last_s_ = request->timestamp_s;
    last_signature_ = lowered(request->signature);
    return {.accepted = true};
}

}  // namespace dialtone
