// SPDX-License-Identifier: Apache-2.0
#include "agent/cwmp/stun_transaction.h"

#include <algorithm>
#include <utility>

#include "agent/digest.h"
#include "agent/limits.h"

namespace dialtone {

StunTransaction StunTransactions::next() {
    std::string text = "stun transaction " + std::to_string(++count_);
    for (const uint64_t part : secret_)
        text += ' ' + std::to_string(part);
    const Sha256 digest = sha256_of(text);
    StunTransaction out;
    std::copy_n(digest.begin(), out.size(), out.begin());
    return out;
}

std::vector<uint8_t> finished_request(StunWriter&& writer, const StunServer& server) {
    if (!server.user.empty()) writer.add(StunAttribute::username, std::string_view(server.user));
    if (server.wants_integrity) writer.add_integrity(server.password);
    return writer.take();
}

std::optional<StunMessage> response_of(const StunServer& server, const DatagramIn& datagram) {
    if (datagram.from != server.endpoint.address || datagram.from_port != server.endpoint.port)
        return std::nullopt;
    auto message = read_stun(datagram.bytes);
    if (!message) return std::nullopt;
    const bool is_error = message->type == static_cast<uint16_t>(StunType::binding_error);
    const bool is_response = message->type == static_cast<uint16_t>(StunType::binding_response);
    const bool is_proved =
        !server.wants_integrity || has_integrity(datagram.bytes, *message, server.password);
    if (!(is_error && message->error != 0) && !(is_response && is_proved)) return std::nullopt;
    return std::move(*message);
}

DatagramOut StunRequest::start(Instant now, RequestId socket, const StunServer& server,
                               const StunTransaction& transaction, std::vector<uint8_t> bytes,
                               uint32_t requests, uint32_t wait_ms) {
    out_ = {.socket = socket,
            .to = server.endpoint.address,
            .to_port = server.endpoint.port,
            .bytes = std::move(bytes)};
    transaction_ = transaction;
    left_ = requests;
    wait_ms_ = wait_ms;
    return send(now);
}

std::optional<DatagramOut> StunRequest::repeat(Instant now) {
    if (left_ == 0) return std::nullopt;
    return send(now);
}

DatagramOut StunRequest::send(Instant now) {
    --left_;
    due_ = now + wait_ms_;
    const uint64_t doubled_ms = std::min<uint64_t>(2 * wait_ms_, limits::stun_most_wait_ms);
    wait_ms_ = std::max(wait_ms_, doubled_ms);
    return out_;
}

}  // namespace dialtone
