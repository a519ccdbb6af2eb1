// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/stun_message.h"

#include <algorithm>
#include <utility>

#include "agent/digest.h"
#include "agent/limits.h"

namespace dialtone {
namespace {

using A = StunAttribute;

constexpr uint32_t header_bytes = 20;
constexpr uint32_t attribute_head_bytes = 4;
constexpr uint32_t integrity_bytes = 20;
constexpr uint32_t integrity_block_bytes = 64;  // RFC 3489 11.2.8: its text is padded to it
constexpr uint8_t family_ipv4 = 1;
constexpr uint8_t family_ipv6 = 2;
constexpr uint16_t first_optional = 0x8000;  // from here on nobody has to understand it
constexpr std::array<uint8_t, 4> magic_cookie = {0x21, 0x12, 0xa4, 0x42};  // RFC 5389 6

uint16_t number_at(std::span<const uint8_t> bytes, size_t at) {
    return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void append_number(std::vector<uint8_t>& out, uint32_t number) {
    out.push_back(static_cast<uint8_t>(number >> 8));
    out.push_back(static_cast<uint8_t>(number));
}

std::optional<StunEndpoint> endpoint_in(std::span<const uint8_t> value) {
    constexpr uint32_t octets_at = 4;
    if (value.size() < octets_at) return std::nullopt;
    const uint8_t family = value[1];
    const bool is_known = family == family_ipv4 || family == family_ipv6;
    StunEndpoint out;
    out.address.octet_count = family == family_ipv4 ? 4 : 16;
    out.port = number_at(value, 2);
    if (!is_known || value.size() != octets_at + out.address.octet_count) return std::nullopt;
    std::ranges::copy(value.subspan(octets_at), out.address.octets);
    return out;
}

StunEndpoint unmasked(StunEndpoint endpoint, const StunTransaction& transaction) {
    std::array<uint8_t, 16> mask = transaction;
    std::ranges::copy(magic_cookie, mask.begin());
    endpoint.port ^= static_cast<uint16_t>(mask[0] << 8 | mask[1]);
    for (uint32_t i = 0; i < endpoint.address.octet_count; ++i)
        endpoint.address.octets[i] ^= mask[i];
    return endpoint;
}

struct EndpointPlace {
    StunAttribute attribute;
    std::optional<StunEndpoint> StunMessage::*endpoint;
};
constexpr EndpointPlace endpoint_places[] = {
    {A::mapped_address, &StunMessage::mapped_address},
    {A::response_address, &StunMessage::response_address},
    {A::source_address, &StunMessage::source_address},
    {A::changed_address, &StunMessage::changed_address},
    {A::reflected_from, &StunMessage::reflected_from},
};

// False: the value cannot be one of this attribute.
bool take_endpoint(StunMessage& message, StunAttribute attribute, std::span<const uint8_t> value) {
    const auto endpoint = endpoint_in(value);
    if (!endpoint) return false;
    for (const EndpointPlace& place : endpoint_places) {
        auto& there = message.*place.endpoint;
        if (place.attribute == attribute && !there) there = endpoint;
    }
    if (attribute == A::xor_mapped_address)
        message.mapped_address = unmasked(*endpoint, message.transaction);
    return true;
}

bool take_error(StunMessage& message, std::span<const uint8_t> value) {
    constexpr uint32_t words_at = 4;
    if (value.size() < words_at) return false;
    const uint32_t hundreds = value[2] & 7;
    if (hundreds < 3 || hundreds > 6 || value[3] > 99) return false;
    message.error = static_cast<uint16_t>(hundreds * 100 + value[3]);
    const auto words = value.subspan(words_at);
    const auto length = std::min<size_t>(words.size(), limits::stun_text_bytes);
    for (const uint8_t letter : words.first(length)) {
        if (letter >= 0x20 && letter < 0x7f) message.error_words += static_cast<char>(letter);
    }
    return true;
}

bool take_value(StunMessage& message, uint16_t attribute, std::span<const uint8_t> value) {
    switch (static_cast<A>(attribute)) {
        case A::mapped_address:
        case A::response_address:
        case A::source_address:
        case A::changed_address:
        case A::reflected_from:
        case A::xor_mapped_address:
            return take_endpoint(message, static_cast<A>(attribute), value);
        case A::change_request:
            if (value.size() != 4) return false;
            message.changes_address = (value[3] & 4) != 0;
            message.changes_port = (value[3] & 2) != 0;
            return true;
        case A::username:
            message.username.assign(value.begin(), value.end());
            return true;
        case A::error_code:
            return take_error(message, value);
        case A::message_integrity:
            return value.size() == integrity_bytes;
        case A::connection_request_binding:
            message.has_connection_request_binding =
                std::ranges::equal(value, connection_request_binding_value);
            return true;
        case A::binding_change:
            message.has_binding_change = true;
            return true;
        case A::unknown_attributes:
            return value.size() % 2 == 0;
    }
    message.has_unknown |= attribute < first_optional;
    return true;
}

// Of the bytes before MESSAGE-INTEGRITY, with their length as if it ended the message.
Sha1 integrity_of(std::span<const uint8_t> bytes, std::string_view password) {
    std::vector<uint8_t> text(bytes.begin(), bytes.end());
    const uint64_t length = bytes.size() - header_bytes + attribute_head_bytes + integrity_bytes;
    text[2] = static_cast<uint8_t>(length >> 8);
    text[3] = static_cast<uint8_t>(length);
    while (text.size() % integrity_block_bytes != 0)
        text.push_back(0);
    return hmac_sha1({reinterpret_cast<const uint8_t*>(password.data()), password.size()}, text);
}

}  // namespace

Result<StunMessage> read_stun(std::span<const uint8_t> bytes) {
    if (bytes.size() < header_bytes) return fail(ErrorCode::malformed, "it is no STUN message");
    if (bytes.size() > limits::stun_message_bytes)
        return fail(ErrorCode::too_big, "it is too long");
    StunMessage message;
    message.type = number_at(bytes, 0);
    std::ranges::copy(bytes.subspan(4, message.transaction.size()), message.transaction.begin());
    const uint16_t length = number_at(bytes, 2);
    if (message.type >= 0x4000 || length % 4 != 0 || length != bytes.size() - header_bytes)
        return fail(ErrorCode::malformed, "it is no STUN message");
    uint32_t count = 0;
    uint32_t at = header_bytes;
    while (at < bytes.size()) {
        if (++count > limits::stun_attributes)
            return fail(ErrorCode::too_big, "it has too many attributes");
        // The length is a multiple of four, as each attribute's room is: its head is there.
        const uint16_t attribute = number_at(bytes, at);
        const uint32_t value_bytes = number_at(bytes, at + 2);
        const uint32_t room = (value_bytes + 3) / 4 * 4;
        if (room > bytes.size() - at - attribute_head_bytes)
            return fail(ErrorCode::malformed, "an attribute is cut");
        const auto value = bytes.subspan(at + attribute_head_bytes, value_bytes);
        if (!take_value(message, attribute, value))
            return fail(ErrorCode::malformed, "an attribute has a value that it cannot have");
        if (static_cast<A>(attribute) == A::message_integrity) {
            message.integrity_at = at;
            break;  // what follows is not protected, and does not count
        }
        at += attribute_head_bytes + room;
    }
    return message;
}

bool has_integrity(std::span<const uint8_t> bytes, const StunMessage& message,
                   std::string_view password) {
    if (message.integrity_at == 0) return false;
    const Sha1 right = integrity_of(bytes.first(message.integrity_at), password);
    const auto said = bytes.subspan(message.integrity_at + attribute_head_bytes, integrity_bytes);
    return same_secret({reinterpret_cast<const char*>(said.data()), said.size()},
                       {reinterpret_cast<const char*>(right.data()), right.size()});
}

StunWriter::StunWriter(StunType type, const StunTransaction& transaction) {
    append_number(bytes_, static_cast<uint16_t>(type));
    append_number(bytes_, 0);
    bytes_.insert(bytes_.end(), transaction.begin(), transaction.end());
}

void StunWriter::set_length(uint64_t bytes) {
    bytes_[2] = static_cast<uint8_t>(bytes >> 8);
    bytes_[3] = static_cast<uint8_t>(bytes);
}

void StunWriter::add(StunAttribute attribute, std::span<const uint8_t> value) {
    append_number(bytes_, static_cast<uint16_t>(attribute));
    append_number(bytes_, static_cast<uint32_t>(value.size()));
    bytes_.insert(bytes_.end(), value.begin(), value.end());
    set_length(bytes_.size() - header_bytes);
}

// RFC 3489 has no padding beside the value: the value's own length is a multiple of four.
void StunWriter::add(StunAttribute attribute, std::string_view text) {
    std::vector<uint8_t> value(text.begin(), text.end());
    while (value.size() % 4 != 0)
        value.push_back(' ');
    add(attribute, value);
}

void StunWriter::add(StunAttribute attribute, const StunEndpoint& endpoint) {
    std::vector<uint8_t> value = {0, endpoint.address.octet_count == 4 ? family_ipv4 : family_ipv6};
    append_number(value, endpoint.port);
    value.insert(value.end(), endpoint.address.octets,
                 endpoint.address.octets + endpoint.address.octet_count);
    add(attribute, value);
}

void StunWriter::add_integrity(std::string_view password) {
    add(A::message_integrity, integrity_of(bytes_, password));
}

}  // namespace dialtone
