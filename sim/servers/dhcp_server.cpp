// SPDX-License-Identifier: Apache-2.0
#include "sim/servers/dhcp_server.h"

#include <algorithm>
#include <utility>

namespace dialtone::sim {
namespace {

using Defect = DhcpServerBehaviour::Defect;

constexpr uint32_t fixed_bytes = 236;
constexpr uint8_t cookie[] = {99, 130, 83, 99};
constexpr char end_option = '\xff';

// The options of a client's message, up to the first that cannot be read.
std::map<uint8_t, std::string> options_of(std::span<const uint8_t> rest) {
    std::map<uint8_t, std::string> options;
    while (rest.size() >= 2 && rest[0] != 255) {
        if (rest[0] == 0) {
            rest = rest.subspan(1);
            continue;
        }
        const auto value =
            rest.subspan(2, std::min<uint32_t>(rest[1], static_cast<uint32_t>(rest.size()) - 2));
        options[rest[0]].append(value.begin(), value.end());
        rest = rest.subspan(2 + value.size());
    }
    return options;
}

// Takes as many whole pieces as fit into `room` bytes, the end option included, off the end of
// `pieces`.
std::string take_fitting(std::vector<std::string>& pieces, uint32_t room) {
    std::string field(1, end_option);
    while (!pieces.empty() && field.size() + pieces.back().size() <= room) {
        field.insert(0, pieces.back());
        pieces.pop_back();
    }
    field.resize(room);
    return field;
}

}  // namespace

std::optional<DhcpServer::Outgoing> DhcpServer::next() {
    if (outgoing_.empty()) return std::nullopt;
    Outgoing out = std::move(outgoing_.front());
    outgoing_.pop_front();
    return out;
}

void DhcpServer::receive(uint64_t now_ms, RequestId socket, std::span<const uint8_t> bytes) {
    constexpr char inform = 8;
    if (down_ || bytes.size() < fixed_bytes + 4 || bytes[0] != 1) return;
    if (!std::equal(std::begin(cookie), std::end(cookie), bytes.begin() + fixed_bytes)) return;
    Request request;
    for (uint32_t i = 4; i < 8; ++i)
        request.xid = request.xid * 256 + bytes[i];
    request.seconds = static_cast<uint16_t>(bytes[8] * 256 + bytes[9]);
    request.client.assign(bytes.begin() + 12, bytes.begin() + 16);
    request.mac.assign(bytes.begin() + 28, bytes.begin() + 34);
    request.options = options_of(bytes.subspan(fixed_bytes + 4));
    request.bytes = static_cast<uint32_t>(bytes.size());
    if (request.options[53] != std::string(1, inform)) return;
    requests_.push_back(request);
    if (behaviour_.silent || requests_.size() <= behaviour_.ignored_requests) return;
    for (uint32_t i = 0; i < behaviour_.copies; ++i)
        outgoing_.push_back({socket, address_, now_ms + behaviour_.latency_ms, answer(request)});
}

// One option, in as many pieces as its length or the behaviour wants.
void DhcpServer::add_pieces(std::vector<std::string>& pieces, uint8_t code,
                            const std::string& value) const {
    for (uint32_t at = 0; at == 0 || at < value.size(); at += behaviour_.piece_bytes) {
        const std::string piece = value.substr(at, behaviour_.piece_bytes);
        pieces.push_back(std::string{static_cast<char>(code), static_cast<char>(piece.size())} +
                         piece);
    }
}

std::string DhcpServer::head_for(const Request& request) const {
    std::string head(fixed_bytes, '\0');
    head[0] = behaviour_.defect == Defect::request_op ? 1 : 2;
    head[1] = 1;
    head[2] = 6;
    const uint32_t xid = behaviour_.defect == Defect::other_xid ? request.xid + 1 : request.xid;
    for (uint32_t i = 0; i < 4; ++i)
        head[4 + i] = static_cast<char>(xid >> (24 - 8 * i));
    std::copy(request.client.begin(), request.client.end(), head.begin() + 12);
    std::copy(request.mac.begin(), request.mac.end(), head.begin() + 28);
    if (behaviour_.defect == Defect::other_mac) head[33] = static_cast<char>(head[33] ^ 1);
    return head;
}

std::vector<std::string> DhcpServer::pieces_for(const Request& request) const {
    std::vector<std::string> pieces;
    const auto named = request.options.find(60);
    const bool fits = named != request.options.end() && named->second == behaviour_.vendor_class;
    if (!behaviour_.vendor_class.empty() && !fits) return pieces;
    const auto asked = request.options.find(55);
    for (const auto& [code, value] : options_) {
        const bool wanted = asked != request.options.end() &&
                            asked->second.find(static_cast<char>(code)) != std::string::npos;
        if (wanted || behaviour_.all_options) add_pieces(pieces, code, value);
    }
    return pieces;
}

std::vector<uint8_t> DhcpServer::answer(const Request& request) const {
    std::string head = head_for(request);
    std::vector<std::string> pieces = pieces_for(request);
    std::vector<std::string> first;
    add_pieces(first, 53, std::string(1, static_cast<char>(behaviour_.type)));
    if (!behaviour_.no_identifier)
        add_pieces(first, 54, std::string(address_.octets, address_.octets + 4));
    if (behaviour_.overload) {
        add_pieces(first, 52, "\3");
        // A client reads options, file, sname, in this order (RFC 3396): the last pieces go there.
        head.replace(44, 64, take_fitting(pieces, 64));
        head.replace(108, 128, take_fitting(pieces, 128));
    }
    if (behaviour_.defect == Defect::wrong_length && !pieces.empty())
        pieces.back()[1] = static_cast<char>(pieces.back()[1] + 40);
    pieces.insert(pieces.begin(), first.begin(), first.end());

    std::string out = head;
    if (behaviour_.defect == Defect::no_cookie) {
        out.append(4, '\0');
    } else {
        out.append(std::begin(cookie), std::end(cookie));
    }
    for (const std::string& piece : pieces)
        out += piece;
    out.append(behaviour_.extra.begin(), behaviour_.extra.end());
    if (behaviour_.defect != Defect::no_end) out += end_option;
    if (out.size() < 300 && behaviour_.defect == Defect::none) out.resize(300);
    if (behaviour_.defect == Defect::short_header) out.resize(100);
    return {out.begin(), out.end()};
}

}  // namespace dialtone::sim
