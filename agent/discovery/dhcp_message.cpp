// SPDX-License-Identifier: Apache-2.0
#include "agent/discovery/dhcp_message.h"

#include <algorithm>
#include <string>

#include "agent/limits.h"

namespace dialtone {
namespace {

enum Op : uint8_t { request = 1, reply = 2 };

constexpr uint8_t ethernet = 1;
constexpr uint8_t mac_bytes = 6;
constexpr uint32_t xid_at = 4;
constexpr uint32_t seconds_at = 8;
constexpr uint32_t ciaddr_at = 12;
constexpr uint32_t chaddr_at = 28;
constexpr uint32_t sname_at = 44;
constexpr uint32_t sname_bytes = 64;
constexpr uint32_t file_at = 108;
constexpr uint32_t file_bytes = 128;
constexpr uint32_t cookie_at = 236;
constexpr uint32_t options_at = 240;
constexpr uint32_t least_bytes = 300;
constexpr uint8_t cookie[] = {99, 130, 83, 99};

void append_option(std::vector<uint8_t>& out, uint8_t code, std::span<const uint8_t> value) {
    out.push_back(code);
    out.push_back(static_cast<uint8_t>(value.size()));
    out.insert(out.end(), value.begin(), value.end());
}

void append_number(std::vector<uint8_t>& out, uint8_t code, uint16_t number) {
    const uint8_t value[] = {static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
    append_option(out, code, value);
}

std::vector<uint8_t> inform_head(const DhcpInform& inform) {
    std::vector<uint8_t> out(options_at);
    out[0] = Op::request;
    out[1] = ethernet;
    out[2] = mac_bytes;
    for (uint32_t i = 0; i < 4; ++i)
        out[xid_at + i] = static_cast<uint8_t>(inform.xid >> (24 - 8 * i));
    out[seconds_at] = static_cast<uint8_t>(inform.seconds >> 8);
    out[seconds_at + 1] = static_cast<uint8_t>(inform.seconds);
    std::copy_n(inform.own_address.octets, 4, out.begin() + ciaddr_at);
    std::copy(inform.mac.begin(), inform.mac.end(), out.begin() + chaddr_at);
    std::copy(std::begin(cookie), std::end(cookie), out.begin() + cookie_at);
    return out;
}

// One of the three fields that options may stand in.
struct Field {
    std::string_view name;
    std::span<const uint8_t> bytes;
    uint32_t at;  // in the message
};

Status add_piece(DhcpReply& reply, uint8_t code, std::span<const uint8_t> piece, uint32_t at) {
    const auto known = std::find_if(reply.options.begin(), reply.options.end(),
                                    [code](const DhcpOption& one) { return one.code == code; });
    if (known == reply.options.end()) {
        if (reply.options.size() == limits::dhcp_options)
            return fail(ErrorCode::too_big,
                        "more than " + std::to_string(limits::dhcp_options) + " options",
                        Position::at_offset(at));
        reply.options.push_back({code, {piece.begin(), piece.end()}});
        return {};
    }
    if (known->value.size() + piece.size() > limits::dhcp_option_bytes)
        return fail(ErrorCode::too_big,
                    "option " + std::to_string(code) + " has more than " +
                        std::to_string(limits::dhcp_option_bytes) + " bytes",
                    Position::at_offset(at));
    known->value.insert(known->value.end(), piece.begin(), piece.end());
    return {};
}

// A field may end without the end option: its end counts as one.
Status read_field(const Field& field, DhcpReply& reply) {
    std::span<const uint8_t> rest = field.bytes;
    while (!rest.empty() && rest[0] != dhcp_end) {
        if (rest[0] == dhcp_pad) {
            rest = rest.subspan(1);
            continue;
        }
        const auto at = field.at + static_cast<uint32_t>(field.bytes.size() - rest.size());
        const uint8_t code = rest[0];
        const uint32_t room = rest.size() < 2 ? 0 : static_cast<uint32_t>(rest.size()) - 2;
        if (rest.size() < 2 || rest[1] > room)
            return fail(
                ErrorCode::truncated,
                "option " + std::to_string(code) + " ends behind " + std::string(field.name),
                Position::at_offset(at));
        TRY(add_piece(reply, code, rest.subspan(2, rest[1]), at));
        rest = rest.subspan(size_t{2} + rest[1]);
    }
    return {};
}

}  // namespace

std::vector<uint8_t> dhcp_inform(const DhcpInform& inform) {
    std::vector<uint8_t> out = inform_head(inform);
    const uint8_t type[] = {static_cast<uint8_t>(DhcpType::inform)};
    append_option(out, dhcp_type, type);
    // What clients of this kind of hardware send, so that a reservation made for the lease is
    // found.
    std::vector<uint8_t> identifier = {ethernet};
    identifier.insert(identifier.end(), inform.mac.begin(), inform.mac.end());
    append_option(out, dhcp_client_identifier, identifier);
    append_number(out, dhcp_message_size, inform.message_bytes);
    const auto wanted = inform.vendor_class.substr(0, limits::dhcp_vendor_class_bytes);
    if (!wanted.empty())
        append_option(out, dhcp_vendor_class,
                      {reinterpret_cast<const uint8_t*>(wanted.data()), wanted.size()});
    if (!inform.vendor_identity.empty())
        append_option(out, dhcp_vendor_identity, inform.vendor_identity);
    if (!inform.requested.empty())
        append_option(out, dhcp_requested,
                      inform.requested.first(std::min<size_t>(inform.requested.size(), 254)));
    out.push_back(dhcp_end);
    if (out.size() < least_bytes) out.resize(least_bytes);
    return out;
}

bool answers_dhcp(std::span<const uint8_t> bytes, uint32_t xid, std::span<const uint8_t, 6> mac) {
    if (bytes.size() < sname_at || bytes[0] != Op::reply) return false;
    uint32_t said = 0;
    for (uint32_t i = 0; i < 4; ++i)
        said = said << 8 | bytes[xid_at + i];
    return said == xid && std::equal(mac.begin(), mac.end(), bytes.begin() + chaddr_at);
}

std::span<const uint8_t> DhcpReply::value_of(uint8_t code) const {
    for (const DhcpOption& option : options) {
        if (option.code == code) return option.value;
    }
    return {};
}

bool DhcpReply::has(uint8_t code) const {
    return std::any_of(options.begin(), options.end(),
                       [code](const DhcpOption& one) { return one.code == code; });
}

Result<DhcpReply> read_dhcp_reply(std::span<const uint8_t> bytes) {
    if (bytes.size() > limits::dhcp_message_bytes)
        return fail(ErrorCode::too_big,
                    "more than " + std::to_string(limits::dhcp_message_bytes) + " bytes");
    if (bytes.size() < options_at)
        return fail(ErrorCode::truncated, "shorter than the head of a DHCP message");
    if (bytes[0] != Op::reply) return fail(ErrorCode::malformed, "not a server's message");
    if (!std::equal(std::begin(cookie), std::end(cookie), bytes.begin() + cookie_at))
        return fail(ErrorCode::malformed, "BOOTP without DHCP options",
                    Position::at_offset(cookie_at));
    DhcpReply reply;
    TRY(read_field({"the message", bytes.subspan(options_at), options_at}, reply));
    // Only the message's own field says whether the others carry options. 1: file, 2: sname.
    const auto overload = reply.value_of(dhcp_overload);
    const uint8_t fields = overload.size() == 1 ? overload[0] : 0;
    if ((fields & 1) != 0)
        TRY(read_field({"its field 'file'", bytes.subspan(file_at, file_bytes), file_at}, reply));
    if ((fields & 2) != 0)
        TRY(read_field({"its field 'sname'", bytes.subspan(sname_at, sname_bytes), sname_at},
                       reply));
    if (const auto type = reply.value_of(dhcp_type); type.size() == 1)
        reply.type = static_cast<DhcpType>(type[0]);
    if (const auto server = reply.value_of(dhcp_server_identifier); server.size() == 4) {
        std::copy_n(server.begin(), 4, reply.server.octets);
        reply.server.octet_count = 4;
    }
    return reply;
}

}  // namespace dialtone
