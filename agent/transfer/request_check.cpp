// SPDX-License-Identifier: Apache-2.0
#include "agent/transfer/request_check.h"

#include <algorithm>
#include <string_view>

#include "agent/limits.h"
#include "agent/text.h"

namespace dialtone {
namespace {

// What a world writes by itself, from what StartTransfer says elsewhere. Two of one name would
// leave it to the server which of them counts.
constexpr std::string_view fields_of_the_world[] = {
    "authorization", "connection", "content-length",    "cookie",    "expect", "host",
    "if-range",      "range",      "transfer-encoding", "user-agent"};

// A token (RFC 9110 5.6.2).
bool is_token_letter(char letter) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return is_letter(letter) || is_digit(letter) || others.find(letter) != std::string_view::npos;
}

// Controls end a field or hide in it; a tab is a blank (RFC 9110 5.5).
bool fits_a_field(std::string_view text) {
    return std::ranges::none_of(text,
                                [](char letter) { return is_control(letter) && letter != '\t'; });
}

std::string field_flaw(std::string_view name, std::string_view value) {
    if (!fits_a_field(name) || !fits_a_field(value))
        return "a field of the request contains a control character";
    if (name.empty() || !std::ranges::all_of(name, is_token_letter))
        return "a field of the request has no proper name";
    if (name.size() + value.size() > limits::request_field_bytes)
        return "the field " + std::string(name.substr(0, 40)) + " of the request is too long";
    const auto is_it = [name](std::string_view one) { return equals_without_case(name, one); };
    if (std::ranges::any_of(fields_of_the_world, is_it))
        return "the field " + std::string(name) + " is not the caller's to send";
    return {};
}

std::string range_flaw(const StartTransfer& wanted) {
    if (!wanted.range) return {};
    const ByteRange& range = *wanted.range;
    if (wanted.method != HttpMethod::get) return "a part of a file can only be read";
    if (range.last && *range.last < range.first) return "the part ends before it begins";
    // RFC 9110 13.1.5: a weak tag does not promise the same bytes.
    if (range.if_range.starts_with("W/")) return "a part needs a strong entity tag";
    if (!fits_a_field(range.if_range) || range.if_range.size() > limits::header_field_bytes)
        return "the entity tag of the part is of no use";
    return {};
}

std::string body_flaw(const StartTransfer& wanted) {
    const TransferBody& body = wanted.body;
    const bool has_body = !body.bytes.empty() || !body.stored_name.empty();
    const bool carries = wanted.method == HttpMethod::put || wanted.method == HttpMethod::post;
    if (has_body && !carries) return "a body goes with PUT and POST alone";
    if (!body.bytes.empty() && !body.stored_name.empty()) return "a request has one body";
    if (body.bytes.size() > limits::request_body_bytes) return "the request's body is too large";
    return {};
}

}  // namespace

std::string request_flaw(const StartTransfer& wanted) {
    const bool is_plain = wanted.method == HttpMethod::get && !wanted.range &&
                          wanted.session == 0 && wanted.headers.empty();
    if (wanted.url.starts_with("ftp") && !is_plain) return "FTP reads whole files and no more";
    if (!fits_a_field(wanted.user_agent))
        return "a field of the request contains a control character";
    if (wanted.headers.size() > limits::request_fields) return "the request has too many fields";
    for (const auto& [name, value] : wanted.headers) {
        if (std::string flaw = field_flaw(name, value); !flaw.empty()) return flaw;
    }
    if (std::string flaw = range_flaw(wanted); !flaw.empty()) return flaw;
    return body_flaw(wanted);
}

}  // namespace dialtone
